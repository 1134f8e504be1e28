"""Standards as they were: what versions of the past are made and told with.

In: a journal, and a standard that it noted. Out: :class:`Then`. Reading one takes a second or so,
so the last few are kept; the standard of today is one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from threading import Lock

from pyoxigraph import NamedNode, Store, Triple

from coopgraph.journal import Lookups
from coopgraph.jsonld import Vocabulary
from coopgraph.rdf import TripleIndex
from coopgraph.reasoning import Rules, compile_rules
from coopgraph.standard import Standard
from coopgraph.standard.graphs import published_quads

_KEPT = 3  # beside that of today; some 60 MB each


class Then:
    """A standard that was in force, and what is made from it, each part when it is first used."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Keys and class names of JSON-LD."""
        return Vocabulary(self.standard)

    @cached_property
    def rules(self) -> Rules:
        """What follows from what sources say."""
        return compile_rules(self.standard.ontology)

    @cached_property
    def store(self) -> Store:
        """The standard as the store held it: its graphs, and the merge."""
        store = Store()
        store.bulk_extend(published_quads(self.standard))
        return store

    def said_of_code(self, code: NamedNode) -> Iterator[Triple]:
        """What its code list says of a code; nothing of what is none."""
        for path, values in self._codes.by_subject.get(code, {}).items():
            for value in values:
                yield Triple(code, path, value)

    @cached_property
    def _codes(self) -> TripleIndex:
        lists = self.standard.codes.values()
        return TripleIndex(triple for triples in lists for triple in triples)


class Standards:
    """The standard of today, and those before it, as they are asked for."""

    def __init__(self, today: Standard) -> None:
        self.today = Then(today)
        self._lock = Lock()
        self._read = lru_cache(_KEPT)(_Reading)

    def at(self, lookups: Lookups, sequence: int) -> Then:
        """The standard that a commit was made under; that of today, where none was ever noted.

        Raises JournalError where it is damaged, or no longer understood.
        """
        noted = lookups.in_force(sequence)
        if noted is None or noted.digest == self.today.standard.digest:
            return self.today
        with self._lock:
            reading = self._read(noted.digest)
        return reading.then(lookups)


class _Reading:
    """A standard that is read once, whoever asks first."""

    def __init__(self, digest: str) -> None:
        self._digest = digest
        self._lock = Lock()
        self._then: Then | None = None

    def then(self, lookups: Lookups) -> Then:
        with self._lock:
            if self._then is None:
                self._then = Then(lookups.read_kept(self._digest))
            return self._then
