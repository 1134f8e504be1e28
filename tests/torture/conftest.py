"""What every torture needs: a nursery of publishers, and the plain replay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.torture.life import Nursery, nursery
from tests.torture.nursery import light_standard
from tests.torture.replay import Replay


@pytest.fixture(scope="module")
def born() -> Iterator[Nursery]:
    """A nursery, ready to fork publishers."""
    with nursery() as made:
        yield made


@pytest.fixture(scope="module")
def replaying() -> Replay:
    """Replays journals under the light standard."""
    return Replay(*light_standard())
