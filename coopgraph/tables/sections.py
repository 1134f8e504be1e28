"""Documents of keys and values, as YAML and JSON are: typed values with the place of each fault.

In: what a document holds, parsed. Out: texts, flags, links, and mappings within. Everything wrong
is a DescriptorError that names the file and the dotted path of the fault.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

from coopgraph.errors import DescriptorError
from coopgraph.iris import is_web_address


class Section:
    """A mapping of keys to values, of which typed values are taken.

    ``source`` is the name of its file, ``where`` the dotted path to it there. Every fault is a
    DescriptorError that says both.
    """

    def __init__(self, source: str, content: Any, where: str = "") -> None:
        self.source = source
        self.where = where
        if not isinstance(content, dict):
            raise self.error("this must be a mapping of keys to values")
        for key in content:
            if not isinstance(key, str):
                raise self.error(f"the key “{key}” must be text; put it in quotation marks")
        self.content: dict[str, Any] = content
        self.taken: set[str] = set()

    def error(self, message: str, key: str = "") -> DescriptorError:
        """What to raise of a key, or of the whole."""
        return DescriptorError(message, source=self.source, where=self.path(key))

    def path(self, key: str) -> str:
        """The dotted path to a key."""
        return ".".join(part for part in (self.where, key) if part)

    def take(self, key: str) -> Any:
        """The value of a key, whatever it is, None where it is missing."""
        self.taken.add(key)
        return self.content.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text on one line. Without a ``default`` it must be there."""
        value = self.take(key)
        if value is None:
            if default is None:
                raise self.error("this is missing", key)
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.error("this must be text", key)
        return " ".join(str(value).split())

    def exact(self, key: str, default: str = "") -> str:
        """A text to the letter, as a separator is, which may be blank."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.error("this must be text", key)
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error("this must be true or false", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list, or the only one."""
        value = self.take(key)
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in values):
            raise self.error("this must be text or a list of texts", key)
        return tuple(str(item) for item in values)

    def pattern(self, key: str) -> re.Pattern[str] | None:
        """A regular expression."""
        text = self.take(key)
        if text is None:
            return None
        try:
            return re.compile(str(text))
        except (re.error, OverflowError, RecursionError) as error:
            raise self.error(f"this is no regular expression: {error}", key) from None

    def link(self, key: str, default: str | None = None) -> str:
        """A web address."""
        value = self.text(key, default)
        if value and not is_web_address(value):
            raise self.error(f"“{value}” is no web address", key)
        return value

    def below(self, key: str) -> Section:
        """The mapping within."""
        value = self.take(key)
        if value is None:
            raise self.error("this is missing", key)
        return Section(self.source, value, self.path(key))

    def items(self, key: str) -> list[Section]:
        """The mappings in a list, none where it is missing."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error("this must be a list", key)
        where = self.path(key)
        return [Section(self.source, item, f"{where}[{n}]") for n, item in enumerate(value)]

    def finish(self) -> None:
        """Raises for a key of which nothing was taken."""
        for key in self.content:
            if key not in self.taken:
                near = difflib.get_close_matches(key, sorted(self.taken), 1)
                hint = f"; did you mean “{near[0]}”?" if near else ""
                raise self.error(f"this key is not known{hint}", key)
