"""What differs between two states of a record: values, grouped by the node that has them.

In: the lines of two states, with the subject left open, and the standard. Out: a tree of
differences that leads from one to the other. An inner node that its content names has another name
once its content differs: such nodes are paired, so that one changed value is told as one, and a
node that is only named anew has nothing to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from coopgraph.namespaces import iri
from coopgraph.rdf import TripleIndex
from coopgraph.standard import EntityType, Kind, Standard

SELF = NamedNode("open:self")

Value = NamedNode | Literal
Content = frozenset[tuple[NamedNode, object]]

_INNER = f"{SELF.value}#"
_TYPE = iri("rdf:type")
_MOST_PAIRS = 10_000  # of nodes that are compared with each other


@dataclass(frozen=True, slots=True)
class Leaf:
    """The values of one property that are there no longer, and those that are new."""

    path: NamedNode
    removed: tuple[Value, ...]
    added: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a record as a state has it. ``path`` leads to it, None to the record's own."""

    path: NamedNode | None
    name: NamedNode
    entity: EntityType | None
    leaves: Mapping[NamedNode, frozenset[Value]]
    inner: tuple[Node, ...]

    def content(self) -> Content:
        """What the node says, whatever inner nodes are called."""
        leaves = ((path, value) for path, values in self.leaves.items() for value in values)
        inner = ((node.path or SELF, node.content()) for node in self.inner)
        return frozenset((*leaves, *inner))


@dataclass(frozen=True)
class Difference:
    """How a node differs. ``before`` and ``after`` are None where it is new, or gone."""

    before: Node | None
    after: Node | None
    leaves: tuple[Leaf, ...]
    inner: tuple[Difference, ...]

    @property
    def node(self) -> Node:
        """The node as it is, or as it was."""
        node = self.after or self.before
        assert node is not None
        return node

    @cached_property
    def is_telling(self) -> bool:
        """Whether a value differs, here or within."""
        return bool(self.leaves) or any(inner.is_telling for inner in self.inner)


def difference(before: str, after: str, standard: Standard) -> Difference:
    """What leads from the lines of one state to those of another; either may be "" for none."""
    old, new = (_record(lines, standard) if lines else None for lines in (before, after))
    return _between(old, new)


def _record(lines: str, standard: Standard) -> Node:
    index = TripleIndex(quad.triple for quad in parse(lines.encode(), format=RdfFormat.N_TRIPLES))
    entity = standard.entity_type("Organization")
    return _node(index, None, SELF, entity, standard, frozenset())


def _node(
    index: TripleIndex,
    path: NamedNode | None,
    name: NamedNode,
    entity: EntityType | None,
    standard: Standard,
    above: frozenset[NamedNode],
) -> Node:
    leaves: dict[NamedNode, frozenset[Value]] = {}
    inner = []
    for predicate, values in index.by_subject.get(name, {}).items():
        within = [v for v in values if isinstance(v, NamedNode) and _is_inner(v) and v not in above]
        plain = [v for v in values if v not in within and not isinstance(v, BlankNode)]
        if plain:
            leaves[predicate] = frozenset(plain)
        kind = _inner_type(entity, predicate, standard) if within else None
        inner += [
            _node(index, predicate, value, kind, standard, above | {name}) for value in within
        ]
    return Node(path, name, entity, leaves, tuple(inner))


def _is_inner(value: NamedNode) -> bool:
    return value.value.startswith(_INNER)


def _inner_type(
    entity: EntityType | None, path: NamedNode, standard: Standard
) -> EntityType | None:
    found = entity.field_at(path) if entity else None
    return standard.inner(found) if found and found.kind is Kind.NODE else None


def _between(old: Node | None, new: Node | None) -> Difference:
    leaves = tuple(_leaves(old.leaves if old else {}, new.leaves if new else {}))
    paths = dict.fromkeys(node.path for side in (old, new) if side for node in side.inner)
    inner = []
    for path in paths:
        sides = ([n for n in side.inner if n.path == path] if side else [] for side in (old, new))
        inner += [_between(*pair) for pair in _pairs(*sides) if pair[0] != pair[1]]
    return Difference(old, new, leaves, tuple(inner))


def _leaves(
    old: Mapping[NamedNode, frozenset[Value]], new: Mapping[NamedNode, frozenset[Value]]
) -> Iterator[Leaf]:
    for path in dict.fromkeys((*old, *new)):
        before, after = old.get(path, frozenset()), new.get(path, frozenset())
        if before != after:
            yield Leaf(path, _in_order(before - after), _in_order(after - before))


def _in_order(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=str))


def _pairs(old: list[Node], new: list[Node]) -> Iterator[tuple[Node | None, Node | None]]:
    """Nodes that are the same, or one in the other's place; then those that are gone or new."""
    left = {node.name: node for node in old}
    right = {node.name: node for node in new}
    for name in [name for name in left if name in right]:
        yield left.pop(name), right.pop(name)
    by_content = {node.content(): node for node in right.values()}
    for node in list(left.values()):
        twin = by_content.pop(node.content(), None)
        if twin:
            yield left.pop(node.name), right.pop(twin.name)
    for before, after in _likenesses(list(left.values()), list(right.values())):
        if before.name in left and after.name in right:
            yield left.pop(before.name), right.pop(after.name)
    yield from ((node, None) for node in left.values())
    yield from ((None, node) for node in right.values())


def _likenesses(old: list[Node], new: list[Node]) -> list[tuple[Node, Node]]:
    """Pairs of nodes of which one may be in the other's place, those that share most first.

    A node with a key, such as a registration, is in another's place only where they share
    something; of an address or a point there is no telling but by that.
    """
    if len(old) * len(new) > _MOST_PAIRS:
        return []
    said = {id(node): _said(node) for node in (*old, *new)}
    shared = [(len(said[id(a)] & said[id(b)]), a, b) for a in old for b in new]
    fit = [pair for pair in shared if pair[0] or not _has_key(pair[1])]
    return [(a, b) for _, a, b in sorted(fit, key=lambda pair: -pair[0])]


def _said(node: Node) -> Content:
    return frozenset(item for item in node.content() if item[0] != _TYPE)


def _has_key(node: Node) -> bool:
    return node.entity is not None and bool(node.entity.key_fields)
