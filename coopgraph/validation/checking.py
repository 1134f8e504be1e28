"""The standard → what its records are checked with."""

from __future__ import annotations

from pyoxigraph import Triple

from coopgraph.standard import Standard
from coopgraph.validation.validator import Validator, compile_shapes


def background_of(standard: Standard) -> list[Triple]:
    """The class hierarchy and the code lists, which every record may refer to."""
    codes = [triple for triples in standard.codes.values() for triple in triples]
    return [*standard.ontology, *codes]


def standard_validator(standard: Standard) -> Validator:
    """The standard's shapes, compiled beside its class hierarchy and code lists."""
    return compile_shapes(standard.shapes, background_of(standard))
