"""The ontology conforms to shapes for ontologies, by pySHACL; planted faults are found.

In: terms, axioms and alignments as one graph; ``ontology-shapes.ttl``. Out: pySHACL's report.
Each fault below takes a statement from a sound term or header, or adds one.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import SH, Graph, URIRef

HERE = Path(__file__).parent
ONTOLOGY = HERE.parents[1] / "ontology"
FILES = [*sorted(ONTOLOGY.glob("*.ttl")), *sorted((ONTOLOGY / "alignments").glob("*.ttl"))]
NS = "https://w3id.org/coopgraph/ns"

PREFIXES = f"""\
@prefix coop: <{NS}#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
HEADER = f"""\
<{NS}> a owl:Ontology ;
    dcterms:title "Terms"@en, "Términos"@es, "Termes"@fr ;
    dcterms:description "Some terms."@en ;
    dcterms:creator "Somebody"@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:created "2026-11-22"^^xsd:date ;
    dcterms:modified "2026-11-23"^^xsd:date ;
    owl:versionIRI <{NS}/1.0.0> ;
    owl:versionInfo "1.0.0" ;
    vann:preferredNamespacePrefix "coop" ;
    vann:preferredNamespaceUri "{NS}#" .
"""
TERMS = f"""\
coop:Thing a owl:Class ;
    rdfs:label "Thing"@en, "Cosa"@es, "Chose"@fr ;
    rdfs:comment "Something."@en ;
    skos:example "A bakery"@en ;
    skos:editorialNote "Competency question: Which things are there?"@en ;
    rdfs:isDefinedBy <{NS}> .
coop:word a owl:DatatypeProperty ;
    rdfs:label "word"@en, "palabra"@es, "mot"@fr ;
    rdfs:comment "A word about it."@en ;
    schema:rangeIncludes xsd:string ;
    skos:example "coop:word 'Bread'" ;
    skos:editorialNote "Competency question: Which words are said of it?"@en ;
    rdfs:isDefinedBy <{NS}> .
coop:Old rdfs:subClassOf [
    a owl:Restriction ; owl:onProperty coop:word ; owl:hasValue "old"
] .
"""
SOUND = PREFIXES + HEADER + TERMS

# What is replaced by what in the sound ontology → the shape's message, and on which node.
FAULTS = {
    "no title in French": (', "Termes"@fr', "", NS, "Spanish and French"),
    "no description": ('dcterms:description "Some terms."@en ;', "", NS, "what the ontology is for"),
    "no licence": ("dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;", "", NS, "licence"),
    "a licence in words": ("<https://creativecommons.org/licenses/by/4.0/>", '"CC BY"', NS, "licence"),
    "changed before it was made": ("2026-11-23", "2026-11-21", NS, "not after the last change"),
    "no version IRI": (f"owl:versionIRI <{NS}/1.0.0> ;", "", NS, "version IRI"),
    "a version that is no version": ('versionInfo "1.0.0"', 'versionInfo "new"', NS, "semantic version once"),
    "no prefix": ('vann:preferredNamespacePrefix "coop" ;', "", NS, "preferred prefix"),
    "a namespace without its end": (f'Uri "{NS}#"', f'Uri "{NS}"', NS, "ends in #"),
    "no label in Spanish": ('"Cosa"@es, ', "", f"{NS}#Thing", "Label the term"),
    "two labels in one language": ('"Cosa"@es', '"Cosa"@es, "Objeto"@es', f"{NS}#Thing", "Label the term"),
    "no comment": ('rdfs:comment "Something."@en ;', "", f"{NS}#Thing", "full sentence"),
    "half a comment": ("Something.", "Something", f"{NS}#Thing", "full sentence"),
    "no example": ('skos:example "A bakery"@en ;', "", f"{NS}#Thing", "example"),
    "no question": ("Competency question: Which things", "Which things", f"{NS}#Thing", "question"),
    "defined elsewhere": (f"?\"@en ;\n    rdfs:isDefinedBy <{NS}> .\ncoop:word", "?\"@en ;\n    rdfs:isDefinedBy <https://x.example/> .\ncoop:word", f"{NS}#Thing", "defines the term"),
    "a class and a property at once": ("coop:Thing a owl:Class", "coop:Thing a owl:Class, owl:ObjectProperty", f"{NS}#Thing", "one of: class"),
    "a class in small letters": ("coop:Thing", "coop:thing", f"{NS}#thing", "capital letter"),
    "a property with a capital": ("coop:word a", "coop:Word a", f"{NS}#Word", "small letter"),
    "a name with a dash": ("coop:word a", "coop:a-word a", f"{NS}#a-word", "letters and digits"),
    "a domain that infers": ("schema:rangeIncludes", "rdfs:domain coop:Thing ; schema:rangeIncludes", f"{NS}#word", "rdfs:domain"),
    "a range that infers": ("schema:rangeIncludes", "rdfs:range xsd:string ; schema:rangeIncludes", f"{NS}#word", "rdfs:range"),
    "no datatype": ("schema:rangeIncludes xsd:string ;", "", f"{NS}#word", "which datatype"),
    "literals of an object property": ("owl:DatatypeProperty", "owl:ObjectProperty", f"{NS}#word", "no literals"),
    "a code list of literals": ("schema:rangeIncludes", "coop:codeList coop:List ; schema:rangeIncludes", f"{NS}#word", "object property"),
    "a restriction on nothing": ("owl:onProperty coop:word ;", "", "", "on one property"),
    "a restriction of nothing": ('; owl:hasValue "old"', "", "", "in one way"),
    "deprecated for nothing": ("coop:word a", "coop:word owl:deprecated true ; a", f"{NS}#word", "replaced"),
}  # fmt: skip


def report(graph: Graph) -> list[tuple[str, str]]:
    """Each result's focus node ("" for one without a name) and message."""
    conforms, results, _ = validate(graph, shacl_graph=Graph().parse(HERE / "ontology-shapes.ttl"))
    found = []
    for result in results.subjects(SH.resultMessage):
        node = results.value(result, SH.focusNode)
        name = str(node) if isinstance(node, URIRef) else ""
        found.append((name, str(results.value(result, SH.resultMessage))))
    assert conforms == (not found)
    return found


def test_the_ontology_conforms() -> None:
    assert {path.name for path in FILES} >= {"coop.ttl", "axioms.ttl", "org.ttl", "schema.ttl"}
    graph = Graph()
    for path in FILES:
        graph.parse(path)
    assert report(graph) == []


def test_a_sound_ontology_conforms() -> None:
    assert report(Graph().parse(data=SOUND, format="turtle")) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    sound, faulty, node, message = FAULTS[fault]
    assert SOUND.count(sound) >= 1
    found = report(Graph().parse(data=SOUND.replace(sound, faulty), format="turtle"))
    assert any(name == node and message in text for name, text in found), found
