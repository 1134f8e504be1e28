"""``/queries``: stored queries, each with a page, its parameters and its results."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, g, render_template, request

from coopgraph.errors import UsageError
from coopgraph.formats import CHART, GEOJSON, RESULT_FORMATS, DrawnFormat, ResultFormat
from coopgraph.namespaces import CODE
from coopgraph.query import Parameter, StoredQuery, prepare
from coopgraph.web.cells import in_words
from coopgraph.web.charts import Draw, chart
from coopgraph.web.errors import NotAcceptable, NotFound
from coopgraph.web.facts import english
from coopgraph.web.negotiation import HTML, JSON, PlainFormat, choose, split_extension
from coopgraph.web.responses import content_response, json_bytes
from coopgraph.web.results import ResultForm, Shown, answer_query
from coopgraph.web.service import service, view

blueprint = Blueprint("stored", __name__)

SOURCE = PlainFormat("SPARQL", "application/sparql-query", "rq")
_OPTIONS = frozenset({"format", "output", "results"})
_AS_WRITTEN = "source"  # the option of a query's text that leaves its parameters open
# What shared links carry for those who count clicks.
_TRACKING = re.compile(r"fbclid|gclid|utm_\w+")
_FORMS: tuple[ResultForm, ...] = (*RESULT_FORMATS, GEOJSON, CHART, HTML)
_DRAWN = {"map": GEOJSON, "chart": CHART}
_NAMED = ("org", "dataset")  # kinds of things whose documents are parameters' values
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
    values = _given()
    if form is SOURCE:
        _refuse_repeated()
        return content_response(_text(found, values), SOURCE)
    assert not isinstance(form, PlainFormat)
    if _wants_page(form):
        g.problem_page = partial(_refused, found, values)
    _refuse_repeated()
    try:
        text = _bound(found, values, view().datasets)
    except UsageError:
        if _wants_page(form) and not any(values.values()):
            return content_response(_page(found, {}), HTML)
        raise
    checked = prepare(text, service().settings)
    page = partial(_page, found, values, text)
    return answer_query(checked, page, form, _drawing(found, values))


def _given() -> dict[str, str]:
    """The values in the address by their names, without options and what tracks readers."""
    return {
        name: value
        for name, value in request.args.items()
        if name not in _OPTIONS and not _TRACKING.fullmatch(name)
    }


def _refuse_repeated() -> None:
    """Raises UsageError where the address gives something twice."""
    for name, values in request.args.lists():
        if len(values) > 1 and not _TRACKING.fullmatch(name):
            raise UsageError(f"“{name}” is given {len(values)} times; give it once.")


def _text(query: StoredQuery, values: Mapping[str, str]) -> str:
    """The query's text, ready to run with its values and defaults; or as it is written, with its
    parameters open, where the address says ``source=yes``.
    """
    if values.get(_AS_WRITTEN) == "yes":
        return query.text
    return _bound(query, values)


def _bound(
    query: StoredQuery, values: Mapping[str, str], datasets: Collection[str] | None = None
) -> str:
    """The query with its values; with ``datasets``, it has to be about one of them."""
    kinds = {parameter.name: parameter.kind for parameter in query.parameters}
    named = {
        name: value if kinds.get(name) == "text" else _name(value.strip())
        for name, value in values.items()
    }
    base, code_lists = view().snapshot.base, service().standard.code_lists
    return query.bound(named, base, code_lists, datasets)


def _name(value: str) -> str:
    """The name of the thing whose document here has this address; other values stay."""
    urls = service().urls
    if not value.startswith(f"{urls.root}/"):
        return value
    path = re.split("[?#]", value.removeprefix(urls.root))[0]
    kind, _, rest = path.removeprefix("/id").strip("/").partition("/")
    if kind == "code":
        return f"{CODE}{rest.removesuffix('.html')}"
    return f"{urls.base}id/{kind}/{rest.partition('.')[0]}" if kind in _NAMED else value


def _wants_page(form: ResultForm | None) -> bool:
    if form is not None:
        return form is HTML
    is_named = any(request.args.get(option) for option in _OPTIONS)
    return not is_named and choose(request.headers.get("Accept"), _FORMS, "json") is HTML


def _forms(query: StoredQuery) -> tuple[ResultFormat | DrawnFormat, ...]:
    """What its answer can be downloaded as: what it shows, and every form of table."""
    drawn = _DRAWN.get(query.shows)
    return (drawn, *RESULT_FORMATS) if drawn else RESULT_FORMATS


def _drawing(query: StoredQuery, values: Mapping[str, str]) -> Draw:
    """What draws its chart, under its summary and the values that it is asked with."""
    given = ((p, values.get(p.name, "").strip() or p.default) for p in query.parameters)
    told = [f"{in_words(p.name)}: {_called(p, value)}" for p, value in given if value]
    return partial(chart, title=query.summary, subtitle=", ".join(told))


def _called(parameter: Parameter, value: str) -> str:
    """What people call a value: a code's label, a dataset's title, or as it is written."""
    if parameter.kind == "dataset" and (dataset := view().datasets.get(value)):
        return dataset.title
    known = service().standard.code_lists.get(parameter.code_list)
    code = known and known.by_name.get(value)
    return english(code.labels) if code else value


# For programs ---------------------------------------------------------------------------------


def _summary(query: StoredQuery) -> dict[str, object]:
    urls, examples = service().urls, _examples(query)
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
        "source": urls.absolute(f"/queries/{query.name}.rq", source="yes"),
        "downloads": [
            {
                "name": form.name,
                "media_type": form.media_type,
                "url": urls.absolute(f"/queries/{query.name}.{form.extension}", **examples),
            }
            for form in (*_forms(query), SOURCE)
        ],
    }


def _examples(query: StoredQuery) -> dict[str, str]:
    """Values to try it with here: where the dataset of its example is not, the first there is."""
    known, examples = list(view().datasets), query.examples()
    for parameter in query.parameters:
        if parameter.kind == "dataset" and parameter.name in examples and known:
            value = examples[parameter.name]
            examples[parameter.name] = value if value in known else known[0]
    return examples


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
        draw = _drawing(query, values)
        picture = draw(shown.columns, shown.rows, has_more=shown.has_more_rows)
    if shown and query.shows == "map" and shown.has_points:
        points = urls.link(f"{path}.geojson", **values)
    missing = {"chart": picture is None, "map": points is None}
    forms = [f for f in _forms(query) if f in RESULT_FORMATS or not missing[query.shows]]
    return render_template(
        "query.html",
        query=query,
        controls=[_control(parameter, values) for parameter in query.parameters],
        shown=shown,
        table=shown.reading_table(has_map=points is not None) if shown else None,
        problem=problem,
        picture=picture,
        points=points,
        is_full=bool(shown and _is_full(query, shown)),
        example=urls.link(path, **_examples(query)) if query.examples() else "",
        editor=urls.link("/sparql", query=text or query.text),
        downloads=[
            (form.name, urls.link(f"{path}.{form.extension}", **values), form.media_type)
            for form in forms
        ]
        if shown
        else [],
        source=urls.link(f"{path}.rq", **(values if shown else {_AS_WRITTEN: "yes"})),
    )


def _is_full(query: StoredQuery, shown: Shown) -> bool:
    """Whether an answer is as long as the query lets it be; a page may show fewer rows of it."""
    return query.most_rows is not None and (
        shown.has_more_rows or len(shown.rows) >= query.most_rows
    )


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
