"""Many small TRS portals for measuring, each on an address of its own (127.0.0.0/8), served by one process.

A portal has one list page and a few reports. The server answers after a delay, counts what was asked, and notes
the most requests that one portal was answering at once.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import psutil

from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.sandbox.volume import VolumeSite
from tests.benchmarks.crawl_server import report_path

_DISTINCT = 300


@dataclass(frozen=True)
class Server:
    """The running server."""

    port: int
    portals: int
    reports: int
    line: Connection
    pid: int

    def host(self, number: int) -> str:
        """Host of a portal."""
        return f"127.0.{1 + number // 250}.{1 + number % 250}:{self.port}"

    def addresses(self, number: int) -> list[str]:
        """What a crawl of a portal fetches, but robots.txt."""
        site = VolumeSite(self.reports)
        paths = ["/zwgk/nb/", *(report_path(site, one) for one in range(self.reports))]
        return [f"http://{self.host(number)}{path}" for path in paths]

    def definitions(self) -> list[PortalDefinition]:
        """The definitions of all portals, without delay."""
        return [
            PortalDefinition(
                id=f"p{number}",
                name="万页县人民政府",
                county_code="990201",
                family="trs",
                hosts=(self.host(number),),
                columns=(ColumnDefinition(id="nb", name="年报", address=f"http://{self.host(number)}/zwgk/nb/"),),
                request_interval=0,
            )
            for number in range(self.portals)
        ]

    def change(self) -> None:
        """From now on the newest report of every portal reads differently."""
        self._ask("change")

    def counts(self) -> tuple[Counter[str], int]:
        """What was asked since the last time, by kind, and the most requests at once at one portal."""
        counted, most = self._ask("counts")
        return counted, most

    def _ask(self, word: str) -> Any:
        self.line.send(word)
        return self.line.recv()


@contextmanager
def serving(portals: int, reports: int, latency: float = 0.0) -> Iterator[Server]:
    """The portals on this machine while the block lasts; every answer comes ``latency`` seconds late."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(reports, latency, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Server(int(ours.recv()), portals, reports, ours, process.pid or 0)
    finally:
        process.terminate()
        process.join()


def _serve(reports: int, latency: float, line: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    site = VolumeSite(reports)
    listing = site.answer("/zwgk/nb/", {}).render()
    paths = {report_path(site, number): number for number in range(reports)}
    bodies = [site.answer(path, {}).render() for path in list(paths)[:_DISTINCT]]
    counted: Counter[str] = Counter()
    answering: Counter[str] = Counter()
    most = 0
    changed = False

    class Client(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport
            self.host = transport.get_extra_info("sockname")[0]
            self.received = b""

        def data_received(self, data: bytes) -> None:
            nonlocal most
            self.received += data
            while b"\r\n\r\n" in self.received:
                head, self.received = self.received.split(b"\r\n\r\n", 1)
                answering[self.host] += 1
                most = max(most, answering[self.host])
                asyncio.get_running_loop().call_later(latency, self.answer, head)

        def answer(self, head: bytes) -> None:
            answering[self.host] -= 1
            path = head.split(b" ", 2)[1].decode()
            mark = f"<!-- {self.host} {path}{' changed' if changed and paths.get(path) == 0 else ''} -->".encode()
            status = b"200 OK"
            if path == "/robots.txt":
                body = b"User-agent: *\nDisallow: /search/\n"
                counted["robots"] += 1
            elif path == "/zwgk/nb/":
                body = listing
                counted["lists"] += 1
            elif path in paths:
                body = bodies[paths[path] % len(bodies)] + mark
                tag = b'"%d"' % hash(mark)
                if tag in head:
                    status, body = b"304 Not Modified", b""
                    counted["reports unchanged"] += 1
                else:
                    counted["reports"] += 1
            else:
                status, body = b"404 Not Found", b""
                counted["not found"] += 1
            tagged = b'ETag: "%d"\r\n' % hash(mark) if path in paths else b""
            self.transport.write(
                b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n%sContent-Length: %d\r\n\r\n"
                % (status, tagged, len(body))
                + body
            )

    def on_word() -> None:
        nonlocal changed, counted, most
        if line.recv() == "change":
            changed = True
            line.send(None)
        else:
            line.send((counted, most))
            counted, most = Counter(), 0

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Client, "0.0.0.0", 0, backlog=4096)
        loop.add_reader(line.fileno(), on_word)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


class Watch:
    """Processor seconds and memory of all processes that come of this one while the block lasts, but some."""

    def __init__(self, *but: int) -> None:
        """``but``: ids of processes that are not to be counted."""
        self.megabytes = 0.0
        self._seconds: dict[int, float] = {}
        self._but = but
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)

    @property
    def seconds(self) -> float:
        """Processor seconds of all of them together, as last seen."""
        return sum(self._seconds.values())

    def __enter__(self) -> Self:
        self._before = self._look()
        self._seconds.clear()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _go(self) -> None:
        while not self._over.wait(0.1):
            for pid, (seconds, _) in (found := self._look()).items():
                self._seconds[pid] = seconds - self._before.get(pid, (0.0, 0))[0]
            self.megabytes = max(self.megabytes, sum(held for _, held in found.values()) / 1024)

    def _look(self) -> dict[int, tuple[float, int]]:
        found = {}
        for child in psutil.Process().children(recursive=True):
            if child.pid not in self._but:
                with suppress(psutil.Error, OSError):
                    times = child.cpu_times()
                    found[child.pid] = (times.user + times.system, _kilobytes(child.pid))
        return found


def _kilobytes(pid: int) -> int:
    """Memory of a process; what it shares with others is shared out among them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
