"""The sandbox: portals of invented counties (and of the seeds' counties) on loopback, with a today that moves."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from crawler.clock import SHANGHAI
from crawler.sandbox import season
from crawler.sandbox.attached import as_docx
from crawler.sandbox.generator import ReportTruth, SandboxOrgan
from crawler.sandbox.loopback import LoopbackServer, Page
from crawler.sandbox.pages import render
from crawler.sandbox.season import CHENGXI, DIPU, LANQIAO
from crawler.sandbox.seeds import SEEDS, SeedReport, seed_html, seed_title
from crawler.sandbox.sites import Article, ChallengeSite, CountySite, PortalSite, SiteColumn

ORGAN_COLUMNS = (
    "code",
    "name",
    "kind",
    "county_code",
    "county",
    "prefecture",
    "province",
    "valid_from",
    "valid_to",
    "aliases",
    "listed_by_county",
)
"""The columns of the organ register (contract, part 3)."""


@dataclass(frozen=True, slots=True)
class SandboxPortal:
    """One portal being served: its site and where."""

    site: PortalSite
    host: str

    @property
    def id(self) -> str:
        """The portal's id in its definition."""
        return self.site.id

    @property
    def address(self) -> str:
        """The portal's front page."""
        return f"http://{self.host}/"

    def definition(self, request_interval: float | None) -> dict[str, Any]:
        """The portal's definition as crawler.portals.definition reads it."""
        return {
            "id": self.site.id,
            "name": self.site.name,
            "county_code": self.site.county_code,
            "family": self.site.family,
            "hosts": [self.host],
            "request_interval": request_interval,
            "columns": [_column(column, self.host) for column in self.site.columns],
        }


def _column(column: SiteColumn, host: str) -> dict[str, Any]:
    data: dict[str, Any] = {"id": column.id, "name": column.name, "address": f"http://{host}{column.path}"}
    if column.organ:
        data["organ"] = column.organ
    if column.covers:
        data["covers"] = list(column.covers)
    if column.years:
        data["years"] = list(column.years)
    return data


def organs_as_csv(organs: Sequence[SandboxOrgan]) -> str:
    """Organs as the register's CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ORGAN_COLUMNS)
    for organ in organs:
        places = (organ.county_code, organ.county, organ.prefecture, organ.province)
        listed = "true" if organ.listed_by_county else "false"
        writer.writerow((organ.code, organ.name, organ.kind, *places, "", "", ";".join(organ.aliases), listed))
    return text.getvalue()


class Sandbox:
    """Portals on loopback; a context manager.

    ``port`` is that of the front page, and the portals take the ones after it (0: any free ones). ``seeds`` is
    the folder of the seed reports; None leaves their portals out. ``today`` may be set to a date or a moment at
    any time and moves what the portals hold. OSError where a port is taken.
    """

    def __init__(self, port: int = 0, seeds: Path | None = None) -> None:
        self._port = port
        self._seeds = seeds
        self._today = datetime(2024, 1, 20, 8, 0, tzinfo=SHANGHAI)
        self.server = LoopbackServer(lambda: self._today)
        self.portals: tuple[SandboxPortal, ...] = ()
        self.address = ""

    def __enter__(self) -> Self:
        self.server.__enter__()
        try:
            front = self.server.serve(_FrontPage(self), self._port)
            self.address = f"http://127.0.0.1:{front}/"
            served = []
            for place, site in enumerate(self._sites(), start=1):
                port = self.server.serve(site, self._port + place if self._port else 0)
                served.append(SandboxPortal(site, f"127.0.0.1:{port}"))
            self.portals = tuple(served)
        except BaseException:
            self.server.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.__exit__(kind, error, trace)

    @property
    def today(self) -> date:
        """The day it is on the portals."""
        return self._today.date()

    @today.setter
    def today(self, day: date) -> None:
        if isinstance(day, datetime):
            self._today = day.astimezone(SHANGHAI) if day.tzinfo else day.replace(tzinfo=SHANGHAI)
        else:
            self._today = datetime.combine(day, time(8, 0), tzinfo=SHANGHAI)

    @property
    def organs(self) -> tuple[SandboxOrgan, ...]:
        """All organs of the served counties."""
        seeds = tuple(seed.organ for seed in SEEDS) if self._seeds else ()
        return (*season.ORGANS, *seeds)

    def organs_csv(self) -> str:
        """The register of the served counties as CSV."""
        return organs_as_csv(self.organs)

    def write_portals(self, folder: Path, request_interval: float | None = 0.0) -> list[Path]:
        """Writes the definition of each portal into the folder (made where missing), and gives the files."""
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for portal in self.portals:
            file = folder / f"{portal.id}.yaml"
            data = portal.definition(request_interval)
            file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
            files.append(file)
        return files

    def truth(self, organ: SandboxOrgan | str, report_year: int) -> ReportTruth | None:
        """What the report of an organ (or its code) says today; None where none is there."""
        code = organ if isinstance(organ, str) else organ.code
        found = next(one for one in season.ORGANS if one.code == code)
        return season.truth(found, report_year, self.today)

    def report_address(self, organ_code: str, report_year: int) -> str | None:
        """Where the report of an organ stands today; None where none is there."""
        return self._address(f"{organ_code}/{report_year}")

    def notice_address(self, notice: season.Notice) -> str | None:
        """Where a page that is no report stands today; None where it is not there."""
        return self._address(_notice_key(notice))

    def _address(self, key: str) -> str | None:
        for portal in self.portals:
            if isinstance(portal.site, CountySite) and (path := portal.site.report_paths(self.today).get(key)):
                return f"http://{portal.host}{path}"
        return None

    # --- what is served -------------------------------------------------------------------------------------

    def _sites(self) -> list[PortalSite]:
        kinds_of_town = ("township", "subdistrict")
        own = season.organ_named("荻浦县市场监督管理局")
        others = tuple(
            organ.code for organ in season.ORGANS if organ.county_code == DIPU[0] and organ.code != own.code
        )
        sites: list[PortalSite] = [
            self._county_site(
                CHENGXI,
                "trs",
                (
                    SiteColumn("bm", "县政府及部门年报", "/zwgk/zfxxgknb/bm/", covers=("county", "department")),
                    SiteColumn("xz", "乡镇街道年报", "/zwgk/zfxxgknb/xz/", covers=kinds_of_town),
                ),
            ),
            self._county_site(
                DIPU,
                "generic",
                (
                    SiteColumn("nb", "政府信息公开年报", "/xxgk/nb/", covers=others),
                    SiteColumn("scjg", "县市场监督管理局信息公开年报", "/xxgk/scjg/nb/", organ=own.code),
                ),
            ),
            ChallengeSite(
                "lanqiao",
                f"{LANQIAO[1]}人民政府",
                LANQIAO[0],
                (SiteColumn("xz", "乡镇年报", "/zwgk/zfxxgknb/xz/", covers=kinds_of_town),),
            ),
        ]
        if self._seeds:
            sites += [self._seed_site(seed, self._seeds) for seed in SEEDS]
        return sites

    def _county_site(self, county: tuple[str, str], family: str, columns: tuple[SiteColumn, ...]) -> CountySite:
        code, name = county
        site_id = {CHENGXI[0]: "chengxi", DIPU[0]: "dipu"}[code]
        return CountySite(
            site_id,
            f"{name}人民政府",
            code,
            name,
            family,
            columns,
            lambda today: _season_articles(code, columns, today),
            lambda: self.today,
        )

    def _seed_site(self, seed: SeedReport, folder: Path) -> CountySite:
        organ = seed.organ
        column = SiteColumn(
            "nb", f"{organ.name}政府信息公开年报", "/zwgk/nb/", organ=organ.code, years=(seed.report_year,)
        )
        article = _seed_article(seed, seed.text(folder))
        return CountySite(
            f"seed-{organ.county_code}",
            f"{organ.county}人民政府",
            organ.county_code,
            organ.county,
            seed.family,
            (column,),
            lambda today: (article,) if article.shown_on <= today else (),
            lambda: self.today,
        )


def _seed_article(seed: SeedReport, text: str) -> Article:
    return Article(
        key=f"{seed.organ.code}/{seed.report_year}",
        column="nb",
        listed_title=seed_title(text),
        shown_on=seed.shown_on,
        in_address=seed.shown_on,
        source=f"{seed.organ.name}人民政府",
        version=seed.number,
        changed_on=seed.shown_on,
        body=lambda: seed_html(text),
        attachments=((f"P0{seed.shown_on:%Y%m%d}{seed.organ.code}.txt", text.encode()),),
    )


def _season_articles(county_code: str, columns: Sequence[SiteColumn], today: date) -> list[Article]:
    """Everything that stands in a county's columns on a day."""
    articles = []
    for publication in season.publications(county_code):
        if publication.there(today):
            articles.append(_report_article(publication, columns, today))
    shared = [column for column in columns if not column.organ]
    for index, notice in enumerate(season.notices(county_code)):
        if notice.shown_on <= today:
            articles.append(_notice_article(notice, shared[index % len(shared)]))
    return articles


def _column_of(organ: SandboxOrgan, columns: Sequence[SiteColumn]) -> str:
    own = [column for column in columns if column.organ == organ.code]
    covering = [column for column in columns if organ.kind in column.covers or organ.code in column.covers]
    return (own or covering)[0].id


def _report_article(publication: season.Publication, columns: Sequence[SiteColumn], today: date) -> Article:
    organ = publication.organ
    revision = publication.revision(today)
    letter = publication.listed_title.endswith("函")

    def body() -> str:
        if publication.as_file:
            return ""
        opening = f"<p>{organ.above}：</p>\n<p>现将年度报告报送你们，请审阅。</p>\n" if letter else ""
        return opening + revision.report().body

    return Article(
        key=f"{organ.code}/{publication.report_year}",
        column=_column_of(organ, columns),
        listed_title=publication.listed_title,
        shown_on=publication.shown_on,
        in_address=publication.available_from,
        source=organ.title_name,
        version=str(revision.since),
        changed_on=revision.since,
        body=body,
        twin=publication.twin,
        attachments=((_file_name(publication), _as_file(revision)),) if publication.as_file else (),
        framed=publication.as_file == "framed",
    )


def _file_name(publication: season.Publication) -> str:
    return f"P0{publication.available_from:%Y%m%d}{publication.organ.code[-9:]}.docx"


def _as_file(revision: season.Revision) -> bytes:
    report = revision.report()
    return as_docx(report.title, report.body)


def _notice_key(notice: season.Notice) -> str:
    return f"{notice.county_code}/{notice.title}"


def _notice_article(notice: season.Notice, column: SiteColumn) -> Article:
    text = (
        f"<p>{notice.title}。</p>\n<p>各乡镇人民政府、街道办事处，县政府各部门：请结合实际抓好落实，"
        "有关材料可以向县政府办公室索取。</p>\n"
    )
    return Article(
        key=_notice_key(notice),
        column=column.id,
        listed_title=notice.title,
        shown_on=notice.shown_on,
        in_address=notice.shown_on,
        source="县政府办公室",
        version="1",
        changed_on=notice.shown_on,
        body=lambda: text,
    )


@dataclass(frozen=True)
class _FrontPage:
    """Names the portals, for people who look."""

    sandbox: Sandbox
    id: str = "front"

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """One page with links."""
        html = render("front.html", today=self.sandbox.today, portals=self.sandbox.portals)
        return Page(html.encode)
