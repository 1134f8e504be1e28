"""Templates as text: CSV, and the lines of a descriptor that load what was filled in.

In: templates (``columns``). Out: text. CSV follows RFC 4180, in UTF-8; a row of HXL hashtags
(https://hxlstandard.org/) may stand under the header and is passed over by import.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from coopgraph.standard.columns import PARENT, Template


def csv_template(template: Template, *, hxl: bool = False) -> str:
    """The header, and with ``hxl`` the row of hashtags."""
    rows = [[column.name for column in template.columns]]
    if hxl:
        rows.append([column.hxl for column in template.columns])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def descriptor_lines(templates: Iterable[Template]) -> list[str]:
    """The ``tables`` of a dataset.yaml for files that follow the templates."""
    lines = ["tables:"]
    for item in templates:
        key = item.key[0] if len(item.key) == 1 else f"[{', '.join(item.key)}]"
        parts = [f"file: {item.slug}.csv", f"entity: {item.entity.name}", f"key: {key}"]
        parts += [f"parent: {PARENT}"] if item.relation else []
        lines.append(f"  {item.table}: {{{', '.join(parts)}}}")
    return lines
