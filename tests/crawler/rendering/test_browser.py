"""The browser itself: it has no network, it is bounded, and it dies with its run."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import pytest

from crawler.records import Outcome
from crawler.rendering.browser import ARGUMENTS, Browser
from crawler.rendering.leftovers import folder_of_run
from crawler.rendering.rendering import Bounds, Fetched, NotFetched, Rendering, RenderingError, Wanted
from crawler.runner import crawl
from tests.browser import CHROMIUM, chromium
from tests.crawler.crawling import job, options, portal
from tests.crawler.rendering.pages import FETCH, REASON, browsers_of, rows_of, shell, site_of
from tests.crawler.website import Website

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed on this machine"),
]

T = TypeVar("T")
HERE = "http://portal.example/nb/"


def page_of(html: str, address: str = HERE) -> Fetched:
    """A page that was fetched."""
    return Fetched(200, {"content-type": "text/html; charset=utf-8"}, html.encode(), address)


def in_browser(
    work: Callable[[Browser], Coroutine[Any, Any, T]], asked: list[Wanted] | None = None, **fields: Any
) -> T:
    """Run work with a browser whose every request ends in ``asked`` and is refused."""
    run_id = f"test-{secrets.token_hex(4)}"

    async def fetch(wanted: Wanted) -> Fetched:
        if asked is not None:
            asked.append(wanted)
        raise NotFetched("off_site")

    async def course() -> T:
        browser = Browser(run_id, fetch, "Nianbao/test", **fields)
        try:
            return await work(browser)
        finally:
            await browser.close()

    found = asyncio.run(course())
    assert not browsers_of(run_id)
    assert not folder_of_run(run_id).exists()
    return found


@contextmanager
def listening(family: int, host: str, kind: int = socket.SOCK_STREAM) -> Iterator[tuple[int, list[str]]]:
    """A port, and who came to it."""
    seen: list[str] = []
    with socket.socket(family, kind) as server:
        server.bind((host, 0))
        server.settimeout(0.1)
        if kind == socket.SOCK_STREAM:
            server.listen(16)
        over = threading.Event()

        def watch() -> None:
            while not over.is_set():
                try:
                    if kind == socket.SOCK_STREAM:
                        connection, _ = server.accept()
                        connection.close()
                    else:
                        server.recvfrom(2048)
                    seen.append(host)
                except TimeoutError:
                    continue

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield server.getsockname()[1], seen
        finally:
            over.set()
            thread.join()


def test_the_browser_process_has_no_network_by_any_name_or_address() -> None:
    """Without any of our interception: only what chromium is started with."""
    from playwright.sync_api import Error, sync_playwright

    with (
        listening(socket.AF_INET, "127.0.0.1") as (port, seen),
        listening(socket.AF_INET, "127.0.0.2") as (alias, seen_alias),
        listening(socket.AF_INET, "127.0.0.1", socket.SOCK_DGRAM) as (datagrams, seen_datagrams),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, "--no-sandbox"])
        page = browser.new_page()
        for address in (
            f"http://127.0.0.1:{port}/",
            f"http://localhost:{port}/",
            f"http://127.0.0.2:{alias}/",
            f"http://0x7f000001:{port}/",
            f"http://{socket.gethostname()}:{port}/",
            f"http://[::ffff:127.0.0.1]:{port}/",
        ):
            with pytest.raises(Error, match="ERR_"):
                page.goto(address, timeout=5000)
        # A page of its own: the error page of the last address may still be on its way into the other.
        page = browser.new_page()
        page.set_content(
            f"<link rel=preconnect href='http://127.0.0.2:{alias}'><img src='http://127.0.0.1:{port}/'>"
            f"<script>new WebSocket('ws://localhost:{port}/');"
            f"const c = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{datagrams}'}}]}});"
            "c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o));"
            f"new Worker(URL.createObjectURL(new Blob([\"fetch('http://127.0.0.1:{port}/')\"])));</script>"
        )
        page.wait_for_timeout(1500)
        browser.close()
        assert (seen, seen_alias, seen_datagrams) == ([], [], [])


def test_the_same_page_reaches_out_from_a_usual_browser() -> None:
    """So that the test above can fail."""
    with listening(socket.AF_INET, "127.0.0.2") as (port, seen), chromium() as browser:
        page = browser.new_page()
        page.set_content(f"<img src='http://127.0.0.2:{port}/'>")
        page.wait_for_timeout(500)
        assert seen


def test_whatever_a_page_asks_for_comes_to_the_crawl_and_nowhere_else() -> None:
    asked: list[Wanted] = []
    inner = "fetch('http://worker.example/w')"
    html = shell(
        "fetch('http://rebound.example/x'); fetch('/own', {method: 'POST', body: '{}'});"
        "fetch('http://127.0.0.1:9/l'); fetch('http://[::1]:9/l');"
        f'new Worker(URL.createObjectURL(new Blob(["{inner}"])));'
        "navigator.serviceWorker && navigator.serviceWorker.register('/sw.js').catch(() => 0);"
        "fetch('/put', {method: 'PUT'}).catch(() => 0); fetch('file:///etc/passwd').catch(() => 0);",
        "<script src='http://cdn.example/a.js'></script><link rel=stylesheet href='/a.css'>",
        "<iframe src='http://frame.example/f'></iframe><img src='/never.png'>",
    )
    rendering = in_browser(lambda browser: browser.render(page_of(html)), asked)
    assert {(one.method, one.address) for one in asked} == {
        ("GET", "http://rebound.example/x"),
        ("POST", "http://portal.example/own"),
        ("GET", "http://127.0.0.1:9/l"),
        ("GET", "http://[::1]:9/l"),
        ("GET", "http://worker.example/w"),
        ("GET", "http://cdn.example/a.js"),
        ("GET", "http://portal.example/a.css"),
        ("GET", "http://frame.example/f"),
    }
    assert not [one for one in asked if {"cookie", "user-agent"} & {name.lower() for name in one.headers}]
    assert "rebound.example" in rendering.refused_hosts
    assert rendering.doubt


def test_a_file_a_moved_window_and_a_download_lead_nowhere() -> None:
    for script in ("location.href = 'file:///etc/hostname'", "location.href = 'chrome://version'"):
        assert in_browser(partial(_shown, script)).address == HERE
    saves = "const a = document.createElement('a'); a.href = 'data:,x'; a.download = 'x.txt'; a.click();"
    assert in_browser(partial(_shown, saves)).address == HERE


async def _shown(script: str, browser: Browser) -> Rendering:
    return await browser.render(page_of(shell(script)))


def test_a_browser_killed_in_mid_page_is_replaced_and_nothing_hangs() -> None:
    waiting = shell("setTimeout(() => document.title = 'done', 2500)")

    async def work(browser: Browser) -> str:
        shown = asyncio.ensure_future(browser.render(page_of(waiting)))
        while not browser.pages:
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        _kill(browsers_of(browser.run_id))
        rendering = await asyncio.wait_for(shown, 60)
        assert browser.started == 2
        return rendering.html

    assert "done" in in_browser(work)


def test_a_browser_that_dies_over_and_over_gives_up() -> None:
    async def work(browser: Browser) -> str:
        shown = asyncio.ensure_future(browser.render(page_of(shell("setTimeout(() => 1, 3000)"))))
        while not shown.done():
            await asyncio.sleep(0.2)
            _kill(browsers_of(browser.run_id))
        with pytest.raises(RenderingError) as raised:
            await shown
        return raised.value.problem

    assert in_browser(work) == "browser_died"


def test_the_browser_is_started_anew_after_so_many_pages_and_never_shows_more_at_once() -> None:
    async def work(browser: Browser) -> tuple[int, int]:
        most = 0

        async def show(number: int) -> None:
            nonlocal most
            await browser.render(page_of(shell(f"document.title = {number}")))

        shown = asyncio.gather(*(show(number) for number in range(7)))
        while not shown.done():
            most = max(most, browser.pages)
            await asyncio.sleep(0.02)
        await shown
        return browser.started, most

    started, most = in_browser(work, pages_at_once=2, recycle_after=3)
    assert started == 3
    assert most == 2


def test_nothing_of_one_page_is_there_for_the_next() -> None:
    async def work(browser: Browser) -> str:
        await browser.render(page_of(shell("document.cookie = 'a=1'; localStorage.setItem('a', '1')")))
        script = "document.title = document.cookie + localStorage.getItem('a')"
        return (await browser.render(page_of(shell(script)))).html

    assert "<title>null</title>" in in_browser(work)


def test_a_page_without_end_is_cut_off_by_its_size() -> None:
    html = shell("document.body.innerHTML = 'x'.repeat(200000)")

    async def work(browser: Browser) -> None:
        await browser.render(page_of(html))

    with pytest.raises(RenderingError) as raised:
        in_browser(work, bounds=Bounds(largest=100_000))
    assert raised.value.problem == "too_large"


# --- with the run ---------------------------------------------------------------------------------------------


def hanging_site() -> dict[str, Any]:
    """A list whose page never comes to rest."""
    return site_of("setInterval(() => document.body.append(document.createElement('i')), 50)", [])


def test_a_run_beyond_its_time_leaves_no_browser(tmp_path: Path) -> None:
    with Website(hanging_site()) as site:
        one = job(portal(site, family="generic", render=REASON), tmp_path, options(run_seconds=6.0))
        began = monotonic()
        (finished,) = crawl([one])
        assert monotonic() - began < 40
    assert finished.outcome is Outcome.TIMED_OUT
    _soon_gone(one.run_id)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_a_crawl_that_is_ended_leaves_no_browser(tmp_path: Path, ending: signal.Signals) -> None:
    """Ctrl-C, and the death of the process that started the crawl."""
    main = tmp_path / "main.py"
    main.write_text(
        "import sys; from pathlib import Path\n"
        "from crawler.runner import crawl\n"
        "from tests.crawler.crawling import job, portal\n"
        "from tests.crawler.rendering.test_browser import REASON, Website, hanging_site\n"
        "if __name__ == '__main__':\n"
        "    with Website(hanging_site()) as site:\n"
        "        one = job(portal(site, family='generic', render=REASON), Path(sys.argv[1]))\n"
        "        print(one.run_id, flush=True)\n"
        "        crawl([one])\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(main), str(tmp_path / "captures")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        end = monotonic() + 60
        while not browsers_of(run_id):
            assert monotonic() < end, "no browser came up"
            sleep(0.1)
        sleep(0.5)
        process.send_signal(ending)
        process.wait(40)
    finally:
        process.kill()
    _soon_gone(run_id)


def test_a_crawling_process_that_is_killed_takes_its_browser_along(tmp_path: Path) -> None:
    """The crawling process alone dies; the run goes on in another one, with a browser of its own."""
    pages = site_of(FETCH, [1])
    with Website(pages) as site:
        slow = FETCH + "setTimeout(() => 1, 2900)"
        site.pages["/nb/"] = shell(slow)
        one = job(portal(site, family="generic", render=REASON), tmp_path)
        killed: list[int] = []

        def kill() -> None:
            while not killed:
                for pid in browsers_of(one.run_id):
                    driver = _parent(pid)
                    crawling = _parent(driver) if driver else None
                    if crawling:
                        os.kill(crawling, signal.SIGKILL)
                        killed.append(crawling)
                        return
                sleep(0.05)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        (finished,) = crawl([one])
        killer.join(5)
    assert killed
    assert finished.outcome in (Outcome.CRASHED, Outcome.COLLECTED)
    _soon_gone(one.run_id)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        # With the first the others die by themselves.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return None


def _soon_gone(run_id: str) -> None:
    end = monotonic() + 20
    while browsers_of(run_id) or folder_of_run(run_id).exists():
        assert monotonic() < end, "the browser outlived its run, or its files did"
        sleep(0.1)


__all__ = ["REASON", "Website", "hanging_site", "rows_of"]
