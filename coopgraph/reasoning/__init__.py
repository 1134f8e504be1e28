"""An organisation's asserted triples in, what the ontology's rules add to them out.

``compile_rules`` reads the ontology once; ``Rules.infer`` is then applied to the triples of one
organisation at a time (its fragments and records included), as N-Triples lines, and gives what
follows from them alone, to a fixpoint. A rule may speak about another subject, as an inverse
property does.

The profile is part of OWL 2 RL (https://www.w3.org/TR/owl2-profiles/, section 4.3):

=====================  ==========================================================
cax-sco, cax-eqc1/2    subclasses and equivalent classes
cls-int1/2, cls-uni    intersections and unions of classes
cls-hv1/2              restrictions to a value (``owl:hasValue``)
cls-svf1/2             restrictions to some value of a class (``owl:someValuesFrom``)
scm-hv, scm-svf1/2     which of those restrictions lie within which
prp-spo1, prp-eqp1/2   subproperties and equivalent properties
prp-inv1/2, prp-symp   inverse and symmetric properties
prp-spo2               property chains
=====================  ==========================================================

``owl:someValuesFrom`` looks at what one organisation's triples say. They give the classes of the
organisation, of its fragments, and of what a rule puts into a class from there; not those of
other organisations it names, nor of codes, which stand elsewhere. “Has a registration” is in
reach, “belongs to a federation” is not. Read over an inverse property it tells what another
organisation is, as in “has a co-operative among its members”: whoever edits one organisation
therefore looks again at its neighbours (``publish/derive.py``).

Left out on purpose:

* ``rdfs:domain`` and ``rdfs:range`` (prp-dom, prp-rng), ours and those of aligned vocabularies: a
  misused property would silently turn one thing into another, and a legal name, say, would make
  every co-operative a legal entity; shapes say what a property may be used on. Where an
  alignment does mean that whatever has a property is in a class, it says so itself, with a
  restriction to some ``owl:Thing`` below that class: the same rule, but written on purpose;
* transitive properties (prp-trp): a chain of federations is a query, and needs more than one
  organisation's triples;
* rules that conclude ``owl:sameAs`` (functional properties, keys), cardinality, ``allValuesFrom``,
  and rules that find contradictions.

Every class and property counts as declared, as OWL 2 DL asks: within itself, and a class within
``owl:Thing``.

Ontology axioms in the data are data. ``owl:Thing``, unnamed classes and unnamed properties are
never concluded, a literal is never a subject, and ``rdf:type`` takes no part in property axioms.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Triple

from coopgraph.rdf import TripleIndex
from coopgraph.reasoning.classes import Classes
from coopgraph.reasoning.properties import Properties
from coopgraph.reasoning.rules import Rules

__all__ = ["Rules", "compile_rules"]


def compile_rules(ontology: Iterable[Triple]) -> Rules:
    """Compile an ontology; axioms outside the profile are passed over."""
    axioms = TripleIndex(ontology)
    return Rules(Classes(axioms), Properties(axioms))
