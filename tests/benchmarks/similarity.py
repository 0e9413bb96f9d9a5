"""How long it takes to hold the texts of a whole store against each other, and whether copies are found.

    python -m tests.benchmarks.similarity --reports 200000
    python -m tests.benchmarks.similarity --reports 200000 --postgres postgresql+psycopg://…

Invented reports with all cells lie in a database; every county has a template that most of its organs use, and one
report in a hundred is the copy of another with other numbers and names, half of them with a sentence more.
Told are the times of the full comparison and of a daily one after 100 reports changed, which copies were
found, and which pairs were found that are no copies.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson
import zstandard
from sqlalchemy import insert, text

from crawler.clock import SHANGHAI
from monitor.similarity.comparing import Batch, Current, compare
from monitor.store import comparisons
from monitor.store.database import Database, chunks, open_database
from monitor.store.tables import County, Organ, ReportVersion
from tests.monitor.rules.building import build_report
from tests.monitor.similarity.prose import narrative, renumbered, sentence

ORGANS = 50
YEARS = (2020, 2021, 2022, 2023)
AT_ONCE = 20
CHANGED = 100


class Store:
    """A database of invented reports; ``copies`` are the pairs of ids that a comparison should find."""

    def __init__(self, database: Database, reports: int) -> None:
        self.database = database
        self.counties = max(1, reports // (ORGANS * len(YEARS)))
        self.copies: set[tuple[int, int]] = set()
        self.current: dict[str, list[Current]] = {}
        self._chance = random.Random(1)
        self._empty = build_report("2021", 2023).to_json()
        self._pack = zstandard.ZstdCompressor(level=3)
        self._texts: list[tuple[int, str, str]] = []
        self._count = 0
        with database.begin() as session:
            for number in range(self.counties):
                session.execute(insert(County), self._county(number))
                session.execute(insert(Organ), list(self._organs(number)))
        for numbers in chunks(range(self.counties), 10):
            with database.begin() as session:
                session.execute(
                    insert(ReportVersion), [row for number in numbers for row in self._reports(number)]
                )

    @staticmethod
    def code(county: int) -> str:
        """The code of a county."""
        return f"{100000 + county}"

    def _county(self, number: int) -> list[dict[str, object]]:
        return [{"code": self.code(number), "name": f"第{number}县", "prefecture": None, "province": None}]

    def _organs(self, county: int) -> Iterator[dict[str, object]]:
        for number in range(ORGANS):
            yield {
                "code": f"{self.code(county)}{100 + number}",
                "name": self._name(number),
                "kind": "township" if number < 20 else "department",
                "county_code": self.code(county),
                "aliases": [],
                "listed_by_county": True,
            }

    @staticmethod
    def _name(number: int) -> str:
        kind = "镇" if number < 20 else "局"
        return f"{'梅柳松竹兰桂枫槐杏李'[number % 10]}{'坪溪山河林'[number // 10]}{kind}"

    def _reports(self, county: int) -> Iterator[dict[str, object]]:
        code = self.code(county)
        for year in YEARS:
            template = [narrative(self._chance, sentences=4) for _ in range(2)]
            for number in range(ORGANS):
                self._count += 1
                name = self._name(number)
                own = narrative(self._chance, name, year)
                if self._texts and self._chance.random() < 0.01:
                    own = self._copied(name)
                elif self._chance.random() < 0.02:
                    self._texts.append((self._count, name, own))
                common = "\n".join(template) if self._chance.random() < 0.8 else ""
                organ = f"{code}{100 + number}"
                self.current.setdefault(code, []).append(Current(self._count, organ, year))
                yield self._row(self._count, organ, year, f"{common}\n{own}")

    def _copied(self, name: str) -> str:
        first, other, text = self._chance.choice(self._texts)
        self.copies.add((first, self._count))
        copied = renumbered(text, self._chance).replace(other, name)
        return copied + (sentence(self._chance, name) if self._chance.random() < 0.5 else "")

    def _row(self, number: int, organ: str, year: int, text: str) -> dict[str, object]:
        sections = self._empty["sections"]
        self._empty["report_year"] = year
        sections["1"]["text"] = text
        return {
            "id": number,
            "report_key": f"{organ}/{year}",
            "content_digest": f"{number:064}",
            "organ_code": organ,
            "report_year": year,
            "county_code": organ[:6],
            "portal_id": f"p{organ[:6]}",
            "address": f"http://www.example.org/{organ}/{year}",
            "sha256": f"{number:064}",
            "form": "2021",
            "parser": "benchmark",
            "document": self._pack.compress(orjson.dumps(self._empty)),
            "first_seen_at": datetime(2024, 1, 20, tzinfo=SHANGHAI),
        }

    def change(self, number: int) -> list[str]:
        """Rewrites so many reports, each of another county; gives the counties."""
        counties = self._chance.sample(sorted(self.current), min(number, self.counties))
        with self.database.begin() as session:
            for code in counties:
                one = self._chance.choice(self.current[code])
                row = self._row(one.version_id, one.organ_code, one.report_year, narrative(self._chance))
                session.execute(
                    text("UPDATE report_version SET document = :document WHERE id = :id"),
                    {"document": row["document"], "id": one.version_id},
                )
                session.execute(text("DELETE FROM compared_text WHERE version_id = :id"), {"id": one.version_id})
        return counties

    def batches(self, counties: list[str]) -> Iterator[Batch]:
        """The current reports of some counties, some at a time."""
        for part in chunks(sorted(counties), AT_ONCE):
            yield Batch({code: self.current[code] for code in part})


def main() -> None:
    """Builds the store, compares, and tells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--postgres", help="the address of an empty PostgreSQL database; without it SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(options.postgres or "sqlite:///nianbao.sqlite", Path(folder))
        database.migrate()
        store = Store(database, options.reports)
        every = sorted(store.current)
        print(f"{sum(map(len, store.current.values())):,} reports in {store.counties:,} counties")
        begun, spent = time.perf_counter(), time.process_time()
        result = compare(database, store.batches(every))
        took, processor = time.perf_counter() - begun, time.process_time() - spent
        print(f"all: {took:.1f} s, {processor:.1f} s of the processor; {result.pairs:,} pairs")
        with database.reading() as session:
            found = {(pair.first_id, pair.second_id) for pair in comparisons.all_pairs(session)}
        together = _together(found)
        missed = sum(together.get(one) != together.get(other, -1) for one, other in store.copies)
        true = _together(store.copies)
        wrong = sum(true.get(one) != true.get(other, -1) for one, other in found)
        print(
            f"copies: {len(store.copies):,}, found {len(store.copies) - missed:,}; pairs that are none: {wrong:,}"
        )
        changed = store.change(CHANGED)
        begun, spent = time.perf_counter(), time.process_time()
        result = compare(database, store.batches(changed))
        took, processor = time.perf_counter() - begun, time.process_time() - spent
        print(
            f"after {CHANGED} changes: {took:.2f} s, {processor:.2f} s of the processor; {result.made} texts made"
        )
        begun = time.perf_counter()
        compare(database, [])
        print(f"nothing new: {time.perf_counter() - begun:.3f} s")
        database.close()


def _together(pairs: set[tuple[int, int]]) -> dict[int, int]:
    leader: dict[int, int] = {}

    def led_by(key: int) -> int:
        while leader.setdefault(key, key) != key:
            key = leader[key]
        return key

    for one, other in pairs:
        leader[led_by(one)] = led_by(other)
    return {key: led_by(key) for key in leader}


if __name__ == "__main__":
    main()
