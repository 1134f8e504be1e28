"""Releases: one file each, the same bytes each time, never changed; and what number comes next."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, Triple

from coopgraph import resources
from coopgraph.cli import main
from coopgraph.errors import NotConforming, ShapeError, UsageError
from coopgraph.namespaces import ONTOLOGY_GRAPH, iri
from coopgraph.standard import Standard, read_standard
from coopgraph.standard.diff import Level, diff
from coopgraph.standard.releases import (
    FOLDER,
    altered_files,
    canonical_quads,
    read_release,
    read_version,
    release_text,
    versions,
    write_release,
)
from coopgraph.standard.versioning import Number, compare, number_of, problems_with, release

RELEASES = resources.ONTOLOGY / FOLDER


def numbered(standard: Standard, version: str, *more: Triple) -> Standard:
    """The standard under another number, with triples of the ontology added."""
    header = {iri("owl:versionInfo"), iri("owl:versionIRI")}
    kept = [
        t for t in standard.ontology if t.subject != ONTOLOGY_GRAPH or t.predicate not in header
    ]
    kept.append(Triple(ONTOLOGY_GRAPH, iri("owl:versionInfo"), Literal(version)))
    return replace(standard, version=version, ontology=(*kept, *more))


def comment(text: str) -> Triple:
    return Triple(iri("coop:Cooperative"), iri("rdfs:comment"), Literal(text, language="en"))


NEW_TERM = Triple(iri("coop:Novelty"), iri("rdf:type"), iri("owl:Class"))
NEW_CLASH = Triple(iri("coop:Cooperative"), iri("owl:disjointWith"), iri("coop:Novelty"))


@pytest.fixture(scope="module")
def released(standard: Standard, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the working standard released as 1.0.0; to read, not to change."""
    folder = tmp_path_factory.mktemp("releases")
    assert write_release(numbered(standard, "1.0.0"), folder) == folder / "1.0.0.trig"
    return folder


@pytest.fixture
def releases(released: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(released, tmp_path / FOLDER))


# The files ------------------------------------------------------------------------------------


def test_a_release_read_again_says_the_same(standard: Standard, released: Path) -> None:
    again = read_release(released / "1.0.0.trig")
    known = numbered(standard, "1.0.0")
    assert again.version == "1.0.0"
    assert canonical_quads(again) == canonical_quads(known)
    assert diff(known, again) == []
    assert again.entity_types.keys() == standard.entity_types.keys()
    assert again.code_lists.keys() == standard.code_lists.keys()
    assert again.crosswalks.keys() == standard.crosswalks.keys()


def test_the_bytes_of_a_release_depend_on_nothing_but_its_content(released: Path) -> None:
    path = released / "1.0.0.trig"
    again = read_release(path)
    shuffled = replace(again, ontology=again.ontology[::-1], shapes=again.shapes[::-1])
    assert release_text(shuffled) == path.read_bytes()


def test_a_release_is_small_enough_to_commit(released: Path) -> None:
    assert 100_000 < (released / "1.0.0.trig").stat().st_size < 1_000_000


def test_releasing_twice_is_once(standard: Standard, releases: Path) -> None:
    before = {path.name: path.read_bytes() for path in releases.iterdir()}
    assert before.keys() == {"1.0.0.trig", "SHA256SUMS"}
    assert write_release(numbered(standard, "1.0.0"), releases) is None
    assert {path.name: path.read_bytes() for path in releases.iterdir()} == before


def test_a_released_version_cannot_be_released_with_other_content(
    standard: Standard, releases: Path
) -> None:
    before = (releases / "1.0.0.trig").read_bytes()
    with pytest.raises(NotConforming, match="Raise owl:versionInfo"):
        write_release(numbered(standard, "1.0.0", comment("Other.")), releases)
    assert (releases / "1.0.0.trig").read_bytes() == before


def test_releases_stand_in_the_order_of_their_numbers(standard: Standard, releases: Path) -> None:
    for version in ("1.10.0", "1.2.0"):
        write_release(numbered(standard, version), releases)
    assert versions(releases) == ["1.0.0", "1.2.0", "1.10.0"]
    assert altered_files(releases) == []


def test_a_release_that_was_altered_removed_or_slipped_in_is_told(releases: Path) -> None:
    path = releases / "1.0.0.trig"
    path.write_bytes(path.read_bytes() + b"\n")
    assert "1.0.0.trig is not as it was released" in altered_files(releases)[0]
    path.rename(releases / "2.0.0.trig")
    assert [text.split(" ")[0] for text in altered_files(releases)] == ["1.0.0.trig", "2.0.0.trig"]


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "1.0.0.trig"
    for text in ("this is no TriG", "<urn:a> <urn:b> <urn:c> .", "<urn:g> { <urn:a> a <urn:b> }"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ShapeError, match="1.0.0.trig"):
            read_release(path)


def test_released_versions_are_as_they_were_released(standard: Standard) -> None:
    assert problems_with(standard, RELEASES) == []
    if number_of(standard.version).major:
        assert "1.0.0" in versions(RELEASES)


# Naming a version -----------------------------------------------------------------------------


def test_a_version_is_named_by_number_word_folder_or_file(released: Path, tmp_path: Path) -> None:
    ontology, shapes = tmp_path / "ontology", tmp_path / "shapes"
    shutil.copytree(resources.ONTOLOGY, ontology)
    shutil.copytree(resources.SHAPES, shapes)
    shutil.copytree(released, ontology / FOLDER, dirs_exist_ok=True)
    for name in ("1.0.0", str(released / "1.0.0.trig")):
        assert read_version(name, ontology, shapes).version == "1.0.0"
    digest = read_standard(ontology, shapes).digest
    for name in ("working", ".", str(tmp_path)):
        assert read_version(name, ontology, shapes).digest == digest
    with pytest.raises(UsageError, match=r"there are 1\.0\.0, .*working"):
        read_version("1.0.1", ontology, shapes)


# Numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "level", "new"),
    [
        ("1.2.3", Level.BREAKING, "2.0.0"),
        ("1.2.3", Level.COMPATIBLE, "1.3.0"),
        ("1.2.3", Level.EDITORIAL, "1.2.4"),
        ("1.2.3", None, "1.2.3"),
        ("0.2.3", Level.BREAKING, "0.3.0"),
        ("0.2.3", Level.COMPATIBLE, "0.2.4"),
        ("0.2.3", Level.EDITORIAL, "0.2.4"),
    ],
)
def test_the_weightiest_change_says_which_part_rises(
    old: str, level: Level | None, new: str
) -> None:
    assert str(number_of(old).raised(level)) == new


def test_a_number_has_three_parts() -> None:
    assert number_of("1.10.0") > number_of("1.9.9") == Number(1, 9, 9)
    for text in ("", "1.0", "v1.0.0", "1.0.0-beta", "01.0.0"):
        with pytest.raises(ShapeError, match="no version number"):
            number_of(text)


@pytest.mark.parametrize(
    ("more", "version", "is_enough"),
    [
        ([comment("Other.")], "1.0.0", False),
        ([comment("Other.")], "1.0.1", True),
        ([NEW_TERM], "1.0.1", False),
        ([NEW_TERM], "1.1.0", True),
        ([NEW_TERM, NEW_CLASH], "1.1.0", False),
        ([NEW_TERM, NEW_CLASH], "2.0.0", True),
    ],
)
def test_a_number_must_be_as_high_as_the_changes_call_for(
    standard: Standard, more: list[Triple], version: str, is_enough: bool
) -> None:
    bare = replace(standard, shapes=(), codes={}, mappings={})
    comparison = compare(numbered(bare, "1.0.0"), numbered(bare, version, *more))
    assert comparison.is_high_enough is is_enough
    assert ("too low" in "\n".join(comparison.lines())) is not is_enough


def test_release_refuses_a_number_that_is_too_low_or_an_iri_of_another(
    standard: Standard, releases: Path
) -> None:
    with pytest.raises(NotConforming, match="owl:versionIRI must be"):
        release(replace(standard, version="3.0.0"), releases)
    (problem,) = problems_with(numbered(standard, "1.0.0", NEW_TERM), releases)
    assert "set owl:versionInfo to 1.1.0 or later" in problem
    assert versions(releases) == ["1.0.0"]


# The commands ---------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    def invoke(*arguments: object) -> Result:
        words = ["--home", str(tmp_path / "home"), "standard", *map(str, arguments)]
        return CliRunner().invoke(main, words)

    return invoke


def test_standard_release_writes_the_working_standard(
    run: Callable[..., Result], standard: Standard, tmp_path: Path
) -> None:
    result = run("release", "--folder", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert versions(tmp_path / "new") == [standard.version]
    assert "released already" in run("release", "--folder", tmp_path / "new").stdout


def test_standard_diff_says_what_changed_and_what_number_it_calls_for(
    run: Callable[..., Result], released: Path, tmp_path: Path
) -> None:
    for name in (resources.ONTOLOGY, resources.SHAPES):
        shutil.copytree(name, tmp_path / "mine" / name.name)
    path = tmp_path / "mine" / "shapes" / "address.ttl"
    text = path.read_text("utf-8")
    assert '"^[0-9A-Za-z]' in text
    path.write_text(text.replace('"^[0-9A-Za-z]', '"^[0-9]', 1), encoding="utf-8")
    old = released / "1.0.0.trig"
    result = run("diff", old, tmp_path / "mine")
    assert result.exit_code == 0, result.output
    assert "coopsh:postalCode: pattern changed" in result.stdout
    assert "This calls for version 2.0.0." in result.stdout
    assert run("diff", old, tmp_path / "mine", "--check").exit_code == 1
    assert run("diff", old, old, "--check").exit_code == 0
    assert run("diff", "7.7.7", "working").exit_code == 2
    assert run("diff", old, old, "--data").exit_code == 3
