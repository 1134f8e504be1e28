"""Towns → approximate points, by a gazetteer that travels with coopgraph.

In: what is asserted of one organisation. Out: where it says a town and no point, the triples of a
point in the middle of the town, marked with the precision ``locality``. They are derived, and so
belong in the merge alone and to no source. A name that two towns of the country, or of the state,
have is not in the gazetteer, and such an organisation gets no point.
"""

from __future__ import annotations

from coopgraph.gazetteer.places import Places
from coopgraph.gazetteer.towns import digest, town_point

__all__ = ["Places", "digest", "town_point"]
