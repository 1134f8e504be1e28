"""Read a file that is sent to be checked, with what is asked of it.

In: the request, and a private folder. Out: the file in the folder, and a task. The size is bounded
before anything is read; a form's file goes through a temporary file that has no name. Raises
UsageError (400), UnsupportedMediaType (415), and CheckLimit (413) for what is too large.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from coopgraph.errors import CheckLimit, UsageError
from coopgraph.handover import GIVEN, MAPPING, Task, safe_name
from coopgraph.settings import Settings

FORM = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"
_MB = 1 << 20
_BESIDE_BYTES = 1 * _MB  # of a form, beside the file
_MOST_MAPPING_BYTES = 256 << 10
_TEXT_NAME = "mapping.yaml"  # of a mapping that is sent as text
_MOST_PARTS = 2_000
_LONGEST_OPTION = 200  # characters
_SILENT_S = 30.0
_DRAINED_BYTES = 64 * _MB
_DRAINED_S = 5.0
_CHUNK_BYTES = 1 << 16
_SUFFIXES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/geo+json": ".geojson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}


def read_upload(
    folder: Path, settings: Settings, wanted: Callable[[], str], context_url: str
) -> Task:
    """Put the file that is sent into the folder. ``wanted`` tells the form of the outcome, once
    the request may be read.
    """
    request.max_content_length = settings.check_file_mb * _MB + _BESIDE_BYTES
    request.max_form_memory_size = _BESIDE_BYTES
    request.max_form_parts = _MOST_PARTS
    too_large = CheckLimit(
        f"The file is larger than {settings.check_file_mb} MB, the most that is taken here. Take "
        "a part of it, or check it at home: coopgraph check FILE.",
        limit="file",
    )
    try:
        if (request.content_length or 0) > request.max_content_length:
            raise RequestEntityTooLarge
        with _patient(_SILENT_S):
            is_form = request.mimetype == FORM
            form = wanted()
            name = _form_file(folder) if is_form else _body_file(folder)
            task = _task(name, form, context_url, is_mapped=is_form and _has_mapping(folder))
    except RequestEntityTooLarge:
        _drain()
        raise too_large from None
    if (folder / GIVEN / name).stat().st_size > settings.check_file_mb * _MB:
        raise too_large
    return task


def option(name: str) -> str:
    """An option, from the address or else the form, trimmed. Raises UsageError."""
    found = request.args.get(name, "").strip() or _field(name)
    if len(found) > _LONGEST_OPTION:
        raise UsageError(f"“{name}” is longer than {_LONGEST_OPTION} characters.")
    return found


def _field(name: str) -> str:
    if request.mimetype != FORM:
        return ""
    # The button that was pressed stands after the field that it takes the place of.
    values = (value.strip() for value in reversed(request.form.getlist(name)))
    return next(filter(None, values), "")


def _task(name: str, form: str, context_url: str, *, is_mapped: bool) -> Task:
    return Task(
        name=name,
        form=form,
        sheet=option("sheet"),
        language=option("language"),
        entity=option("entity"),
        is_mapped=is_mapped,
        chosen=() if is_mapped else tuple(_chosen()),
        context_url=context_url,
    )


def _form_file(folder: Path) -> str:
    """The file of a form, saved; its name."""
    uploads = request.files.getlist("file")
    if len(uploads) != 1 or not uploads[0].filename:
        raise UsageError("There is no file: choose one, or send one in the field “file”.")
    name = safe_name(uploads[0].filename)
    uploads[0].save(folder / GIVEN / name)
    return name


def _body_file(folder: Path) -> str:
    """The file that is the body itself, saved; its name."""
    if request.mimetype in ("", _URLENCODED):
        raise UnsupportedMediaType(
            f"Send the file in the field “file” of a form ({FORM}), or as the body with a type of "
            "its own, like text/csv."
        )
    name = safe_name(option("name") or f"file{_SUFFIXES.get(request.mimetype, '')}")
    with (folder / GIVEN / name).open("wb") as target:
        shutil.copyfileobj(request.stream, target, _CHUNK_BYTES)
        if not target.tell():
            raise UsageError("There is no file: the body is empty.")
    return name


def _has_mapping(folder: Path) -> bool:
    """Whether a form has a mapping, as text or as a file; saved."""
    upload = request.files.get("mapping")
    data = upload.read(_MOST_MAPPING_BYTES + 1) if upload is not None else b""
    name = safe_name(upload.filename or "") if upload is not None and data else _TEXT_NAME
    data = data or _field("mapping").encode()
    if len(data) > _MOST_MAPPING_BYTES:
        raise UsageError(f"The mapping is longer than {_MOST_MAPPING_BYTES:,} bytes.")
    if not data.strip():
        return False
    (folder / MAPPING).mkdir()
    (folder / MAPPING / name).write_bytes(data)
    return True


def _chosen() -> Iterator[tuple[str, str]]:
    """What columns are said to feed: ``column`` and ``target`` in pairs, in the same order."""
    fields = request.form if request.mimetype == FORM else request.args
    columns, targets = fields.getlist("column"), fields.getlist("target")
    if len(columns) != len(targets):
        raise UsageError(
            f"There are {len(columns)} times “column” and {len(targets)} times “target”: send a "
            "target for each column, an empty one for none."
        )
    yield from zip(columns, (target.strip() for target in targets), strict=True)


# What comes slowly, or never ends ------------------------------------------------------------


@contextmanager
def _patient(seconds: float) -> Iterator[None]:
    """Give up a client that sends nothing for so long."""
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is None:
        yield
        return
    before = connection.gettimeout()
    connection.settimeout(seconds)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it may have gone
            connection.settimeout(before)


def _drain() -> None:
    """Read what is not much too large, so that its sender gets to the answer before it hangs up."""
    if (request.content_length or 0) > _DRAINED_BYTES:
        return
    source = request.environ["wsgi.input"]
    end, read = time.monotonic() + _DRAINED_S, 0
    with contextlib.suppress(OSError, ValueError), _patient(_DRAINED_S):
        while read < _DRAINED_BYTES and time.monotonic() < end:
            chunk = source.read(_CHUNK_BYTES)
            if not chunk:
                return
            read += len(chunk)
