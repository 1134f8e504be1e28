"""The service description: functions that work, features that are true, graphs that are there."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store, Triple

from coopgraph.namespaces import PREFIXES, iri
from coopgraph.selfdescription import FUNCTIONS, Service, merge

ENDPOINT = NamedNode("https://x.example/sparql")
GRAPHS = (NamedNode("https://x.example/graph/a"), NamedNode("https://x.example/code/a"))
SERVICE = Service(ENDPOINT, "https://base.example/", GRAPHS)

POINT, FAR = "POINT(1 1)", "POINT(1 2)"
SQUARE = "POLYGON((0 0,4 0,4 4,0 4,0 0))"
RIGHT = "POLYGON((2 0,6 0,6 4,2 4,2 0))"  # overlaps the square
BESIDE = "POLYGON((4 0,8 0,8 4,4 4,4 0))"  # touches it
INNER = "POLYGON((1 1,2 1,2 2,1 2,1 1))"  # lies inside it
CORNER = "POLYGON((0 0,2 0,2 2,0 2,0 0))"  # lies inside it, along its edge
LINE = "LINESTRING(-1 1,5 1)"  # crosses it
METRE, SQUARE_METRE = "uom:metre", "uom:square_metre"
CRS = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> "

# Function → what it is asked, and what it must answer; a pair of numbers is a range.
CASES: dict[str, tuple[list[str], str | tuple[float, float]]] = {
    "distance": ([POINT, FAR, METRE], (110_000, 112_000)),
    "length": ([LINE, METRE], (660_000, 670_000)),
    "perimeter": ([SQUARE, METRE], (1_700_000, 1_800_000)),
    "area": ([SQUARE, SQUARE_METRE], (1.9e11, 2.0e11)),
    "sfEquals": ([SQUARE, SQUARE], "true"),
    "sfDisjoint": ([POINT, BESIDE], "true"),
    "sfIntersects": ([SQUARE, RIGHT], "true"),
    "sfTouches": ([SQUARE, BESIDE], "true"),
    "sfCrosses": ([LINE, SQUARE], "true"),
    "sfWithin": ([POINT, SQUARE], "true"),
    "sfContains": ([SQUARE, POINT], "true"),
    "sfOverlaps": ([SQUARE, RIGHT], "true"),
    "ehEquals": ([SQUARE, SQUARE], "true"),
    "ehDisjoint": ([POINT, BESIDE], "true"),
    "ehMeet": ([SQUARE, BESIDE], "true"),
    "ehOverlap": ([SQUARE, RIGHT], "true"),
    "ehCovers": ([SQUARE, CORNER], "true"),
    "ehCoveredBy": ([CORNER, SQUARE], "true"),
    "ehInside": ([INNER, SQUARE], "true"),
    "ehContains": ([SQUARE, INNER], "true"),
    "rcc8eq": ([SQUARE, SQUARE], "true"),
    "rcc8dc": ([INNER, BESIDE], "true"),
    "rcc8ec": ([SQUARE, BESIDE], "true"),
    "rcc8po": ([SQUARE, RIGHT], "true"),
    "rcc8tppi": ([SQUARE, CORNER], "true"),
    "rcc8tpp": ([CORNER, SQUARE], "true"),
    "rcc8ntpp": ([INNER, SQUARE], "true"),
    "rcc8ntppi": ([SQUARE, INNER], "true"),
    "relate": ([INNER, SQUARE, '"T*F**F***"'], "true"),
    "coordinateDimension": ([POINT], "2"),
    "dimension": ([LINE], "1"),
    "spatialDimension": ([SQUARE], "2"),
    "getSRID": ([POINT], CRS.strip("<> ")),
    "isEmpty": ([POINT], "false"),
    "isSimple": ([LINE], "true"),
    "asGeoJSON": ([POINT], '{"type":"Point","coordinates":[1.0,1.0]}'),
    "centroid": ([SQUARE], f"{CRS}POINT(2 2)"),
    "convexHull": ([LINE], f"{CRS}POLYGON((-1 1,5 1,-1 1))"),
    "difference": ([SQUARE, RIGHT], "MULTIPOLYGON"),
    "envelope": ([LINE], f"{CRS}POLYGON((5 1,5 1,-1 1,-1 1,5 1))"),
    "intersection": ([SQUARE, RIGHT], "MULTIPOLYGON"),
    "symDifference": ([SQUARE, RIGHT], "MULTIPOLYGON"),
    "union": ([SQUARE, RIGHT], "MULTIPOLYGON"),
}
FALSE = {
    name: [POINT, BESIDE] if name.endswith(("Within", "Contains", "Inside", "Equals")) else [POINT, FAR]
    for name, (_, answer) in CASES.items()
    if answer == "true" and name not in ("isSimple", "relate") and not name.endswith(("Disjoint", "dc"))
}  # fmt: skip


def computed(name: str, values: list[str]) -> str:
    text = ", ".join(
        value if value.startswith(("uom:", '"')) else f'"{value}"^^geo:wktLiteral'
        for value in values
    )
    query = (
        f"PREFIX geo: <{PREFIXES['geo']}> PREFIX geof: <{PREFIXES['geof']}> "
        "PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> "
        f"SELECT (geof:{name}({text}) AS ?x) {{}}"
    )
    solutions = Store().query(query)
    assert isinstance(solutions, QuerySolutions)
    [found] = next(solutions)
    assert isinstance(found, Literal), name
    return found.value


def test_each_function_that_is_told_is_tried() -> None:
    assert len(FUNCTIONS) == len(set(FUNCTIONS)) > 40
    assert {name.removeprefix(PREFIXES["geof"]) for name in FUNCTIONS} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_each_function_works(name: str) -> None:
    values, answer = CASES[name]
    found = computed(name, values)
    if isinstance(answer, tuple):
        assert answer[0] < float(found) < answer[1]
    elif answer == "MULTIPOLYGON":
        assert found.startswith(f"{CRS}MULTIPOLYGON(((")
    else:
        assert found == answer


@pytest.mark.parametrize("name", FALSE)
def test_each_relation_can_be_false(name: str) -> None:
    assert computed(name, FALSE[name]) == "false"


def values(service: Service, path: str, subject: NamedNode = ENDPOINT) -> set[object]:
    return {t.object for t in service.triples() if (t.subject, t.predicate) == (subject, iri(path))}


def test_a_service_has_one_endpoint_which_is_its_name() -> None:
    assert values(SERVICE, "sd:endpoint") == {ENDPOINT}
    assert {t.subject for t in SERVICE.triples() if t.object == iri("sd:Service")} == {ENDPOINT}


def test_full_text_is_told() -> None:
    assert values(SERVICE, "sd:propertyFeature") == {iri("coop:search")}


def test_federation_is_told_only_where_there_is_some() -> None:
    assert values(SERVICE, "sd:feature") == set()
    federated = Service(ENDPOINT, "https://base.example/", GRAPHS, is_federated=True)
    assert values(federated, "sd:feature") == {iri("sd:BasicFederatedQuery")}


def test_each_graph_stands_by_itself() -> None:
    """Two graphs whose names end alike are two; each has what it holds."""
    triples = set(SERVICE.triples())
    names = {t.subject: t.object for t in triples if t.predicate == iri("sd:name")}
    assert set(names.values()) == set(GRAPHS)
    assert len(names) == 2
    for graph, name in names.items():
        assert isinstance(name, NamedNode)
        assert Triple(graph, iri("sd:graph"), SERVICE.content(name)) in triples
    assert [t.object for t in triples if t.predicate == iri("sd:defaultGraph")] == [
        merge("https://base.example/")
    ]
