"""Files that come with metadata: the templates' own, and an untidy register's."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from coopgraph.checking.subject import Subject, of_file, of_mapped_file, of_proposed_file
from coopgraph.errors import DescriptorError, InputError
from coopgraph.standard import Standard
from coopgraph.standard.columns import Template, templates
from coopgraph.standard.csvw import csvw, csvw_group
from coopgraph.standard.table_schema import data_package, table_schema
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.plans import column_use
from coopgraph.tables.reading import open_table

Derived = Callable[[Standard, Template], dict[str, Any]]

# How a template's own metadata is called that lies beside it.
DERIVED: dict[str, Derived] = {
    "{}.schema.json": lambda standard, item: table_schema(standard, item, "fr"),
    "{}.csv-metadata.json": lambda standard, item: csvw(standard, item),
    "datapackage.json": lambda standard, item: data_package(standard),
    "csv-metadata.json": lambda standard, item: csvw_group(standard),
}
REGISTER = """# Auszug aus einem Register, das es nicht gibt
# Stand: 2026-01-01
Reg.-Nr.;Firma;Gegründet;Lat;Lon;Tel;Dachverband;Notiz
GnR 1;"Bäckerei ""Korn"" eG";1.5.1921;54,5;9,25;+49 30 23125 000;k. A.;
# gelöscht: GnR 3
GnR 2;Mühle eG;12.11.1950;53,1;8,5;k. A.;GnR 1;x
"""
DECIMAL = {"base": "decimal", "format": {"decimalChar": ","}}
DESCRIBED = {
    "@context": ["http://www.w3.org/ns/csvw", {"@language": "de"}],
    "url": "register.csv",
    "dc:title": "Register (Auszug)",
    "dialect": {
        "delimiter": ";", "encoding": "ISO-8859-1", "commentPrefix": "#", "skipRows": 2,
        "headerRowCount": 1,
    },
    "null": ["", "k. A."],
    "tableSchema": {
        "lang": "de",
        "columns": [
            {"name": "nr", "titles": "Reg.-Nr.", "required": True},
            {"name": "name", "titles": {"de": "Firma"}, "propertyUrl": "schema:name"},
            {
                "titles": "Gegründet",
                "datatype": {"base": "date", "format": "d.M.yyyy"},
                "propertyUrl": "schema:foundingDate",
            },
            {"titles": "Lat", "datatype": DECIMAL, "propertyUrl": "geo:lat"},
            {"titles": "Lon", "datatype": DECIMAL, "propertyUrl": "geo:long"},
            {"titles": "Tel", "propertyUrl": "schema:telephone"},
            {"name": "verband", "titles": "Dachverband", "propertyUrl": "schema:memberOf"},
            {"titles": "Notiz"},
        ],
        "primaryKey": "nr",
        "foreignKeys": [
            {
                "columnReference": "verband",
                "reference": {"resource": "register.csv", "columnReference": "nr"},
            }
        ],
    },
}  # fmt: skip


def filled(template: Template, folder: Path) -> Path:
    """The template with the examples of its columns in its only row."""
    path = folder / f"{template.slug}.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        names = [column.name for column in template.columns]
        csv.writer(target).writerows([names, [column.example for column in template.columns]])
    return path


def said(subject: Subject, standard: Standard) -> list[str]:
    """What the rows of a subject say, whatever the dataset is called."""
    [(table, path)] = subject.files
    opened = open_table(path, table.layout, column_use(table, standard))
    mapper = compile_table(
        subject.descriptor, table, standard, opened.header, opened.source, opened.header_row
    )
    records = [mapper.record(row) for row in opened.rows]
    assert all(record.is_sound for record in records)
    slug = subject.descriptor.slug
    return [
        record.lines().replace(f"/{slug}/", "/file/").replace(f"-{slug}-", "-file-")
        for record in records
    ]


def register(folder: Path) -> Path:
    path = folder / "register.csv"
    path.write_text(REGISTER, encoding="latin-1", newline="")
    (folder / "register.csv-metadata.json").write_text(json.dumps(DESCRIBED), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", DERIVED)
def test_a_filled_in_template_beside_its_own_metadata_is_read_as_without(
    name: str, tmp_path: Path, standard: Standard
) -> None:
    known = templates(standard)
    assert len(known) > 5
    for template in known:
        folder = tmp_path / template.slug
        folder.mkdir()
        path = filled(template, folder)
        metadata = folder / name.format(template.slug)
        metadata.write_text(json.dumps(DERIVED[name](standard, template)), encoding="utf-8")
        subject = of_file(path, standard)
        count = len(template.columns)
        assert (
            subject.notes[0]
            == f"{metadata.name} was used: it describes {count} of {count} columns."
        )
        assert subject.proposal is None
        [(table, _)] = subject.files
        assert (table.name, table.entity) == (template.table, template.entity)
        lines = said(subject, standard)
        assert len(lines) == 1
        if template.relation is None:
            metadata.unlink()
            assert lines == said(of_file(path, standard), standard)


@pytest.mark.parametrize("name", DERIVED)
def test_a_mapping_of_a_filled_in_template_guesses_nothing(
    name: str, tmp_path: Path, standard: Standard
) -> None:
    template = templates(standard)[0]
    path = filled(template, tmp_path)
    content = DERIVED[name](standard, template)
    (tmp_path / name.format(template.slug)).write_text(json.dumps(content), encoding="utf-8")
    subject = of_proposed_file(path, standard, "", "en")
    assert subject.proposal is not None
    assert subject.proposal.guesses == []
    assert subject.proposal.unmapped == ()
    assert subject.descriptor.about.title == template.slug  # the title of the template is not its
    assert said(subject, standard) == said(of_file(path, standard), standard)


def test_a_register_is_read_as_its_metadata_says(tmp_path: Path, checked) -> None:
    path = register(tmp_path)
    report = checked(path)
    assert report.conforms(is_strict=True)
    assert report.total("published") == 2
    assert report.notes == ("register.csv-metadata.json was used: it describes 8 of 8 columns.",)
    assert report.proposal is not None
    reasons = {line.columns: line.reason for line in report.proposal.lines}
    source = "register.csv-metadata.json"
    assert reasons["Tel",] == f"{source}: propertyUrl schema:telephone"
    assert reasons["Reg.-Nr.",] == f"{source}: primaryKey"
    assert [item.name for item in report.proposal.unmapped] == ["Notiz"]


def test_the_mapping_that_is_written_reads_the_register_as_before(
    tmp_path: Path, standard: Standard
) -> None:
    path = register(tmp_path)
    subject = of_file(path, standard)
    assert subject.proposal is not None
    (tmp_path / "mapping.yaml").write_text(subject.proposal.text, encoding="utf-8")
    written = of_mapped_file(path, tmp_path / "mapping.yaml", standard)
    assert written.files[0][0].layout == subject.files[0][0].layout
    assert said(written, standard) == said(subject, standard)
    assert any("1921-05-01" in lines for lines in said(written, standard))


def test_metadata_may_be_given_as_the_mapping(tmp_path: Path, standard: Standard) -> None:
    path = register(tmp_path)
    before = said(of_file(path, standard), standard)
    moved = (tmp_path / "register.csv-metadata.json").rename(tmp_path / "of-the-register.json")
    assert said(of_mapped_file(path, moved, standard), standard) == before


def test_a_template_filled_in_otherwise_than_it_says_is_read_as_its_metadata_says(
    tmp_path: Path, standard: Standard
) -> None:
    template = templates(standard)[0]
    content = table_schema(standard, template)
    [founded] = [field for field in content["fields"] if field["name"] == "founded"]
    founded |= {"type": "date", "format": "%d/%m/%Y"}
    (tmp_path / "organization.schema.json").write_text(json.dumps(content), encoding="utf-8")
    path = tmp_path / "organization.csv"
    path.write_text("id,name,kind,founded\n1,A,mutual,03/04/2020\n", encoding="utf-8")
    subject = of_file(path, standard)
    assert subject.proposal is not None
    assert "2020-04-03" in said(subject, standard)[0]


def test_metadata_of_another_file_is_refused(tmp_path: Path, standard: Standard) -> None:
    path = register(tmp_path)
    path.write_text("\n\nNummer;Titel\n1;A\n", encoding="utf-8")
    with pytest.raises(
        DescriptorError, match="^register.csv-metadata.json, at .*: none of the col"
    ):
        of_file(path, standard)
    path.write_text("Nummer;Name\n1;A\n", encoding="utf-8")
    with pytest.raises(InputError, match="register.csv, row 3: is blank, and .* metadata, says"):
        of_file(path, standard)


def test_the_language_of_a_template_is_that_of_its_metadata(
    tmp_path: Path, standard: Standard
) -> None:
    template = templates(standard)[0]
    path = filled(template, tmp_path)
    content = csvw(standard, template, "es")
    (tmp_path / "organization.csv-metadata.json").write_text(json.dumps(content), encoding="utf-8")
    assert of_file(path, standard).descriptor.about.language == "es"
    assert of_file(path, standard, "", "cy").descriptor.about.language == "cy"


def test_the_example_of_the_docs_is_read_as_they_say(tmp_path: Path, checked) -> None:
    page = (Path(__file__).parents[2] / "docs" / "metadata.md").read_text("utf-8")
    _, rows, _, metadata, *_ = page.split("```")
    path = tmp_path / "register.csv"
    path.write_text(rows.lstrip("\n"), encoding="latin-1", newline="")
    text = metadata.removeprefix("json")
    (tmp_path / "register.csv-metadata.json").write_text(text, encoding="utf-8")
    report = checked(path)
    assert report.conforms(is_strict=True)
    assert report.notes == ("register.csv-metadata.json was used: it describes 7 of 7 columns.",)
    assert report.proposal is not None
    sure = {line.target for line in report.proposal.lines if line.confidence == 1.0}
    assert sure == {"name", "founded", "telephone", "latitude", "longitude"}


# Whatever metadata says ------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "",
        "-",
        "a: b",
        "# x",
        "'",
        '"',
        "\n",
        "\t",
        "yes",
        "1",
        "null",
        "é",
        "\x85",
        "*a",
        "!t",
        "links",
        " ",
    ]
)
PROPERTIES = st.sampled_from(
    "schema:name schema:foundingDate coop:kind wgs:lat geo:long schema:telephone org:memberOf "
    "skos:notation coop:scheme coop:country x:y http://x.example/streetAddress #q".split()
)
CELLS = st.sampled_from(
    ["1", "A", "1.5.1921", "03/04/2020", "54,5", "9.1, 54.2", "mutual;x", "FR", "k. A.", "", " "]
)
HEADINGS = ["Nr", "Name", "name", "Firma", "Lat", "Land", "kind", "Tel"]


@st.composite
def packages(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A table, and a package that says things of it."""
    names = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=5, unique=True))
    types = ["string", "date", "datetime", "number", "list", "geopoint", "integer"]
    optional = {
        "rdfType": PROPERTIES, "title": WORDS, "type": st.sampled_from(types),
        "missingValues": st.lists(WORDS, max_size=2), "delimiter": WORDS,
        "decimalChar": st.just(","), "groupChar": st.sampled_from([".", "'", " ", "^"]),
    }  # fmt: skip
    fields = [
        draw(st.fixed_dictionaries({"name": st.just(name)}, optional=optional)) for name in names
    ]
    schema: dict[str, Any] = {"fields": fields}
    if draw(st.booleans()):
        schema["primaryKey"] = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    resource: dict[str, Any] = {"path": "list.csv", "schema": schema}
    if draw(st.booleans()):
        resource["dialect"] = {"delimiter": ";", "header": draw(st.booleans())}
    about = draw(
        st.fixed_dictionaries({}, optional=dict.fromkeys(["name", "title", "homepage"], WORDS))
    )
    licences = [{"name": draw(WORDS), "path": draw(WORDS)}]
    rows = [
        names,
        *draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=3)),
    ]
    text = "".join(";".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    return text, {**about, "licenses": licences, "resources": [resource]}


@bounds(max_examples=40, deadline=None)
@given(described=packages())
def test_whatever_metadata_says_gives_a_mapping_that_says_the_same(
    described: tuple[str, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
    standard: Standard,
) -> None:
    text, package = described
    folder = tmp_path_factory.mktemp("described")
    path, mapping = folder / "list.csv", folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    try:
        subject = of_file(path, standard)
    except (DescriptorError, InputError) as error:
        assert error.source in ("datapackage.json", "list.csv")
        return
    if subject.proposal is not None:
        mapping.write_text(subject.proposal.text, encoding="utf-8")
        again = of_mapped_file(path, mapping, standard).descriptor
        assert again.tables == subject.descriptor.tables
