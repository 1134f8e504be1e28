"""Which rule judges a change of which property.

What is not named here is judged with caution: as breaking. The principle behind the table: more
of what readers rely on is compatible and less is breaking; more of what data must satisfy is
breaking and less is compatible; words for people are editorial.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.standard.diff.change import Breaks, Level, Verdict
from coopgraph.standard.diff.constraints import RULES as CONSTRAINTS
from coopgraph.standard.diff.slot import Rule, Slot, constant, demand, listed, promise

# Kinds of term; a term of one kind does not become one of another.
KINDS = frozenset(
    """owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty owl:Restriction
    owl:NamedIndividual rdfs:Class rdfs:Datatype rdf:Property sh:NodeShape sh:PropertyShape
    skos:Concept skos:ConceptScheme""".split()
)
# Axioms that can contradict data; one more may, one fewer cannot.
CLASHING = frozenset(
    """owl:FunctionalProperty owl:InverseFunctionalProperty owl:AsymmetricProperty
    owl:IrreflexiveProperty owl:AllDisjointClasses owl:AllDisjointProperties owl:AllDifferent
    owl:NegativePropertyAssertion""".split()
)

_WORDS = """rdfs:label rdfs:comment rdfs:seeAlso rdfs:isDefinedBy skos:prefLabel skos:altLabel
    skos:hiddenLabel skos:definition skos:example skos:note skos:scopeNote skos:editorialNote
    skos:changeNote skos:historyNote dcterms:title dcterms:description dcterms:creator
    dcterms:contributor dcterms:publisher dcterms:created dcterms:issued dcterms:modified
    dcterms:source dcterms:bibliographicCitation foaf:homepage owl:versionInfo owl:versionIRI
    owl:priorVersion owl:backwardCompatibleWith sh:name sh:description sh:message sh:order
    sh:group coop:hxl""".split()
_MAPPINGS = """skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch
    owl:sameAs""".split()
_AXIOMS = """rdfs:subClassOf rdfs:subPropertyOf rdfs:domain rdfs:range owl:equivalentClass
    owl:equivalentProperty owl:inverseOf owl:propertyChainAxiom owl:hasKey owl:unionOf
    owl:intersectionOf owl:oneOf owl:onProperty owl:hasValue owl:someValuesFrom
    owl:allValuesFrom""".split()
_DISJOINTNESS = """owl:disjointWith owl:propertyDisjointWith owl:disjointUnionOf
    owl:complementOf""".split()
_TREE = "skos:broader skos:narrower skos:related skos:topConceptOf skos:hasTopConcept".split()
_SSSOM = "https://w3id.org/sssom/"
_MAPPED = "mappings subject_label subject_source object_source".split()
_CITED = "mapping_justification subject_source_version object_source_version".split()
_FIXED = {  # no change of these is harmless to anyone
    "dcterms:license": "licence",
    "skos:notation": "notation",
    "skos:inScheme": "scheme",
    "sh:path": "path",
    "sh:targetClass": "target",
    "sh:targetNode": "target",
    "sh:targetSubjectsOf": "target",
    "sh:targetObjectsOf": "target",
    "coop:codeList": "code list",
    "coop:fragment": "fragment",
    "coop:nodeKey": "node key",
    "coop:refersTo": "reference",
    "coop:table": "table",
    "coop:template": "computed value",
}


def column(slot: Slot) -> Iterator[Verdict]:
    """coop:column: files are read, and JSON keys made, by the names of columns."""
    if slot.gone:
        done = "renamed" if slot.come else "removed"
        yield Verdict(f"column {done}", slot.told(), Level.BREAKING, Breaks.BOTH)
    else:
        yield Verdict("column added", slot.told(), Level.COMPATIBLE)


def kind(slot: Slot) -> Iterator[Verdict]:
    """rdf:type: the kind of a term, or a characteristic of a property."""
    if KINDS & {*slot.gone} or (KINDS & {*slot.come} and KINDS & slot.before.keys()):
        yield Verdict("kind changed", slot.told(), Level.BREAKING, Breaks.BOTH)
    elif CLASHING & {*slot.come}:
        yield Verdict("restriction added", slot.told(), Level.BREAKING, Breaks.PRODUCERS)
    else:
        yield from promise("axiom")(slot)


def deprecated(slot: Slot) -> Iterator[Verdict]:
    """owl:deprecated, dcterms:isReplacedBy: the term stays, with its meaning."""
    if slot.predicate == iri("dcterms:isReplacedBy"):
        text = f"replaced by {listed(slot.after)}" if slot.after else "no longer replaced"
    else:
        text = "no longer to be used" if slot.after else "to be used again"
    yield Verdict("deprecated" if slot.after else "deprecation lifted", text, Level.COMPATIBLE)


def unknown(slot: Slot) -> Iterator[Verdict]:
    """A property that no rule knows: judged with caution."""
    what = f"{slot.told()} (nothing is known about {slot.name})"
    yield Verdict(f"other property {slot.happened}", what, Level.BREAKING, Breaks.BOTH)


RULES: dict[NamedNode, Rule] = {
    **CONSTRAINTS,
    **{iri(name): constant("wording", Level.EDITORIAL) for name in _WORDS},
    **{iri(name): promise("mapping") for name in _MAPPINGS},
    **{iri(name): promise("axiom") for name in _AXIOMS},
    **{iri(name): demand("disjointness") for name in _DISJOINTNESS},
    **{iri(name): promise("place in the list") for name in _TREE},
    **{iri(name): constant(what, Level.BREAKING, Breaks.BOTH) for name, what in _FIXED.items()},
    iri("schema:domainIncludes"): promise("use"),
    iri("schema:rangeIncludes"): promise("use"),
    iri("coop:country"): promise("statement"),
    iri("coop:region"): promise("statement"),
    iri("coop:column"): column,
    iri("owl:deprecated"): deprecated,
    iri("dcterms:isReplacedBy"): deprecated,
    iri("rdf:type"): kind,
    iri("owl:annotatedSource"): promise("mapping"),
    iri("owl:annotatedProperty"): promise("mapping"),
    iri("owl:annotatedTarget"): promise("mapping"),
    **{NamedNode(f"{_SSSOM}{name}"): promise("mapping") for name in _MAPPED},
    **{NamedNode(f"{_SSSOM}{name}"): constant("wording", Level.EDITORIAL) for name in _CITED},
    NamedNode("http://rdf-vocabulary.ddialliance.org/xkos#numberOfLevels"): constant(
        "levels", Level.BREAKING, Breaks.PRODUCERS
    ),
    NamedNode("http://purl.org/pav/authoredOn"): constant("wording", Level.EDITORIAL),
    NamedNode("http://purl.org/vocab/vann/preferredNamespacePrefix"): constant(
        "wording", Level.EDITORIAL
    ),
    NamedNode("http://purl.org/vocab/vann/preferredNamespaceUri"): constant(
        "namespace", Level.BREAKING, Breaks.BOTH
    ),
}


def rule_for(predicate: NamedNode) -> Rule:
    """The rule of a property; a cautious one where there is none."""
    return RULES.get(predicate, unknown)
