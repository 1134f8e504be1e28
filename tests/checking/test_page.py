"""The page of a report: complete, escaped, and nothing that runs."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from coopgraph.checking.check import CheckReport, FileReport
from coopgraph.checking.checker import RowCounts
from coopgraph.checking.groups import Group
from coopgraph.checking.page import page
from coopgraph.tables.records import Finding

HOSTILE = "<script>alert(1)</script><img src=x onerror=y>\u202e\"'&"
TAGS = set(
    "html head meta title style body h1 h2 p strong bdi table tr th td ul li section details summary div".split()
)


class _Reader(HTMLParser):
    """Gathers tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader


def report_of(value: str) -> CheckReport:
    group = Group("organisations", value, "name", "name.minCount", "error", value)
    group.add(2, (value, value), Finding(value, "name", value, mend=value))
    counts = RowCounts(file=value, sheet=value, read=1, quarantined=1)

    class Table:
        name = "organisations"

    file = FileReport(Table(), None, counts, ("name", value), 1, (), {})  # type: ignore[arg-type]
    return CheckReport(value, (file,), (group,), (value,))


def test_everything_from_a_file_is_escaped() -> None:
    found = read(page(report_of(HOSTILE)))
    assert set(found.tags) <= TAGS
    assert not {
        name for name in found.attributes if name.startswith("on") or name in ("src", "href")
    }
    assert "".join(found.said).count("<script>alert(1)</script>") >= 8


@given(st.text(max_size=40))
def test_no_text_makes_an_element(value: str) -> None:
    assert set(read(page(report_of(value))).tags) <= TAGS


def test_rows_and_cells_are_shown(checked) -> None:
    said = "".join(read(page(checked("id,name,kind\n1,A,pony\n"))).said)
    for words in (
        "1 of 1 rows would not be published",
        "values that are not in the code list",
        "pony",
    ):
        assert words in said


def test_a_file_without_faults_says_so(checked) -> None:
    said = "".join(read(page(checked("id,name,kind\n1,A,mutual\n"))).said)
    assert "All 1 rows would be published" in said
    assert "Nothing was found" in said


def test_what_is_not_shown_is_counted(checked) -> None:
    rows = "".join(f"{n},A,pony{n}\n" for n in range(120))
    said = "".join(read(page(checked(f"id,name,kind\n{rows}"))).said)
    assert "the first 50 of 120" in said


def test_a_proposed_mapping_is_told(checked) -> None:
    said = read(page(checked(f"Nr,Trading name,{HOSTILE}\n1,A co-op,x\n"))).said
    text = "".join(said)
    assert "Trading name" in text
    assert "its heading means “name” in English" in text
    assert f"Not used: “{HOSTILE[:30]}" in " ".join(text.split())
