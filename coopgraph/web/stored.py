"""``/queries``: stored queries, each with a page, its parameters and its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, g, render_template, request

from coopgraph.errors import UsageError
from coopgraph.formats import CHART, GEOJSON, RESULT_FORMATS, DrawnFormat, ResultFormat
from coopgraph.query import Parameter, StoredQuery, prepare
from coopgraph.web.charts import chart
from coopgraph.web.errors import NotAcceptable, NotFound
from coopgraph.web.facts import english
from coopgraph.web.negotiation import HTML, JSON, PlainFormat, choose, split_extension
from coopgraph.web.responses import content_response, json_bytes
from coopgraph.web.results import ResultForm, Shown, answer_query
from coopgraph.web.service import service, view

blueprint = Blueprint("stored", __name__)

SOURCE = PlainFormat("SPARQL", "application/sparql-query", "rq")
_OPTIONS = frozenset({"format", "output", "results"})
_FORMS: tuple[ResultForm, ...] = (*RESULT_FORMATS, GEOJSON, CHART, HTML)
_DRAWN = {"map": GEOJSON, "chart": CHART}
# How a browser asks for a value of a kind; other kinds are written as text.
_CONTROLS = {"integer": "number", "decimal": "number", "year": "number", "date": "date"}
_STEPS = {"decimal": "any"}


@dataclass(frozen=True)
class Control:
    """A field of the form for one parameter. ``choices`` are the values it suggests or, where
    ``is_closed``, the only ones.
    """

    parameter: Parameter
    type: str
    value: str
    step: str = ""
    choices: Sequence[tuple[str, str]] = ()
    is_closed: bool = False


@blueprint.get("/queries", defaults={"extension": ""})
@blueprint.get("/queries.<extension>")
def queries(extension: str) -> Response:
    """All stored queries."""
    offers = (JSON, HTML)
    chosen = choose(request.headers.get("Accept"), offers, "json")
    if extension:
        chosen = next((form for form in offers if form.extension == extension), None)
    if chosen is None:
        raise NotAcceptable(offers)
    known = service().queries.values()
    if chosen is HTML:
        return content_response(render_template("queries.html", queries=known), HTML)
    return content_response(json_bytes([_summary(query) for query in known]), JSON)


@blueprint.get("/queries/<name>")
def query(name: str) -> Response:
    """One stored query: its results, with the values of its parameters from the address."""
    stem, form = split_extension(name, (*_FORMS, SOURCE))
    found = service().queries.get(stem)
    if found is None:
        raise NotFound(f"There is no stored query “{stem}”.", ["/queries"])
    values = {key: value for key, value in request.args.items() if key not in _OPTIONS}
    if form is SOURCE:
        return content_response(_bound(found, values) if values else found.text, SOURCE)
    assert not isinstance(form, PlainFormat)
    if _wants_page(form):
        g.problem_page = partial(_refused, found, values)
    try:
        text = _bound(found, values)
    except UsageError:
        if _wants_page(form) and not any(values.values()):
            return content_response(_page(found, {}), HTML)
        raise
    checked = prepare(text, service().settings)
    return answer_query(checked, partial(_page, found, values, text), form)


def _bound(query: StoredQuery, values: Mapping[str, str]) -> str:
    return query.bound(values, view().snapshot.base, service().standard.code_lists)


def _wants_page(form: ResultForm | None) -> bool:
    if form is not None:
        return form is HTML
    is_named = any(request.args.get(option) for option in _OPTIONS)
    return not is_named and choose(request.headers.get("Accept"), _FORMS, "json") is HTML


def _forms(query: StoredQuery) -> tuple[ResultFormat | DrawnFormat, ...]:
    """What its answer can be downloaded as: what it shows, and every form of table."""
    drawn = _DRAWN.get(query.shows)
    return (drawn, *RESULT_FORMATS) if drawn else RESULT_FORMATS


# For programs ---------------------------------------------------------------------------------


def _summary(query: StoredQuery) -> dict[str, object]:
    urls, examples = service().urls, query.examples()
    return {
        "name": query.name,
        "summary": query.summary,
        "question": query.question,
        "keywords": list(query.keywords),
        "returns": query.returns,
        "shows": query.shows,
        "most_rows": query.most_rows,
        "url": urls.absolute(f"/queries/{query.name}"),
        "parameters": [_described(parameter) for parameter in query.parameters],
        "example": examples,
        "downloads": [
            {
                "name": form.name,
                "media_type": form.media_type,
                "url": urls.absolute(f"/queries/{query.name}.{form.extension}", **examples),
            }
            for form in (*_forms(query), SOURCE)
        ],
    }


def _described(parameter: Parameter) -> dict[str, object]:
    """A parameter, without what does not apply to it."""
    known: dict[str, object] = {
        "name": parameter.name,
        "kind": parameter.kind,
        "required": parameter.is_required,
        "example": parameter.example,
        "description": parameter.description,
    }
    if parameter.default:
        known["default"] = parameter.default
    if parameter.least is not None:
        known["from"], known["to"] = str(parameter.least), str(parameter.most)
    return known


# For people -----------------------------------------------------------------------------------


def _refused(query: StoredQuery, values: dict[str, str], **problem: object) -> str:
    """The page where there is no answer: why, beside the form."""
    return _page(query, values, problem=problem)


def _page(
    query: StoredQuery,
    values: dict[str, str],
    text: str = "",
    shown: Shown | None = None,
    problem: Mapping[str, object] | None = None,
) -> str:
    urls, path = service().urls, f"/queries/{query.name}"
    picture = points = None
    if shown and query.shows == "chart":
        picture = chart(shown.columns, shown.cells, title=query.summary, has_more=shown.is_cut)
    if shown and query.shows == "map" and shown.rows:
        points = urls.link(f"{path}.geojson", **values)
    missing = {"chart": picture is None, "map": points is None}
    forms = [f for f in _forms(query) if f in RESULT_FORMATS or not missing[query.shows]]
    return render_template(
        "query.html",
        query=query,
        controls=[_control(parameter, values) for parameter in query.parameters],
        shown=shown,
        problem=problem,
        picture=picture,
        points=points,
        is_full=bool(shown and query.most_rows == len(shown.rows)),
        example=urls.link(path, **query.examples()) if _can_try(query) else "",
        editor=urls.link("/sparql", query=text or query.text),
        downloads=[
            (form.name, urls.link(f"{path}.{form.extension}", **values), form.media_type)
            for form in forms
        ]
        if shown
        else [],
        source=urls.link(f"{path}.rq", **values),
    )


def _can_try(query: StoredQuery) -> bool:
    """Whether its examples are of every graph: an organisation's id is of one."""
    kinds = {parameter.kind for parameter in query.parameters if parameter.is_required}
    return bool(kinds) and not kinds & {"organization", "dataset"}


def _control(parameter: Parameter, values: Mapping[str, str]) -> Control:
    value = values.get(parameter.name) or parameter.default
    if parameter.kind == "boolean":
        choices = [("true", "yes"), ("false", "no")]
        value = {"yes": "true", "1": "true", "no": "false", "0": "false"}.get(value, value)
        return Control(parameter, "", value, choices=choices, is_closed=True)
    if parameter.kind == "dataset":
        found = [(slug, dataset.title) for slug, dataset in view().datasets.items()]
        return Control(parameter, "text", value, choices=found)
    known = service().standard.code_lists.get(parameter.code_list)
    codes = [(code.notation, english(code.labels)) for code in known.codes] if known else []
    kind = _CONTROLS.get(parameter.kind, "text")
    return Control(parameter, kind, value, _STEPS.get(parameter.kind, ""), codes)
