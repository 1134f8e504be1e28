"""Ids of organisations: minted alike each time, told from mistyped ones, mended by nearness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.iris import (
    ALPHABET,
    check_characters,
    is_organization_id,
    is_web_address,
    mint,
    near_ids,
)

ids = st.builds(mint, st.text(min_size=1), st.text())
places = st.integers(0, 11)


def compact(identifier: str) -> str:
    return identifier.replace("-", "")


def with_hyphen(text: str) -> str:
    return f"{text[:10]}-{text[10:]}"


@given(st.text(), st.text())
def test_a_minted_id_is_well_formed_and_the_same_each_time(dataset: str, key: str) -> None:
    assert is_organization_id(mint(dataset, key))
    assert mint(dataset, key) == mint(dataset, key)


def test_minted_ids_never_change_between_versions() -> None:
    assert mint("ncua", "1") == "rkzbhkdv3h-ap"
    assert mint("ncua", "1", attempt=1) == "hccqdmv6sj-2b"


def test_each_attempt_gives_another_id() -> None:
    assert len({mint("ncua", "1", attempt) for attempt in range(50)}) == 50


def test_dataset_and_key_are_told_apart() -> None:
    assert mint("ab", "c") != mint("a", "bc")


@given(ids, places, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(identifier: str, place: int, wrong: str) -> None:
    text = compact(identifier)
    typed = text[:place] + wrong + text[place + 1 :]
    assert is_organization_id(with_hyphen(typed)) == (typed == text)


@given(ids, st.integers(0, 10))
def test_a_swap_of_neighbours_is_noticed(identifier: str, place: int) -> None:
    text = compact(identifier)
    typed = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert is_organization_id(with_hyphen(typed)) == (typed == text)


@given(ids, places, st.sampled_from(ALPHABET))
def test_near_ids_find_the_id_that_was_meant(identifier: str, place: int, wrong: str) -> None:
    text = compact(identifier)
    typed = text[:place] + wrong + text[place + 1 :]
    assert identifier in set(near_ids(with_hyphen(typed)))


@given(ids, st.integers(0, 10))
def test_near_ids_find_the_id_behind_a_swap(identifier: str, place: int) -> None:
    text = compact(identifier)
    typed = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert identifier in set(near_ids(typed))


def test_near_ids_read_letters_that_look_like_digits() -> None:
    identifier = next(i for n in range(999) if "0" in (i := mint("x", str(n))) and "1" in i)
    typed = identifier.replace("0", "O").replace("1", "l").upper()
    assert identifier in set(near_ids(f"  {typed} "))


@given(st.text(max_size=20))
def test_near_ids_are_all_well_formed_and_different(text: str) -> None:
    found = list(near_ids(text))
    assert len(found) == len(set(found))
    assert all(is_organization_id(name) for name in found)


@pytest.mark.parametrize(
    "text",
    ["", "7k3m9qx2c4", "7k3m9qx2c4-", "7K3M9QX2C4-H8", "7k3m9qx2c4-h8\n", "iiiiiiiiii-00"],
)
def test_what_is_no_id(text: str) -> None:
    assert not is_organization_id(text)


def test_check_characters_of_zero_are_zero() -> None:
    assert check_characters("0" * 10) == "00"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.coop",
        "http://example.coop/a?b=c#d",
        "https://bücher.example/straße",
        "https://example.coop:8080/",
        "HTTPS://EXAMPLE.COOP/",
        "https://192.0.2.1/",
    ],
)
def test_web_addresses(address: str) -> None:
    assert is_web_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.coop",
        "javascript:alert(1)",
        "JAVASCRIPT://example.coop/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.coop/",
        "//example.coop/",
        "https:///path",
        "https://localhost/",
        "https://./",
        "https://user:secret@example.coop/",
        "https://user@example.coop/",
        "https://example.coop:port/",
        "https://example.coop:99999/",
        "https://[::1/",
        "https://example.coop/ x",
        "https://example.coop/<script>",
        'https://example.coop/"',
        "https://example.coop/{x}",
        "https://example.coop/a|b",
        "https://example.coop\\@evil.example/",
        "https://example.coop/\n",
        "https://example.coop/\x00",
        "https://example.coop/\x7f",
        "https://example.coop/\ufffe",
        "mailto:a@example.coop",
    ],
)
def test_what_is_no_web_address(address: str) -> None:
    assert not is_web_address(address)
