"""The browser of a run: started when it is first needed, a few pages at once, made new after many.

It has no network of its own: its names resolve to nothing and its connections lead nowhere. Whatever a page asks
for is fetched by the crawl and handed in, so there is one gate for all. What it started dies with the run.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crawler.rendering.leftovers import (
    end_browser,
    find_chromium,
    folder_of_run,
    kill_browser,
    missing_parts,
)
from crawler.rendering.rendering import Bounds, Fetch, Fetched, Rendering, RenderingError, Wanted

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Playwright

ARGUMENTS = (
    # No way out. Each of the first two stops names and bare addresses alike; the third and fourth stop WebRTC.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:1",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--js-flags=--max-old-space-size=512",
)
"""How chromium is started, beside what Playwright itself gives it."""

_START_SECONDS = 60.0
_CLOSE_SECONDS = 5.0
_TRIES = 2
_LARGEST_CACHED = 2 * 1024 * 1024
_LARGEST_CACHE = 16 * 1024 * 1024

_starting = asyncio.Lock()


class _Instance:
    """One process of chromium with the driver that leads it."""

    def __init__(self, playwright: Playwright, chromium: Chromium, kill: Callable[[], None]) -> None:
        self.kill = kill
        self.playwright = playwright
        self.chromium = chromium
        self.died = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.served = 0
        self.open = 0
        chromium.on("disconnected", lambda _: self.died.set())

    def enter(self) -> None:
        self.open += 1
        self.served += 1
        self.idle.clear()

    def leave(self) -> None:
        self.open -= 1
        if not self.open:
            self.idle.set()

    async def end(self) -> None:
        """Close it, as far as it can still be closed."""
        for closing in (self.chromium.close, self.playwright.stop):
            # A browser or driver that was killed has nothing left to close.
            with suppress(Exception):
                await asyncio.wait_for(closing(), _CLOSE_SECONDS)
        self.kill()


class Browser:
    """Renders pages for one run. Use it within one event loop; end it by ``close``, or ``kill`` where time is up.

    ``fetch`` brings whatever a page asks for. ``recycle_after`` pages the browser is started anew, so that what it
    leaks stays bounded.
    """

    def __init__(
        self,
        run_id: str,
        fetch: Fetch,
        user_agent: str,
        *,
        bounds: Bounds | None = None,
        pages_at_once: int = 2,
        recycle_after: int = 100,
    ) -> None:
        self.run_id = run_id
        self._fetch = fetch
        self._user_agent = user_agent
        self._bounds = bounds or Bounds()
        self._recycle_after = recycle_after
        self._places = asyncio.Semaphore(pages_at_once)
        self._changing = asyncio.Lock()
        self._instance: _Instance | None = None
        self._over = False
        self._failed_starts = 0
        self._scripts: OrderedDict[str, Fetched] = OrderedDict()
        self._cached = 0
        self._coming: dict[str, asyncio.Future[Fetched]] = {}
        self.started = 0

    @property
    def pages(self) -> int:
        """How many pages are being shown."""
        return self._instance.open if self._instance is not None else 0

    @property
    def missing(self) -> str | None:
        """What is not installed here, so that no page can be rendered; None where nothing is missing."""
        parts = () if self.started else missing_parts()
        return f"{' and '.join(parts)} not installed" if parts else None

    async def render(self, page: Fetched) -> Rendering:
        """Show a page that was fetched and wait until its scripts are done. Raises RenderingError.

        A page whose browser dies is shown once more in a new one.
        """
        if self.missing:
            raise RenderingError("no_browser", self.missing)
        async with self._places:
            for _ in range(_TRIES):
                instance = await self._ready()
                rendering = await self._show(instance, page) if instance else None
                if rendering is not None:
                    return rendering
        raise RenderingError("browser_died")

    async def close(self) -> None:
        """End the browser and remove its files."""
        async with self._changing:
            instance, self._instance = self._instance, None
            if instance is not None:
                await instance.end()
        self.kill()

    def kill(self) -> None:
        """End the browser at once, whatever it is at, and start none again."""
        self._over = True
        end_browser(self.run_id)

    # --- the process ------------------------------------------------------------------------------------------

    async def _ready(self) -> _Instance | None:
        """The browser, entered; made anew where it died or has served long enough. None where it did not start."""
        async with self._changing:
            instance = self._instance
            if instance is not None and instance.served >= self._recycle_after and not instance.died.is_set():
                # Every page has its limit, so this waits for no longer than that.
                await instance.idle.wait()
            if instance is None or instance.died.is_set() or instance.served >= self._recycle_after:
                if instance is not None:
                    await instance.end()
                self._instance = None
                instance = self._instance = await self._start()
            if instance is not None:
                instance.enter()
            return instance

    async def _start(self) -> _Instance | None:
        if self._over:
            raise RenderingError("browser_died", "the run is over, or the browser does not start")
        try:
            started = await asyncio.wait_for(self._launch(), _START_SECONDS)
        except Exception:  # noqa: BLE001 - whatever hinders it twice will hinder it again
            self._failed_starts += 1
            self._over = self._failed_starts >= _TRIES
            return None
        self._failed_starts = 0
        return started

    async def _launch(self) -> _Instance:
        from playwright.async_api import async_playwright

        folder = folder_of_run(self.run_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with _starting:
            # The driver makes the browser's profile where its environment points, and has no setting for it.
            before = os.environ.get("TMPDIR")
            os.environ["TMPDIR"] = str(folder)
            try:
                playwright = await async_playwright().start()
            finally:
                if before is None:
                    del os.environ["TMPDIR"]
                else:
                    os.environ["TMPDIR"] = before
        try:
            chromium = await playwright.chromium.launch(
                executable_path=find_chromium(),
                args=list(ARGUMENTS),
                # Chromium's own sandbox does not work for root.
                chromium_sandbox=os.geteuid() != 0,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                downloads_path=str(folder),
            )
        except BaseException:
            with suppress(Exception):
                await asyncio.wait_for(playwright.stop(), _CLOSE_SECONDS)
            raise
        self.started += 1
        return _Instance(playwright, chromium, lambda: kill_browser(folder))

    # --- a page -----------------------------------------------------------------------------------------------

    async def _show(self, instance: _Instance, page: Fetched) -> Rendering | None:
        """A page in the browser; None where the browser died over it."""
        from crawler.rendering.course import Course

        bounds = self._bounds
        context = None
        died = asyncio.ensure_future(instance.died.wait())
        try:
            opening = asyncio.ensure_future(
                instance.chromium.new_context(
                    user_agent=self._user_agent,
                    locale="zh-CN",
                    timezone_id="Asia/Shanghai",
                    service_workers="block",
                    accept_downloads=False,
                    viewport={"width": 1280, "height": 2000},
                )
            )
            if not await _first_done(opening, died, _START_SECONDS):
                return None
            context = opening.result()
            course = asyncio.ensure_future(Course(context, page, self._get, bounds).go())
            done = await _first_done(course, died, bounds.longest + bounds.page_seconds)
            if done is None:
                raise RenderingError("unrendered", "the page took too long")
            return course.result() if done else None
        except RenderingError:
            raise
        except Exception as error:  # noqa: BLE001 - with a dead driver anything may break in any way
            if instance.died.is_set() or not instance.chromium.is_connected():
                instance.died.set()
                return None
            raise RenderingError("unrendered", _first_line(error)) from None
        finally:
            died.cancel()
            if context is not None and not instance.died.is_set():
                try:
                    await asyncio.wait_for(context.close(), _CLOSE_SECONDS)
                except Exception:  # noqa: BLE001 - a browser that cannot close a page any more is given up
                    instance.died.set()
            instance.leave()

    async def _get(self, wanted: Wanted) -> Fetched:
        """What a page asks for; what pages share comes once for the whole run."""
        if not wanted.shared:
            return await self._fetch(wanted)
        kept = self._scripts.get(wanted.address)
        if kept is not None:
            self._scripts.move_to_end(wanted.address)
            return kept
        coming = self._coming.get(wanted.address)
        if coming is None:
            coming = self._coming[wanted.address] = asyncio.ensure_future(self._fetch(wanted))
            coming.add_done_callback(lambda done: self._keep(wanted.address, done))
        # The page may go; what it asked for is of use to the next.
        return await asyncio.shield(coming)

    def _keep(self, address: str, done: asyncio.Future[Fetched]) -> None:
        del self._coming[address]
        if done.cancelled() or done.exception() is not None:
            return
        fetched = done.result()
        if fetched.status != 200 or len(fetched.body) > _LARGEST_CACHED:
            return
        self._scripts[address] = fetched
        self._cached += len(fetched.body)
        while self._cached > _LARGEST_CACHE:
            _, oldest = self._scripts.popitem(last=False)
            self._cached -= len(oldest.body)


async def _first_done(work: asyncio.Future[Any], died: asyncio.Future[Any], seconds: float) -> bool | None:
    """True where ``work`` is done, False where the browser died before, None where time was up; else cancelled."""
    done, _ = await asyncio.wait({work, died}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if work in done:
        return True
    work.cancel()
    # Its end is not waited for long: it hangs on a browser that is gone.
    await asyncio.wait({work}, timeout=2)
    return False if died in done else None


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
