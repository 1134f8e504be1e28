"""Column specifications → plans: how each node of a row's record is made.

Compiled once for the header of a table. Which fields there are and how their cells become terms
comes from the standard's entity types; which source column feeds which field comes from the
descriptor, or, in a file that follows the template, from its header or its hashtags of HXL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import DescriptorError, InputError
from coopgraph.standard import EntityType, Field, Kind, Standard
from coopgraph.standard.columns import KEY_HASHTAGS
from coopgraph.tables.cells import Cross, Picker, picker
from coopgraph.tables.descriptor import (
    SLUG,
    Columns,
    ColumnSpec,
    Descriptor,
    TableSpec,
    plain_column,
)
from coopgraph.tables.hashtags import tagged_names
from coopgraph.tables.reading import Uses
from coopgraph.tables.records import OPEN_REFERENCE, encode_key
from coopgraph.tables.values import BadValue, Converter, converter, crossed, narrower

_SUFFIX = re.compile(r"_(\d+)$")
_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One source of values for one field.

    ``predicate`` is the field's path as N-Triples writes it, ``columns`` the source's own names,
    of which the first that is not blank is used. ``constant`` is the value for every row, where
    there is one. ``narrow`` converts a cell beside the code of its row's country, for fields that
    this tells something.
    """

    field: Field
    path: NamedNode
    predicate: str
    pick: Picker
    convert: Converter
    narrow: Converter | None
    language: str
    columns: tuple[str, ...]
    constant: NamedNode | Literal | None
    is_list: bool
    is_reference: bool


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How one node is made: its leaves, and the plans of the nodes below it.

    A node is made when one of its ``deciding`` leaves has a value. ``key_fields`` name it;
    ``templates`` are fields that are computed from the values of other columns.
    """

    entity: EntityType
    leaves: tuple[Leaf, ...]
    children: tuple[tuple[Field, Plan], ...]
    deciding: tuple[Leaf, ...]
    key_fields: tuple[Field, ...]
    templates: tuple[tuple[Field, tuple[str, ...]], ...]


def column_use(table: TableSpec, standard: Standard) -> Uses:
    """What tells whether a table's mapping, or the template it follows, uses a column."""
    specs = [*(table.columns or {}).values()]
    specs += [spec for columns in table.each for spec in columns.values()]
    named = {*table.key, *table.parent, table.language_column}
    named.update(name for spec in specs for name in spec.columns)
    if table.columns is not None:
        return named.__contains__
    known = {field.column for _, field in standard.columns(table.entity)}
    return lambda name: name in named or plain_column(name, known) is not None


class Planner:
    """Compiles the plans of one table with one header."""

    def __init__(
        self,
        descriptor: Descriptor,
        table: TableSpec,
        standard: Standard,
        header: Sequence[str],
        source: str,
        header_row: int | None = 1,
        hashtags: Sequence[str] = (),
    ) -> None:
        self._header_row = header_row
        self._descriptor = descriptor
        self._table = table
        self._standard = standard
        self._header = header
        self._source = source
        self._names = self._template_names(hashtags)
        self._shared = self._template() if table.columns is None else table.columns

    @property
    def used_columns(self) -> set[str]:
        """Columns of the source that feed the standard's."""
        return {name for spec in self._shared.values() for name in spec.columns}

    def source_column(self, name: str) -> str:
        """The source's name of a column of the standard, or of a key: its own, or as tagged."""
        if name in self._names and self._table.columns is None:
            return self._header[self._names.index(name)]
        spec = self._shared.get(name)
        return spec.columns[0] if spec and spec.columns else name

    def plans(self) -> list[Plan]:
        """The plan of the table's rows, or one for each item of its ``each``."""
        entity, shared = self._table.entity, self._shared
        if not self._table.each:
            return [self._plan(entity, shared, "")]
        return [self._each(entity, {**shared, **own}, set(own)) for own in self._table.each]

    def _template_names(self, hashtags: Sequence[str]) -> tuple[str, ...]:
        """The standard's name of each column: by its hashtag, else the name it has."""
        if not hashtags or self._table.columns is not None:
            return tuple(self._header)
        known = {field.column: field.hxl for _, field in self._standard.columns(self._table.entity)}
        tagged = tagged_names(hashtags, {**known, **KEY_HASHTAGS})
        return tuple(name or own for name, own in zip(tagged, self._header, strict=True))

    def _template(self) -> Columns:
        """The mapping of a file whose columns are the standard's own."""
        fields = {
            field.column: (path, field)
            for path, field in self._standard.columns(self._table.entity)
        }
        specs = {}
        for name, source in zip(self._names, self._header, strict=True):
            plain = plain_column(name, set(fields))
            if plain is None or not source:
                continue
            path, field = fields[plain]
            is_list = field.is_list or any(step.is_list for step in path)
            specs[name] = ColumnSpec(columns=(source,), split=";" if is_list else "")
        if not specs:
            raise InputError(
                "no column has a name of the standard; give the dataset a column mapping.",
                source=self._source,
                row=self._header_row,
            )
        return specs

    def _each(self, entity: EntityType, columns: Columns, own: set[str]) -> Plan:
        """The plan of one item of ``each``, whose own columns decide."""
        plan = self._plan(entity, columns, "")
        fields = {plain_column(name, {f.column for f in entity.fields}) for name in own}
        chosen = (x for x in plan.leaves if x.field.column in fields and x.constant is None)
        return replace(plan, deciding=tuple(chosen))

    def _plan(self, entity: EntityType, columns: Columns, suffix: str) -> Plan:
        leaves: list[Leaf] = []
        children: list[tuple[Field, Plan]] = []
        for field in entity.fields:
            if field.kind is Kind.NODE and not field.table:
                inner = self._standard.inner(field)
                for number in self._suffixes(inner, columns):
                    children.append((field, self._plan(inner, columns, number)))
            elif field.column:
                leaves.extend(self._leaves(field, columns, suffix, bool(entity.fragment)))
        # What is read beside a country comes after it.
        leaves.sort(key=lambda leaf: leaf.narrow is not None)
        return Plan(
            entity,
            tuple(leaves),
            tuple(children),
            deciding=_deciding(entity, leaves) if entity.fragment else (),
            key_fields=entity.key_fields,
            templates=tuple(
                (field, tuple(_HOLE.findall(field.template)))
                for field in entity.fields
                if field.template
            ),
        )

    def _suffixes(self, inner: EntityType, columns: Columns) -> list[str]:
        allowed = {field.column for _, field in self._standard.columns(inner)}
        found = set()
        for name in columns:
            if plain_column(name, allowed) is not None:
                match = _SUFFIX.search(name.partition("@")[0])
                found.add(match[0] if match and name not in allowed else "")
        return sorted(found)

    def _leaves(self, field: Field, columns: Columns, suffix: str, is_inner: bool) -> list[Leaf]:
        found = []
        for name, spec in columns.items():
            stem, _, language = name.partition("@")
            if stem == field.column + suffix or (
                not is_inner and re.fullmatch(re.escape(field.column) + r"_\d+", stem)
            ):
                found.append(self._leaf(field, spec, language, is_inner))
        return found

    def _leaf(self, field: Field, spec: ColumnSpec, language: str, is_inner: bool) -> Leaf:
        convert = self._converter(field, spec)
        constant = None
        if spec.constant is not None:
            constant = self._constant(field, convert, spec.constant, language)
        return Leaf(
            field=field,
            path=field.path,
            predicate=str(field.path),
            pick=picker(
                spec,
                self._header,
                self._source,
                self._cross(field, spec),
                header_row=self._header_row,
                is_aligned=is_inner,
            ),
            convert=convert,
            narrow=narrower(field, self._standard.code_lists.get(field.code_list)),
            language=language,
            columns=spec.columns,
            constant=constant,
            is_list=field.is_list,
            is_reference=field.kind is Kind.REFERENCE,
        )

    def _cross(self, field: Field, spec: ColumnSpec) -> Cross | None:
        """What takes a code of the scheme that the descriptor names to ours."""
        if not spec.crosswalk:
            return None
        crosswalk = self._standard.crosswalks[spec.crosswalk]
        code_list = self._standard.code_lists[field.code_list]
        return lambda text: crossed(text, crosswalk, code_list)

    def _converter(self, field: Field, spec: ColumnSpec) -> Converter:
        if field.kind is not Kind.REFERENCE:
            codes = self._standard.code_lists.get(field.code_list)
            return converter(field, codes, spec.dates, spec.decimal)
        slug = self._descriptor.slug

        def reference(text: str, language: str) -> NamedNode:
            dataset, _, key = text.rpartition("/")
            if dataset and not SLUG.fullmatch(dataset):
                raise BadValue(
                    f"“{dataset}” in “{text}” is no dataset’s name; write dataset/key", "reference"
                )
            return NamedNode(f"{OPEN_REFERENCE}{dataset or slug}/{encode_key((key,))}")

        return reference

    def _constant(
        self, field: Field, convert: Converter, text: str, language: str
    ) -> NamedNode | Literal:
        try:
            return convert(text, language or self._descriptor.about.language)
        except BadValue as error:
            where = f"tables.{self._table.name}.columns.{field.column}"
            source = f"{self._descriptor.slug}/dataset.yaml"
            raise DescriptorError(str(error), source=source, where=where) from None


def _deciding(entity: EntityType, leaves: list[Leaf]) -> tuple[Leaf, ...]:
    """The leaves whose values make an inner node exist.

    A code beside other columns only says what those hold: the name of a register without a
    number is no registration. But where codes are all that a node needs, as the basis is of an
    identity claim, they do make one.
    """
    varying = [leaf for leaf in leaves if leaf.constant is None]
    telling = [leaf for leaf in varying if leaf.field.kind is not Kind.CODE]
    required = [field for field in entity.fields if field.is_required]
    if required and all(field.kind is Kind.CODE for field in required):
        needed = [leaf for leaf in leaves if leaf.field in required]
        if needed and all(leaf.constant is not None for leaf in needed):
            return ()
        telling += [leaf for leaf in needed if leaf in varying]
    return tuple(telling or varying)
