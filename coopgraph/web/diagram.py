"""The main classes as a picture: boxes and arrows of an inline SVG.

In: the standard's entity types. Out: a :class:`Diagram` with coordinates in SVG user units, which
a template draws; its colours come from the style sheet. A tree from left to right: what has IRIs
of its own, what it leads to, and what that leads to in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coopgraph.namespaces import curie
from coopgraph.standard import EntityType, Field, Kind, Standard
from coopgraph.web.facts import english

Page = Callable[[str], str | None]

_WIDTH, _HEIGHT = 190, 40  # of a box
_STEP_X, _STEP_Y = 400, 56  # from one box to the next
_MARGIN = 4


@dataclass(frozen=True, slots=True)
class Box:
    """One class. ``href`` leads to the fields of its shape."""

    x: int
    y: int
    title: str
    name: str
    href: str

    @property
    def middle_y(self) -> int:
        """Where arrows end."""
        return self.y + _HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A property that leads from one box to another."""

    start: Box
    end: Box
    name: str

    @property
    def path(self) -> str:
        """The line, as SVG path data."""
        x = self.start.x + _WIDTH
        return f"M{x} {self.start.middle_y} H{x + 24} V{self.end.middle_y} H{self.end.x}"

    @property
    def label_x(self) -> int:
        """Where its name begins."""
        return self.start.x + _WIDTH + 36

    @property
    def label_y(self) -> int:
        """The base line of its name."""
        return self.end.middle_y - 5


@dataclass(frozen=True, slots=True)
class Diagram:
    """A picture of ``width`` by ``height``."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int
    box_width: int = _WIDTH
    box_height: int = _HEIGHT


def draw(standard: Standard, page: Page) -> Diagram:
    """The picture of a standard."""
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    row = 0

    def place(entity: EntityType, depth: int, above: tuple[EntityType, ...]) -> Box:
        nonlocal row
        x, y = _MARGIN + depth * _STEP_X, _MARGIN + row * _STEP_Y
        href = page(entity.shape.value) or ""
        box = Box(x, y, english(entity.labels), curie(entity.target_class.value), href)
        boxes.append(box)
        inner = [] if entity in above else _inner(entity)
        for item in inner:
            below = place(standard.inner(item), depth + 1, (*above, entity))
            arrows.append(Arrow(box, below, curie(item.path.value)))
        row += not inner
        return box

    for entity in _roots(standard):
        place(entity, 0, ())
    deepest = max((box.x for box in boxes), default=0)
    lowest = max((box.y for box in boxes), default=0)
    return Diagram(
        tuple(boxes), tuple(arrows), deepest + _WIDTH + _MARGIN, lowest + _HEIGHT + _MARGIN
    )


def _roots(standard: Standard) -> list[EntityType]:
    """Entity types that nothing leads to, those that lead to most first."""
    types = standard.entity_types.values()
    reached = {item.node for entity in types for item in entity.fields}
    roots = [entity for entity in types if entity.shape not in reached]
    return sorted(roots, key=lambda entity: (-len(_inner(entity)), entity.name))


def _inner(entity: EntityType) -> list[Field]:
    return [item for item in entity.fields if item.kind is Kind.NODE]
