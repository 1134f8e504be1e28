"""Every error coopgraph raises on purpose.

::

    CoopgraphError
    ├── UsageError            used wrongly: a bad option, an unknown dataset  (exit 2, HTTP 400)
    │   ├── SettingError      a setting has a value that cannot be used
    │   ├── DescriptorError   a dataset descriptor is broken
    │   ├── QueryRefused      a query that is not run, with the line that is at fault
    │   └── UnfitForm         an answer that the form asked for cannot hold  (HTTP 406)
    ├── InputError            a file cannot be read as a table  (exit 1, HTTP 422)
    ├── NotConforming         nothing in the input may be published  (exit 1, HTTP 422)
    │   └── TooManyRemovals   a load would remove more than a tenth of a dataset
    ├── UnknownThing          no such organisation, dataset, record, term  (exit 1, HTTP 404)
    ├── ShapeError            a shape cannot be compiled, or contradicts itself  (exit 3, HTTP 500)
    │   └── NotCompiled       a shape is sound and uses what only pySHACL can check
    ├── JournalError          the journal is damaged or of another version  (exit 3, HTTP 500)
    │   ├── JournalUnavailable  a reader cannot get at the journal now  (exit 3, HTTP 503)
    │   └── NewerJournal      it was written by a newer version of coopgraph
    ├── QueryLimit            a query reached its limit of time, memory or size  (exit 3, HTTP 503)
    ├── CheckLimit            a file to be checked is over a limit  (exit 3, HTTP 413 or 503)
    ├── ServiceFailed         a server that a query asks by SERVICE fails  (exit 3, HTTP 502)
    ├── TooManyQueries        a client, or all of them, ask too much at once  (exit 3, HTTP 429)
    ├── StoreError            the triple store cannot be opened or written  (exit 3, HTTP 503)
    │   └── NotPublished      there is no snapshot to serve yet
    └── Locked                another process is publishing  (exit 3, HTTP 503)

Errors carry data as attributes (``source``, ``row``, ``column`` …), so that a caller can show
them its own way; ``str(error)`` is always a full sentence for a person.
"""

from __future__ import annotations


class CoopgraphError(Exception):
    """Base of the tree. ``exit_code`` is what the command line returns for it."""

    exit_code = 3


class UsageError(CoopgraphError):
    """coopgraph was asked for something that makes no sense."""

    exit_code = 2


class SettingError(UsageError):
    """A setting has a value that cannot be used."""

    def __init__(self, message: str, *, name: str) -> None:
        super().__init__(message)
        self.name = name


class DescriptorError(UsageError):
    """A dataset descriptor is broken; ``where`` is the dotted path of the faulty part."""

    def __init__(self, message: str, *, source: str, where: str = "") -> None:
        place = f"{source}, at {where}" if where else source
        super().__init__(f"{place}: {message}")
        self.source = source
        self.where = where


class QueryRefused(UsageError):
    """A SPARQL query that is not run; ``line`` is where the reason stands, counted from 1."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.reason = message
        self.line = line


class UnfitForm(UsageError):
    """An answer cannot be written in the form that was asked for."""


class InputError(CoopgraphError):
    """A file cannot be read as the table it should be."""

    exit_code = 1

    def __init__(
        self, message: str, *, source: str, row: int | None = None, column: str | None = None
    ) -> None:
        place = source
        if row is not None:
            place += f", row {row}"
        if column is not None:
            place += f", column “{column}”"
        super().__init__(f"{place}: {message}")
        self.reason = message
        self.source = source
        self.row = row
        self.column = column


class NotConforming(CoopgraphError):
    """Nothing in the input may be published as it is."""

    exit_code = 1


class TooManyRemovals(NotConforming):
    """A load would remove more than a tenth of a dataset's records, or of its organisations."""

    def __init__(self, *, dataset: str, gone: int, held: int) -> None:
        super().__init__(
            f"{dataset}: this load would remove {gone:,} of {held:,} records, more than a tenth. "
            "Check that the files are whole; if they are, repeat with --allow-removals."
        )
        self.dataset = dataset
        self.gone = gone
        self.held = held


class UnknownThing(CoopgraphError):
    """Nothing of that name is known; ``suggestion`` may hold a near name."""

    exit_code = 1

    def __init__(self, message: str, *, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


class ShapeError(CoopgraphError):
    """A shape cannot be compiled, or says two things at once; ``reason`` is why."""

    def __init__(self, message: str, *, shape: str | None = None) -> None:
        super().__init__(f"{shape}: {message}" if shape else message)
        self.reason = message
        self.shape = shape


class NotCompiled(ShapeError):
    """A shape uses what the compiler does not know, and pySHACL does."""


class JournalError(CoopgraphError):
    """The journal is damaged, or was written by another version."""


class JournalUnavailable(JournalError):
    """The journal is not there, or cannot be read, where somebody only wants to look."""


class NewerJournal(JournalError):
    """The journal was written by a newer version; nothing is wrong with it."""


class QueryLimit(CoopgraphError):
    """A query reached a limit: ``limit`` is “time”, “memory” or “size”. Nothing of its answer
    is given.
    """

    def __init__(self, message: str, *, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class CheckLimit(CoopgraphError):
    """A file is over a limit of the service that checks it: ``limit`` is “file” (its size),
    “rows”, “time”, “memory” or “size” (of what was asked for). Nothing of the outcome is given.
    """

    def __init__(self, message: str, *, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class ServiceFailed(CoopgraphError):
    """An endpoint that a query asks by SERVICE does not answer as it should; the query may be
    right. The message names the endpoint.
    """


class TooManyQueries(CoopgraphError):
    """More is asked than is answered now; ``retry_after_s`` says when to ask again."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreError(CoopgraphError):
    """The triple store cannot be opened or written."""


class NotPublished(StoreError):
    """There is no snapshot to serve yet."""


class Locked(CoopgraphError):
    """Another process holds the publishing lock."""
