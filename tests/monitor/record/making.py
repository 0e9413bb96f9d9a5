"""What the tests of the record share: a real database and archive, a portal, and crawl passes by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from crawler.captures import Archive
from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import (
    Capture,
    CaptureRole,
    ColumnPass,
    Entry,
    EntryKind,
    Outcome,
    RunFinished,
    RunStarted,
)
from crawler.sandbox.generator import SandboxOrgan, generate, report_title
from monitor.ingest import IngestResult, ingest
from monitor.publication import Standing
from monitor.registry.organs import import_organs
from monitor.settings import Settings
from monitor.standings import standings
from monitor.store.database import Database
from tests.databases import address_in, opened_in

COUNTY = "990301"
HOST = "www.example.org"
HEADER = "code,name,kind,county_code,county,prefecture,province,valid_from,valid_to,aliases,listed_by_county\n"
REGISTER = (
    HEADER
    + "990301101,云溪镇,township,990301,东岭县,清沅市,模拟省,,,,\n"
    + "990301102,石桥乡,township,990301,东岭县,清沅市,模拟省,,,,\n"
    + "119903010000000001,东岭县财政局,department,990301,东岭县,清沅市,模拟省,,,县财政局,\n"
)


def organ(code: str = "990301101", name: str = "云溪镇", printed: str = "云溪镇人民政府") -> SandboxOrgan:
    """An organ that the generator can write reports for."""
    return SandboxOrgan(code, name, "township", COUNTY, "东岭县", "清沅市", "模拟省", printed, "我镇")


TOWN = organ()
OTHER_TOWN = organ("990301102", "石桥乡", "石桥乡人民政府")


def portal(*columns: ColumnDefinition) -> PortalDefinition:
    """The portal of the county; one column for everything unless others are given."""
    return PortalDefinition(
        id="dongling",
        name="东岭县人民政府",
        county_code=COUNTY,
        family="trs",
        hosts=(HOST,),
        columns=columns or (column(),),
    )


def column(id: str = "nb", **more: Any) -> ColumnDefinition:
    """A column of the portal."""
    return ColumnDefinition(id=id, name=f"栏目{id}", address=f"http://{HOST}/{id}/", **more)


def page(of: SandboxOrgan, year: int, shown: date | None = None, *, seed: int = 1, around: str = "") -> bytes:
    """The page of a generated report; ``around`` stands outside of the report."""
    report = generate(of, year, seed=seed)
    day = f"<p>发布时间：{shown:%Y-%m-%d}</p>" if shown else ""
    return (
        f"<html><head><title>{report.title}</title></head><body><h1>{report.title}</h1>{day}"
        f"<div>{report.body}</div><div class='foot'><a href='/'>{around}</a></div></body></html>"
    ).encode()


def at(month: int, day: int, hour: int = 9, year: int = 2024) -> datetime:
    """A moment in Shanghai."""
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Shown:
    """One address of a list as it is in one pass: its bytes (None: the server says 404), title and date."""

    path: str
    data: bytes | None
    title: str | None = None
    shown_on: date | None = None
    column_id: str = "nb"
    kind: EntryKind = EntryKind.REPORT
    listed: bool = True
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    listed_organ: str | None = None
    listed_code: str | None = None
    listed_year: int | None = None

    @property
    def address(self) -> str:
        """The address in full."""
        return f"http://{HOST}{self.path}"


class World:
    """A database, an archive and a portal in a folder, and the passes over it."""

    def __init__(self, folder: Path, *columns: ColumnDefinition, years: Sequence[int] = (2023,)) -> None:
        self.folder = folder
        self.database: Database = opened_in(folder)
        self.archive = Archive(folder / "captures")
        self.portal = portal(*columns)
        self.settings = Settings.model_validate({"watch": {"years": list(years)}})
        self.runs = 0
        self.known: dict[str, str] = {}
        self.register(REGISTER)

    def register(self, text: str) -> None:
        """Import a register."""
        path = self.folder / "organs.csv"
        path.write_text(text, encoding="utf-8")
        assert not import_organs(self.database, path).rejected

    def crawl(
        self,
        moment: datetime,
        *shown: Shown,
        outcome: Outcome = Outcome.COLLECTED,
        columns: Mapping[str, Outcome] | None = None,
        finish: bool = True,
        lists: Mapping[str, bytes] | None = None,
        declared: int | None = None,
    ) -> str:
        """Write the log of a pass that saw these pages; ``lists`` are the bytes of the columns' list pages.

        ``declared`` is how many rows the columns say they have.
        """
        self.runs += 1
        run_id = f"{moment:%Y%m%dT%H%M%S}-dongling-{self.runs:06d}"
        log = self.archive.start_run(RunStarted(run_id, self.portal.id, COUNTY, moment, False))
        sequence = 0
        for column_id, data in (lists or {}).items():
            sequence += 1
            page = Shown(f"/{column_id}/", data, column_id=column_id)
            log.write(replace(self.capture(sequence, page, moment), role=CaptureRole.LIST))
        for one in shown:
            if one.listed and one.title is not None:
                sequence += 1
                log.write(
                    Entry(
                        sequence,
                        one.column_id,
                        one.address,
                        one.title,
                        one.kind,
                        one.shown_on,
                        f"http://{HOST}/{one.column_id}/",
                        one.listed_organ,
                        one.listed_code,
                        one.listed_year,
                    )
                )
        for one in shown:
            if one.kind is not EntryKind.REPORT:
                continue
            sequence += 1
            log.write(self.capture(sequence, one, moment))
            for path, data in one.attachments.items():
                sequence += 1
                attached = replace(one, path=path, data=data)
                log.write(
                    replace(
                        self.capture(sequence, attached, moment),
                        role=CaptureRole.ATTACHMENT,
                        parent_address=one.address,
                    )
                )
        if finish:
            for one_column in self.portal.columns:
                sequence += 1
                fared = (columns or {}).get(one_column.id, outcome)
                passed = ColumnPass(sequence, one_column.id, fared, fared.whole, 1, len(shown), declared)
                log.write(replace(passed, address=one_column.address))
            log.finish(RunFinished(run_id, moment + timedelta(minutes=5), outcome))
        else:
            log.close()
        return run_id

    def capture(self, sequence: int, one: Shown, moment: datetime) -> Capture:
        """The capture of a page: 200, 304 where it is as before, 404 where it has no bytes."""
        digest = self.archive.put(one.data) if one.data is not None else None
        unchanged = digest is not None and self.known.get(one.address) == digest
        if digest:
            self.known[one.address] = digest
        return Capture(
            sequence=sequence,
            role=CaptureRole.DOCUMENT,
            address=one.address,
            final_address=one.address,
            fetched_at=moment + timedelta(seconds=sequence),
            status=404 if digest is None else 304 if unchanged else 200,
            sha256=digest,
            size=len(one.data or b""),
            media_type="text/html",
            headers={"content-type": "text/html; charset=utf-8"},
            column_id=one.column_id,
            problem="gone" if digest is None else None,
        )

    def configure(self, now: datetime) -> Path:
        """A configuration for the command over this record, at a moment; gives its file."""
        folder = self.folder / "portals"
        folder.mkdir(exist_ok=True)
        definition = self.portal.model_dump(mode="json", exclude_defaults=True)
        (folder / "dongling.yaml").write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
        file = self.folder / "nianbao.toml"
        file.write_text(
            f'[store]\ndatabase = "{address_in(self.folder)}"\ncaptures = "captures"\n'
            '[crawl]\nportals = "portals"\n'
            f"[watch]\nyears = {list(self.settings.watch.years)}\n[clock]\nnow = {now:%Y-%m-%dT%H:%M:%S}\n",
            encoding="utf-8",
        )
        return file

    def ingest(self, **more: Any) -> IngestResult:
        """Bring everything into the record."""
        return ingest(self.database, self.archive, portals=[self.portal], **more)

    def standing(self, as_of: datetime, code: str = TOWN.code, year: int = 2023) -> Standing:
        """How one obligation stands."""
        found = standings(self.database, [self.portal], self.settings, as_of, year=year)
        return next(one for one in found if one.organ.code == code)


def shown(of: SandboxOrgan, year: int, day: date | None = None, **more: Any) -> Shown:
    """The page of a report as it is listed."""
    given: dict[str, Any] = {"path": f"/nb/{of.code}_{year}.html", "data": page(of, year, day)}
    return Shown(**(given | {"title": report_title(of, year)} | more))
