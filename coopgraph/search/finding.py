"""Look for organisations by words.

In: a text from anybody, and how many are wanted. Out: the IRIs of organisations, best first. All
words are wanted, as they are written or as beginnings of words; where nothing has them all, as
they may have been meant (``ranking.slips``); where nothing has those, any of them. A text is only
ever words: no sign in it means anything, for tantivy's query parser is not used. However long it
is, the first few words of it are looked for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import tantivy
from pyoxigraph import NamedNode
from tantivy import Occur, Query

from coopgraph.errors import StoreError
from coopgraph.search.building import stamp_of
from coopgraph.search.entries import Role
from coopgraph.search.ranking import Word, begins, ranked, slips
from coopgraph.search.schema import FORMAT, SHOWN, Shown
from coopgraph.search.words import compounds, joined

_MOST_CHARACTERS = 1_000
_MOST_PARTS = 16  # of words; most words have one
_MOST_PARTS_OF_ONE = 8
_FEWEST_RANKED = 200
_WEIGHTS = {Role.NAME: 4.0, Role.PLACE: 2.0, Role.ABOUT: 1.0}
_BEGINNING, _MEANT = 0.5, 0.25  # beside 1 for a word as it is written


@dataclass(frozen=True, slots=True)
class Index:
    """An open index. It stays what it was when it was opened, whatever becomes of its files."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema

    def search(self, text: str, limit: int) -> list[NamedNode]:
        """At most ``limit`` organisations, best first; none for a text without words."""
        words = _first_words(text[:_MOST_CHARACTERS])
        for query in self._stages(words):
            found = self._found(query, max(limit, _FEWEST_RANKED))
            if found:
                return [NamedNode(shown.iri) for shown in ranked(words, found)[:limit]]
        return []

    def _found(self, query: Query, limit: int) -> list[Shown]:
        hits = self.searcher.search(query, limit=limit, count=False).hits
        documents = (self.searcher.doc(address) for _, address in hits)
        return [Shown.from_bytes(document[SHOWN][0]) for document in documents]

    def _stages(self, words: Sequence[Word]) -> Iterator[Query]:
        """Queries, from what was written to what may have been meant."""
        if not words:
            return
        for occur, is_exact in ((Occur.Must, True), (Occur.Must, False), (Occur.Should, False)):
            yield Query.boolean_query([(occur, self._word(word, is_exact)) for word in words])

    def _word(self, word: Word, is_exact: bool) -> Query:
        """A word as one or, where it has parts, by all of them."""
        whole = self._leaf(joined(word), is_exact)
        if len(word) == 1:
            return whole
        parts = [(Occur.Must, self._leaf(part, is_exact)) for part in word]
        return _either([whole, Query.boolean_query(parts)])

    def _leaf(self, word: str, is_exact: bool) -> Query:
        """A word without parts, in any field."""
        found = []
        for role, weight in _WEIGHTS.items():
            exact = Query.term_query(self.schema, role.value, word, index_option="freq")
            found.append(Query.boost_query(exact, weight))
            if begins(word):
                begun = Query.fuzzy_term_query(self.schema, role.value, word, 0, prefix=True)
                found.append(Query.boost_query(begun, weight * _BEGINNING))
            if not is_exact and slips(word):
                meant = Query.fuzzy_term_query(self.schema, role.value, word, slips(word))
                found.append(Query.boost_query(meant, weight * _MEANT))
        return _either(found)


def open_index(folder: Path) -> Index | None:
    """Open the index in a folder; None where there is none, or one of another form.

    Raises StoreError for a damaged one. tantivy writes a lock beside what it reads, and a
    snapshot may be on a disk that nobody writes to: so it is shown links to the files, which may
    go once it has opened them.
    """
    stamp = stamp_of(folder)
    if stamp is None or stamp.form != FORMAT:
        return None
    try:
        # Its lock comes and goes by itself, at times while the folder is being removed.
        with tempfile.TemporaryDirectory(prefix="coopgraph-", ignore_cleanup_errors=True) as links:
            for path in folder.iterdir():
                Path(links, path.name).symlink_to(path.resolve())
            index = tantivy.Index.open(links)
            index.config_reader("manual")
            return Index(index.searcher(), index.schema)
    except (ValueError, OSError) as error:
        raise StoreError(f"The text index in {folder} cannot be opened: {error}") from error


def _first_words(text: str) -> tuple[Word, ...]:
    """The words to look for, each once."""
    words = dict.fromkeys(parts[:_MOST_PARTS_OF_ONE] for parts in compounds(text))
    sizes = accumulate(map(len, words))
    return tuple(word for word, size in zip(words, sizes, strict=True) if size <= _MOST_PARTS)


def _either(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])
