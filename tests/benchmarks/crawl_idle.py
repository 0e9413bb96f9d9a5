"""What a portal costs in a pass that finds no news there, and in one that finds one changed report.

``python -m tests.benchmarks.crawl_idle [--portals 300] [--reports 10] [--latency 0.05] [--at-once 60]`` prints
JSON. Every answer comes ``latency`` seconds late. The first pass fetches all, in the second each portal has one
changed report, in the third nothing is new though all was seen lately, and in the fourth, the second of two passes
weeks later, nothing is new and old reports rest (crawler.recheck). For each: seconds on the clock and of the
processor a portal, minutes for 3,000 portals at that pace, what was asked of a portal, and memory.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from crawler.captures import Archive
from crawler.clock import SHANGHAI, Clock
from crawler.records import Capture, CaptureRole, Entry, KnownDocument, Outcome
from crawler.runner import CrawlJob, CrawlOptions, crawl, new_run_id
from tests.benchmarks.many_portals import Server, Watch, serving

_3000 = 3000


class Record:
    """What a register would know between the passes: the addresses and rows of every portal."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.known: dict[str, dict[str, KnownDocument]] = {}
        self.listed: dict[str, frozenset[tuple[str, str]]] = {}

    def learn(self, portal_id: str, run_id: str) -> None:
        """Reads a run's log."""
        known = self.known.setdefault(portal_id, {})
        rows = []
        for _, record in Archive(self.root).read_log(run_id):
            if isinstance(record, Entry):
                rows.append((record.address, record.digest))
            if isinstance(record, Capture) and record.sha256 and not record.problem:
                before = known.get(record.address)
                stands = before is not None and before.sha256 == record.sha256
                known[record.address] = KnownDocument(
                    record.sha256,
                    record.headers.get("etag"),
                    record.headers.get("last-modified"),
                    record.column_id,
                    CaptureRole(record.role),
                    checked_at=record.fetched_at,
                    since=before.since if before and stands else record.fetched_at,
                )
        self.listed[portal_id] = frozenset(rows)


def one_pass(server: Server, record: Record, at: datetime, at_once: int, outcome: Outcome) -> dict[str, Any]:
    """One pass over all portals at this moment of the calendar."""
    options = CrawlOptions(allow_private_addresses=True, concurrency=4, run_seconds=1800)
    jobs = [
        CrawlJob(
            portal,
            new_run_id(at, portal.id),
            record.root,
            known=record.known.get(portal.id, {}),
            listed=record.listed.get(portal.id, frozenset()),
            options=options,
            clock=Clock.showing(at),
        )
        for portal in server.definitions()
    ]
    server.counts()
    with Watch(server.pid) as watch:
        began = perf_counter()
        ended = crawl(jobs, at_once=at_once)
        seconds = perf_counter() - began
    asked, most = server.counts()
    assert Counter(one.outcome for one in ended) == {outcome: server.portals}
    for job in jobs:
        record.learn(job.portal.id, job.run_id)
    return {
        "seconds_a_portal": round(seconds / server.portals, 4),
        "processor_seconds_a_portal": round(watch.seconds / server.portals, 4),
        "minutes_for_3000": round(seconds / server.portals * _3000 / 60, 1),
        "asked_of_a_portal": {kind: round(number / server.portals, 2) for kind, number in sorted(asked.items())},
        "most_at_once_at_one_portal": most,
        "megabytes": round(watch.megabytes),
    }


def measure(portals: int, reports: int, latency: float, at_once: int) -> dict[str, Any]:
    """The passes as data."""
    with serving(portals, reports, latency) as server, tempfile.TemporaryDirectory() as folder:
        record = Record(Path(folder))
        passes: dict[str, Any] = {}

        def go(name: str, at: datetime, outcome: Outcome) -> None:
            passes[name] = one_pass(server, record, at, at_once, outcome)

        go("first", datetime(2026, 1, 20, 6, tzinfo=SHANGHAI), Outcome.COLLECTED)
        server.change()
        go("one changed report", datetime(2026, 1, 22, 6, tzinfo=SHANGHAI), Outcome.COLLECTED)
        go("no news, all lately seen", datetime(2026, 1, 23, 6, tzinfo=SHANGHAI), Outcome.UNCHANGED)
        for day in (10, 11):
            go("no news, of old", datetime(2026, 2, day, 6, tzinfo=SHANGHAI), Outcome.UNCHANGED)
        asked = passes["no news, of old"]["asked_of_a_portal"]
        ratio = sum(asked.values()) / (asked["lists"] + asked["robots"])
    return {
        "portals": portals,
        "reports": reports,
        "latency": latency,
        "at_once": at_once,
        **passes,
        "requests_against_lists_and_robots": round(ratio, 3),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def main() -> None:
    """Command line of the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--portals", type=int, default=300)
    parser.add_argument("--reports", type=int, default=10)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--at-once", type=int, default=60)
    arguments = parser.parse_args()
    print(
        json.dumps(measure(arguments.portals, arguments.reports, arguments.latency, arguments.at_once), indent=1)
    )


if __name__ == "__main__":
    main()
