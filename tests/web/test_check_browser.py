"""``/check`` in a real browser: from a file that is dropped to the workbook with its colours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pytest
from playwright.sync_api import Browser, Download, Page, expect, sync_playwright
from pyoxigraph import RdfFormat, parse

pytestmark = pytest.mark.needs("chromium")

AXE = Path(__file__).parents[1] / "third_party" / "axe-core" / "axe.min.js"
ROWS = """\
Nr;Firma;Art;PLZ;Ort;Land;Gegründet;Bemerkung
1;Teigwaren Genossenschaft;Genossenschaft;8001;Zürich;CH;31.12.1985;=1+1
2;Obstbau <script>alert(1)</script>;Genossenschaft;01067;Dresden;DE;01.02.1990;
3;Flipside eG;Genossenschaft;1067;Dresden;DE;13.13.1999;Tische
"""
# What the browser refuses because of the policy, kept where a test can read it.
LISTEN = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
DROP = """
([name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name));
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true });
    document.querySelector("main").dispatchEvent(event);
  }
}
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


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "members.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def open_tab(browser: Browser, server: str) -> Open:
    """``with open_tab() as tab``: /check in a fresh browser. At the end, nothing may have been
    asked of another server, refused by the policy, or thrown.
    """

    @contextmanager
    def open_one(
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
            accept_downloads=True,
        )
        context.add_init_script(LISTEN)
        tab = context.new_page()
        asked: list[str] = []
        thrown: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: thrown.append(str(error)))
        tab.on("dialog", lambda dialog: thrown.append(dialog.message))
        tab.goto(f"{at}/check")
        yield tab
        if scripts:
            assert tab.evaluate("window.refused") == []
        assert [url for url in asked if not url.startswith((f"{at}/", f"blob:{at}/"))] == []
        assert thrown == []
        context.close()

    return open_one


def checked(tab: Page) -> None:
    """Wait for what was found."""
    expect(tab.get_by_role("status")).to_contain_text("Checked:", timeout=30_000)


def taken(tab: Page, name: str) -> Download:
    """The download behind a button, pressed by key."""
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name=name).focus()
        tab.keyboard.press("Enter")
    return waiting.value


def test_from_a_dropped_file_to_the_coloured_workbook(open_tab: Open, tmp_path: Path) -> None:
    with open_tab() as tab:
        tab.evaluate(DROP, ["members.csv", ROWS])
        checked(tab)
        expect(
            tab.get_by_role("heading", name="1 of 3 rows would not be published")
        ).to_be_visible()
        assert tab.get_by_label("Firma").input_value() == "name"
        assert tab.get_by_label("Bemerkung").input_value() == ""
        expect(tab.locator("#preview td.at.error")).to_contain_text("13.13.1999")

        tab.get_by_label("Bemerkung").focus()
        tab.get_by_label("Bemerkung").select_option("description")
        expect(tab.locator("li", has=tab.get_by_label("Bemerkung"))).to_contain_text(
            "chosen by hand", timeout=30_000
        )
        checked(tab)
        focused = tab.evaluate("document.activeElement.labels[0].textContent")
        assert focused == "Bemerkung"  # the drop-down is still the same

        workbook = taken(tab, "Workbook")
        assert workbook.suggested_filename == "members-checked.xlsx"
        workbook.save_as(tmp_path / "checked.xlsx")
        book = openpyxl.load_workbook(tmp_path / "checked.xlsx")
        assert book.sheetnames == ["Findings", "members"]
        sheet = book["members"]
        assert sheet["G4"].fill.fgColor.rgb == "00F8C9C4"
        assert sheet["D4"].fill.fgColor.rgb == "00FCE4A8"
        assert (sheet["H2"].data_type, sheet["H2"].value) == ("s", "=1+1")
        expect(tab.get_by_role("status")).to_contain_text("Ready: members-checked.xlsx")


def test_the_other_outcomes_are_of_the_mapping_that_was_chosen(
    open_tab: Open, rows: Path, tmp_path: Path
) -> None:
    with open_tab() as tab:
        tab.get_by_label("File", exact=True).set_input_files(rows)
        checked(tab)
        tab.get_by_label("Bemerkung").select_option("description")
        expect(tab.locator("#columns")).to_contain_text("chosen by hand", timeout=30_000)
        taken(tab, "Mapping").save_as(tmp_path / "mapping.yaml")
        assert "description: Bemerkung" in (tmp_path / "mapping.yaml").read_text("utf-8")
        taken(tab, "RDF").save_as(tmp_path / "members.ttl")
        triples = list(parse(path=str(tmp_path / "members.ttl"), format=RdfFormat.TURTLE))
        assert "=1+1" in {getattr(triple.object, "value", "") for triple in triples}
        taken(tab, "JSON-LD").save_as(tmp_path / "members.jsonld")
        assert len(json.loads((tmp_path / "members.jsonld").read_text("utf-8"))["@graph"]) == 2
        taken(tab, "Report").save_as(tmp_path / "report.html")
        assert "Check of" in (tmp_path / "report.html").read_text("utf-8")


def test_everything_can_be_done_by_keys(open_tab: Open, rows: Path) -> None:
    with open_tab() as tab:
        reached = []
        for _ in range(12):
            tab.keyboard.press("Tab")
            reached.append(tab.evaluate("document.activeElement.id || document.activeElement.type"))
        assert "file" in reached
        tab.get_by_label("File", exact=True).set_input_files(rows)
        checked(tab)
        tab.get_by_label("Bemerkung").focus()
        tab.keyboard.type("Desc")  # a closed drop-down goes to the option of that name
        expect(tab.locator("#columns")).to_contain_text("chosen by hand", timeout=30_000)
        tab.get_by_role("button", name="Check", exact=True).focus()
        tab.keyboard.press("Enter")
        checked(tab)
        assert tab.get_by_label("Bemerkung").input_value() == "description"


def test_without_scripts_the_plain_form_does_it_all(
    open_tab: Open, rows: Path, tmp_path: Path
) -> None:
    with open_tab(scripts=False) as tab:
        tab.get_by_label("File", exact=True).set_input_files(rows)
        tab.get_by_role("button", name="Check", exact=True).click()
        expect(
            tab.get_by_role("heading", name="1 of 3 rows would not be published")
        ).to_be_visible()
        expect(tab.get_by_text("The file was not kept")).to_be_visible()
        tab.get_by_label("Bemerkung").select_option("description")
        tab.get_by_label("File", exact=True).set_input_files(rows)
        tab.get_by_role("button", name="Check again").click()
        expect(tab.locator("#columns")).to_contain_text("chosen by hand")
        assert tab.get_by_label("Bemerkung").input_value() == "description"
        tab.get_by_label("File", exact=True).set_input_files(rows)
        with tab.expect_download() as waiting:
            tab.get_by_role("button", name="Workbook").click()
        waiting.value.save_as(tmp_path / "checked.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "checked.xlsx")["members"]
        assert sheet["G4"].fill.fgColor.rgb == "00F8C9C4"


def test_what_cannot_be_read_is_said_and_the_form_stays(open_tab: Open, tmp_path: Path) -> None:
    page = tmp_path / "list.xls"
    page.write_text("<html><table></table></html>", encoding="utf-8")
    with open_tab() as tab:
        tab.get_by_label("File", exact=True).set_input_files(page)
        alert = tab.get_by_role("alert")
        expect(alert).to_contain_text("The file cannot be read", timeout=30_000)
        expect(alert).to_contain_text("this is a web page")
        tab.evaluate(DROP, ["members.csv", ROWS])
        checked(tab)
        expect(alert).to_have_count(0)


def test_what_is_too_large_is_not_even_sent(open_tab: Open) -> None:
    with open_tab() as tab:
        sent: list[str] = []
        tab.on("request", lambda request: sent.append(request.method))
        tab.evaluate(DROP, ["large.csv", "x" * (11 << 20)])
        expect(tab.get_by_role("alert")).to_contain_text("11.0 MB, and at most 10 MB")
        assert "POST" not in sent


def test_a_check_can_be_stopped(open_tab: Open) -> None:
    with open_tab() as tab:
        lines = [ROWS] + [f"{n};Krume {n};;8001;Zürich;CH;;\n" for n in range(4, 30_000)]
        tab.evaluate(DROP, ["long.csv", "".join(lines)])
        tab.get_by_role("button", name="Stop").click()
        expect(tab.get_by_role("status")).to_have_text("Stopped.")


def test_another_answer_than_the_service_s_is_told(open_tab: Open, rows: Path) -> None:
    with open_tab() as tab:
        tab.route("**/check", lambda route: route.fulfill(status=502, body="<p>Bad gateway</p>"))
        tab.get_by_label("File", exact=True).set_input_files(rows)
        expect(tab.get_by_role("alert")).to_contain_text("The server answered 502")
        tab.unroute("**/check")
        tab.route("**/check", lambda route: route.abort())
        tab.get_by_role("button", name="Check", exact=True).click()
        expect(tab.get_by_role("alert")).to_contain_text("cannot be reached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_use_it(
    open_tab: Open, rows: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    source = AXE.read_text(encoding="utf-8")
    wrong: list[object] = []
    with open_tab(scheme=scheme, width=width) as tab:
        tab.evaluate(source)

        def look(state: str) -> None:
            found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert len(found["passes"]) > 15
            wrong.extend(
                (state, rule["id"], [node["html"][:200] for node in rule["nodes"]])
                for rule in found["violations"]
            )
            sides = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert tab.evaluate(sides) <= 0, state

        look("at first")
        tab.get_by_text("Sheet, language, mapping").click()
        look("with options")
        tab.get_by_label("File", exact=True).set_input_files(rows)
        checked(tab)
        for group in tab.locator("details.group:not([open]) summary").all():
            group.click()
        look("with findings")
        small = tab.evaluate(
            "[...document.querySelectorAll('#check button, #check select')]"
            ".filter((one) => one.checkVisibility() && one.offsetHeight < 44).length"
        )
        assert small == 0
    assert wrong == []
