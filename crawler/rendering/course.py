"""The course of one page in the browser: what it is given, how long it is waited for, what it leaves."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Error, Frame, Page, Route
from playwright.async_api import Request as Asked

from crawler.addresses import host_of
from crawler.rendering.rendering import Bounds, Fetch, Fetched, NotFetched, Rendering, RenderingError, Wanted

_SETTLING = (Path(__file__).parent / "settling.js").read_text(encoding="utf-8")
_LOOK_EVERY = 0.1
_LEAST_LOOKS = 4
_NOT_LOADED = frozenset(
    {"image", "media", "font", "texttrack", "manifest", "prefetch", "ping", "cspviolationreport"}
)
_CARRY_DATA = frozenset({"xhr", "fetch", "document", "script", "eventsource"})
_SHARED = frozenset({"script", "stylesheet"})
_BY_THE_GATE = frozenset({"off_site", "private_address", "robots", "too_many", "event_stream"})
_METHODS = frozenset({"GET", "HEAD", "POST"})
_MOST_HOSTS_TOLD = 20
_MOST_VISIBLE = 400_000
# A script at another host that is asked to call back brings data; others there count visitors.
_CALLS_BACK = re.compile(r"[?&](?:\w*callback|jsonp\w*|cb)=", re.IGNORECASE)
# Servers tell errors in the data with status 200, and pages then show an empty list.
_DATA_ERROR = re.compile(rb"""["']?success["']?\s*:\s*false|["']?(?:code|status)["']?\s*:\s*["']?[45]\d\d\b""")
# What belongs to one connection or one browser; cookies never leave it, nor enter.
_NOT_SENT = frozenset(
    {"cookie", "user-agent", "host", "connection", "accept-encoding", "content-length",
     "upgrade-insecure-requests", "if-none-match", "if-modified-since"}
)  # fmt: skip
_NOT_GIVEN = frozenset(
    {"set-cookie", "content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive",
     "alt-svc", "strict-transport-security", "link", "report-to", "nel"}
)  # fmt: skip


class Course:
    """One page, in a context of its own. Not for a second page."""

    def __init__(self, context: BrowserContext, first: Fetched, fetch: Fetch, bounds: Bounds) -> None:
        self._context = context
        self._first: Fetched | None = first
        self._address = first.address
        self._fetch = fetch
        self._bounds = bounds
        self._crashed = asyncio.Event()
        self._page: Page | None = None
        self._led_to: dict[str, Fetched] = {}
        self._moves = 0
        self._moved_out: str | None = None
        self._out = 0
        self._fetched = 0
        self._idle_since = monotonic()
        self._browser_seconds = 0.0
        self._failed: Counter[str] = Counter()
        self._doubtful: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._refused_hosts: dict[str, None] = {}

    async def go(self) -> Rendering:
        """Show the page and wait until it is done. Raises RenderingError, or Error where the browser breaks."""
        await self._context.add_init_script(_SETTLING)
        await self._context.route("**/*", self._on_request)
        await self._context.route_web_socket("**/*", lambda socket: self._refuse_socket(socket.url))
        page = await self._context.new_page()
        self._page = page
        self._context.on("page", self._close_other)
        page.on("crash", lambda _: self._crashed.set())
        page.on("pageerror", lambda _: self._doubtful.update(script_error=1))
        self._idle_since = monotonic()
        with suppress(Error):
            # It breaks where the page leads itself elsewhere at once; what it shows in the end is looked at below.
            await page.goto(self._address, wait_until="commit", timeout=1000 * self._bounds.page_seconds)
        settled = await self._settle(page)
        if self._moved_out:
            raise RenderingError(self._moved_out)
        if not settled:
            self._failed["unsettled"] += 1
        if self._out:
            self._failed["unreachable"] += self._out
        return await self._taken(page)

    # --- what the page asks for -------------------------------------------------------------------------------

    async def _on_request(self, route: Route, asked: Asked) -> None:
        try:
            await self._answer(route, asked)
        except Error:
            # The page was closed, or went elsewhere, while its request was out.
            return

    async def _answer(self, route: Route, asked: Asked) -> None:
        kind, address = asked.resource_type, asked.url
        if self._is_of_another_window(asked):
            self._refused["window"] += 1
            await route.abort("blockedbyclient")
            return
        main = asked.is_navigation_request() and self._is_main(asked)
        if main and self._first is not None and address == self._address:
            first, self._first = self._first, None
            await self._give(route, first)
            return
        if asked.is_navigation_request() and address in self._led_to:
            await self._give(route, self._led_to.pop(address))
            return
        if kind in _NOT_LOADED:
            await route.abort("blockedbyclient")
            return
        try:
            if main:
                self._moves += 1
                if self._moves > self._bounds.most_moves:
                    raise NotFetched("unrendered")
            fetched = await self._get(asked)
        except NotFetched as refused:
            if main:
                # A page that leads away where we may not go is as one that redirects there.
                self._moved_out = refused.problem
            self._note(refused.problem, kind, address)
            await route.abort("aborted" if main else "failed")
            return
        if asked.is_navigation_request() and fetched.address != address:
            # The browser must see the address the redirects led to: links are relative to it.
            self._led_to[fetched.address] = fetched
            stub = f"<script>location.replace({_quoted(fetched.address)})</script>"
            await route.fulfill(status=200, content_type="text/html; charset=utf-8", body=stub)
            return
        await self._give(route, fetched)

    async def _get(self, asked: Asked) -> Fetched:
        if asked.method not in _METHODS or urlsplit(asked.url).scheme not in ("http", "https"):
            raise NotFetched("off_site")
        if asked.resource_type == "eventsource":
            # It never ends.
            raise NotFetched("event_stream")
        if self._fetched >= self._bounds.most_requests:
            raise NotFetched("too_many")
        self._fetched += 1
        headers = {
            name: value
            for name, value in asked.headers.items()
            if name not in _NOT_SENT and not name.startswith(("sec-", ":", "proxy-"))
        }
        self._went_out()
        try:
            # A script that is asked to call back brings data, which must not be old.
            shared = asked.method == "GET" and asked.resource_type in _SHARED and not _CALLS_BACK.search(asked.url)
            return await self._fetch(Wanted(asked.url, asked.method, headers, asked.post_data_buffer, shared))
        finally:
            self._came_back()

    async def _give(self, route: Route, fetched: Fetched) -> None:
        headers = {name: value for name, value in fetched.headers.items() if name not in _NOT_GIVEN}
        kind = route.request.resource_type
        if fetched.status >= 400 and kind in _CARRY_DATA:
            self._note("gone" if fetched.status in (404, 410) else "unreachable", kind, None)
        elif kind in ("xhr", "fetch") and _DATA_ERROR.search(fetched.body[:2000]):
            self._doubtful["data_error"] += 1
        await route.fulfill(status=fetched.status, headers=headers, body=fetched.body)

    def _note(self, problem: str, kind: str, address: str | None) -> None:
        """Count what did not come. ``address``: where the gate, not the portal, was the reason."""
        gate = address is not None and problem in _BY_THE_GATE
        if gate and address is not None:
            self._refused[problem] += 1
            if len(self._refused_hosts) < _MOST_HOSTS_TOLD:
                self._refused_hosts[host_of(address)] = None
        if kind not in _CARRY_DATA:
            return
        if problem in ("off_site", "private_address"):
            # Counters and share buttons of other hosts are on every portal; rows seldom come from there.
            if kind != "script" or (address and _CALLS_BACK.search(address)):
                self._doubtful[problem] += 1
        elif problem == "gone" and kind == "script":
            self._doubtful[problem] += 1
        else:
            self._failed[problem] += 1

    def _refuse_socket(self, address: str) -> None:
        # Without a connection to the server behind it, a routed socket stays silent: nothing leaves the browser.
        self._refused["web_socket"] += 1
        self._doubtful["web_socket"] += 1
        if len(self._refused_hosts) < _MOST_HOSTS_TOLD:
            self._refused_hosts[host_of(address.replace("ws", "http", 1))] = None

    def _frame_of(self, asked: Asked) -> Frame | None:
        try:
            return asked.frame
        except Error:
            # The frame is not made yet while a window's first document is asked for.
            return None

    def _is_of_another_window(self, asked: Asked) -> bool:
        frame = self._frame_of(asked)
        return self._first is None if frame is None else self._page not in (None, frame.page)

    def _is_main(self, asked: Asked) -> bool:
        frame = self._frame_of(asked)
        return frame is None or frame.parent_frame is None

    def _went_out(self) -> None:
        if not self._out:
            self._browser_seconds += monotonic() - self._idle_since
        self._out += 1

    def _came_back(self) -> None:
        self._out -= 1
        if not self._out:
            self._idle_since = monotonic()

    async def _close_other(self, page: Page) -> None:
        with suppress(Error):
            await page.close()

    # --- waiting ----------------------------------------------------------------------------------------------

    def _spent(self) -> float:
        return self._browser_seconds + (0.0 if self._out else monotonic() - self._idle_since)

    async def _settle(self, page: Page) -> bool:
        """Wait until nothing is out, no timer is awaited and nothing changes; False where the limit came first."""
        end = monotonic() + self._bounds.longest
        seen: list[int] | None = None
        since, looks = monotonic(), 0
        while monotonic() < end and self._spent() < self._bounds.page_seconds:
            if self._crashed.is_set():
                raise RenderingError("unrendered", "the page broke down in the browser")
            if self._moved_out:
                return False
            state = await self._look(page)
            if state is None or state != seen or self._out or self._fetching_began_after(since):
                seen, since, looks = state, monotonic(), 0
            else:
                # Looks are counted too: on a busy machine time passes and nothing has had its turn.
                looks += 1
                quiet = looks >= _LEAST_LOOKS and monotonic() - since >= self._bounds.quiet_seconds
                if state[0] and not state[1] and quiet:
                    return True
            await asyncio.sleep(_LOOK_EVERY)
        return False

    def _fetching_began_after(self, moment: float) -> bool:
        return self._idle_since > moment

    async def _look(self, page: Page) -> list[int] | None:
        """What settling.js tells of the page; None while there is no page to ask, or it does not answer."""
        try:
            async with asyncio.timeout(2):
                told = await page.evaluate("() => window.__nianbao ? window.__nianbao() : null")
        except (Error, TimeoutError):
            if page.is_closed():
                raise
            return None
        return [int(number) for number in told] if isinstance(told, list) else None

    async def _taken(self, page: Page) -> Rendering:
        try:
            async with asyncio.timeout(min(20, self._bounds.page_seconds)):
                size = await page.evaluate("() => document.documentElement.outerHTML.length")
                if size > self._bounds.largest:
                    raise RenderingError("too_large")
                html = await page.content()
                visible = await page.evaluate("() => document.body ? document.body.innerText : ''")
                address = await page.evaluate("() => location.href")
        except TimeoutError:
            raise RenderingError("unrendered", "the page does not answer") from None
        if not str(address).startswith(("http://", "https://")):
            raise RenderingError("unrendered", "the browser shows no page")
        return Rendering(
            html,
            str(address).partition("#")[0],
            str(visible)[:_MOST_VISIBLE],
            dict(self._failed),
            dict(self._doubtful),
            dict(self._refused),
            tuple(self._refused_hosts),
            self._fetched,
        )


def _quoted(address: str) -> str:
    """An address as a string of a script inside a page."""
    return '"' + address.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\u003c") + '"'
