"""The completeness report as one page: nothing is loaded from elsewhere, readable on a phone and in print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from monitor.completeness.blocks import (
    CONTENT_HEADS,
    PAIR_HEADS,
    RANKING_HEADS,
    correction_lists,
    coverage,
    failing,
    place_remark,
    share,
    version_line,
    year_rows,
)
from monitor.completeness.charts import charts
from monitor.completeness.contents import AS_PICTURE, CHECKS
from monitor.completeness.figures import (
    FLAG_NAMES,
    KIND_NAMES,
    STATE_NAMES,
    Completeness,
    CountyCompleteness,
    Figures,
)
from monitor.completeness.summary import day, due_basis, looked, moment, rate, summary
from monitor.completeness.table import remark
from monitor.completeness.workbook import FIGURE_HEADS, figure_values
from monitor.completeness.yearly import INDICATOR_NAMES
from monitor.language import N_, translate
from monitor.marking import marked
from monitor.pages import pages_of
from monitor.publication import PublicationState, Standing
from monitor.severities import SEVERITY_NAMES

_COUNTED = (
    PublicationState.ON_TIME,
    PublicationState.LATE,
    PublicationState.MISSING,
    PublicationState.UNVERIFIED,
    PublicationState.NOT_DUE,
)
_STATE_LISTS = (
    (PublicationState.MISSING, N_("未公布")),
    (PublicationState.LATE, N_("逾期公布")),
    (PublicationState.UNVERIFIED, N_("无法核实")),
)
_AS_PICTURE = N_("表格只有图片或附件")
_FLAG_LISTS = ("backdated", "removed", "early", "misplaced")


def to_page(report: Completeness, language: str = "zh", *, web: str = "") -> str:
    """The page as HTML text, in ``zh`` or ``en``.

    ``web`` is where people reach the dashboard: what is kept of a report that was taken down is linked there.
    """

    def say(text: str, **values: Any) -> str:
        return translate(text, language, values)

    def classes(county: CountyCompleteness) -> Iterable[tuple[str, Figures]]:
        yield from ((say(KIND_NAMES[kind]), figures) for kind, figures in county.by_kind())
        yield say(N_("合计")), county.figures

    pages = pages_of("monitor.completeness")
    text = pages.get_template("completeness.html").render(
        report=report,
        language=language,
        title=say(N_("{year}年度政府信息公开工作年度报告公布情况"), year=report.year),
        _=say,
        summary=lambda county: summary(county, report.year, language),
        rate=lambda figures: rate(figures, language),
        remark=lambda standing: remark(standing, language),
        moment=lambda value: moment(value, language),
        day=lambda value: day(value, language),
        classes=classes,
        looked=lambda standing: looked(standing, language),
        dues=lambda county: _dues(county, language),
        safe=_safe,
        web=web,
        gone_of=lambda county: {standing.version_id for standing in county.with_flag("removed")},
        state_counts=_state_counts,
        state_names=STATE_NAMES,
        kind_names=KIND_NAMES,
        severity_names=SEVERITY_NAMES,
        name_lists=_name_lists,
        charts=lambda county: charts(county.code, county.name, county.course, report.as_of.date(), language),
        checks=CHECKS,
        content_heads=CONTENT_HEADS,
        share=share,
        failing=lambda found: failing(found, language),
        indicators=INDICATOR_NAMES,
        year_rows=lambda both: year_rows(both, language),
        coverage=lambda both: coverage(both, language),
        correction_lists=correction_lists,
        version_line=lambda change: version_line(change, language),
        ranking_heads=RANKING_HEADS,
        pair_heads=PAIR_HEADS,
        place_remark=lambda ranking, place: place_remark(ranking, place, language),
        figure_heads=FIGURE_HEADS,
        figure_values=lambda figures: figure_values(figures, language),
    )
    return text if language == "zh" else marked(text)


def _state_counts(figures: Figures) -> list[tuple[PublicationState, int]]:
    return [(state, getattr(figures, state.value)) for state in _COUNTED]


def _name_lists(county: CountyCompleteness) -> list[tuple[str, tuple[Standing, ...]]]:
    """The lists of names with their headings; what is doubtful only where there is any."""
    lists = [(heading, county.in_state(state)) for state, heading in _STATE_LISTS]
    flagged = ((FLAG_NAMES[flag], county.with_flag(flag)) for flag in _FLAG_LISTS)
    pictured = {organ.code for each in county.contents if each.rule == AS_PICTURE for organ in each.fails}
    as_picture = tuple(standing for standing in county.standings if standing.organ.code in pictured)
    found = [*flagged, (_AS_PICTURE, as_picture)]
    return [*lists, *((heading, standings) for heading, standings in found if standings)]


def _dues(county: CountyCompleteness, language: str) -> list[tuple[date, str, int]]:
    """The due dates that were used, with their source and for how many organs."""
    expected = (each for each in county.standings if each.state is not PublicationState.NOT_EXPECTED)
    used = Counter((standing.due.on, due_basis(standing.due, language)) for standing in expected)
    return [(on, source, number) for (on, source), number in sorted(used.items())]


def _safe(address: str | None) -> bool:
    """Whether an address may become a link: pages come from outside, and so do their addresses."""
    return bool(address) and str(address).lower().startswith(("http://", "https://"))
