"""When a report was published: the three dates, and what they say together (domain.md 4.8: D-04, D-05).

What the page shows, what its address names and when we first saw it are three dates of different worth: the first
is set by an editor, the second is that of the site's software (and of its moves), the third is the latest the
report can be of. None of them decides alone. How a finding is told is the alert's matter (monitor.alerts).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from crawler.address_dates import AddressDate
from crawler.clock import SHANGHAI
from monitor.language import N_
from monitor.rules.base import Fail, Finding, Need, NotAssessable, Pass, Result, Severity

BACKDATING_MARGIN = timedelta(days=3)
"""A page that appears so much later than its date, and than the crawl interval, may be back-dated (D-05)."""


@dataclass(frozen=True, slots=True)
class ThreeDates:
    """When a report was published, as far as it can be told from outside.

    ``shown_on`` is what page or list show (``shown_from``: ``shown``, ``meta``, ``metadata_table``, ``list``),
    ``in_address`` what the address names, ``first_seen_at`` when we first fetched it. ``last_without_at`` is the
    beginning of the last whole pass over its column that was without it (None: there was none): it appeared
    between that and ``first_seen_at``.
    """

    first_seen_at: datetime
    shown_on: date | None = None
    shown_from: str | None = None
    in_address: AddressDate | None = None
    last_without_at: datetime | None = None

    @property
    def seen_on(self) -> date:
        """The day in Shanghai on which we first saw the report."""
        return self.first_seen_at.astimezone(SHANGHAI).date()


def three_dates(dates: ThreeDates | None) -> dict[str, Any]:
    """The three dates of a report as JSON data; its first-seen date stands beside them as ``first_seen_at``."""
    in_address = dates.in_address if dates else None
    return {
        "shown_on": dates.shown_on.isoformat() if dates and dates.shown_on else None,
        "shown_from": dates.shown_from if dates else None,
        "address_date": in_address.text if in_address else None,
        "address_precision": in_address.precision.value if in_address else None,
        "last_without_at": dates.last_without_at.isoformat(timespec="seconds")
        if dates and dates.last_without_at
        else None,
    }


@dataclass(frozen=True, slots=True)
class Timing:
    """What the rules judge: the dates of one obligation's first version, and what was seen around them.

    ``without`` are the beginnings of whole passes over its column before it was seen, ``interval`` the time
    between two passes. ``moved``: many old pages of its site appeared on that day. ``local_on`` is an earlier
    date that the place set, None where there is none.
    """

    report_year: int
    due_on: date
    dates: ThreeDates
    without: tuple[datetime, ...] = ()
    interval: timedelta = timedelta(days=1)
    moved: bool = False
    local_on: date | None = None


def published_after_its_year(timing: Timing) -> Result:
    """D-04: the report was not published before 31 December of its year: the period was not over.

    What we saw ourselves is sure. A shown date is believed unless the address names a day after the year's end:
    then one of the two is mistyped, or the page was moved. Nor is it believed where the column was read whole
    after that date without the report. A date in the address alone may be that of a draft.
    """
    end = date(timing.report_year, 12, 31)
    dates = timing.dates
    if dates.seen_on < end:
        return _early(dates.seen_on, end)
    if dates.shown_on is None:
        in_address = dates.in_address
        if in_address is not None and in_address.last < end:
            return NotAssessable(N_("只有网址中的日期早于年底，可能是起草或建页的日期"))
        return NotAssessable(N_("页面没有标明公布日期"))
    if dates.shown_on >= end:
        return Pass()
    if dates.in_address is not None and dates.in_address.first >= end:
        return NotAssessable(N_("页面标明的日期早于年底，网址中的日期却在年底以后，两者矛盾"))
    if passes_after(dates.shown_on + timing.interval + BACKDATING_MARGIN, timing.without):
        return NotAssessable(N_("页面标明的日期早于年底，但在那以后完整采集其栏目时还没有它"))
    return _early(dates.shown_on, end)


def _early(day: date, end: date) -> Fail:
    values = {"published": {"date": day.isoformat()}, "end": {"date": end.isoformat()}}
    template = N_("公布于{published}，统计期到{end}才结束")
    return Fail((Finding("D-04", Severity.WARNING, template, values),))


def dated_as_it_appeared(timing: Timing) -> Result:
    """D-05: a report dated in time had not first to be looked for in vain, after that date and after the margin.

    Never from one crawl alone: the column must have been read whole, without it, between its date and the day on
    which we saw it. When a site is moved many old pages appear at once, and none of them is accused.
    """
    dates = timing.dates
    if dates.seen_on <= timing.due_on:
        return Pass(N_("期限之内已经见到"))
    shown_on = dates.shown_on
    if shown_on is None:
        # The date in an address was put there by software, for a draft perhaps: nobody claims anything by it.
        return NotAssessable(N_("没有标明公布日期，无从与首次见到的日期对照"))
    if shown_on > timing.due_on:
        return Pass(N_("标明的日期已过期限"))
    from_then_on = shown_on + timing.interval + BACKDATING_MARGIN
    if dates.seen_on <= from_then_on:
        return Pass()
    if timing.moved:
        return NotAssessable(N_("同一网站当天有多份旧报告出现或换了网址，应是网站搬迁"))
    if not passes_after(from_then_on, timing.without):
        return NotAssessable(N_("标明的日期之后、首次见到之前，没有完整采集过其栏目"))
    values = {"published": {"date": shown_on.isoformat()}, "seen": {"date": dates.seen_on.isoformat()}}
    template = N_("标明{published}公布，{seen}才首次见到，其间完整查看栏目没有它")
    return Fail((Finding("D-05", Severity.WARNING, template, values),))


def kept_the_local_date(timing: Timing) -> Result:
    """D-03: the earlier date of the place was kept, where that of the statute was."""
    if timing.local_on is None:
        return NotAssessable(N_("没有早于法定期限的本地期限"))
    dates = timing.dates
    if dates.seen_on <= timing.local_on:
        return Pass(N_("本地期限之内已经见到"))
    if dates.shown_on is None:
        return NotAssessable(N_("页面没有标明公布日期"))
    if dates.shown_on <= timing.local_on:
        return Pass()
    if dates.shown_on > timing.due_on:
        return NotAssessable(N_("法定期限也已错过，以逾期论"))
    values = {
        "published": {"date": dates.shown_on.isoformat()},
        "local": {"date": timing.local_on.isoformat()},
        "due": {"date": timing.due_on.isoformat()},
    }
    template = N_("公布于{published}，晚于本地要求的{local}，没有超过法定期限{due}")
    return Fail((Finding("D-03", Severity.NOTICE, template, values),))


def passes_after(day: date, passes: tuple[datetime, ...]) -> tuple[datetime, ...]:
    """Those that began after this day was over."""
    return tuple(at for at in passes if at.astimezone(SHANGHAI).date() > day)


@dataclass(frozen=True, slots=True)
class TimelinessRule:
    """A check on the dates of an obligation; the fields are those of :class:`monitor.rules.base.Rule`."""

    id: str
    title: str
    basis: str
    severity: Severity
    evaluate: Callable[[Timing], Result]
    years: range | None = None
    forms: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()


TIMELINESS_RULES = (
    TimelinessRule(
        "D-03",
        N_("在本地要求的更早期限之内公布"),
        "当地通知；《条例》第四十九条的期限不受影响",
        Severity.NOTICE,
        kept_the_local_date,
    ),
    TimelinessRule(
        "D-04",
        N_("统计期满后公布"),
        "《条例》第四十九条、第五十条：公布上一年度的年度报告",
        Severity.WARNING,
        published_after_its_year,
    ),
    TimelinessRule(
        "D-05",
        N_("标明的公布日期与首次见到的日期相符"),
        "《条例》第四十九条关于公布期限的规定",
        Severity.WARNING,
        dated_as_it_appeared,
    ),
)
