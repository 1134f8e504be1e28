"""The terms of SHACL, RDF and XSD that the validator reads."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

SH = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"

RDF_TYPE = NamedNode(f"{_RDF}type")
RDF_FIRST = NamedNode(f"{_RDF}first")
RDF_REST = NamedNode(f"{_RDF}rest")
RDF_NIL = NamedNode(f"{_RDF}nil")
RDF_LANG_STRING = NamedNode(f"{_RDF}langString")
RDFS_CLASS = NamedNode(f"{_RDFS}Class")
RDFS_SUBCLASS_OF = NamedNode(f"{_RDFS}subClassOf")

XSD_BOOLEAN = NamedNode(f"{XSD}boolean")
XSD_INTEGER = NamedNode(f"{XSD}integer")
# Only this form switches a flag on; "1"^^xsd:boolean is another term and does not.
TRUE = Literal("true", datatype=XSD_BOOLEAN)


def sh(name: str) -> NamedNode:
    """A SHACL term by its local name.

    >>> sh("path").value
    'http://www.w3.org/ns/shacl#path'
    """
    return NamedNode(SH + name)


def component(name: str) -> NamedNode:
    """The IRI of a core constraint component.

    >>> component("MinCount").value
    'http://www.w3.org/ns/shacl#MinCountConstraintComponent'
    """
    return NamedNode(f"{SH}{name}ConstraintComponent")


SH_VIOLATION = sh("Violation")
