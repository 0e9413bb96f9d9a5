"""A TRS portal with as many reports as wanted, made on the fly, for measuring: no delay, 304s without work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from crawler.clock import SHANGHAI
from crawler.sandbox.generator import ReportTruth, SandboxOrgan, generate, report_title
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render
from crawler.sandbox.sites import ROBOTS, SiteColumn, not_found

COUNTY_CODE = "990201"
COUNTY = "万页县"
YEARS = (2020, 2021, 2022, 2023)
ROWS_A_PAGE = 20
_FIRST = "东西南北上下大小长短高平青白红黄石金银铜铁松柏桃李梅兰竹菊荷"
_SECOND = "河湖山岭坡坪塘沟桥店铺庄寨堡营口湾滩洲岛坝井泉源林园田畈冲垄"
_THIRD = "头尾前后中新老古"


@lru_cache(maxsize=65536)
def volume_organ(index: int) -> SandboxOrgan:
    """The organ of an index from 0 on; names are unique up to 7,200."""
    second, rest = index % len(_SECOND), index // len(_SECOND)
    first, third = rest % len(_FIRST), rest // len(_FIRST) % len(_THIRD)
    name = f"{_FIRST[first]}{_SECOND[second]}{_THIRD[third]}镇"
    return SandboxOrgan(
        code=f"{COUNTY_CODE}{100_000 + index}",
        name=name,
        kind="township",
        county_code=COUNTY_CODE,
        county=COUNTY,
        prefecture="清沅市",
        province="模拟省",
        printed=f"{name}人民政府",
        speaks_as="我镇",
        word=index % 3 == 0,
    )


@dataclass
class VolumeSite:
    """A TRS portal of ``reports`` reports by ``reports / 4`` organs over four report years, in one column.

    ``changed`` holds numbers of reports whose page has been changed since (another seed): set it between passes.
    """

    reports: int
    seed: int = 7
    changed: set[int] = field(default_factory=set)
    id: str = "volume"
    name: str = "万页县人民政府"
    county_code: str = COUNTY_CODE
    family: str = "trs"
    columns: tuple[SiteColumn, ...] = (SiteColumn("nb", "政府信息公开年报", "/zwgk/nb/"),)

    @property
    def organs(self) -> tuple[SandboxOrgan, ...]:
        """The organs that publish here."""
        return tuple(volume_organ(index) for index in range(-(-self.reports // len(YEARS))))

    def truth(self, number: int) -> ReportTruth:
        """What report ``number`` (from 0 on) says."""
        organ, year = self._whose(number)
        return generate(organ, year, seed=self._seed_of(number)).truth

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """Robots, list pages and reports; 404 for everything else."""
        if path == "/robots.txt":
            return Page(lambda: ROBOTS, media_type="text/plain")
        if match := re.fullmatch(r"/zwgk/nb/\d{6}/t\d{8}_(\d+)\.html", path):
            number = int(match[1]) - 1_000_000
            if 0 <= number < self.reports:
                return self._report(number)
        if match := re.fullmatch(r"/zwgk/nb/(?:index(?:_(\d+))?\.html)?", path):
            index = int(match[1] or 0)
            if index < self._list_pages():
                return self._list(index)
        return not_found()

    def _whose(self, number: int) -> tuple[SandboxOrgan, int]:
        return volume_organ(number // len(YEARS)), YEARS[number % len(YEARS)]

    def _seed_of(self, number: int) -> int:
        return self.seed + (number in self.changed)

    def _shown(self, number: int) -> date:
        _, year = self._whose(number)
        return date(year + 1, 1, 5) + timedelta(days=number // len(YEARS) % 25)

    def _list_pages(self) -> int:
        return max(1, -(-self.reports // ROWS_A_PAGE))

    def _list(self, index: int) -> Page:
        rows = []
        for number in range(index * ROWS_A_PAGE, min(self.reports, (index + 1) * ROWS_A_PAGE)):
            organ, year = self._whose(number)
            day = self._shown(number)
            link = f"./{day:%Y%m}/t{day:%Y%m%d}_{1_000_000 + number}.html"
            rows.append({"link": link, "title": report_title(organ, year), "shown_on": day})
        html = render("volume_list.html", site=self, rows=rows, index=index, pages=self._list_pages())
        return Page(html.encode, etag=f'"list-{index}-{self.reports}"')

    def _report(self, number: int) -> Page:
        seed = self._seed_of(number)
        moment = datetime(2024, 2, 1, tzinfo=SHANGHAI) + timedelta(days=seed - self.seed)
        return Page(lambda: self._html(number).encode(), etag=f'"{number}-{seed}"', last_modified=moment)

    def _html(self, number: int) -> str:
        organ, year = self._whose(number)
        report = generate(organ, year, seed=self._seed_of(number))
        return render(
            "volume_article.html",
            site=self,
            title=report.title,
            shown_on=self._shown(number),
            source=organ.title_name,
            body=report.body,
        )
