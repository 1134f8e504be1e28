"""Hashtags of HXL: what a column holds, whatever its heading says."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopgraph.errors import InputError
from coopgraph.standard import Standard
from coopgraph.standard.columns import templates
from coopgraph.standard.templates import csv_template
from coopgraph.tables.descriptor import Descriptor, parse_descriptor
from coopgraph.tables.hashtags import Hashtag, is_hashtags, parse_hashtag, tagged_names
from coopgraph.tables.mapping import Mapper, compile_table
from coopgraph.tables.plans import column_use
from coopgraph.tables.reading import Table, open_table
from tests.conftest import Load, WriteDataset, minimal_descriptor

COLUMNS = {"name": "#org+name", "alternate_name": "#org+name+alt", "kind": "#org+type"}
FRENCH = """Liste, nouvelle
Clé,Dénomination,Nom français,Genre,Genre,Fondée en,Remarques,Registre,Numéro,Registre,Numéro
#meta +id,#org+name,#org+name+alt+i_fr,#org +type,#org+type,#date+start,,#org+id+scheme,#org+id,#org +scheme +id,#org+id
1,Aster,L'Aster,cooperative,credit-union,1987,rien,CH-FDJP,CHE101956628,WIKIDATA,Q42
2,Beech,,nothing,,then,,,,,
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#org", Hashtag("#org", frozenset())),
        (" #org +name+alt ", Hashtag("#org", frozenset({"name", "alt"}))),
        ("#ORG+Alt + name", Hashtag("#org", frozenset({"name", "alt"}))),
        ("#description+i_pt_br", Hashtag("#description", frozenset(), "pt-br")),
        ("#1", None),
        ("#", None),
        ("org", None),
        ("#org name", None),
        ("#org+", None),
    ],
)
def test_a_hashtag_is_a_tag_with_attributes_in_any_order(
    text: str, expected: Hashtag | None
) -> None:
    assert parse_hashtag(text) == expected


def test_a_row_of_hashtags_holds_nothing_else() -> None:
    assert is_hashtags(["", "#org", " #geo+lat "])
    assert not is_hashtags(["#org", "x"])
    assert not is_hashtags(["", ""])


def test_hashtags_name_the_columns_of_the_standard() -> None:
    tags = ["#org +alt +name", "#org+type", "", "#x", "#org+name+i_fr", "#org+type", "#org+type"]
    names = ("alternate_name", "kind", "", "", "name@fr", "kind_2", "kind_3")
    assert tagged_names(tags, COLUMNS) == names


def test_every_column_of_a_template_is_known_by_its_hashtag(
    standard: Standard, tmp_path: Path
) -> None:
    found = templates(standard)
    assert len(found) > 5
    for template in found:
        columns = {column.name: column.hxl for column in template.columns}
        assert tagged_names(columns.values(), columns) == tuple(columns)
        path = tmp_path / "t.csv"
        path.write_text(csv_template(template, hxl=True), encoding="utf-8")
        assert open_table(path).hashtags == tuple(columns.values())


def opened(folder: Path, text: str, standard: Standard) -> tuple[Descriptor, Table]:
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    descriptor = parse_descriptor(minimal_descriptor(), folder / "x", standard)
    return descriptor, open_table(path, uses=column_use(descriptor.main, standard))


def mapper(folder: Path, text: str, standard: Standard) -> Mapper:
    descriptor, table = opened(folder, text, standard)
    return compile_table(
        descriptor,
        descriptor.main,
        standard,
        table.header,
        table.source,
        table.header_row,
        table.hashtags,
    )


def test_the_header_is_found_above_its_hashtags(tmp_path: Path, standard: Standard) -> None:
    _, table = opened(tmp_path, FRENCH, standard)
    assert table.header_row == 2
    assert table.header[:4] == ("Clé", "Dénomination", "Nom français", "Genre")
    assert [row.number for row in table.rows] == [4, 5]


def test_hashtags_alone_are_a_header(tmp_path: Path, standard: Standard) -> None:
    text = "#meta+id,#org+name,#org+type\n1,Aster,cooperative\n"
    _, table = opened(tmp_path, text, standard)
    assert (table.header, table.header_row) == (("#meta+id", "#org+name", "#org+type"), 1)
    record = mapper(tmp_path, text, standard).record(next(table.rows))
    assert (record.key, record.findings) == ("1", ())


def test_columns_whose_hashtag_is_not_known_are_reported(
    tmp_path: Path, standard: Standard
) -> None:
    text = "Clé,Nom,Prix\n#meta+id,#org+name,#value+usd\n1,Aster,2\n"
    assert mapper(tmp_path, text, standard).unused_columns == ("Prix",)


def test_a_key_without_its_hashtag_is_missing(tmp_path: Path, standard: Standard) -> None:
    with pytest.raises(InputError, match="row 1: the column “id” is missing"):
        mapper(tmp_path, "Clé,Nom\n#meta,#org+name\n1,Aster\n", standard)


def test_a_file_in_another_language_is_published_by_its_hashtags(
    write_dataset: WriteDataset, load: Load
) -> None:
    report = load(write_dataset("liste", files={"organisations.csv": FRENCH}))
    counts = report.tables["organisations"]
    assert (counts.read, counts.published, counts.quarantined) == (2, 1, 1)
    columns = {finding["column"] for finding in report.quarantined[0].findings}
    assert columns == {"Genre", "Fondée en"}
    assert any("Remarques" in note for note in report.notes)
