"""``coopgraph validate``: a standard report, a summary, and what the exit code says."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from coopgraph.cli import main
from coopgraph.validation.vocabulary import RDF_TYPE, sh

_PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://example.org/> .\n"
_OWN = f"""{_PREFIXES}
:S sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:maxCount 1 ] ;
    sh:sparql [ sh:select "SELECT $this {{ $this <http://example.org/q> 1 }}" ] .
:T sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:pattern "^\\\\w+$" ] .
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, arguments)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.ttl"
    path.write_text(f'{_PREFIXES} :x :p "a b", "c" ; :q 1 .')
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.ttl"
    path.write_text(_OWN)
    return path


def report(body: bytes, form: RdfFormat = RdfFormat.TURTLE) -> list[Triple]:
    return [quad.triple for quad in parse(body, format=form)]


def results(triples: list[Triple]) -> int:
    return sum(t.predicate == RDF_TYPE and t.object == sh("ValidationResult") for t in triples)


@pytest.mark.parametrize(
    ("extension", "form"),
    [
        ("ttl", RdfFormat.TURTLE),
        ("nt", RdfFormat.N_TRIPLES),
        ("jsonld", RdfFormat.JSON_LD),
        ("rdf", RdfFormat.RDF_XML),
    ],
)
def test_report_comes_in_each_format(tmp_path: Path, extension: str, form: RdfFormat) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("<http://a.example/> a <https://w3id.org/coopgraph/ns#Organization> .")

    result = run(path, "--format", extension)

    found = report(result.stdout_bytes, form)
    assert result.exit_code == 1
    assert results(found) == 2
    assert any(t.object == sh("ValidationReport") for t in found)
    assert any(t.object == NamedNode("http://a.example/") for t in found)


def test_data_that_conform_exit_with_nought(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("<http://a.example/> <http://a.example/p> 1 .")

    result = run(path)

    assert result.exit_code == 0
    assert "conforms" in result.stderr
    [conforms] = (t.object for t in report(result.stdout_bytes) if t.predicate == sh("conforms"))
    assert isinstance(conforms, Literal)
    assert conforms.value == "true"


def test_shapes_of_ones_own_are_checked_and_the_fallback_is_named(data: Path, own: Path) -> None:
    result = run(data, "--shapes", own)

    assert result.exit_code == 1
    assert results(report(result.stdout_bytes)) == 3
    assert "http://example.org/T was checked by pySHACL" in result.stderr
    assert "3 violations" in result.stderr
    assert "own.ttl" in result.stderr
    assert "http://example.org/S was" not in result.stderr


def test_a_warning_is_enough_not_to_conform(data: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(f"{_PREFIXES} :S sh:targetNode :x ; sh:severity sh:Warning ; sh:closed true .")

    result = run(data, "--shapes", own)

    assert result.exit_code == 1
    assert "3 warnings" in result.stderr


def test_several_files_are_one_graph(data: Path, own: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.nt"
    more.write_text("<http://a.example/> <http://example.org/p> <http://a.example/> .\n")

    result = run(data, more, "--shapes", own)

    assert "2 files (4 triples)" in result.stderr


def test_report_goes_into_a_file(data: Path, own: Path, tmp_path: Path) -> None:
    result = run(data, "--shapes", own, "-o", tmp_path / "report.ttl")

    assert result.stdout_bytes == b""
    assert results(report((tmp_path / "report.ttl").read_bytes())) == 3


def test_a_long_summary_says_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    lines = (f"<a:{n}> a <https://w3id.org/coopgraph/ns#Organization> .\n" for n in range(20))
    path.write_text("".join(lines))

    result = run(path)

    assert "… and 20 more, which are in the report." in result.stderr
    assert "40 violations" in result.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sh:js", ":S sh:targetNode :x ; sh:js [ ] ."),
        (
            "SERVICE",
            ':S sh:targetNode :x ; sh:sparql [ sh:select "SELECT $this { SERVICE <a:b> { } }" ] .',
        ),
        ("own.ttl", "no Turtle"),
    ],
)
def test_broken_shapes_are_told_with_their_place(
    data: Path, tmp_path: Path, name: str, text: str
) -> None:
    own = tmp_path / "own.ttl"
    own.write_text(_PREFIXES + text)

    result = run(data, "--shapes", own)

    assert result.exit_code == 3
    assert name in result.stderr
    assert result.stdout_bytes == b""


def test_used_wrongly(data: Path, tmp_path: Path) -> None:
    assert run().exit_code == 2
    assert run(tmp_path / "none.ttl").exit_code == 2
    assert run(data, "--shapes", tmp_path / "none.ttl").exit_code == 2
    assert run(data, "--format", "csv").exit_code == 2


def test_shapes_of_ones_own_reach_no_server(data: Path, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        own = tmp_path / "own.ttl"
        own.write_text(
            f"{_PREFIXES} <> <http://www.w3.org/2002/07/owl#imports> <{address}> ."
            f" :S sh:targetNode :x ; sh:path :p ; sh:pattern '\\\\w' ; sh:node [ sh:property [ sh:path :q ] ] ."
        )
        result = run(data, "--shapes", own)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert result.exit_code == 0
