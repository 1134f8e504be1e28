"""``/history/org/{id}`` and ``/history/dataset/{slug}``: what changed when, as a page or as JSON.

In: the journal, up to the commit of the snapshot. Who made a commit is not told here, nor what
datasets outside the merge say of organisations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from flask import Blueprint, Response, render_template, request

from coopgraph.entity import exists, near_organizations
from coopgraph.errors import UnknownThing
from coopgraph.folding import one_line
from coopgraph.history import (
    DatasetHistory,
    Historian,
    History,
    dataset_history,
    dataset_json,
    history_json,
)
from coopgraph.journal import Lookups
from coopgraph.namespaces import dataset_iri, organization_iri
from coopgraph.web.browse import page_number, whole_number
from coopgraph.web.changes import entries
from coopgraph.web.documents import Download
from coopgraph.web.errors import NotAcceptable, NotFound
from coopgraph.web.negotiation import HTML, JSON, Page, PlainFormat, choose, split_extension
from coopgraph.web.responses import Link, json_bytes, snapshot_response
from coopgraph.web.service import service, view

blueprint = Blueprint("history", __name__)
blueprint.app_template_filter("one_line")(one_line)  # for messages of older commits

FORMS: tuple[Page | PlainFormat, ...] = (HTML, JSON)


@blueprint.get("/history/org/<name>")
def organization(name: str) -> Response:
    """What changed about one organisation; one that was merged into another keeps its own."""
    name, form = split_extension(name, FORMS)
    number, commit = page_number(), whole_number("commit", 0)
    try:
        found = service().ask_journal(partial(_organization, name, number, commit))
    except UnknownThing as error:
        near = near_organizations(view().snapshot, name)
        raise NotFound(str(error), [f"/history/org/{other}" for other in near]) from None
    return _answer(
        f"/history/org/{name}",
        form,
        page=partial(_page, found),
        data=lambda: json_bytes(history_json(found, view().snapshot.base)),
        about=f"/org/{name}",
        thing=organization_iri(view().snapshot.base, name).value,
        around=(number, number < found.pages),
        arguments={"commit": str(commit)} if commit else {},
    )


@blueprint.get("/history/dataset/<name>")
def dataset(name: str) -> Response:
    """The commits of one dataset in numbers."""
    name, form = split_extension(name, FORMS)
    number = page_number()
    try:
        found = service().ask_journal(
            lambda lookups: dataset_history(lookups, name, view().snapshot.sequence, number)
        )
    except UnknownThing as error:
        raise NotFound(str(error), ["/catalog"]) from None
    return _answer(
        f"/history/dataset/{name}",
        form,
        page=partial(_dataset_page, found),
        data=lambda: json_bytes(dataset_json(found, view().snapshot.base)),
        about=f"/dataset/{name}",
        thing=dataset_iri(view().snapshot.base, name).value,
        around=(number, found.has_more),
    )


def _organization(name: str, number: int, commit: int, lookups: Lookups) -> History:
    now = view()
    historian = Historian(
        lookups,
        service().standard,
        now.snapshot.base,
        now.snapshot.sequence,
        now.label,
        now.unmerged,
    )
    return historian.organization(name, number, commit)


def _answer(
    path: str,
    form: Page | PlainFormat | None,
    *,
    page: Callable[[], str],
    data: Callable[[], bytes],
    about: str,
    thing: str,
    around: tuple[int, bool],
    arguments: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """A history in the form of its extension, else in the form negotiated. ``around`` is the
    number of the page, and whether another follows; ``arguments`` are what the address has beside.
    """
    chosen = form or choose(request.headers.get("Accept"), FORMS, JSON.extension)
    if chosen is None:
        raise NotAcceptable(FORMS)
    number, has_more = around

    def address(offer: Page | PlainFormat, page: int = number) -> str:
        return service().urls.absolute(f"{path}.{offer.extension}", **_paged(arguments, page))

    links = [
        Link(address(offer), "alternate", offer.media_type)
        for offer in FORMS
        if offer is not chosen
    ]
    links += [Link(thing, "about"), Link(service().urls.absolute(about), "up")]
    if number > 1:
        links.append(Link(address(chosen, number - 1), "prev"))
    if has_more:
        links.append(Link(address(chosen, number + 1), "next"))
    make = page if isinstance(chosen, Page) else data
    return snapshot_response(make, chosen, links=links, location=address(chosen))


def _page(found: History) -> str:
    now, urls = view(), service().urls
    thing = organization_iri(now.snapshot.base, found.organization)
    heir = organization_iri(now.snapshot.base, found.heir) if found.heir else None
    is_shown = exists(now.snapshot, thing) and not heir
    path = f"/history/org/{found.organization}"
    arguments = {"commit": str(found.commit)} if found.commit else {}
    return render_template(
        "history.html",
        history=found,
        name=now.label(thing) if is_shown else found.name,
        page=urls.link(f"/org/{found.organization}"),
        heir=heir,
        heir_name=now.label(heir) if heir else "",
        entries=entries(found),
        path=path,
        around=_around(path, arguments, found.page, has_more=found.page < found.pages),
        downloads=_downloads(path, arguments, found.page),
    )


def _dataset_page(found: DatasetHistory) -> str:
    path = f"/history/dataset/{found.dataset}"
    known = view().datasets.get(found.dataset)
    return render_template(
        "history_dataset.html",
        history=found,
        title=known.title if known else found.dataset,
        around=_around(path, {}, found.page, has_more=found.has_more),
        downloads=_downloads(path, {}, found.page),
    )


def _paged(arguments: Mapping[str, str], number: int) -> dict[str, str]:
    """Arguments of an address with the number of a page, but for the first."""
    return {**arguments, "page": str(number)} if number > 1 else dict(arguments)


def _around(
    path: str, arguments: Mapping[str, str], number: int, *, has_more: bool
) -> dict[str, str]:
    """The links to the page before and to the page after."""
    pages = {"before": number - 1, "after": number + 1 if has_more else 0}
    link = service().urls.link
    return {name: link(path, **_paged(arguments, to)) for name, to in pages.items() if to}


def _downloads(path: str, arguments: Mapping[str, str], number: int) -> list[Download]:
    href = service().urls.link(f"{path}.{JSON.extension}", **_paged(arguments, number))
    return [(JSON.name, href, JSON.media_type)]
