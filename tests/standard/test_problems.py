"""A broken standard: what is wrong is named by file, term and rule, and nothing serves it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import coopgraph
from coopgraph import resources
from coopgraph.cli import main
from coopgraph.errors import SettingError, ShapeError
from coopgraph.settings import Settings
from coopgraph.standard.folders import Folders, folders_of, standard_of
from coopgraph.standard.problems import Problem, checked_standard, problems

Break = Callable[[Path], None]


def replaced(name: str, old: str, new: str) -> Break:
    """A change of one file of the standard."""

    def change(root: Path) -> None:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


# What breaks it → where that is said, of which term, by which rule, and in which words.
BROKEN = {
    "a syntax error in a shapes file": (
        replaced("shapes/offer.ttl", "coopsh:offerName a", "coopsh:offerName an"),
        ("shapes/offer.ttl", "", "unreadable", "is no Turtle: Parser error at line"),
    ),
    "a syntax error in the ontology": (
        replaced("ontology/coop.ttl", "coop:Organization a owl:Class ;", "coop:Organization a ("),
        ("ontology/coop.ttl", "", "unreadable", "is no Turtle"),
    ),
    "a path to a property that is not there": (
        replaced(
            "shapes/offer.ttl", "sh:path coop:productCategory", "sh:path coop:productKategory"
        ),
        ("shapes/offer.ttl", "coopsh:productCategory", "undeclared-path", "coop:productKategory"),
    ),
    "a column that is there twice": (
        replaced("shapes/offer.ttl", 'coop:column "offer_description"', 'coop:column "offer_name"'),
        ("shapes/offer.ttl", "coopsh:OfferShape", "repeated-column", "offer_name"),
    ),
    "a term without a label": (
        replaced(
            "ontology/coop.ttl", 'rdfs:label "Organisation"@en', 'rdfs:label "Organisation"@pt'
        ),
        ("ontology/coop.ttl", "coop:Organization", "term-without-label", "no English label"),
    ),
    "a field without a name": (
        replaced("shapes/offer.ttl", 'sh:name "Area served"@en', 'sh:name "Zone"@pt'),
        ("shapes/offer.ttl", "coopsh:areaServed", "field-without-name", "no English name"),
    ),
    "a list of codes that is not there": (
        replaced("shapes/codes.ttl", "coop:codeList code:tier", "coop:codeList code:tear"),
        ("shapes/organization.ttl", "coopsh:tier", "contradiction", "no code list “tear”"),
    ),
    "a count that is no number": (
        replaced("shapes/point.ttl", "sh:maxCount 1", 'sh:maxCount "one"'),
        ("shapes/point.ttl", "coopsh:latitude", "contradiction", "must be a whole number"),
    ),
    "a node of no entity type": (
        replaced("shapes/site.ttl", "sh:node coopsh:AddressShape", "sh:node coopsh:AdressShape"),
        ("shapes/site.ttl", "coopsh:siteAddress", "contradiction", "no shape with a target class"),
    ),
    "a node that leads back to itself": (
        replaced("shapes/address.ttl", "sh:property\n", "sh:property coopsh:address,\n"),
        ("shapes/address.ttl", "coopsh:AddressShape", "contradiction", "lead back to itself"),
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the standard that a test may break."""
    for source in (resources.ONTOLOGY, resources.SHAPES):
        shutil.copytree(source, tmp_path / source.name)
    return tmp_path


def folders(root: Path) -> Folders:
    return Folders(root / "ontology", root / "shapes")


@pytest.mark.parametrize(("change", "expected"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_named_by_file_term_and_rule(
    root: Path, change: Break, expected: tuple[str, str, str, str]
) -> None:
    change(root)
    found = problems(folders(root))
    file, term, rule, words = expected
    named = [(p.file, p.term, p.rule) for p in found]
    assert (file, term, rule) in named, found
    problem = found[named.index((file, term, rule))]
    assert words in problem.message
    assert str(problem).startswith(f"{file}: {term}: " if term else f"{file}: ")
    assert str(problem).endswith(f" [{rule}]")


def test_the_bundled_standard_has_no_problem() -> None:
    assert problems(folders_of(Settings())) == []


def test_a_problem_without_a_place_says_what_it_can() -> None:
    assert str(Problem("", "coop:x", "rule", "Wrong.")) == "coop:x: Wrong. [rule]"


def test_a_checked_standard_raises_with_all_of_them(root: Path) -> None:
    replaced("shapes/offer.ttl", 'sh:name "Area served"@en', 'sh:name "Zone"@pt')(root)
    replaced("ontology/coop.ttl", 'label "Organisation"@en', 'label "Organisation"@pt')(root)
    with pytest.raises(ShapeError) as caught:
        checked_standard(folders(root))
    assert "coopsh:areaServed" in str(caught.value)
    assert "coop:Organization" in str(caught.value)


# On the command line ---------------------------------------------------------------------------


def test_check_prints_them_and_fails(root: Path) -> None:
    BROKEN["a field without a name"][0](root)
    result = CliRunner(env={"COOPGRAPH_STANDARD": str(root)}).invoke(main, ["standard", "check"])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert all(line.startswith("shapes/offer.ttl: coopsh:areaServed: ") for line in lines)
    assert any(line.endswith(" [field-without-name]") for line in lines)


def test_check_names_a_file_that_cannot_be_read(root: Path) -> None:
    BROKEN["a syntax error in a shapes file"][0](root)
    result = CliRunner(env={"COOPGRAPH_STANDARD": str(root)}).invoke(main, ["standard", "check"])
    assert result.exit_code == 1
    assert result.stdout.startswith("shapes/offer.ttl: is no Turtle")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("hygiene/broken.rq", "SELECT broken"),
        ("releases/SHA256SUMS", "junk"),
    ],
)
def test_check_names_a_rule_or_a_list_that_cannot_be_read(root: Path, file: str, text: str) -> None:
    path = root / "ontology" / file
    shutil.copytree(resources.ONTOLOGY / path.parent.name, path.parent, dirs_exist_ok=True)
    path.write_text(text, encoding="utf-8")
    result = CliRunner(env={"COOPGRAPH_STANDARD": str(root)}).invoke(main, ["standard", "check"])
    assert result.exit_code == 1
    assert path.name in result.stdout


@pytest.mark.parametrize(
    "name",
    [
        "a syntax error in a shapes file",
        "a path to a property that is not there",
        "a column that is there twice",
        "a term without a label",
    ],
)
def test_the_service_does_not_start_on_it(root: Path, name: str) -> None:
    change, (file, term, rule, _) = BROKEN[name]
    change(root)
    runner = CliRunner(env={"COOPGRAPH_STANDARD": str(root)})
    result = runner.invoke(main, ["--home", str(root / "home"), "serve"])
    assert result.exit_code == ShapeError.exit_code
    assert "The standard is broken." in result.stderr
    assert file in result.stderr
    assert term in result.stderr
    assert f"[{rule}]" in result.stderr
    assert not (root / "home").exists()


def test_the_bare_server_does_not_start_on_it_either(root: Path) -> None:
    BROKEN["a column that is there twice"][0](root)
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COOPGRAPH_")},
        "PYTHONPATH": str(Path(coopgraph.__file__).parents[1]),
        "COOPGRAPH_STANDARD": str(root),
        "COOPGRAPH_HOME": str(root / "home"),
    }
    command = [sys.executable, "-m", "coopgraph.web"]
    result = subprocess.run(
        command, env=variables, cwd="/", capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == ShapeError.exit_code
    assert "coopsh:OfferShape" in result.stderr
    assert "Traceback" not in result.stderr


# Which standard --------------------------------------------------------------------------------


def test_without_a_setting_it_is_the_bundled_one() -> None:
    assert folders_of(Settings()) == Folders(resources.ONTOLOGY, resources.SHAPES)


def test_a_standard_of_ones_own_is_read(root: Path) -> None:
    replaced("ontology/coop.ttl", "owl:versionInfo", 'rdfs:seeAlso "own" ; owl:versionInfo')(root)
    own, bundled = standard_of(Settings(standard=str(root))), standard_of(Settings())
    assert own.digest != bundled.digest


def test_rules_are_its_own_or_else_the_bundled_ones(root: Path) -> None:
    assert folders(root).rules == root / "ontology" / "hygiene"
    shutil.rmtree(root / "ontology" / "hygiene")
    assert folders(root).rules == resources.ONTOLOGY / "hygiene"


def test_a_folder_without_a_standard_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="COOPGRAPH_STANDARD"):
        folders_of(Settings(standard=str(tmp_path)))
    runner = CliRunner(env={"COOPGRAPH_STANDARD": str(tmp_path)})
    result = runner.invoke(main, ["standard", "check"])
    assert result.exit_code == 2
    assert "ontology" in result.stderr
