"""``python -m coopgraph.checking FOLDER PIPE PARENT``: one check for the web server, alone.

``FOLDER`` holds a task (``handover``), ``PIPE`` is the number of an inherited pipe for the reply,
``PARENT`` the process that waits for it; settings are in the environment. Before it touches the
file the process gives up what a file could abuse: the network, memory, time and files beyond
their limits, outliving its parent.
"""

from __future__ import annotations

import errno
import os
import resource
import sys
import traceback
from pathlib import Path

from coopgraph.checking.task import Desk, TooManyRows
from coopgraph.errors import InputError, UsageError
from coopgraph.handover import TASK, Ending, Reply, Task
from coopgraph.isolation import (
    die_with_parent,
    forgo_privileges,
    leave_network,
    limit_growth,
    refuse_sockets,
)
from coopgraph.settings import Settings, from_environment
from coopgraph.standard.folders import standard_of

_MB = 1 << 20
_STACK_BYTES = 64 * _MB
_NICENESS = 5
_MARGIN_S = 5


def main() -> None:
    """Do the task, and say how it went."""
    folder, pipe, parent = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    die_with_parent(parent)
    settings = from_environment(os.environ)
    leave_network()
    os.nice(_NICENESS)
    reply = _reply(folder, settings)
    os.write(pipe, reply.to_bytes())


def _reply(folder: Path, settings: Settings) -> Reply:
    try:
        standard = standard_of(settings)
        _be_bounded(settings)
        task = Task.from_bytes((folder / TASK).read_bytes())
        Desk(task, folder, standard, settings.check_rows).work()
    except InputError as error:
        source = error.source.replace(f"{folder}/", "")
        return Reply(Ending.UNREADABLE, error.reason, source, error.row, error.column)
    except UsageError as error:
        return Reply(Ending.MISUSED, str(error).replace(f"{folder}/", ""))
    except TooManyRows:
        return Reply(Ending.ROWS)
    except MemoryError:
        return Reply(Ending.MEMORY)
    except OSError as error:
        known = {errno.EFBIG: Ending.SIZE, errno.ENOMEM: Ending.MEMORY}
        ending = known.get(error.errno or 0)
        return Reply(ending) if ending else _failed(error)
    except Exception as error:
        return _failed(error)
    return Reply(Ending.DONE)


def _be_bounded(settings: Settings) -> None:
    """Keep to the limits of a check from now on."""
    seconds = settings.check_seconds + _MARGIN_S  # of the processor, should nobody be counting
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    limit_growth(settings.check_memory_mb * _MB, settings.check_result_mb * _MB, _STACK_BYTES)
    forgo_privileges()
    refuse_sockets()


def _failed(error: Exception) -> Reply:
    """Where this program went wrong, without a word of the file's."""
    places = (
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)[-8:]
    )
    return Reply(Ending.FAILED, f"{type(error).__name__} at {' < '.join(places)}")


if __name__ == "__main__":
    main()
