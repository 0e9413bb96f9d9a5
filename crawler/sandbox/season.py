"""What the sandbox's portals hold and when: three invented counties through the season of report year 2023.

The counties 澄溪县, 荻浦县 and 岚桥县 of 清沅市 in 模拟省 do not exist, nor do codes that begin with 99: nobody is
accused by what their organs do here. Each county shows certain failings of publishers, listed at `PLOT`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Literal

from crawler.sandbox.generator import (
    GeneratedReport,
    Misprint,
    ReportTruth,
    SandboxOrgan,
    generate,
    report_title,
    true_numbers,
)

PREFECTURE = "清沅市"
PROVINCE = "模拟省"
REPORT_YEARS = (2020, 2021, 2022, 2023)
SEASON = 2023
"""The report year whose season the clock moves through; the years before are published and settled."""
SEED = 2024


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a report's page, from the morning of ``since`` on."""

    since: date
    report: Callable[[], GeneratedReport]


@dataclass(frozen=True, slots=True)
class Publication:
    """One report on a portal: where, since when, what its page shows as its date, and until when.

    ``shown_on`` is what the page says and need not be true. ``listed_title`` is the link text of its row.
    ``twin`` adds a second address of the same page to the list. ``removed_on`` is the first day it is gone.
    ``as_file``: the page has no text, the report is a Word file that it links (``linked``) or frames (``framed``).
    """

    organ: SandboxOrgan
    report_year: int
    shown_on: date
    listed_title: str
    revisions: tuple[Revision, ...]
    removed_on: date | None = None
    twin: bool = False
    as_file: Literal["linked", "framed"] | None = None

    @property
    def available_from(self) -> date:
        """The first day on which the page really is there."""
        return self.revisions[0].since

    def there(self, today: date) -> bool:
        """Whether the page is there on a day."""
        return self.available_from <= today and (self.removed_on is None or today < self.removed_on)

    def revision(self, today: date) -> Revision:
        """What the page shows on a day on which it is there."""
        return max((one for one in self.revisions if one.since <= today), key=lambda one: one.since)


@dataclass(frozen=True, slots=True)
class Notice:
    """A page of the list that is no report: look-alikes, plans, news."""

    title: str
    shown_on: date
    county_code: str


def _organ(county: tuple[str, str], code: str, name: str, kind: str, **more: object) -> SandboxOrgan:
    county_code, county_name = county
    speaks_as = {"township": f"我{name[-1]}", "subdistrict": "本街道", "department": "我局", "county": "我县"}[
        kind
    ]
    above = "市政府办公室" if kind == "county" else "县政府办公室"
    organ = SandboxOrgan(
        code=code,
        name=name,
        kind=kind,
        county_code=county_code,
        county=county_name,
        prefecture=PREFECTURE,
        province=PROVINCE,
        speaks_as=speaks_as,
        above=above,
    )
    return replace(organ, **more)  # type: ignore[arg-type]


CHENGXI = ("990101", "澄溪县")
DIPU = ("990102", "荻浦县")
LANQIAO = ("990103", "岚桥县")

ORGANS: tuple[SandboxOrgan, ...] = (
    _organ(CHENGXI, "990101", "澄溪县人民政府", "county"),
    _organ(CHENGXI, "990101001", "澄南街道", "subdistrict", printed="澄南街道办事处", aliases=("澄南街道办事处",)),
    _organ(CHENGXI, "990101101", "栗坪镇", "township", printed="栗坪镇人民政府", word=True),
    _organ(CHENGXI, "990101102", "沙渚镇", "township", printed="澄溪县沙渚镇"),
    _organ(CHENGXI, "990101103", "白藤镇", "township", printed="白藤镇人民政府", busy=True, word=True),
    _organ(CHENGXI, "990101201", "石磴乡", "township", printed="石磴乡人民政府"),
    _organ(CHENGXI, "119901010000002011", "澄溪县财政局", "department", aliases=("县财政局",), busy=True),
    _organ(CHENGXI, "119901010000002029", "澄溪县民政局", "department", aliases=("县民政局",), word=True),
    _organ(CHENGXI, "119901010000002037", "澄溪县教育和体育局", "department", aliases=("县教体局",)),
    _organ(DIPU, "990102", "荻浦县人民政府", "county"),
    _organ(DIPU, "990102001", "荻东街道", "subdistrict", printed="荻东街道办事处", aliases=("荻东街道办事处",)),
    _organ(DIPU, "990102101", "双桅镇", "township", printed="双桅镇人民政府"),
    _organ(DIPU, "990102102", "茶亭镇", "township", printed="荻浦县茶亭镇", busy=True),
    _organ(DIPU, "990102201", "麻溪乡", "township", printed="麻溪乡人民政府", word=True),
    _organ(DIPU, "119901020000002014", "荻浦县农业农村局", "department"),
    _organ(DIPU, "119901020000002022", "荻浦县市场监督管理局", "department", aliases=("县市场监管局",), word=True),
    _organ(DIPU, "119901020000002030", "荻浦县卫生健康局", "department", aliases=("县卫健局",)),
    _organ(LANQIAO, "990103101", "桐荫镇", "township", printed="桐荫镇人民政府"),
    _organ(LANQIAO, "990103102", "石浦镇", "township", printed="石浦镇人民政府"),
)
_BY_NAME = {organ.name: organ for organ in ORGANS}

PLOT: Mapping[str, str] = {
    "沙渚镇": "missing",
    "石磴乡": "late",
    "双桅镇": "backdated",
    "白藤镇": "inconsistent",
    "荻东街道": "wrong_form",
    "澄溪县教育和体育局": "removed",
    "澄溪县财政局": "changed",
    "茶亭镇": "corrected",
    "澄溪县民政局": "early",
    "澄南街道": "letter_title",
    "栗坪镇": "twin_address",
    "荻浦县市场监督管理局": "own_column",
    "荻浦县卫生健康局": "linked_file",
    "麻溪乡": "framed_file",
    "桐荫镇": "blocked",
    "石浦镇": "blocked",
}
"""What is special about organs in report year 2023; all others publish a clean report in January."""

LATE_SINCE = date(2024, 2, 20)
MONTH_LATER = date(2024, 3, 4)
"""The day on which pages are removed, changed and corrected."""


def organ_named(name: str) -> SandboxOrgan:
    """An organ of the sandbox by its name in the register; KeyError where there is none."""
    return _BY_NAME[name]


def _total_printed_too_low(organ: SandboxOrgan) -> Misprint:
    keys = ("natural_person", "total")
    return Misprint("total one too low", {f"section_three.total_results.{key}": -1 for key in keys})


def _carried_forward_left_in(organ: SandboxOrgan) -> Misprint:
    keys = ("natural_person", "total")
    return Misprint("carried forward one too high", {f"section_three.carried_forward.{key}": 1 for key in keys})


def _licences_counted_again(organ: SandboxOrgan) -> Misprint:
    decisions = true_numbers(organ, SEASON, seed=SEED)["section_two.licensing.decisions"]
    return Misprint("decisions counted again", {"section_two.licensing.decisions": 1 + int(decisions) // 10})


def _usual_day(organ: SandboxOrgan, report_year: int) -> date:
    """A day in January (in March for county governments) on which an organ usually publishes."""
    number = sum(int(digit) for digit in organ.code if digit.isdigit()) + ORGANS.index(organ) * 3 + report_year
    if organ.kind == "county":
        return date(report_year + 1, 3, 1 + number % 25)
    return date(report_year + 1, 1, 8 + number % 11)


def _listed_title(organ: SandboxOrgan, report_year: int, plot: str | None) -> str:
    if plot == "letter_title" and report_year == SEASON:
        return f"关于报送《{report_title(organ, report_year)}》的函"
    if plot == "own_column":
        return f"{report_year}年政府信息公开工作年度报告"
    return report_title(organ, report_year)


def _publication(organ: SandboxOrgan, report_year: int) -> Publication | None:
    plot = PLOT.get(organ.name)
    day = _usual_day(organ, report_year)
    shown, removed, twin = day, None, False
    first = Revision(day, lambda: generate(organ, report_year, seed=SEED))
    revisions: tuple[Revision, ...] = (first,)
    if report_year == SEASON:
        twin = plot == "twin_address"
        if organ.kind == "county":
            day = date(2024, 3, 1) if organ.county_code == CHENGXI[0] else date(2024, 3, 28)
            shown, revisions = day, (replace(first, since=day),)
        elif plot == "missing":
            return None
        elif plot == "late":
            shown, revisions = LATE_SINCE - timedelta(days=1), (replace(first, since=LATE_SINCE),)
        elif plot == "backdated":
            shown, revisions = date(2024, 1, 25), (replace(first, since=LATE_SINCE),)
        elif plot == "early":
            day = date(2023, 12, 27)
            shown, revisions = day, (replace(first, since=day),)
        elif plot == "inconsistent":
            revisions = (_misprinted(organ, day, _total_printed_too_low(organ)),)
        elif plot == "corrected":
            revisions = (
                _misprinted(organ, day, _carried_forward_left_in(organ)),
                replace(first, since=MONTH_LATER),
            )
        elif plot == "wrong_form":
            revisions = (Revision(day, lambda: generate(organ, report_year, seed=SEED, form="2019")),)
        elif plot == "changed":
            revisions = (first, _misprinted(organ, MONTH_LATER, _licences_counted_again(organ)))
        elif plot == "removed":
            removed = MONTH_LATER
    files: dict[str | None, Literal["linked", "framed"]] = {"linked_file": "linked", "framed_file": "framed"}
    as_file = files.get(plot) if report_year == SEASON else None
    title = _listed_title(organ, report_year, plot)
    return Publication(organ, report_year, shown, title, revisions, removed, twin, as_file)


def _misprinted(organ: SandboxOrgan, since: date, misprint: Misprint) -> Revision:
    return Revision(since, lambda: generate(organ, SEASON, seed=SEED, misprint=misprint))


@cache
def publications(county_code: str) -> tuple[Publication, ...]:
    """All reports that ever stand on a county's portal, in no order."""
    found = (
        _publication(organ, year) for organ in ORGANS if organ.county_code == county_code for year in REPORT_YEARS
    )
    return tuple(publication for publication in found if publication)


@cache
def notices(county_code: str) -> tuple[Notice, ...]:
    """What else stands in a county's lists: look-alikes of reports, plans, other annual reports."""
    county = dict((CHENGXI, DIPU, LANQIAO))[county_code]
    entries = []
    for year in REPORT_YEARS[:-1]:
        entries += [
            (f"关于做好{year}年度政府信息公开工作年度报告编制发布工作的通知", date(year, 12, 18)),
            (f"一图读懂：{county}{year}年政府信息公开工作年度报告", date(year + 1, 3, 29)),
            (f"《{county}{year}年政府信息公开工作年度报告》解读", date(year + 1, 3, 30)),
            (f"{county}{year}年法治政府建设年度报告", date(year + 1, 2, 26)),
        ]
    entries += [
        (f"关于做好{SEASON}年度政府信息公开工作年度报告编制发布工作的通知", date(2023, 12, 15)),
        (f"{county}财政局{SEASON - 1}年度部门决算", date(2023, 9, 14)),
        (f"{county}{SEASON}年政务公开工作要点", date(2023, 4, 20)),
        (f"{county}开展政务公开业务培训", date(2024, 1, 5)),
        (f"{county}{SEASON}年法治政府建设年度报告", date(2024, 2, 22)),
    ]
    return tuple(Notice(title, day, county_code) for title, day in entries)


def truth(organ: SandboxOrgan, report_year: int, today: date) -> ReportTruth | None:
    """What the report of an organ says on a day; None where none is there."""
    for publication in publications(organ.county_code):
        if publication.organ == organ and publication.report_year == report_year and publication.there(today):
            return publication.revision(today).report().truth
    return None
