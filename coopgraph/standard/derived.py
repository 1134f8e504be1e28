"""The files that are derived from the standard and kept beside it.

In: the standard and the folder of its ontology. Out: what each derived file must hold, which
are stale, and which are left over. ``coopgraph standard build`` writes them, ``standard check``
fails where they are not as here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coopgraph.standard.columns import Template, templates
from coopgraph.standard.context import context_document
from coopgraph.standard.csvw import csvw, csvw_group
from coopgraph.standard.frame import frame_document
from coopgraph.standard.model import Standard
from coopgraph.standard.table_schema import data_package, table_schema
from coopgraph.standard.templates import csv_template

GROUP_NAME = "csv-metadata.json"  # where CSVW looks for the metadata of a folder
PACKAGE_NAME = "datapackage.json"


def derived_files(standard: Standard, ontology: Path) -> dict[Path, str]:
    """What each derived file must hold. Raises ShapeError where the standard gives none."""
    folder = ontology / "templates"
    return {
        ontology / "context.jsonld": context_document(standard),
        ontology / "frame.jsonld": frame_document(standard),
        **{folder / name: text for name, text in template_files(standard)},
    }


def template_files(standard: Standard, language: str = "en") -> Iterator[tuple[str, str]]:
    """The name and text of each template file."""
    for item in templates(standard):
        yield f"{item.slug}.csv", csv_template(item)
        for extension in ("schema.json", "csv-metadata.json"):
            yield f"{item.slug}.{extension}", template_json(standard, item, extension, language)
    yield GROUP_NAME, json_text(csvw_group(standard, language))
    yield PACKAGE_NAME, json_text(data_package(standard, language))


def template_json(standard: Standard, item: Template, extension: str, language: str) -> str:
    """A template as ``schema.json`` (Table Schema) or ``csv-metadata.json`` (CSVW)."""
    make = table_schema if extension == "schema.json" else csvw
    return json_text(make(standard, item, language))


def json_text(content: dict[str, Any]) -> str:
    """Indented JSON with a line end."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def stale_files(standard: Standard, ontology: Path) -> list[Path]:
    """Derived files that are missing or are not what the standard gives."""
    return [
        path
        for path, text in derived_files(standard, ontology).items()
        if not path.is_file() or path.read_bytes() != text.encode()
    ]


def leftover_files(standard: Standard, ontology: Path) -> list[Path]:
    """Files among the templates that the standard does not give any more."""
    known = derived_files(standard, ontology)
    return sorted(path for path in (ontology / "templates").glob("*") if path not in known)


def write_derived_files(standard: Standard, ontology: Path) -> list[Path]:
    """Write every derived file, and say which. Removes none."""
    files = derived_files(standard, ontology)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return list(files)
