"""What the broker counts, for Prometheus and for ``/health``.

Specification: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from coopgraph.query.job import Outcome

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_GAUGES = {
    "workers": "Query workers.",
    "ready": "Query workers that can answer.",
    "running": "Queries that run.",
    "waiting": "Queries that wait for a worker.",
    "started": "Query workers started since the broker began.",
}


class Metrics:
    """Counters of queries by outcome, of their seconds, and gauges of the pool's state."""

    def __init__(self, state: Callable[[], Mapping[str, float]]) -> None:
        self._state = state
        self._registry = CollectorRegistry()
        self._queries = Counter(
            "coopgraph_queries", "Queries by outcome.", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "coopgraph_query_seconds",
            "Seconds of worker time a query took.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._waited = Histogram(
            "coopgraph_query_waiting_seconds",
            "Seconds a query waited for a worker.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        for outcome in Outcome:
            self._queries.labels(outcome.value)
        for name, text in _GAUGES.items():
            gauge = Gauge(f"coopgraph_query_{name}", text, registry=self._registry)
            gauge.set_function(partial(self._now, name))

    def count(self, outcome: Outcome, seconds: float, waited: float) -> None:
        """One query has ended."""
        self._queries.labels(outcome.value).inc()
        self._seconds.observe(seconds)
        self._waited.observe(waited)

    def _now(self, name: str) -> float:
        return self._state()[name]

    def text(self) -> bytes:
        """All of it in the text format of Prometheus."""
        return generate_latest(self._registry)

    def health(self, can_answer: bool, protections: Mapping[str, bool], problem: str) -> bytes:
        """Whether queries can be answered, as JSON."""
        state = {name: int(value) for name, value in self._state().items()}
        return orjson.dumps(
            {**state, "canAnswer": can_answer, "protections": protections, "problem": problem}
        )
