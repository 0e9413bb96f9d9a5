"""Makes the dictionary by which reports are kept small (monitor.store.packing), and says what it saves.

``python -m tests.benchmarks.report_dictionary [--write]`` trains it on generated reports without their prose: what
it holds is the form (keys, cells, places), nobody's words. It prints the bytes of other reports with and without
it. A dictionary that was ever used stays for good: a new one is another file with another number.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import zstandard

from crawler.sandbox.generator import generate
from crawler.sandbox.volume import volume_organ
from monitor.store import packing
from parsers.reading import parse

SIZE = 48 * 1024
TRAINED_ON, MEASURED_ON = range(120), range(1000, 1040)
YEARS = (2019, 2020, 2021, 2022, 2023)
PROSE = ("title", "organ", "preface")


def report(number: int, year: int) -> dict[str, Any]:
    """A generated report as it was parsed, as plain data."""
    found = generate(volume_organ(number), year, seed=number)
    page = f"<html><body><h1>{found.title}</h1><div>{found.body}</div></body></html>".encode()
    return parse(page).to_json()


def without_prose(data: dict[str, Any]) -> dict[str, Any]:
    """The same with nothing that its author wrote."""
    sections = {number: {**section, "text": "", "heading": ""} for number, section in data["sections"].items()}
    return data | dict.fromkeys(PROSE, "") | {"sections": sections, "narrative": [], "facts": []}


def as_bytes(data: dict[str, Any]) -> bytes:
    """As it is packed."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the dictionary where packing reads it")
    chosen = parser.parse_args()
    samples: list[Any] = [as_bytes(without_prose(report(number, year))) for number in TRAINED_ON for year in YEARS]
    made = zstandard.train_dictionary(SIZE, samples, dict_id=packing.NEWEST)
    if chosen.write:
        Path(packing.file_of(packing.NEWEST)).write_bytes(made.as_bytes())
    others = [as_bytes(report(number, year)) for number in MEASURED_ON for year in YEARS]
    plain = zstandard.ZstdCompressor(level=packing.LEVEL)
    small = zstandard.ZstdCompressor(level=packing.LEVEL, dict_data=made)
    sizes = {
        "bytes": sum(map(len, others)),
        "packed": sum(len(plain.compress(one)) for one in others),
        "packed_with_dictionary": sum(len(small.compress(one)) for one in others),
    }
    print(json.dumps({name: round(size / len(others)) for name, size in sizes.items()}))


if __name__ == "__main__":
    main()
