"""Rows → records: a table's column mapping, compiled once for its header.

Which fields there are, how their cells become terms and how inner nodes are named comes from
the standard's entity types; which source column feeds which field comes from the descriptor.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.errors import DescriptorError, InputError
from coopgraph.namespaces import iri
from coopgraph.standard import EntityType, Field, Kind, Standard
from coopgraph.tables.cells import LEFT_OUT, Cells, Picker, clean, picker, positions
from coopgraph.tables.descriptor import Columns, ColumnSpec, Descriptor, TableSpec, plain_column
from coopgraph.tables.reading import Row
from coopgraph.tables.records import (
    OPEN_REFERENCE,
    OPEN_SELF,
    Finding,
    Record,
    content_key,
    encode_key,
)
from coopgraph.tables.values import BadValue, Converter, converter

_TYPE = iri("rdf:type")
_SUFFIX = re.compile(r"_(\d+)$")


@dataclass(frozen=True, slots=True, eq=False)
class _Leaf:
    """One source of values for one field."""

    field: Field
    pick: Picker
    convert: Converter
    language: str
    column: str  # the source's own name, for findings
    constant: tuple[NamedNode | Literal, ...]

    @property
    def is_constant(self) -> bool:
        """Whether it gives the same value for every row."""
        return bool(self.constant)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one node is made: its leaves, and the plans of the nodes below it."""

    entity: EntityType
    leaves: tuple[_Leaf, ...]
    children: tuple[tuple[Field, _Plan], ...]
    deciding: tuple[_Leaf, ...]  # a node is made when one of these has a value


class _Sheet:
    """What is gathered while one row is mapped."""

    __slots__ = ("cells", "findings", "language", "references", "row_key", "triples")

    def __init__(self, cells: Cells, language: str, row_key: str) -> None:
        self.cells = cells
        self.language = language
        self.row_key = row_key
        self.triples: list[Triple] = []
        self.references: list[str] = []
        self.findings: list[Finding] = []


_Values = list[tuple[Field, list[NamedNode | Literal]]]


class Mapper:
    """Maps the rows of one open table; made by :func:`compile_table`."""

    def __init__(
        self,
        descriptor: Descriptor,
        table: TableSpec,
        standard: Standard,
        header: Sequence[str],
        source: str,
    ) -> None:
        self._descriptor = descriptor
        self._table = table
        self._standard = standard
        self._header = tuple(header)
        self._source = source
        self._key = positions(table.key, header, source)
        self._parent = positions(table.parent, header, source)
        language = [table.language_column] if table.language_column else []
        self._language = positions(language, header, source)
        shared = self._template() if table.columns is None else table.columns
        self._used = {name for spec in shared.values() for name in spec.columns}
        self._plans = (
            [self._plan(table.entity, {**shared, **own}, set(own)) for own in table.each]
            if table.each
            else [self._plan(table.entity, shared, set())]
        )

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """Columns of a file that follows the template which the template does not know."""
        known = {*self._used, *self._table.key, *self._table.parent, self._table.language_column}
        if self._table.columns is not None:
            return ()
        return tuple(name for name in self._header if name and name not in known)

    def record(self, row: Row) -> Record:
        """The record of a row; what is wrong with it stands in its findings."""
        cells = tuple(map(clean, row.cells))
        row_key = self._row_key(cells)
        sheet = _Sheet(cells, self._row_language(cells), row_key)
        if row.surplus:
            sheet.findings.append(
                Finding(
                    f"the row has {row.surplus} more cells than the header; look for a stray "
                    "separator or a missing quotation mark"
                )
            )
        parent = encode_key(tuple(cells[place] for place in self._parent))
        if not self._parent:
            self._map_organization(sheet)
        else:
            self._map_child(sheet)
        if not row_key and self._table.key:
            sheet.findings.append(
                Finding("the key is blank; give each row its own", self._table.key[0])
            )
        key = f"{self._table.name}:{row_key}" if self._parent else row_key
        return Record(
            table=self._table.name,
            key=key,
            parent=parent,
            number=row.number,
            cells=cells,
            triples=tuple(sheet.triples),
            references=tuple(sheet.references),
            findings=tuple(sheet.findings),
        )

    def _row_key(self, cells: tuple[str, ...]) -> str:
        if not self._key:
            return content_key(cells)
        parts = tuple(cells[place] for place in self._key)
        return encode_key(parts) if all(parts) else ""

    def _row_language(self, cells: Cells) -> str:
        text = cells[self._language[0]] if self._language else ""
        return text or self._descriptor.about.language

    def _map_organization(self, sheet: _Sheet) -> None:
        plan = self._plans[0]
        sheet.triples.append(Triple(OPEN_SELF, _TYPE, plan.entity.target_class))
        for values in self._nodes(plan, sheet)[:1]:
            self._write(plan, OPEN_SELF, values, sheet)

    def _map_child(self, sheet: _Sheet) -> None:
        entity = self._table.entity
        for plan in self._plans:
            for values in self._nodes(plan, sheet):
                if not entity.fragment:
                    self._write(plan, OPEN_SELF, values, sheet)
                else:
                    self._write_node(
                        self._relation(entity), plan, OPEN_SELF, values, sheet, is_row=True
                    )
        if not sheet.triples and not sheet.findings:
            sheet.findings.append(Finding("the row says nothing: every cell that is used is blank"))

    def _relation(self, entity: EntityType) -> Field:
        """The field of organisations that leads to nodes of a child table."""
        organization = self._descriptor.main.entity
        return next(field for field in organization.fields if field.node == entity.shape)

    # Evaluating a plan ------------------------------------------------------------------

    def _nodes(self, plan: _Plan, sheet: _Sheet) -> list[_Values]:
        """The nodes that a row has for a plan: several where its cells hold lists."""
        found: list[tuple[_Leaf, list[NamedNode | Literal]]] = []
        present = not plan.deciding
        for leaf in plan.leaves:
            if leaf.constant:
                found.append((leaf, list(leaf.constant)))
                continue
            try:
                texts = leaf.pick(sheet.cells)
                if texts is LEFT_OUT and leaf.field.is_required and plan.entity.fragment:
                    return []
                language = leaf.language or sheet.language
                values = [self._convert(leaf, text, language, sheet) for text in texts]
            except BadValue as error:
                self._report(leaf, str(error), sheet)
                continue
            if values:
                found.append((leaf, values))
                present = present or leaf in plan.deciding
        if not present and not any(self._nodes(child, sheet) for _, child in plan.children):
            return []
        return _spread(found, is_several=bool(plan.entity.fragment))

    def _convert(self, leaf: _Leaf, text: str, language: str, sheet: _Sheet) -> NamedNode | Literal:
        if leaf.field.kind is not Kind.REFERENCE:
            return leaf.convert(text, language)
        dataset, _, key = text.rpartition("/")
        target = f"{dataset or self._descriptor.slug}/{encode_key((key,))}"
        sheet.references.append(target)
        return NamedNode(OPEN_REFERENCE + target)

    def _report(self, leaf: _Leaf, message: str, sheet: _Sheet) -> None:
        place = self._header.index(leaf.column) if leaf.column in self._header else None
        value = "" if place is None else sheet.cells[place]
        sheet.findings.append(Finding(message, leaf.column, value))

    def _write(self, plan: _Plan, subject: NamedNode, values: _Values, sheet: _Sheet) -> None:
        triples = sheet.triples
        for field, terms in values:
            for term in terms:
                triples.append(Triple(subject, field.path, term))
        for field, literal in _computed(plan.entity, values):
            triples.append(Triple(subject, field.path, literal))
        for field, child in plan.children:
            for inner in self._nodes(child, sheet):
                self._write_node(field, child, subject, inner, sheet, is_row=False)

    def _write_node(
        self,
        field: Field,
        plan: _Plan,
        owner: NamedNode,
        values: _Values,
        sheet: _Sheet,
        *,
        is_row: bool,
    ) -> None:
        node = NamedNode(f"open:self#{self._name(plan, values, sheet, is_row)}")
        sheet.triples.append(Triple(owner, field.path, node))
        sheet.triples.append(Triple(node, _TYPE, plan.entity.target_class))
        self._write(plan, node, values, sheet)

    def _name(self, plan: _Plan, values: _Values, sheet: _Sheet, is_row: bool) -> str:
        """The fragment identifier of an inner node (architecture, “Identity”)."""
        entity = plan.entity
        if entity.key_fields:
            known = {field: terms[0] for field, terms in values}
            parts = [_key_text(known[field]) for field in entity.key_fields if field in known]
            return "-".join([entity.fragment, self._descriptor.slug, *parts])
        if is_row:
            return f"{entity.fragment}-{self._descriptor.slug}-{sheet.row_key}"
        content = [f"{field.path} {term}" for field, terms in values for term in terms]
        for field, child in plan.children:
            for inner in self._nodes(child, sheet):
                content.append(f"{field.path} {self._name(child, inner, sheet, False)}")
        digest = hashlib.sha256("\n".join(sorted(content)).encode()).hexdigest()
        return f"{entity.fragment}-{digest[:12]}"

    # Compiling a plan -------------------------------------------------------------------

    def _template(self) -> Columns:
        """The mapping of a file whose columns are the standard's own."""
        fields = {
            field.column: (path, field)
            for path, field in self._standard.columns(self._table.entity)
        }
        taken = {*self._table.key, *self._table.parent, self._table.language_column}
        specs = {}
        for name in self._header:
            plain = plain_column(name, set(fields))
            if plain is None or name in taken:
                continue
            path, field = fields[plain]
            is_list = field.is_list or any(step.is_list for step in path)
            specs[name] = ColumnSpec(columns=(name,), split=";" if is_list else "")
        if not specs:
            raise InputError(
                "no column has a name of the standard; give the dataset a column mapping.",
                source=self._source,
                row=1,
            )
        return specs

    def _plan(self, entity: EntityType, columns: Columns, deciding: set[str]) -> _Plan:
        plan = self._entity_plan(entity, columns, "")
        if not deciding:
            return plan
        fields = {plain_column(name, {f.column for f in entity.fields}) for name in deciding}
        chosen = tuple(
            leaf for leaf in plan.leaves if leaf.field.column in fields and not leaf.is_constant
        )
        return _Plan(plan.entity, plan.leaves, plan.children, chosen)

    def _entity_plan(self, entity: EntityType, columns: Columns, suffix: str) -> _Plan:
        leaves: list[_Leaf] = []
        children: list[tuple[Field, _Plan]] = []
        for field in entity.fields:
            if field.kind is Kind.NODE and not field.table:
                inner = self._standard.inner(field)
                for number in self._suffixes(inner, columns):
                    children.append((field, self._entity_plan(inner, columns, number)))
            elif field.column:
                leaves.extend(self._leaves(field, columns, suffix, bool(entity.fragment)))
        deciding = _deciding(leaves) if entity.fragment else ()
        return _Plan(entity, tuple(leaves), tuple(children), deciding)

    def _suffixes(self, inner: EntityType, columns: Columns) -> list[str]:
        allowed = {field.column for _, field in self._standard.columns(inner)}
        found = set()
        for name in columns:
            if plain_column(name, allowed) is not None:
                match = _SUFFIX.search(name.partition("@")[0])
                found.add(match[0] if match and name not in allowed else "")
        return sorted(found)

    def _leaves(self, field: Field, columns: Columns, suffix: str, is_inner: bool) -> list[_Leaf]:
        found = []
        for name, spec in columns.items():
            stem, _, language = name.partition("@")
            if stem == field.column + suffix or (
                not is_inner and re.fullmatch(re.escape(field.column) + r"_\d+", stem)
            ):
                found.append(self._leaf(field, spec, language))
        return found

    def _leaf(self, field: Field, spec: ColumnSpec, language: str) -> _Leaf:
        convert = converter(field, self._standard.code_lists.get(field.code_list), spec.dates)
        constant: tuple[NamedNode | Literal, ...] = ()
        if spec.constant is not None:
            constant = (self._constant(field, convert, spec.constant, language),)
        return _Leaf(
            field=field,
            pick=picker(spec, self._header, self._source),
            convert=convert,
            language=language,
            column=spec.columns[0] if spec.columns else "",
            constant=constant,
        )

    def _constant(
        self, field: Field, convert: Converter, text: str, language: str
    ) -> NamedNode | Literal:
        try:
            return convert(text, language or self._descriptor.about.language)
        except BadValue as error:
            where = f"tables.{self._table.name}.columns.{field.column}"
            source = f"{self._descriptor.slug}/dataset.yaml"
            raise DescriptorError(str(error), source=source, where=where) from None


def compile_table(
    descriptor: Descriptor, table: TableSpec, standard: Standard, header: Sequence[str], source: str
) -> Mapper:
    """The mapper of a table with that header. Raises InputError where a column is missing."""
    return Mapper(descriptor, table, standard, header, source)


def _deciding(leaves: list[_Leaf]) -> tuple[_Leaf, ...]:
    """The leaves whose values make an inner node exist.

    A code beside other columns only says what those hold: the name of a register without a
    number is no registration.
    """
    varying = [leaf for leaf in leaves if not leaf.is_constant]
    telling = [leaf for leaf in varying if leaf.field.kind is not Kind.CODE]
    return tuple(telling or varying)


def _spread(
    found: list[tuple[_Leaf, list[NamedNode | Literal]]], is_several: bool
) -> list[_Values]:
    """One node, or, where cells of an inner node hold lists, as many as the longest list.

    Values stand beside each other by position; a single value holds for all.
    """
    if not is_several:
        return [_gathered(found)]
    single = [(leaf, values) for leaf, values in found if not leaf.field.is_list]
    count = max((len(values) for _, values in single), default=1)
    if count == 1:
        return [_gathered(found)]
    nodes = []
    for place in range(count):
        cells = []
        for leaf, values in found:
            if len(values) == count:
                cells.append((leaf, [values[place]]))
            elif len(values) == 1:
                cells.append((leaf, values))
        nodes.append(_gathered(cells))
    return nodes


def _gathered(found: list[tuple[_Leaf, list[NamedNode | Literal]]]) -> _Values:
    merged: dict[Field, list[NamedNode | Literal]] = {}
    for leaf, values in found:
        merged.setdefault(leaf.field, []).extend(values)
    return list(merged.items())


def _computed(entity: EntityType, values: _Values) -> list[tuple[Field, Literal]]:
    """Values that shapes compute from sibling columns by ``coop:template``."""
    found = []
    for field in entity.fields:
        if field.template:
            known = {item.column: terms[0].value for item, terms in values}
            holes = re.findall(r"\{(\w+)\}", field.template)
            if all(hole in known for hole in holes):
                text = field.template.format_map(known)
                found.append((field, Literal(text, datatype=field.datatypes[0])))
    return found


def _key_text(term: NamedNode | Literal) -> str:
    """The part of a node's name that a key value gives: a notation, a key, a text."""
    if isinstance(term, Literal):
        return quote(term.value, safe="")
    if term.value.startswith(OPEN_REFERENCE):
        return term.value.removeprefix(OPEN_REFERENCE).replace("/", "-")
    return term.value.rpartition("/")[2]
