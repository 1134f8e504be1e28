"""RDF files of every format, together, against the standard or shapes of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, parse, serialize

from coopgraph.errors import InputError, ShapeError
from coopgraph.formats import GRAPH_FORMATS
from coopgraph.namespaces import iri
from coopgraph.resources import ONTOLOGY, SHAPES
from coopgraph.standard import Standard, read_standard
from coopgraph.validation.files import check_files, read_graph

_OWN = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:S sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:maxCount 1 ; sh:class skos:Concept ] .
"""


@pytest.fixture(scope="module")
def standard() -> Standard:
    return read_standard(ONTOLOGY, SHAPES)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.ttl"
    path.write_text(_OWN)
    return path


@pytest.mark.parametrize("extension", [form.extension for form in GRAPH_FORMATS])
def test_every_format_is_read(tmp_path: Path, extension: str) -> None:
    [form] = (form for form in GRAPH_FORMATS if form.extension == extension)
    quads = [q.triple for q in parse(b'<a:x> <a:p> "1" . _:q <a:p> _:r .', RdfFormat.TURTLE)]
    path = tmp_path / f"data.{extension}"
    path.write_bytes(serialize(quads, format=form.rdf) or b"")

    assert len(read_graph(path, "n")) == 2


def test_named_graphs_count_as_one(tmp_path: Path) -> None:
    path = tmp_path / "data.trig"
    path.write_text("<a:g> { <a:x> <a:p> 1 } <a:h> { <a:x> <a:p> 2 } <a:x> <a:p> 3 .")

    assert {t.object for t in read_graph(path, "n")} == {Literal(1), Literal(2), Literal(3)}


def test_files_are_checked_together_and_their_blank_nodes_stay_apart(
    tmp_path: Path, own: Path, standard: Standard
) -> None:
    concept = iri("skos:Concept")
    concepts = {t.subject for s in standard.codes.values() for t in s if t.object == concept}
    paths = tmp_path / "a.ttl", tmp_path / "b.nt"
    for path, code in zip(paths, sorted(concepts, key=str)[:2], strict=True):
        lines = (f"{node} <http://example.org/p> {code} .\n" for node in ("<a:x>", "_:n"))
        path.write_text("".join(lines))

    apart = [check_files([path], standard, own).conforms for path in paths]
    together = check_files(paths, standard, own)

    assert apart == [True, True]
    assert [v.component.value.rpartition("#")[2] for v in together.violations] == [
        "MaxCountConstraintComponent"
    ]
    assert together.triples == 4
    assert together.against == "the shapes in own.ttl"


def test_equal_input_gives_an_equal_report(tmp_path: Path, standard: Standard, own: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("[] <http://example.org/p> 1, 2 . [] <http://example.org/p> 3, [] .")

    reports = [check_files([path], standard, own).report for _ in range(2)]

    assert reports[0] == reports[1]


def test_shapes_that_pyshacl_checks_are_named_in_the_report(
    tmp_path: Path, standard: Standard
) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(_OWN.replace("sh:maxCount 1", r'sh:pattern "^\\w$"'))

    checked = check_files([path], standard, path)

    [told] = checked.by_pyshacl
    assert told.startswith("http://example.org/S was checked by pySHACL: a part of it uses")
    assert any(t.object == Literal(told, language="en") for t in checked.report)


def test_the_standard_is_named_with_its_version(tmp_path: Path, standard: Standard) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("<a:x> a <https://w3id.org/coopgraph/ns#Organization> .")

    checked = check_files([path], standard)

    assert standard.version in checked.against
    assert not checked.conforms


@pytest.mark.parametrize(("name", "text"), [("a.csv", ""), ("a.ttl", "no Turtle"), ("a", "")])
def test_what_is_no_rdf_is_named(
    tmp_path: Path, standard: Standard, own: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)

    with pytest.raises(InputError, match=name):
        check_files([path], standard, own)
    with pytest.raises(ShapeError, match=name):
        check_files([own], standard, path)
