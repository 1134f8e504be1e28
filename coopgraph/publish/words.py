"""A standard → what the states of its records have in common, for the journal's compression.

In: entity types and fields. Out: the lines that a record of each type could have, in their order,
without values. Nothing of a record is among them, so that erasing a record erases all of it.
"""

from __future__ import annotations

from coopgraph.namespaces import CODE, iri
from coopgraph.standard import EntityType, Field, Kind, Standard
from coopgraph.tables.records import OPEN_REFERENCE, OPEN_SELF

_TYPE = iri("rdf:type")


def sample_lines(standard: Standard) -> list[str]:
    """Lines as the states of records have them (``tables.records``), those of organisations
    last, which are the commonest.
    """
    types = sorted(standard.entity_types.values(), key=lambda e: (not e.fragment, e.name))
    return [line for entity in types for line in _lines(standard, entity)]


def _lines(standard: Standard, entity: EntityType) -> list[str]:
    node = f"<{OPEN_SELF.value}#{entity.fragment}-" if entity.fragment else f"<{OPEN_SELF.value}"
    values = [(_TYPE, f"{entity.target_class} .\n")]
    values += [(field.path, _value(standard, field)) for field in entity.fields]
    return sorted(f"{node}> {path} {value}" for path, value in values)


def _value(standard: Standard, field: Field) -> str:
    """What all values of a field have in common."""
    match field.kind:
        case Kind.TEXT:
            return '"" .\n'
        case Kind.LANGUAGE_TEXT:
            return '""@en .\n'
        case Kind.LINK:
            return "<https://www."
        case Kind.CODE:
            return f"<{CODE}{field.code_list}/"
        case Kind.REFERENCE:
            return f"<{OPEN_REFERENCE}"
        case Kind.NODE:
            return f"<{OPEN_SELF.value}#{standard.inner(field).fragment}-"
        case _:
            return f'""^^{field.datatypes[0]} .\n' if field.datatypes else '""'
