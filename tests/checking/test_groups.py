"""Groups: counts are exact, lists are bounded, the worst stand first."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import coopgraph
from coopgraph.checking import CheckedRow, Groups
from coopgraph.checking.groups import MOST_CELLS, MOST_EXAMPLES, MOST_PREVIEWS, SEVERITIES
from coopgraph.checking.kinds import TITLES
from coopgraph.tables.records import Finding

PACKAGE = Path(coopgraph.__file__).parent
DOCS = Path(__file__).parents[2] / "docs" / "checking.md"


def row(number: int, *findings: Finding) -> CheckedRow:
    return CheckedRow("organisations", number, str(number), "", ("a",), (), findings, "", b"")


def test_counts_are_exact_and_lists_are_bounded() -> None:
    groups = Groups()
    for number in range(2, 3_002):
        finding = Finding(
            "no", "founded", f"v{number}", kind="date", mend="x" if number % 2 else ""
        )
        groups.add(row(number, finding, finding))
    [group] = groups
    assert (group.rows, group.cells, group.mendable) == (3_000, 6_000, 3_000)
    assert len(group.places) == MOST_CELLS
    assert len(group.previews) == MOST_PREVIEWS
    assert group.first_rows == [2, 3, 4, 5, 6]
    assert [place.value for place in group.examples] == ["v2", "v3", "v4", "v5", "v6"]


def test_long_values_are_cut() -> None:
    groups = Groups()
    groups.add(row(2, Finding("m" * 9_000, "name", "v" * 9_000, mend="v" * 9_000)))
    [group] = groups
    [place] = group.places
    assert max(len(place.value), len(place.message), len(place.mend)) <= 600
    assert place.mend == "", "half a mend is none"


KINDS = st.sampled_from(["date", "code"])
FINDINGS = st.builds(
    Finding,
    st.just("no"),
    st.sampled_from("ab"),
    st.text(max_size=3),
    st.sampled_from(SEVERITIES),
    KINDS,
)


@given(st.lists(st.lists(FINDINGS, max_size=4), max_size=20))
def test_every_finding_is_counted_once(rows: list[list[Finding]]) -> None:
    groups = Groups()
    for number, found in enumerate(rows):
        groups.add(row(number, *found))
    listed = list(groups)
    assert sum(group.cells for group in listed) == sum(map(len, rows))
    assert [SEVERITIES.index(g.severity) for g in listed] == sorted(
        SEVERITIES.index(g.severity) for g in listed
    )
    for group in listed:
        assert group.rows == len({place.row for place in group.places})
        assert len(group.examples) <= MOST_EXAMPLES


def test_every_kind_that_is_raised_has_a_title_and_is_documented() -> None:
    sources = [path for room in ("tables", "checking") for path in (PACKAGE / room).rglob("*.py")]
    assert len(sources) > 20
    text = "\n".join(path.read_text("utf-8") for path in sources)
    raised = set(
        re.findall(r'(?:kind=|, |^ *)"([a-z]+(?:-[a-z]+)*)"(?=[,)\n])', text, re.MULTILINE)
    )
    documented = DOCS.read_text("utf-8")
    for kind in TITLES:
        assert kind in raised, f"no one raises “{kind}”"
        assert f"`{kind}`" in documented, f"docs/checking.md does not name “{kind}”"
    used = set(re.findall(r'kind="([a-z-]+)"', text))
    assert used
    assert used <= TITLES.keys()
