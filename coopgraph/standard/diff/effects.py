"""What changes in ways that no single triple shows: JSON keys, and names that cells may use.

In: two versions as objects. Out: changes that account for no triple of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from coopgraph.standard.context import field_terms
from coopgraph.standard.diff.change import Breaks, Change, Level
from coopgraph.standard.diff.slot import listed
from coopgraph.standard.model import CodeList, Field, Standard


def effects(old: Standard, new: Standard) -> Iterator[Change]:
    """Changed keys of fields, and lost names of codes, in what both versions have."""
    yield from _keys(old, new)
    for slug in sorted(old.code_lists.keys() & new.code_lists.keys()):
        yield from _names(old.code_lists[slug], new.code_lists[slug])


def _keys(old: Standard, new: Standard) -> Iterator[Change]:
    before, after = _fields(old), _fields(new)
    for shape in sorted(before.keys() & after.keys()):
        was, is_now = (
            {term.key: term.definition() for term in field_terms(standard, fields[shape])}
            for standard, fields in ((old, before), (new, after))
        )
        lost = sorted(was.keys() - is_now.keys())
        other = sorted(key for key in was.keys() & is_now.keys() if was[key] != is_now[key])
        if lost:
            what = f"JSON key {listed(lost)} is gone; there is {listed(sorted(is_now))}"
            yield _breaking("JSON key changed", shape, what, Breaks.CONSUMERS)
        if other:
            what = f"JSON key {listed(other)} holds its values another way"
            yield _breaking("JSON value changed", shape, what, Breaks.CONSUMERS)


def _fields(standard: Standard) -> dict[str, Field]:
    return {
        field.shape.value: field
        for entity in standard.entity_types.values()
        for field in entity.fields
    }


def _names(old: CodeList, new: CodeList) -> Iterator[Change]:
    """Cells hold codes by notation, label or synonym: such a name should not be lost."""
    standing = {code.iri: code for code in new.codes}
    lost: dict[str, list[str]] = {}
    for name, code in old.by_name.items():
        kept = standing.get(code.iri)
        # Where the notation changed, that is told already.
        if kept is not None and kept.notation == code.notation:
            found = new.by_name.get(name)
            if found is None or found.iri != code.iri:
                lost.setdefault(code.iri.value, []).append(name)
    for code_iri, names in sorted(lost.items()):
        what = (
            f"a cell may no longer call it {listed(f'“{name}”' for name in sorted(names))}; keep "
            "former labels as skos:hiddenLabel"
        )
        yield _breaking("name lost", code_iri, what, Breaks.PRODUCERS)


def _breaking(kind: str, subject: str, what: str, breaks: Breaks) -> Change:
    return Change(kind, subject, what, Level.BREAKING, breaks)
