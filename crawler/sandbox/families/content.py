"""What stands on a portal, whatever software shows it: organs, their reports, and what else lies there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Protocol

from crawler.sandbox.generator import SandboxOrgan, generate, report_title
from crawler.sandbox.loopback import Page

_TOWNS = ("青石", "白泉", "云岭", "沙河", "大柳", "马渡", "桃源", "东风", "柳塘", "金坪")
_DEPARTMENTS = ("财政局", "教育局", "民政局", "水利局", "交通运输局", "卫生健康局", "司法局", "农业农村局")


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a portal.

    ``organ`` published it; ``report_year`` is None where it is no report. ``title`` stands in the list and on the
    page. ``shown_on`` is the date the page shows, ``posted_on`` the one that software writes into addresses.
    ``body`` gives the HTML of the text, without a page around it. ``number`` is the document's id.
    """

    number: int
    organ: SandboxOrgan
    report_year: int | None
    title: str
    shown_on: date
    posted_on: date
    body: Callable[[], str]

    @property
    def is_report(self) -> bool:
        """Whether it is an annual report."""
        return self.report_year is not None


@dataclass(frozen=True, slots=True)
class Content:
    """A county's organs and documents, the newest document first (as lists show them)."""

    county_code: str
    county: str
    organs: tuple[SandboxOrgan, ...]
    documents: tuple[Document, ...]

    def of(self, organ: SandboxOrgan) -> tuple[Document, ...]:
        """The documents of one organ."""
        return tuple(document for document in self.documents if document.organ.code == organ.code)

    def of_kinds(self, kinds: Iterable[str]) -> tuple[Document, ...]:
        """The documents of organs of these kinds."""
        wanted = set(kinds)
        return tuple(document for document in self.documents if document.organ.kind in wanted)

    def report(self, organ_code: str, report_year: int) -> Document | None:
        """The report of an organ on a year."""
        for document in self.documents:
            if document.organ.code == organ_code and document.report_year == report_year:
                return document
        return None

    @property
    def reports(self) -> frozenset[tuple[str, int]]:
        """Organ code and report year of every report there is."""
        return frozenset(
            (document.organ.code, document.report_year)
            for document in self.documents
            if document.report_year is not None
        )


SHORT = "short"
"""Quirk every site has: the portal says that it holds more than it gives (a count too high, a page that fails)."""
EMPTIED = "emptied"
"""Quirk every site has: the lists show no row any more and do not say why."""


class FamilySite(Protocol):
    """A portal of one family: what it answers, where one may begin, and what a crawl of it must find.

    ``quirks`` may be changed while it is served. ``tells`` names what the family's lists say of each report
    outside its title: ``declared`` (how many documents a column has), ``organ``, ``organ_code``, ``report_year``.
    """

    id: str
    content: Content
    quirks: set[str]
    tells: frozenset[str]

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The page at a path."""

    def definition(self, host: str) -> dict[str, Any]:
        """The right definition of this portal at ``host``, as crawler.portals.definition reads it."""

    def entrances(self) -> Mapping[str, str]:
        """Paths to begin a discovery with: ``home``, ``disclosure``, ``column``, ``report``."""

    def document_at(self, path: str) -> Document | None:
        """The document at a path (with its query), under whichever of its addresses; None for other pages."""


def make_content(
    county_code: str,
    county: str = "青禾县",
    *,
    towns: int = 3,
    departments: int = 3,
    years: Iterable[int] = range(2019, 2024),
    seed: int = 1,
    noise: bool = True,
) -> Content:
    """A county with reports of its organs on these years; always the same for the same input.

    With ``noise`` its columns hold what real ones hold besides (portals.md parts 6 and 7): look-alikes, a letter
    that is a report, a title without organ, a title broken by blanks, a missing year, a back-dated report.
    """
    random = Random(f"{county_code}/{seed}")
    organs = _organs(county_code, county, towns, departments)
    numbers = iter(range(1_100_000 + random.randrange(10_000), 9_999_999, 37))
    documents = []
    years = tuple(years)
    for index, organ in enumerate(organs):
        for year in years:
            if noise and index == 1 and year == years[0]:
                continue
            shown = date(year + 1, 1, 8) + timedelta(days=random.randrange(22))
            posted = shown + timedelta(days=random.randrange(3))
            if noise and index == 2 and year == years[-1]:
                posted = shown + timedelta(days=60)
            title = _title(organ, year, index, noise)
            documents.append(Document(next(numbers), organ, year, title, shown, posted, _body_of(organ, year)))
        if noise:
            day = date(years[-1] + 1, 1, 12) + timedelta(days=index)
            for title in _LOOK_ALIKES[index % len(_LOOK_ALIKES)]:
                title = title.format(organ=organ.name, year=years[-1])
                documents.append(Document(next(numbers), organ, None, title, day, day, _notice(title)))
    documents.sort(key=lambda document: (document.posted_on, document.number), reverse=True)
    return Content(county_code, county, organs, tuple(documents))


_LOOK_ALIKES = (
    ("{organ}{year}年政府信息公开工作年度报告解读", "{organ}{year}年法治政府建设年度报告"),
    ("关于做好{year}年政府信息公开工作年度报告编制工作的通知",),
    ("一图读懂{organ}{year}年政府信息公开工作年度报告", "{organ}{year}年政务公开工作要点"),
    ("{organ}{year}年度部门决算",),
)


def _title(organ: SandboxOrgan, year: int, index: int, noise: bool) -> str:
    usual = report_title(organ, year)
    if not noise:
        return usual
    if index == 0 and year % 4 == 2:
        return f"关于报送《{organ.name}{year}年政府信息公开年度报告》的函"
    if index == 1 and year % 4 == 1:
        return f"{organ.name} {year} 年政府信息公开年报"
    if index == 3 and year % 4 == 3:
        return f"{year}年政府信息公开工作年度报告"
    return usual


def _organs(county_code: str, county: str, towns: int, departments: int) -> tuple[SandboxOrgan, ...]:
    place = (county_code, county, "云山市", "示例省")
    organs = [
        SandboxOrgan(
            f"{county_code}{100 + number}",
            f"{_TOWNS[number % len(_TOWNS)]}{'镇' if number % 2 == 0 else '乡'}",
            "township",
            *place,
            printed=f"{_TOWNS[number % len(_TOWNS)]}{'镇' if number % 2 == 0 else '乡'}人民政府",
            speaks_as="我镇",
        )
        for number in range(towns)
    ]
    organs += [
        SandboxOrgan(
            f"11{county_code}{900 + number:07d}{number % 10}J",
            f"{county}{_DEPARTMENTS[number % len(_DEPARTMENTS)]}",
            "department",
            *place,
            speaks_as="我局",
        )
        for number in range(departments)
    ]
    return tuple(organs)


def _body_of(organ: SandboxOrgan, year: int) -> Callable[[], str]:
    return lambda: generate(organ, year).body


def _notice(title: str) -> Callable[[], str]:
    return lambda: f"<p>{title}。</p><p>请结合实际抓好落实，有关材料可以向县政府办公室索取。</p>"
