"""Text files → rows: encodings, delimiters, quotes, ragged rows, and what is no table."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from coopgraph.errors import InputError
from coopgraph.tables.reading import (
    Dialect,
    Layout,
    Row,
    detect_encoding,
    find_encoding,
    open_table,
    text,
)

cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12
)


def table(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path) -> list[Row]:
    return list(open_table(path).rows)


def texts(path: Path) -> list[tuple[str, ...]]:
    return [row.cells for row in rows(path)]


@pytest.mark.parametrize(
    ("encoding", "start"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str, start: bytes) -> None:
    path = table(tmp_path, start + "id,name\r\n1,Café “Œuvre”\r\n".encode(encoding))
    assert open_table(path).header == ("id", "name")
    assert texts(path) == [("1", "Café “Œuvre”")]


def test_one_byte_that_is_not_utf8_makes_the_whole_file_windows_1252(tmp_path: Path) -> None:
    late = b"id,name\n" + (b"1," + b"x" * 4_000 + b"\n") * 300 + b"2,caf\xe9\n"
    path = table(tmp_path, late)
    assert detect_encoding(path) == "cp1252"
    assert rows(path)[-1].cells == ("2", "café")


@pytest.mark.parametrize(
    "content",
    ["id\ncafé\n".encode() + b"caf\xe9\n", "é".encode() * 9 + b"\xc3"],
)
def test_utf8_with_some_other_bytes_is_refused(content: bytes, tmp_path: Path) -> None:
    assert "UTF-8 but for some bytes" in str(refused(table(tmp_path, content)))


def test_a_character_across_two_blocks_is_still_utf8(tmp_path: Path) -> None:
    path = table(tmp_path, b"a" * ((1 << 20) - 1) + "é".encode())
    assert detect_encoding(path) == "utf-8-sig"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(tmp_path: Path, mark: str, end: str) -> None:
    path = table(tmp_path, end.join([mark.join("abc"), mark.join("123"), mark.join("456"), ""]))
    assert open_table(path).header == ("a", "b", "c")
    assert rows(path) == [Row(2, ("1", "2", "3")), Row(3, ("4", "5", "6"))]


def test_a_delimiter_inside_quotes_does_not_count(tmp_path: Path) -> None:
    path = table(tmp_path, '"a,b,c,d";e\n1;2\n')
    assert open_table(path).header == ("a,b,c,d", "e")


@pytest.mark.parametrize("name", ["t.csv", "t.CSV", "t.tsv", "t.txt"])
def test_file_names_of_tables(tmp_path: Path, name: str) -> None:
    assert texts(table(tmp_path, "a\tb\n1\t2\n", name)) == [("1", "2")]


def test_a_quoted_newline_begins_no_new_row(tmp_path: Path) -> None:
    path = table(tmp_path, 'id,street\n1,"Central House\nHermes Road"\n2,x\n')
    assert rows(path) == [Row(2, ("1", "Central House\nHermes Road")), Row(3, ("2", "x"))]


def test_doubled_quotes_are_one(tmp_path: Path) -> None:
    assert texts(table(tmp_path, 'id,name\n1,"The ""Flip"""\n')) == [("1", 'The "Flip"')]


def test_ragged_rows_are_filled_and_surplus_cells_counted(tmp_path: Path) -> None:
    path = table(tmp_path, "a,b,c\n1\n1,2,3,4,,5\n1,2,3,,\n")
    assert rows(path) == [
        Row(2, ("1", "", "")),
        Row(3, ("1", "2", "3"), surplus=2),
        Row(4, ("1", "2", "3")),
    ]


def test_blank_rows_are_passed_over_and_counted_in_row_numbers(tmp_path: Path) -> None:
    path = table(tmp_path, "a,b\n\n1,2\n , \n,\n3,4\n")
    assert [(row.number, row.cells[0]) for row in rows(path)] == [(3, "1"), (6, "3")]


def test_hxl_hashtags_under_the_header_are_no_row(tmp_path: Path) -> None:
    path = table(tmp_path, "id,name,kind\n#meta+id,#org +name,\n1,Aster,#\n")
    assert rows(path) == [Row(3, ("1", "Aster", "#"))]


def test_a_row_with_more_than_hashtags_is_a_row(tmp_path: Path) -> None:
    path = table(tmp_path, "id,name\n#1,#org+name\n#a,#org\n")
    assert texts(path) == [("#1", "#org+name"), ("#a", "#org")]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert rows(table(tmp_path, "a,b\n")) == []


def test_blank_headings_may_repeat(tmp_path: Path) -> None:
    assert open_table(table(tmp_path, "a,,\n1,2,3\n")).header == ("a", "", "")


def test_headings_are_trimmed(tmp_path: Path) -> None:
    assert open_table(table(tmp_path, " a , b\n")).header == ("a", "b")


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        rows(path)
    assert caught.value.source.endswith(path.name)
    return caught.value


@pytest.mark.parametrize("content", ["", "\n\n", " , \n1,2\n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    assert "must name the columns" in str(refused(table(tmp_path, content)))


def test_a_heading_that_stands_twice_is_refused_by_name(tmp_path: Path) -> None:
    error = refused(table(tmp_path, "id,name, name\n1,a,b\n"))
    assert (error.row, error.column) == (1, "name")


@pytest.mark.parametrize(
    "content", [b"id,name\n1,a\0b\n", b"\0" * 99, "a,b\n\0,1\n".encode("utf-16"), b"a\n\0b\n\0"]
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "no text file" in str(refused(table(tmp_path, content)))


def test_an_open_quote_is_refused_with_the_row_it_stands_in(tmp_path: Path) -> None:
    error = refused(table(tmp_path, 'id,name\n1,a\n2,"b\n3,c\n4,d\n'))
    assert error.row == 3
    assert "quotation mark" in str(error)


def test_text_after_a_closing_quote_is_refused(tmp_path: Path) -> None:
    assert refused(table(tmp_path, 'id,name\n1,"a"b\n')).row == 2


def test_an_endless_cell_is_refused(tmp_path: Path) -> None:
    assert refused(table(tmp_path, "id,name\n1," + "x" * (1 << 20) + "y\n")).row == 2


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls", "t.ods", "t"])
def test_text_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert texts(table(tmp_path, "a,b\n1,2\n", name)) == [("1", "2")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<html><table><tr><td>id</td></tr></table></html>", "a web page"),
        ('\ufeff\n<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN">', "a web page"),
        ('<?xml version="1.0"?><Workbook/>', "other markup"),
        ("%PDF-1.7\n", "a PDF"),
        (b"\x1f\x8b\x08\0", "unpack it"),
    ],
)
def test_other_kinds_of_file_are_refused_with_what_to_do(
    tmp_path: Path, content: str | bytes, what: str
) -> None:
    assert what in str(refused(table(tmp_path, content, "t.xls")))


def test_a_file_of_two_gigabytes_of_nothing_is_refused_at_once(tmp_path: Path) -> None:
    path = table(tmp_path, "id,name\n1,a\n")
    with path.open("r+b") as sparse:
        sparse.truncate(2 << 30)
    assert "no text file" in str(refused(path))


def test_utf16_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, "id,name\n1,Aster\n".encode("utf-16")[:-1])
    assert "cut off" in str(refused(path))


def test_letters_of_another_script_are_told_to_be_utf16(tmp_path: Path) -> None:
    content = "номер,име\n1,Кооперация\n2,Хлебарница\n".encode("utf-16-be")
    assert texts(table(tmp_path, content))[1] == ("2", "Хлебарница")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_with_which_excel_names_the_separator_is_no_row(
    tmp_path: Path, line: str, end: str
) -> None:
    path = table(tmp_path, end.join([line, "a;b", "1,5,7;2", ""]))
    assert rows(path) == [Row(2, ("1,5,7", "2"))]


def test_any_separator_may_be_named(tmp_path: Path) -> None:
    assert texts(table(tmp_path, "sep=~\na~b\n1~2\n")) == [("1", "2")]


def test_what_quotes_cannot_be_named_as_separator(tmp_path: Path) -> None:
    assert texts(table(tmp_path, 'sep="\na,b\n1,2\n'))[-1] == ("1", "2")


def test_decimal_commas_do_not_hide_semicolons(tmp_path: Path) -> None:
    path = table(tmp_path, "a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n")
    assert open_table(path).header == ("a", "b", "c")


def test_titles_may_stand_above_the_header(tmp_path: Path) -> None:
    path = table(tmp_path, "Members, as of May\n\nid;name\n1;Aster\n2;Beech, Oak\n")
    opened = open_table(path)
    assert (opened.header, opened.header_row) == (("id", "name"), 3)
    assert list(opened.rows) == [Row(4, ("1", "Aster")), Row(5, ("2", "Beech, Oak"))]


def test_the_columns_of_a_mapping_find_separator_and_header(tmp_path: Path) -> None:
    path = table(tmp_path, "List, new, of May\nby; the office\nNo;What\n1;a, b, c\n")
    opened = open_table(path, uses={"No", "What"}.__contains__)
    assert (opened.header, opened.header_row) == (("No", "What"), 3)
    assert [row.number for row in opened.rows] == [4]


def test_the_header_may_be_named_by_its_row(tmp_path: Path) -> None:
    path = table(tmp_path, "a,b\nc,d\n1,2\n")
    opened = open_table(path, Layout(header=2))
    assert (opened.header, [row.number for row in opened.rows]) == (("c", "d"), [3])
    far = table(tmp_path, "\n" * 899 + "a,b\n1,2\n", "far.csv")
    assert [row.number for row in open_table(far, Layout(header=900)).rows] == [901]
    with pytest.raises(InputError, match="row 4: is blank"):
        open_table(path, Layout(header=4))


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    error = refused(table(tmp_path, "1,2\n3,4\n"))
    assert "no names of columns" in str(error)
    assert error.row == 1


def test_a_text_file_has_no_sheets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sheet “Members”"):
        open_table(table(tmp_path, "a,b\n"), Layout(sheet="Members"))


def test_a_heading_that_stands_twice_is_numbered_where_no_mapping_uses_it(tmp_path: Path) -> None:
    path = table(tmp_path, "id,note,note_2,note\n1,a,b,c\n")
    opened = open_table(path, uses={"id"}.__contains__)
    assert opened.header == ("id", "note", "note_2", "note_3")
    assert "“note” stand more than once" in opened.notes[0]
    with pytest.raises(InputError, match="stands twice"):
        open_table(path, uses={"id", "note"}.__contains__)


def test_more_columns_than_a_spreadsheet_has_are_refused(tmp_path: Path) -> None:
    assert "16,384" in str(refused(table(tmp_path, "a," * 20_000 + "\n1,2\n")))


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LONGEST_LINE", 100)
    path = table(tmp_path, "id,name\n1," + "x," * 99 + "\n")
    assert "line 2 has more than 100" in str(refused(path))


def test_another_encoding_than_utf8_is_noted(tmp_path: Path) -> None:
    assert open_table(table(tmp_path, "a\né\n")).notes == ()
    [note] = open_table(table(tmp_path, b"a\n\xe9\n")).notes
    assert "Windows-1252" in note


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "nothing.csv")
    (tmp_path / "folder.csv").mkdir()
    refused(tmp_path / "folder.csv")


def test_rows_are_streamed(tmp_path: Path) -> None:
    opened = open_table(table(tmp_path, 'a\n1\n2\n"broken'))
    assert [next(opened.rows).cells, next(opened.rows).cells] == [("1",), ("2",)]


@bounds(max_examples=60)
@given(
    st.lists(st.tuples(cells, cells, cells), max_size=5),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path: Path, written: list[tuple[str, str, str]], mark: str, encoding: str
) -> None:
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writerow(["first", "second", "third"])
    writer.writerows(written)
    path = table(tmp_path, output.getvalue().encode(encoding))
    assert open_table(path).header == ("first", "second", "third")
    assert texts(path) == [row for row in written if any(cell.strip() for cell in row)]


@bounds(max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = table(tmp_path, content)
    try:
        opened = open_table(path)
        for row in opened.rows:
            assert len(row.cells) == len(opened.header)
    except InputError as error:
        assert error.source == path.name


# As somebody says ----------------------------------------------------------------------------


def read_so(path: Path, **dialect: object) -> list[tuple[str, ...]]:
    layout = Layout(dialect=Dialect(**dialect))  # type: ignore[arg-type]
    opened = open_table(path, layout)
    return [opened.header, *(row.cells for row in opened.rows)]


@pytest.mark.parametrize(
    ("content", "dialect", "last"),
    [
        ("a~b\n1~2,3\n", {"delimiter": "~"}, ("1", "2,3")),
        ("a,b\n'1,0',''''\n", {"quote": "'"}, ("1,0", "'")),
        ('a,b\n1,"2\n', {"quote": ""}, ("1", '"2')),
        ('a,b\n1,"2\\"3"\n', {"escape": "\\"}, ("1", '2"3')),
        ('a,b\n1, "2, 3"\n', {"delimiter": ",", "is_spaced": True}, ("1", "2, 3")),
        ("sep=;\na;b\n1;2\n", {"delimiter": ";"}, ("1", "2")),
        ("a;b\n1|;2;3\n", {"delimiter": ";", "escape": "|"}, ("1;2", "3")),
    ],
)
def test_a_file_is_read_as_is_said(
    content: str, dialect: dict[str, str], last: tuple[str, ...], tmp_path: Path
) -> None:
    assert read_so(table(tmp_path, content), **dialect)[-1] == last


def test_comments_are_passed_over_and_the_other_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = table(tmp_path, "# of 2026\nid,name\n1,A\n# not yet\n2,B\n")
    opened = open_table(path, Layout(dialect=Dialect(comment="#")))
    assert opened.header == ("id", "name")
    assert [(row.number, row.cells) for row in opened.rows] == [(3, ("1", "A")), (5, ("2", "B"))]


def test_an_encoding_that_is_said_is_taken_and_told_where_it_is_wrong(tmp_path: Path) -> None:
    path = table(tmp_path, "id,name\n1,Łódź\n".encode("cp1250"))
    assert read_so(path, encoding="cp1250")[-1] == ("1", "Łódź")
    with pytest.raises(InputError, match="is not in utf-8, in which it is said to be"):
        read_so(path, encoding="utf-8-sig")
    with pytest.raises(InputError, match="no text file"):
        read_so(table(tmp_path, b"a,b\n1,\0\n"), encoding="iso8859-1")


def test_names_that_are_said_stand_for_a_header(tmp_path: Path) -> None:
    opened = open_table(table(tmp_path, "1,A\n2,B\n"), Layout(names=("id", "name")))
    assert (opened.header, opened.header_row) == (("id", "name"), None)
    assert [row.number for row in opened.rows] == [1, 2]
    with pytest.raises(InputError, match="insert a row"):
        open_table(table(tmp_path, '[{"a": 1}]', "t.json"), Layout(names=("id",)))


@given(st.text(max_size=20))
def test_an_encoding_is_known_or_it_is_not(name: str) -> None:
    found = find_encoding(name)
    assert not found or codecs.lookup(found)
