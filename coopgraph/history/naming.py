"""What a record calls the organisation it is about."""

from __future__ import annotations

from pyoxigraph import Literal, RdfFormat, parse

from coopgraph.history.differences import SELF
from coopgraph.namespaces import iri

_NAMES = (iri("skos:prefLabel"), iri("legal:legalName"))


def name_in(lines: str) -> str:
    """The name in the lines of a state: in English where there is one; "" if it has none.

    >>> name_in('<open:self> <http://www.w3.org/2004/02/skos/core#prefLabel> "Aster"@en .')
    'Aster'
    """
    found = [
        quad
        for quad in parse(lines.encode(), format=RdfFormat.N_TRIPLES)
        if quad.subject == SELF and quad.predicate in _NAMES and isinstance(quad.object, Literal)
    ]
    ranked = sorted(
        (_NAMES.index(quad.predicate), quad.object.language != "en", quad.object.value)
        for quad in found
        if isinstance(quad.object, Literal)
    )
    return ranked[0][2] if ranked else ""
