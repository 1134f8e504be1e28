"""Violations of shapes → findings at the cells that cause them, in the words of the shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode

from coopgraph.namespaces import curie, iri
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import TableSpec
from coopgraph.tables.mapping import Mapper
from coopgraph.tables.origins import Origins
from coopgraph.tables.records import Finding, Record
from coopgraph.validation import Violation

_NODE_CONSTRAINT = iri("sh:NodeConstraintComponent")
_SEVERITIES = {"Violation": "error", "Warning": "warning", "Info": "hint"}
_COMPONENT = "ConstraintComponent"


class Placing:
    """Places the violations of the records of one table."""

    def __init__(self, standard: Standard, table: TableSpec, mapper: Mapper) -> None:
        self._mapper = mapper
        self._columns: dict[str, str] = {}
        for _, field in standard.columns(table.entity):
            self._columns.setdefault(field.path.value, field.column)

    def findings(self, record: Record, violations: Iterable[Violation]) -> Iterator[Finding]:
        """What a person is told of a record's violations.

        An inner node is judged by its own shape; that its owner's fails for it adds nothing.
        """
        violations = list(violations)
        telling = [v for v in violations if v.component != _NODE_CONSTRAINT] or violations
        origins = self._mapper.origins(record.cells)
        for violation in telling:
            yield self._finding(violation, origins)

    def _finding(self, violation: Violation, origins: Origins) -> Finding:
        text = violation.message or f"breaks {violation.component.value}"
        column = self._column(violation, origins)
        if not column and violation.path:
            text = f"{curie(violation.path)}: {text}"
        value = violation.value
        shown = value.value if isinstance(value, Literal | NamedNode) else ""
        severity = _SEVERITIES.get(violation.severity.value.rpartition("#")[2], "error")
        return Finding(text, column, origins.cell(column) or shown, severity, kind=_kind(violation))

    def _column(self, violation: Violation, origins: Origins) -> str:
        """The column at fault; where none of the source is, that of the standard."""
        path = violation.path or ""
        found = origins.column(violation.focus, path, violation.value)
        if found or path not in self._columns:
            return found
        return self._mapper.source_column(self._columns[path])


def _kind(violation: Violation) -> str:
    """The shape and the constraint that are broken: ``postalCode.pattern``."""
    shape = violation.shape
    name = shape.value.rpartition("#")[2] if isinstance(shape, NamedNode) else "shape"
    component = violation.component.value.rpartition("#")[2].removesuffix(_COMPONENT)
    return f"{name}.{component[:1].lower()}{component[1:]}"
