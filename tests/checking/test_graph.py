"""The sound rows of a check as RDF: under open names, without what falls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from coopgraph.checking import check
from coopgraph.checking.check import run_check
from coopgraph.checking.graph import SoundRows
from coopgraph.checking.subject import of_mapped_file
from coopgraph.namespaces import iri
from coopgraph.standard import Standard
from coopgraph.standard.context import context
from coopgraph.validation import Validator

MAPPING = """\
key: id
columns:
  name: name
  kind: {value: cooperative}
  locality: town
  member_of: federation
"""
OPEN = "https://check.invalid/file/"


@pytest.fixture
def rows(
    tmp_path: Path, standard: Standard, validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> SoundRows:
    """Two members of a federation, a row that is at fault, and one that falls with it."""
    monkeypatch.setattr(check, "standard_validator", lambda standard: validator)
    path = tmp_path / "list.csv"
    path.write_text(
        "id,name,town,federation\nF 1,Crumb Federation,Bern,\n1,Bakery,Bern,F 1\n1,Bakery,Bern,F 1\n"
        "2,,Thun,\n3,Orphan,Biel,2\n4,Far,Chur,elsewhere/9\n",
        encoding="utf-8",
    )
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    subject = of_mapped_file(path, tmp_path / "mapping.yaml", standard)
    found = SoundRows(subject.descriptor.slug)
    run_check(subject, standard, watch=found.watch)
    return found


def test_rows_that_are_not_published_are_not_there(rows: SoundRows) -> None:
    names = [name.value for name in rows.organizations()]
    assert names == [f"{OPEN}F%201", f"{OPEN}1", f"{OPEN}4"]


def test_references_lead_to_open_names_as_well(rows: SoundRows) -> None:
    found = {
        name.value.removeprefix(OPEN): {t.object for t in triples}
        for name, triples in rows.organizations().items()
    }
    assert NamedNode(f"{OPEN}F%201") in found["1"]
    assert NamedNode("https://check.invalid/elsewhere/9") in found["4"]


def test_turtle_and_json_ld_say_the_same(rows: SoundRows, standard: Standard) -> None:
    turtle = {quad.triple for quad in parse(rows.turtle(), format=RdfFormat.TURTLE)}
    inline = context(standard)["@context"]
    written = rows.json_ld(standard, inline)
    assert {quad.triple for quad in parse(written, format=RdfFormat.JSON_LD)} == turtle
    assert iri("skos:prefLabel") in {triple.predicate for triple in turtle}
    assert "open:" not in written.decode()


def test_json_ld_nests_what_is_of_one_organisation(rows: SoundRows, standard: Standard) -> None:
    document = json.loads(rows.json_ld(standard, "https://coops.example/context.jsonld"))
    assert document["@context"] == "https://coops.example/context.jsonld"
    assert [item["id"] for item in document["@graph"]] == [f"{OPEN}F%201", f"{OPEN}1", f"{OPEN}4"]
    assert document["@graph"][0]["address"]["locality"] == "Bern"
    assert rows.json_ld(standard, "x") == rows.json_ld(standard, "x")
