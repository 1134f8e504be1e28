"""``/check``: send a spreadsheet, get back what is wrong with it, or what would be published.

In: a file, in a form or as the body, and the form of the outcome by ``format`` or ``Accept``. Out:
the outcome, of which nothing is kept here. The same address is a page for people, which works
without scripts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

import orjson
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import Forbidden

from coopgraph.errors import UsageError
from coopgraph.handover import Task
from coopgraph.web.check_page import check_page, limits
from coopgraph.web.errors import NotAcceptable
from coopgraph.web.negotiation import HTML, JSON, Page, PlainFormat, choose
from coopgraph.web.responses import content_response, content_type, json_bytes
from coopgraph.web.service import service
from coopgraph.web.templates_files import XLSX
from coopgraph.web.uploads import option, read_upload

blueprint = Blueprint("check", __name__)

TURTLE = PlainFormat("Turtle", "text/turtle", "ttl", ("application/turtle",))
JSON_LD = PlainFormat("JSON-LD", "application/ld+json", "jsonld")
MAPPING = PlainFormat(
    "mapping", "application/yaml", "yaml", ("text/yaml", "application/x-yaml", "text/x-yaml")
)
REPORT = PlainFormat("report", "text/html", "html")  # a page to keep; asked for by name alone
Form = PlainFormat | Page
FORMS: tuple[Form, ...] = (JSON, HTML, XLSX, TURTLE, JSON_LD, MAPPING)
_NAMES: dict[str, Form] = {
    **{form.extension: form for form in FORMS},
    **{form.media_type: form for form in FORMS},
    "page": HTML,
    "report": REPORT,
    "turtle": TURTLE,
    "json-ld": JSON_LD,
}
_FORMATS = ("json", "page", "report", "xlsx", "ttl", "jsonld", "yaml")
_ENDINGS = {"xlsx": "-checked", "yaml": "-mapping", "html": "-report"}
_CHUNK_BYTES = 1 << 16
_AT_ONCE_BYTES = 1 << 20


@blueprint.get("/check")
def form() -> Response:
    """The form; for programs, the limits."""
    if choose(request.headers.get("Accept"), (HTML, JSON), "html") is JSON:
        return content_response(json_bytes(limits()), JSON)
    return content_response(check_page(), HTML)


@blueprint.post("/check")
def check() -> Response:
    """A file, checked."""
    known = service()
    if not known.settings.check_processes:
        raise Forbidden("This service checks no files. At home: coopgraph check FILE.")
    g.problem_page = partial(check_page, None)
    with ExitStack() as held:
        held.callback(known.check_lanes.take(request.remote_addr or ""))
        folder = held.enter_context(known.checks.folder())
        task = read_upload(folder, known.settings, _wanted_extension, _context_url())
        g.problem_page = partial(check_page, task)
        task = replace(task, is_brief=_wanted_form() is HTML)
        outcome = known.checks.run(folder, task, request.environ.get("gunicorn.socket"))
    return _response(outcome, task, _wanted_form())


def _response(outcome: BinaryIO, task: Task, chosen: Form) -> Response:
    """The outcome, as a page or as it is; no cache may keep it."""
    size_bytes = os.fstat(outcome.fileno()).st_size
    if chosen is not HTML and size_bytes > _AT_ONCE_BYTES:
        response = Response(_chunks(outcome), content_type=content_type(chosen))
        response.content_length = size_bytes
        response.call_on_close(outcome.close)
    else:
        with outcome:
            body = outcome.read()
        page = check_page(task, orjson.loads(body)) if chosen is HTML else body
        response = Response(page, content_type=content_type(chosen))
    if chosen not in (HTML, JSON):
        stem = PurePath(task.name).stem
        name = f"{stem}{_ENDINGS.get(chosen.extension, '')}.{chosen.extension}"
        response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _chunks(outcome: BinaryIO) -> Iterator[bytes]:
    with outcome:
        while chunk := outcome.read(_CHUNK_BYTES):
            yield chunk


def _wanted_form() -> Form:
    """The form that ``format`` or else Accept asks for. Raises UsageError, NotAcceptable."""
    named = option("format").lower()
    if named and named not in _NAMES:
        raise UsageError(f"There is no format “{named}”; there are {', '.join(_FORMATS)}.")
    chosen = _NAMES[named] if named else choose(request.headers.get("Accept"), FORMS, "json")
    if chosen is None:
        raise NotAcceptable(FORMS)
    return chosen


def _wanted_extension() -> str:
    """What the task is to write for that form: a page is made of the report here."""
    chosen = _wanted_form()
    return JSON.extension if chosen is HTML else chosen.extension


def _context_url() -> str:
    return "" if request.args.get("context") == "inline" else service().context_url
