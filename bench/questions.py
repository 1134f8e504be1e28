"""The queries that are measured: from files with gaps, and organisations to fill them, to texts.

In: ``queries/*.rq`` and a server to take organisations from. Out: a :class:`Mix` of questions
whose texts name many organisations in turn, so that no answer can be kept from the time before.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from clients import Door, Line, Work

FOLDER = Path(__file__).resolve().parent / "queries"
ORGANIZATIONS = 200
_SAMPLE = """\
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX coop: <https://w3id.org/coopgraph/ns#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?organization ?federation ?number {
  ?organization a coop:Cooperative ;
    org:memberOf ?federation ;
    adms:identifier/skos:notation ?number .
}
LIMIT 5000
"""
# Each would take hours: a cross product that is counted, paths from everywhere to everywhere, a
# cross product compared as text, and one that is kept in memory.
RUNAWAYS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT (COUNT(*) AS ?n) { ?a (<urn:a>|!<urn:b>)* ?b . ?b (<urn:a>|!<urn:b>)* ?c }",
    'SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "(x+x+)+y$")) }',
    "SELECT DISTINCT ?a ?d { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
)


@dataclass(frozen=True, slots=True)
class Filling:
    """What stands in the gaps: names of an organisation and its federation, its number."""

    organization: str
    federation: str
    number: str


@dataclass(frozen=True, slots=True)
class Question:
    """A query with gaps."""

    name: str
    text: str

    @property
    def answer(self) -> str:
        """What kind of answer it has: ``table`` or ``graph``."""
        lines = self.text.splitlines()
        is_graph = any(line.startswith(("CONSTRUCT", "DESCRIBE")) for line in lines)
        return "graph" if is_graph else "table"

    def about(self, filling: Filling) -> str:
        """The query with its gaps filled."""
        text = self.text.replace("<organization>", f"<{filling.organization}>")
        text = text.replace("<federation>", f"<{filling.federation}>")
        return text.replace('"number"', json.dumps(filling.number))


@dataclass(frozen=True, slots=True)
class Mix:
    """All questions, and what they are asked about."""

    questions: list[Question]
    fillings: list[Filling]

    def without(self, names: Collection[str]) -> Mix:
        """All but the questions of some names."""
        kept = [question for question in self.questions if question.name not in names]
        return Mix(kept, self.fillings)

    def texts(self, question: Question) -> list[str]:
        """A question about each organisation; one text where it has no gap."""
        return list(dict.fromkeys(question.about(filling) for filling in self.fillings))

    def work(
        self, door: Door, question: Question, client: int, seconds: float, least: int = 1
    ) -> Work:
        """One question, by one of several clients, each of which begins elsewhere."""
        texts = self.texts(question)
        first = 7 * client % len(texts)
        requests = [door.request(t, question.answer) for t in texts[first:] + texts[:first]]
        return Work(door.port, source(client), requests, seconds, least)

    def order(self, client: int, rounds: int) -> list[Question]:
        """Every question so many times, in an order by chance that is the client's own."""
        order = self.questions * rounds
        random.Random(client).shuffle(order)
        return order

    def work_of_all(self, door: Door, client: int, rounds: int) -> Work:
        """Every question so many times, each about another organisation."""
        requests = [
            door.request(
                question.about(self.fillings[(7 * client + place) % len(self.fillings)]),
                question.answer,
            )
            for place, question in enumerate(self.order(client, rounds))
        ]
        return Work(door.port, source(client), requests, least=len(requests))


def source(client: int) -> str:
    """The address of a client: each has its own, and all are of this machine."""
    return f"127.0.1.{client + 1}"


def read_questions() -> list[Question]:
    """All of them, in the order of their names."""
    return [Question(path.stem, path.read_text()) for path in sorted(FOLDER.glob("*.rq"))]


def read_mix(door: Door, seed: int) -> Mix:
    """The questions, and organisations of a server's by chance."""
    line = Line(door.port, source(0))
    status, body = line.ask(door.request(_SAMPLE, "table"))
    line.close()
    rows = json.loads(body)["results"]["bindings"] if status == 200 else []
    if not rows:
        sys.exit("There is no organisation to ask for.")
    names = [{name: term["value"] for name, term in row.items()} for row in rows]
    chosen = random.Random(seed).sample(names, min(ORGANIZATIONS, len(names)))
    return Mix(read_questions(), [Filling(**row) for row in chosen])
