"""Clients' budgets: what is spent comes back with time, and nobody pays for another."""

from __future__ import annotations

import pytest

from coopgraph.query.broker import clients as module
from coopgraph.query.broker.clients import Bucket, Clients, client_of
from coopgraph.settings import Settings

ME, OTHER = "192.0.2.1", "192.0.2.2"


def known(**settings: int) -> Clients:
    return Clients(Settings(**settings))  # type: ignore[arg-type]


def test_query_time_is_saved_up_to_two_minutes_and_comes_back() -> None:
    clients = known(query_budget_seconds=60)
    clients.charge(ME, 119, is_failure=False, now=0)
    assert clients.refusal(ME, 0) is None
    clients.charge(ME, 10, is_failure=False, now=0)
    refusal = clients.refusal(ME, 0)
    assert refusal is not None
    assert "query time" in refusal.message
    assert refusal.retry_after_s == 10  # 9 owed, and one to spend
    assert clients.refusal(ME, 8.5) is not None
    assert clients.refusal(ME, 10) is None
    assert clients.client(ME, 10_000).seconds.wait_s(10_000) == 0
    assert clients.client(ME, 10_000).seconds.level == 120


def test_nobody_pays_for_another() -> None:
    clients = known()
    clients.charge(ME, 1_000, is_failure=False, now=0)
    assert clients.refusal(ME, 0) is not None
    assert clients.refusal(OTHER, 0) is None


def test_failures_have_a_budget_of_their_own() -> None:
    clients = known(query_errors=3)
    for _ in range(3):
        assert clients.refusal(ME, 0) is None
        clients.charge(ME, 0.001, is_failure=True, now=0)
    refusal = clients.refusal(ME, 0)
    assert refusal is not None
    assert "3 of your queries" in refusal.message
    assert clients.refusal(ME, refusal.retry_after_s) is None


@pytest.mark.parametrize("is_failure", [True, False])
def test_without_a_budget_nothing_runs_out(is_failure: bool) -> None:
    clients = known(query_budget_seconds=0, query_errors=0)
    for _ in range(1_000):
        clients.charge(ME, 10, is_failure=is_failure, now=0)
    assert clients.refusal(ME, 0) is None


def test_a_client_has_so_many_queries_under_way_and_no_more() -> None:
    clients = known(query_share=3)
    client = clients.client(ME, 0)
    client.running, client.waiting = 1, 1
    assert clients.refusal(ME, 0) is None
    client.waiting += 1
    refusal = clients.refusal(ME, 0)
    assert refusal is not None
    assert "3 queries under way" in refusal.message


def test_those_who_owe_are_remembered_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 100)
    clients = known()
    clients.charge("debtor", 500, is_failure=False, now=0)
    clients.client("busy", 0).running = 1
    for number in range(1_000):
        clients.client(f"passer-by {number}", 0)
    assert clients.refusal("debtor", 0) is not None
    assert clients.client("busy", 0).running == 1
    assert len(clients._known) <= 100


def test_those_whose_queries_failed_are_not_forgotten_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 100)
    clients = known(query_errors=2)
    for _ in range(2):
        clients.charge("careless", 0, is_failure=True, now=0)
    for number in range(300):
        clients.client(f"passer-by {number}", 0)
    assert clients.refusal("careless", 0) is not None


def test_memory_is_bounded_even_where_everybody_owes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 50)
    clients = known()
    for number in range(500):
        clients.charge(f"debtor {number}", 500, is_failure=False, now=0)
    assert len(clients._known) <= 50


def test_a_bucket_without_a_rate_never_waits() -> None:
    bucket = Bucket(rate=0, capacity=0, level=-10, at=0)
    assert bucket.wait_s(5) == 0


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_whom_an_address_stands_for(address: str, client: str) -> None:
    assert client_of(address) == client
