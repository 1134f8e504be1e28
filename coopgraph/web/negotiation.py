"""Choose the representation that a client asked for.

In: an ``Accept`` header (or an extension) and what there is. Out: one of it, or None. Rules, from
``docs/http.md``: the extension wins; HTML only where it is named; a type's parameters do not
count (``application/ld+json;profile="…"`` is JSON-LD); what is named beats what a wildcard
covers at equal quality; ties go to the earlier offer; no header or ``*/*`` gets the default.
The header is parsed by Werkzeug. Specification: RFC 9110, section 12.5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header


class Representation(Protocol):
    """What can be offered: a graph format, a result format, or HTML."""

    @property
    def name(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """A page for people."""

    name: str = "HTML"
    media_type: str = "text/html"
    extension: str = "html"
    aliases: tuple[str, ...] = ("application/xhtml+xml",)


@dataclass(frozen=True, slots=True)
class PlainFormat:
    """A representation that is neither page, graph nor table, such as plain JSON."""

    name: str
    media_type: str
    extension: str
    aliases: tuple[str, ...] = ()


HTML = Page()
JSON = PlainFormat("JSON", "application/json", "json")

R = TypeVar("R", bound=Representation)


def choose(accept: str | None, offers: Sequence[R], default: str) -> R | None:
    """The best offer for a header, or None where the client takes none of them.

    ``default`` is the extension of the offer that wildcards prefer.

    >>> choose("text/html,*/*;q=0.8", [HTML], "html").name
    'HTML'
    """
    wanted = _qualities(accept)
    best: tuple[float, bool, int] | None = None
    chosen = None
    for place, offer in enumerate(offers):
        quality, is_named = _quality(offer, wanted)
        order = place if is_named or offer.extension != default else -1
        rank = (quality, is_named, -order)
        if quality > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


def split_extension(name: str, offers: Sequence[R]) -> tuple[str, R | None]:
    """A name without its extension, and the offer that the extension stands for.

    >>> split_extension("7k3m.html", [HTML])[0]
    '7k3m'
    """
    stem, dot, extension = name.rpartition(".")
    if dot and stem:
        for offer in offers:
            if offer.extension == extension:
                return stem, offer
    return name, None


def _qualities(accept: str | None) -> dict[str, float]:
    """Media range → quality, without parameters; the best where a type is named twice."""
    parsed = parse_accept_header(accept, MIMEAccept) if accept and accept.strip() else []
    found: dict[str, float] = {}
    for media_range, quality in parsed:
        bare = media_range.partition(";")[0].strip().lower()
        if bare == "*":  # Java's own client writes it so
            bare = "*/*"
        found[bare] = max(quality, found.get(bare, 0.0))
    return found or {"*/*": 1.0}


def _quality(offer: Representation, wanted: dict[str, float]) -> tuple[float, bool]:
    """How much an offer is wanted, and whether it is named rather than covered by ``*``."""
    named = [wanted[name] for name in (offer.media_type, *offer.aliases) if name in wanted]
    if offer.media_type in wanted and wanted[offer.media_type] == 0:
        return 0.0, True
    if named and max(named) > 0:
        return max(named), True
    if isinstance(offer, Page) and wanted.keys() != {"*/*"}:
        return 0.0, False
    family = offer.media_type.partition("/")[0] + "/*"
    return wanted.get(family, wanted.get("*/*", 0.0)), False
