"""Records through identities → quads: what each organisation has in each graph.

A record's lines name their own organisation ``open:self`` and others ``open:ref/…``. The
projection puts in the organisations that identities say, adds the record's own description, and for
the merge what is inferred from all its sources together. Publishing and versions of the past both
go through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from pyoxigraph import Literal, NamedNode

from coopgraph.journal import HeldRecord
from coopgraph.namespaces import dataset_iri, iri, organization_iri, record_iri

MERGE = ""  # the default graph's name in a projection

Graphs = dict[str, set[str]]  # dataset or MERGE → N-Triples lines
Resolve = Callable[[str, str], str | None]  # (dataset, key) → organisation id
Infer = Callable[[NamedNode, set[str]], set[str]]  # an organisation and its lines → what follows

_REFERENCE = re.compile(r"<open:ref/([^/>]+)/([^>]+)>")
_SHUT = "\\u003Copen:"  # how a record writes what is open in no more than its looks
_SHUT_OR_BACKSLASH = re.compile(r"(\\\\)|\\u003Copen:")


class Projection:
    """How records become lines, for one base, one way to infer and one choice of merging."""

    def __init__(self, base: str, infer: Infer, is_merged: Mapping[str, bool]) -> None:
        self._base = base
        self._infer = infer
        self._is_merged = is_merged

    def organization(
        self, organization: str, records: Iterable[HeldRecord], resolve: Resolve
    ) -> Graphs:
        """The lines of one organisation: for each dataset what it asserts, and the merge."""
        name = organization_iri(self._base, organization)
        graphs: Graphs = {}
        facts: set[str] = set()
        for record in records:
            lines = self._lines(name, record, resolve)
            described = {*lines, *self._description(name, record)}
            graphs.setdefault(record.dataset, set()).update(described)
            if self._is_merged.get(record.dataset, False):
                facts.update(described)
                graphs.setdefault(MERGE, set()).update(described)
        if facts:
            graphs[MERGE].update(self._infer(name, facts))
        return graphs

    def _lines(self, name: NamedNode, record: HeldRecord, resolve: Resolve) -> list[str]:
        text = record.lines.replace("<open:self", f"<{name.value}")
        if "<open:ref/" in text:
            text = _REFERENCE.sub(lambda match: self._referred(match, resolve), text)
        if _SHUT in text:  # from here on as the store would write it
            text = _SHUT_OR_BACKSLASH.sub(lambda match: match[1] or "<open:", text)
        return text.split("\n") if text else []

    def _referred(self, match: re.Match[str], resolve: Resolve) -> str:
        organization = resolve(match[1], match[2])
        if organization is None:  # staging lets no such reference through
            raise LookupError(f"no organisation for record {match[1]}/{match[2]}")
        return str(organization_iri(self._base, organization))

    def _description(self, name: NamedNode, record: HeldRecord) -> list[str]:
        node = record_iri(self._base, record.dataset, record.key)
        return [
            f"{node} {_TYPE} {_RECORD} .",
            f"{node} {_TOPIC} {name} .",
            f"{node} {_PART_OF} {dataset_iri(self._base, record.dataset)} .",
            f"{node} {_IDENTIFIER} {Literal(record.key)} .",
        ]


class Identities(Protocol):
    """Where it stands which record is about which organisation."""

    def organization_of(self, dataset: str, key: str, at: int) -> str | None:
        """Its id as of a sequence, None where no record of the name was published."""


class Resolver:
    """The organisation of a record as of a sequence; asks once for each record."""

    def __init__(self, identities: Identities, sequence: int) -> None:
        self._identities = identities
        self._sequence = sequence
        self._known: dict[tuple[str, str], str | None] = {}

    def __call__(self, dataset: str, key: str) -> str | None:
        """Its id, None where no record of the name was published."""
        name = (dataset, key)
        if name not in self._known:
            self._known[name] = self._identities.organization_of(dataset, key, self._sequence)
        return self._known[name]


_TYPE = str(iri("rdf:type"))
_RECORD = str(iri("coop:Record"))
_TOPIC = str(iri("foaf:primaryTopic"))
_PART_OF = str(iri("dcterms:isPartOf"))
_IDENTIFIER = str(iri("dcterms:identifier"))
