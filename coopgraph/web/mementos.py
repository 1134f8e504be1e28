"""Documents as they were: ``?at=`` and ``Accept-Datetime`` (Memento).

A document that has versions is its own TimeGate: asked for a time, it leads to the version of the
last commit until then, whose address names the commit and is for good. Specification: RFC 7089,
pattern 1.1; https://www.rfc-editor.org/rfc/rfc7089
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import wraps
from urllib.parse import quote

from flask import g, redirect, request
from werkzeug.http import http_date, parse_date
from werkzeug.wrappers import Response

from coopgraph.errors import UsageError
from coopgraph.history import Version, standard_version
from coopgraph.journal import Lookups
from coopgraph.store import Snapshot
from coopgraph.web.errors import NotFound
from coopgraph.web.responses import Link
from coopgraph.web.service import service, view

LINK_FORMAT = "application/link-format"
_MOST_DIGITS = 12
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Timeline:
    """What versions a document has. ``first`` looks up the commit that it begins with, 0 where
    there is none; ``build`` makes what it is described from, as of a commit.
    """

    first: Callable[[Lookups], int]
    build: Callable[[Lookups, Version], Snapshot]


_OF_THE_STANDARD = Timeline(lambda lookups: min(1, lookups.last_sequence()), standard_version)


def of_the_standard(answer: Callable[..., Response]) -> Callable[..., Response]:
    """A view function of a document about the standard → the same with versions."""

    @wraps(answer)
    def versioned_answer(**arguments: str) -> Response:
        return versioned(_OF_THE_STANDARD, lambda: answer(**arguments))

    return versioned_answer


def versioned(timeline: Timeline, answer: Callable[[], Response]) -> Response:
    """The document as it is, as it was at the commit that ``at`` in the address names, or the way
    to the version of a time, which ``at`` or ``Accept-Datetime`` may name.

    ``answer`` answers from ``view()``. Raises UsageError where ``at`` names no time and no commit,
    NotFound where there is no such commit, and whatever is raised by ``answer`` and ``build``.
    """
    asked, wished = request.args.get("at"), request.headers.get("Accept-Datetime")
    if asked is not None and asked.isascii() and asked.isdigit():
        return _memento(timeline, _number(asked), answer)
    if asked is not None:
        return _linked(_led(timeline, _moment(asked), answer))
    response = answer() if wished is None else _led(timeline, _wished(wished), answer)
    response.vary.add("Accept-Datetime")
    return _linked(response)


def original() -> str:
    """The address of this document without a version."""
    return service().urls.absolute(quote(request.path))


def timemap() -> str:
    """The address of the list of its versions."""
    return service().urls.absolute(f"/timemap{quote(request.path)}")


def _memento(timeline: Timeline, number: int, answer: Callable[[], Response]) -> Response:
    now = view()
    last = now.snapshot.sequence
    if not 1 <= number <= last:
        raise NotFound(f"There is no commit {number} to look back to; the last is {last}.")

    def build(lookups: Lookups) -> tuple[Version, Snapshot]:
        first = timeline.first(lookups)
        if number < first:
            raise NotFound(f"This has versions since commit {first}, and none at commit {number}.")
        commit = lookups.commits([number])[number]
        version = Version(commit, service().standards.at(lookups, number), now.snapshot)
        return version, timeline.build(lookups, version)

    version, snapshot = service().ask_journal(build)
    g.view = service().view_of(snapshot, version.then)
    response = answer()
    if response.status_code != 301:  # which leads to the version of another thing
        response.headers["Memento-Datetime"] = http_date(view().published)
    return _linked(response)


def _led(timeline: Timeline, moment: datetime, answer: Callable[[], Response]) -> Response:
    """302 to the version of a moment: the first there is, where all are later; the document as it
    is, where it never had one.
    """
    last = view().snapshot.sequence

    def find(lookups: Lookups) -> int:
        first = timeline.first(lookups)
        return min(last, max(first, lookups.sequence_at(moment))) if first else 0

    sequence = service().ask_journal(find)
    if not sequence:
        return answer()
    kept = {name: value for name in ("context",) if (value := request.args.get(name))}
    address = service().urls.absolute(quote(request.path), at=str(sequence), **kept)
    response = redirect(address, 302)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _linked(response: Response) -> Response:
    links = [Link(original(), "original timegate"), Link(timemap(), "timemap", LINK_FORMAT)]
    held = response.headers.get("Link")
    response.headers["Link"] = ", ".join(filter(None, (held, *map(str, links))))
    return response


def _number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise NotFound(f"There is no commit {text[:_MOST_DIGITS]}….")
    return int(text)


def _moment(text: str) -> datetime:
    """An RFC 3339 time, or a date, which stands for its end, UTC. Raises UsageError."""
    whole = text.strip().replace(" ", "+")  # “+” in an address means a blank
    try:
        found = datetime.fromisoformat(whole if _TIME.fullmatch(whole) else "")
        is_date = found.tzinfo is None
        return datetime.combine(found, time.max, UTC) if is_date else found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UsageError(
        f"at: “{text[:40]}” is no commit's number, no date such as 2026-03-01, and no time "
        "with its zone, such as 2026-03-01T12:00:00Z."
    )


def _wished(text: str) -> datetime:
    """The time in an ``Accept-Datetime`` header (RFC 7089, 2.1.1). Raises UsageError."""
    try:
        found = parse_date(text)
        if found is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UsageError(
        f"Accept-Datetime: “{text[:40]}” is no time such as Sun, 01 Mar 2026 12:00:00 GMT."
    )
