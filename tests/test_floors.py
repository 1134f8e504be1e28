"""A floor imports only from lower floors: import-linter says so, and would say otherwise."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LINT, "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package and of its contracts, to break."""
    ignore = shutil.ignore_patterns("__pycache__", "static", "templates")
    shutil.copytree(ROOT / "coopgraph", tmp_path / "coopgraph", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_its_contracts(house: Path) -> None:
    result = lint(house)
    assert result.returncode == 0, result.stdout
    assert "2 kept, 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("errors.py", "import coopgraph.settings"),
        ("iris.py", "import coopgraph.standard"),
        ("standard/model.py", "import coopgraph.journal"),
        ("store/layout.py", "import coopgraph.journal"),
        ("journal/states.py", "import coopgraph.store"),
        ("tables/values.py", "import coopgraph.validation"),
        ("reasoning/rules.py", "import coopgraph.publish"),
        ("query/run.py", "import coopgraph.entity"),
        ("publish/lock.py", "import coopgraph.web"),
        ("tables/records.py", "import coopgraph.checking"),
        ("checking/kinds.py", "import coopgraph.publish.report"),
        ("web/urls.py", "import coopgraph.checking"),
        ("web/urls.py", "import coopgraph.cli"),
        ("entity/documents.py", "import coopgraph.tables"),
        ("catalogue/__init__.py", "import coopgraph.publish.report"),
        ("history/naming.py", "import coopgraph.publish"),
        ("history/naming.py", "import coopgraph.entity"),
        ("web/urls.py", "import coopgraph.reasoning"),
    ],
)
def test_a_wrong_import_is_caught(house: Path, module: str, line: str) -> None:
    path = house / "coopgraph" / module
    assert path.is_file()
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", encoding="utf-8")
    result = lint(house)
    assert result.returncode == 1
    assert "BROKEN" in result.stdout


def test_a_room_that_no_floor_names_is_caught(house: Path) -> None:
    (house / "coopgraph" / "helpers.py").write_text('"""A drawer."""\n', encoding="utf-8")
    assert lint(house).returncode == 1


def test_serving_is_kept_from_building() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    forbidden = next(item for item in contracts if item["type"] == "forbidden")
    assert {name.split(".")[1] for name in forbidden["forbidden_modules"]} == {
        "tables",
        "validation",
        "reasoning",
        "gazetteer",
        "publish",
    }
    assert {name.split(".")[1] for name in forbidden["source_modules"]} == {
        "query",
        "entity",
        "catalogue",
        "history",
        "web",
    }
