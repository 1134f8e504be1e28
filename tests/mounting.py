"""How a test may mount a file system of its own here."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache

# As root, and as anybody where the kernel allows a namespace of users.
_UNSHARE = (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"])
_TRY = 'mount -t tmpfs tmpfs "$0"'


@cache
def mounting() -> tuple[str, ...]:
    """What a command has to begin with to be allowed to mount; nothing where nobody may."""
    with tempfile.TemporaryDirectory() as folder:
        for unshare in _UNSHARE:
            command = [*unshare, "sh", "-c", _TRY, folder]
            try:
                run = subprocess.run(command, capture_output=True, check=False)
            except FileNotFoundError:  # a system without namespaces
                return ()
            if run.returncode == 0:
                return tuple(unshare)
    return ()
