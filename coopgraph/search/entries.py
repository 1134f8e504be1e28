"""What is indexed of an organisation, found in its triples by what the shapes say of its fields.

In: the standard, and the N-Triples lines of an organisation, fragments included, as they stand in
the merge. Out: an :class:`Entry`. A field is a name, a place or something else worth finding by
its HXL hashtag (https://hxlstandard.org/standard/1-1final/dictionary/): ``#org+name`` is a name;
``#loc``, ``#adm…`` and ``#country`` are places; descriptions, what is offered or sought
(``#item``), and what sort of organisation it is (``#org``, ``#activity``) are the rest. Codes are
found by their labels in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from coopgraph.rdf import Term
from coopgraph.standard import Standard
from coopgraph.standard.columns import tops
from coopgraph.standard.model import EntityType, Field, Kind

_TEXTS = (Kind.TEXT, Kind.LANGUAGE_TEXT)
_PLACES = ("loc", "adm1", "adm2", "adm3", "adm4", "adm5", "country")


class Role(Enum):
    """What a text is to whoever looks for it."""

    NAME = "names"
    PLACE = "places"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Entry:
    """An organisation as it is indexed: texts as they are written."""

    iri: NamedNode
    names: tuple[str, ...]
    places: tuple[str, ...]
    about: tuple[str, ...]


# Predicate → what its values are, or which predicates to follow from there.
Plan = dict[NamedNode, "Role | Plan"]


class Reader:
    """Reads entries under one standard."""

    def __init__(self, standard: Standard) -> None:
        self._plan: Plan = {}
        for entity in tops(standard):
            self._plan.update(_plan(standard, entity, ()))
        self._wanted = frozenset(map(str, _predicates(self._plan)))
        self._labels = {
            code.iri: tuple(dict.fromkeys(code.labels.values()))
            for codes in standard.code_lists.values()
            for code in codes.codes
        }

    def entry(self, organization: NamedNode, lines: Iterable[str]) -> Entry | None:
        """The entry of an organisation; None where no name of it is among the lines."""
        wanted = [line for line in lines if line.split(" ", 2)[1] in self._wanted]
        triples: dict[Term, list[tuple[NamedNode, Term]]] = {}
        for quad in parse("\n".join(wanted).encode(), format=RdfFormat.N_TRIPLES):
            triples.setdefault(quad.subject, []).append((quad.predicate, quad.object))
        texts = list(self._texts(organization, self._plan, triples))
        names, places, about = (
            tuple(sorted({text for role, text in texts if role is each})) for each in Role
        )
        return Entry(organization, names, places, about) if names else None

    def _texts(
        self, node: Term, plan: Plan, triples: Mapping[Term, list[tuple[NamedNode, Term]]]
    ) -> Iterator[tuple[Role, str]]:
        for predicate, value in triples.get(node, ()):
            step = plan.get(predicate)
            if isinstance(step, dict):
                yield from self._texts(value, step, triples)
            elif step is not None and isinstance(value, Literal):
                yield step, value.value
            elif step is not None and isinstance(value, NamedNode):
                yield from ((step, label) for label in self._labels.get(value, ()))


def _plan(standard: Standard, entity: EntityType, above: tuple[EntityType, ...]) -> Plan:
    """What to read of a thing and of its inner nodes."""
    found: Plan = {}
    for item in entity.fields:
        if item.kind is Kind.NODE and item.node is not None:
            inner = standard.inner(item)
            below = _plan(standard, inner, (*above, entity)) if inner not in above else {}
            if below:
                found[item.path] = below
        elif (role := role_of(item, is_inner=bool(above))) is not None:
            found[item.path] = role
    return found


def role_of(item: Field, *, is_inner: bool) -> Role | None:
    """What a field's values are; None where nobody looks for them by words."""
    tag, *attributes = item.hxl.removeprefix("#").split("+")
    is_text = item.kind in _TEXTS
    is_named = "name" in attributes
    if tag in _PLACES and (item.kind is Kind.CODE or (is_text and is_named)):
        return Role.PLACE
    if tag == "org" and is_text and is_named and not is_inner:
        return Role.NAME
    if is_text and (
        tag == "description" or (tag == "item" and {"name", "description"} & {*attributes})
    ):
        return Role.ABOUT
    if tag in ("org", "activity") and item.kind is Kind.CODE and not is_inner:
        return Role.ABOUT
    return None


def _predicates(plan: Plan) -> Iterator[NamedNode]:
    for predicate, step in plan.items():
        yield predicate
        if isinstance(step, dict):
            yield from _predicates(step)
