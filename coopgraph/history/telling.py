"""Tell a difference in the words of the standard: fields by their labels, codes by theirs.

In: a tree of differences. Out: :class:`Told`, one for each node with something to tell, with its
fields in the order of the shapes, ready for a page or for JSON. How a thing is called, such as a
code or an organisation, the caller says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from coopgraph.history.differences import Difference, Leaf, Node, Value
from coopgraph.history.timelines import Owners
from coopgraph.namespaces import curie, iri, organization_iri, record_iri
from coopgraph.standard import EntityType, Kind, Standard
from coopgraph.standard.wording import best

NameOf = Callable[[NamedNode], str]

_LANGUAGE = "en"
_REFERENCE = "open:ref/"
_TYPE = iri("rdf:type")
_LAST = float("inf")


@dataclass(frozen=True, slots=True)
class Said:
    """One value as text; ``iri`` where it is a thing, ``language`` where it has one."""

    text: str
    iri: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field whose values differ. ``key`` is its name in JSON, "" where the standard has no such
    field any more; ``path`` its property, ``kind`` what it holds.
    """

    label: str
    key: str
    path: str
    kind: Kind
    removed: tuple[Said, ...]
    added: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What differs in one node: the record's own ("" for ``node``), or an inner one like an
    address, whose unchanged values ``which`` tells it from others. ``kind`` is “changed”, “added”
    or “removed”.
    """

    node: str
    which: str
    kind: str
    fields: tuple[FieldChange, ...]


class Teller:
    """Tells differences; ``owners`` says whom references lead to."""

    def __init__(self, standard: Standard, base: str, owners: Owners, name_of: NameOf) -> None:
        self._standard = standard
        self._base = base
        self._owners = owners
        self._name_of = name_of

    def tell(self, found: Difference) -> list[Told]:
        """Every node that differs, the record's own first."""
        return list(self._nodes(found, ()))

    def _nodes(self, found: Difference, above: tuple[str, ...]) -> Iterator[Told]:
        node = found.node
        titles = (*above, self._title(node)) if node.path else above
        fields = self._fields(node.entity, found.leaves)
        if fields:
            kind = "changed" if found.before and found.after else "added"
            kind = kind if found.after else "removed"
            which = self._which(found) if kind == "changed" and node.path else ""
            yield Told(" › ".join(titles), which, kind, fields)
        paths = _paths(node.entity)
        for inner in sorted(found.inner, key=lambda item: _rank(paths, item.node.path)):
            yield from self._nodes(inner, titles)

    def _title(self, node: Node) -> str:
        if node.entity:
            return best(node.entity.labels, _LANGUAGE) or node.entity.name
        return curie(node.path.value) if node.path else ""

    def _which(self, found: Difference) -> str:
        """What names a node that differs: what stays of its key, or of its texts."""
        node = found.node
        differs = {leaf.path for leaf in found.leaves}
        if node.entity is None:
            return ""
        fields = node.entity.key_fields or tuple(
            item for item in node.entity.fields if item.kind is Kind.LANGUAGE_TEXT
        )
        texts = [
            self._said(value, item.kind).text
            for item in fields
            if item.path not in differs
            for value in sorted(node.leaves.get(item.path, ()), key=str)[:1]
        ]
        return ", ".join(texts)

    def _fields(self, entity: EntityType | None, leaves: Iterable[Leaf]) -> tuple[FieldChange, ...]:
        told = [self._field(entity, leaf) for leaf in leaves if leaf.path != _TYPE]
        return tuple(field for _, field in sorted(told, key=lambda item: (item[0], item[1].label)))

    def _field(self, entity: EntityType | None, leaf: Leaf) -> tuple[float, FieldChange]:
        name = leaf.path.value
        field = entity.field_at(leaf.path) if entity else None
        kind = field.kind if field else Kind.OTHER
        label = best(field.labels, _LANGUAGE) or field.key if field else curie(name)
        removed, added = (
            tuple(self._said(value, kind) for value in values)
            for values in (leaf.removed, leaf.added)
        )
        told = FieldChange(label, field.key if field else "", name, kind, removed, added)
        return field.order if field else _LAST, told

    def _said(self, value: Value, kind: Kind) -> Said:
        if isinstance(value, Literal):
            return Said(value.value, language=value.language or "")
        if value.value.startswith(_REFERENCE):
            value = self._referred(value)
        if kind is Kind.LINK:
            return Said(value.value, value.value)
        return Said(self._name_of(value), value.value)

    def _referred(self, value: NamedNode) -> NamedNode:
        """The organisation that a reference to a record leads to."""
        dataset, _, key = value.value.removeprefix(_REFERENCE).partition("/")
        organization = self._owners.now(dataset, key)
        if not organization:
            return record_iri(self._base, dataset, key)
        return organization_iri(self._base, organization)


def _paths(entity: EntityType | None) -> list[NamedNode]:
    """The properties of a node in the order of their fields."""
    fields = sorted(entity.fields, key=lambda item: item.order) if entity else []
    return [item.path for item in fields]


def _rank(paths: list[NamedNode], path: NamedNode | None) -> int:
    return paths.index(path) if path in paths else len(paths)
