"""The completeness report as tables for a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from monitor.completeness.blocks import RANKING_HEADS, place_remark, share
from monitor.completeness.figures import DATE_SOURCE_NAMES, FLAG_NAMES, KIND_NAMES, STATE_NAMES, Completeness
from monitor.completeness.figures import CountyCompleteness as County
from monitor.completeness.ranking import Ranking
from monitor.completeness.reasons import reason_in_words
from monitor.completeness.summary import headings, moment, rate, summary
from monitor.language import N_, translate
from monitor.publication import PublicationState, Standing
from monitor.tables import Paragraph, WholeTable

STATE_STYLES = {
    PublicationState.ON_TIME: "green",
    PublicationState.LATE: "yellow",
    PublicationState.MISSING: "bold red",
    PublicationState.UNVERIFIED: "magenta",
    PublicationState.NOT_DUE: "dim",
    PublicationState.NOT_EXPECTED: "dim",
}


def figures_table(report: Completeness, language: str = "zh") -> WholeTable:
    """One row for each county."""

    def say(text: str, **values: object) -> str:
        return translate(text, language, values)

    table = WholeTable(
        title=say(
            N_("{year}年度报告公布情况（截至{as_of}）"), year=report.year, as_of=moment(report.as_of, language)
        ),
        title_justify="left",
    )
    (county_head,) = headings([N_("县区")], language)
    table.add_column(county_head, no_wrap=True)
    heads = (
        N_("应公布"),
        N_("按时"),
        N_("逾期"),
        N_("未公布"),
        N_("无法核实"),
        N_("未到期"),
        N_("按时公布率"),
        N_("有错误"),
        N_("有警告"),
        N_("栏目抓取"),
    )
    for head in headings(heads, language):
        table.add_column(head, justify="right")
    for county in report.counties:
        figures = county.figures
        table.add_row(
            Text(f"{county.name} {county.code}"),
            *(
                str(number)
                for number in (
                    figures.expected,
                    figures.on_time,
                    figures.late,
                    figures.missing,
                    figures.unverified,
                    figures.not_due,
                )
            ),
            rate(figures, language),
            str(figures.with_errors),
            str(figures.with_warnings),
            f"{county.columns_whole}/{county.columns}",
        )
    return table


def organs_table(county: County, language: str = "zh") -> WholeTable:
    """One row for each organ of a county."""

    def say(text: str) -> str:
        return translate(text, language)

    table = WholeTable(title=Text(f"{county.name}（{county.code}）"), title_justify="left")
    heads = (N_("单位"), N_("类别"), N_("公布情况"), N_("应公布日期"), N_("公布日期"))
    for head in headings(heads, language):
        table.add_column(head, no_wrap=True)
    for head in headings((N_("错误"), N_("警告")), language):
        table.add_column(head, justify="right")
    table.add_column(say(N_("说明")))
    for standing in county.standings:
        table.add_row(
            Text(standing.organ.name),
            say(KIND_NAMES[standing.organ.kind]),
            Text(say(STATE_NAMES[standing.state]), style=STATE_STYLES[standing.state]),
            standing.due.on.isoformat(),
            standing.published_on.isoformat() if standing.published_on else "—",
            str(standing.errors or ""),
            str(standing.warnings or ""),
            Text(remark(standing, language)),
        )
    return table


def remark(standing: Standing, language: str = "zh") -> str:
    """What else is to be said of an organ: days late, what the date rests on, flags, why it is not verified."""
    parts = []
    if standing.days_late:
        parts.append(translate(N_("逾期{days}天"), language, {"days": standing.days_late}))
    if standing.published_from not in (None, "shown"):
        source = DATE_SOURCE_NAMES.get(standing.published_from or "", standing.published_from or "")
        parts.append(translate(N_("日期据{source}"), language, {"source": translate(source, language)}))
    parts += [translate(FLAG_NAMES.get(flag, flag), language) for flag in standing.flags]
    if standing.reason:
        parts.append(reason_in_words(standing.reason, language))
    return translate(N_("；"), language).join(parts)


def _ranking_table(ranking: Ranking, language: str) -> WholeTable:
    title = translate(N_("{prefecture}各县区排名"), language, {"prefecture": ranking.prefecture})
    table = WholeTable(title=Text(title), title_justify="left")
    for head in headings(RANKING_HEADS, language):
        table.add_column(head)
    for place in ranking.places:
        table.add_row(
            str(place.place or "—"),
            Text(f"{place.name} {place.code}"),
            str(place.expected),
            *(share(rate) for rate in (place.on_time, place.published, place.without_errors)),
            Text(place_remark(ranking, place, language)),
        )
    return table


def _place(ranking: Ranking, county: str, language: str) -> str:
    """Where one county stands, without the names of the others."""
    (place,) = (each for each in ranking.places if each.code == county)
    if place.place is None:
        return translate(N_("排名：{why}"), language, {"why": place_remark(ranking, place, language)})
    text = N_("排名：{prefecture}{number}个县区中第{place}名{remark}")
    remark = place_remark(ranking, place, language)
    values = {
        "prefecture": ranking.prefecture,
        "number": len(ranking.places),
        "place": place.place,
        "remark": translate(N_("（{what}）"), language, {"what": remark}) if remark else "",
    }
    return translate(text, language, values)


def to_tables(report: Completeness, language: str = "zh") -> RenderableType:
    """Figures of all counties; then, county by county, the organs and the summary in words."""
    parts: list[RenderableType] = [figures_table(report, language)]
    if not report.counties:
        parts.append(Text(translate(N_("名录中没有应公布年度报告的单位。"), language)))
    for county in report.counties:
        parts += [Text(), organs_table(county, language), Paragraph(summary(county, report.year, language))]
        if county.dismissed:
            text = N_("另有{number}条问题经核实排除，不计在内；见 nianbao findings list --dismissed")
            parts.append(Paragraph(translate(text, language, {"number": len(county.dismissed)})))
    for ranking in report.rankings:
        if len(report.counties) > 1:
            parts += [Text(), _ranking_table(ranking, language)]
        else:
            parts += [Text(_place(ranking, each.code, language)) for each in report.counties]
    return Group(*parts)
