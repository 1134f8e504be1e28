"""``coopgraph validate``: RDF files against the standard, or against shapes of one's own.

In: RDF files. Out: a ``sh:ValidationReport`` on standard output or in a file, and a summary for a
person on standard error. Exit codes: 0 conforms, 1 does not (a warning is enough, as SHACL has
it) or a file is no RDF, 2 used wrongly, 3 the shapes are broken.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

import click
from pyoxigraph import NamedNode, serialize

from coopgraph.cli import shared
from coopgraph.errors import ShapeError
from coopgraph.formats import graph_format
from coopgraph.isolation import run_apart
from coopgraph.namespaces import curie
from coopgraph.rdf import used_prefixes
from coopgraph.settings import Settings
from coopgraph.standard.folders import standard_of
from coopgraph.validation import Violation
from coopgraph.validation.files import Checked, check_files

_MOST_LINES = 20
_Path = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_Path)
@click.option(
    "--shapes",
    type=_Path,
    help="An RDF file of SHACL shapes to check against, in place of the standard's.",
)
@click.option(
    "--format",
    "extension",
    default="ttl",
    show_default=True,
    type=click.Choice(["ttl", "jsonld", "nt", "rdf"]),
    help="Of the report.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the report; by default standard output.",
)
@shared.as_json
@click.pass_obj
def validate(
    settings: Settings,
    files: tuple[Path, ...],
    shapes: Path | None,
    extension: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Check RDF files, taken together, against the shapes; nothing is inferred or stored.

    The report is a sh:ValidationReport; a summary for people goes to standard error. Exits with 1
    where the data do not conform.
    """
    checked = _check_apart(settings, files, shapes) if shapes else _check(settings, files, None)
    body = _as_json(checked) if as_json else _as_rdf(checked, extension)
    if output is not None:
        output.write_bytes(body)
    else:
        sys.stdout.buffer.write(body)
        sys.stdout.flush()
    for line in _summary(checked, files):
        click.echo(line, err=True)
    sys.exit(0 if checked.conforms else 1)


def _check(settings: Settings, files: tuple[Path, ...], shapes: Path | None) -> Checked:
    return check_files(files, standard_of(settings), shapes)


def _check_apart(settings: Settings, files: tuple[Path, ...], shapes: Path) -> Checked:
    """Check in a process without network: the queries of shapes may be a stranger's."""
    try:
        return run_apart(_check, settings, files, shapes)
    except BrokenProcessPool as error:
        raise ShapeError(
            "Checking with these shapes ended its process: a query or a path in them is too much "
            "for the machine.",
            shape=shapes.name,
        ) from error


def _as_rdf(checked: Checked, extension: str) -> bytes:
    form = graph_format(extension)
    assert form is not None, extension
    prefixes = used_prefixes(checked.report)
    written = serialize(checked.report, format=form.rdf, prefixes=prefixes)
    assert written is not None
    return written


def _as_json(checked: Checked) -> bytes:
    found = [_as_dict(violation) for violation in checked.violations]
    return f"{json.dumps(found, indent=1)}\n".encode()


def _as_dict(violation: Violation) -> dict[str, str]:
    """A violation for JSON."""
    return {
        "focus": str(violation.focus),
        "path": violation.path or "",
        "value": "" if violation.value is None else str(violation.value),
        "message": violation.message,
        "severity": violation.severity.value,
        "component": violation.component.value,
        "shape": str(violation.shape),
    }


def _summary(checked: Checked, files: tuple[Path, ...]) -> Iterator[str]:
    """What a person should know: the first results, who checked, what it comes to."""
    violations = checked.violations
    yield from map(_line, islice(violations, _MOST_LINES))
    if len(violations) > _MOST_LINES:
        yield f"… and {len(violations) - _MOST_LINES:,} more, which are in the report."
    yield from checked.by_pyshacl
    what = files[0].name if len(files) == 1 else f"{len(files):,} files"
    outcome = _counted(violations) if violations else "conforms"
    yield f"{what} ({checked.triples:,} triples), checked against {checked.against}: {outcome}."


def _line(violation: Violation) -> str:
    """One result: where, what, and which value."""
    name = violation.focus
    where = name.value if isinstance(name, NamedNode) else str(name)
    path = f" {curie(violation.path)}" if violation.path else ""
    component = curie(violation.component.value).removesuffix("ConstraintComponent")
    value = "" if violation.value is None else f" ({violation.value})"
    return f"{where}{path}: {violation.message or f'breaks {component}'}{value}"


def _counted(violations: Iterable[Violation]) -> str:
    """How many results there are of each severity."""
    counts = Counter(violation.severity.value.rpartition("#")[2] for violation in violations)
    named = (f"{count:,} {name.lower()}{'s' * (count != 1)}" for name, count in counts.items())
    return ", ".join(named)
