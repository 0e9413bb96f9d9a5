"""The publication states of the contract (3.2): what may be said of one obligation at one moment.

Pure decisions over what was seen. `missing` accuses an organ, so it needs the proof the contract demands;
whatever we failed to see ourselves is `unverified`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from crawler.address_dates import AddressDate, read_address_date
from crawler.clock import SHANGHAI
from crawler.records import Outcome
from monitor.language import N_, translate
from monitor.rules.base import Fail, OrganFacts
from monitor.rules.timeliness import (
    BACKDATING_MARGIN,
    ThreeDates,
    Timing,
    dated_as_it_appeared,
    kept_the_local_date,
    passes_after,
    published_after_its_year,
)

TRUST = ("shown", "meta", "metadata_table", "list", "address")
"""What may name the date of publication, the most trusted first (domain.md 1.4). After these comes the day on
which we first saw the report, which is only the latest it can be."""
DAYS_OF_PROOF = 2
"""On so many different days a column must have been crawled whole for `missing` (contract, 3.2)."""
PASSES_WITHOUT = 2
"""So many whole passes, one after the other, a report must have been gone for `removed` (judgement): a page that
is put up anew is away for a moment."""
MIGRATION = 5
"""When so many old pages of one host appear on one day, the site was moved: none of them is back-dated (D-05)."""
MIGRATION_TWINS = 2
"""So many reports that we know from elsewhere, at new addresses on one day, say the same."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something must have been seen before anybody is told: by at least what the contract says.

    ``missing_days``: on so many different days the columns were read whole without the report. ``removed_passes``:
    so many whole passes in a row did not find it any more.
    """

    missing_days: int = DAYS_OF_PROOF
    removed_passes: int = PASSES_WITHOUT

    def __post_init__(self) -> None:
        if self.missing_days < DAYS_OF_PROOF or self.removed_passes < 1:
            raise ValueError(f"less proof than the contract asks for: {self}")


class PublicationState(StrEnum):
    """The six states of the contract."""

    NOT_DUE = "not_due"
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    UNVERIFIED = "unverified"
    NOT_EXPECTED = "not_expected"


@dataclass(frozen=True, slots=True)
class LocalDate:
    """A date that the place set, earlier than that of the statute: by which rule, and where it stands."""

    on: date
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class Due:
    """When a report is due (the whole day counts), by which rule, and how much being late weighs.

    ``severity`` is ``error`` where the date stands in the statute, ``warning`` where it is practice. ``basis``:
    ``statute``, ``practice`` or ``local``. ``local`` is an earlier date of the place: who misses it and keeps
    that of the statute is not late (domain.md D-03).
    """

    on: date
    rule: str
    source: str
    severity: str
    basis: str = "statute"
    local: LocalDate | None = None


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A column that was read whole without the report: of which portal, where, and when (oldest first).

    ``latest``: the last whole pass of all; of a missing report, which rests on its first passes.
    """

    portal: str
    column: str
    address: str
    at: tuple[datetime, ...]
    portal_id: str = ""
    column_id: str = ""
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """That one version of a report took the place of another, and when each was first seen."""

    before_id: int
    after_id: int
    before_seen_at: datetime
    after_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One obligation as it stands at ``as_of``, with all that the state rests on.

    ``published_on`` is the date lateness rests on, ``published_from`` names it (``shown``, ``meta``,
    ``metadata_table``, ``list``, ``address``, ``first_seen``). ``flags``: ``backdated``, ``changed``,
    ``removed``, ``early``, ``no_date``, ``misplaced``, ``after_local_date``. ``reason`` is a Chinese sentence that
    says why the state is ``unverified`` (or otherwise needs explaining), else None. ``proof`` are the whole
    passes of the organ's columns after the due date that `missing` rests on, and ``looked_at`` the same column by
    column; of a report that is back-dated, or late without a date of its own, the passes in which it was not
    there. ``last_seen_at``, ``gone_at`` and ``gone_answer`` (``404``, ``soft_404`` …) are set of a report that was
    removed, ``replaced`` (oldest first) of one that was changed. ``file_gone``: a file is gone, and not the
    page that it hangs on. ``away``: no address shows it any more, which may be too little to call it removed.
    ``dates`` are the three dates of a report that was found; ``dated_at`` are address and version of the page that
    bears them, where it still stands beside another page that is the current one. ``errors`` and ``warnings``
    count matters of the current version.
    """

    organ: OrganFacts
    report_year: int
    due: Due
    state: PublicationState
    published_on: date | None = None
    published_from: str | None = None
    first_seen_at: datetime | None = None
    days_late: int | None = None
    address: str | None = None
    version_id: int | None = None
    versions: int = 0
    errors: int = 0
    warnings: int = 0
    flags: tuple[str, ...] = ()
    reason: str | None = None
    proof: tuple[datetime, ...] = ()
    looked_at: tuple[LookedAt, ...] = ()
    last_seen_at: datetime | None = None
    gone_at: datetime | None = None
    gone_answer: str | None = None
    file_gone: bool = False
    away: bool = False
    replaced: tuple[Replaced, ...] = ()
    dates: ThreeDates | None = None
    dated_at: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Appearance:
    """That a version of the report stood at an address: one stretch of time (monitor.store.tables.Sighting).

    ``current``: it is the last we know of the address; with ``gone_at`` that last is that it is gone, and
    ``gone_answer`` is what the address answered then; with ``page_gone``, the page that the file hangs on.
    ``parent_address``: the page that a file hangs on.
    ``astray``: its column belongs to another organ. ``watched``: somebody still looks at the address; not so where
    its portal is out of use or its host is no longer in the definition.
    """

    version_id: int
    portal_id: str
    column_id: str | None
    address: str
    host: str
    role: str
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime
    gone_at: datetime | None = None
    current: bool = True
    last_seen_at: datetime | None = None
    gone_answer: str | None = None
    has_tables: bool = True
    page_gone: bool = False
    astray: bool = False
    watched: bool = True
    parent_address: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnHistory:
    """How one column was crawled: when its whole passes began, oldest first, and how its last pass ended.

    ``ended`` are the ends of the whole passes, one for each; empty where they are not known. ``in_use``: its
    portal still is. ``valid_from`` is the first day on which it was, where that is known.
    """

    portal_id: str
    column_id: str
    name: str
    whole: tuple[datetime, ...] = ()
    last_outcome: Outcome | None = None
    portal_name: str = ""
    address: str = ""
    ended: tuple[datetime, ...] = ()
    in_use: bool = True
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the day ``since`` on, and until it was gone (None: it was not)."""

    since: datetime
    gone_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether a moment is in it; all of the first day is."""
        return _day(self.since) <= _day(at) and (self.gone_at is None or at < self.gone_at)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was seen of one obligation up to the moment that is asked about.

    ``columns`` are those in which the report may appear. ``doubts`` are Chinese sentences, each on something seen
    there that may be the report after all. ``migrations`` are hosts and days on which a site was moved.
    ``unread`` are stretches in which something stood there, unread, that may have been the report already.
    """

    appearances: Sequence[Appearance] = ()
    columns: Sequence[ColumnHistory] = ()
    doubts: Sequence[str] = ()
    migrations: Collection[tuple[str, date]] = ()
    histories: Mapping[tuple[str, str], ColumnHistory] = field(default_factory=dict)
    unread: Sequence[Stretch] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be said of one obligation; the fields are those of :class:`Standing`."""

    state: PublicationState
    published_on: date | None = None
    published_from: str | None = None
    first_seen_at: datetime | None = None
    days_late: int | None = None
    address: str | None = None
    version_id: int | None = None
    versions: int = 0
    flags: tuple[str, ...] = ()
    reason: str | None = None
    proof: tuple[datetime, ...] = ()
    looked_at: tuple[LookedAt, ...] = ()
    last_seen_at: datetime | None = None
    gone_at: datetime | None = None
    gone_answer: str | None = None
    file_gone: bool = False
    away: bool = False
    replaced: tuple[Replaced, ...] = ()
    dates: ThreeDates | None = None
    dated_at: tuple[str, int] | None = None


_NO_COLUMN = N_("门户定义中没有收录该单位年度报告的栏目")
_NEVER_CRAWLED = N_("栏目“{column}”从未采集过")
_NOT_SINCE = N_("栏目“{column}”在期限过后还没有完整采集过{why}")
_ONE_DAY = N_("栏目“{column}”在期限过后只在一天完整采集过，还需另一天")
_SOME_DAYS = N_("栏目“{column}”在期限过后只在 {days} 天完整采集过，还需另外 {more} 天")
_NO_DATE = N_("报告上没有公布日期；首次见到时期限已过，此前又没有完整采集过其栏目，不能断定是否逾期")
_NO_DATE_UNREAD = N_(
    "报告上没有公布日期；期限过后才读出，此前栏目中已有读不了的文件，可能就是它，不能断定是否逾期"
)
_ADDRESS_ONLY = N_(
    "报告上没有公布日期，网址中的日期在期限之前；但期限过后完整采集其栏目时没有它，后来才首次见到，不能断定是否逾期"
)
_MOVED = N_(
    "报告上没有期限以前的公布日期；首次见到那天，同一网站有多份旧报告出现或换了网址，应是网站搬迁，不能断定是否逾期"
)
REASONS = (_NEVER_CRAWLED, _NOT_SINCE, _ONE_DAY, _SOME_DAYS)
"""The sentences of ``reason`` that are filled with names and days."""
_WHY: Mapping[Outcome, str] = {
    Outcome.BLOCKED: N_("（被拦截或拒绝）"),
    Outcome.UNREACHABLE: N_("（网站无法访问）"),
    Outcome.LAYOUT_CHANGED: N_("（列表认不出来）"),
    Outcome.PARTIAL: N_("（只采集到一部分）"),
    Outcome.CRASHED: N_("（采集程序出错）"),
    Outcome.TIMED_OUT: N_("（采集超时）"),
}


def decide(
    report_year: int,
    due_on: date,
    expected: bool,
    evidence: Evidence,
    as_of: datetime,
    interval: timedelta = timedelta(days=1),
    local_on: date | None = None,
    patience: Patience | None = None,
) -> Decision:
    """What may be said of the obligation at ``as_of``. Pure; ``evidence`` holds nothing from after that moment.

    ``local_on`` is an earlier date of the place, which makes nobody late (D-03).
    The first version decides whether the report is late, so that no correction makes or unmakes it. A report that
    we saw by the due day is in time, whatever it shows.
    """
    patience = patience or Patience()
    found = _found(report_year, due_on, evidence, interval, patience) if evidence.appearances else None
    if not expected:
        return replace(
            found or Decision(PublicationState.NOT_EXPECTED), state=PublicationState.NOT_EXPECTED, reason=None
        )
    if found is not None:
        return _with_local_date(found, report_year, due_on, local_on)
    if _day(as_of) <= due_on:
        return Decision(PublicationState.NOT_DUE)
    return _not_found(due_on, evidence, patience)


def _with_local_date(found: Decision, report_year: int, due_on: date, local_on: date | None) -> Decision:
    """With the flag that an earlier date of the place was missed."""
    if found.state is not PublicationState.ON_TIME or found.dates is None or "backdated" in found.flags:
        return found
    timing = Timing(report_year, due_on, found.dates, local_on=local_on)
    missed = isinstance(kept_the_local_date(timing), Fail)
    return replace(found, flags=(*found.flags, "after_local_date")) if missed else found


def newest_first(first_seen_at: datetime, published_on: date | None) -> tuple[int, int, float]:
    """Sorts what was published last to the front.

    Of two pages that came on the same day the one with the later date of publication is the later one: a list
    shows its newest page first, so within a pass the order of fetching says nothing, or the contrary.
    """
    day = _day(first_seen_at).toordinal()
    return -day, -published_on.toordinal() if published_on else 0, -first_seen_at.timestamp()


def current(appearances: Sequence[Appearance]) -> Appearance:
    """The appearance that stands for the report: what is still there, with tables, a page before an attachment,
    the newest (:func:`newest_first`)."""
    return min(
        appearances,
        key=lambda one: (
            not one.current,
            one.gone_at is not None,
            not one.has_tables,
            one.role == "attachment",
            newest_first(one.first_seen_at, one.published_on),
            -one.version_id,
        ),
    )


def _dated_at(bearing: Appearance, standing: Appearance) -> tuple[str, int] | None:
    """Where the date of the report is to be seen, if not on the page that stands for the report now."""
    elsewhere = bearing.version_id != standing.version_id and bearing.address != standing.address
    return (bearing.address, bearing.version_id) if elsewhere and bearing.current and not bearing.gone_at else None


def _dated(first: Appearance, appearances: Sequence[Appearance]) -> list[Appearance]:
    """The appearances of a version that bear a date which may be true: none after the day it was first seen."""
    seen_on = _day(first.first_seen_at)
    return [
        one
        for one in appearances
        if one.version_id == first.version_id and one.published_on is not None and one.published_on <= seen_on
    ]


def _best_dated(dated: Sequence[Appearance]) -> Appearance | None:
    """The one whose date is trusted most, of these the earliest."""
    return min(dated, key=lambda one: (_trust(one), one.published_on or date.max), default=None)


def _first_published(evidence: Evidence, due_on: date) -> Appearance:
    """The appearance that was published first.

    What came on an earlier day was published earlier. Of two that came together (a first pass finds years of them
    at once, the newest first) their dates tell which was earlier; where one bears no date, it may have been there
    in time, so that no later date of the other makes the organ late.
    """
    appearances = sorted(evidence.appearances, key=lambda one: (one.first_seen_at, one.version_id))
    begun: dict[tuple[str, str], Appearance] = {}
    for one in appearances:
        begun.setdefault((one.portal_id, one.address), one)

    def hangs_on_another(one: Appearance) -> bool:
        page = begun.get((one.portal_id, one.parent_address or ""), one)
        return page is not one and page.first_seen_at <= one.first_seen_at

    # For a file the page speaks that it hangs on, where that showed the report itself by then.
    alone = [one for one in begun.values() if not hangs_on_another(one)]
    first = alone[0]

    def order(one: Appearance) -> tuple[int, date, datetime, int]:
        best = _best_dated(_dated(one, appearances))
        day = best.published_on if best and best.published_on else None
        rank = 1 if day is None else 0 if day <= due_on else 2
        return rank, day or date.max, one.first_seen_at, one.version_id

    return min((one for one in alone if _came_together(first, one, evidence)), key=order)


def _came_together(first: Appearance, later: Appearance, evidence: Evidence) -> bool:
    """Whether two came on one day, or in one pass that went on after midnight.

    That is: within a day, and no whole pass over the column of the later one ended between them.
    """
    if _day(first.first_seen_at) == _day(later.first_seen_at):
        return True
    own = evidence.histories.get((later.portal_id, later.column_id or ""))
    return (
        own is not None
        and later.first_seen_at - first.first_seen_at < timedelta(days=1)
        and not any(first.first_seen_at < end <= later.first_seen_at for _, end in _passes(own, evidence))
    )


def _found(
    report_year: int, due_on: date, evidence: Evidence, interval: timedelta, patience: Patience
) -> Decision:
    appearances = evidence.appearances
    first = _first_published(evidence, due_on)
    seen_on = _day(first.first_seen_at)
    dated = _dated(first, appearances)
    best = _best_dated(dated)
    shown = best.published_on if best else None
    source = best.published_from if best else None
    dates = _dates(first, dated, evidence)
    own = evidence.histories.get((first.portal_id, first.column_id or ""))
    without = tuple(at for at in _without(own, evidence) if _day(at) < seen_on)
    moved = any((first.host, day) in evidence.migrations for day in (seen_on, seen_on - timedelta(days=1)))
    timing = Timing(report_year, due_on, dates, without, interval, moved)
    early = isinstance(published_after_its_year(timing), Fail)
    flags = _flags(evidence, shown, patience, early=early)
    known = Decision(
        PublicationState.ON_TIME,
        published_on=shown or seen_on,
        published_from=source or "first_seen",
        first_seen_at=first.first_seen_at,
        address=current(appearances).address,
        version_id=current(appearances).version_id,
        versions=len({one.version_id for one in appearances}),
        flags=flags,
        away=_is_away(evidence),
        replaced=_replaced(appearances),
        dates=dates,
        dated_at=_dated_at(best or first, current(appearances)),
    )
    if "removed" in flags:
        known = _removed(known, appearances)
    if seen_on <= due_on:
        return known
    if shown is not None and shown <= due_on and source == "address":
        if _absent_after(due_on, first, evidence):
            return replace(known, state=PublicationState.UNVERIFIED, reason=translate(_ADDRESS_ONLY))
        return known
    if shown is not None and shown <= due_on:
        absent = _absent_after(shown + interval + BACKDATING_MARGIN, first, evidence)
        if absent and isinstance(dated_as_it_appeared(timing), Fail):
            return replace(known, flags=(*flags, "backdated"), looked_at=absent)
        return known
    if shown is not None and source != "address":
        return replace(known, state=PublicationState.LATE, days_late=(shown - due_on).days)
    # The date in an address is the latest the report can be of, as is the day on which we first saw it: sites that
    # were moved bear the day of the move. Late is then only what was not there when its column was read whole.
    absent = _absent_after(due_on, first, evidence)
    if absent and moved:
        return replace(known, state=PublicationState.UNVERIFIED, reason=translate(_MOVED))
    if absent:
        published = shown or seen_on
        days = (published - due_on).days
        return replace(known, state=PublicationState.LATE, days_late=days, looked_at=absent)
    earlier = any(_day(one.since) < seen_on and one.holds(first.first_seen_at) for one in evidence.unread)
    reason = _NO_DATE_UNREAD if earlier else _NO_DATE
    return replace(known, state=PublicationState.UNVERIFIED, reason=translate(reason))


def _removed(known: Decision, appearances: Sequence[Appearance]) -> Decision:
    """With when the report was last seen anywhere, and since when its last address is gone."""
    watched = [one for one in appearances if one.watched] or appearances
    last = max(watched, key=lambda one: one.gone_at or one.first_seen_at)
    seen = [one.last_seen_at for one in appearances if one.last_seen_at is not None]
    return replace(
        known,
        last_seen_at=max(seen, default=None),
        gone_at=last.gone_at,
        gone_answer=last.gone_answer,
        file_gone=last.role == "attachment" and not last.page_gone,
    )


def _flags(evidence: Evidence, shown: date | None, patience: Patience, *, early: bool) -> tuple[str, ...]:
    flags = []
    if _replaced(evidence.appearances):
        flags.append("changed")
    every, latest = _last_known(evidence)
    gone = [one.gone_at for one in latest if one.current and one.gone_at is not None]
    if (
        _is_away(evidence)
        and (len(latest) == len(every) or _read_since(max(gone), evidence))
        and _stays_gone(latest, evidence, patience.removed_passes)
    ):
        flags.append("removed")
    if early:
        flags.append("early")
    if shown is None:
        flags.append("no_date")
    there = [one for one in latest if one.current and one.gone_at is None]
    since = min((one.first_seen_at for one in there), default=None)
    if since is not None and all(one.astray for one in there) and _read_since(since, evidence):
        flags.append("misplaced")
    return tuple(flags)


def _last_known(evidence: Evidence) -> tuple[list[Appearance], list[Appearance]]:
    """What is last known of each address, and that of those where somebody looks."""
    every = [one for one in evidence.appearances if _is_latest(one, evidence.appearances)]
    # What stands where nobody looks any more may be gone like the rest: it says nothing of today.
    return every, [one for one in every if one.watched] or every


def _is_away(evidence: Evidence) -> bool:
    """Whether no address shows the report any more."""
    return all(one.current and one.gone_at is not None for one in _last_known(evidence)[1])


def _stays_gone(latest: Sequence[Appearance], evidence: Evidence, passes: int) -> bool:
    """Whether each column in which the report stood was read whole often enough without it.

    The pass that missed it counts. Where no column is known in which it could come back, there is nothing to wait
    for.
    """
    for one in latest:
        own = evidence.histories.get((one.portal_id, one.column_id or ""))
        columns = [own] if own is not None and own.in_use else [each for each in evidence.columns if each.in_use]
        for column in columns:
            if sum(at > one.gone_at for at in column.whole if one.gone_at is not None) < passes - 1:
                return False
    return True


def _read_since(moment: datetime, evidence: Evidence) -> bool:
    """Whether each of the organ's own columns was read whole on that day or later: the report is not there.

    Where none is known we do not know where it should stand, nor whether it stands there.
    """
    columns = [one for one in evidence.columns if one.in_use]
    return bool(columns) and all(one.whole and _day(one.whole[-1]) >= _day(moment) for one in columns)


def _replaced(appearances: Sequence[Appearance]) -> tuple[Replaced, ...]:
    """How the report was changed after it was published (D-07), oldest first; empty where it was not.

    An address showed one version and later another, or all that showed the first are gone and another came.
    Two addresses that always differed are two copies, not a change.
    """
    seen: dict[int, datetime] = {}
    by_address: dict[tuple[str, str], list[Appearance]] = {}
    for one in sorted(appearances, key=lambda one: (one.first_seen_at, one.version_id)):
        by_address.setdefault((one.portal_id, one.address), []).append(one)
        seen.setdefault(one.version_id, one.first_seen_at)
    pairs = {
        (before.version_id, after.version_id): after.first_seen_at
        for stretches in by_address.values()
        for before, after in pairwise(stretches)
        if before.version_id != after.version_id
    }
    if not pairs:
        first = next(iter(seen))
        ends = [one.gone_at for one in appearances if one.version_id == first]
        gone = [end for end in ends if end is not None]
        if len(gone) == len(ends):
            later = [version for version, at in seen.items() if version != first and at >= min(gone)]
            pairs = {(first, later[-1]): seen[later[-1]]} if later else {}
    return tuple(
        Replaced(before, after, seen[before], at)
        for (before, after), at in sorted(pairs.items(), key=lambda pair: (pair[1], pair[0]))
    )


def _is_latest(one: Appearance, appearances: Sequence[Appearance]) -> bool:
    return not any(
        other.address == one.address
        and other.portal_id == one.portal_id
        and other.first_seen_at > one.first_seen_at
        for other in appearances
    )


def _dates(first: Appearance, dated: Sequence[Appearance], evidence: Evidence) -> ThreeDates:
    """The three dates of the first version, and the last whole pass over its column that was without it."""
    shown = [one for one in dated if one.published_from != "address"]
    best = min(shown, key=lambda one: (_trust(one), one.published_on or date.max), default=None)
    same = (one for one in evidence.appearances if one.version_id == first.version_id)
    named = [found for one in (first, *same) if (found := _in_address(one))]
    own = evidence.histories.get((first.portal_id, first.column_id or ""))
    before = [at for at, end in _passes(own, evidence) if end <= first.first_seen_at]
    return ThreeDates(
        first_seen_at=first.first_seen_at,
        shown_on=best.published_on if best else None,
        shown_from=best.published_from if best else None,
        in_address=next(iter(named), None),
        last_without_at=before[-1] if before else None,
    )


def _in_address(one: Appearance) -> AddressDate | None:
    """The date in an address, None where it would be after the day on which we saw the page: it is no date
    then."""
    found = read_address_date(one.address)
    return found if found is not None and found.first <= _day(one.first_seen_at) else None


def _passes(history: ColumnHistory | None, evidence: Evidence) -> list[tuple[datetime, datetime]]:
    """Beginnings and ends of the whole passes over a column that a report was not in.

    A pass that saw what may have been the report, and could not read it, was not without it. Where the end of a
    pass is not known, it is the end of its day.
    """
    if history is None:
        return []
    ends = history.ended or tuple(
        datetime.combine(_day(at) + timedelta(days=1), time(), SHANGHAI) for at in history.whole
    )
    return [
        (at, end)
        for at, end in zip(history.whole, ends, strict=True)
        if not any(stretch.holds(at) for stretch in evidence.unread)
    ]


def _without(column: ColumnHistory | None, evidence: Evidence) -> tuple[datetime, ...]:
    """The beginnings of the same passes."""
    return tuple(at for at, _ in _passes(column, evidence))


def _absent_after(day: date, first: Appearance, evidence: Evidence) -> tuple[LookedAt, ...]:
    """The column in which the report was first seen, and the organ's others, with their whole passes after a day
    that were without it.

    Empty where one of them had no such pass: it may have stood there.
    """
    seen_on = _day(first.first_seen_at)
    own = evidence.histories.get((first.portal_id, first.column_id or ""))
    others = [
        one for one in evidence.columns if one is not own and (one.valid_from is None or one.valid_from <= seen_on)
    ]
    looked_at = []
    for column in (own, *others):
        without = column and [at for at in passes_after(day, _without(column, evidence)) if _day(at) < seen_on]
        if not column or not without:
            return ()
        looked_at.append(_looked_at(column, without))
    return tuple(looked_at)


def _looked_at(column: ColumnHistory, at: Iterable[datetime]) -> LookedAt:
    return LookedAt(column.portal_name, column.name, column.address, tuple(at), column.portal_id, column.column_id)


def _not_found(due_on: date, evidence: Evidence, patience: Patience) -> Decision:
    def unverified(text: str, **values: str) -> Decision:
        return Decision(PublicationState.UNVERIFIED, reason=translate(text, values=values))

    if not evidence.columns:
        return unverified(_NO_COLUMN)
    if evidence.doubts:
        return Decision(PublicationState.UNVERIFIED, reason=evidence.doubts[0])
    looked_at: list[LookedAt] = []
    for column in evidence.columns:
        days: dict[date, datetime] = {}
        for at in column.whole:
            if _day(at) > due_on:
                days.setdefault(_day(at), at)
        if len(days) >= patience.missing_days:
            first = _looked_at(column, sorted(days.values())[: patience.missing_days])
            looked_at.append(replace(first, latest=max(column.whole)))
        elif days:
            more = patience.missing_days - len(days)
            text = _ONE_DAY if patience.missing_days == DAYS_OF_PROOF else _SOME_DAYS
            return unverified(text, column=column.name, days=str(len(days)), more=str(more))
        elif column.last_outcome is None:
            return unverified(_NEVER_CRAWLED, column=column.name)
        else:
            return unverified(_NOT_SINCE, column=column.name, why=translate(_WHY.get(column.last_outcome, "")))
    proof = sorted(at for one in looked_at for at in one.at)
    return Decision(PublicationState.MISSING, proof=tuple(proof), looked_at=tuple(looked_at))


def _trust(one: Appearance) -> int:
    return TRUST.index(one.published_from) if one.published_from in TRUST else len(TRUST)


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
