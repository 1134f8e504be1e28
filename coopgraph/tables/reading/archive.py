"""ZIP archives, as workbooks are: looked at before anything is unpacked, and unpacked in blocks.

The limits hold for whatever the archive says of itself: its directory is counted in its bytes,
and :mod:`zipfile` gives no more of a part than the directory announces. The parts that were
looked through are packed anew, so that the reader of workbooks sees nothing else: no macros, no
pictures, no second directory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from coopgraph.errors import InputError
from coopgraph.tables.reading.limits import check_size

_MOST_PARTS = 10_000
_MOST_UNPACKED = 512 << 20  # bytes, all parts together
_MOST_RATIO = 100
_SMALL = 1 << 20  # bytes; a part that unpacks to less may be packed as tightly as it likes
_BLOCK_BYTES = 1 << 20
_ENTRY = b"PK\x01\x02"  # begins each entry of a directory

Watch = Callable[[bytes], None]  # is given a part, block by block


class Archive:
    """An archive within the limits. Raises InputError where it is damaged or beyond them."""

    def __init__(self, path: Path) -> None:
        check_size(path)
        content = path.read_bytes()
        self._source = path.name
        if content.count(_ENTRY) > _MOST_PARTS:
            raise self._bomb(f"it has more than {_MOST_PARTS:,} parts")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
            raise self.damaged() from error
        self._parts = {info.filename.lower().lstrip("/"): info for info in self._zip.infolist()}
        self._check_sizes()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def damaged(self) -> InputError:
        """What to say of an archive that cannot be unpacked."""
        return InputError(
            "the workbook is damaged or cut off; get it anew, or open and save it with a "
            "spreadsheet program.",
            source=self._source,
        )

    def _bomb(self, why: str) -> InputError:
        return InputError(
            f"this workbook is not opened: {why}. If it is sound, save the table as CSV.",
            source=self._source,
        )

    def _check_sizes(self) -> None:
        infos = self._zip.infolist()
        unpacked = sum(info.file_size for info in infos)
        if unpacked > _MOST_UNPACKED:
            raise self._bomb(
                f"it unpacks to {unpacked >> 20:,} MB, more than {_MOST_UNPACKED >> 20}"
            )
        for info in infos:
            if info.file_size > max(_SMALL, _MOST_RATIO * info.compress_size):
                raise self._bomb(f"“{info.filename}” is packed more than {_MOST_RATIO} to 1")
            if info.flag_bits & 1:
                raise InputError(
                    "the workbook is locked with a password; save it without one.",
                    source=self._source,
                )

    def blocks(self, name: str) -> Iterator[bytes]:
        """What a part holds, in blocks. Raises InputError where it is damaged."""
        try:
            with self._zip.open(self._parts[name.lower()]) as part:
                while block := part.read(_BLOCK_BYTES):
                    yield block
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
            ValueError,
        ) as error:
            raise self.damaged() from error

    def read(self, name: str) -> bytes:
        """A part that is small as a whole."""
        if self._parts[name.lower()].file_size > 20 * _SMALL:
            raise self._bomb(f"its part “{name}” is larger than any that is sound")
        return b"".join(self.blocks(name))

    def repack(self, parts: Mapping[str, Watch | None]) -> io.BytesIO:
        """A new archive of these parts, each looked through while it is copied."""
        copied = io.BytesIO()
        with zipfile.ZipFile(copied, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
            for name, watch in parts.items():
                if watch is None:
                    target.writestr(name, self.read(name))
                    continue
                with target.open(name, "w") as part:
                    for block in self.blocks(name):
                        watch(block)
                        part.write(block)
        copied.seek(0)
        return copied
