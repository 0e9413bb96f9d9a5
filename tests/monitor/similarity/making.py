"""A real database with counties, organs and reports whose prose is given, for the tests of comparing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from crawler.clock import SHANGHAI
from monitor.registry.organs import import_organs
from monitor.similarity.comparing import Compared, Current, compare
from monitor.store import comparisons, versions
from monitor.store.database import Database, open_database
from monitor.store.versions import VersionRow
from tests.monitor.rules.building import Changes, build_report

HEADER = "code,name,kind,county_code,county,prefecture,province,valid_from,valid_to,aliases,listed_by_county\n"
SEEN = datetime(2024, 1, 20, 9, tzinfo=SHANGHAI)


def town(county: int, number: int) -> str:
    """The code of a town."""
    return f"9904{county:02}{100 + number}"


class Record:
    """Counties 990401, 990402 … with so many towns each and a county government; reports as they are put."""

    def __init__(self, folder: Path, counties: int = 2, towns: int = 8) -> None:
        self.database: Database = open_database("sqlite:///nianbao.sqlite", folder)
        self.database.migrate()
        rows = []
        for county in range(1, counties + 1):
            code, place = f"9904{county:02}", f"第{county}县,清沅市,模拟省,,,,\n"
            rows.append(f"{code}000,第{county}县人民政府,county,{code},{place}")
            rows += [f"{town(county, each)},{self.name(each)},township,{code},{place}" for each in range(towns)]
        register = folder / "organs.csv"
        register.write_text(HEADER + "".join(rows), encoding="utf-8")
        assert not import_organs(self.database, register).rejected
        self.current: dict[tuple[str, int], int] = {}

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
        number = len(self.current) + sum(map(ord, text)) % 100_000
        row = VersionRow(
            report_key=f"{code}/{year}",
            content_digest=f"{number}-{hash(text) & 0xFFFFFFFF}",
            organ_code=code,
            report_year=year,
            county_code=code[:6],
            portal_id=f"portal-{code[:6]}",
            column_id="nb",
            address=f"http://www.example.org/{code}/{year}.html",
            sha256=f"{number:064}",
            title=f"{year}年政府信息公开工作年度报告",
            organ_printed=printed,
            organ_match="name",
            form="2021",
            published_on=published,
            published_from="shown" if published else None,
            parser="test",
            first_seen_at=SEEN + timedelta(minutes=len(self.current)),
        )
        with self.database.begin() as session:
            self.current[code, year] = versions.add_version(session, row, versions.pack(report))
        return self.current[code, year]

    def take(self, code: str, year: int = 2023) -> None:
        """The report stands for its organ no more."""
        del self.current[code, year]

    def compare(self, *counties: str) -> Compared:
        """Compares the reports of some counties, or of all."""
        found: dict[str, list[Current]] = defaultdict(list)
        for (code, year), version_id in self.current.items():
            found[code[:6]].append(Current(version_id, code, year))
        with self.database.begin() as session:
            wanted = counties or {*found, *comparisons.compared_counties(session)}
            return compare(session, {code: found.get(code, []) for code in wanted})

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
