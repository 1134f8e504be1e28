"""Property paths: where they lead, and how they read in SPARQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import NamedNode, Triple

from coopgraph.errors import ShapeError
from coopgraph.validation import compile_shapes

Turtle = Callable[[str], list[Triple]]
EX = "http://example.org/"

DATA = """
:x :p :a, :b ; :q :c . :a :q :d . :b :q :d . :d :p :e . :e :p :d . :y :p :x . :z :q :y .
"""

PATHS = {
    ":p": ("P", "a b"),
    "[ sh:inversePath :p ]": ("^<P>", "y"),
    "( :p :q )": ("<P>/<Q>", "d"),
    "( :p :q :p )": ("<P>/<Q>/<P>", "e"),
    "[ sh:alternativePath ( :p :q ) ]": ("<P>|<Q>", "a b c"),
    "[ sh:zeroOrMorePath :p ]": ("<P>*", "a b x"),
    "[ sh:oneOrMorePath :p ]": ("<P>+", "a b"),
    "[ sh:zeroOrOnePath :q ]": ("<Q>?", "c x"),
    "[ sh:inversePath ( :q :p ) ]": ("^(<Q>/<P>)", "z"),
    "( [ sh:inversePath :p ] [ sh:inversePath :q ] )": ("^<P>/^<Q>", "z"),
    "[ sh:inversePath [ sh:inversePath :q ] ]": ("^(^<Q>)", "c"),
    "( :p :q [ sh:zeroOrMorePath :p ] )": ("<P>/<Q>/<P>*", "d e"),
    "[ sh:oneOrMorePath [ sh:alternativePath ( :p :q ) ] ]": ("(<P>|<Q>)+", "a b c d e"),
    "[ sh:zeroOrMorePath [ sh:inversePath :p ] ]": ("(^<P>)*", "x y"),
    "( :p [ sh:alternativePath ( :q [ sh:inversePath :p ] ) ] )": ("<P>/(<Q>|^<P>)", "d x"),
    "[ sh:inversePath [ sh:zeroOrOnePath :p ] ]": ("^<P>?", "x y"),
    "[ sh:alternativePath ( ( :p :q ) :q ) ]": ("<P>/<Q>|<Q>", "c d"),
}


@pytest.mark.parametrize("path", PATHS)
def test_path_leads_to_its_values(turtle: Turtle, path: str) -> None:
    text, nodes = PATHS[path]
    shape = f":S sh:targetNode :x ; sh:path {path} ; sh:in ( ) ."

    violations = compile_shapes(turtle(shape)).validate(turtle(DATA))

    expected = [NamedNode(EX + name) for name in nodes.split()]
    assert sorted(str(v.value) for v in violations) == [str(node) for node in expected]
    full = text.replace("P", f"{EX}p").replace("Q", f"{EX}q")
    assert {v.path for v in violations} == {full}


@pytest.mark.parametrize(
    "path",
    [
        '"text"',
        "[ ]",
        "[ sh:alternativePath ( :p ) ]",
        "( :p )",
        "[ sh:inversePath :p, :q ]",
        "[ rdf:first :p ; rdf:rest :q ]",
        "_:loop . _:loop sh:inversePath _:loop",
        "_:list . _:list rdf:first :p ; rdf:rest _:list",
        ":p, :q",
    ],
)
def test_path_that_is_not_well_formed_is_refused(turtle: Turtle, path: str) -> None:
    shape = f":S sh:targetNode :x ; sh:minCount 1 ; sh:path {path} ."

    with pytest.raises(ShapeError) as caught:
        compile_shapes(turtle(shape))

    assert caught.value.shape == f"{EX}S"


def test_path_reads_the_background_beside_the_record(turtle: Turtle) -> None:
    shapes = turtle(":S sh:targetNode :x ; sh:path ( :p [ sh:inversePath :q ] ) ; sh:in ( :u ) .")
    validator = compile_shapes(shapes, turtle(":u :q :v . :w :q :v ."))

    violations = validator.validate(turtle(":x :p :v . :y :q :v ."))

    assert {v.value for v in violations} == {NamedNode(f"{EX}w"), NamedNode(f"{EX}y")}
