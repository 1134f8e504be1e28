"""``/org/{id}``: one organisation, as a page or as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

from flask import Blueprint, render_template
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as BaseResponse

from coopgraph.catalogue import Dataset, sort_key
from coopgraph.entity import Description, exists, members, near_organizations
from coopgraph.errors import JournalUnavailable
from coopgraph.history import LastListed, last_listed, organization_version
from coopgraph.iris import is_organization_id
from coopgraph.licences import licence_name
from coopgraph.namespaces import COOP, iri, organization_iri
from coopgraph.standard import EntityType
from coopgraph.web.documents import Document, Form, answer, downloads, find_form
from coopgraph.web.errors import NotFound
from coopgraph.web.facts import Facts, Value, english, figures, is_placed_by_town
from coopgraph.web.mementos import Timeline, versioned
from coopgraph.web.responses import Link
from coopgraph.web.service import service, view
from coopgraph.web.things import merged_into, permanently
from coopgraph.web.unlisted import document, lefts

blueprint = Blueprint("organizations", __name__)

MOST_MEMBERS = 60
MOST_SORTED = 1_000
MOST_SITES = 12
MOST_RECORDS = 8
# More than any page shows; a chain has thousands of sites.
_MOST_NODES = 120
_ELSEWHERE = ("Site", "Observation", "Offer", "Membership")


@dataclass(frozen=True)
class Source:
    """A dataset that says something about the thing, and the records it says it in."""

    number: int
    dataset: Dataset
    records: tuple[tuple[str, str], ...]  # key and link, the first of them
    record_count: int
    licence: str


@blueprint.get("/org/<name>")
def organization(name: str) -> BaseResponse:
    """One organisation, as a page or as data."""
    name, form = find_form(name, _is_known)
    if not is_organization_id(name):
        return _answer(name, form)
    hidden = view().unmerged
    timeline = Timeline(
        lambda lookups: lookups.first_commit_about(name, hidden),
        lambda lookups, version: organization_version(lookups, version, name),
    )
    return versioned(timeline, partial(_answer, name, form))


def _answer(name: str, form: Form | None) -> BaseResponse:
    new = merged_into(name)
    if new:
        extension = f".{form.extension}" if form else ""
        return permanently(f"/org/{new}{extension}")
    snapshot = view().snapshot
    if not _is_known(name):
        unlisted = _unlisted(name)
        if unlisted:
            return answer(document(unlisted), form)
        if view().is_past:
            raise NotFound(f"No organisation had the id “{name}” at commit {snapshot.sequence}.")
        near = [f"/org/{other}" for other in near_organizations(snapshot, name)]
        hint = " Did you mistype it?" if near else ""
        raise NotFound(f"No organisation has the id “{name}”.{hint}", near)
    thing = organization_iri(snapshot.base, name)
    return answer(
        Document(
            path=f"/org/{name}",
            describe=partial(_describe, thing),
            page=partial(_page, name, thing),
            links=_links(name, thing),
        ),
        form,
    )


def _is_known(name: str) -> bool:
    try:
        return exists(view().snapshot, organization_iri(view().snapshot.base, name))
    except ValueError:  # no IRI has such characters
        return False


def _describe(thing: NamedNode, with_sources: bool) -> Description:
    description = view().describe(thing, with_sources=with_sources)
    assert description is not None, thing
    return description


def _unlisted(name: str) -> LastListed | None:
    """When an organisation that is not published was last listed; None where it never was.

    An id with a slip of typing in it is known to be none, without a look into the journal.
    """
    if not is_organization_id(name):
        return None
    now = view()
    return service().ask_journal(
        lambda lookups: last_listed(lookups, name, now.snapshot.sequence, now.unmerged)
    )


def _is_listed(description: Description, entity: EntityType) -> bool:
    """Whether some source has a record of the organisation itself, and not of parts alone."""
    return entity.target_class in description.index.objects(description.iri, iri("rdf:type"))


def _last_listed(name: str) -> LastListed | None:
    """When it was last listed; None where the journal cannot tell: the page does without."""
    try:
        return _unlisted(name)
    except JournalUnavailable:
        return None


def _links(name: str, thing: NamedNode) -> list[Link]:
    """The name to cite, the history, the datasets that it is in, and their licences."""
    urls = service().urls
    links = [
        Link(thing.value, "cite-as"),
        Link(urls.absolute(f"/history/org/{name}"), "version-history"),
    ]
    for dataset in view().datasets.values():
        if view().asserts(dataset, thing):
            links.append(Link(urls.absolute(f"/dataset/{dataset.slug}"), "collection"))
            if dataset.licence:
                links.append(Link(dataset.licence, "license"))
    return links


def _page(name: str, thing: NamedNode) -> str:
    known, now = service(), view()
    description = now.describe(thing, most_nodes=_MOST_NODES)
    assert description is not None, thing
    sources = _sources(description)
    numbers = {source.dataset.graph: source.number for source in sources}
    entity = now.standard.entity_type("Organization")
    assert entity is not None
    last = None if _is_listed(description, entity) else _last_listed(name)
    facts = Facts(description, now.standard, numbers, known.urls.page)
    belonging = members(now.snapshot, thing)
    sites = facts.nodes(entity, "Site")
    sections = list(facts.sections(entity, _ELSEWHERE))
    return render_template(
        "organization.html",
        thing=thing,
        id=name,
        name=last.name if last and last.name else now.label(thing),
        lefts=lefts(last) if last else (),
        sections=sections,
        is_placed_by_town=is_placed_by_town(sections),
        classes=_classes(description),
        memberships=facts.nodes(entity, "Membership"),
        members=_first_by_name(belonging),
        member_count=len(belonging),
        all_members=known.urls.link("/queries/members-of-federation", organization=name),
        sites=[value for value in sites if value.node and value.node.rows][:MOST_SITES],
        site_count=len(sites),
        offers=facts.nodes(entity, "Offer"),
        figures=figures(facts.nodes(entity, "Observation")),
        sources=sources,
        source_titles={source.number: source.dataset.title for source in sources},
        downloads=downloads(f"/org/{name}"),
    )


def _first_by_name(found: list[NamedNode]) -> list[Value]:
    """The first of them by name; of very many, any, so that no page has to look up all."""
    now, urls = view(), service().urls
    few = found if len(found) <= MOST_SORTED else found[:MOST_MEMBERS]
    named = [Value(now.label(item), urls.page(item.value) or "") for item in few]
    return sorted(named, key=lambda value: (sort_key(value.text), value.href))[:MOST_MEMBERS]


def _sources(description: Description) -> list[Source]:
    """The datasets of the records about it, numbered in the order of their titles."""
    stem = f"{view().snapshot.base}id/record/"
    records: dict[str, list[NamedNode]] = {}
    for record in description.index.subjects(iri("foaf:primaryTopic"), description.iri):
        if isinstance(record, NamedNode) and record.value.startswith(stem):
            slug = record.value.removeprefix(stem).partition("/")[0]
            records.setdefault(slug, []).append(record)
    found = [item for item in view().datasets.values() if item.slug in records]
    return [
        Source(
            number,
            item,
            tuple(_record(record) for record in records[item.slug][:MOST_RECORDS]),
            len(records[item.slug]),
            licence_name(item.licence),
        )
        for number, item in enumerate(found, start=1)
    ]


def _record(record: NamedNode) -> tuple[str, str]:
    """The key of a record as its source writes it, and the link to its page."""
    key = record.value.rpartition("/")[2]
    return unquote(key), service().urls.page(record.value) or ""


def _classes(description: Description) -> list[Value]:
    """Our classes that it was inferred to be in, with their labels."""
    index, standard = description.index, view().standard
    found = []
    for term in index.objects(description.iri, iri("rdf:type")):
        if isinstance(term, NamedNode) and term.value.startswith(COOP):
            labels = {
                label.language: label.value
                for label in standard.index.objects(term, iri("rdfs:label"))
                if hasattr(label, "language")
            }
            if labels and term.value != f"{COOP}Organization":
                found.append(Value(english(labels), service().urls.page(term.value) or ""))
    return sorted(found, key=lambda value: value.text)
