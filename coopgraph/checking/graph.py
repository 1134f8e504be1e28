"""The sound rows of a check as RDF: what would be published of them.

In: checked rows. Out: Turtle, or JSON-LD under our context. Which organisation a row is of is for
the journal to say, at publication alone; until then an organisation is called
``https://check.invalid/{dataset}/{key}``, with the key of its row, in a domain that never leads
anywhere (RFC 6761). What a load adds beside is not there: records, sources, what is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from coopgraph.checking.rows import CheckedRow
from coopgraph.jsonld import Vocabulary, side_by_side
from coopgraph.rdf import TripleIndex, used_prefixes
from coopgraph.standard import Standard

OPEN_NAMES: Final = "https://check.invalid/"  # organisations that have no name yet
_REFERENCE = re.compile(r"<open:ref/([^>]+)>")


class SoundRows:
    """Gathers rows as a check finds them, and lets go of those that it takes back."""

    def __init__(self, dataset: str) -> None:
        self._stem = f"{OPEN_NAMES}{dataset}/"
        self._rows: dict[tuple[str, str], tuple[int, str, str]] = {}  # number, organisation, lines

    def watch(self, checked: CheckedRow) -> None:
        """Look at a row."""
        row = (checked.table, checked.key)
        if checked.is_sound and not checked.is_duplicate:
            name = f"{self._stem}{checked.parent or checked.key}"
            self._rows[row] = (checked.number, name, _named(checked.lines, name))
        elif row in self._rows and self._rows[row][0] == checked.number:
            del self._rows[row]

    def organizations(self) -> dict[NamedNode, list[Triple]]:
        """What is said of each, without repetitions, always in the same order."""
        lines: dict[str, set[str]] = {}
        for _, name, text in self._rows.values():
            lines.setdefault(name, set()).update(filter(None, text.split("\n")))
        return {NamedNode(name): _triples(own) for name, own in lines.items()}

    def turtle(self) -> bytes:
        """All of it as Turtle."""
        triples = [triple for own in self.organizations().values() for triple in own]
        written = serialize(triples, format=RdfFormat.TURTLE, prefixes=used_prefixes(triples))
        assert written is not None
        return written

    def json_ld(self, standard: Standard, context: str | Mapping[str, Any]) -> bytes:
        """All of it as JSON-LD, organisation by organisation. ``context`` is its address, or its
        content.
        """
        found = self.organizations()
        documents = ((TripleIndex(own), name) for name, own in found.items())
        return side_by_side(documents, Vocabulary(standard), context)


def _named(lines: str, name: str) -> str:
    """Lines with names for what is open in them, which stands nowhere but where an IRI begins."""
    own = lines.replace("<open:self", f"<{name}")
    return _REFERENCE.sub(rf"<{OPEN_NAMES}\1>", own)


def _triples(lines: set[str]) -> list[Triple]:
    text = "\n".join(sorted(lines)).encode()
    return [quad.triple for quad in parse(text, format=RdfFormat.N_TRIPLES)]
