"""Which version number a set of changes calls for, and whether a standard keeps to it.

In: two versions and the changes between them. Out: a number after Semantic Versioning 2.0.0
(https://semver.org): breaking changes raise the first part, compatible ones the second, editorial
ones the third. Before 1.0.0 anything may change: breaking changes raise the second part, others
the third.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coopgraph.errors import NotConforming, ShapeError
from coopgraph.namespaces import ONTOLOGY_GRAPH, iri
from coopgraph.standard.diff import Change, Level, diff
from coopgraph.standard.diff.text import change_lines
from coopgraph.standard.model import Standard
from coopgraph.standard.releases import (
    altered_files,
    read_release,
    release_path,
    versions,
    write_release,
)

_NUMBER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A version number of three parts."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def raised(self, level: Level | None) -> Number:
        """The least number for changes of a level; None: no change.

        >>> str(Number(1, 4, 2).raised(Level.COMPATIBLE))
        '1.5.0'
        """
        if level is None:
            return self
        if level is Level.BREAKING and self.major:
            return Number(self.major + 1, 0, 0)
        if level is Level.BREAKING or (level is Level.COMPATIBLE and self.major):
            return Number(self.major, self.minor + 1, 0)
        return Number(self.major, self.minor, self.patch + 1)


def number_of(text: str) -> Number:
    """A version number from its text. Raises ShapeError.

    >>> number_of("1.0.0") < number_of("1.10.0")
    True
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ShapeError(f"owl:versionInfo “{text}” is no version number like 1.0.0")
    return Number(*map(int, match.groups()))


@dataclass(frozen=True)
class Comparison:
    """Two versions and the changes from one to the other."""

    old: Standard
    new: Standard
    changes: tuple[Change, ...]

    @property
    def called_for(self) -> Number:
        """The least number that the new version may have."""
        level = max((change.level for change in self.changes), default=None)
        return number_of(self.old.version).raised(level)

    @property
    def is_high_enough(self) -> bool:
        """Whether the new version's own number says how much changed."""
        return number_of(self.new.version) >= self.called_for

    def lines(self) -> Iterator[str]:
        """For a person: the changes of each level, and what number they call for."""
        yield from change_lines(self.changes)
        between = f"{self.old.version} → {self.new.version}"
        if not self.changes:
            yield f"{between}: nothing differs."
            return
        counts = (
            f"{sum(change.level is level for change in self.changes):,} {level.label}"
            for level in reversed(Level)
        )
        yield f"{between}: {', '.join(counts)}. This calls for version {self.called_for}."
        if not self.is_high_enough:
            yield f"The number {self.new.version} is too low for that."

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "old": self.old.version,
            "new": self.new.version,
            "callsFor": str(self.called_for),
            "isHighEnough": self.is_high_enough,
            "changes": [change.as_json() for change in self.changes],
        }


def compare(old: Standard, new: Standard) -> Comparison:
    """Compare two versions. Raises ShapeError where a version has no number."""
    number_of(old.version), number_of(new.version)
    return Comparison(old, new, tuple(diff(old, new)))


def release(standard: Standard, folder: Path) -> Path | None:
    """Write the working standard as the version that it says it is; None if that was done.

    Raises NotConforming where the version was released with other content, or where its number
    is too low for what changed since the last release.
    """
    problems = [*altered_files(folder), *_mislabelled(standard), *_too_low(standard, folder)]
    if problems:
        raise NotConforming("; ".join(problems))
    return write_release(standard, folder)


def problems_with(standard: Standard, folder: Path) -> list[str]:
    """What is wrong with the releases in a folder and with the working standard beside them."""
    return [*altered_files(folder), *_too_low(standard, folder)]


def _mislabelled(standard: Standard) -> list[str]:
    wanted = f"{ONTOLOGY_GRAPH.value}/{number_of(standard.version)}"
    found = standard.index.value(ONTOLOGY_GRAPH, iri("owl:versionIRI"))
    if found is not None and found.value == wanted:
        return []
    return [f"owl:versionIRI must be <{wanted}>, as owl:versionInfo is {standard.version}"]


def _too_low(standard: Standard, folder: Path) -> list[str]:
    """Compared with the last release that is not later than the standard's own number."""
    own = number_of(standard.version)
    earlier = [version for version in versions(folder) if number_of(version) <= own]
    if not earlier:
        return []
    last = read_release(release_path(earlier[-1], folder))
    comparison = compare(last, standard)
    if comparison.is_high_enough:
        return []
    return [
        f"the standard has changed since {last.version} was released, and a release stays as it "
        f"is: set owl:versionInfo to {comparison.called_for} or later, now it is {own} "
        f"(“coopgraph standard diff {last.version} working” lists the changes)"
    ]
