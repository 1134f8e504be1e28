"""``python -m coopgraph.web``: serve what is published, with settings from the environment."""

from __future__ import annotations

import os
import sys

from coopgraph.errors import CoopgraphError
from coopgraph.settings import from_environment
from coopgraph.standard.folders import folders_of
from coopgraph.standard.problems import checked_standard
from coopgraph.store import Layout, current_digest
from coopgraph.web.serve import serve


def main() -> None:
    """Serve; on a broken standard or setting say what is wrong, and do not."""
    try:
        settings = from_environment(os.environ)
        digest = current_digest(Layout(settings.home))
        checked_standard(folders_of(settings), known_digest=digest)
    except CoopgraphError as error:
        print(f"coopgraph: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    serve(settings)


if __name__ == "__main__":
    main()
