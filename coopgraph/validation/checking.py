"""An RDF file → violations: what ``coopgraph validate`` does."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from coopgraph.errors import InputError
from coopgraph.standard import Standard
from coopgraph.validation.report import Violation
from coopgraph.validation.validator import Validator, compile_shapes


def standard_validator(standard: Standard) -> Validator:
    """The standard's shapes, compiled beside its class hierarchy and code lists."""
    codes = [triple for triples in standard.codes.values() for triple in triples]
    return compile_shapes(standard.shapes, [*standard.ontology, *codes])


def check_file(path: Path, standard: Standard) -> list[Violation]:
    """The violations of an RDF file against the standard's shapes, with nothing inferred.

    Raises InputError where the file's format is unknown or it cannot be parsed.
    """
    rdf_format = RdfFormat.from_extension(path.suffix.lstrip("."))
    if rdf_format is None:
        raise InputError(f"“{path.suffix}” is no RDF file extension.", source=path.name)
    try:
        triples: list[Triple] = [quad.triple for quad in parse(path=str(path), format=rdf_format)]
    except (SyntaxError, OSError) as error:
        raise InputError(f"is no {rdf_format.name}: {error}", source=path.name) from error
    return standard_validator(standard).validate(triples)
