"""A county season made to order: organs with a plot each, their portals on loopback, and a fault now and then.

Every organ has one plot (what its publisher does in the season of the report year); every portal shows one fault
of the catalogue (crawler.sandbox.faults) on every third day. What must be told follows from the plots alone: a
portal that misbehaves is never the organ's doing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.sandbox.attached import as_docx
from crawler.sandbox.faults import FAULTS, Fault, Place
from crawler.sandbox.generator import GeneratedReport, Misprint, SandboxOrgan, generate, report_title
from crawler.sandbox.hostile import Asked, HostileServer, Scene, Wire
from crawler.sandbox.loopback import Page
from crawler.sandbox.sites import Article, CountySite, SiteColumn

YEAR = 2023
DUE = date(2024, 1, 31)
BEFORE = date(2023, 1, 10)
"""The day on which every report of the year before was published."""
SEED = 11
PLOTS = (
    *("clean",) * 24,
    *("missing", "late", "very_late", "backdated", "inconsistent", "corrected", "wrong_form", "changed"),
    *("removed", "early", "letter_title", "twin_address", "linked_file"),
)
"""Dealt out in this order, over and over."""
_DEALT = 41
"""A step through the plots that is a multiple of none of their number: every portal gets another mixture."""
CASES = tuple(
    (fault, place)
    for fault in FAULTS.values()
    for place in fault.expected
    # These need a server of their own kind: tests/crawler/test_faults.py shows them.
    if not fault.refuses and fault.scheme == "http"
)
_SURNAMES = "东西南北上下青白红黄金银松柏桃李梅兰竹菊"
_PLACES = "河湖山岭坡坪塘沟桥店铺庄寨堡湾滩洲岛泉源"
_BUREAUS = ("财政", "民政", "教育", "司法", "林业", "水利", "审计", "统计", "信访", "商务", "交通运输", "农业农村")


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that the season must or may bring: its kind, and the first day on which it is true."""

    kind: str
    since: date


@dataclass(frozen=True)
class PlannedReport:
    """The report of one organ in the season: what its page says and from when, and what must be told of it."""

    organ: SandboxOrgan
    plot: str
    shown_on: date
    states: tuple[tuple[date, Callable[[], GeneratedReport]], ...]
    removed_on: date | None = None

    def standing(self, today: date) -> Callable[[], GeneratedReport] | None:
        """What the page shows on a day; None where it is not there."""
        if self.removed_on is not None and today >= self.removed_on:
            return None
        return next((report for since, report in reversed(self.states) if since <= today), None)

    @property
    def true_alerts(self) -> tuple[Told, ...]:
        """What is true of it, by the plot."""
        first = self.states[0][0] if self.states else None
        known = {
            "missing": (("missing", DUE + timedelta(days=1)),),
            "late": (("missing", DUE + timedelta(days=1)), ("late", first)),
            "very_late": (("missing", DUE + timedelta(days=1)), ("late", first)),
            "backdated": (("missing", DUE + timedelta(days=1)), ("backdated", first)),
            "inconsistent": (("inconsistent", first),),
            "corrected": (("inconsistent", first),),
            "wrong_form": (("wrong_form", first),),
            "changed": (("changed", self.states[-1][0] if self.states else None),),
            "removed": (("removed", self.removed_on),),
            "early": (("inconsistent", first),),
        }
        return tuple(Told(kind, since) for kind, since in known.get(self.plot, ()) if since)

    @property
    def must_be_told(self) -> frozenset[str]:
        """The kinds of alerts that must have been opened by the end of a long season."""
        kinds = {told.kind for told in self.true_alerts}
        # Two days without the report must be seen after the due day before anybody is called missing.
        return frozenset(kinds - {"missing"} if self.plot == "late" else kinds)


def organs_of(portal: int, number: int) -> tuple[SandboxOrgan, ...]:
    """The organs of one county: two in five are departments, the others towns."""
    county_code, county = f"9905{portal + 1:02d}", f"{_SURNAMES[portal % len(_SURNAMES)]}川县"
    organs = []
    for index in range(number):
        department = index % 5 < 2 and index // 5 * 2 + index % 5 < len(_BUREAUS)
        name = (
            f"{county}{_BUREAUS[index // 5 * 2 + index % 5]}局"
            if department
            else f"{_SURNAMES[index % len(_SURNAMES)]}{_PLACES[index // 3 % len(_PLACES)]}镇"
        )
        organs.append(
            SandboxOrgan(
                code=f"{county_code}{(301 if department else 100) + index}",
                name=name,
                kind="department" if department else "township",
                county_code=county_code,
                county=county,
                prefecture="清沅市",
                province="模拟省",
                printed=name if department else f"{name}人民政府",
                speaks_as="我局" if department else "我镇",
                word=index % 3 == 0,
            )
        )
    return tuple(organs)


def planned(organ: SandboxOrgan, plot: str, index: int) -> PlannedReport:
    """What an organ does in the season by its plot."""
    day = date(2024, 1, 12) + timedelta(days=index % 17)

    right = partial(_right, organ, YEAR)

    def misprinted(why: str, **by: int) -> Callable[[], GeneratedReport]:
        cells = {f"section_three.{name.replace('__', '.')}": change for name, change in by.items()}
        return lambda: generate(organ, YEAR, seed=SEED, misprint=Misprint(why, cells))

    too_low = misprinted("one too low", total_results__natural_person=-1, total_results__total=-1)
    if _too_low_is_negative(organ):
        too_low = misprinted("one too high", total_results__natural_person=1, total_results__total=1)
    mended = date(2024, 2, 22)
    plots: Mapping[str, PlannedReport] = {
        "missing": PlannedReport(organ, plot, day, ()),
        "late": PlannedReport(organ, plot, date(2024, 2, 2), ((date(2024, 2, 2), right),)),
        "very_late": PlannedReport(organ, plot, date(2024, 2, 18), ((date(2024, 2, 18), right),)),
        "backdated": PlannedReport(organ, plot, date(2024, 1, 25), ((date(2024, 2, 19), right),)),
        "inconsistent": PlannedReport(organ, plot, day, ((day, too_low),)),
        "corrected": PlannedReport(organ, plot, day, ((day, too_low), (mended, right))),
        "wrong_form": PlannedReport(
            organ, plot, day, ((day, lambda: generate(organ, YEAR, seed=SEED, form="2019")),)
        ),
        "changed": PlannedReport(
            organ,
            plot,
            day,
            (
                (day, right),
                (
                    mended,
                    lambda: generate(
                        organ, YEAR, seed=SEED, misprint=Misprint("more", {"section_two.licensing.decisions": 1})
                    ),
                ),
            ),
        ),
        "removed": PlannedReport(organ, plot, day, ((day, right),), removed_on=mended),
        "early": PlannedReport(organ, plot, date(2023, 12, 27), ((date(2023, 12, 27), right),)),
    }
    return plots.get(plot) or PlannedReport(organ, plot, day, ((day, right),))


def _too_low_is_negative(organ: SandboxOrgan) -> bool:
    """Whether nothing was applied for, so that one less would be a negative number."""
    return not _right(organ, YEAR).truth.cells["section_three.total_results.natural_person"]


@dataclass
class SeasonPortal:
    """One county's portal behind a server that shows faults. ``today`` moves what it holds."""

    number: int
    reports: tuple[PlannedReport, ...]
    today: date = date(2024, 1, 10)
    fault: tuple[Fault, Place] | None = None
    hits: dict[date, str] = field(default_factory=dict)
    shown: dict[date, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = self.reports[0].organ
        self.county_code = first.county_code
        self.columns = (
            SiteColumn("bm", "部门年报", "/zwgk/nb/bm/", covers=("department",)),
            SiteColumn("xz", "乡镇年报", "/zwgk/nb/xz/", covers=("township",)),
        )
        self.site = CountySite(
            f"county{self.number}",
            f"{first.county}人民政府",
            self.county_code,
            first.county,
            "trs",
            self.columns,
            self._articles,
            lambda: self.today,
        )
        self.scene = Scene(self.site, "/", "/", "/", "")
        self.server = HostileServer(self.scene, self._show)

    @property
    def id(self) -> str:
        """The id of the definition."""
        return self.site.id

    def definition(self) -> PortalDefinition:
        """The right definition."""
        return PortalDefinition(
            id=self.id,
            name=self.site.name,
            county_code=self.county_code,
            family="trs",
            hosts=(self.server.host,),
            request_interval=0,
            columns=tuple(
                ColumnDefinition(
                    id=one.id,
                    name=one.name,
                    address=f"http://{self.server.host}{one.path}",
                    covers=one.covers,
                )
                for one in self.columns
            ),
        )

    def begin(self, today: date, fault: tuple[Fault, Place] | None) -> None:
        """It is this day, and the portal shows this fault; the newest report of the season is what it befalls."""
        self.today, self.fault = today, fault
        articles = [article for article in self._articles(today) if article.column == "xz"]
        newest = max(articles, key=lambda article: (article.shown_on, article.number))
        self.scene.column = self.columns[1].path
        self.scene.page = f"{self.columns[1].path}index_1.html"
        self.scene.report = self.site.report_paths(today)[newest.key]
        self.scene.title = newest.listed_title
        self.scene.asked.clear()
        if fault:
            self.hits[today] = newest.key
            self.shown[today] = f"{fault[0].id}/{fault[1]}"

    def _show(self, scene: Scene, asked: Asked) -> Page | Wire | None:
        if self.fault is None:
            return None
        fault, place = self.fault
        return fault.show(place)(scene, asked)

    def _articles(self, today: date) -> Sequence[Article]:
        found = []
        for report in self.reports:
            found.append(_article(report.organ, YEAR - 1, BEFORE, BEFORE, partial(_right, report.organ, YEAR - 1)))
            standing = report.standing(today)
            if standing is None:
                continue
            since = max(since for since, _ in report.states if since <= today)
            article = _article(report.organ, YEAR, report.shown_on, since, standing)
            if report.plot == "letter_title":
                article = replace(article, listed_title=f"关于报送《{article.listed_title}》的函")
            if report.plot == "linked_file":
                made = standing()
                article = replace(
                    article, body=lambda: "", attachments=(("nianbao.docx", as_docx(made.title, made.body)),)
                )
            found.append(replace(article, twin=report.plot == "twin_address"))
        return found


def _right(organ: SandboxOrgan, year: int) -> GeneratedReport:
    return generate(organ, year, seed=SEED)


def _article(
    organ: SandboxOrgan, year: int, shown_on: date, since: date, report: Callable[[], GeneratedReport]
) -> Article:
    return Article(
        key=f"{organ.code}/{year}",
        column="bm" if organ.kind == "department" else "xz",
        listed_title=report_title(organ, year),
        shown_on=shown_on,
        in_address=shown_on,
        source=organ.title_name,
        version=str(since),
        changed_on=since,
        body=lambda: report().body,
    )


class SeasonPortals:
    """All portals of the season, served while the block lasts."""

    def __init__(self, portals: int, organs_a_portal: int) -> None:
        self.portals: list[SeasonPortal] = []
        for number in range(portals):
            organs = organs_of(number, organs_a_portal)
            plots = [
                PLOTS[(number * organs_a_portal + index) * _DEALT % len(PLOTS)] for index in range(len(organs))
            ]
            self.portals.append(
                SeasonPortal(
                    number, tuple(planned(organ, plots[index], index) for index, organ in enumerate(organs))
                )
            )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for portal in self.portals:
            self._stack.enter_context(portal.server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def reports(self) -> dict[str, PlannedReport]:
        """What every organ does, by its code."""
        return {report.organ.code: report for portal in self.portals for report in portal.reports}

    def begin(self, day: int, today: date) -> None:
        """The portals on a day: every third of them shows a fault, each time the next one of the catalogue."""
        for portal in self.portals:
            turn = day + portal.number
            shown = day > 1 and turn % 3 == 0
            # The portals go through the catalogue side by side, so that all of it is shown in a season.
            case = (turn // 3 * len(self.portals) + portal.number) % len(CASES)
            portal.begin(today, CASES[case] if shown else None)
