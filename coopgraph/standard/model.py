"""The standard as plain objects: entity types, their fields, code lists, crosswalks.

Everything that needs to know “which fields are there?” (import, templates, JSON-LD, pages)
asks these objects, which :mod:`coopgraph.standard.reading` makes from ``ontology/`` and
``shapes/``. Nothing here names a field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pyoxigraph import NamedNode, Triple

from coopgraph.rdf import TripleIndex
from coopgraph.standard.crosswalks import Crosswalk

Labels = Mapping[str, str]  # language tag → text


class Kind(Enum):
    """What a field holds, and so how a cell becomes a term."""

    TEXT = "text"  # xsd:string, as written
    LANGUAGE_TEXT = "language text"  # rdf:langString
    NUMBER = "number"  # xsd:decimal or xsd:integer
    DATE = "date"  # xsd:date, xsd:gYearMonth or xsd:gYear, as precise as written
    LINK = "link"  # an http(s) IRI
    CODE = "code"  # a concept of a code list
    REFERENCE = "reference"  # another organisation, by the key of its record
    NODE = "node"  # an inner node, described by an entity type of its own
    OTHER = "other"  # another datatype, by its lexical form


@dataclass(frozen=True, slots=True)
class Code:
    """One concept of a code list."""

    iri: NamedNode
    notation: str
    labels: Labels
    broader: NamedNode | None = None


@dataclass(frozen=True)
class CodeList:
    """A SKOS concept scheme.

    ``by_name`` maps notations, and labels and synonyms in any language that name one code only.
    """

    iri: NamedNode
    slug: str
    labels: Labels
    codes: tuple[Code, ...]
    by_name: Mapping[str, Code] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One property shape: a field of an entity type.

    ``column`` is its name in spreadsheets ("" for nodes and computed values), ``key`` its name
    in JSON. ``node`` names the entity type of inner nodes, ``table`` the child table that makes
    them. ``template`` computes a value from sibling columns.
    """

    shape: NamedNode
    path: NamedNode
    kind: Kind
    key: str
    column: str
    labels: Labels
    descriptions: Labels
    messages: Labels
    datatypes: tuple[NamedNode, ...]
    min_count: int
    max_count: int | None
    order: float
    group: NamedNode | None
    code_list: str
    node: NamedNode | None
    table: str
    template: str
    is_node_key: bool
    is_one_per_language: bool
    hxl: str
    example: str

    @property
    def is_required(self) -> bool:
        """Whether the shape asks for at least one value."""
        return self.min_count > 0

    @property
    def is_list(self) -> bool:
        """Whether a cell of this field may hold several values."""
        return self.max_count is None and not self.is_one_per_language


@dataclass(frozen=True, slots=True)
class Group:
    """Fields shown together."""

    iri: NamedNode
    labels: Labels
    order: float


@dataclass(frozen=True, slots=True, eq=False)
class EntityType:
    """One node shape with a target class: a kind of thing that records describe.

    ``fragment`` is empty for things with IRIs of their own (organisations), and the first part
    of the fragment identifier for inner nodes. An inner node is keyed when its rows or its key
    fields name it, otherwise its name is a hash of its value.
    """

    shape: NamedNode
    target_class: NamedNode
    name: str
    labels: Labels
    descriptions: Labels
    fragment: str
    fields: tuple[Field, ...]

    @property
    def key_fields(self) -> tuple[Field, ...]:
        """Fields whose values make the key of an inner node."""
        return tuple(f for f in self.fields if f.is_node_key)

    def field_at(self, path: NamedNode) -> Field | None:
        """The field of a property."""
        return next((f for f in self.fields if f.path == path), None)


@dataclass(frozen=True)
class Standard:
    """The whole standard, read once. ``version`` is the ontology's; ``digest`` changes with
    any byte of any of its files.
    """

    version: str
    digest: str
    entity_types: Mapping[NamedNode, EntityType]  # by shape
    code_lists: Mapping[str, CodeList]  # by slug
    crosswalks: Mapping[str, Crosswalk]  # by slug
    groups: Mapping[NamedNode, Group]
    ontology: tuple[Triple, ...] = field(repr=False)  # coop.ttl, axioms, alignments
    shapes: tuple[Triple, ...] = field(repr=False)
    codes: Mapping[NamedNode, tuple[Triple, ...]] = field(repr=False)  # by scheme
    mappings: Mapping[NamedNode, tuple[Triple, ...]] = field(repr=False)  # by crosswalk
    index: TripleIndex = field(repr=False)  # over ontology and shapes

    def entity_type(self, name: str) -> EntityType | None:
        """The entity type called ``Organization``, ``Site`` …"""
        return next((t for t in self.entity_types.values() if t.name == name), None)

    def types_in_order(self) -> list[EntityType]:
        """What tables hold first, then what is inside of that, then what no table holds."""

        def place(entity: EntityType) -> tuple[bool, bool, str, str]:
            has_tables = any(item.table for item in entity.fields)
            is_written = bool(entity.fragment) or any(item.column for item in entity.fields)
            return not has_tables, not is_written, entity.fragment, entity.name

        return sorted(self.entity_types.values(), key=place)

    def inner(self, item: Field) -> EntityType:
        """The entity type of a node field."""
        assert item.node is not None, item.shape
        return self.entity_types[item.node]

    def columns(self, entity: EntityType) -> Iterator[tuple[tuple[Field, ...], Field]]:
        """Spreadsheet columns of an entity type, with the node fields that lead to each."""
        for item in entity.fields:
            if item.kind is Kind.NODE and not item.table:
                for path, inner in self.columns(self.inner(item)):
                    yield (item, *path), inner
            elif item.column:
                yield (), item
