"""How much a crawl of many portals at once costs against a bare Scrapy spider that downloads the same pages.

``python -m tests.benchmarks.crawl_many [--portals 200] [--reports 10] [--rounds 3]`` prints JSON: seconds on the
clock and of the processor, their ratios, the memory of all crawling processes together, and the most requests that
one portal was answering at once (its limit is 16). Crawl and baseline take turns; neither waits between requests.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from crawler.clock import Clock
from crawler.forks import fork_server
from crawler.records import Outcome
from crawler.runner import PRELOADED, CrawlJob, CrawlOptions, crawl, new_run_id
from tests.benchmarks.many_portals import Server, Watch, serving

LIMIT = 16
"""Requests at once at one portal, of the crawl and of the baseline."""


def bare(server: Server, portals: int) -> tuple[float, float]:
    """Seconds on the clock and of the processor of a spider that downloads and does nothing with it."""
    addresses = [address for number in range(portals) for address in server.addresses(number)]
    context = fork_server(PRELOADED)
    ours, theirs = context.Pipe()
    began = perf_counter()
    process = context.Process(target=_bare, args=(addresses, theirs))
    process.start()
    theirs.close()
    fetched, seconds = ours.recv()
    process.join()
    assert fetched == len(addresses), f"the bare spider fetched {fetched} of {len(addresses)} pages"
    return perf_counter() - began, seconds


def _bare(addresses: list[str], line: Connection) -> None:
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    fetched = 0

    class Bare(scrapy.Spider):
        name = "bare"
        start_urls = addresses

        def parse(self, response: Any) -> None:
            nonlocal fetched
            fetched += 1

    process = AsyncCrawlerProcess(
        {
            "LOG_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "CONCURRENT_REQUESTS": 200,
            "CONCURRENT_REQUESTS_PER_DOMAIN": LIMIT,
        }
    )
    process.crawl(Bare)
    process.start(install_signal_handlers=False)
    times = os.times()
    line.send((fetched, times.user + times.system))


def whole(server: Server) -> tuple[float, float, float]:
    """Seconds on the clock and of the processor, and megabytes, of a crawl of all portals at once."""
    with tempfile.TemporaryDirectory() as folder, Watch(server.pid) as watch:
        options = CrawlOptions(allow_private_addresses=True, concurrency=LIMIT, run_seconds=1800)
        now = Clock().now()
        jobs = [
            CrawlJob(portal, new_run_id(now, portal.id), Path(folder), options=options)
            for portal in server.definitions()
        ]
        began = perf_counter()
        ended = crawl(jobs, at_once=server.portals)
        seconds = perf_counter() - began
    assert {one.outcome for one in ended} == {Outcome.COLLECTED}, ended[0]
    assert {one.counts["listed"] for one in ended} == {server.reports}
    return seconds, watch.seconds, watch.megabytes


def measure(portals: int, reports: int, rounds: int) -> dict[str, Any]:
    """The comparison as data."""
    with serving(portals, reports) as server:
        bare(server, 1)
        bare_rounds, whole_rounds = [], []
        for _ in range(rounds):
            bare_rounds.append(bare(server, portals))
            server.counts()
            whole_rounds.append(whole(server))
        _, most = server.counts()
    best_bare = [min(one[index] for one in bare_rounds) for index in (0, 1)]
    best_whole = [min(one[index] for one in whole_rounds) for index in (0, 1)]
    return {
        "portals": portals,
        "pages": portals * (reports + 1),
        "bare_seconds": [round(one[0], 2) for one in bare_rounds],
        "crawl_seconds": [round(one[0], 2) for one in whole_rounds],
        "ratio": round(best_whole[0] / best_bare[0], 2),
        "bare_processor_seconds": [round(one[1], 2) for one in bare_rounds],
        "crawl_processor_seconds": [round(one[1], 2) for one in whole_rounds],
        "processor_ratio": round(best_whole[1] / best_bare[1], 2),
        "crawl_megabytes": round(max(one[2] for one in whole_rounds)),
        "most_at_once_at_one_portal": most,
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def main() -> None:
    """Command line of the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--portals", type=int, default=200)
    parser.add_argument("--reports", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.portals, arguments.reports, arguments.rounds)))


if __name__ == "__main__":
    main()
