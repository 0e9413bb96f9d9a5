"""Looks at pages in a browser as staff do: phone and desk, Chinese and English, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.monitor.web.dashboard import PASSWORD

GRAVE = frozenset({"serious", "critical"})
_LOOKS = ((390, "zh-CN", "light"), (1440, "en-GB", "dark"))


def look(address: str, name: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """What is wrong with the pages for a user, by page: nothing, if all is well.

    Wrong is: another status than 200, a page wider than its window, a word on the console, a request to another
    host, a serious finding of axe.
    """
    wrong: dict[str, list[str]] = {}
    with chromium() as browser:
        for width, locale, scheme in _LOOKS:
            for path, found in _looked_at(browser, address, name, paths, width, locale, scheme):
                if found:
                    wrong.setdefault(f"{path} at {width}", []).extend(found)
    return wrong


def log_in(page: Page, address: str, name: str) -> None:
    """Logs in by the form."""
    page.goto(f"{address}/log-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")


def _looked_at(
    browser: Browser, address: str, name: str, paths: Sequence[str], width: int, locale: str, scheme: str
) -> list[tuple[str, list[str]]]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale=locale,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    said: list[str] = []
    host = urlsplit(address).netloc
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: _note_elsewhere(said, host, request.url))
    log_in(page, address, name)
    looked = []
    for path in paths:
        said.clear()
        answer = page.goto(f"{address}{path}")
        found = [f"status {answer.status if answer else None}"] if answer is None or answer.status != 200 else []
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append("wider than the window")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in GRAVE:
                found.append(f"axe {violation['id']}: {violation['nodes'][0]['html'][:200]}")
        looked.append((path, [*found, *said]))
    context.close()
    return looked


def _note_elsewhere(said: list[str], host: str, url: str) -> None:
    if urlsplit(url).netloc != host:
        said.append(f"asked {url}")
