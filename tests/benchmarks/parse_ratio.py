"""How long a whole parse takes beside a bare lxml parse of the same bytes.

Run as ``python -m tests.benchmarks.parse_ratio``; prints JSON. The two are measured in turns, so that a busy
machine slows both. Goals: at most 12 times for the real page of 119 KB, and about 6 ms for a page of 40 KB.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import lxml.html

from parsers.reading import parse
from tests.parsers.pages import report_page
from tests.shared import SHARED

ROUNDS = 40
LARGEST_RATIO = 12.0
SMALL_PAGE_BYTES = 40_000


def in_turns(*actions: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median milliseconds of each action, measured one after the other in every round."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, measured in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            measured.append(time.perf_counter() - start)
    return [statistics.median(measured) * 1000 for measured in times]


def measure(data: bytes, rounds: int = ROUNDS) -> dict[str, float]:
    """Sizes, milliseconds and the ratio for one document."""
    parse(data)
    whole, bare = in_turns(lambda: parse(data), lambda: lxml.html.fromstring(data), rounds=rounds)
    return {
        "bytes": len(data),
        "parse_ms": round(whole, 2),
        "lxml_ms": round(bare, 2),
        "ratio": round(whole / bare, 2),
    }


def main() -> int:
    """Measure the real page, where it is at hand, and a generated one; 1 where the goal is missed."""
    small = report_page(padding=SMALL_PAGE_BYTES).encode()
    results = {"generated": measure(small)}
    real = SHARED / "real" / "reports" / "pingtan_2023.html"
    if real.is_file():
        results["pingtan_2023.html"] = measure(real.read_bytes())
    print(json.dumps(results, ensure_ascii=False, indent=1))
    return 0 if results.get("pingtan_2023.html", {"ratio": 0.0})["ratio"] <= LARGEST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
