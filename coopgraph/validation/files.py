"""RDF files → a report: what ``coopgraph validate`` does.

In: files in any format of RDF, and the standard, or a file of shapes of one's own. Out: a
``Checked``. The data graph is what the files assert, taken together, with the class hierarchy
and the code lists of the standard behind it; nothing is inferred. Only nodes of the files are
judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from coopgraph.errors import InputError, ShapeError
from coopgraph.namespaces import SHAPES_GRAPH
from coopgraph.rdf import Term, named_by_order
from coopgraph.standard import Standard
from coopgraph.validation.checking import background_of, standard_validator
from coopgraph.validation.fallback import compile_any
from coopgraph.validation.report import Violation
from coopgraph.validation.report_graph import report_graph
from coopgraph.validation.shapes_graph import Source
from coopgraph.validation.validator import Validator


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome: violations, the same as a report in RDF, how many triples were checked,
    against which shapes, and which of these pySHACL checked.
    """

    violations: tuple[Violation, ...]
    report: tuple[Triple, ...]
    triples: int
    against: str
    by_pyshacl: tuple[str, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is nothing to report."""
        return not self.violations


@dataclass(frozen=True, slots=True)
class _Measure:
    """Shapes, ready to check with."""

    validator: Validator
    source: Source
    name: str
    iris: tuple[NamedNode, ...] = ()


def check_files(paths: Sequence[Path], standard: Standard, shapes: Path | None = None) -> Checked:
    """Check files against the standard, or against ``shapes``.

    Raises InputError where a file is no RDF, ShapeError where the shapes are broken.
    """
    measure = _own(shapes, standard) if shapes else _standard(standard)
    data = [t for number, path in enumerate(paths) for t in read_graph(path, f"file{number}n")]
    data = list(dict.fromkeys(data))
    violations = measure.validator.validate(data)
    left = tuple(_told(*item) for item in measure.validator.not_compiled.items())
    against = f"Checked against {measure.name}."
    report = report_graph(
        violations, measure.source, remarks=(against, *left), derived_from=measure.iris
    )
    return Checked(tuple(violations), tuple(report), len(data), measure.name, left)


def _told(shape: Term, reason: str) -> str:
    name = shape.value if isinstance(shape, NamedNode) else "A shape without a name"
    subject = "" if reason.startswith("a part of it") else "it "
    return f"{name} was checked by pySHACL: {subject}{reason}."


def read_graph(path: Path, label: str) -> list[Triple]:
    """What an RDF file asserts, in whichever graph, with blank nodes called ``label`` and a number.

    Raises InputError where the format is unknown, or the file is not of its format.
    """
    rdf_format = RdfFormat.from_extension(path.suffix.lstrip("."))
    if rdf_format is None:
        raise InputError(
            f"“{path.suffix}” is no RDF file extension; known are .ttl, .nt, .nq, .trig, .jsonld "
            "and .rdf.",
            source=path.name,
        )
    base = path.resolve().as_uri()
    try:
        quads = parse(path=str(path), format=rdf_format, base_iri=base)
        return list(named_by_order((quad.triple for quad in quads), label))
    except (SyntaxError, OSError) as error:
        raise InputError(f"is no {rdf_format.name}: {error}", source=path.name) from error


def _standard(standard: Standard) -> _Measure:
    return _Measure(
        standard_validator(standard),
        Source(standard.shapes),
        f"the shapes of the standard {standard.version}",
        (SHAPES_GRAPH,),
    )


def _own(path: Path, standard: Standard) -> _Measure:
    """The shapes of a file, all of which someone can check."""
    try:
        shapes = read_graph(path, "shape")
        validator = compile_any(shapes, background_of(standard))
    except InputError as error:
        raise ShapeError(str(error)) from error
    return _Measure(validator, Source(shapes), f"the shapes in {path.name}")
