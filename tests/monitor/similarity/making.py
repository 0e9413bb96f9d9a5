"""A real database with counties, organs and reports whose prose is given, for the tests of comparing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from monitor.registry.organs import import_organs
from monitor.similarity.comparing import Batch, Compared, Current, compare
from monitor.store import comparisons, versions
from monitor.store.database import Database
from monitor.store.versions import SightingRow, VersionRow
from tests.databases import opened_in
from tests.monitor.rules.building import Changes, build_report

HEADER = "code,name,kind,county_code,county,prefecture,province,valid_from,valid_to,aliases,listed_by_county\n"
SEEN = datetime(2024, 1, 20, 9, tzinfo=SHANGHAI)


def town(county: int, number: int) -> str:
    """The code of a town."""
    return f"9904{county:02}{100 + number}"


def _portal(county_code: str) -> PortalDefinition:
    column = ColumnDefinition(id="nb", name="年报", address=f"http://www.{county_code}.example.org/nb/")
    return PortalDefinition(
        id=f"portal-{county_code}",
        name=county_code,
        county_code=county_code,
        family="trs",
        hosts=(f"www.{county_code}.example.org",),
        columns=(column,),
    )


class Record:
    """Counties 990401, 990402 … with so many towns each and a county government; reports as they are put."""

    def __init__(self, folder: Path, counties: int = 2, towns: int = 8) -> None:
        self.database: Database = opened_in(folder)
        rows = []
        for county in range(1, counties + 1):
            code, place = f"9904{county:02}", f"第{county}县,清沅市,模拟省,,,,\n"
            rows.append(f"{code}000,第{county}县人民政府,county,{code},{place}")
            rows += [f"{town(county, each)},{self.name(each)},township,{code},{place}" for each in range(towns)]
        register = folder / "organs.csv"
        register.write_text(HEADER + "".join(rows), encoding="utf-8")
        assert not import_organs(self.database, register).rejected
        self.current: dict[tuple[str, int], int] = {}
        self.puts = 0
        self.portals = [_portal(f"9904{county:02}") for county in range(1, counties + 1)]

    @staticmethod
    def name(number: int) -> str:
        """The name of a town; every county has one of that name."""
        return f"{'梅柳松竹兰桂枫槐杏李桃梨'[number]}坪镇"

    def put(
        self,
        code: str,
        text: str,
        year: int = 2023,
        *,
        published: date | None = None,
        printed: str | None = None,
        changes: Changes | None = None,
    ) -> int:
        """A new version that stands for an organ's report from now on; gives its id."""
        report = replace(
            build_report(year=year, changes=changes, text={1: text, 5: ""}), organ=printed, report_year=year
        )
        self.puts += 1
        number = self.puts
        row = VersionRow(
            report_key=f"{code}/{year}",
            content_digest=f"{number:064}",
            organ_code=code,
            report_year=year,
            county_code=code[:6],
            portal_id=f"portal-{code[:6]}",
            column_id="nb",
            address=f"http://www.{code[:6]}.example.org/{code}/{year}.html",
            sha256=f"{number:064}",
            title=f"{year}年政府信息公开工作年度报告",
            organ_printed=printed,
            organ_match="name",
            form="2021",
            published_on=published,
            published_from="shown" if published else None,
            parser="test",
            first_seen_at=SEEN + timedelta(minutes=self.puts),
        )
        with self.database.begin() as session:
            version_id = versions.add_version(session, row, versions.pack(report))
            sightings = versions.sightings_of(session, row.portal_id, [row.address]).get(row.address, [])
            changed = [(key, replace(one, current=False)) for key, one in sightings if one.current]
            seen = SightingRow(
                **{name: getattr(row, name) for name in ("portal_id", "address", "column_id", "sha256")},
                role="document",
                parent_address=None,
                kind="report",
                version_id=version_id,
                listed_title=None,
                listed_on=published,
                published_on=published,
                published_from=row.published_from,
                first_seen_at=row.first_seen_at,
                last_seen_at=row.first_seen_at,
                gone_at=None,
                current=True,
            )
            versions.put_sightings(session, [seen], changed, [])
        self.current[code, year] = version_id
        return version_id

    def take(self, code: str, year: int = 2023) -> None:
        """The report stands for its organ no more."""
        del self.current[code, year]

    def hand_over(self, code: str, county_code: str) -> None:
        """The organ belongs to another county from now on."""
        with self.database.begin() as session:
            session.connection().exec_driver_sql(
                f"UPDATE organ SET county_code = '{county_code}' WHERE code = '{code}'"
            )

    def of_counties(self, *counties: str) -> Batch:
        """The current reports of some counties."""
        found: dict[str, list[Current]] = {code: [] for code in counties}
        for (code, year), version_id in self.current.items():
            if code[:6] in found:
                found[code[:6]].append(Current(version_id, code, year))
        return Batch(found)

    def compare(self, *counties: str) -> Compared:
        """Compares the reports of some counties, or of all."""
        with self.database.reading() as session:
            known = comparisons.compared_counties(session)
        wanted = counties or sorted({*(code[:6] for code, _ in self.current), *known})
        return compare(self.database, [self.of_counties(code) for code in wanted])

    def anew(self) -> Compared:
        """Forgets all that was compared, and compares everything."""
        with self.database.begin() as session:
            for model in ("similar_pair", "county_template", "compared_text"):
                session.connection().exec_driver_sql(f"DELETE FROM {model}")
        return self.compare()

    def kept(self) -> Mapping[str, object]:
        """All that is kept of comparisons."""
        with self.database.reading() as session:
            counties = sorted({code[:6] for code, _ in self.current})
            return {
                "texts": {code: comparisons.texts_of_county(session, code) for code in counties},
                "templates": {code: comparisons.templates_of_county(session, code) for code in counties},
                "pairs": comparisons.all_pairs(session),
            }

    def pairs(self) -> set[tuple[int, int]]:
        """The pairs that were found, by id."""
        with self.database.reading() as session:
            return {(one.first_id, one.second_id) for one in comparisons.all_pairs(session)}
