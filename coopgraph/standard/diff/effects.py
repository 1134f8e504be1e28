"""What changes in ways that no single triple shows: JSON keys, and names that cells may use.

In: two versions as objects. Out: changes that account for no triple of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from coopgraph.namespaces import curie, iri
from coopgraph.standard.context import field_terms
from coopgraph.standard.crosswalks import Crosswalk
from coopgraph.standard.diff.change import Breaks, Change, Level
from coopgraph.standard.diff.slot import listed
from coopgraph.standard.model import CodeList, Field, Standard

_SUBCLASS = iri("rdfs:subClassOf")


def effects(old: Standard, new: Standard) -> Iterator[Change]:
    """Changed keys of fields, lost names of codes, other readings of foreign codes, and new shapes
    for old classes.
    """
    yield from _keys(old, new)
    for slug in sorted(old.code_lists.keys() & new.code_lists.keys()):
        yield from _names(old.code_lists[slug], new.code_lists[slug])
    for slug in sorted(old.crosswalks.keys() & new.crosswalks.keys()):
        yield from _readings(old.crosswalks[slug], new.crosswalks[slug])
    yield from _judged_anew(old, new)


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


def _readings(old: Crosswalk, new: Crosswalk) -> Iterator[Change]:
    """Foreign codes that are read as another of our codes than before."""
    other = [
        text
        for text in sorted({*old.by_notation, *old.by_label})
        for code_list in old.lists
        if (was := old.translate(text, code_list)) and was != new.translate(text, code_list)
    ]
    if other:
        what = f"{listed(f'“{text}”' for text in other)} is read as another code than before"
        yield _breaking("translation changed", old.iri.value, what, Breaks.PRODUCERS)


def _judged_anew(old: Standard, new: Standard) -> Iterator[Change]:
    """New shapes for classes that the old version knew, and had no shape for."""
    shaped = {entity.target_class for entity in old.entity_types.values()}
    for shape in sorted(new.entity_types.keys() - old.entity_types.keys(), key=str):
        target = new.entity_types[shape].target_class
        is_known = target in old.index.by_subject or old.index.subjects(_SUBCLASS, target)
        if is_known and target not in shaped:
            what = f"judges things of the class {curie(target.value)}, which were there already"
            yield _breaking("shape added", shape.value, what, Breaks.PRODUCERS)


def _breaking(kind: str, subject: str, what: str, breaks: Breaks) -> Change:
    return Change(kind, subject, what, Level.BREAKING, breaks)
