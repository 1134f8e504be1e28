"""Facts that no source states, told apart."""

from __future__ import annotations

import pytest

from coopgraph.web.facts import Row, Section, Value, is_placed_by_town


@pytest.mark.parametrize(
    ("key", "sources", "is_placed"),
    [("location", (), True), ("location", (1,), False), ("kind", (), False)],
)
def test_a_location_without_a_source_is_of_the_gazetteer(
    key: str, sources: tuple[int, ...], *, is_placed: bool
) -> None:
    rows = (
        Row("country", "Country", (Value("Germany"),)),
        Row(key, key, (Value("x", sources=sources),)),
    )
    assert is_placed_by_town([Section("Where it is", rows)]) == is_placed
