"""A small web site on this machine for the crawler's tests, with the bad manners of real ones."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Self

TRS_TITLE = "{organ}2023年政府信息公开工作年度报告"


@dataclass(frozen=True)
class Reply:
    """What a path answers. ``told_length`` makes Content-Length lie; None leaves it out."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "text/html; charset=utf-8"
    told_length: int | None = -1
    pause: float = 0.0


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    path: str
    at: float
    headers: Mapping[str, str]


Answers = Reply | str | Callable[[Seen], Reply]


class Website:
    """Serves ``pages`` by path while the block lasts; everything else is 404. ``seen`` is what was asked."""

    def __init__(self, pages: dict[str, Answers] | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Answers] = dict(pages or {})
        self.seen: list[Seen] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.host = f"127.0.0.1:{self.port}"
        self.address = f"{'https' if tls else 'http'}://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        """What was asked, robots.txt left out."""
        return [seen.path for seen in self.seen if seen.path != "/robots.txt"]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        seen = Seen(handler.path, monotonic(), headers)
        self.seen.append(seen)
        answers = self.pages.get(handler.path, Reply(b"<html><body>404</body></html>", 404))
        reply = answers(seen) if callable(answers) else answers
        if isinstance(reply, str):
            reply = Reply(reply.encode())
        if reply.pause:
            sleep(reply.pause)
        try:
            handler.send_response(reply.status)
            if reply.status != 304:
                handler.send_header("Content-Type", reply.media_type)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            if reply.told_length is None:
                handler.send_header("Connection", "close")
                handler.close_connection = True
            else:
                length = len(reply.body) if reply.told_length < 0 else reply.told_length
                handler.send_header("Content-Length", str(length))
                handler.close_connection = length > len(reply.body)
            handler.end_headers()
            handler.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True


def report_page(title: str, extra: str = "") -> str:
    """A page that reads like a report, long enough to be none of the small pages that say something went wrong."""
    prose = "本报告依据《中华人民共和国政府信息公开条例》编制，全文由总体情况等六个部分组成。" * 12
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{prose}</p>{extra}</body></html>"


def trs_list(rows: list[tuple[str, str, str]], pages: int = 1, current: int = 0, extra: str = "") -> str:
    """A list page as TRS writes it: rows of link, title and date, and the call that draws the paging."""
    items = "".join(f'<li><a href="{link}">{title}</a><span>{day}</span></li>' for link, title, day in rows)
    return (
        "<html><head><title>政府信息公开年报</title></head><body><div class='nav'><a href='/'>首页</a></div>"
        f"<ul class='list'>{items}</ul>{extra}"
        f'<script>createPageHTML({pages}, {current}, "index", "html");</script></body></html>'
    )


def trs_row(number: int, organ: str | None = None) -> tuple[str, str, str]:
    """One row of such a list."""
    return (
        f"./202401/t20240115_{number}.html",
        TRS_TITLE.format(organ=organ or f"第{number}镇人民政府"),
        "2024-01-15",
    )


def trs_site(numbers: list[int], folder: str = "/nb/") -> dict[str, Answers]:
    """Pages of a whole small column: its list and its reports."""
    pages: dict[str, Answers] = {folder: trs_list([trs_row(number) for number in numbers])}
    for number in numbers:
        pages[f"{folder}202401/t20240115_{number}.html"] = report_page(trs_row(number)[1], f"<p>第{number}份</p>")
    return pages
