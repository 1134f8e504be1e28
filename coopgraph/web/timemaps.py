"""``/timemap/{path}``: the versions of a document, as a list of links.

In: the path of a document that has versions, an extension included, which its versions then have,
too. Out: the commits that changed the thing's records or the standard, a thousand a page and the
oldest first; of very many states, those that histories tell.
Specifications: RFC 7089, section 5; RFC 6690 (application/link-format).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from flask import Blueprint, Response
from werkzeug.http import http_date

from coopgraph.errors import UnknownThing
from coopgraph.history import organization_commits
from coopgraph.journal import CommitInfo, Lookups
from coopgraph.web.browse import page_number
from coopgraph.web.documents import FORMS
from coopgraph.web.errors import NotFound
from coopgraph.web.mementos import LINK_FORMAT
from coopgraph.web.negotiation import PlainFormat, split_extension
from coopgraph.web.responses import snapshot_response
from coopgraph.web.service import service, view

blueprint = Blueprint("timemaps", __name__)

TIMEMAP = PlainFormat("TimeMap", LINK_FORMAT, "link")
SIZE = 1_000


@blueprint.get("/timemap/<path:path>")
def timemap(path: str) -> Response:
    """The versions of the document at a path."""
    number = page_number()
    try:
        commits = service().ask_journal(lambda lookups: _commits(lookups, path))
    except UnknownThing as error:
        raise NotFound(str(error)) from None
    pages = max(1, -(-len(commits) // SIZE))
    if not commits or number > pages:
        raise NotFound(f"There are no versions of “/{path}”{' on this page' if commits else ''}.")
    return snapshot_response(lambda: _text(path, commits, number, pages), TIMEMAP)


def _commits(lookups: Lookups, path: str) -> list[CommitInfo]:
    """The commits that changed a document, oldest first."""
    room, _, rest = path.partition("/")
    name, _ = split_extension(rest, FORMS)
    now = view()
    last = now.snapshot.sequence
    if room == "org":
        return organization_commits(lookups, name, last, now.unmerged)
    if room == "dataset":
        return lookups.catalogued_commits(name, last)
    if _is_of_the_standard(split_extension(path, FORMS)[0]):
        sequences = [change.sequence for change in lookups.changes_of_standard(last)]
        return list(lookups.commits(sequences).values())
    return []


def _is_of_the_standard(path: str) -> bool:
    """Whether there is a document of the standard at a path."""
    standard = view().standard
    room, *names = path.split("/")
    match room, names:
        case (("ns" | "shapes" | "code"), []):
            return True
        case "crosswalk", [slug]:
            return slug in standard.crosswalks
        case "code", [slug]:
            return slug in standard.code_lists
        case "code", [slug, notation] if slug in standard.code_lists:
            return any(code.notation == notation for code in standard.code_lists[slug].codes)
    return False


def _text(path: str, commits: list[CommitInfo], number: int, pages: int) -> str:
    return ",\n".join(_lines(path, commits, number, pages)) + "\n"


def _lines(path: str, commits: list[CommitInfo], number: int, pages: int) -> Iterator[str]:
    document, own = f"/{quote(path)}", f"/timemap/{quote(path)}"
    absolute = service().urls.absolute
    shown = commits[(number - 1) * SIZE : number * SIZE]
    yield f'<{absolute(document)}>; rel="original timegate"'
    for page in range(1, pages + 1):
        part = commits[(page - 1) * SIZE : page * SIZE]
        span = f'from="{_date(part[0])}"; until="{_date(part[-1])}"'
        relation = "self" if page == number else "timemap"
        address = absolute(own, page=str(page) if page > 1 else "")
        yield f'<{address}>; rel="{relation}"; type="{LINK_FORMAT}"; {span}'
    for commit in shown:
        words = ["first"] if commit is commits[0] else []
        words += ["last"] if commit is commits[-1] else []
        relation = " ".join((*words, "memento"))
        address = absolute(document, at=str(commit.sequence))
        yield f'<{address}>; rel="{relation}"; datetime="{_date(commit)}"'


def _date(commit: CommitInfo) -> str:
    return http_date(datetime.fromisoformat(commit.at))
