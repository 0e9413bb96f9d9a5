"""Every portal of every family: what a crawl finds of what stands there, and what a pass without news asks for.

``python -m tests.benchmarks.families`` prints JSON. For each portal: reports that stand there, that were found,
found twice, and invented (fetched as a report, but none); then the requests of a daily pass weeks later, when
nothing is new and old reports rest but for those whose turn it is, against the least that reads its lists: each
list request of the first pass once, and robots.txt. A portal that needs a browser is left out: see
tests.benchmarks.browser.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.clock import SHANGHAI, Clock
from crawler.records import CaptureRole
from crawler.sandbox.families.portals import FAMILY_SITES, ServedPortal, family_site, served
from tests.crawler.crawling import Log, crawled, options

FIRST = datetime(2026, 9, 1, 6, tzinfo=SHANGHAI)
LATER = timedelta(days=20)
MOST = 1.2


def of_portal(portal: ServedPortal, root: Path) -> dict[str, Any]:
    """The figures of one portal."""
    site = portal.site
    chosen = options(request_seconds=60.0, grace_seconds=60.0)
    first = crawled(portal.definition, root, chosen, clock=Clock.showing(FIRST))
    found: Counter[tuple[str, int]] = Counter()
    invented = 0
    for capture in first.captures:
        if capture.role is CaptureRole.DOCUMENT:
            parts = urlsplit(capture.address)
            document = site.document_at(parts.path + (f"?{parts.query}" if parts.query else ""))
            if document is None or document.report_year is None or not document.is_report:
                invented += 1
            else:
                found[document.organ.code, document.report_year] += 1
    least = len({(one.address, one.request_body) for one in _lists(first)}) + 1
    portal.server.requests.clear()
    yesterday = FIRST + LATER - timedelta(days=1)
    known = {address: replace(one, checked_at=yesterday, since=FIRST) for address, one in first.known().items()}
    rows = frozenset((entry.address, entry.digest) for entry in first.entries)
    again = crawled(portal.definition, root, chosen, clock=Clock.showing(FIRST + LATER), known=known, listed=rows)
    asked = len(portal.server.requests)
    return {
        "outcomes": [first.finished.outcome.value, again.finished.outcome.value],
        "reports": len(site.content.reports),
        "found": len(found.keys() & site.content.reports),
        "twice": sum(number > 1 for number in found.values()),
        "invented": invented,
        "asked": asked,
        "least": least,
        "ratio": round(asked / least, 2),
    }


def _lists(log: Log) -> list[Any]:
    return [capture for capture in log.captures if capture.role is CaptureRole.LIST]


def main() -> None:
    """Command line of the measurement."""
    portals = {}
    for name in FAMILY_SITES:
        site = family_site(name)
        if "render" in site.definition("127.0.0.1:1"):
            continue
        with tempfile.TemporaryDirectory() as folder, served(site) as portal:
            portals[name] = of_portal(portal, Path(folder))
    sums = {key: sum(one[key] for one in portals.values()) for key in ("reports", "found", "twice", "invented")}
    print(
        json.dumps(
            {
                "portals": portals,
                **sums,
                "worst_ratio": max(one["ratio"] for one in portals.values()),
                "above_1.2": [name for name, one in portals.items() if one["ratio"] > MOST],
                "load": [round(load, 1) for load in os.getloadavg()],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
