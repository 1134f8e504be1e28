"""Rows → records, by the plans of their table (``plans``).

The nodes that a row describes are found first, with their values; then they are named, by
their keys or by a hash of their values, and written as triples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.iris import value_fragment
from coopgraph.namespaces import iri
from coopgraph.standard import Field, Standard
from coopgraph.tables.cells import LEFT_OUT, Cells, clean_row, positions
from coopgraph.tables.descriptor import Descriptor, TableSpec, relations
from coopgraph.tables.origins import Node, Origins, Value, feeding_column
from coopgraph.tables.plans import Leaf, Plan, Planner
from coopgraph.tables.reading import Row
from coopgraph.tables.records import (
    OPEN_REFERENCE,
    OPEN_SELF,
    Finding,
    Record,
    content_key,
    encode_key,
)
from coopgraph.tables.values import BadValue

_TYPE, _COUNTRY = iri("rdf:type"), iri("coop:country")


class _Sheet:
    """What is gathered while one row is mapped."""

    __slots__ = ("cells", "findings", "language", "references", "row_key", "triples", "written")

    def __init__(self, cells: Cells, language: str, row_key: str) -> None:
        self.cells = cells
        self.language = language
        self.row_key = row_key
        self.triples: list[Triple] = []
        self.references: list[str] = []
        self.findings: list[Finding] = []
        self.written: list[tuple[NamedNode, Node]] = []


class Mapper:
    """Maps the rows of one open table; made by :func:`compile_table`."""

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
        self._descriptor = descriptor
        self._table = table
        self._header = tuple(header)
        planner = Planner(descriptor, table, standard, self._header, source, header_row, hashtags)
        self.source_column = planner.source_column
        self._key_columns = [planner.source_column(name) for name in table.key]
        self._key = positions(self._key_columns, header, source, header_row)
        parents = [planner.source_column(name) for name in table.parent]
        self._parent = positions(parents, header, source, header_row)
        language = [table.language_column] if table.language_column else []
        self._language = positions(language, header, source, header_row)
        self._named = {*self._key_columns, *parents, *language}
        self._used = planner.used_columns
        self._plans = planner.plans()

    @property
    def leaves(self) -> Iterator[Leaf]:
        """What feeds the fields of all the nodes that a row may describe."""
        pending = list(self._plans)
        while pending:
            plan = pending.pop()
            yield from plan.leaves
            pending += [child for _, child in plan.children]

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The source's columns that name a row."""
        return tuple(self._key_columns)

    @property
    def language_column(self) -> str:
        """The source's column that holds the language of a row's texts, else ""."""
        return self._header[self._language[0]] if self._language else ""

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """Columns of a file that follows the template which the template does not know."""
        known = {*self._used, *self._named}
        if self._table.columns is not None:
            return ()
        return tuple(name for name in self._header if name and name not in known)

    @property
    def unmapped_columns(self) -> tuple[str, ...]:
        """Columns that the descriptor's mapping does not use."""
        if self._table.columns is None:
            return ()
        used = {*self._used, *self._named}
        used.update(
            name for own in self._table.each for spec in own.values() for name in spec.columns
        )
        return tuple(name for name in self._header if name and name not in used)

    def record(self, row: Row) -> Record:
        """The record of a row; what is wrong with it stands in its findings."""
        cells = clean_row(row.cells)
        row_key = self._row_key(cells)
        sheet = self._sheet(cells, row_key)
        sheet.findings.extend(row.findings)
        if row.surplus:
            sheet.findings.append(
                Finding(
                    f"the row has {row.surplus} more cells than the header; look for a stray "
                    "separator or a missing quotation mark",
                    kind="surplus-cells",
                )
            )
        parent = encode_key(tuple(cells[place] for place in self._parent))
        self._map(sheet)
        if not row_key and self._table.key:
            sheet.findings.append(
                Finding(
                    "the key is blank; give each row its own",
                    self._key_columns[0],
                    kind="key-blank",
                )
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

    def origins(self, cells: tuple[str, ...]) -> Origins:
        """Where in a row the triples of its record come from; ``cells`` are the record's."""
        sheet = self._sheet(cells, self._row_key(cells))
        self._map(sheet)
        filled = {name: cell for name, cell in zip(self._header, cells, strict=True) if cell}
        return Origins(sheet.written, filled)

    def _sheet(self, cells: tuple[str, ...], row_key: str) -> _Sheet:
        return _Sheet(cells, self._row_language(cells), row_key)

    def _map(self, sheet: _Sheet) -> None:
        if self._parent:
            self._map_child(sheet)
        else:
            self._map_organization(sheet)

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
        for node in self._nodes(plan, sheet)[:1]:
            self._write(node, OPEN_SELF, sheet)

    def _map_child(self, sheet: _Sheet) -> None:
        entity = self._table.entity
        for plan in self._plans:
            for node in self._nodes(plan, sheet):
                if not entity.fragment:
                    self._write(node, OPEN_SELF, sheet)
                else:
                    self._write_inner(self._relation, node, OPEN_SELF, sheet, is_row=True)
        if not sheet.triples and not sheet.findings:
            message = "the row says nothing: every cell that is used is blank"
            sheet.findings.append(Finding(message, kind="blank-row"))

    @cached_property
    def _relation(self) -> Field:
        """The field of organisations that leads to nodes of this child table."""
        return relations(self._descriptor.main.entity, self._table)[0]

    # Finding nodes ----------------------------------------------------------------------

    def _nodes(self, plan: Plan, sheet: _Sheet) -> list[Node]:
        """The nodes that a row has for a plan: several where its cells hold lists."""
        values: list[Value] = []
        is_present = not plan.deciding
        is_several = False
        for leaf in plan.leaves:
            if leaf.constant is not None:
                values.append((leaf, leaf.constant))
                continue
            texts: list[str] = []
            try:
                texts = leaf.pick(sheet.cells)
                if not texts:
                    if texts is LEFT_OUT and leaf.field.is_required and plan.entity.fragment:
                        return []
                    continue
                language = leaf.language or sheet.language
                country = _country(values) if leaf.narrow else ""
                if leaf.narrow and country:
                    values += [(leaf, leaf.narrow(text, country)) for text in texts]
                else:
                    values += [(leaf, leaf.convert(text, language)) for text in texts]
            except BadValue as error:
                self._report(leaf, error, texts, sheet)
                continue
            is_present = is_present or leaf in plan.deciding
            is_several = is_several or (len(texts) > 1 and not leaf.is_list)
        children = [
            (field, node) for field, child in plan.children for node in self._nodes(child, sheet)
        ]
        if not (is_present or children):
            return []
        if is_several and plan.entity.fragment:
            for leaf, message in _uneven(values):
                self._report(leaf, BadValue(message, "list-lengths"), (), sheet)
            return [Node(plan, apart, children) for apart in _spread(values)]
        return [Node(plan, values, children)]

    def _report(self, leaf: Leaf, error: BadValue, texts: Sequence[str], sheet: _Sheet) -> None:
        filled = {name: cell for name, cell in zip(self._header, sheet.cells, strict=True) if cell}
        column = feeding_column(leaf, filled)
        value = filled.get(column, "")
        # A mend is of a value; it is of the cell as well where the cell holds nothing else.
        mend = error.mend if [value] == list(texts) else ""
        sheet.findings.append(Finding(str(error), column, value, kind=error.kind, mend=mend))

    # Naming and writing -----------------------------------------------------------------

    def _write(self, node: Node, subject: NamedNode, sheet: _Sheet) -> None:
        sheet.written.append((subject, node))
        for leaf, term in node.values:
            sheet.triples.append(Triple(subject, leaf.path, term))
            if leaf.is_reference:
                sheet.references.append(term.value.removeprefix(OPEN_REFERENCE))
        for field, literal in _computed(node):
            sheet.triples.append(Triple(subject, field.path, literal))
        for field, child in node.children:
            self._write_inner(field, child, subject, sheet, is_row=False)

    def _write_inner(
        self, field: Field, node: Node, owner: NamedNode, sheet: _Sheet, *, is_row: bool
    ) -> None:
        name = NamedNode(f"open:self#{self._name(node, sheet.row_key if is_row else '')}")
        sheet.triples.append(Triple(owner, field.path, name))
        sheet.triples.append(Triple(name, _TYPE, node.plan.entity.target_class))
        self._write(node, name, sheet)

    def _name(self, node: Node, row_key: str) -> str:
        """The fragment identifier of an inner node (architecture, “Identity”).

        ``row_key`` is the key of the row whose node it is, "" for nodes below that.
        """
        fragment, slug = node.plan.entity.fragment, self._descriptor.slug
        if node.plan.key_fields:
            known = _by_field(node.values)
            keys = (known[field] for field in node.plan.key_fields if field in known)
            parts = [_key_text(key, slug) for key in keys]
            return "-".join([fragment, slug, *parts])
        if row_key:
            return f"{fragment}-{slug}-{row_key}"
        content = [f"{leaf.predicate} {term}" for leaf, term in node.values]
        content += [f"{field.path} {self._name(child, '')}" for field, child in node.children]
        return value_fragment(fragment, content)


def compile_table(
    descriptor: Descriptor,
    table: TableSpec,
    standard: Standard,
    header: Sequence[str],
    source: str,
    header_row: int | None = 1,
    hashtags: Sequence[str] = (),
) -> Mapper:
    """The mapper of a table with that header, and hashtags of HXL if it has them.

    Raises InputError where a column is missing.
    """
    return Mapper(descriptor, table, standard, header, source, header_row, hashtags)


def _spread(values: list[Value]) -> list[list[Value]]:
    """The values of several nodes, where cells of an inner node hold lists.

    Values stand beside each other by position; a single value holds for all.
    """
    lengths, count = _lengths(values)
    apart: list[list[Value]] = [[] for _ in range(count)]
    for leaf, length in lengths.items():
        own = [value for value in values if value[0] is leaf]
        for place in range(count if length in (1, count) else 0):
            apart[place].append(own[place % length])
    return apart


def _uneven(values: list[Value]) -> list[tuple[Leaf, str]]:
    """The lists that do not fit the longest beside them, and what to say of them."""
    lengths, count = _lengths(values)
    return [
        (leaf, f"holds {length} values beside {count}; give one for all, or one for each")
        for leaf, length in lengths.items()
        if length not in (1, count)
    ]


def _lengths(values: list[Value]) -> tuple[Counter[Leaf], int]:
    """How many values each leaf has, and how many nodes they make."""
    lengths = Counter(leaf for leaf, _ in values)
    return lengths, max(length for leaf, length in lengths.items() if not leaf.is_list)


def _country(values: list[Value]) -> str:
    """The code of the country among the values of a node."""
    found = (term.value for leaf, term in values if leaf.path == _COUNTRY)
    return next(found, "").rpartition("/")[2]


def _by_field(values: list[Value]) -> dict[Field, NamedNode | Literal]:
    """The first value of each field."""
    return {leaf.field: term for leaf, term in reversed(values)}


def _computed(node: Node) -> list[tuple[Field, Literal]]:
    """Values that shapes compute from sibling columns by ``coop:template``."""
    found = []
    for field, holes in node.plan.templates:
        known = {item.column: term.value for item, term in _by_field(node.values).items()}
        if all(hole in known for hole in holes):
            text = field.template.format_map(known)
            found.append((field, Literal(text, datatype=field.datatypes[0])))
    return found


def _key_text(term: NamedNode | Literal, dataset: str) -> str:
    """The part of a node's name that a key value gives: a notation, a key, a text."""
    if isinstance(term, Literal):
        return quote(term.value, safe="")
    if term.value.startswith(OPEN_REFERENCE):
        reference = term.value.removeprefix(OPEN_REFERENCE)
        # Keys and names of datasets hold no colon, so two references never give one name.
        return reference.removeprefix(f"{dataset}/").replace("/", ":")
    return term.value.rpartition("/")[2]
