"""The one road from files to a published snapshot.

``load`` is: lock · recover · stage (rows → records → checked) · commit to the journal · bring
the store up · describe it · snapshot. Its order is known here and nowhere else. The same road
serves ``merge`` and ``split`` (identities change, records do not) and ``rebuild`` (everything but
the journal is made again).
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from coopgraph.errors import (
    DescriptorError,
    JournalError,
    NotConforming,
    NotPublished,
    TooManyRemovals,
    UsageError,
)
from coopgraph.folding import one_line
from coopgraph.journal import Commit, Journal, build_dictionary, told
from coopgraph.publish import identities
from coopgraph.publish.compiled import Compiled
from coopgraph.publish.derive import Derivation
from coopgraph.publish.describing import Front
from coopgraph.publish.lock import publishing_lock
from coopgraph.publish.report import LoadReport
from coopgraph.publish.staging import Progress, Staged, Staging, findings_of
from coopgraph.publish.trouble import translated
from coopgraph.publish.words import sample_lines
from coopgraph.selfdescription import Example
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Layout, clear_leftovers
from coopgraph.tables.descriptor import Descriptor, parse_descriptor

_GONE_SHARE = 0.10

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def no_progress(what: str, rows: int) -> None:
    """Progress that nobody watches."""


def tell_nobody(what: str) -> None:
    """A warning that nobody hears."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load. ``edition``: the newest file not after it; None: the newest. ``is_part``: the
    files hold some records of the dataset; what they do not name stays as it is.
    """

    edition: str | None = None
    is_dry_run: bool = False
    is_strict: bool = False
    may_remove: bool = False
    is_part: bool = False
    message: str = ""


class Publisher:
    """Publishes into one state folder. ``queries`` are told in the graph's self-description;
    ``tell`` hears what the operator should know, though it stops nothing.
    """

    def __init__(
        self,
        settings: Settings,
        standard: Standard,
        *,
        clock: Clock = utc_now,
        progress: Progress = no_progress,
        tell: Callable[[str], None] = tell_nobody,
        wait_s: float = 0.0,
        queries: Iterable[Example] = (),
    ) -> None:
        self._settings = settings
        self._front = Front(
            settings.title,
            f"{settings.public_url}/sparql",
            is_federated=bool(settings.services),
            queries=tuple(queries),
        )
        self._compiled = Compiled(standard)
        self._layout = Layout(settings.home)
        self._clock = clock
        self._progress = progress
        self._tell = tell
        self._wait_s = wait_s

    def load(self, descriptor: Descriptor, folder: Path, options: LoadOptions) -> LoadReport:
        """Publish a dataset from the files in ``folder``.

        Raises DescriptorError where its descriptor still is to be filled in, InputError where a
        file does not fit, NotConforming where nothing may be published (or, with ``is_strict``,
        not everything), TooManyRemovals, UsageError, Locked. Nothing is published then.
        """
        started = time.monotonic()
        descriptor.require_filled_in()
        with self._opened() as journal:
            if options.is_part:
                _require_part(descriptor, journal, self._compiled.standard)
            commit = journal.begin()
            staging = Staging(
                descriptor,
                self._compiled.standard,
                self._compiled.validator,
                journal,
                commit,
                self._progress,
                self._settings.loaders,
                is_part=options.is_part,
            )
            try:
                staged = staging.run(folder, options.edition)
                _require_publishable(descriptor, staged, staging.held(), options)
                is_new = not options.is_dry_run and _differs(
                    descriptor, staged, journal, commit, options
                )
                if is_new:
                    self._commit(descriptor, staged, journal, commit, options)
            finally:
                journal.abandon_unfinished()
            if is_new:
                self._publish(journal)
            last = journal.last_commit(descriptor.slug)
            return LoadReport(
                dataset=descriptor.slug,
                sequence=last.sequence if last and not options.is_dry_run else None,
                is_new_commit=is_new,
                edition=_edition(staged),
                tables=staged.counts,
                quarantined=tuple(staged.quarantined),
                groups=tuple(staged.groups),
                notes=tuple(staged.notes),
                seconds=time.monotonic() - started,
            )

    def merge(self, old: str, new: str, message: str = "") -> int:
        """Say that organisation ``old`` is ``new``: its records are about ``new`` from now on.

        Returns the commit's sequence. Raises UnknownThing, UsageError.
        """
        with self._opened() as journal:
            commit = journal.begin()
            identities.merge(journal, commit, old, new)
            message = one_line(message) or f"merge {old} into {new}"
            return self._reassign(journal, commit, "merge", message, {"old": old, "new": new})

    def split(
        self, organization: str, records: Iterable[tuple[str, str]], message: str = ""
    ) -> tuple[int, str]:
        """Say that records, as (dataset, key), are about another organisation than this one.

        Returns the commit's sequence, and the other's id: a new one, or the one that just these
        records had before they were merged. Raises UnknownThing, UsageError.
        """
        leaving = sorted(set(records))
        with self._opened() as journal:
            commit = journal.begin()
            target = identities.split(journal, commit, organization, leaving)
            names = ["/".join(record) for record in leaving]
            message = one_line(message) or f"split {', '.join(names)} from {organization}"
            report: dict[str, str | list[str]] = {"old": organization, "new": target}
            report["records"] = names
            return self._reassign(journal, commit, "split", message, report), target

    def recover(self) -> int:
        """Mend what a crash left: replay commits that no snapshot shows. Returns the sequence.

        Takes no lock where all is well, or where there is nothing yet.
        """
        if not self._layout.journal.exists():
            return 0
        with translated(self._layout.home):
            shown = self._shown()
        if shown is not None:
            return shown
        with self._opened() as journal:
            return journal.last_sequence()

    def rebuild(self) -> int:
        """Make store and snapshot again from the journal. Returns the sequence.

        Raises NotPublished where the journal holds no commit, JournalError where it is damaged:
        then nothing is changed.
        """
        with self._opened() as journal:
            if not journal.last_sequence():
                raise NotPublished(f"Nothing was ever published in {self._settings.home}.")
            _require_sound(journal, self._layout.journal)
            clear_leftovers(self._layout)
            return self._remake(journal)

    def restore(self, place: Callable[[], None]) -> int:
        """Publish another journal, which ``place`` puts where this folder's is, under the lock.
        Returns its last sequence. What ``place`` raises leaves everything as it was.
        """
        with translated(self._layout.home), publishing_lock(self._layout.lock, self._wait_s):
            self._layout.create()
            place()
            with closing(self._journal()) as journal:
                sequence = self._remake(journal)
                journal.mark_published(sequence, self._now(journal))
                return sequence

    def _reassign(
        self,
        journal: Journal,
        commit: Commit,
        action: str,
        message: str,
        report: Mapping[str, str | list[str]],
    ) -> int:
        """Finish and publish a commit that changes identities alone."""
        commit.under(self._compiled.standard)
        sequence = commit.finish(
            at=self._now(journal),
            who=_who(),
            action=action,
            dataset="",
            edition="",
            message=message,
            report=report,
        )
        self._publish(journal)
        return sequence

    def _shown(self) -> int | None:
        """The last commit, if the snapshot shows it. Looks without the lock, changes nothing."""
        try:
            journal = Journal.open(self._layout.journal)
        except JournalError:  # damaged, or being made this moment: for the holder of the lock
            return None
        try:
            is_shown = (
                journal.base == self._settings.base and self._derivation(journal).is_current()
            )
            return journal.last_sequence() if is_shown else None
        finally:
            journal.close()

    @contextmanager
    def _opened(self) -> Iterator[Journal]:
        """The journal under the lock, with everything committed also published."""
        with translated(self._layout.home), publishing_lock(self._layout.lock, self._wait_s):
            self._layout.create()
            journal = self._journal()
            try:
                journal.settle()
                journal.abandon_unfinished()
                self._watch_clock(journal)
                last = journal.last_sequence()
                if last and not self._derivation(journal).is_current():
                    self._publish(journal)
                elif last and not journal.is_marked(last):
                    journal.mark_published(last, self._now(journal))
                yield journal
            finally:
                journal.close()

    def _journal(self) -> Journal:
        words = build_dictionary(sample_lines(self._compiled.standard))
        return Journal.open_or_create(self._layout.journal, self._settings.base, words)

    def _watch_clock(self, journal: Journal) -> None:
        last, now = journal.last_time(), self._clock()
        if last is not None and now < last:
            self._tell(
                f"The clock says {now:%Y-%m-%d %H:%M:%S} and the last commit was made at "
                f"{last:%Y-%m-%d %H:%M:%S}: commits bear that time until the clock is past it. "
                "Set the clock."
            )

    def _now(self, journal: Journal) -> datetime:
        """The time of a commit: never before that of the last one, whatever the clock says."""
        last, now = journal.last_time(), self._clock()
        return now if last is None else max(last, now)

    def _derivation(self, journal: Journal) -> Derivation:
        return Derivation(
            journal, self._compiled, self._layout, self._front, self._settings.loaders
        )

    def _remake(self, journal: Journal) -> int:
        """Make everything anew from the journal; returns its last sequence."""
        derivation = self._derivation(journal)
        derivation.rebuild()
        derivation.describe()
        derivation.snapshot()
        return journal.last_sequence()

    def _publish(self, journal: Journal) -> None:
        derivation = self._derivation(journal)
        derivation.bring_up()
        derivation.describe()
        derivation.keep_catalogued()
        derivation.snapshot()
        journal.mark_published(journal.last_sequence(), self._now(journal))

    def _commit(
        self,
        descriptor: Descriptor,
        staged: Staged,
        journal: Journal,
        commit: Commit,
        options: LoadOptions,
    ) -> None:
        commit.identify(descriptor.slug, staged.organizations)
        commit.quarantine(descriptor.slug, staged.quarantined)
        if not options.is_part:
            commit.describe(descriptor.slug, descriptor.text)
        commit.under(self._compiled.standard)
        commit.finish(
            at=self._now(journal),
            who=_who(),
            action="update" if options.is_part else "load",
            dataset=descriptor.slug,
            edition=_edition(staged),
            message=one_line(options.message),
            report={name: table.as_json() for name, table in staged.counts.items()},
        )


def _require_sound(journal: Journal, path: Path) -> None:
    """Raise JournalError where the journal is not as it was written."""
    problems = journal.verify()
    if problems:
        raise JournalError(
            f"{path} is damaged: {told(problems)}. Nothing was changed; restore a backup: "
            "“coopgraph restore --replace FILE”."
        )


def _require_part(descriptor: Descriptor, journal: Journal, standard: Standard) -> None:
    """Raise UsageError where this is no part of what was loaded whole."""
    slug = descriptor.slug
    text = journal.descriptor(slug)
    if text is None:
        raise UsageError(f"“{slug}” was never loaded: load it whole first, without --part.")
    try:
        whole = parse_descriptor(text, Path(slug), standard)
    except DescriptorError as error:
        raise UsageError(
            f"“{slug}” was loaded whole under another standard ({error}): load it whole again "
            "first."
        ) from error
    known = {table.name: table for table in whole.tables}
    for table in descriptor.tables:
        former = known.get(table.name)
        if former is None:
            raise UsageError(
                f"“{slug}” has no table “{table.name}”; its tables are {', '.join(known)}. A part "
                "has to be read as the whole was."
            )
        for what in ("key", "parent"):  # by which records are told from each other
            old, new = (getattr(spec, what) for spec in (former, table))
            if old != new:
                raise UsageError(
                    f"“{what}” of the table “{table.name}” was {_named(old)} when “{slug}” was "
                    f"loaded whole, and is {_named(new)} here. A part has to be read as the whole "
                    "was."
                )


def _named(columns: tuple[str, ...]) -> str:
    return f"“{', '.join(columns)}”" if columns else "not given"


def _require_publishable(
    descriptor: Descriptor, staged: Staged, held: dict[str, int], options: LoadOptions
) -> None:
    """Raise where the load as a whole must not be published."""
    main = staged.counts[descriptor.main.name]
    told = [table for table in staged.counts.values() if table.file] if options.is_part else [main]
    files = ", ".join(str(table.file) for table in told)
    problem = ""
    if not any(table.read for table in told):
        problem = f"{files} has a header and no rows."
    elif not any(table.published for table in told):
        problem = f"no row of {files} may be published."
    elif options.is_strict and staged.quarantined:
        problem = f"{len(staged.quarantined):,} rows do not conform, and --strict was asked."
    if problem:
        raise NotConforming(f"{descriptor.slug}: {problem}{_first_finding(staged)}")
    total = sum(table.gone for table in staged.counts.values()), sum(held.values())
    organizations = main.gone, held.get(descriptor.main.name, 0)
    for gone, before in (total, organizations):
        if gone > before * _GONE_SHARE and not options.may_remove:
            raise TooManyRemovals(dataset=descriptor.slug, gone=gone, held=before)


def _first_finding(staged: Staged) -> str:
    if not staged.quarantined:
        return ""
    row = staged.quarantined[0]
    finding = row.findings[0]
    column = f", column “{finding['column']}”" if finding["column"] else ""
    return f" First: {staged.counts[row.table].file}, row {row.row}{column}: {finding['message']}."


def _differs(
    descriptor: Descriptor, staged: Staged, journal: Journal, commit: Commit, options: LoadOptions
) -> bool:
    """Whether a load says anything that the journal does not hold already."""
    if commit.has_states():
        return True
    found = findings_of(staged.quarantined)
    held = findings_of(journal.quarantined(descriptor.slug))
    if options.is_part:
        return not found <= held
    return found != held or journal.descriptor(descriptor.slug) != descriptor.text


def _edition(staged: Staged) -> str:
    """The edition of the table of organisations, which is staged first."""
    return staged.editions[0] if staged.editions else ""


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "unknown"
