"""``/templates`` and the files under it, ``/frame.jsonld``: what is derived from the standard.

Like the context, they come from the standard that this code came with, and need no snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request

from coopgraph.standard.columns import Template
from coopgraph.standard.templates import descriptor_lines
from coopgraph.web.errors import NotFound
from coopgraph.web.negotiation import HTML
from coopgraph.web.responses import DAY, content_response
from coopgraph.web.service import service
from coopgraph.web.templates_files import FORMS, WORKBOOK_NAME, XLSX
from coopgraph.web.vocabulary import CONTEXT

blueprint = Blueprint("templates", __name__)

_YES = ("1", "true", "yes")


@dataclass(frozen=True)
class Entry:
    """One template on the page: its sheet, its required columns, and its files by format."""

    slug: str
    shape: str
    title: str
    description: str
    columns: int
    required: tuple[str, ...]
    files: tuple[tuple[str, str], ...]


@blueprint.get("/templates")
def templates() -> Response:
    """Every template, for people."""
    known = service().templates.known
    page = render_template(
        "templates.html",
        entries=[_entry(item) for item in known],
        workbook=service().urls.link(f"/templates/{WORKBOOK_NAME}"),
        lines=descriptor_lines(known),
    )
    return content_response(page, HTML)


@blueprint.get("/templates/<name>")
def template(name: str) -> Response:
    """One template file. ``hxl=1`` adds a row of hashtags, ``language`` chooses the notes'."""
    hxl = request.args.get("hxl", "").lower() in _YES
    found = service().templates.file(name, request.args.get("language", "en"), hxl=hxl)
    if found is None:
        raise NotFound(f"There is no template file “{name}”.", ["/templates"])
    response = content_response(found.body, found.form, cache=DAY)
    if found.form == XLSX:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/frame.jsonld")
def frame() -> Response:
    """The JSON-LD frame of an organisation."""
    return content_response(service().frame_document, CONTEXT, cache=DAY)


def _entry(item: Template) -> Entry:
    link = service().urls.link
    return Entry(
        slug=item.slug,
        shape=item.entity.shape.value.rpartition("#")[2],
        title=item.title("en"),
        description=item.description("en"),
        columns=len(item.columns),
        required=tuple(column.name for column in item.columns if column.is_required),
        files=tuple(
            (form.name, link(f"/templates/{item.slug}.{form.extension}")) for form in FORMS
        ),
    )
