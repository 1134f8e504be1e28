"""Files of metadata → JSON objects, bounded, and never from elsewhere than the folder.

In: a path. Out: a :class:`Section`. Nothing is ever fetched: what stands at a web address is
refused with what to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson

from coopgraph.errors import DescriptorError
from coopgraph.iris import is_web_address
from coopgraph.tables.sections import Section

MOST_BYTES: Final = 1 << 20
_MOST_COLUMNS = 16_384


def read_document(path: Path) -> Section:
    """The JSON object in a file. Raises DescriptorError."""
    try:
        with path.open("rb") as source:
            data = source.read(MOST_BYTES + 1)
    except OSError as error:
        raise DescriptorError(f"cannot be read: {error.strerror}", source=path.name) from error
    return parse_document(data, path.name)


def parse_document(data: bytes, source: str) -> Section:
    """The JSON object in the bytes of a file. Raises DescriptorError."""
    if len(data) > MOST_BYTES:
        raise DescriptorError(
            f"it has more than {MOST_BYTES >> 20} MB, and metadata is read up to that; give that "
            "of this one file alone, or move it away",
            source=source,
        )
    try:
        content = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise DescriptorError(
            f"this is no JSON ({error.msg}, at line {error.lineno}, character {error.colno}); "
            "correct it, or move it away",
            source=source,
        ) from None
    if not isinstance(content, dict):
        raise DescriptorError("this must be a JSON object, {…}", source=source)
    return Section(source, content)


def is_there(path: Path) -> bool:
    """Whether there is a file of that name; too long a name is that of none."""
    try:
        return path.is_file()
    except OSError:
        return False


def beside(section: Section, key: str, folder: Path) -> Section:
    """What a key holds: an object, or the name of a file in ``folder`` that is one.

    Raises DescriptorError for an address elsewhere, and a path that leaves the folder.
    """
    value = section.take(key)
    if not isinstance(value, str):
        return section.below(key)
    if is_web_address(value) or "://" in value:
        raise section.error(
            f"“{value}” is elsewhere, and nothing is fetched: save it beside the file, and "
            "write its name here",
            key,
        )
    root = folder.resolve()
    if "\0" in value:
        raise section.error("this can be no name of a file", key)
    path = (root / value).resolve()
    if not path.is_relative_to(root):
        raise section.error(f"“{value}” leaves the folder; give a file in it", key)
    if not is_there(path):
        raise section.error(f"there is no file “{value}” in the folder", key)
    return read_document(path)


def check_count(section: Section, key: str, count: int) -> None:
    """Raises DescriptorError where more columns are described than any table has."""
    if count > _MOST_COLUMNS:
        raise section.error(f"at most {_MOST_COLUMNS:,} columns are read", key)
