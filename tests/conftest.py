"""What all tests share: the standard, places to publish into, datasets to publish, markers.

Markers leave tests out where something outside the checkout is missing, and say so in one
line: ``needs(program)`` an outside program, or with a slash in its name what is installed at that
path of the checkout; ``registers`` the folder of public registers that ``COOPGRAPH_REGISTERS``
names; ``suites(name)`` a conformance suite in the folder that ``COOPGRAPH_SUITES`` names;
``mounts`` the right to mount a file system; ``linux`` that kernel. With ``CI=true`` a missing one
fails the session instead.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from pyoxigraph import Quad
from xdist.scheduler import LoadScopeScheduling

from coopgraph import resources
from coopgraph.cli.examples import stored_examples
from coopgraph.errors import StoreError
from coopgraph.namespaces import STANDARD
from coopgraph.publish import LoadOptions, LoadReport, Publisher, compiled
from coopgraph.query import Broker
from coopgraph.query.broker.process import BrokerProcess
from coopgraph.settings import Settings
from coopgraph.standard import Standard, read_standard
from coopgraph.store import Snapshots
from coopgraph.tables.descriptor import FILE_NAME, read_descriptor
from coopgraph.validation import Validator
from coopgraph.validation.checking import standard_validator
from tests.mounting import mounting

SAMPLE = Path(__file__).with_name("sample")
REGISTER_FILES = (
    "ncua/foicu-2025q4.csv",
    "ncua/tradenames-2025q4.csv",
    "coops-uk/organisations-2016.csv",
    "coops-uk/organisations-2017.csv",
    "coops-uk/economy-2016.csv",
    "coops-uk/outlets-2019q1.csv",
    "susy/initiatives.geojson",
    "swiss-housing/owners.json",
    "germany-worker/worker-coops.csv",
)

# A slow machine is no failure; fixtures that examples share are shared on purpose.
hypothesis.settings.register_profile(
    "coopgraph",
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,
        hypothesis.HealthCheck.too_slow,
    ],
)
hypothesis.settings.load_profile("coopgraph")

MakePublisher = Callable[..., Publisher]
WriteDataset = Callable[..., Path]
Load = Callable[..., LoadReport]

_ENOUGH_BYTES = 4 << 30

_CANNOT = "CI=true, and some tests cannot run:"
# Tests left out and why, for the one line at the end.
_LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Let tests write into memory where there is plenty: nothing here waits for a disk then."""
    memory = Path("/dev/shm")
    if (
        config.option.basetemp is None
        and os.access(memory, os.W_OK)
        and shutil.disk_usage(memory).free > _ENOUGH_BYTES
    ):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


# Markers --------------------------------------------------------------------------------------


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run here. Raises UsageError in CI, where everything must."""
    reasons = {item: reason for item in items if (reason := _missing(item))}
    config.stash[_LEFT_OUT] = Counter(reasons.values())
    is_one_of_several = hasattr(config, "workeroutput")
    if is_one_of_several:
        config.workeroutput["left out"] = dict(config.stash[_LEFT_OUT])
    if reasons and os.environ.get("CI") == "true":
        if not is_one_of_several:
            raise pytest.UsageError(f"{_CANNOT} {_summary(config)}")
        items.clear()  # who started this process fails the session
    if reasons:
        config.hook.pytest_deselected(items=list(reasons))
        items[:] = [item for item in items if item not in reasons]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Learn from one of several test processes what was left out: the same in all of them."""
    node.config.stash[_LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get("left out", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in CI where several test processes had to leave something out."""
    has_gaps = bool(session.config.stash.get(_LEFT_OUT, Counter()))
    if has_gaps and os.environ.get("CI") == "true" and not hasattr(session.config, "workeroutput"):
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


class _ByFile(LoadScopeScheduling):
    """Tests that run in one process: those of a file; all that share the loaded registers."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder = path.rpartition("/")[0]
        return folder if folder == "tests/registers" else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    """Share tests out among processes by file. (A mark for a group is lost on the way: xdist 3.8
    writes it into a name that pytest 9.2 does not read again.)
    """
    return _ByFile(config, log)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out."""
    if config.stash.get(_LEFT_OUT, Counter()):
        said = _CANNOT if os.environ.get("CI") == "true" else "left out:"
        terminalreporter.write_line(f"{said} {_summary(config)}")


def _summary(config: pytest.Config) -> str:
    counts = sorted(config.stash[_LEFT_OUT].items())
    return "; ".join(f"{count} for want of {reason}" for reason, count in counts)


def _missing(item: pytest.Item) -> str:
    """What a test needs and does not find, "" if nothing."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if not _is_there(program, item.config.rootpath):
                return str(program)
    if item.get_closest_marker("registers"):
        folder = os.environ.get("COOPGRAPH_REGISTERS")
        if not folder:
            return "COOPGRAPH_REGISTERS (the folder of public registers)"
        absent = [name for name in REGISTER_FILES if not Path(folder, name).is_file()]
        if absent:
            return f"{', '.join(absent)} in {folder}"
    for mark in item.iter_markers("suites"):
        folder = os.environ.get("COOPGRAPH_SUITES")
        if not folder:
            return "COOPGRAPH_SUITES (the folder of public conformance suites)"
        for name in mark.args:
            if not Path(folder, name).is_dir():
                return f"{name} in {folder}"
    if item.get_closest_marker("linux") and sys.platform != "linux":
        return "Linux"
    if item.get_closest_marker("mounts") and not mounting():
        return "the right to mount a file system"
    return ""


def _is_there(program: str, root: Path) -> bool:
    """Whether a program is found; one with a slash in its name, in the checkout."""
    return (root / program).exists() if "/" in program else shutil.which(program) is not None


# The standard ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def standard() -> Standard:
    """The standard of this checkout, read once."""
    return read_standard(resources.ONTOLOGY, resources.SHAPES)


@pytest.fixture(scope="session")
def light(standard: Standard) -> Standard:
    """The standard without the triples of its shapes, code lists and crosswalks.

    Every published store carries those along, which costs most of the time of a small load.
    """
    return replace(standard, shapes=(), codes={}, mappings={})


@pytest.fixture(scope="session")
def validator(standard: Standard) -> Validator:
    """The standard's shapes, compiled once."""
    return standard_validator(standard)


# Datasets -------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a state folder of the test's own, for loads by one process."""
    return Settings(home=tmp_path / "home", load_processes=1)


@pytest.fixture
def write_dataset(tmp_path: Path) -> WriteDataset:
    """``write_dataset(name, descriptor, {"file.csv": text or rows})`` → the dataset's folder.

    Without a descriptor, it is one whose only table follows the template.
    """

    def write(
        name: str, descriptor: str = "", files: Mapping[str, str | Iterable[str]] | None = None
    ) -> Path:
        folder = tmp_path / "datasets" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE_NAME).write_text(descriptor or minimal_descriptor(), encoding="utf-8")
        for file, content in (files or {}).items():
            text = content if isinstance(content, str) else "\n".join(content) + "\n"
            (folder / file).write_text(text, encoding="utf-8")
        return folder

    return write


def minimal_descriptor() -> str:
    """A descriptor with one table, ``organisations.csv``, that follows the template."""
    return (
        "title: A made-up list\n"
        "description: For one test.\n"
        "publisher: {name: Nobody}\n"
        "licence: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "tables: {organisations: {file: organisations.csv, key: id}}\n"
    )


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the made-up datasets ``flipside`` and ``northlight`` that a test may change."""
    folder = tmp_path / "sample"
    shutil.copytree(SAMPLE, folder)
    return folder


# Publishing -----------------------------------------------------------------------------------


@pytest.fixture
def publisher(
    settings: Settings,
    light: Standard,
    validator: Validator,
    monkeypatch: pytest.MonkeyPatch,
) -> MakePublisher:
    """``publisher()`` → a publisher into this test's state folder, with a clock that ticks.

    It publishes under the light standard, and checks by the whole one, compiled once.
    """
    monkeypatch.setattr(compiled, "standard_validator", lambda standard: validator)
    times = ticking(2025)

    def make(
        settings: Settings = settings, standard: Standard = light, **options: object
    ) -> Publisher:
        return Publisher(settings, standard, clock=lambda: next(times), **options)  # type: ignore[arg-type]

    return make


def ticking(year: int) -> Iterator[datetime]:
    """Times from the beginning of a year, one a minute."""
    time = datetime(year, 1, 1, tzinfo=UTC)
    while True:
        yield time
        time += timedelta(minutes=1)


@pytest.fixture
def load(publisher: MakePublisher, standard: Standard, settings: Settings) -> Load:
    """``load(folder, edition=…, may_remove=…)`` → the report of publishing a dataset's folder."""

    def publish(folder: Path, *, into: Settings = settings, **options: object) -> LoadReport:
        descriptor = read_descriptor(folder, standard)
        chosen = LoadOptions(**options)  # type: ignore[arg-type]
        return publisher(into).load(descriptor, folder, chosen)

    return publish


@pytest.fixture(scope="session")
def published_sample(
    tmp_path_factory: pytest.TempPathFactory, light: Standard, validator: Validator
) -> Path:
    """A state folder with the 2023 editions of both sample datasets; to copy, not to change."""
    home = tmp_path_factory.mktemp("published") / "home"
    times = ticking(2024)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "standard_validator", lambda standard: validator)
        for name in ("flipside", "northlight"):
            descriptor = read_descriptor(SAMPLE / name, light)
            publisher = Publisher(Settings(home=home), light, clock=lambda: next(times))
            publisher.load(descriptor, descriptor.folder, LoadOptions(edition="2023"))
    return home


@pytest.fixture(scope="session")
def served_sample(
    tmp_path_factory: pytest.TempPathFactory, published_sample: Path, standard: Standard
) -> Path:
    """The same, under the whole standard with its code lists and their labels; to look at."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(published_sample, home, symlinks=True)
    Publisher(Settings(home=home), standard, queries=stored_examples(STANDARD)).rebuild()
    return home


@pytest.fixture
def sample_home(published_sample: Path, settings: Settings) -> Path:
    """This test's state folder, in which the 2023 sample is published already."""
    shutil.copytree(published_sample, settings.home, symlinks=True)
    return settings.home


@pytest.fixture(scope="session")
def quads() -> Callable[[Path], set[Quad]]:
    """``quads(home)`` → every quad of the current snapshot of a state folder."""
    return lambda home: set(Snapshots(home).current().store)


# The query broker -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def start_broker() -> Callable[[Settings], AbstractContextManager[BrokerProcess]]:
    """``with start_broker(settings) as process`` runs a query broker in a process of its own."""
    return _running_broker


@contextmanager
def _running_broker(settings: Settings) -> Iterator[BrokerProcess]:
    """A query broker in a process of its own, ready to answer when the block begins."""
    process = BrokerProcess(settings)
    process.keep()
    try:
        _wait_until_ready(Broker(process.path, settings))
        yield process
    finally:
        process.stop()


def _wait_until_ready(broker: Broker) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(StoreError):
            if broker.health()["ready"]:
                return
        time.sleep(0.02)
    raise AssertionError("the broker does not answer")
