"""The blocks of a full report as rows of texts and numbers, the same for page, workbook and terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.completeness.contents import CHECKS, ContentRate
from monitor.completeness.corrections import Corrections, VersionChange
from monitor.completeness.pairs import SimilarPair
from monitor.completeness.problem import Problem
from monitor.completeness.ranking import Place, Ranking
from monitor.completeness.summary import moment, percent
from monitor.completeness.yearly import INDICATORS, Member, Total, TwoYears
from monitor.language import N_, translate

CONTENT_HEADS = (N_("核对内容"), N_("符合"), N_("不符合"), N_("不能核对"), N_("符合率"), N_("不符合的单位"))
RANKING_HEADS = (
    N_("名次"),
    N_("县区"),
    N_("应公布"),
    N_("按时公布率"),
    N_("公布率"),
    N_("无错误率"),
    N_("说明"),
)
PAIR_HEADS = (N_("单位"), N_("另一单位"), N_("相同程度"), N_("比较的字数"))
CORRECTION_LISTS = (
    ("corrected", N_("已更正")),
    ("remaining", N_("仍未更正")),
    ("found", N_("新发现")),
    ("dropped", N_("不再列示（报告未改，规则或认定有变，或报告已撤下）")),
)
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class RowName:
    """What stands at the head of a row; ``total``: it is the sum of others, or stands against one."""

    text: str
    total: bool = False


def share(value: float | None) -> str:
    """A share as a percentage with one decimal, a dash where there is none."""
    return "—" if value is None else percent(value)


def signed(change: float) -> str:
    """A difference with its sign; 0 has none."""
    return f"{change:+}" if change else "0"


def failing(rate: ContentRate, language: str = "zh") -> str:
    """Whose reports a check does not hold of: the first names, and how many more."""
    names = [organ.name for organ in rate.fails[:_MOST_NAMES]]
    text = translate(N_("、"), language).join(names)
    if len(rate.fails) <= _MOST_NAMES:
        return text
    return translate(N_("{names}等{number}家"), language, {"names": text, "number": len(rate.fails)})


def content_rows(rates: Iterable[ContentRate], language: str = "zh") -> list[list[str | int | float | None]]:
    """The values under :data:`CONTENT_HEADS`, with the share as a number and all names."""
    return [
        [
            translate(CHECKS[rate.rule], language),
            len(rate.holds),
            len(rate.fails),
            len(rate.not_assessable),
            rate.share,
            translate(N_("、"), language).join(organ.name for organ in rate.fails) or None,
        ]
        for rate in rates
    ]


def year_rows(both: TwoYears, language: str = "zh") -> list[tuple[RowName, list[str]]]:
    """The table over two years: a row a member, the sum of the members, the county's report and the difference."""
    rows = [(RowName(member.organ.name), _cells(member)) for member in both.members]
    totals = [both.total(indicator) for indicator in INDICATORS]
    rows.append(
        (
            RowName(translate(N_("成员单位合计（按报告了数字的单位）"), language), total=True),
            [
                translate(
                    N_("{before}（{before_from}家）→{after}（{after_from}家）"),
                    language,
                    {
                        "before": total.before if total.before_from else "—",
                        "before_from": total.before_from,
                        "after": total.after if total.after_from else "—",
                        "after_from": total.after_from,
                    },
                )
                for total in totals
            ],
        )
    )
    rows.append(
        (
            RowName(translate(N_("两年都有数字的单位，增减"), language), total=True),
            [_change(total, language) for total in totals],
        )
    )
    if both.county is not None:
        rows.append((RowName(both.county.organ.name, total=True), _cells(both.county)))
        differences = [both.difference(indicator) for indicator in INDICATORS]
        rows.append(
            (
                RowName(translate(N_("县级政府报告减成员单位合计"), language), total=True),
                ["—" if difference is None else signed(difference) for difference in differences],
            )
        )
    return rows


def _change(total: Total, language: str) -> str:
    if not total.compared:
        return "—"
    values = {"change": signed(total.change), "number": total.compared}
    return translate(N_("{change}（{number}家）"), language, values)


def _cells(member: Member) -> list[str]:
    cells = []
    for indicator in INDICATORS:
        before, after, change = member.before[indicator], member.after[indicator], member.change(indicator)
        text = f"{'—' if before is None else before}→{'—' if after is None else after}"
        cells.append(text if change is None else f"{text}（{signed(change)}）")
    return cells


def coverage(both: TwoYears, language: str = "zh") -> str:
    """How far the county's report may be held against the sum of its members."""
    fewest = min(both.total(indicator).after_from for indicator in INDICATORS)
    values = {"number": fewest, "expected": both.expected}
    if both.covered:
        text = N_(
            "{expected}家成员单位中至少{number}家报告了各项数字；县级政府报告通常汇总全县，差异也可能出自垂直管理单位、"
            "转送件和口径，需核对。"
        )
    else:
        text = N_(
            "{expected}家成员单位中只有{number}家报告了全部各项数字，不足95%，差异不能说明县级政府报告有误。"
        )
    return translate(text, language, values)


def correction_lists(changes: Corrections) -> list[tuple[str, Sequence[Problem]]]:
    """The four lists of problems with their headings (Chinese texts)."""
    return [(heading, getattr(changes, name)) for name, heading in CORRECTION_LISTS]


def pair_rows(pairs: Iterable[SimilarPair]) -> list[list[str | int | float | None]]:
    """Names, counties and addresses of both, how alike they are, and over how many characters."""
    return [
        [
            pair.first.organ,
            pair.first.address,
            f"{pair.second.county} {pair.second.organ}",
            pair.second.address,
            pair.similarity,
            pair.characters,
        ]
        for pair in pairs
    ]


def version_line(change: VersionChange, language: str = "zh") -> str:
    """One change of a published report in words."""
    return translate(
        N_("{organ}：{before}所见内容，至{after}已改，{differences}处不同，此前的问题消除{repaired}个"),
        language,
        {
            "organ": change.organ.name,
            "before": moment(change.before_seen_at, language),
            "after": moment(change.after_seen_at, language),
            "differences": change.differences,
            "repaired": change.repaired,
        },
    )


def place_remark(ranking: Ranking, place: Place, language: str = "zh") -> str:
    """That a place is shared, or why a county has none."""
    if place.why:
        return translate(place.why, language, place.values)
    return translate(N_("并列"), language) if ranking.tied(place) else ""


def ranking_rows(ranking: Ranking, language: str = "zh") -> list[list[str | int | float | None]]:
    """The values under :data:`RANKING_HEADS`."""
    return [
        [
            place.place,
            f"{place.name} {place.code}",
            place.expected,
            place.on_time,
            place.published,
            place.without_errors,
            place_remark(ranking, place, language) or None,
        ]
        for place in ranking.places
    ]
