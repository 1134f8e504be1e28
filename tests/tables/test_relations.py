"""Child tables: which field of the organisation their rows fill, and what nests in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import Literal, NamedNode

from coopgraph.errors import DescriptorError
from coopgraph.namespaces import iri
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import Descriptor, parse_descriptor
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.reading import Row
from coopgraph.tables.records import OPEN_SELF, Record
from coopgraph.validation import Validator
from tests.tables.conftest import ABOUT

MAIN = {"file": "o.csv", "key": "id"}


def descriptor_of(standard: Standard, name: str, entity: str) -> Descriptor:
    child = {"file": "c.csv", "key": "id", "parent": "owner", "entity": entity}
    tables: dict[str, Any] = {"organisations": MAIN, name: child}
    return parse_descriptor(yaml.safe_dump({**ABOUT, "tables": tables}), Path("list"), standard)


def record_of(standard: Standard, name: str, entity: str, row: dict[str, str]) -> Record:
    """The record of a row of a child table that follows the template."""
    descriptor = descriptor_of(standard, name, entity)
    cells = {"id": "7", "owner": "F01", **row}
    table = next(table for table in descriptor.tables if table.parent)
    mapper = compile_table(descriptor, table, standard, list(cells), "c.csv")
    record = mapper.record(Row(2, tuple(cells.values())))
    assert record.findings == ()
    return record


def node(record: Record, subject: NamedNode, path: str) -> NamedNode:
    [found] = [
        t.object for t in record.triples if t.subject == subject and t.predicate == iri(path)
    ]
    assert isinstance(found, NamedNode)
    return found


@pytest.mark.parametrize(
    ("name", "path"), [("origins", "org:resultedFrom"), ("changes", "org:changedBy")]
)
def test_the_name_of_a_table_chooses_among_fields_that_hold_the_same_nodes(
    standard: Standard, validator: Validator, name: str, path: str
) -> None:
    row = {"change_kind": "merger", "change_date": "1998-07", "original_organization": "F02;x/F03"}
    record = record_of(standard, name, "ChangeEvent", row)
    assert node(record, OPEN_SELF, path).value == "open:self#change-list-7"
    assert record.references == ("list/F02", "x/F03")
    assert validator.validate(record.triples) == []


def test_a_table_whose_name_leaves_it_open_is_refused(standard: Standard) -> None:
    with pytest.raises(DescriptorError, match="“origins” or “changes”"):
        descriptor_of(standard, "events", "ChangeEvent")


@pytest.mark.parametrize("entity", ["LinkAssertion", "Record"])
def test_what_has_no_column_is_in_no_table(standard: Standard, entity: str) -> None:
    with pytest.raises(DescriptorError, match="no entity type"):
        descriptor_of(standard, "parts", entity)


def test_what_hangs_off_no_organisation_is_in_no_table(standard: Standard) -> None:
    with pytest.raises(DescriptorError, match="has no TypeAndQuantityNode"):
        descriptor_of(standard, "parts", "TypeAndQuantityNode")


def test_a_need_has_its_quantity_as_a_node(standard: Standard, validator: Validator) -> None:
    row = {"need_name": "Flour", "quantity": "1,500", "unit": "kg", "valid_until": "2026-12-31"}
    record = record_of(standard, "needs", "Need", row)
    quantity = node(record, node(record, OPEN_SELF, "schema:seeks"), "schema:includesObject")
    found = {t.predicate: t.object for t in record.triples if t.subject == quantity}
    assert found[iri("schema:amountOfThisGood")] == Literal("1500", datatype=iri("xsd:decimal"))
    assert found[iri("schema:unitText")] == Literal("kg")
    assert validator.validate(record.triples) == []


def test_a_label_stands_on_a_product_and_on_an_organisation(
    standard: Standard, validator: Validator
) -> None:
    label = {"label_name": "Organic", "label_granted_by": "board", "label_valid_from": "2025-01-01"}
    product = {"product_name": "Rye loaf", "gtin": "04012345678901", **label}
    on_product = record_of(standard, "products", "Product", product)
    loaf = node(on_product, OPEN_SELF, "coop:product")
    granted = node(on_product, loaf, "schema:hasCertification")
    assert node(on_product, granted, "schema:issuedBy").value == "open:ref/list/board"
    assert validator.validate(on_product.triples) == []
    on_owner = record_of(standard, "labels", "LabelGrant", label)
    granted = node(on_owner, OPEN_SELF, "schema:hasCertification")
    assert granted.value == "open:self#label-list-7"
    assert on_owner.references == ("list/board",)
    assert validator.validate(on_owner.triples) == []
