"""``coopgraph load FILE``: a file without a descriptor, and what of it is not published."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
import yaml
from click.testing import Result

from coopgraph.journal import Journal
from coopgraph.store import Layout
from tests.cli.test_check import OFFICES
from tests.conftest import WriteDataset, minimal_descriptor

Run = Callable[..., Result]
NEW = ("--dataset", "bakeries", "--licence", "CC-BY-4.0", "--publisher", "Northlight")
ROWS = "id,name,kind\n1,A Bakery,mutual\n2,,pony\n"


@pytest.fixture
def bakeries(tmp_path: Path) -> Path:
    path = tmp_path / "bakeries-2025.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def published(tmp_path: Path) -> dict:
    """The descriptor that the dataset was last published with."""
    with closing(Journal.open(Layout(tmp_path / "home").journal)) as journal:
        return yaml.safe_load(journal.descriptor("bakeries"))


def test_a_file_that_follows_the_template_becomes_a_dataset(
    run: Run, bakeries: Path, tmp_path: Path
) -> None:
    report = json.loads(run("load", bakeries, *NEW, "--language", "cy", "--json").stdout)
    assert (report["dataset"], report["added"], report["committed"]) == ("bakeries", 1, True)
    content = published(tmp_path)
    assert content["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert (content["title"], content["publisher"]) == ("Bakeries", {"name": "Northlight"})
    assert content["language"] == "cy"
    assert content["tables"] == {"organisations": {"key": ["id"], "file": bakeries.name}}


def test_a_later_file_needs_its_dataset_alone_and_mended_rows_are_published(
    run: Run, bakeries: Path, tmp_path: Path
) -> None:
    assert run("load", bakeries, *NEW).exit_code == 0
    [row] = json.loads(run("quarantine", "bakeries", "--json").stdout)
    assert (row["table"], row["row"], row["key"]) == ("organisations", 3, "2")
    assert row["cells"] == {"id": "2", "kind": "pony"}
    assert {finding["column"] for finding in row["findings"]} == {"kind", "name"}
    shown = run("quarantine", "bakeries").stdout
    assert "organisations, row 3, key 2" in shown
    assert "bakeries: 1 rows are not published." in shown
    later = tmp_path / "bakeries-2026.csv"
    later.write_text(ROWS.replace(",,pony", ",B Bakery,mutual"), encoding="utf-8")
    report = json.loads(run("load", later, "--dataset", "bakeries", "--json").stdout)
    assert (report["added"], report["unchanged"]) == (1, 1)
    assert json.loads(run("quarantine", "bakeries", "--json").stdout) == []
    content = published(tmp_path)
    assert content["tables"]["organisations"]["file"] == later.name
    assert content["publisher"] == {"name": "Northlight"}


def test_the_workbook_of_all_templates_is_loaded_whole(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bakeries.xlsx"
    assert run("template", "--format", "xlsx", "-o", path).exit_code == 0
    book = openpyxl.load_workbook(path)
    for title, row in {
        "Organisation": {"id": "1", "name": "A", "kind": "mutual"},
        "Sites": {"id": "7", "organisation": "1", "site_name": "Shop"},
    }.items():
        names = [cell.value for cell in book[title][1]]
        for name, value in row.items():
            book[title].cell(2, names.index(name) + 1).value = value
    book.save(path)
    for times in (1, 2):
        report = json.loads(run("load", path, *(NEW if times == 1 else NEW[:2]), "--json").stdout)
        counts = {name: table["published"] for name, table in report["tables"].items()}
        assert counts == {"organisations": 1, "sites": 1}
        assert report["committed"] == (times == 1)


def test_sheets_that_are_filled_in_later_are_loaded_too(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bakeries.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Organisation"
    for row in (["id", "name", "kind"], ["1", "A", "mutual"]):
        book.active.append(row)
    book.create_sheet("Products")["A1"] = "of our own, no table of the template"
    book["Products"]["A2"] = "bread"
    book.save(path)
    assert run("load", path, *NEW).exit_code == 0
    for row in (["id", "organisation", "site_name"], ["7", "1", "Shop"]):
        (book["Sites"] if "Sites" in book.sheetnames else book.create_sheet("Sites")).append(row)
    book.save(path)
    report = json.loads(run("load", path, *NEW[:2], "--json").stdout)
    assert report["tables"]["sites"]["published"] == 1
    assert published(tmp_path)["publisher"] == {"name": "Northlight"}


def test_an_unstated_licence_is_catalogued_and_not_merged(run: Run, bakeries: Path) -> None:
    words = ("--dataset", "bakeries", "--licence", "unstated", "--publisher", "Northlight")
    assert run("load", bakeries, *words).exit_code == 0
    rows = "SELECT ?o { GRAPH <%s> { ?o skos:prefLabel 'A Bakery'@en } }"
    graph = "https://w3id.org/coopgraph/graph/bakeries"
    query = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> " + rows % graph
    found = json.loads(run("query", "-", "--format", "json", stdin=query).stdout)
    assert len(found["results"]["bindings"]) == 1
    everywhere = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> ASK { ?o skos:prefLabel 'A Bakery'@en }"
    assert not json.loads(run("query", "-", "--format", "json", stdin=everywhere).stdout)["boolean"]


def test_a_mapping_says_what_columns_hold_once_somebody_looked(run: Run, tmp_path: Path) -> None:
    refused = run("load", OFFICES / "spanish.csv", *NEW)
    assert refused.exit_code == 2
    assert "does not follow the template" in refused.stderr
    mapping = tmp_path / "mapping.yaml"
    assert run("check", OFFICES / "spanish.csv", "--write-mapping", mapping).exit_code == 0
    result = run("load", OFFICES / "spanish.csv", *NEW, "--mapping", mapping, "--json")
    assert json.loads(result.stdout)["added"] == 4
    content = published(tmp_path)
    assert content["description"] != "to be filled in"
    assert content["tables"]["organisations"]["columns"]["postal_code"] == "C.P."


def test_a_proposed_descriptor_is_not_published_before_it_is_filled_in(
    run: Run, tmp_path: Path
) -> None:
    source = OFFICES / "spanish.csv"
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / source.name).write_bytes(source.read_bytes())
    mapping = tmp_path / "own" / "dataset.yaml"
    assert run("check", source, "--write-mapping", mapping).exit_code == 0
    result = run("load", tmp_path / "own")
    assert result.exit_code != 0
    assert "say whose data it is" in result.stderr


def test_a_mapping_of_one_table_is_enough(run: Run, tmp_path: Path) -> None:
    path, mapping = tmp_path / "list.csv", tmp_path / "mapping.yaml"
    path.write_text("Nr,Firm\n1,A\n", encoding="utf-8")
    mapping.write_text("key: Nr\ncolumns: {name: Firm, kind: {value: mutual}}", encoding="utf-8")
    assert run("load", path, *NEW, "--mapping", mapping).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say with --dataset which dataset it is of"),
        (("--dataset", "bakeries"), "needs --licence and --publisher"),
        (("--dataset", "My list", *NEW[2:]), "lower-case words"),
        ((*NEW[:2], "--licence", "CC BY-NC 4.0", *NEW[4:]), "is no open licence"),
        ((*NEW[:2], "--licence", "mine", *NEW[4:]), "is no open licence"),
        ((*NEW, "--sheet", "A", "--mapping", __file__), "in the mapping"),
        ((*NEW, "--from", "."), "--from is for datasets"),
        (("ncua", *NEW), "is for one file"),
    ],
)
def test_wrong_use_is_told(words: tuple[str, ...], said: str, run: Run, bakeries: Path) -> None:
    result = run("load", bakeries, *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_only_a_published_dataset_has_a_quarantine(run: Run, bakeries: Path) -> None:
    assert run("load", bakeries, *NEW).exit_code == 0
    assert "No dataset “nothing”" in run("quarantine", "nothing").stderr


# With metadata --------------------------------------------------------------------------------

FIELDS = [
    {"name": "Nr"},
    {"name": "Firma", "rdfType": "schema:name"},
    {"name": "Art", "rdfType": "https://w3id.org/coopgraph/ns#kind"},
    {"name": "Seit", "type": "date", "format": "%d.%m.%Y", "rdfType": "schema:foundingDate"},
]


@pytest.fixture
def described(tmp_path: Path) -> Callable[..., Path]:
    """``described(title="A list")`` → a file, with a package that says so of it."""

    def write(fields: list[dict[str, str]] = FIELDS, **about: object) -> Path:
        path = tmp_path / "liste.csv"
        path.write_text("Nr;Firma;Art;Seit\n1;Korn eG;mutual;1.5.1921\n", encoding="utf-8")
        schema = {"fields": fields, "primaryKey": "Nr"}
        package = {"resources": [{"path": "liste.csv", "schema": schema}], **about}
        (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        return path

    return write


ABOUT = {
    "name": "bakeries",
    "title": "All bakeries",
    "licenses": [{"name": "CC-BY-4.0"}],
    "contributors": [{"title": "Northlight", "roles": ["publisher"]}],
}


def test_metadata_says_all_that_a_new_dataset_needs(
    run: Run, described: Callable[..., Path], tmp_path: Path
) -> None:
    path = described(**ABOUT)
    report = json.loads(run("load", path, "--json").stdout)
    assert (report["dataset"], report["added"]) == ("bakeries", 1)
    content = published(tmp_path)
    assert (content["title"], content["publisher"]) == ("All bakeries", {"name": "Northlight"})
    assert content["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    [table] = content["tables"].values()
    assert (table["key"], table["columns"]["name"]) == ("Nr", "Firma")
    assert table["columns"]["founded"] == {"column": "Seit", "date": "%d.%m.%Y"}


def test_the_command_line_wins_and_what_was_said_first_holds(
    run: Run, described: Callable[..., Path], tmp_path: Path
) -> None:
    path = described(**ABOUT)
    assert run("load", path, "--licence", "ODbL-1.0", "--title", "Ours").exit_code == 0
    assert published(tmp_path)["title"] == "Ours"
    again = run("load", path)
    assert again.exit_code == 0
    assert "datapackage.json was not used: liste.csv is read as the last file" in again.stderr
    assert published(tmp_path)["licence"] == "https://opendatacommons.org/licenses/odbl/1-0/"


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"licenses": []}, "A new dataset needs --licence"),
        ({"contributors": []}, "A new dataset needs --publisher"),
        ({"name": "Our Bakeries!"}, "say with --dataset"),
        ({"licenses": [{"path": "https://l.example/mine"}]}, "is no open licence that is known"),
        ({"fields": FIELDS[:2]}, "does not say all that is needed of liste.csv: kind"),
        (
            {"fields": [{"name": "Nr", "type": "x"}]},
            "datapackage.json, at resources[0].schema.fields[0]",
        ),
    ],
)
def test_what_metadata_does_not_say_is_asked_for(
    about: dict[str, object], words: str, run: Run, described: Callable[..., Path]
) -> None:
    result = run("load", described(**{**ABOUT, **about}))
    assert result.exit_code == 2
    assert words in result.stderr


def test_metadata_is_given_by_name(
    run: Run, described: Callable[..., Path], tmp_path: Path
) -> None:
    path = described(**ABOUT)
    moved = (tmp_path / "datapackage.json").rename(tmp_path / "about.json")
    result = run("load", path, "--mapping", moved)
    assert result.exit_code == 0, result.stderr
    assert "about.json was used: it describes 4 of 4 columns." in result.stderr


def test_a_licence_on_the_command_line_needs_none_in_the_metadata(
    run: Run, described: Callable[..., Path], tmp_path: Path
) -> None:
    closed = {"licenses": [{"path": "https://l.example/mine"}]}
    result = run("load", described(**{**ABOUT, **closed}), "--licence", "unstated")
    assert result.exit_code == 0, result.stderr
    assert published(tmp_path)["licence"] == "unstated"


def test_a_package_of_the_standards_own_columns_and_more_needs_no_key(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("id,name,kind,notes\n1,Korn eG,mutual,of the mill\n", encoding="utf-8")
    fields = [{"name": name, "type": "string"} for name in ("id", "name", "kind", "notes")]
    schema = {"fields": fields, "missingValues": ["", "NA"]}
    package = {**ABOUT, "resources": [{"path": "list.csv", "schema": schema}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    result = run("load", path)
    assert result.exit_code == 0, result.stderr
    assert published(tmp_path)["tables"]["organisations"]["key"] == "id"


def test_a_part_of_a_dataset_is_a_file_of_the_rows_that_changed(
    run: Run, bakeries: Path, tmp_path: Path
) -> None:
    assert run("load", bakeries, *NEW).exit_code == 0
    part = tmp_path / "mended.csv"
    part.write_text("id,name,kind\n2,B Bakery,mutual\n", encoding="utf-8")
    told = run("load", part, "--dataset", "bakeries", "--part")
    assert "published as commit 2" in told.stdout
    assert json.loads(run("quarantine", "bakeries", "--json").stdout) == []
    [row] = json.loads(run("datasets", "--json").stdout)
    assert (row["records"], row["quarantined"]) == ({"organisations": 2}, 0)
    tables = published(tmp_path)["tables"]
    assert tables["organisations"]["file"] == bakeries.name  # of the last whole load


def test_a_part_of_what_was_never_loaded_is_refused(run: Run, bakeries: Path) -> None:
    refused = run("load", bakeries, *NEW, "--part")
    assert refused.exit_code == 2
    assert "“bakeries” was never loaded: load it whole first, without --part." in refused.stderr


@pytest.mark.parametrize("option", ["--licence", "--publisher", "--title", "--description"])
def test_a_part_cannot_change_what_the_dataset_says_of_itself(
    run: Run, bakeries: Path, tmp_path: Path, option: str
) -> None:
    assert run("load", bakeries, *NEW).exit_code == 0
    before = published(tmp_path)
    refused = run("load", bakeries, "--dataset", "bakeries", "--part", option, "CC0-1.0")
    assert refused.exit_code == 2
    assert f"leave out {option}, or load the dataset whole, without --part." in refused.stderr
    assert published(tmp_path) == before


def test_a_bare_part_is_read_as_the_main_table_and_leaves_the_others(
    run: Run, write_dataset: WriteDataset, tmp_path: Path
) -> None:
    descriptor = minimal_descriptor().partition("tables:")[0] + (
        "tables:\n"
        "  shops: {file: shops.csv, entity: Site, key: shop, parent: owner,\n"
        "    columns: {site_name: called}}\n"
        "  coops: {file: coops.csv, key: id}\n"
    )
    files = {
        "coops.csv": "id,name,kind\n1,Aster,mutual\n",
        "shops.csv": "shop,owner,called\ns1,1,York\n",
    }
    assert run("load", write_dataset("list", descriptor, files)).exit_code == 0
    (tmp_path / "shops.csv").write_text("shop,owner,called\ns2,1,Leeds\n", encoding="utf-8")
    part = tmp_path / "mended.csv"
    part.write_text("id,name,kind\n2,Birch,mutual\n", encoding="utf-8")
    result = run("load", part, "--dataset", "list", "--part")
    assert result.exit_code == 0, result.stderr
    [listed] = json.loads(run("datasets", "--json").stdout)
    assert listed["records"] == {"coops": 2, "shops": 1}
