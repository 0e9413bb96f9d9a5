"""How long the list of all divisions of the country takes to import.

``python -m tests.benchmarks.divisions`` prints one JSON object: rows, and seconds of the first import with organs
and of the same again (the issue's limit: 30 s for 41,000 rows). The list is generated: invented names under the
codes of 34 provinces, in the columns of public lists.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from monitor.registry.divisions import import_divisions
from monitor.store.database import open_database

LIMIT = 30.0
_NUMERALS = "零一二三四五六七八九"
_ENDINGS = ((1, "街道"), (100, "镇"), (200, "乡"))


def national_list(provinces: int = 30, prefectures: int = 12, counties: int = 95, towns: int = 37_740) -> str:
    """A list of the country's size: with the usual numbers 30 provinces, 360 prefectures, 2,850 counties."""
    return "code,name,level,pcode\n" + "".join(
        f"{line}\n" for line in _lines(provinces, prefectures, counties, towns)
    )


def _lines(provinces: int, prefectures: int, counties: int, towns: int) -> Iterator[str]:
    left, to_fill = towns, provinces * counties
    for province in range(11, 11 + provinces):
        yield f"{province},{_spelt(province)}省,1,"
        for prefecture in range(1, prefectures + 1):
            yield f"{province}{prefecture:02},{_spelt(prefecture)}市,2,{province}"
        for county in range(counties):
            code = f"{province}{county % prefectures + 1:02}{county // prefectures + 21:02}"
            yield f"{code},{_spelt(county)}县,3,{code[:4]}"
            here = left // to_fill
            for town in range(here):
                start, ending = _ENDINGS[town % len(_ENDINGS)]
                yield f"{code}{start + town:03},{_spelt(town)}{ending},4,{code}"
            left, to_fill = left - here, to_fill - 1


def _spelt(number: int) -> str:
    """An invented name from the digits of a number."""
    return "".join(_NUMERALS[int(digit)] for digit in f"{number:02}")


def measure() -> dict[str, float | int]:
    """Rows, and seconds of the two imports."""
    with tempfile.TemporaryDirectory(prefix="nianbao-divisions-") as name:
        folder = Path(name)
        text = national_list()
        (folder / "list.csv").write_text(text, encoding="utf-8")
        database = open_database("sqlite:///nianbao.sqlite", folder)
        database.migrate()
        seconds = []
        for _ in range(2):
            begun = perf_counter()
            import_divisions(database, [folder / "list.csv"], organs=True)
            seconds.append(round(perf_counter() - begun, 2))
        database.close()
        return {"rows": text.count("\n") - 1, "first_s": seconds[0], "again_s": seconds[1], "limit_s": LIMIT}


if __name__ == "__main__":
    print(json.dumps(measure()))
