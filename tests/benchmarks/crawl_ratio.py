"""How much a crawl costs against a bare Scrapy spider that only downloads the same pages.

``python -m tests.benchmarks.crawl_ratio [--pages 1000] [--rounds 3]`` prints JSON: seconds of each round, the
ratio of the best ones, and the peak memory of the crawling process. Both run in a fresh process of the same
fork server; the portal is served by another process; the two take turns.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from crawler.clock import Clock
from crawler.forks import fork_server
from crawler.records import Outcome
from crawler.runner import PRELOADED, CrawlJob, CrawlOptions, crawl, new_run_id
from tests.benchmarks.crawl_server import addresses_of, portal_of, serving

CONCURRENCY = 16
Beside = Callable[[Path], AbstractContextManager[None]]
"""What is to be measured beside the crawl and after it, on its archive: parsing and storing, by a caller."""


def bare(addresses: list[str]) -> tuple[float, int]:
    """Seconds and peak memory (KB) of a spider that downloads the addresses and does nothing with them."""
    context = fork_server(PRELOADED)
    ours, theirs = context.Pipe()
    began = perf_counter()
    process = context.Process(target=_bare, args=(addresses, theirs))
    process.start()
    theirs.close()
    fetched, memory = ours.recv()
    process.join()
    seconds = perf_counter() - began
    assert fetched == len(addresses), f"the bare spider fetched {fetched} of {len(addresses)} pages"
    return seconds, memory


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
            "CONCURRENT_REQUESTS": CONCURRENCY,
            "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,
        }
    )
    process.crawl(Bare)
    process.start(install_signal_handlers=False)
    line.send((fetched, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def whole(port: int, pages: int, beside: Beside | None = None) -> tuple[float, int]:
    """Seconds and peak memory (KB) of a crawl of the portal, with what goes on beside it."""
    portal = portal_of(port)
    with tempfile.TemporaryDirectory() as folder:
        options = CrawlOptions(
            allow_private_addresses=True, concurrency=CONCURRENCY, most_pages=pages, run_seconds=1800
        )
        job = CrawlJob(portal, new_run_id(Clock().now(), portal.id), Path(folder), options=options)
        began = perf_counter()
        with beside(Path(folder)) if beside else nullcontext():
            finished = crawl([job])[0]
        seconds = perf_counter() - began
    assert finished.outcome is Outcome.COLLECTED, finished
    assert finished.counts["listed"] == pages
    return seconds, finished.counts["peak_kilobytes"]


def measure(pages: int, rounds: int = 3, beside: Beside | None = None) -> dict[str, Any]:
    """The comparison as data."""
    with serving(pages) as port:
        addresses = addresses_of(port, pages)
        bare(addresses[:5])
        bare_rounds, whole_rounds = [], []
        for _ in range(rounds):
            bare_rounds.append(bare(addresses))
            whole_rounds.append(whole(port, pages, beside))
    bare_seconds = [seconds for seconds, _ in bare_rounds]
    whole_seconds = [seconds for seconds, _ in whole_rounds]
    return {
        "pages": pages,
        "bare_seconds": [round(seconds, 2) for seconds in bare_seconds],
        "crawl_seconds": [round(seconds, 2) for seconds in whole_seconds],
        "ratio": round(min(whole_seconds) / min(bare_seconds), 2),
        "ratio_of_medians": round(median(whole_seconds) / median(bare_seconds), 2),
        "bare_peak_mb": round(max(memory for _, memory in bare_rounds) / 1024, 1),
        "crawl_peak_mb": round(max(memory for _, memory in whole_rounds) / 1024, 1),
    }


def main() -> None:
    """Command line of the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.pages, arguments.rounds)))


if __name__ == "__main__":
    main()
