"""Backups and restoring on the command line: what is printed, and with which exit code."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_a_backup_says_what_it_holds(run: Run, sample_home: Path, tmp_path: Path) -> None:
    target = tmp_path / "one"
    result = run("backup", target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert result.exit_code == 0
    assert result.stdout == (
        f"Backed up to {target}\n"
        f"commits  2\nbytes    {target.stat().st_size:,}\nSHA-256  {digest}\n"
    )


def test_a_backup_into_a_folder_is_named_by_the_moment(
    run: Run, sample_home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    made = json.loads(run("backup", folder, "--json").stdout)
    [file] = folder.iterdir()
    assert re.fullmatch(r"coopgraph-\d{8}T\d{6}Z\.sqlite", file.name)
    assert made == {
        "file": str(file),
        "commits": 2,
        "bytes": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }


def test_a_backup_is_refused_with_what_to_do(run: Run, sample_home: Path, tmp_path: Path) -> None:
    target = tmp_path / "one"
    target.write_text("precious")
    result = run("backup", target)
    assert result.exit_code == 2
    assert "--replace" in result.stderr
    assert run("backup", target, "--replace").exit_code == 0
    assert run("backup", sample_home / "store" / "x").exit_code == 2


def test_nothing_published_is_nothing_to_back_up(run: Run, tmp_path: Path) -> None:
    result = run("backup", tmp_path / "one")
    assert result.exit_code == 3
    assert "nothing to back up" in result.stderr
    assert list(tmp_path.iterdir()) == []


# Restoring ------------------------------------------------------------------------------------


def test_a_restored_backup_is_served(run: Run, sample_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "one"
    run("backup", file)
    for path in sample_home.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    result = run("restore", file)
    assert result.exit_code == 0
    assert result.stdout == "Restored; commit 2 is served.\n"
    assert result.stderr == ""
    assert json.loads(run("status", "--json").stdout)["served"] == 2


def test_a_journal_that_is_replaced_is_kept_and_named(
    run: Run, sample_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "one"
    run("backup", file)
    refused = run("restore", file)
    assert refused.exit_code == 2
    assert "--replace" in refused.stderr
    result = run("restore", file, "--replace", "--json")
    assert result.exit_code == 0
    [kept] = sample_home.glob("journal-*.sqlite")
    assert json.loads(result.stdout) == {"sequence": 2, "kept": str(kept)}
    assert result.stderr == f"coopgraph: The journal that was there is kept as {kept}.\n"
    again = run("restore", kept, "--replace")
    assert again.exit_code == 0
    assert run("restore", tmp_path / "nowhere", "--replace").exit_code == 2


def test_a_damaged_backup_fails(run: Run, sample_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text("no backup at all")
    result = run("restore", file, "--replace")
    assert result.exit_code == 3
    assert "nothing was changed" in result.stderr
