"""The editor of /sparql in a real browser: what a person does with it, and what it never does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

pytestmark = pytest.mark.needs("chromium")

AXE = Path(__file__).parents[1] / "third_party" / "axe-core" / "axe.min.js"
POINTS = """\
PREFIX coop: <https://w3id.org/coopgraph/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?organisation ?name ?point {
  ?organisation a coop:Organization ; skos:prefLabel ?name ; geo:hasGeometry/geo:asWKT ?point .
  FILTER(LANG(?name) = "en")
}
"""
COUNTS = """\
PREFIX coop: <https://w3id.org/coopgraph/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?country (COUNT(*) AS ?organisations) {
  ?organisation coop:country/skos:prefLabel ?country . FILTER(LANG(?country) = "en")
}
GROUP BY ?country
"""
CONSTRUCT = "CONSTRUCT { ?organisation skos:prefLabel ?name ; geo:asWKT ?point }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?c < ?i) }"
# What the browser refuses because of the policy, kept where a test can read it.
LISTEN = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
Open = Callable[..., AbstractContextManager[Page]]
StartServer = Callable[..., AbstractContextManager[tuple[str, Any]]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def described(served_sample: Path, start_server: StartServer) -> Iterator[str]:
    """The address of a server over a graph that was published as any is, description and all."""
    with start_server(served_sample) as (url, _):
        yield url


@pytest.fixture
def open_tab(browser: Browser, server: str) -> Open:
    """``with open_tab(query=…) as tab``: /sparql in a fresh browser. At the end, nothing may have
    been asked of another server, refused by the policy, or thrown.
    """

    @contextmanager
    def open_one(
        query: str = "",
        *,
        at: str = server,
        scheme: Literal["light", "dark"] = "light",
        width: int = 1280,
        scripts: bool = True,
    ) -> Iterator[Page]:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        context.add_init_script(LISTEN)
        tab = context.new_page()
        asked: list[str] = []
        thrown: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: thrown.append(str(error)))
        tab.goto(f"{at}/sparql" + (f"?{urlencode({'query': query})}" if query else ""))
        yield tab
        if scripts:
            assert tab.evaluate("window.refused") == []
        assert [url for url in asked if not url.startswith(f"{at}/")] == []
        assert asked
        assert thrown == []
        context.close()

    return open_one


def write(tab: Page, text: str) -> None:
    """Put a text in place of the query, as pasting does."""
    tab.locator(".CodeMirror").click()
    tab.keyboard.press("Control+a")
    tab.keyboard.insert_text(text)


def run(tab: Page) -> None:
    tab.get_by_role("button", name="Run").click()


def answered(tab: Page) -> None:
    """Wait for the answer to what was run."""
    expect(tab.get_by_role("status").filter(has_text="Answered")).to_be_visible()


def written(tab: Page) -> str:
    """What stands in the editor."""
    return str(tab.locator("#query").input_value())


# Writing --------------------------------------------------------------------------------------


def test_a_name_is_completed_from_what_the_graph_holds(open_tab: Open, described: str) -> None:
    with open_tab(at=described) as tab:
        write(tab, "SELECT * {")
        tab.keyboard.type(" ?s a coop:WorkerC")
        expect(tab.get_by_role("listbox")).to_contain_text("coop:WorkerCooperative")
        tab.keyboard.press("Enter")
        tab.keyboard.type(" ; skos:prefL")
        expect(tab.get_by_role("listbox")).to_contain_text("skos:prefLabel")
        tab.keyboard.press("Enter")
        tab.keyboard.type(" ?name }")
        text = written(tab)
        assert "PREFIX coop: <https://w3id.org/coopgraph/ns#>" in text
        assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in text
        assert re.search(r"a coop:WorkerCooperative +; skos:prefLabel +\?name }", text)
        run(tab)
        answered(tab)
        expect(tab.get_by_role("table").get_by_role("link").first).to_be_visible()


def test_a_word_of_a_label_finds_its_name(open_tab: Open, described: str) -> None:
    with open_tab(at=described) as tab:
        write(tab, "SELECT * {")
        tab.keyboard.type(" ?s a worker")
        tab.keyboard.press("Control+Space")
        tab.get_by_role("option", name="coop:WorkerCooperative").click()
        assert "?s a coop:WorkerCooperative" in written(tab)
        assert "PREFIX coop:" in written(tab)


def test_completions_that_fail_disturb_nobody(open_tab: Open) -> None:
    with open_tab() as tab:
        asked: list[str] = []

        def refuse(route: Route) -> None:
            asked.append(route.request.url)
            route.fulfill(status=429, body="{}")

        tab.route("**/queries/*-in-use.json", refuse)
        write(tab, "SELECT * {")
        tab.keyboard.type(" ?s a coop:CreditU")
        expect(tab.get_by_role("listbox")).to_have_count(0)
        assert written(tab).endswith("?s a coop:CreditU")
        assert 1 <= len(asked) <= 2  # once for classes, once for properties; not at each key


def test_an_example_is_loaded_found_and_run(open_tab: Open) -> None:
    with open_tab() as tab:
        tab.get_by_text(re.compile(r"All \d+ examples")).click()
        tab.get_by_label("Find").fill("apex bodies")
        shown = tab.locator(".examples a.example:visible")
        expect(shown).to_have_count(1)
        shown.click()
        expect(tab.get_by_role("status").filter(has_text="The example")).to_be_visible()
        assert "#+ question:" in written(tab)
        tab.keyboard.press("Enter")  # the focus is on Run
        answered(tab)
        assert urlsplit(tab.url).query.startswith("query=%23%2B+summary")


def test_an_example_brings_values_that_can_be_run(open_tab: Open) -> None:
    with open_tab() as tab:
        tab.get_by_text(re.compile(r"All \d+ examples")).click()
        tab.get_by_role("link", name="Co-operatives at work in a country", exact=True).click()
        expect(tab.get_by_role("status").filter(has_text="The example")).to_be_visible()
        assert "UNDEF" not in written(tab)
        assert "<https://w3id.org/coopgraph/code/country/US>" in written(tab)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("required, ", "Give ?country a value in place of UNDEF."),
        ("", "Run it, or change it first."),
    ],
)
def test_a_value_is_asked_for_where_an_example_cannot_do_without(
    open_tab: Open, option: str, said: str
) -> None:
    query = (
        f"#+ parameters:\n#+   country (code country, {option}like US): The country.\n"
        "ASK {\n  VALUES ?country { UNDEF }\n}\n"
    )
    with open_tab() as tab:
        tab.route("**/queries/*.rq?*", lambda route: route.fulfill(body=query))
        tab.get_by_text(re.compile(r"All \d+ examples")).click()
        tab.get_by_role("link", name="Co-operatives at work in a country", exact=True).click()
        expect(tab.get_by_role("status")).to_have_text(f"The example is in the editor. {said}")
        assert written(tab) == query


def test_what_was_typed_is_there_after_a_reload(open_tab: Open) -> None:
    with open_tab() as tab:
        write(tab, "ASK { ?mine ?and ?only }")
        tab.reload()
        expect(tab.get_by_role("status")).to_have_text("Your last query is here again.")
        assert written(tab) == "ASK { ?mine ?and ?only }"


def test_the_keyboard_can_leave_the_editor(open_tab: Open) -> None:
    with open_tab() as tab:
        inside = "document.activeElement.closest('.CodeMirror') !== null"
        hint = tab.locator("#keys")
        expect(hint).to_contain_text("Esc then Tab leaves the editor")
        field = tab.get_by_label("Query", exact=True).and_(tab.locator(".CodeMirror textarea"))
        assert field.get_attribute("aria-describedby") == "keys"
        write(tab, "ASK {}")
        tab.keyboard.press("Tab")
        assert tab.evaluate(inside)
        tab.keyboard.press("Escape")
        tab.keyboard.press("Tab")
        assert not tab.evaluate(inside)
        assert tab.evaluate("document.activeElement.textContent") == "Run"
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        tab.keyboard.press("Shift+Tab")
        assert tab.evaluate(inside)
        outline = "getComputedStyle(document.querySelector('.CodeMirror')).outlineStyle"
        assert tab.evaluate(outline) == "solid"


# Answers --------------------------------------------------------------------------------------


def test_points_are_seen_on_a_map_that_leads_to_their_pages(open_tab: Open, server: str) -> None:
    with open_tab() as tab:
        write(tab, POINTS)
        tab.keyboard.press("Control+Enter")
        answered(tab)
        tab.get_by_role("tab", name="Map").click()
        point = tab.get_by_role("button", name="Tableflip Bakery Co-operative")
        point.first.focus()
        tab.keyboard.press("Enter")
        card = tab.locator(".map-card")
        expect(card.get_by_role("link", name="Tableflip Bakery Co-operative")).to_have_attribute(
            "href", "/org/zx73q7nn6v-sm"
        )
        expect(tab.get_by_text("1 point.")).to_be_visible()
        assert tab.locator("path.map-land").count() == 1
        assert tab.locator(".map-country").count() > 0
        tab.get_by_role("tab", name="Map").press("ArrowLeft")
        expect(tab.get_by_role("cell", name="42.3251, -72.6412")).to_be_visible()


def test_many_points_are_gathered_until_one_comes_closer(open_tab: Open, server: str) -> None:
    with open_tab() as tab:
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [10 + place / 1000, 50.0]},
                "properties": {"name": f"Number {place}"},
            }
            for place in range(300)
        ]
        content = json.dumps({"type": "FeatureCollection", "features": features})
        tab.route("**/sparql?*format=geojson*", lambda route: route.fulfill(body=content))
        write(tab, POINTS)
        run(tab)
        answered(tab)
        tab.get_by_role("tab", name="Map").click()
        expect(tab.get_by_text("300 points.")).to_be_visible()
        before = tab.locator(".map-cluster").count()
        assert 0 < before < 20
        tab.get_by_role("button", name=re.compile("points; come closer")).first.press("Enter")
        expect(tab.get_by_text("300 points.")).to_be_visible()


def test_numbers_are_seen_as_a_chart(open_tab: Open) -> None:
    with open_tab() as tab:
        write(tab, COUNTS)
        run(tab)
        answered(tab)
        expect(tab.get_by_role("table")).to_be_visible()
        tab.get_by_role("tab", name="Chart").click()
        expect(tab.locator("figure svg.chart[role=img]")).to_be_visible()
        expect(tab.get_by_role("table")).to_be_hidden()
        run(tab)  # the view stays as it was chosen
        expect(tab.get_by_role("tab", name="Chart")).to_have_attribute("aria-selected", "true")


def test_a_whole_table_can_be_put_in_order(open_tab: Open) -> None:
    with open_tab(COUNTS) as tab:
        column = tab.get_by_role("columnheader", name="organisations")
        cells = tab.locator("tbody td:nth-child(2)")
        assert cells.count() > 2
        column.get_by_role("button").click()
        rising = [int(text) for text in cells.all_inner_texts()]
        assert rising == sorted(rising)
        assert len(set(rising)) > 1
        expect(column).to_have_attribute("aria-sort", "ascending")
        column.get_by_role("button").click()
        assert [int(text) for text in cells.all_inner_texts()] == rising[::-1]


def test_numbers_are_put_in_order_by_their_size(open_tab: Open) -> None:
    values = "2.5E-1 12000 '-INF'^^xsd:double -3 UNDEF 900 1.0E2"
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
    with open_tab(f"{prefix} SELECT ?n {{ VALUES ?n {{ {values} }} }}") as tab:
        tab.get_by_role("columnheader", name="n").get_by_role("button").click()
        cells = tab.locator("tbody td")
        assert cells.all_inner_texts() == ["-INF", "", "-3", "0.25", "100", "900", "12,000"]
        sides = tab.evaluate(
            "[...document.querySelectorAll('tbody td')].map((cell) => getComputedStyle(cell).textAlign)"
        )
        assert set(sides) == {"right"}


def test_a_table_with_shortened_values_can_be_put_in_order(open_tab: Open) -> None:
    long = 'CONCAT("' + "x" * 1500 + '", "' + "y" * 1500 + '")'
    with open_tab(f"SELECT ?n ({long} AS ?text) {{ VALUES ?n {{ 1 2 }} }}") as tab:
        expect(tab.get_by_text("Long values are shortened")).to_be_visible()
        tab.get_by_role("columnheader", name="n").get_by_role("button").click()
        expect(tab.get_by_role("columnheader", name="n")).to_have_attribute(
            "aria-sort", "ascending"
        )


def test_triples_with_points_have_no_map_that_would_fail(open_tab: Open) -> None:
    with open_tab(POINTS.replace("SELECT ?organisation ?name ?point", CONSTRUCT)) as tab:
        expect(tab.get_by_role("table")).to_contain_text("42.3251, -72.6412")
        assert tab.get_by_role("tab").count() == 0


def test_the_answer_of_a_stored_query_can_be_put_in_order(open_tab: Open, server: str) -> None:
    with open_tab() as tab:
        tab.goto(f"{server}/queries/cooperatives-by-country")
        column = tab.get_by_role("columnheader", name="Co-operatives")
        cells = tab.locator("tbody td:last-child")
        column.get_by_role("button").click()
        rising = [int(text.replace(",", "")) for text in cells.all_inner_texts()]
        assert rising == sorted(rising)
        assert len(set(rising)) > 1


def test_a_table_that_was_cut_says_so_and_has_no_order(open_tab: Open) -> None:
    with open_tab("SELECT * { ?s ?p ?o }") as tab:
        expect(tab.get_by_text("The first 1,000 rows are shown")).to_be_visible()
        expect(tab.get_by_role("heading", name="Answer more than 1,000 rows")).to_be_visible()
        assert tab.locator("th button").count() == 0


def test_things_of_ours_link_to_their_pages(open_tab: Open) -> None:
    with open_tab(POINTS) as tab:
        tab.get_by_role("table").get_by_role("link").first.click()
        tab.get_by_role("heading", level=1, name="Tableflip Bakery Co-operative").wait_for()


def test_a_yes_or_no_is_said_in_words(open_tab: Open) -> None:
    with open_tab() as tab:
        write(tab, "ASK { ?s ?p ?o }")
        run(tab)
        answered(tab)
        expect(tab.get_by_text("The answer is yes.")).to_be_visible()


def test_the_address_always_shows_what_the_editor_showed(open_tab: Open) -> None:
    with open_tab() as tab:
        for number in (1, 2):
            write(tab, f"SELECT ({number} AS ?n) {{}}")
            run(tab)
            answered(tab)
            expect(tab.get_by_role("cell", name=str(number), exact=True)).to_be_visible()
        address = tab.url
        assert parse_qs(urlsplit(address).query) == {"query": ["SELECT (2 AS ?n) {}"]}
        assert urlsplit(address).fragment == ""
        tab.get_by_role("button", name="Copy link").click()
        expect(tab.get_by_role("status").filter(has_text="link")).to_be_visible()
        assert tab.url == address
        tab.go_back()
        expect(tab.get_by_role("cell", name="1", exact=True)).to_be_visible()
        assert written(tab).strip() == "SELECT (1 AS ?n) {}"


def test_chosen_graphs_stay_chosen(open_tab: Open, server: str) -> None:
    with open_tab() as tab:
        graph = "https://w3id.org/coopgraph/graph/credit-list"
        query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        tab.goto(f"{server}/sparql?" + urlencode({"query": query, "default-graph-uri": graph}))
        expect(tab.get_by_label("Default graph")).to_have_value(graph)
        count = tab.locator("tbody td").inner_text()
        run(tab)
        answered(tab)
        assert tab.locator("tbody td").inner_text() == count
        assert f"default-graph-uri={graph.replace(':', '%3A').replace('/', '%2F')}" in tab.url
        tab.get_by_label("Default graph").fill("")
        run(tab)
        expect(tab.locator("tbody td")).not_to_have_text(count)


def test_a_query_too_long_for_an_address_is_sent_as_a_form(open_tab: Open) -> None:
    with open_tab() as tab:
        values = " ".join(f"<https://example.org/thing/{number}>" for number in range(400))
        write(tab, f"SELECT ?thing {{ VALUES ?thing {{ {values} }} }}")
        before = tab.url
        run(tab)
        answered(tab)
        expect(tab.get_by_role("heading", name="Answer 400 rows")).to_be_visible()
        assert tab.url == before
        with tab.expect_download() as download:
            tab.get_by_role("navigation").get_by_role("link", name="CSV").click()
        lines = Path(download.value.path()).read_text().split()
        assert len(lines) == 401


# Refusals -------------------------------------------------------------------------------------


def test_an_error_marks_its_line_until_it_is_mended(open_tab: Open) -> None:
    with open_tab() as tab:
        write(tab, "ASK {\n  ?s ?p ?o .\n  FILTRE(?o)\n}")
        run(tab)
        alert = tab.get_by_role("alert")
        expect(alert).to_contain_text("The query cannot be run")
        expect(alert).to_contain_text("not valid SPARQL")
        marked = tab.locator(".CodeMirror-code > div:has(.at-fault)")
        expect(marked).to_have_count(1)
        expect(marked).to_contain_text("FILTRE")
        field = tab.locator(".CodeMirror textarea")
        assert field.get_attribute("aria-invalid") == "true"
        alert.get_by_role("button", name="Go to line 3").click()
        tab.keyboard.press("Control+a")
        tab.keyboard.insert_text("ASK {}")
        expect(marked).to_have_count(0)
        assert field.get_attribute("aria-invalid") is None
        run(tab)
        answered(tab)
        expect(alert).to_have_count(0)


def test_a_link_to_a_broken_query_opens_it_in_the_editor(open_tab: Open) -> None:
    with open_tab("ASK {\n  FILTRE(?o)\n}") as tab:
        expect(tab.get_by_role("alert")).to_contain_text("not valid SPARQL")
        expect(tab.locator(".CodeMirror-code > div:has(.at-fault)")).to_contain_text("FILTRE")
        assert "FILTRE" in written(tab)


def test_limits_are_explained(open_tab: Open, start_server: StartServer, home: Path) -> None:
    limits = {"QUERY_SECONDS": "3", "QUERY_WORKERS": "1", "QUERY_BUDGET_SECONDS": "1"}
    with start_server(home, **limits) as (url, _), open_tab(at=url) as tab:
        write(tab, RUNAWAY)
        run(tab)
        alert = tab.get_by_role("alert")
        expect(alert).to_contain_text("time limit", timeout=30_000)
        write(tab, "ASK {}")
        run(tab)
        expect(alert).to_contain_text("Too many queries just now")
        expect(alert).to_contain_text(re.compile(r"Try again in \d+ seconds"))


def test_a_query_that_runs_can_be_stopped(open_tab: Open) -> None:
    with open_tab() as tab:
        write(tab, RUNAWAY)
        run(tab)
        tab.get_by_role("button", name="Stop").click()
        expect(tab.get_by_role("status")).to_have_text("Stopped.")
        expect(tab.get_by_role("button", name="Stop")).to_be_hidden()
        write(tab, "ASK {}")
        run(tab)
        answered(tab)


def test_a_silent_server_and_a_strange_answer_are_told_apart(open_tab: Open) -> None:
    with open_tab() as tab:
        tab.route("**/sparql?*", lambda route: route.fulfill(status=502, body="<h1>proxy</h1>"))
        run(tab)
        expect(tab.get_by_role("alert")).to_contain_text("The server answered 502 Bad Gateway.")
        tab.unroute("**/sparql?*")
        tab.route("**/sparql?*", lambda route: route.abort())
        run(tab)
        expect(tab.get_by_role("alert")).to_contain_text("cannot be reached")


# For everybody --------------------------------------------------------------------------------


def test_without_scripts_the_plain_form_does_the_same(open_tab: Open) -> None:
    with open_tab(scripts=False) as tab:
        tab.get_by_label("Query", exact=True).fill(POINTS)
        run(tab)
        expect(tab.get_by_role("table")).to_contain_text("Tableflip Bakery Co-operative")
        assert urlsplit(tab.url).fragment == "answer"
        expect(tab.get_by_role("heading", name=re.compile("Answer"))).to_be_in_viewport()
        assert "SELECT ?organisation" in tab.get_by_label("Query", exact=True).input_value()
        expect(tab.get_by_role("link", name="as GeoJSON")).to_be_visible()
        tab.get_by_label("Query", exact=True).fill("SELECT {")
        run(tab)
        expect(tab.get_by_role("alert")).to_contain_text("not valid SPARQL")
        assert tab.get_by_label("Query", exact=True).input_value() == "SELECT {"
        tab.get_by_text(re.compile(r"All \d+ examples")).click()
        tab.get_by_role("link", name="Apex bodies by country").last.click()
        tab.wait_for_url("**/queries/*")


def test_a_form_of_the_answer_can_be_had_at_once(open_tab: Open) -> None:
    with open_tab() as tab:
        write(tab, "SELECT (1 AS ?n) {}")
        tab.get_by_label("as", exact=True).select_option("csv")
        with tab.expect_download() as download:
            run(tab)
        assert Path(download.value.path()).read_text().split() == ["n", "1"]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(
    open_tab: Open, described: str, scheme: Literal["light", "dark"], width: int
) -> None:
    source = AXE.read_text(encoding="utf-8")
    wrong: list[tuple[str, str, list[str]]] = []
    with open_tab(at=described, scheme=scheme, width=width) as tab:
        tab.evaluate(source)

        def check(state: str) -> None:
            found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert len(found["passes"]) > 20
            wrong.extend(
                (state, rule["id"], [node["html"][:200] for node in rule["nodes"]])
                for rule in found["violations"]
            )
            sides = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert tab.evaluate(sides) <= 0, state

        check("at first")
        tab.get_by_text(re.compile(r"All \d+ examples")).click()
        check("with the examples")
        tab.get_by_text(re.compile(r"All \d+ examples")).click()
        write(tab, "SELECT * {")
        tab.keyboard.type(" ?s a coop:C")
        expect(tab.get_by_role("listbox")).to_be_visible()
        check("while a name is completed")
        tab.keyboard.press("Escape")
        write(tab, COUNTS)
        run(tab)
        answered(tab)
        check("with a table")
        tab.get_by_role("tab", name="Chart").click()
        check("with a chart")
        write(tab, POINTS)
        run(tab)
        answered(tab)
        tab.get_by_role("tab", name="Map").click()
        tab.locator(".map-point").first.press("Enter")
        expect(tab.locator(".map-card")).to_be_visible()
        check("with a map")
        write(tab, "SELECT {")
        run(tab)
        expect(tab.get_by_role("alert")).to_be_visible()
        check("with an error")
        assert wrong == []
