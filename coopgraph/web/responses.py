"""Build responses that caches and programs can trust.

In: a body, or how to make it, and what it depends on. Out: a response with a strong ETag,
``Last-Modified``, ``Vary``, ``Cache-Control`` and ``Link``; or 304 without making the body, where
the client has it already. Specifications: RFC 9110 (validators), RFC 8288 (Link).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from flask import Response, request

from coopgraph.query import Answer
from coopgraph.web.negotiation import Representation
from coopgraph.web.service import service, view

_ENCODING = re.compile(r":(gzip|br|zstd|deflate)$")
_AT_ONCE_BYTES = 1 << 20
_MINUTE = "public, max-age=60"
DAY = "public, max-age=86400"


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the Link header."""

    target: str
    rel: str
    media_type: str = ""

    def __str__(self) -> str:
        target = self.target.replace(">", "%3E").replace("\n", "").replace("\r", "")
        of_type = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{target}>; rel="{self.rel}"{of_type}'


def content_type(chosen: Representation) -> str:
    """The Content-Type, with a charset where the type is text."""
    is_text = chosen.media_type.startswith("text/")
    return f"{chosen.media_type}; charset=utf-8" if is_text else chosen.media_type


def snapshot_response(
    make: Callable[[], bytes | str],
    chosen: Representation,
    *,
    variant: str = "",
    links: Iterable[Link] = (),
    location: str = "",
    cache: str = _MINUTE,
) -> Response:
    """A response that depends on nothing but the address, the snapshot and the chosen form.

    ``variant`` tells apart what one address may give in one format; ``location`` is the address
    of this very representation.
    """
    tag = "-".join(filter(None, (view().tag, chosen.extension, variant)))
    modified = max(view().made, service().modified)
    response = _unchanged(tag, modified) or Response(make(), content_type=content_type(chosen))
    return _finished(response, tag, modified, links, location, cache)


def content_response(
    body: bytes | str,
    chosen: Representation,
    *,
    links: Iterable[Link] = (),
    cache: str = _MINUTE,
) -> Response:
    """A response whose ETag is a digest of its body: for what hangs on no snapshot."""
    data = body.encode() if isinstance(body, str) else body
    modified = service().modified
    tag = _digest_tag(data, chosen)
    response = _unchanged(tag, modified) or Response(data, content_type=content_type(chosen))
    return _finished(response, tag, modified, links, "", cache)


def answer_response(body: str, chosen: Representation, published: datetime) -> Response:
    """A page or a picture of a query's answer; ``published`` is when its snapshot was.

    Only the tag tells whether it is unchanged: the time may be asked for, or another server.
    """
    data = body.encode()
    tag = _digest_tag(data, chosen)
    response = _unchanged(tag) or Response(data, content_type=content_type(chosen))
    return _finished(response, tag, published, (), "", _MINUTE)


def spooled_response(answer: Answer, chosen: Representation, *, is_dated: bool = False) -> Response:
    """A response with a query's answer, which is sent from the file it stands in. ``is_dated``
    says that the answer changes with a publication and never else.
    """
    tag = f"{answer.digest[:20]}-{chosen.extension}"
    response = _unchanged(tag, answer.published if is_dated else None)
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        # Without chunks, only its length shows that an answer was cut: so it is not compressed.
        request.environ.pop("HTTP_ACCEPT_ENCODING", None)
    if response is not None:
        answer.close()
    elif answer.size_bytes <= _AT_ONCE_BYTES:
        response = Response(answer.read(), content_type=content_type(chosen))
    else:
        response = Response(answer.chunks(), content_type=content_type(chosen))
        response.content_length = answer.size_bytes
        response.call_on_close(answer.close)
    return _finished(response, tag, answer.published, (), "", _MINUTE)


def json_bytes(content: object) -> bytes:
    """Indented JSON, UTF-8."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _digest_tag(data: bytes, chosen: Representation) -> str:
    return f"{hashlib.sha256(data).hexdigest()[:20]}-{chosen.extension}"


def _unchanged(tag: str, modified: datetime | None = None) -> Response | None:
    """304 where the client holds this representation, in whatever content encoding.

    The comparison is weak and looks past the encoding's suffix, which flask-compress adds.
    If-Modified-Since counts only where there is no If-None-Match, and a time to compare with. Only
    that very time will do, though a later one could, too (RFC 9110, 13.1.3): what was restored may
    be older than what the client holds, and not the same.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    held = request.if_none_match
    for candidate in held.as_set(include_weak=True):
        if _ENCODING.sub("", candidate) == tag:
            response = Response(status=304)
            response.set_etag(candidate)
            return response
    since = None if held or held.star_tag else request.if_modified_since
    is_same = modified is not None and modified.replace(microsecond=0) == since
    if held.star_tag or is_same:
        response = Response(status=304)
        response.set_etag(tag)
        return response
    return None


def _finished(
    response: Response,
    tag: str,
    modified: datetime,
    links: Iterable[Link],
    location: str,
    cache: str,
) -> Response:
    if response.status_code == 200:
        response.set_etag(tag)
    response.last_modified = modified
    response.headers["Cache-Control"] = cache
    response.vary.add("Accept")
    text = ", ".join(dict.fromkeys(map(str, links)))
    if text:
        response.headers["Link"] = text
    if location:
        response.headers["Content-Location"] = location
    return response
