"""Nothing that shapes or data say makes this process ask a server or read a file.

All of this runs here, with network, so that what is shown holds before ``coopgraph validate``
takes the network away: a listener on this machine hears nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Triple

from coopgraph.errors import InputError, ShapeError
from coopgraph.validation.fallback import compile_any
from coopgraph.validation.files import read_graph

Turtle = Callable[[str], list[Triple]]

# As they stand in Turtle, with the listener's address and the path of a file put in.
SERVICE = "SERVICE <ADDRESS> { ?this ?p ?value }"
QUERIES = {
    "constraint": f'sh:sparql [ sh:select "SELECT $this {{ {SERVICE} }}" ]',
    "constraint left to pySHACL": 'sh:sparql [ sh:select "SELECT $this ?value '
    f'{{ {SERVICE} FILTER bound(?currentShape) }}" ]',
    "silent": f'sh:sparql [ sh:select "SELECT $this {{ service Silent{SERVICE[7:]} }}" ]',
    "sub-select": 'sh:sparql [ sh:select "SELECT $this '
    f'{{ {{ SELECT $this {{ FILTER EXISTS {{ {SERVICE} }} }} }} }}" ]',
    "escape": r'sh:sparql [ sh:select "SELECT $this '
    rf'{{ S\\u0045{SERVICE[2:]} FILTER bound(?currentShape) }}" ]',
    "behind a line end": 'sh:sparql [ sh:select "SELECT $this { # no \\r ' + SERVICE + ' }" ]',
    "target": f'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this {{ {SERVICE} }}" ]',
    "FROM": 'sh:sparql [ sh:select "SELECT $this FROM <FILE> { $this ?p ?o }" ]',
    "FROM NAMED": 'sh:sparql [ sh:select "SELECT $this FROM NAMED <FILE> { $this ?p ?o }" ]',
    "target FROM": "sh:target [ a sh:SPARQLTarget ; "
    'sh:select "SELECT ?this FROM <FILE> { ?this ?p ?o }" ]',
    "LOAD": 'sh:sparql [ sh:select "LOAD <FILE>" ]',
    "LOAD as a target": 'sh:target [ a sh:SPARQLTarget ; sh:select "LOAD <ADDRESS>" ]',
    "INSERT": 'sh:sparql [ sh:select "INSERT DATA { <a:b> <a:b> <a:b> }" ]',
    "rule": f'sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ ?a ?b ?c }} {{ {SERVICE} }}" ]',
}
APART = {
    "function": ":F a sh:SPARQLFunction ; sh:parameter [ sh:path :a ] ; "
    f'sh:ask "ASK {{ {SERVICE} }}" .',
    "component": ":C a sh:ConstraintComponent ; sh:parameter [ sh:path :c ] ; "
    f'sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK {{ {SERVICE} }}" ] .',
    "target type": ":T rdfs:subClassOf sh:Target ; a sh:SPARQLTargetType ; "
    f'sh:select "SELECT ?this {{ {SERVICE} }}" .',
    "namespace": ":C a sh:ConstraintComponent ; sh:parameter [ sh:path :c ] ; "
    'sh:validator [ a sh:SPARQLAskValidator ; sh:prefixes :P ; sh:ask " }" ] . '
    ':P sh:declare [ sh:prefix "ex" ; '
    f'sh:namespace "http://a.example/> ASK {{ {SERVICE} ?s ?q <http://a.example/" ] .',
    "prefix": ':P sh:declare [ sh:namespace "http://a.example/" ; '
    f'sh:prefix "a: <http://a.example/> ASK {{ {SERVICE} }} PREFIX b" ] .',
    "escape in a namespace": ':P sh:declare [ sh:prefix "ex" ; '
    r'sh:namespace "http://a.example/\\u003E" ] .',
}
LEFT = r":S sh:targetNode :x ; sh:property [ sh:path :p ; sh:pattern '\\w' ] ."
IGNORED = {
    "imports": "<http://example.org/> a owl:Ontology ; owl:imports <ADDRESS> .",
    "shapes graph": ":x sh:shapesGraph <ADDRESS> ; sh:suggestedShapesGraph <ADDRESS> .",
    "script": ":F a sh:JSFunction ; sh:jsFunctionName 'f' ; "
    "sh:jsLibrary [ sh:jsLibraryURL 'ADDRESS'^^xsd:anyURI ] .",
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Someone who has heard nothing when the test is over."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening
        listening.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.fixture
def placed(listener: socket.socket, tmp_path: Path) -> Callable[[str], str]:
    """Puts the listener's address and the path of a file into a text."""
    secret = tmp_path / "secret.ttl"
    secret.write_text("<http://example.org/x> <http://example.org/p> 'secret' .")
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    return lambda text: text.replace("ADDRESS", address).replace("FILE", secret.as_uri())


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_that_reaches_out_is_refused_before_it_runs(
    turtle: Turtle, placed: Callable[[str], str], name: str
) -> None:
    shapes = turtle(placed(f":S a sh:NodeShape ; sh:targetNode :x ; {QUERIES[name]} ."))
    with pytest.raises(ShapeError):
        compile_any(shapes)


@pytest.mark.parametrize("name", APART)
def test_so_it_is_where_no_shape_is(
    turtle: Turtle, placed: Callable[[str], str], name: str
) -> None:
    with pytest.raises(ShapeError):
        compile_any(turtle(placed(f"{LEFT} :U sh:targetNode :x ; :c 1 . {APART[name]}")))


@pytest.mark.parametrize("name", IGNORED)
def test_addresses_in_shapes_and_data_are_only_names(
    turtle: Turtle, placed: Callable[[str], str], name: str
) -> None:
    given = turtle(placed(f"{LEFT} {IGNORED[name]}"))
    validator = compile_any(given)

    assert validator.not_compiled
    assert len(validator.validate([*turtle(":x :p '?' ."), *given])) == 1


@pytest.mark.parametrize("kind", ["ADDRESS", "FILE"])
def test_a_context_is_not_fetched(tmp_path: Path, placed: Callable[[str], str], kind: str) -> None:
    path = tmp_path / "data.jsonld"
    path.write_text(placed(f'{{"@context": "{kind}", "p": 1}}'))
    with pytest.raises(InputError, match="data.jsonld"):
        read_graph(path, "n")


def test_an_entity_is_not_read(tmp_path: Path, placed: Callable[[str], str]) -> None:
    path = tmp_path / "data.rdf"
    path.write_text(
        placed(
            '<!DOCTYPE r [<!ENTITY e SYSTEM "FILE"><!ENTITY f SYSTEM "ADDRESS">]>'
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
            '<r:Description r:about="http://e/x"><e:p>&e;&f;</e:p></r:Description></r:RDF>'
        )
    )
    with pytest.raises(InputError, match="data.rdf"):
        read_graph(path, "n")


def test_the_focus_node_is_a_term_and_no_text(turtle: Turtle) -> None:
    query = "SELECT $this ?value { ?value <http://example.org/p> $this }"
    shapes = turtle(f':S sh:targetObjectsOf :p ; sh:sparql [ sh:select "{query}" ] .')
    data = turtle(r""":x :p "\" } SELECT * { ?s ?p ?o } #", "> . ?a ?b ?c", '\u0000"', "007" .""")

    found = compile_any(shapes).validate(data)

    assert [violation.focus for violation in found] == [triple.object for triple in data]
