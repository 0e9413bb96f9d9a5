"""Whether a process that parses grows: its memory after ten times as many reports.

Run as ``python -m tests.benchmarks.parse_memory [--kind html] [--first 1000] [--last 10000]``; prints JSON. A
process of its own, set up like the monitor's worker, parses different generated pages (``html``) or the golden
files of another kind over and over. Its resident memory, and what of it is its own (USS), are read after the
first reports and after the last. Goal: at most 10 % of growth.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from crawler.memory import give_back
from crawler.sandbox.volume import VolumeSite
from monitor.workers import TASKS_BETWEEN_TIDYING
from parsers.reading import parse
from tests.benchmarks.crawl_server import report_path

KINDS = ("html", "docx", "doc", "pdf", "xlsx")
LARGEST_GROWTH = 0.10
_GOLDEN = Path(__file__).parents[1] / "parsers" / "containers"


def documents(kind: str, number: int) -> Callable[[int], bytes]:
    """Gives the document of each number: a page of its own, or one of the few golden files of a kind."""
    if kind == "html":
        site = VolumeSite(number)
        return lambda each: site.answer(report_path(site, each), {}).render()
    golden = [file.read_bytes() for file in sorted(_GOLDEN.glob(f"*.{kind}"))]
    return lambda each: golden[each % len(golden)]


def memory() -> dict[str, float]:
    """Megabytes of this process: all that is resident, and what it shares with nobody."""
    kilobytes: dict[str, int] = {}
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, value = line.split()[:2]
        kilobytes[name.rstrip(":")] = int(value)
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return {"rss_mb": round(kilobytes["Rss"] / 1024, 1), "uss_mb": round(own / 1024, 1)}


def work(line: Connection, kind: str, first: int, last: int) -> None:
    """Parse the documents, and say what memory the process then has."""
    # As the monitor's workers do (monitor/workers.py).
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    document = documents(kind, last)
    for number in range(last):
        parse(document(number))
        if (number + 1) % TASKS_BETWEEN_TIDYING == 0:
            give_back()
        if number + 1 in (first, last):
            line.send(memory())


def measure(kind: str, first: int, last: int) -> dict[str, Any]:
    """The memory of a new process after ``first`` and after ``last`` documents, and its growth."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, kind, first, last))
    process.start()
    theirs.close()
    before, after = ours.recv(), ours.recv()
    process.join()
    growth = after["rss_mb"] / before["rss_mb"] - 1
    return {"kind": kind, "reports": [first, last], "first": before, "last": after, "growth": round(growth, 4)}


def main() -> int:
    """Measure one kind and print; 1 where the process grew too much."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kind", choices=KINDS, default="html")
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--last", type=int, default=10_000)
    chosen = parser.parse_args()
    result = measure(chosen.kind, chosen.first, chosen.last)
    print(json.dumps(result))
    return 0 if result["growth"] <= LARGEST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
