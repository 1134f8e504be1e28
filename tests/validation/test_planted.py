"""The bundled data with faults planted: our report is pySHACL's, as results and as RDF.

The data graph is that of a load: what is asserted of every organisation, the class hierarchy and
the code lists; nothing is inferred.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from coopgraph import resources
from coopgraph.namespaces import dataset_graph, iri
from coopgraph.publish import LoadOptions, Publisher
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Snapshots
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.validation.checking import background_of, standard_validator
from coopgraph.validation.reference import validate_reference

DIRECTORIES = ("us-directory", "world-directory")
_YEARS = (iri("xsd:gYear"), iri("xsd:gYearMonth"))
NOWHERE = NamedNode("https://w3id.org/coopgraph/code/no-such-list/none")


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory, standard: Standard) -> list[Triple]:
    """What the bundled directories assert."""
    settings = Settings(home=tmp_path_factory.mktemp("planted"))
    publisher = Publisher(settings, standard)
    for name in DIRECTORIES:
        descriptor = read_descriptor(resources.DATA / name, standard)
        publisher.load(descriptor, descriptor.folder, LoadOptions())
    store = Snapshots(settings.home).current().store
    graphs = [dataset_graph(settings.base, name) for name in DIRECTORIES]
    found = {q.triple for g in graphs for q in store.quads_for_pattern(None, None, None, g)}
    return sorted(found, key=str)


def planted(data: list[Triple], seed: int, share: float) -> Iterator[Triple]:
    """The data with a share of the triples changed, doubled or left out."""
    chance = random.Random(seed)
    for triple in data:
        if chance.random() >= share or triple.predicate == iri("rdf:type"):
            yield triple
            continue
        yield from chance.choice((_lost, _twice, _elsewhere, _blank, _mistyped))(triple)


def _lost(triple: Triple) -> list[Triple]:
    return []


def _twice(triple: Triple) -> list[Triple]:
    return [triple, Triple(triple.subject, triple.predicate, _like(triple.object, "{}1"))]


def _elsewhere(triple: Triple) -> list[Triple]:
    return [Triple(triple.subject, triple.predicate, NOWHERE)]


def _blank(triple: Triple) -> list[Triple]:
    return [Triple(triple.subject, triple.predicate, BlankNode("planted"))]


def _mistyped(triple: Triple) -> list[Triple]:
    return [Triple(triple.subject, triple.predicate, _like(triple.object, "?{}"))]


def _like(value: object, form: str) -> Literal:
    """A literal of the same kind with another text.

    The kind stays, as rdflib orders values of different kinds, where SPARQL has no order. Years
    become dates, as rdflib takes any text for a year.
    """
    text = value.value if isinstance(value, Literal | NamedNode) else ""
    if isinstance(value, Literal) and value.language is None:
        kind = iri("xsd:date") if value.datatype in _YEARS else value.datatype
        return Literal(form.format(text), datatype=kind)
    return Literal(form.format(text))


def test_reports_on_bundled_data_with_faults_are_equal(
    bundled: list[Triple], standard: Standard
) -> None:
    assert len(bundled) > 15_000
    data = list(dict.fromkeys(planted(bundled, seed=1, share=0.05)))

    ours = standard_validator(standard).validate(data)
    theirs = validate_reference([*data, *background_of(standard)], standard.shapes)

    assert len({violation.component for violation in ours}) > 5
    assert Counter(ours) == Counter(theirs)
