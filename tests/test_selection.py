"""What a missing program or folder does to a run: left out with one line, or a failure in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OUTSIDE = {"CI", "COOPGRAPH_REGISTERS", "COOPGRAPH_SUITES"}
TESTS = """\
import pytest

@pytest.mark.needs("no-such-program")
def test_one(): ...

@pytest.mark.needs("sh", "no-such-program")
def test_two(): ...

@pytest.mark.needs("sh")
def test_with_a_shell(): ...

@pytest.mark.needs("sh", "no/such/path")
def test_path(): ...

@pytest.mark.needs("sh", "./test_it.py")
def test_with_a_path(): ...

@pytest.mark.registers
def test_register(): ...

@pytest.mark.suites("sparql11")
def test_suite(): ...

def test_plain(): ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of its own with these tests' conftest."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "test_it.py").write_text(TESTS)
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in OUTSIDE}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder),
         str(folder), *arguments],
        env={**kept, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("processes", ["0", "2"])
def test_tests_that_cannot_run_are_left_out_with_one_line(folder: Path, processes: str) -> None:
    result = run(folder, "-n", processes)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 passed" in result.stdout
    [line] = [line for line in result.stdout.splitlines() if line.startswith("left out")]
    assert line == (
        "left out: 1 for want of COOPGRAPH_REGISTERS (the folder of public registers); "
        "1 for want of COOPGRAPH_SUITES (the folder of public conformance suites); "
        "2 for want of no-such-program; 1 for want of no/such/path"
    )


@pytest.mark.parametrize("processes", ["0", "2"])
def test_in_ci_missing_programs_and_files_fail_the_session(folder: Path, processes: str) -> None:
    places = {"COOPGRAPH_REGISTERS": str(folder), "COOPGRAPH_SUITES": str(folder)}
    result = run(folder, "-n", processes, CI="true", **places)
    assert result.returncode != 0
    assert "passed" not in result.stdout
    assert "2 for want of no-such-program" in result.stdout + result.stderr
    assert "ncua/foicu-2025q4.csv" in result.stdout + result.stderr
    assert f"1 for want of sparql11 in {folder}" in result.stdout + result.stderr


def test_a_suite_that_is_there_is_run(folder: Path) -> None:
    (folder / "sparql11").mkdir()
    result = run(folder, "-k", "suite", COOPGRAPH_SUITES=str(folder))
    assert "1 passed" in result.stdout, result.stdout + result.stderr


def test_what_is_not_selected_is_not_missed(folder: Path) -> None:
    result = run(folder, "-k", "plain", CI="true")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "left out" not in result.stdout
