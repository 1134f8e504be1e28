"""Bars, columns and lines as SVG, drawn without a script and without a style of their own.

In: a heading, and names or years with numbers. Out: one standalone SVG 1.1 document, with a title
and a description for those who do not see it. Colours are classes for ``style.css``, with
presentation attributes for a file that stands alone. Lengths are in units of the picture, 440 of
them wide, so that text is still legible where a telephone shrinks it.
"""

from __future__ import annotations

import math
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import multimode
from textwrap import wrap

Lines = dict[str, dict[int, float]]  # name → year → number, years in order

MOST_BARS = 40
MOST_LINES = 8
_MOST_SLOTS = 60
_MOST_MARKERS = 60
_WIDTH = 440.0
_FONT = 14.0
_LETTER = 8.4  # the width of a letter at that size where the font is wide
_ROW = 36.0
_HEAD = 34.0
_SUBTITLE_ROW = 20.0
_MOST_SUBTITLES = 3
_LINE = 56  # letters
_HEIGHT = 240.0
_LEGEND_ROW = 22.0
_TICKS = 5
_YEAR_WIDTH = 48.0
_LEAST_SPAN = 1e-18  # numbers closer together than that are drawn as one: floats run out of digits
# Told apart without colour by their dashes; in ``style.css`` each has a shade for the dark, too.
_COLOURS = (
    "#1d6a5c", "#b3541e", "#3b5ba9", "#8a3b8f", "#7a6a00", "#b0304f", "#2f7d95", "#5c4a3d",
)  # fmt: skip
_DASHES = ("", "7 3", "2 3", "10 3 2 3", "4 2", "1 2", "12 4", "6 2 2 2 2 2")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Heading:
    """The words over a picture; there need be none under the title."""

    title: str
    subtitle: str = ""


def bars(heading: Heading, items: Sequence[tuple[str, float]], has_more: bool) -> str:
    """A bar under each name, the first forty; there must be one. ``has_more`` says that the
    items are not all there are.
    """
    shown = items[:MOST_BARS]
    rest = _rest(len(items) - len(shown), has_more)
    ticks = _ticks(value for _, value in shown)
    across = _Scale(ticks[0], ticks[-1], 1, _WIDTH - 1)
    bottom = _ROW * len(shown)
    ordered = sorted(shown, key=lambda item: -item[1])
    said = f"{_counted(len(shown), 'bar')}. Most: {_pair(ordered[0])}. Least: {_pair(ordered[-1])}."
    svg, canvas = _picture(heading, f"{said} {rest}", bottom + 26, rest)
    for tick in ticks:
        pieces = (f"M{_n(across(tick))} {_n(n * _ROW + 17)}v16" for n in range(len(shown)))
        _add(canvas, "path", d="".join(pieces), **_faint(tick))
    _tick_labels(canvas, [(_short(tick), across(tick)) for tick in ticks], bottom + 18)
    for number, (name, value) in enumerate(shown):
        _bar(canvas, number * _ROW, name, value, across)
    return ET.tostring(svg, encoding="unicode")


def _bar(canvas: ET.Element, top: float, name: str, value: float, across: _Scale) -> None:
    figure = _written(value)
    group = _add(canvas, "g")
    _add(group, "title", f"{name}: {figure}")
    space = _WIDTH - (len(figure) + 2) * _LETTER
    _add(group, "text", _cut(name, space), x=0, y=top + 15)
    _add(group, "text", figure, x=_WIDTH, y=top + 15, text_anchor="end")
    start, end = sorted((across(0), across(value)))
    _add(group, "rect", x=start, y=top + 20, width=end - start, height=10, **_filled(0))


def fit_columns(series: Lines) -> bool:
    """Whether columns suit: one series, and few places between its first and its last year."""
    if len(series) != 1:
        return False
    [values] = series.values()
    years = list(values)
    return len(years) <= MOST_BARS and (years[-1] - years[0]) / _step(years) < _MOST_SLOTS


def columns(heading: Heading, series: Lines, has_more: bool) -> str:
    """A column for each year of the one series there is."""
    [values] = series.values()
    years = list(values)
    step = _step(years)
    plot = _plot(
        heading,
        f"{_counted(len(years), 'column')}: {_span(values)}.",
        values.values(),
        (years[0] - step / 2, years[-1] + step / 2),
        years,
        _rest(0, has_more),
    )
    width = (plot.along(years[0] + step) - plot.along(years[0])) * 0.8
    for year, value in values.items():
        top, base = sorted((plot.up(value), plot.up(0)))
        group = _add(plot.canvas, "g")
        _add(group, "title", f"{year}: {_written(value)}")
        left = plot.along(year) - width / 2
        _add(group, "rect", x=left, y=top, width=width, height=base - top, **_filled(0))
    return ET.tostring(plot.svg, encoding="unicode")


def lines(heading: Heading, series: Lines, has_more: bool) -> str:
    """A line for each name: in the order given, the eight with most in all where there are more.
    A line is broken where there is no number for longer than usual.
    """
    highest = sorted(series, key=lambda name: -sum(series[name].values()))[:MOST_LINES]
    shown = {name: series[name] for name in series if name in highest}
    years = sorted({year for values in shown.values() for year in values})
    has_legend = len(series) > 1
    said = "; ".join(f"{n + ': ' if has_legend else ''}{_span(v)}" for n, v in shown.items())
    plot = _plot(
        heading,
        f"{_counted(len(shown), 'line')}. {said}.",
        [value for values in shown.values() for value in values.values()],
        (years[0], years[-1]),
        years,
        _rest(len(series) - len(shown), has_more),
        10 + _LEGEND_ROW * len(shown) if has_legend else 0,
    )
    step = _usual_step(shown)
    for number, (name, values) in enumerate(shown.items()):
        _line(plot, number, name if has_legend else "", _runs(values, step))
        if has_legend:
            y = _HEIGHT + 46 + number * _LEGEND_ROW
            _add(plot.canvas, "line", x1=0, x2=36, y1=y - 5, y2=y - 5, **_stroked(number))
            _add(plot.canvas, "text", _cut(name or "?", _WIDTH - 44), x=44, y=y)
    return ET.tostring(plot.svg, encoding="unicode")


def _line(plot: _Plot, number: int, name: str, runs: Sequence[Mapping[int, float]]) -> None:
    """A line in pieces, with a dot for each year where these have room, or that stands alone."""
    group = _add(plot.canvas, "g")
    pieces = (
        "L".join(f"{_n(plot.along(year))} {_n(plot.up(value))}" for year, value in run.items())
        for run in runs
    )
    _add(group, "path", d="".join(f"M{piece}" for piece in pieces), fill="none", **_stroked(number))
    has_room = sum(map(len, runs)) <= _MOST_MARKERS
    for year, value in (item for run in runs if has_room or len(run) == 1 for item in run.items()):
        dot = _add(group, "circle", cx=plot.along(year), cy=plot.up(value), r=3, **_filled(number))
        _add(dot, "title", f"{name + ', ' if name else ''}{year}: {_written(value)}")


def _usual_step(series: Lines) -> int:
    """The distance in years that most neighbours of a line have, the longest where several do."""
    steps = (after - before for years in series.values() for before, after in pairwise(years))
    return max(multimode(steps), default=1)


def _runs(values: Mapping[int, float], step: int) -> list[dict[int, float]]:
    """The numbers of a line, apart where neighbours are further from each other than a step.

    >>> _runs({1900: 1.0, 1910: 2.0, 1950: 3.0}, 10)
    [{1900: 1.0, 1910: 2.0}, {1950: 3.0}]
    """
    runs: list[dict[int, float]] = []
    before: int | None = None
    for year, value in values.items():
        if before is None or year - before > step:
            runs.append({})
        runs[-1][year] = value
        before = year
    return runs


# Axes -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scale:
    """Numbers from ``low`` to ``high``, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.low == self.high:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class _Plot:
    """A picture with years along its lower edge and numbers up its left."""

    svg: ET.Element
    canvas: ET.Element
    along: _Scale
    up: _Scale


def _plot(
    heading: Heading,
    said: str,
    values: Iterable[float],
    span: tuple[float, float],
    years: Sequence[int],
    rest: str,
    legend_height: float = 0.0,
) -> _Plot:
    ticks = _ticks(values)
    left = max(len(_short(tick)) for tick in ticks) * _LETTER + 8
    up = _Scale(ticks[0], ticks[-1], _HEIGHT, 10)
    along = _Scale(span[0], span[1], left + 4, _WIDTH - 6)
    svg, canvas = _picture(heading, f"{said} {rest}", _HEIGHT + 28 + legend_height, rest)
    svg.set("class", "chart over-time")
    for tick in ticks:
        y = up(tick)
        _add(canvas, "line", x1=left, x2=_WIDTH, y1=y, y2=y, **_faint(tick))
        _add(canvas, "text", _short(tick), x=left - 6, y=y + 5, text_anchor="end", class_="tick")
    every = math.ceil(len(years) * _YEAR_WIDTH / (_WIDTH - left))
    _tick_labels(canvas, [(str(year), along(year)) for year in years[::every]], _HEIGHT + 20)
    return _Plot(svg, canvas, along, up)


def _ticks(values: Iterable[float]) -> list[float]:
    """Round numbers around zero and all values."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    if high - low < _LEAST_SPAN:
        low, high = 0.0, 1.0
    rough = (high - low) / _TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 5, 10, 20) if unit * times >= rough * 0.999)
    if all(value.is_integer() for value in known):
        step = max(step, 1.0)
    return [n * step for n in range(math.floor(low / step), math.ceil(high / step) + 1)]


def _tick_labels(canvas: ET.Element, labels: Sequence[tuple[str, float]], y: float) -> None:
    """Texts under an axis, each under its place; those at the edges stay inside, and one that
    would touch the one before is left out.
    """
    free = 0.0
    for label, x in labels:
        half = len(label) * _LETTER / 2
        middle = min(max(x, half), _WIDTH - half)
        if middle - half >= free:
            _add(canvas, "text", label, x=middle, y=y, text_anchor="middle", class_="tick")
            free = middle + half + _LETTER


def _step(years: Sequence[int]) -> int:
    """The least distance between neighbours."""
    return min((after - before for before, after in pairwise(years)), default=1)


# Words ----------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """One line of characters that XML can hold."""
    return " ".join(_NOT_IN_XML.sub("\ufffd", text).split())


def _written(value: float) -> str:
    """A number with separators for thousands, and at most two decimals, or digits that count.

    >>> _written(1250000.5), _written(0.00123)
    ('1,250,000.5', '0.0012')
    """
    if value.is_integer():
        return f"{int(value):,}"
    if abs(value) < 0.01:
        return f"{value:.2g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _short(value: float) -> str:
    """A number beside a tick.

    >>> _short(2_500_000.0)
    '2.5 M'
    """
    for size, unit in ((1e9, "bn"), (1e6, "M")):
        if abs(value) >= size:
            return f"{_written(round(value / size, 2))} {unit}"
    return _written(float(f"{value:.6g}"))


def _rest(count: int, has_more: bool) -> str:
    """What is not in the picture."""
    if count:
        return f"and {'at least ' if has_more else ''}{count:,} more, in the table"
    return "and more, in the downloads" if has_more else ""


def _cut(text: str, width: float) -> str:
    """As much of a text as fits, with an ellipsis where it is cut."""
    used = 0.0
    for place, character in enumerate(text):
        used += _LETTER * 0.92 * (2 if unicodedata.east_asian_width(character) in "WF" else 1)
        if used > width:
            return text[: max(0, place - 1)].rstrip() + "…"
    return text


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _pair(item: tuple[str, float]) -> str:
    return f"{item[0]}, {_written(item[1])}"


def _span(values: Mapping[int, float]) -> str:
    years = list(values)
    first, last = years[0], years[-1]
    return f"{_written(values[first])} in {first} to {_written(values[last])} in {last}"


# Elements -------------------------------------------------------------------------------------


def _picture(
    heading: Heading, said: str, height: float, rest: str
) -> tuple[ET.Element, ET.Element]:
    """A picture with its heading over an empty canvas, and what is left out in words under it."""
    under = wrap(heading.subtitle, _LINE)[:_MOST_SUBTITLES]
    head = _HEAD + _SUBTITLE_ROW * len(under)
    full = head + height + (22 if rest else 0)
    told = f"{heading.subtitle}. {said}" if heading.subtitle else said
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "chart",
            "viewBox": f"0 0 {_n(_WIDTH)} {_n(full)}",
            "width": _n(_WIDTH),
            "height": _n(full),
            "role": "img",
            "aria-labelledby": "chart-title chart-description",
            "font-family": "system-ui, sans-serif",
            "font-size": _n(_FONT),
            "fill": "currentColor",
        },
    )
    _add(svg, "title", heading.title, id="chart-title")
    _add(svg, "desc", told, id="chart-description")
    _add(svg, "text", _cut(heading.title, _WIDTH), x=0, y=15, font_weight=600, class_="heading")
    for number, line in enumerate(under):
        y = 15 + _SUBTITLE_ROW * (number + 1)
        _add(svg, "text", _cut(line, _WIDTH), x=0, y=y, class_="subtitle")
    canvas = _add(svg, "g", transform=f"translate(0 {_n(head)})")
    if rest:
        _add(canvas, "text", rest, x=0, y=height + 14, class_="rest")
    return svg, canvas


def _faint(tick: float) -> dict[str, object]:
    """A line of the grid, stronger at zero."""
    return {"stroke": "currentColor", "stroke_opacity": 0.15 if tick else 0.6, "class_": "grid"}


def _filled(number: int) -> dict[str, object]:
    return {"fill": _COLOURS[number], "class_": f"mark-{number}"}


def _stroked(number: int) -> dict[str, object]:
    return {
        "stroke": _COLOURS[number],
        "stroke_width": 2,
        "stroke_dasharray": _DASHES[number],
        "class_": f"line-{number}",
    }


def _add(parent: ET.Element, tag: str, text: str = "", /, **attributes: object) -> ET.Element:
    """An element inside another; ``class_`` and ``text_anchor`` are written as SVG has them."""
    written = {
        name.rstrip("_").replace("_", "-"): _n(value) if isinstance(value, float) else str(value)
        for name, value in attributes.items()
        if value != ""
    }
    element = ET.SubElement(parent, tag, written)
    element.text = clean(text) or None
    return element


def _n(number: float) -> str:
    """A length, to a hundredth."""
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
