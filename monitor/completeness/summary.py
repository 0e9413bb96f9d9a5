"""The summary of a county in words, ready to be pasted into a 通报, and the small texts that all formats share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from monitor.completeness.figures import CountyCompleteness, Figures
from monitor.completeness.reasons import reason_in_words
from monitor.language import N_, translate
from monitor.publication import Due, LookedAt, PublicationState, Standing

_MOST_REASONS = 3
"""So many different reasons are told in the summary, the others counted."""


def rate(figures: Figures, language: str = "zh") -> str:
    """The on-time rate with one decimal; from–to where some could not be verified; a dash while nothing is due."""
    ends = figures.on_time_rate
    if ends is None:
        return "—"
    low, high = (percent(end) for end in ends)
    return low if low == high else translate(N_("{low}～{high}"), language, {"low": low, "high": high})


def day(value: date, language: str = "zh") -> str:
    """A date for people: 2024年2月3日, or 2024-02-03 in English."""
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else value.isoformat()


def headings(texts: Iterable[str], language: str = "zh") -> list[str]:
    """The heads of a table: the texts in the language, each with a capital letter where it has any."""
    translated = (translate(text, language) for text in texts)
    return [text[:1].upper() + text[1:] for text in translated]


def moment(value: datetime, language: str = "zh") -> str:
    """A time for people, to the minute, in the zone it carries."""
    return f"{day(value.date(), language)} {value:%H:%M}"


def summary(county: CountyCompleteness, year: int, language: str = "zh") -> str:
    """One paragraph on the county's reports for ``year``.

    It accuses only of what is proven: organs that could not be verified are told apart from the missing ones.
    """
    figures = county.figures

    def say(text: str, **values: object) -> str:
        return translate(text, language, values)

    if not figures.expected:
        nobody = N_("截至{as_of}，名录中{county}没有应公布{year}年度政府信息公开工作年度报告的单位。")
        return say(nobody, as_of=moment(county.as_of, language), county=county.name, year=year)
    head = say(
        N_("截至{as_of}，{county}应公布{year}年度政府信息公开工作年度报告的单位{expected}家，已公布{published}家"),
        as_of=moment(county.as_of, language),
        county=county.name,
        year=year,
        expected=figures.expected,
        published=figures.published,
    )
    parts = []
    if figures.published:
        on_time = say(N_("其中按时公布{on_time}家"), on_time=figures.on_time)
        if figures.on_time_rate:
            on_time += say(N_("（按时公布率{rate}）"), rate=rate(figures, language))
        parts.append(on_time)
    if figures.late:
        parts.append(say(N_("逾期公布{late}家"), late=figures.late))
    if figures.missing or (figures.due and not figures.unverified):
        parts.append(say(N_("未公布{missing}家"), missing=figures.missing))
    if figures.not_due:
        parts.append(say(N_("未到期{not_due}家"), not_due=figures.not_due))
    comma, stop = say(N_("，")), say(N_("。"))
    sentences = [comma.join([head, *parts])]
    if figures.unverified:
        sentences.append(
            say(
                N_("其余{unverified}家尚不能核实，不计入未公布：{reasons}"),
                unverified=figures.unverified,
                reasons=_reasons(county.in_state(PublicationState.UNVERIFIED), language),
            )
        )
    found = []
    for flag, text in (("backdated", N_("{number}家疑似倒签")), ("removed", N_("{number}家公布后已撤下"))):
        if county.with_flag(flag):
            found.append(say(text, number=len(county.with_flag(flag))))
    if figures.with_errors:
        found.append(say(N_("{with_errors}家存在数据错误"), with_errors=figures.with_errors))
    if figures.with_warnings:
        found.append(say(N_("{with_warnings}家有需要核对的问题"), with_warnings=figures.with_warnings))
    if found:
        sentences.append(say(N_("已公布的报告中，{found}"), found=comma.join(found)))
    sentences += _contents(county, language)
    for state, text in (
        (PublicationState.MISSING, N_("未公布：{names}")),
        (PublicationState.LATE, N_("逾期公布：{names}")),
    ):
        standings = county.in_state(state)
        if standings:
            sentences.append(say(text, names=names(standings, language)))
    sentences += _changes(county, language)
    return (" " if language == "en" else "").join(sentence + stop for sentence in sentences)


def _contents(county: CountyCompleteness, language: str) -> list[str]:
    """How many of the reports have all sections and whole tables, where anything can be told of it."""
    told = {rate.rule: rate for rate in county.contents}
    parts = [
        translate(text, language, {"holds": len(told[rule].holds), "number": told[rule].assessable})
        for rule, text in (
            ("S-01", N_("六个部分齐全的{holds}份（可核对{number}份）")),
            ("S-03", N_("三张表格完整的{holds}份（可核对{number}份）")),
        )
        if rule in told
    ]
    if not parts:
        return []
    return [translate(N_("内容方面，{found}"), language, {"found": translate(N_("，"), language).join(parts)})]


def _changes(county: CountyCompleteness, language: str) -> list[str]:
    """What became of the problems told earlier, where there was any problem then or now."""
    changes = county.corrections
    if changes is None or not (changes.corrected or changes.remaining or changes.found or changes.caught_up):
        return []
    values = {
        "since": day(changes.since.date(), language),
        "corrected": len(changes.corrected),
        "remaining": len(changes.remaining),
        "found": len(changes.found),
    }
    text = translate(
        N_("{since}以来，已更正{corrected}个问题，仍未更正{remaining}个，新发现{found}个"), language, values
    )
    if changes.caught_up:
        text += translate(N_("，补公布{number}家"), language, {"number": len(changes.caught_up)})
    return [text]


def _reasons(standings: Sequence[Standing], language: str) -> str:
    """Why organs could not be verified, the most frequent reason first; each with its number of organs."""
    unknown = N_("原因不明")
    counted = Counter(
        reason_in_words(standing.reason or unknown, language) for standing in standings
    ).most_common()
    told = counted[:_MOST_REASONS]
    others = sum(number for _, number in counted[_MOST_REASONS:])
    if others:
        told.append((translate(N_("其他原因"), language), others))
    parts = (
        translate(N_("{reason}（{number}家）"), language, {"reason": reason, "number": number})
        for reason, number in told
    )
    return translate(N_("；"), language).join(parts)


def due_basis(due: Due, language: str = "zh") -> str:
    """What the due date rests on; where it is no statute, the rule's own words say so before the source."""
    if due.severity == "error":
        return translate(due.source, language)
    return translate(N_("；"), language).join((translate(due.rule, language), translate(due.source, language)))


def looked(standing: Standing, language: str = "zh") -> list[str]:
    """Of a missing report: for each column when it was looked at whole without the report being there."""
    if standing.state is not PublicationState.MISSING:
        return []
    return [_looked(one, language) for one in standing.looked_at]


def _looked(one: LookedAt, language: str) -> str:
    said = translate(
        N_("{portal}栏目“{column}”在期限过后于{times}完整采集，未见报告"),
        language,
        {
            "portal": one.portal,
            "column": one.column,
            "times": translate(N_("、"), language).join(moment(at, language) for at in one.at),
        },
    )
    if one.latest is None or one.latest in one.at:
        return said
    return said + translate(N_("；最近一次：{latest}"), language, {"latest": moment(one.latest, language)})


def names(standings: Sequence[Standing], language: str = "zh") -> str:
    """The organs' names in one line; the late ones with their date and days."""
    return translate(N_("、"), language).join(_name(standing, language) for standing in standings)


def _name(standing: Standing, language: str) -> str:
    if standing.state is not PublicationState.LATE or standing.published_on is None:
        return standing.organ.name
    values = {
        "name": standing.organ.name,
        "day": day(standing.published_on, language),
        "days": standing.days_late,
    }
    return translate(N_("{name}（{day}，逾期{days}天）"), language, values)


def percent(share: float) -> str:
    """One decimal; 100 % is said only of all."""
    percent = Decimal(repr(share * 100)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{percent if share >= 1 else min(percent, Decimal('99.9'))}%"
