"""How often the truly wrong cells are among those named, and how long naming them takes.

Run it from the checkout: ``.venv/bin/python -m tests.benchmarks.localisation_accuracy``. It prints one JSON
object: for one, two and three slips a report, the share of reports whose wrong cells are all in the likeliest
set, the share whose wrong cells are all in one of the sets named, how many cells are named; and milliseconds a
report.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from monitor.rules.localisation import localise
from tests.monitor.rules.misprints import Misprinted, misprinted

REPORTS = 2000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; 0 always."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    by_slips: dict[int, list[dict[str, Any]]] = {}
    for report in misprinted(chosen.reports, chosen.seed):
        by_slips.setdefault(report.slips, []).append(measured(report))
    everything = [one for found in by_slips.values() for one in found]
    times = sorted(one["milliseconds"] for one in everything)
    result = {
        "reports": len(everything),
        "all": shares(everything),
        **{f"{slips}_slips": shares(found) for slips, found in sorted(by_slips.items())},
        "milliseconds": {
            "median": round(statistics.median(times), 2),
            "p95": round(times[int(len(times) * 0.95)], 2),
            "most": round(times[-1], 2),
        },
    }
    print(json.dumps(result, indent=1))
    return 0


def measured(report: Misprinted) -> dict[str, Any]:
    """What is named in one report, against what is wrong."""
    started = time.perf_counter()
    found = localise(report.form, report.cells)
    spent = (time.perf_counter() - started) * 1000
    first = {change.key for part in found if part.candidates for change in part.candidates[0].changes}
    named = {name for part in found for name in part.named}
    return {
        "milliseconds": spent,
        "first": report.wrong <= first,
        "named": report.wrong <= named,
        "wrong": len(report.wrong),
        "size": len(named),
        "given_up": any(not part.candidates for part in found),
        "clear": all(part.answer for part in found),
        "clear_and_wrong": all(part.answer for part in found) and first != report.wrong,
    }


def shares(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of these reports."""
    count = len(found)
    sizes = sorted(one["size"] for one in found)
    return {
        "reports": count,
        "in_likeliest_set": round(sum(one["first"] for one in found) / count, 4),
        "in_named_sets": round(sum(one["named"] for one in found) / count, 4),
        "given_up": round(sum(one["given_up"] for one in found) / count, 4),
        "one_clear_answer": round(sum(one["clear"] for one in found) / count, 4),
        "clear_answer_wrong": round(sum(one["clear_and_wrong"] for one in found) / count, 4),
        "wrong_cells_mean": round(statistics.mean(one["wrong"] for one in found), 2),
        "named_cells": {
            "mean": round(statistics.mean(sizes), 2),
            "median": statistics.median(sizes),
            "p95": sizes[int(count * 0.95)],
            "most": sizes[-1],
        },
    }


if __name__ == "__main__":
    sys.exit(main())
