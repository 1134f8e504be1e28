"""What is checked: a dataset; a file with a mapping, of the template, with a proposed mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopgraph.errors import DescriptorError, InputError, UsageError

ROWS = "id,name,kind\n1,A,mutual\n"


def test_a_file_that_follows_the_template_needs_nothing(checked) -> None:
    report = checked(ROWS)
    assert report.name == "list.csv"
    assert report.conforms(is_strict=True)
    assert report.total("published") == 1
    assert report.notes == ()


def test_a_file_without_keys_is_told_so(checked) -> None:
    report = checked("name,kind\nA,mutual\nA,mutual\n")
    assert report.total("duplicate") == 1
    assert any("no column “id”" in note for note in report.notes)


def test_a_column_that_every_row_needs_is_missed_once(checked) -> None:
    report = checked("id,name\n1,A\n2,B\n")
    assert "There is no column “kind”, which every row needs." in report.notes
    [group] = report.groups
    assert (group.column, group.rows) == ("kind", 2)


def test_hashtags_count_as_names(checked) -> None:
    report = checked("Nr,Nom,Genre\n#meta+id,#org+name+i_fr,#org+type\n1,A,mutual\n")
    assert report.groups == ()
    assert report.notes == ()


def test_a_child_table_by_itself(checked) -> None:
    report = checked("organisation,site_name,locality\n7,Shop,Leeds\n", entity="Site")
    assert report.groups == ()
    assert any("was not looked up" in note for note in report.notes)


def test_a_file_of_other_columns_is_told_to_need_a_mapping(checked) -> None:
    with pytest.raises(InputError, match="--mapping") as caught:
        checked("Gadget,Widget\nA,Leeds\n")
    assert "“Gadget”, “Widget”" in str(caught.value)
    assert "coopgraph template organization" in str(caught.value)
    with pytest.raises(InputError, match="coopgraph template site"):
        checked("Branch,Town\nA,Leeds\n", entity="site")


def test_a_file_of_other_columns_is_read_by_a_proposal(checked) -> None:
    report = checked("Nr,Trading name,Town\n1,A co-op,Leeds\n2,,York\n")
    assert report.proposal.feeds == {"Nr": ["id"], "Trading name": ["name"], "Town": ["locality"]}
    [group] = report.groups
    assert (group.column, group.first_rows) == ("Trading name", [3])


def test_columns_of_ones_own_beside_the_templates_need_no_proposal(checked) -> None:
    report = checked("id,name,kind,Our remarks,Town\n1,A,mutual,none,Leeds\n")
    assert report.proposal is None
    assert any("Our remarks, Town" in note for note in report.notes)


def test_several_rows_of_one_organisation_are_two_tables(checked) -> None:
    report = checked(
        "Society ID,Society,Branch,Town\n1,A co-op,North,Leeds\n1,A co-op,South,York\n"
        "2,B co-op,,Hull\n2,B co-op,Main,Hull\n"
    )
    assert [file.table.entity.name for file in report.files] == ["Organization", "Site"]
    [group] = report.groups
    assert (group.column, group.first_rows) == ("Branch", [4])


def test_there_are_only_so_many_entities(checked) -> None:
    with pytest.raises(UsageError, match="There is no template “Pony”"):
        checked(ROWS, entity="Pony")


def test_a_mapping_of_one_table(checked) -> None:
    report = checked(
        "Nr,Firm\n1,A\n2,\n", mapping="key: Nr\ncolumns: {name: Firm, kind: {value: mutual}}"
    )
    [group] = report.groups
    assert (group.column, group.first_rows) == ("Firm", [3])


def test_a_mapping_of_a_child_table(checked) -> None:
    mapping = "entity: Site\nkey: Nr\nparent: Owner\ncolumns: {site_name: Shop}"
    assert checked("Nr,Owner,Shop\n1,7,S\n", mapping=mapping).groups == ()


DESCRIPTOR = """
name: made-up
title: A list
description: For one test.
publisher: {name: Nobody}
licence: unstated
tables:
  organisations: {file: other-*.csv, key: id}
  shops: {file: li*.csv, entity: Site, key: Nr, parent: Owner, columns: {site_name: Shop}}
"""


def test_a_descriptor_as_a_mapping_knows_its_table_by_the_files_name(checked) -> None:
    with pytest.raises(UsageError, match="several tables"):
        checked("Nr,Owner,Shop\n1,7,S\n", mapping=DESCRIPTOR)
    report = checked("Nr,Owner,Shop\n1,7,S\n", mapping=DESCRIPTOR.replace("li*", "list*"))
    assert (report.files[0].table.name, report.groups) == ("shops", ())


@pytest.mark.parametrize(
    "mapping",
    [
        "columns: {pony: A}",
        "- a",
        "a: [",
        "just text",
        "file: 2024-13-45",
        "a: " + "9" * 5_000,
        "[" * 3_000,
        "columns: {name: {column: name, pattern: 'a{99999999999}'}}",
        "columns: {name: {column: name, pattern: '" + "(" * 5_000 + "'}}",
    ],
)
def test_a_broken_mapping_is_told_with_its_place(mapping: str, checked) -> None:
    with pytest.raises(DescriptorError, match="mapping.yaml"):
        checked(ROWS, mapping=mapping)


def test_a_dataset_without_its_file(checked, write_dataset) -> None:
    folder: Path = write_dataset("made-up", DESCRIPTOR, {})
    with pytest.raises(InputError, match="no file like other"):
        checked(folder)
