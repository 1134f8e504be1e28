"""Derived files: committed as the standard gives them; stale and left-over ones are noticed."""

from __future__ import annotations

import json
from pathlib import Path

from coopgraph import resources
from coopgraph.standard import Standard
from coopgraph.standard.derived import (
    derived_files,
    leftover_files,
    stale_files,
    write_derived_files,
)


def test_derived_files_are_up_to_date(standard: Standard) -> None:
    assert len(derived_files(standard, resources.ONTOLOGY)) > 10
    assert stale_files(standard, resources.ONTOLOGY) == [], "run: coopgraph standard build"
    assert leftover_files(standard, resources.ONTOLOGY) == []


def test_each_template_has_its_files(standard: Standard) -> None:
    names = {path.name for path in derived_files(standard, Path("ontology"))}
    for slug in ("organization", "site", "observation", "offer"):
        assert {f"{slug}.csv", f"{slug}.schema.json", f"{slug}.csv-metadata.json"} <= names
    assert {"context.jsonld", "frame.jsonld", "datapackage.json", "csv-metadata.json"} <= names


def test_json_files_hold_json(standard: Standard) -> None:
    for path, text in derived_files(standard, Path("ontology")).items():
        if path.suffix in (".json", ".jsonld"):
            assert isinstance(json.loads(text), dict), path


def test_a_missing_file_is_stale_until_it_is_written(standard: Standard, tmp_path: Path) -> None:
    missing = stale_files(standard, tmp_path)
    assert missing == list(derived_files(standard, tmp_path))
    assert write_derived_files(standard, tmp_path) == missing
    assert stale_files(standard, tmp_path) == []


def test_a_file_that_differs_is_stale(standard: Standard, tmp_path: Path) -> None:
    write_derived_files(standard, tmp_path)
    changed = tmp_path / "templates" / "site.csv"
    changed.write_bytes(changed.read_bytes() + b"x")
    assert stale_files(standard, tmp_path) == [changed]


def test_what_the_standard_gives_no_more_is_left_over_and_stays(
    standard: Standard, tmp_path: Path
) -> None:
    write_derived_files(standard, tmp_path)
    assert leftover_files(standard, tmp_path) == []
    old = tmp_path / "templates" / "lodge.csv"
    old.write_text("id\n")
    write_derived_files(standard, tmp_path)
    assert leftover_files(standard, tmp_path) == [old]
    assert old.is_file()
