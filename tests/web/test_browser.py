"""Pages in a real browser: nothing sticks out, nothing fails, everything can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

pytestmark = pytest.mark.needs("chromium")

PATHS = [
    "/",
    "/org/zx73q7nn6v-sm",
    "/org/4vkgmgbt4t-tw",
    "/org/xdwzptktxd-cb",
    "/history/org/zx73q7nn6v-sm",
    "/history/org/xdwzptktxd-cb",
    "/history/dataset/movement-directory",
    "/org/k1qxcbjsy3-qf",
    "/dataset/movement-directory",
    "/organisations?country=US",
    "/catalog",
    "/ns",
    "/shapes",
    "/code/organisation-kind/cooperative",
    "/sparql",
    "/sparql?query=SELECT*%7B?s+?p+?o%7DLIMIT+20",
    "/queries/members-of-federation?organization=4vkgmgbt4t-tw",
    "/queries/cooperatives-by-country",
    "/queries/organisations-near?near=42.3251,-72.6412",
    "/api",
    "/check",
]
# Text and its background, as WCAG 2.1 measures contrast; 4.5 is level AA.
CONTRAST = """
() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.body.querySelectorAll('*')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.getClientRects().length) continue;
    const a = light(parse(getComputedStyle(node).color)), b = light(behind(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${node.tagName} ${node.className} ${ratio.toFixed(2)}`);
  }
  return faint;
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[390, 1280])
def tab(
    browser: Browser, scheme: Literal["light", "dark"], request: pytest.FixtureRequest
) -> Iterator[Page]:
    viewport = {"width": request.param, "height": 844}
    context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def failures(request: Request) -> list[str]:
    """A request that failed, but for what the browser gave up when it left the page."""
    reason = str(request.failure)
    return [] if "ERR_ABORTED" in reason else [f"{request.url}: {reason}"]


def test_pages_fit_and_can_be_read(server: str, tab: Page) -> None:
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(f"{tab.url}: {message.text}"))
    tab.on("pageerror", lambda error: complaints.append(f"{tab.url}: {error}"))
    tab.on("requestfailed", lambda request: complaints.extend(failures(request)))
    for path in PATHS:
        tab.goto(server + path)
        width = tab.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert width <= 0, f"{path} is {width} px too wide"
        assert tab.evaluate(CONTRAST) == [], path
    assert complaints == []


def test_the_colours_follow_the_reader(server: str, tab: Page, scheme: str) -> None:
    tab.goto(server + "/")
    colour = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = [int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    assert (sum(channels) > 600) is (scheme == "light")


def test_the_keyboard_reaches_the_content_first(server: str, browser: Browser) -> None:
    tab = browser.new_page()
    tab.goto(server + "/org/zx73q7nn6v-sm")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main"
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    tab.keyboard.press("Enter")
    tab.wait_for_url("**#main")
    tab.close()


def test_a_person_goes_from_the_first_page_to_an_organisation(
    server: str, browser: Browser
) -> None:
    tab = browser.new_page()
    tab.goto(server + "/")
    tab.get_by_role("link", name="Credit union", exact=True).click()
    tab.get_by_role("link", name="Harbour Towns Credit Union").click()
    tab.get_by_role("heading", level=1, name="Harbour Towns Credit Union").wait_for()
    tab.get_by_role("link", name="Turtle").click()
    tab.close()


def test_a_person_asks_a_query(server: str, browser: Browser) -> None:
    tab = browser.new_page()
    tab.goto(server + "/sparql")
    tab.get_by_role("button", name="Run").click()
    tab.get_by_role("table").get_by_text("Prairie Wind Credit Union").wait_for()
    tab.goto(server + "/queries/members-of-federation")
    tab.get_by_label("Organisation").fill("4vkgmgbt4t-tw")
    tab.get_by_role("button", name="Ask").click()
    assert tab.get_by_role("table").get_by_text("Tableflip Bakery Co-operative").count() == 1
    tab.close()


def test_text_of_sources_runs_nothing(server: str, browser: Browser) -> None:
    tab = browser.new_page()
    dialogs: list[str] = []
    tab.on("dialog", lambda dialog: dialogs.append(dialog.message))
    tab.goto(server + "/org/xdwzptktxd-cb")
    assert "<script>alert('flip')</script>" in tab.get_by_role("heading", level=1).inner_text()
    assert dialogs == []
    tab.close()
