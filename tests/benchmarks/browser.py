"""What a page rendered in the browser costs, in seconds and in memory, beside plain fetches of the same pages.

``python -m tests.benchmarks.browser [--pages 500] [--early 50]`` prints JSON. Both figures come from one run: a
Scrapy spider of the project fetches list pages of the scripted portal of the sandbox plainly (the baseline), then
the same pages are crawled with ``render``. Memory is the proportional set size of the browser and its
driver, sampled twice a second, as medians over the 40 pages before the ``early`` one and over the last 40.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import monotonic
from urllib.parse import urlsplit

import psutil

from crawler.clock import Clock
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Capture, CaptureRole
from crawler.rendering.leftovers import folder_of_run
from crawler.runner import CrawlJob, crawl
from crawler.sandbox.families.content import make_content
from crawler.sandbox.families.scripted import ScriptedSite
from crawler.sandbox.loopback import LoopbackServer, Page, RequestSeen
from tests.crawler.crawling import Log, job, options

_SAMPLE_SECONDS = 0.5


class _ManyPages(ScriptedSite):
    """The scripted portal with its first column under as many addresses as are wanted."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The first column's page for every one of its copies."""
        return super().answer(self.columns[0].path if path.startswith("/gk/copy/") else path, headers)


def portal_of(host: str, pages: int, render: str | None) -> PortalDefinition:
    """A portal with a column for each page; reports are not wanted here."""
    columns = tuple(
        ColumnDefinition(id=f"c{number}", name="年报", address=f"http://{host}/gk/copy/{number}/")
        for number in range(pages)
    )
    return PortalDefinition(
        id="bench",
        name="测试",
        county_code="990101",
        family="generic",
        hosts=(host,),
        request_interval=0,
        columns=columns,
        render=render,
    )


class Memory(threading.Thread):
    """Samples the memory of a run's browser with its driver while the crawl goes on."""

    def __init__(self, run_id: str) -> None:
        super().__init__(daemon=True)
        self.mark = str(folder_of_run(run_id))
        self.over = threading.Event()
        self.samples: list[tuple[float, float]] = []

    def run(self) -> None:
        """Until told to end."""
        while not self.over.wait(_SAMPLE_SECONDS):
            total = self._megabytes()
            if total:
                self.samples.append((monotonic(), total))

    def _megabytes(self) -> float:
        total, drivers = 0, set()
        for process in psutil.process_iter():
            try:
                if self.mark in " ".join(process.cmdline()):
                    total += process.memory_full_info().pss
                    parent = process.parent()
                    if parent is not None and "driver" in " ".join(parent.cmdline()):
                        drivers.add(parent)
            except psutil.Error:
                continue
        for driver in drivers:
            try:
                total += driver.memory_full_info().pss
            except psutil.Error:
                continue
        return total / 1_000_000


def _crawl(one: CrawlJob) -> tuple[float, Log]:
    began = monotonic()
    (finished,) = crawl([one], processes=1)
    return monotonic() - began, Log(one.archive_root, one.run_id, finished)


def measure(pages: int, early: int) -> dict[str, object]:
    """The figures, as they are printed."""
    site = _ManyPages(make_content("990101", towns=4, departments=0))
    chosen = options(most_documents=0, run_seconds=3600.0, concurrency=1)
    with tempfile.TemporaryDirectory() as folder, LoopbackServer() as server:
        host = f"127.0.0.1:{server.serve(site)}"
        plain_seconds, plain = _crawl(job(portal_of(host, pages, None), Path(folder) / "plain", chosen))
        one = job(portal_of(host, pages, "列表由脚本取数生成"), Path(folder) / "rendered", chosen)
        memory = Memory(one.run_id)
        memory.start()
        seconds, rendered = _crawl(one)
        memory.over.set()
        memory.join()
        shift = monotonic() - Clock().now().timestamp()
    lists = [capture for capture in rendered.captures if capture.role is CaptureRole.LIST and capture.rendered]
    plain_lists = [capture for capture in plain.captures if capture.role is CaptureRole.LIST]
    assert len(lists) == len(plain_lists) == pages
    assert all(column.entries for column in rendered.columns.values())
    asked = [seen for seen in server.requests if seen.path.startswith("/gk/copy/")]
    return {
        "pages": pages,
        "plain_fetch_median_seconds": round(_taken(asked[:pages], plain_lists, shift), 4),
        "rendered_median_seconds": round(_taken(asked[pages:], lists, shift), 3),
        "plain_wall_seconds": round(plain_seconds, 1),
        "rendered_wall_seconds": round(seconds, 1),
        "memory_early_mb": round(_memory_at(memory, lists, shift, early)),
        "memory_late_mb": round(_memory_at(memory, lists, shift, pages)),
        "memory_peak_mb": round(max(size for _, size in memory.samples)),
        "samples": len(memory.samples),
    }


def _taken(asked: list[RequestSeen], captures: list[Capture], shift: float) -> float:
    """Median seconds from the moment the server answers a page to its capture. ``shift``: between clocks."""
    began = {seen.path: seen.at for seen in asked}
    return median(
        capture.fetched_at.timestamp() + shift - began[urlsplit(capture.address).path] for capture in captures
    )


def _memory_at(memory: Memory, captures: list[Capture], shift: float, number: int) -> float:
    """Median memory over the 40 pages before this one."""
    times = sorted(capture.fetched_at.timestamp() + shift for capture in captures)
    begin, end = times[max(0, number - 40)], times[number - 1]
    found = [size for at, size in memory.samples if begin <= at <= end]
    return median(found) if found else 0.0


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--early", type=int, default=50)
    given = parser.parse_args()
    print(json.dumps(measure(given.pages, given.early), indent=2))


if __name__ == "__main__":
    main()
