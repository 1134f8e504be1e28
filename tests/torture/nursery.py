"""A process that has everything loaded and forks a publisher for each order: seconds are saved,
and what dies is a process of its own.

In: orders on standard input, one JSON object a line. Out: on standard output, JSON lines:
``{"pid"}`` when the publisher starts, ``{"reached"}`` when it is at its moment, ``{"answer"}``
what it published, ``{"ended"}`` how it ended (as :attr:`subprocess.Popen.returncode`); then it waits
for an empty line. It never opens a store, since a process that has opened one cannot be forked
safely.

    python -m tests.torture.nursery
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coopgraph import resources
from coopgraph.errors import CoopgraphError
from coopgraph.namespaces import STANDARD
from coopgraph.publish import LoadOptions, Publisher, compiled, derive, inference
from coopgraph.reasoning import Rules, compile_rules
from coopgraph.settings import Settings
from coopgraph.standard import Standard, read_standard
from coopgraph.store import Layout
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.upkeep import Restoring, back_up
from coopgraph.validation.checking import standard_validator
from tests.torture.faults import FAULTS
from tests.torture.stages import Moment, Page, Trace

LARGE_COMMIT = 8  # states; so that small datasets take both roads


def light_standard() -> tuple[Standard, Rules]:
    """The standard with hardly any triples of its own, which cost most of the time, and the rules
    of the whole one.
    """
    whole = read_standard(resources.ONTOLOGY, resources.SHAPES)
    light = replace(whole, ontology=whole.ontology[:20], shapes=(), codes={}, mappings={})
    return light, compile_rules(whole.ontology)


def main() -> None:
    """Take orders until there are no more."""
    standard, rules = light_standard()
    validator = standard_validator(standard)
    compiled.standard_validator = lambda _: validator  # type: ignore[attr-defined]
    inference.compile_rules = lambda _: rules  # type: ignore[attr-defined]
    derive.LARGE_COMMIT = LARGE_COMMIT
    _say(ready=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _end_with(json.loads(line), standard)
        _say(pid=child)
        end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert end is not None
        _say(ended=end.si_status if end.si_code == os.CLD_EXITED else -end.si_status)
        sys.stdin.readline()  # nobody will kill it any more, so that its number may be used again
        os.waitpid(child, 0)


def _end_with(order: Mapping[str, Any], standard: Standard) -> None:
    """Be a publisher, and end."""
    code = 1
    try:
        os.close(0)
        os.setsid()
        home = Path(order["home"])
        moment = Moment(**order["moment"]) if order["moment"] else None
        trace = Trace(
            Page(Path(order["page"])),
            Layout(home).journal,
            moment,
            lambda: _say(pid=os.getpid(), reached=True),
        )
        if "most_bytes" in order:
            resource.setrlimit(resource.RLIMIT_FSIZE, (order["most_bytes"],) * 2)
        if order["fault"]:
            FAULTS[order["fault"]]()
        trace.begin()
        answer = _publish(order, Publisher(Settings(home=home), standard), standard)
        _say(answer=answer, seconds=trace.seconds)
        code = 0
    except CoopgraphError as error:
        _say(error=str(error))
    finally:
        sys.stderr.flush()
        os._exit(code)


def _publish(order: Mapping[str, Any], publisher: Publisher, standard: Standard) -> Any:
    home = Path(order["home"])
    match order["do"]:
        case "load":
            descriptor = read_descriptor(Path(order["folder"]), standard)
            options = LoadOptions(may_remove=True)
            return publisher.load(descriptor, descriptor.folder, options).sequence
        case "merge":
            return publisher.merge(order["old"], order["new"])
        case "split":
            records = [(dataset, key) for dataset, key in order["records"]]
            sequence, target = publisher.split(order["old"], records)
            if target != order["expected"]:
                raise AssertionError(f"split made {target}, not {order['expected']}")
            return sequence
        case "rebuild":
            return publisher.rebuild()
        case "backup":
            return back_up(home, Path(order["file"]), may_replace=True).commits
        case "restore":
            restoring = Restoring(home, STANDARD, datetime.now(UTC), may_replace=True)
            return restoring.run(Path(order["file"]), publisher).sequence
        case "recover":
            return publisher.recover()
    raise ValueError(order["do"])


def _say(**what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
