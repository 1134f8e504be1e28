"""The documentation says what is true: derived pages are fresh, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_found() -> None:
    names = {page.name for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "architecture.md"} <= names


def test_derived_pages_are_fresh(reference: ModuleType) -> None:
    for path, text in reference.pages().items():
        assert path.read_text("utf-8") == text, f"{path.name} is stale; run “make docs”"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_to_files(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which is missing"


def test_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    modules = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "coopgraph").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    rooms = modules - {"__init__", "__main__"}
    assert len(rooms) > 10
    assert {room for room in rooms if f"`{room}`" not in text and f"`{room}/`" not in text} == set()


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    lists = re.findall(r"^(?:dependencies|dev) = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    names = re.findall(r'"([a-z-]+)[><=]', "".join(lists))
    assert len(names) > 15
    reasons = (ROOT / "CONTRIBUTING.md").read_text("utf-8").lower()
    assert [name for name in names if name not in reasons] == []
