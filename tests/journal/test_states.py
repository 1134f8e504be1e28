"""States: packed small, unpacked whole, hashed with a salt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coopgraph.journal.states import State, build_dictionary, pack, unpack, verify

LINES = [f'<open:self> <http://www.w3.org/ns/org#property{n}> "" .\n' for n in range(40)]
WORDS = build_dictionary(LINES)
texts = st.text(st.characters(exclude_categories=["Cs"]))


def state(cells: tuple[str, ...], lines: str | None) -> State:
    return State("a", "1", "main", "", ("x",), cells, lines)


@given(st.lists(texts, max_size=4), texts, st.sampled_from([b"", WORDS]))
def test_a_state_is_unpacked_as_it_was_packed(cells: list[str], lines: str, words: bytes) -> None:
    packed = pack(state(tuple(cells), lines), words)
    assert packed.content is not None
    assert unpack(packed.content, words) == (tuple(cells), lines)
    assert verify(packed, "a", "1", "main", "", words)
    assert not verify(packed, "a", "2", "main", "", words)


def test_a_hash_does_not_tell_the_content() -> None:
    one, two = (pack(state(("x",), "said"), WORDS) for _ in range(2))
    assert one.hash != two.hash
    assert one.digest == two.digest


def test_a_removal_has_no_content() -> None:
    packed = pack(state((), None), WORDS)
    assert (packed.content, packed.salt, packed.digest) == (None, None, None)


def test_the_dictionary_is_the_same_each_time_and_not_too_long() -> None:
    assert build_dictionary(iter(LINES)) == WORDS
    assert len(build_dictionary(f"http://example.org/{n}" for n in range(9_999))) == 32_768


def test_the_dictionary_makes_states_smaller() -> None:
    lines = "".join(line.replace('""', '"x"') for line in LINES[:6])
    sizes = [len(pack(state(("x",), lines), words).content or b"") for words in (b"", WORDS)]
    assert sizes[1] < sizes[0] * 0.75
