"""The long form: ``make torture``.

python -m tests.torture --kills 1000 --cuts 200 --seed 1844
"""

from __future__ import annotations

import argparse
import sys

from tests.torture.torture import report, torture


def main() -> None:
    """Torture, and print what came of it; exit 1 with what is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1844)
    arguments = parser.parse_args()
    tally = torture(arguments.kills, arguments.cuts, arguments.seed, watch=_show)
    print(report(tally), end="")


def _show(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
