"""A TRS portal of many reports for measuring: served by a process of its own, every page made beforehand."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.sandbox.volume import VolumeSite

_DISTINCT = 1000
"""Reports written out; a larger portal repeats them with another number at their end."""


def pages_of(reports: int) -> dict[str, bytes]:
    """Paths and bodies of a portal with so many reports, its list pages included."""
    site = VolumeSite(reports)
    pages: dict[str, bytes] = {"/robots.txt": b"User-agent: *\nDisallow: /search/\n"}
    bodies: list[bytes] = []
    for index in range(-(-reports // 20)):
        name = f"/zwgk/nb/index{f'_{index}' if index else ''}.html"
        pages[name] = site.answer(name, {}).render()
    pages["/zwgk/nb/"] = pages["/zwgk/nb/index.html"]
    for number in range(reports):
        path = report_path(site, number)
        if number < _DISTINCT:
            bodies.append(site.answer(path, {}).render())
        pages[path] = bodies[number % _DISTINCT] + b"<!-- %d -->" % number
    return pages


def report_path(site: VolumeSite, number: int) -> str:
    """Path of a report of the volume portal, as its list links it."""
    day = site._shown(number)
    return f"/zwgk/nb/{day:%Y%m}/t{day:%Y%m%d}_{1_000_000 + number}.html"


def addresses_of(port: int, reports: int) -> list[str]:
    """Every address of the portal that a crawl fetches, but robots.txt."""
    site = VolumeSite(reports)
    lists = ["/zwgk/nb/", *(f"/zwgk/nb/index_{index}.html" for index in range(1, -(-reports // 20)))]
    return [f"http://127.0.0.1:{port}{path}" for path in (*lists, *(report_path(site, n) for n in range(reports)))]


def portal_of(port: int) -> PortalDefinition:
    """The definition of the portal on a port, without delay."""
    column = ColumnDefinition(id="nb", name="政府信息公开年报", address=f"http://127.0.0.1:{port}/zwgk/nb/")
    return PortalDefinition(
        id="volume",
        name="万页县人民政府",
        county_code="990201",
        family="trs",
        hosts=(f"127.0.0.1:{port}",),
        columns=(column,),
        request_interval=0,
    )


@contextmanager
def serving(reports: int) -> Iterator[int]:
    """The portal on a free port of this machine while the block lasts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(reports, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join()


def _serve(reports: int, line: Connection) -> None:
    pages = {path.encode(): _answer(body) for path, body in pages_of(reports).items()}
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    class Client(asyncio.Protocol):
        def __init__(self) -> None:
            self.received = b""
            self.transport: asyncio.Transport | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.received += data
            while b"\r\n\r\n" in self.received:
                head, self.received = self.received.split(b"\r\n\r\n", 1)
                assert self.transport is not None
                self.transport.write(pages.get(head.split(b" ", 2)[1], missing))

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Client, "127.0.0.1", 0)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
