"""Places for queries: half of the threads, and never all of them for one client."""

from __future__ import annotations

import pytest

from coopgraph.errors import TooManyQueries
from coopgraph.settings import Settings
from coopgraph.web.lanes import Lanes

ME, OTHER = "192.0.2.1", "192.0.2.2"


def taken(lanes: Lanes, client: str) -> int:
    """How many places a client gets."""
    for number in range(1_000):
        try:
            lanes.take(client)
        except TooManyQueries as error:
            assert error.retry_after_s > 0
            return number
    raise AssertionError("there is no end")


@pytest.mark.parametrize(
    ("threads", "share", "mine"),
    [(2, 6, 1), (4, 6, 1), (16, 6, 4), (16, 2, 2), (64, 6, 8), (64, 12, 12), (64, 99, 16)],
)
def test_no_client_takes_more_than_half_of_the_places(threads: int, share: int, mine: int) -> None:
    lanes = Lanes(Settings(threads=threads, query_share=share))
    assert taken(lanes, ME) == mine
    if threads > 2:
        assert taken(lanes, OTHER) == mine


def test_all_places_together_are_half_of_the_threads() -> None:
    lanes = Lanes(Settings(threads=64))
    assert sum(taken(lanes, f"192.0.2.{number}") for number in range(9)) == 32


def test_a_place_that_is_given_back_can_be_taken_again() -> None:
    lanes = Lanes(Settings(threads=2))
    give_back = lanes.take("2001:db8::1")
    with pytest.raises(TooManyQueries):
        lanes.take("2001:db8::2")  # the same network
    give_back()
    assert taken(lanes, ME) == 1
