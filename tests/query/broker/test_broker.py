"""A real broker with real workers: answers are whole, limits hold, nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from coopgraph.errors import (
    CoopgraphError,
    NotPublished,
    QueryLimit,
    QueryRefused,
    StoreError,
    TooManyQueries,
    UnfitForm,
)
from coopgraph.query import Broker, ClientGone, Job, prepare
from coopgraph.query.broker.process import BrokerProcess
from coopgraph.settings import Settings
from coopgraph.store import Layout

StartBroker = Callable[[Settings], AbstractContextManager[BrokerProcess]]
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
FOREVER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
DOUBLING = "".join(f"BIND(CONCAT(?x{n}, ?x{n}, ?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(20))
HUNGRY = f'SELECT ?n {{ BIND("0123456789" AS ?x0) {DOUBLING} BIND(STRLEN(?x20) AS ?n) }}'
LARGE = "SELECT ?s ?p ?o { ?s ?p ?o }"
ME = "192.0.2.1"


@pytest.fixture(scope="module")
def settings(served_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("broker") / "home"
    shutil.copytree(served_sample, home, symlinks=True)
    return Settings(
        home=home,
        query_workers=2,
        query_seconds=2,
        query_memory_mb=128,
        query_result_mb=2,
        query_queue=4,
        query_share=3,
        query_budget_seconds=0,
        query_errors=0,
    )


@pytest.fixture(scope="module")
def process(settings: Settings, start_broker: StartBroker) -> Iterator[BrokerProcess]:
    with start_broker(settings) as running:
        yield running


@pytest.fixture
def broker(process: BrokerProcess, settings: Settings) -> Broker:
    return Broker(process.path, settings)


def ask(
    broker: Broker,
    text: str,
    extension: str = "json",
    client: str = ME,
    watched: socket.socket | None = None,
) -> bytes:
    job = Job(prepare(text, Settings()), extension)
    return broker.ask(job, client, watched).read()


def published(broker: Broker) -> int:
    """The year of the snapshot that answers."""
    answer = broker.ask(Job(prepare("ASK {}", Settings()), "json"), ME)
    answer.close()
    return answer.published.year


def children(process: BrokerProcess) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in path.read_text().split()]


def settled(broker: Broker) -> dict[str, int]:
    """The broker's state once nothing is under way and all workers are ready."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        state = broker.health()
        if state["ready"] == 2 and not state["running"] + state["waiting"]:
            return state
        time.sleep(0.02)
    raise AssertionError(state)


# Answers --------------------------------------------------------------------------------------


def test_an_answer_is_whole_and_says_what_it_is_made_from(
    broker: Broker, settings: Settings
) -> None:
    answer = broker.ask(Job(prepare(COUNT, settings), "csv"), ME)
    body = answer.read()
    assert int(body.split()[1]) > 15_000
    assert answer.size_bytes == len(body)
    assert len(answer.digest) == 64
    assert answer.published.year == 2024


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("tablflip bakry", True),
        ("a" * 60_000, False),
        (" ".join(f"w{n}x" for n in range(8_000)), False),
        ("co op " * 9_000, True),
    ],
    ids=["slips", "a long word", "many words", "short words"],
)
def test_workers_look_for_words_within_their_limits(
    broker: Broker, words: str, is_found: bool
) -> None:
    search = "<https://w3id.org/coopgraph/ns#search>"
    answer = json.loads(ask(broker, f'SELECT ?o {{ ?o {search} "{words}" }}'))
    assert bool(answer["results"]["bindings"]) is is_found


def test_a_search_that_cannot_be_run_is_refused_with_its_line(broker: Broker) -> None:
    with pytest.raises(QueryRefused, match='coop:search "words"') as refused:
        ask(broker, "SELECT * {\n?o <https://w3id.org/coopgraph/ns#search> ?words }")
    assert refused.value.line == 2


@pytest.mark.parametrize(
    ("text", "extension", "error"),
    [
        ("SELECT * { ?s ?p }", "json", QueryRefused),
        ('SELECT ("\\u0001" AS ?x) {}', "xml", UnfitForm),
        ("SELECT * {}", "ttl", UnfitForm),
        (FOREVER, "json", QueryLimit),
        (HUNGRY, "json", QueryLimit),
        (LARGE, "xml", QueryLimit),
        ("SELECT * { " + "{" * 60 + "FILTER(" + "!" * 7_000 + "1)" + "}" * 60 + "}", "json", None),
    ],
)
def test_what_goes_wrong_is_said_and_the_next_query_is_answered(
    broker: Broker, text: str, extension: str, error: type[CoopgraphError] | None
) -> None:
    with contextlib.nullcontext() if error is None else pytest.raises(error):
        ask(broker, text, extension)
    assert json.loads(ask(broker, "ASK {}")) == {"head": {}, "boolean": True}


@pytest.mark.parametrize(
    ("text", "extension", "limit", "figure"),
    [
        (FOREVER, "json", "time", "2 seconds"),
        (HUNGRY, "json", "memory", "128 MB"),
        (LARGE, "xml", "size", "2 MB"),
    ],
)
def test_a_limit_is_named_with_its_figure(
    broker: Broker, text: str, extension: str, limit: str, figure: str
) -> None:
    with pytest.raises(QueryLimit, match=figure) as caught:
        ask(broker, text, extension)
    assert caught.value.limit == limit


def test_a_graph_over_the_limits_is_stopped_at_one_of_them(broker: Broker) -> None:
    with pytest.raises(QueryLimit) as caught:
        ask(broker, "CONSTRUCT { ?a ?b ?f } { ?a ?b ?c . ?d ?e ?f }", "nt")
    assert caught.value.limit in ("memory", "time")


def test_without_a_snapshot_it_says_so_and_serves_the_first_that_comes(
    settings: Settings, tmp_path: Path
) -> None:
    process = BrokerProcess(replace(settings, home=tmp_path, query_log="-"))
    process.keep()
    try:
        broker = Broker(process.path, settings)
        with pytest.raises(NotPublished):
            ask(broker, COUNT)
        (tmp_path / "snapshots").symlink_to(settings.home / "snapshots")
        (tmp_path / "current").symlink_to(os.readlink(settings.home / "current"))
        assert ask(broker, "ASK {}")
    finally:
        process.stop()


def test_a_new_snapshot_is_asked_at_once_and_by_every_worker(
    settings: Settings, start_broker: StartBroker, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(settings.home, home, symlinks=True)
    layout = Layout(home)
    name = os.readlink(layout.current)
    shutil.copytree(home / name, home / "snapshots" / "000099", symlinks=True)
    manifest = home / "snapshots" / "000099" / "manifest.json"
    manifest.write_text(
        manifest.read_text().replace('"published_at": "2024', '"published_at": "2031')
    )
    with start_broker(replace(settings, home=home)) as process:
        broker = Broker(process.path, settings)
        assert published(broker) == 2024
        layout.current.unlink()
        layout.current.symlink_to("snapshots/000099")
        while True:  # the change is no time in which queries cannot be asked
            state = broker.health()
            assert state["canAnswer"]
            if state["started"] == 4 and state["ready"] == 2:
                break
        assert {published(broker) for _ in range(6)} == {2031}


# Processes ------------------------------------------------------------------------------------


def test_workers_have_neither_network_nor_rights_nor_open_files_of_others(
    process: BrokerProcess, broker: Broker
) -> None:
    state = settled(broker)
    assert any(state["protections"].values())  # type: ignore[attr-defined]
    for pid in children(process):
        status = Path(f"/proc/{pid}/status").read_text()
        assert "NoNewPrivs:\t1" in status
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert "Max core file size        0" in limits
        assert "Max file size             2097152" in limits
        open_files = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}
        assert not any("queries.log" in name for name in open_files)
        assert sum(name.startswith("socket:") for name in open_files) == 1


def test_dead_workers_are_replaced_and_nothing_is_left_behind(
    process: BrokerProcess, broker: Broker
) -> None:
    started = settled(broker)["started"]
    files = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
    for pid in children(process):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while settled(broker)["started"] < started + 2:
        assert time.monotonic() < deadline
    for _ in range(3):
        with pytest.raises(QueryLimit):
            ask(broker, HUNGRY)
    settled(broker)
    assert len(children(process)) == 2
    assert len(list(Path(f"/proc/{process.pid}/fd").iterdir())) == files


def test_a_worker_killed_by_others_counts_as_out_of_memory(
    process: BrokerProcess, broker: Broker
) -> None:
    settled(broker)
    with ThreadPoolExecutor() as pool:
        found = pool.submit(ask, broker, FOREVER)
        while not broker.health()["running"]:
            time.sleep(0.01)
        for pid in children(process):
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(QueryLimit, match="memory"):
            found.result()


def test_a_query_whose_client_has_gone_is_cancelled(broker: Broker, settings: Settings) -> None:
    settled(broker)
    ours, theirs = socket.socketpair()
    with ours, ThreadPoolExecutor() as pool:
        long = replace(settings, query_seconds=60)
        found = pool.submit(ask, Broker(broker.path, long), FOREVER, watched=ours)
        while not broker.health()["running"]:
            time.sleep(0.01)
        theirs.close()
        with pytest.raises(ClientGone):
            found.result()
    settled(broker)
    assert b'outcome="cancelled"} 0.0' not in broker.metrics()


def test_workers_end_with_their_broker(settings: Settings, start_broker: StartBroker) -> None:
    with start_broker(settings) as process:
        pids = children(process)
        assert len(pids) == 2
        os.kill(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while any(_is_alive(pid) for pid in pids):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:  # it takes a while to end, and to begin
            process.keep()
            with contextlib.suppress(StoreError):
                assert ask(Broker(process.path, settings), "ASK {}")
                break
        else:
            raise AssertionError("there is no other broker")


def test_a_broker_that_can_start_no_worker_goes_on_and_starts_them_later(
    settings: Settings, start_broker: StartBroker
) -> None:
    with start_broker(settings) as process:
        broker = Broker(process.path, settings)
        settled(broker)
        usual = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (3, usual[1]))
        for pid in children(process):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while True:  # the broker learns of the dead workers one by one
            health = broker.health()
            if "No worker can be started" in health["problem"] and not health["canAnswer"]:
                break
            assert time.monotonic() < deadline, health
            time.sleep(0.02)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, usual)
        assert settled(broker)["canAnswer"]
        assert ask(broker, "ASK {}")


def _is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


# Sharing --------------------------------------------------------------------------------------


def test_one_client_leaves_room_for_others(broker: Broker) -> None:
    settled(broker)
    with ThreadPoolExecutor() as pool:
        mine = [pool.submit(ask, broker, FOREVER) for _ in range(3)]
        while broker.health()["running"] + broker.health()["waiting"] < 3:
            time.sleep(0.01)
        assert broker.health()["running"] == 1  # half of the workers
        with pytest.raises(TooManyQueries, match="3 queries under way"):
            ask(broker, "ASK {}")
        assert ask(broker, "ASK {}", client="192.0.2.2")
        for found in mine:
            with pytest.raises((QueryLimit, TooManyQueries)):
                found.result()


def test_a_query_that_keeps_a_processor_goes_behind_the_others(
    settings: Settings, start_broker: StartBroker
) -> None:
    def priorities() -> list[int]:
        return sorted(os.getpriority(os.PRIO_PROCESS, pid) for pid in children(process))

    patient = replace(settings, query_seconds=60)
    ours, theirs = socket.socketpair()
    with start_broker(patient) as process, ours, ThreadPoolExecutor() as pool:
        with theirs:
            usual = os.getpriority(os.PRIO_PROCESS, 0)
            broker = Broker(process.path, patient)
            settled(broker)
            assert priorities() == [usual, usual]
            slow = pool.submit(ask, broker, FOREVER, watched=ours)
            deadline = time.monotonic() + 30
            while priorities() != [usual, min(usual + 10, 19)]:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        with pytest.raises(ClientGone):
            slow.result()
        settled(broker)
        assert priorities() == [usual, usual]


def test_a_query_that_waits_for_a_processor_stays_beside_the_others(
    settings: Settings, start_broker: StartBroker
) -> None:
    patient = replace(settings, query_seconds=60)
    ours, theirs = socket.socketpair()
    with start_broker(patient) as process, ours, theirs, ThreadPoolExecutor() as pool:
        broker = Broker(process.path, patient)
        settled(broker)
        workers = children(process)
        for pid in workers:  # neither gets a processor
            os.kill(pid, signal.SIGSTOP)
        waiting = pool.submit(ask, broker, COUNT, watched=ours)
        time.sleep(1.5)
        assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in workers} == {
            os.getpriority(os.PRIO_PROCESS, 0)
        }
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        assert waiting.result()
        settled(broker)
        assert children(process) == workers  # which are as good as before


def test_limits_hold_with_an_allocator_of_the_operators(
    settings: Settings, start_broker: StartBroker
) -> None:
    [library, *_] = Path("/usr/lib").glob("*/libmimalloc.so.2")
    chosen = replace(settings, query_allocator=str(library))
    with start_broker(chosen) as process:
        broker = Broker(process.path, chosen)
        settled(broker)
        for pid in children(process):
            assert str(library.resolve()) in Path(f"/proc/{pid}/maps").read_text()
        for text, limit in [(HUNGRY, "memory"), (FOREVER, "time")]:
            with pytest.raises(QueryLimit) as caught:
                ask(broker, text)
            assert caught.value.limit == limit
        assert b'"value"' in ask(broker, COUNT)


def test_a_full_queue_turns_away_and_says_when_to_come_again(broker: Broker) -> None:
    settled(broker)

    def others(number: int) -> None:
        with contextlib.suppress(QueryLimit, TooManyQueries):
            ask(broker, FOREVER, client=f"192.0.2.{number}")

    with ThreadPoolExecutor() as pool:
        for number in range(10, 16):
            pool.submit(others, number)
        while broker.health()["waiting"] < 4:
            time.sleep(0.01)
        with pytest.raises(TooManyQueries, match="places") as caught:
            ask(broker, "ASK {}")
        assert caught.value.retry_after_s > 0


def test_a_full_queue_makes_room_for_who_has_none_in_it(broker: Broker) -> None:
    settled(broker)
    with ThreadPoolExecutor(8) as pool:
        greedy = [
            pool.submit(ask, broker, FOREVER, client=f"192.0.2.{number}")
            for number in (20, 20, 20, 21, 21, 21)
        ]
        while broker.health()["waiting"] < 4:
            time.sleep(0.01)
        try:
            ask(broker, "ASK {}")
        except TooManyQueries as error:
            assert "in time" in str(error)  # it had its place, on a slow machine
        ended = [found.exception() for found in greedy]
    assert "places" in "".join(str(error) for error in ended)


def test_budgets_are_spent(settings: Settings, start_broker: StartBroker) -> None:
    poor = replace(settings, query_budget_seconds=1, query_errors=2, query_seconds=3, query_log="-")
    with start_broker(poor) as process:
        broker = Broker(process.path, poor)
        with pytest.raises(QueryLimit):
            ask(broker, FOREVER)
        with pytest.raises(TooManyQueries, match="query time"):
            ask(broker, "ASK {}")
        for _ in range(2):
            with pytest.raises(QueryRefused):
                ask(broker, "ASK {", client="192.0.2.2")
        with pytest.raises(TooManyQueries, match="fail"):
            ask(broker, "ASK {}", client="192.0.2.2")
        assert ask(broker, "ASK {}", client="192.0.2.3")


# What an operator sees ------------------------------------------------------------------------


def test_the_log_has_a_line_for_each_query(settings: Settings, broker: Broker) -> None:
    text = 'ASK { FILTER("mark\nhere" = "x") }'
    with pytest.raises(QueryRefused):
        ask(broker, text)
    ask(broker, text.replace("\n", " "), client="2001:db8::1")
    mine: list[dict[str, object]] = []
    deadline = time.monotonic() + 10
    while len(mine) < 2 and time.monotonic() < deadline:  # it is written twice a second
        lines = (settings.home / "queries.log").read_text().splitlines()
        mine = [line for line in map(json.loads, lines) if "mark" in line.get("query", "")]
        time.sleep(0.05)
    assert [(line["outcome"], line["client"]) for line in mine] == [
        ("refused", ME),
        ("answered", "2001:db8::/64"),
    ]
    assert mine[0]["query"] == text
    assert mine[1]["bytes"] != 0


def test_what_was_refused_before_is_counted_and_logged(
    settings: Settings, start_broker: StartBroker, tmp_path: Path
) -> None:
    strict = replace(settings, query_errors=2, query_log=str(tmp_path / "queries.log"))
    update = "INSERT DATA { <urn:a> <urn:b> <urn:c> }" + " " * 10_000
    with start_broker(strict) as process:
        broker = Broker(process.path, strict)
        for _ in range(2):
            broker.book(update, QueryRefused("It would change the graph.", line=1), ME)
        for _ in range(50):
            with pytest.raises(TooManyQueries, match="fail"):
                broker.book(update, QueryRefused("It would change the graph.", line=1), ME)
        with pytest.raises(TooManyQueries, match="fail"):
            ask(broker, "ASK {}")
        assert b'coopgraph_queries_total{outcome="refused"} 2.0' in broker.metrics()
        assert b'coopgraph_queries_total{outcome="busy"} 51.0' in broker.metrics()
    path = tmp_path / "queries.log"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    refused = [line for line in lines if line["outcome"] == "refused"]
    assert [line["message"] for line in refused] == ["line 1: It would change the graph."] * 2
    assert all(line["query"].startswith("INSERT") for line in refused)
    assert all(len(line["query"]) <= 4_001 for line in refused)
    busy = [line for line in lines if line["outcome"] == "busy"]
    assert sum(line["times"] for line in busy) == 51
    assert len(busy) < 10
    assert path.stat().st_mode & 0o077 == 0


def test_the_metrics_count(broker: Broker) -> None:
    def answered() -> float:
        for line in broker.metrics().decode().splitlines():
            if line.startswith('coopgraph_queries_total{outcome="answered"}'):
                return float(line.split()[-1])
        raise AssertionError("there is no such counter")

    before = answered()
    ask(broker, "ASK {}")
    assert answered() == before + 1


@pytest.mark.parametrize("message", [b"", b"nonsense", b"[]", b'{"client": 1}', b"x" * 60_000])
def test_nonsense_on_its_socket_does_no_harm(
    process: BrokerProcess, broker: Broker, message: bytes
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(str(process.path))
        connection.sendall(message)
    assert ask(broker, "ASK {}")


def test_without_a_broker_the_error_says_so(settings: Settings, tmp_path: Path) -> None:
    for path in (None, tmp_path / "nobody"):
        with pytest.raises(StoreError):
            ask(Broker(path, settings), "ASK {}")
