"""coopgraph: the open knowledge graph of the co-operative economy.

Source files flow in on the left (``tables``), become records, quads and commits
(``publish``), and are served from immutable snapshots (``query``, ``entity``, ``catalogue``,
``web``). ``docs/architecture.md`` draws the floors.
"""

__version__ = "0.1.0"
