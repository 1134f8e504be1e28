"""Settings: what an operator may choose, with names, defaults and one sentence each.

Values come from ``COOPGRAPH_*`` environment variables, read once at the edge (the command
line and the web server's entry) by :func:`from_environment` and passed in from there. A
settings object is frozen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, get_type_hints

from coopgraph.errors import SettingError
from coopgraph.namespaces import STANDARD

PREFIX = "COOPGRAPH_"

# Names are made by appending to the base, so it has neither query nor fragment.
_BASE = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[\w.~-]+)*/", re.ASCII)

_ENDPOINT = re.compile(r"https?://[^\s<>\"{}|\\^`,#]+")


def _setting(default: Any, help_text: str, least: int | None = None) -> Any:
    return field(default=default, metadata={"help": help_text, "least": least})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. ``docs/settings.md`` is checked against this class."""

    home: Path = _setting(Path("var"), "The state folder: journal, store, snapshots.")
    base: str = _setting(
        STANDARD, "What names of things begin with; fixed by the first load into a state folder."
    )
    standard: str = _setting(
        "", "A folder with ontology/ and shapes/ of your own; by default the bundled standard."
    )
    url: str = _setting(
        "", "Where documents are served, as clients see it; by default where the server listens."
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on.")
    processes: int = _setting(2, "Web processes.", least=1)
    threads: int = _setting(
        64, "Threads in each web process; half of them at most are for SPARQL.", least=2
    )
    title: str = _setting("coopgraph", "Name of this service, shown on every page.")
    trusted_proxies: str = _setting(
        "", "Addresses or networks, separated by commas, whose X-Forwarded-For is believed."
    )
    query_size_bytes: int = _setting(65_536, "Longest SPARQL query taken.", least=1)
    query_depth: int = _setting(64, "Deepest nesting of brackets in a SPARQL query.", least=1)
    merge_triples: int = _setting(
        200_000,
        "Most triples merged in memory for a query over several chosen default graphs.",
        least=0,
    )
    query_workers: int = _setting(
        0, "Processes that run queries; 0 for twice the cores, and at least 4.", least=0
    )
    query_seconds: int = _setting(10, "Longest time a query may run.", least=1)
    query_memory_mb: int = _setting(512, "Most memory a query may take, in MB.", least=32)
    query_result_mb: int = _setting(50, "Largest answer to a query, in MB.", least=1)
    query_queue: int = _setting(32, "Most queries that wait for a worker.", least=1)
    query_share: int = _setting(
        6,
        "Most queries of one client at once, running or waiting; half of the workers run them.",
        least=1,
    )
    query_budget_seconds: int = _setting(
        60,
        "Seconds of query time a client gets back each minute; it may save up twice that. "
        "0 for no budget.",
        least=0,
    )
    query_errors: int = _setting(
        30, "Queries of one client that may fail each minute; 0 for any number.", least=0
    )
    query_services: str = _setting(
        "", "SPARQL endpoints, separated by spaces, that a SERVICE clause may name."
    )
    query_allocator: str = _setting(
        "",
        "File of an allocator for the processes that run queries, as libmimalloc.so.2 of Debian’s "
        "libmimalloc2.0; without one, that of the C library, which is slower.",
    )
    query_log: str = _setting(
        "queries.log",
        "File of the query log, a name in the state folder or a path; “-” for none.",
    )
    load_processes: int = _setting(
        0,
        "Processes that share the work of a long load; 0 for as many as there are cores, 1 for "
        "the command’s own alone.",
        least=0,
    )
    check_processes: int = _setting(
        1, "Files that each web process has checked at once; 0 to check none.", least=0
    )
    check_file_mb: int = _setting(10, "Largest file taken to be checked, in MB.", least=1)
    check_rows: int = _setting(50_000, "Most rows of a file that is checked.", least=1)
    check_seconds: int = _setting(60, "Longest time the check of a file may take.", least=1)
    check_memory_mb: int = _setting(768, "Most memory a check may take, in MB.", least=32)
    check_result_mb: int = _setting(100, "Largest outcome of a check, in MB.", least=1)

    @property
    def services(self) -> tuple[str, ...]:
        """Endpoints that SERVICE may name."""
        return tuple(self.query_services.split())

    @property
    def workers(self) -> int:
        """How many processes run queries."""
        return self.query_workers or max(4, 2 * _cores())

    @property
    def loaders(self) -> int:
        """How many processes share the work of a long load."""
        return self.load_processes or _cores()

    @property
    def public_url(self) -> str:
        """Where documents are, without a closing slash."""
        if self.url:
            return self.url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings from ``COOPGRAPH_*`` variables.

    Raises SettingError where a value cannot be used. Variables of other names are passed over.
    """
    types = get_type_hints(Settings)
    known = {f"{PREFIX}{item.name.upper()}": item.name for item in fields(Settings)}
    values: dict[str, Any] = {}
    for name in sorted(environment):
        if name in known and environment[name] != "":
            values[known[name]] = _read(name, environment[name], types[known[name]])
    return checked(Settings(**values))


def to_environment(settings: Settings) -> dict[str, str]:
    """Variables from which :func:`from_environment` makes the same settings."""
    return {
        f"{PREFIX}{item.name.upper()}": str(getattr(settings, item.name))
        for item in fields(settings)
    }


def child_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of another Python process of ours, with these settings: there it finds
    this package, wherever it starts.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith(PREFIX)}
    here = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (here, environment.get("PYTHONPATH", ""))))
    return {**kept, **to_environment(settings), "PYTHONPATH": path}


def checked(settings: Settings) -> Settings:
    """The same settings, or SettingError for the first that cannot be used."""
    if not _BASE.fullmatch(settings.base):
        raise SettingError(
            f"COOPGRAPH_BASE must be an http(s) address that ends in “/”, not “{settings.base}”.",
            name="base",
        )
    if settings.url and not settings.url.startswith(("http://", "https://")):
        raise SettingError(
            f"COOPGRAPH_URL must begin with http:// or https://, not be “{settings.url}”.",
            name="url",
        )
    if not 0 <= settings.port <= 65_535:
        raise SettingError(f"COOPGRAPH_PORT {settings.port} is no port number.", name="port")
    for item in fields(settings):
        least, value = item.metadata["least"], getattr(settings, item.name)
        if least is not None and value < least:
            name = f"{PREFIX}{item.name.upper()}"
            raise SettingError(f"{name} must be at least {least}, not {value}.", name=item.name)
    for service in settings.services:
        if not _ENDPOINT.fullmatch(service):
            raise SettingError(
                f"COOPGRAPH_QUERY_SERVICES: “{service}” is no http(s) address of an endpoint.",
                name="query_services",
            )
    if settings.query_allocator and not Path(settings.query_allocator).is_file():
        raise SettingError(
            f"COOPGRAPH_QUERY_ALLOCATOR: there is no file “{settings.query_allocator}”; give the "
            "whole path of a shared library.",
            name="query_allocator",
        )
    for network in filter(None, map(str.strip, settings.trusted_proxies.split(","))):
        try:
            ip_network(network)
        except ValueError as error:
            raise SettingError(
                f"COOPGRAPH_TRUSTED_PROXIES: {error}.", name="trusted_proxies"
            ) from None
    return settings


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read(name: str, text: str, kind: type) -> Any:
    if kind is not int:
        return kind(text)
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not “{text}”.", name=name) from None
