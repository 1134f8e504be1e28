"""The tables that the bench prepares for morph-kgc, and the mapping that reads them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from pyoxigraph import NamedNode

from coopgraph.standard import Standard

MAPPING = Path(__file__).parents[2] / "bench" / "mapping.yaml"
REFERENCE = re.compile(r"\$\((\w+)\)")
CODE = "https://w3id.org/coopgraph/code/"


@pytest.fixture(scope="module")
def tables(bench_module: Callable[[str], ModuleType]) -> ModuleType:
    return bench_module("tables")


@pytest.fixture(scope="module")
def mapping() -> Any:
    return yaml.safe_load(MAPPING.read_text(encoding="utf-8"))


def written(tables: ModuleType, folder: Path, *rows: dict[str, str]) -> dict[str, list[list[str]]]:
    """What the tables hold below their headers, of some rows of a source."""
    columns = sorted({column for row in rows for column in row})
    source = folder / "source.csv"
    with source.open("w", encoding="utf-8", newline="") as output:
        writer = csv.DictWriter(output, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    assert tables.write_tables(source, folder) == len(rows)
    found = {}
    for name, header in tables.TABLES.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            first, *found[name] = csv.reader(lines)
        assert tuple(first) == header
    return found


@pytest.fixture(scope="module")
def blank(bench_module: Callable[[str], ModuleType]) -> dict[str, str]:
    """A row of the generator in which no cell is filled."""
    return dict.fromkeys(bench_module("generate").COLUMNS, "")


def test_a_messy_row_becomes_clean_cells(
    tables: ModuleType, blank: dict[str, str], tmp_path: Path
) -> None:
    row = blank | {
        "id": "syn-1",
        "name": "  SYNTHETIC  bakery\u00a0",
        "alternate_name": "SYN; S.Y.N. ;",
        "kind": "Credit union;co-opp",
        "founded": "1951-07",
        "homepage": "www.syn-1.example",
        "po_box": "12",
        "latitude": "42.5000",
        "longitude": "-72.50",
        "member_of": "fed-0",
    }
    found = written(tables, tmp_path, row)
    it = tables.organization("syn-1")
    assert found["organisations"] == [
        [it, "SYNTHETIC bakery", "", "", "", "", "1951-07", "", "", "", ""]
    ]
    assert found["alternate_name"] == [[it, "SYN"], [it, "S.Y.N."]]
    assert found["kind"] == [
        [it, f"{CODE}organisation-kind/credit-union", ""],
        [it, "", "co-opp"],
    ]
    assert found["homepage"] == [[it, "http://www.syn-1.example", ""]]
    assert found["address"] == [[it, f"{it}#address", "", "12", "", ""]]
    assert found["point"] == [[it, f"{it}#point", "42.5", "-72.5", ""]]
    assert found["membership"] == [[it, f"{it}#membership-0", tables.organization("fed-0")]]
    assert found["registration"] == found["claim"] == found["country"] == []


def test_the_first_row_of_a_key_counts(
    tables: ModuleType, blank: dict[str, str], tmp_path: Path
) -> None:
    rows = (blank | {"id": "syn-1", "name": name} for name in ("one", "two"))
    names = [cells[1] for cells in written(tables, tmp_path, *rows)["organisations"]]
    assert names == ["one"]


def test_the_mapping_reads_every_column_of_every_table(tables: ModuleType, mapping: Any) -> None:
    read: dict[str, set[str]] = {}
    for rules in mapping["mappings"].values():
        [[source]] = rules["sources"]
        table = source.removesuffix(".csv~csv")
        read.setdefault(table, set()).update(REFERENCE.findall(str(rules)))
    assert read == {table: set(header) for table, header in tables.TABLES.items()}


def test_the_mapping_names_only_what_the_standard_has(mapping: Any, standard: Standard) -> None:
    terms = {
        term.removesuffix("~iri")
        for rules in mapping["mappings"].values()
        for first, second, *_ in rules["po"]
        for term in (first, second)
        if term != "a" and not REFERENCE.search(term)
    }
    prefixes = mapping["prefixes"]
    names = {NamedNode(prefixes[p] + local) for p, _, local in (t.partition(":") for t in terms)}
    known = {term for triple in standard.shapes for term in (triple.object,)}
    assert names
    assert names <= known
