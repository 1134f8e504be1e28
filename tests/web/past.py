"""A journal for the sample: how its organisations came to be as they are, in seven commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from coopgraph.iris import mint
from coopgraph.journal import Journal, State, build_dictionary
from coopgraph.namespaces import STANDARD, dataset_graph, iri, organization_iri, record_iri
from coopgraph.store.layout import Layout

STALLS = 55
MESSAGE = "As the clerk\x1b\n\u202ehad it"  # as it was kept once
_HARBOUR, _MOVEMENT, _CREDIT = "harbour-register", "movement-directory", "credit-list"
_FOLDED = mint(_MOVEMENT, "folded")
_ORGANIZATION = organization_iri(STANDARD, "").value

Told = Mapping[str, str | None]  # lines by key; None where a record is gone


def write_past(folder: Path, quads: Iterable[Quad]) -> None:
    """Write the journal of a state folder that shows the sample as of commit 7.

    Once, Tableflip was called otherwise, at another address, and had stalls; and there was the
    Folded Paper Society, which no source lists any more.
    """
    held = list(quads)
    path = Layout(folder).journal
    path.parent.mkdir(parents=True, exist_ok=True)
    topics = {name: _topics(held, name) for name in (_HARBOUR, _MOVEMENT, _CREDIT)}
    topics[_MOVEMENT]["folded"] = _FOLDED
    harbour, movement, credit = (
        {key: _lines(held, name, topic) for key, topic in topics[name].items()} for name in topics
    )
    stalls = {f"stall-{number:02}": _stall(number) for number in range(STALLS)}
    earlier = movement | {"tableflip": _earlier(movement["tableflip"]), "folded": _folded()}
    commits: list[tuple[str, str, Told, Told]] = [
        (_HARBOUR, "2024", harbour | {"R000017": _incorporated(harbour["R000017"])}, {}),
        (_CREDIT, "", credit, {}),
        (_MOVEMENT, "2025", earlier, stalls),
        (_MOVEMENT, "2026", movement | {"folded": None}, dict.fromkeys(stalls)),
        (_HARBOUR, "2025", {"R000017": harbour["R000017"]}, {}),
        (_CREDIT, "", {"0042": credit["0042"].replace('"0042"', '"42"')}, {}),
        (_CREDIT, "", {"0042": credit["0042"]}, {}),
    ]
    with closing(Journal.create(path, STANDARD, build_dictionary(["x"]))) as journal:
        for commit in commits:
            _write(journal, topics, *commit)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO organizations SELECT organization, dataset, key, min(sequence) "
            "FROM identities GROUP BY organization"
        )


def _write(
    journal: Journal,
    topics: Mapping[str, Mapping[str, str]],
    dataset: str,
    edition: str,
    records: Told,
    parts: Told,
) -> None:
    commit = journal.begin()
    states = [(key, "", lines) for key, lines in records.items()]
    states += [(key, "tableflip", lines) for key, lines in parts.items()]
    commit.write(
        State(dataset, key, "stalls" if parent else "organisations", parent, (), (), lines)
        for key, parent, lines in states
    )
    for key in records:
        if not journal.has_identity(dataset, key):
            commit.assign(dataset, key, topics[dataset][key])
    commit.describe(dataset, "title: Told in the catalogue")
    counts = {"added": len(records), "changed": 1, "gone": 0, "unchanged": 0, "quarantined": 0}
    commit.finish(
        at=datetime(2026, commit.sequence, 1, 12, tzinfo=UTC), who="clerk", action="load",
        dataset=dataset, edition=edition, message=MESSAGE,
        report={"organisations": counts},
    )  # fmt: skip


def _topics(quads: list[Quad], dataset: str) -> dict[str, str]:
    """The organisations of a dataset by the keys of their records; parts are left out."""
    stem = record_iri(STANDARD, dataset, "").value
    return {
        quad.subject.value.removeprefix(stem): quad.object.value.removeprefix(_ORGANIZATION)
        for quad in quads
        if quad.predicate == iri("foaf:primaryTopic")
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode)
        and quad.subject.value.startswith(stem)
        and ":" not in quad.subject.value.removeprefix(stem)
    }


def _lines(quads: list[Quad], dataset: str, organization: str) -> str:
    """What a dataset says of an organisation, with the subject left open."""
    name = organization_iri(STANDARD, organization).value
    graph = dataset_graph(STANDARD, dataset)
    lines = {
        f"{quad.triple} .".replace(f"<{name}", "<open:self")
        for quad in quads
        if quad.graph_name == graph
        and isinstance(quad.subject, NamedNode)
        and quad.subject.value.partition("#")[0] == name
    }
    return "\n".join(sorted(lines))


def _earlier(lines: str) -> str:
    for new, old in (
        ("address-3f2a9c01", "address-00000001"),
        ("12 Rochdale Road", "1 Toad Lane"),
        ("Tableflip Bakery Co-operative", "Tableflip Bakery Collective"),
        ("code/status/active", "code/status/forming"),
    ):
        assert new in lines
        lines = lines.replace(new, old)
    return lines


def _incorporated(lines: str) -> str:
    assert ", INC." in lines
    return lines.replace(", INC.", "")


def _folded() -> str:
    name = Literal("Folded Paper Society", language="en")
    kind = f"<open:self> {iri('rdf:type')} {iri('coop:Organization')} ."
    return f"{kind}\n<open:self> {iri('skos:prefLabel')} {name} ."


def _stall(number: int) -> str:
    node = f"<open:self#site-stall-{number}>"
    name = Literal(f"Stall {number}", language="en")
    return "\n".join(
        sorted(
            [
                f"<open:self> {iri('org:hasSite')} {node} .",
                f"{node} {iri('rdf:type')} {iri('org:Site')} .",
                f"{node} {iri('skos:prefLabel')} {name} .",
            ]
        )
    )
