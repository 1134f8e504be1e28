"""Errors as a client should see them: RFC 9457 problems, or a page for people; never a trace.

The only place that knows which status an error of coopgraph has.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from coopgraph.errors import (
    CheckLimit,
    CoopgraphError,
    InputError,
    JournalUnavailable,
    Locked,
    NotConforming,
    QueryLimit,
    QueryRefused,
    ServiceFailed,
    StoreError,
    TooManyQueries,
    UnknownThing,
    UsageError,
)
from coopgraph.query import ClientGone
from coopgraph.web.negotiation import HTML, PlainFormat, Representation, choose
from coopgraph.web.responses import json_bytes
from coopgraph.web.service import service

PROBLEM = PlainFormat(
    "Problem", "application/problem+json", "json", ("application/json", "application/ld+json")
)
_RETRY_AFTER_S = 10
_STATUS: tuple[tuple[type[CoopgraphError], int], ...] = (
    (UnknownThing, 404),
    (UsageError, 400),
    (InputError, 422),
    (NotConforming, 422),
    (CheckLimit, 503),
    (QueryLimit, 503),
    (ServiceFailed, 502),
    (TooManyQueries, 429),
    (ClientGone, 499),
    (StoreError, 503),
    (JournalUnavailable, 503),
    (Locked, 503),
)
# What a limit's problem is called, in its type and its title.
_LIMITS = {
    "time": "Query time limit",
    "memory": "Query memory limit",
    "size": "Result too large",
}
_TOO_LARGE = ("file", "rows")  # limits of a check that are of what was sent, not of its outcome
_log = logging.getLogger("coopgraph.web")


class NotAcceptable(HTTPException):
    """406, with the list of what there is."""

    code = 406

    def __init__(self, offers: Sequence[Representation], reason: str = "") -> None:
        names = ", ".join(offer.media_type for offer in offers)
        reason = reason or "None of the types asked for is available."
        super().__init__(f"{reason} Available: {names}.")
        self.available = [offer.media_type for offer in offers]


class NotFound(UnknownThing):
    """Nothing at this address; ``near`` are paths of things with nearly that name."""

    def __init__(self, message: str, near: Sequence[str] = ()) -> None:
        super().__init__(message, suggestion=near[0] if near else None)
        self.near = tuple(near)


def install(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(CoopgraphError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: CoopgraphError) -> Response:
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    if status == 500:
        _log.error("%s %s failed", request.method, request.path, exc_info=error)
        return _problem(500, "Something is wrong on this server; it has been noted.", {})
    extra: dict[str, object] = {}
    if isinstance(error, QueryRefused) and error.line:
        extra["line"] = error.line
    if isinstance(error, NotFound) and error.near:
        extra["didYouMean"] = [service().urls.absolute(path) for path in error.near]
    if isinstance(error, InputError):
        extra |= {"row": error.row, "column": error.column}
        extra = {name: value for name, value in extra.items() if value is not None}
    if isinstance(error, CheckLimit):
        extra["limit"] = error.limit
        status = 413 if error.limit in _TOO_LARGE else 503
        return _problem(status, str(error), extra, kind="Check limit")
    if isinstance(error, QueryLimit):
        extra["limit"] = error.limit
        return _problem(status, str(error), extra, kind=_LIMITS[error.limit])
    if isinstance(error, ServiceFailed):  # not this server, which “bad gateway” would leave open
        return _problem(status, str(error), extra, kind="Service failed")
    response = _problem(status, str(error), extra, near=getattr(error, "near", ()))
    if isinstance(error, TooManyQueries):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # a redirect of the router's own
        response = error.get_response(request.environ)
        assert isinstance(response, Response)
        return response
    extra: dict[str, object] = {}
    if isinstance(error, NotAcceptable):
        extra["available"] = error.available
    detail = error.description or HTTP_STATUS_CODES[error.code]
    if error.code == 404 and not isinstance(error, NotFound):
        detail = "There is nothing at this address."
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    if error.code == 405:
        detail = f"This service only reads: {request.method} is not possible here, only {allowed}."
    response = _problem(error.code, detail, extra)
    if error.code == 405:
        response.headers["Allow"] = allowed
    return response


def _unknown(error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _problem(500, "Something is wrong on this server; it has been noted.", {})


def _problem(
    status: int,
    detail: str,
    extra: dict[str, object],
    near: Sequence[str] = (),
    kind: str = "",
) -> Response:
    title = kind or HTTP_STATUS_CODES.get(status, "Error")
    wanted = choose(request.headers.get("Accept"), (PROBLEM, HTML), "json")
    if wanted is HTML:
        # A blueprint may have set a page of its own, which keeps what the client had written; but
        # where something is wrong here, it may be that page.
        page = partial(render_template, "error.html")
        if status != 500:
            page = g.get("problem_page", page)
        body: bytes | str = page(status=status, title=title, detail=detail, near=near, **extra)
        media_type = "text/html; charset=utf-8"
    else:
        slug = title.lower().replace(" ", "-")
        content = {
            "type": service().urls.absolute(f"/api#{slug}"),
            "title": title,
            "status": status,
            "detail": detail,
            **extra,
        }
        body, media_type = json_bytes(content), PROBLEM.media_type
    response = Response(body, status=status, content_type=media_type)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    if status == 503 and not kind:  # a query over its limit will be so again
        response.headers["Retry-After"] = str(_RETRY_AFTER_S)
    return response
