"""``python -m coopgraph.web``: serve what is published, with settings from the environment."""

from __future__ import annotations

import os

from coopgraph.settings import from_environment
from coopgraph.web.serve import serve

if __name__ == "__main__":
    serve(from_environment(os.environ))
