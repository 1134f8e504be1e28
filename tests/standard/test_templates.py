"""CSV templates: their header, their hashtags, and that what follows them loads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from coopgraph.publish import LoadReport
from coopgraph.standard import Kind, Standard
from coopgraph.standard.columns import Column, Template, templates
from coopgraph.standard.templates import csv_template, descriptor_lines

DESCRIPTOR = """\
title: Examples
description: The examples of the standard.
publisher: {name: Nobody}
licence: https://creativecommons.org/publicdomain/zero/1.0/
"""


@pytest.fixture(scope="module")
def known(standard: Standard) -> tuple[Template, ...]:
    return templates(standard)


def example(column: Column, template: Template) -> str:
    """The example of a column, but for nodes that refer to rows which are not there."""
    refers = {c.name for c in template.columns if c.kind is Kind.REFERENCE}
    return "" if refers & {column.name, *column.beside} else column.example


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_header_is_the_columns_and_nothing_else(known: tuple[Template, ...]) -> None:
    for item in known:
        assert rows(csv_template(item)) == [[column.name for column in item.columns]]


def test_hashtags_stand_under_the_header(known: tuple[Template, ...]) -> None:
    for item in known:
        header, tags = rows(csv_template(item, hxl=True))
        assert len(header) == len(tags)
        assert all(tag.startswith("#") for tag in tags if tag)
        assert tags[0].startswith("#meta+id")


@pytest.mark.parametrize("hxl", [False, True])
def test_the_examples_of_every_template_load(
    hxl: bool,
    known: tuple[Template, ...],
    write_dataset: Callable[..., Path],
    load: Callable[..., LoadReport],
) -> None:
    files = {}
    for item in known:
        cells = [example(column, item) for column in item.columns]
        out = io.StringIO(csv_template(item, hxl=hxl))
        out.seek(0, io.SEEK_END)
        csv.writer(out, lineterminator="\n").writerow(cells)
        files[f"{item.slug}.csv"] = out.getvalue()
    descriptor = DESCRIPTOR + "\n".join(descriptor_lines(known)) + "\n"
    report = load(write_dataset("examples", descriptor, files))
    found = [(row.table, row.findings) for row in report.quarantined]
    assert found == []
    assert {name: table.published for name, table in report.tables.items()} == {
        item.table: 1 for item in known
    }
    assert not [note for note in report.notes if "no columns called" in note]
