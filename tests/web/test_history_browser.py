"""Histories in a real browser, with all that is folded opened: nothing sticks out, nothing ails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

pytestmark = pytest.mark.needs("chromium")

AXE = Path(__file__).parents[1] / "third_party" / "axe-core" / "axe.min.js"
PATHS = [
    "/history/org/zx73q7nn6v-sm",
    "/history/org/zx73q7nn6v-sm?commit=4",
    "/history/org/xdwzptktxd-cb",
    "/history/org/k1qxcbjsy3-qf",
    "/history/dataset/credit-list",
    "/org/k1qxcbjsy3-qf",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_opened_histories_fit_and_are_accessible(
    server: str, browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    tab = context.new_page()
    opened = 0
    for path in PATHS:
        tab.goto(server + path)
        opened += tab.evaluate(
            "[...document.querySelectorAll('details')].map(item => item.open = true).length"
        )
        too_wide = tab.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, f"{path} is {too_wide} px too wide"
        tab.add_script_tag(path=AXE)
        found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(found["passes"]) > 20
        ails = [
            (item["id"], node["html"]) for item in found["violations"] for node in item["nodes"]
        ]
        assert ails == [], path
    assert opened > 5
    context.close()
