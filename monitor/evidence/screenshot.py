"""A picture of a captured page with the cells concerned marked: drawn from the bytes alone, without any network.

The page is given to the browser as it was captured. Its scripts do not run, and whatever it asks for (styles,
pictures, frames) is refused: nothing but the captured bytes goes into the picture, and nobody learns of it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

ADDRESS = "http://capture.invalid/"
"""Where the page stands for the browser; no such host can exist (RFC 6761)."""
WIDTH, TALLEST = 1200, 12_000
SECONDS = 30
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_EXTRA = "no_extra"
NO_BROWSER = "no_browser"
FAILED = "failed"

_MARK = """
(marks) => {
  const plain = (text) => (text || "").replace(/\\s+/g, "");
  const left = [];
  let top = null;
  for (const mark of marks) {
    let found = null;
    try { found = document.querySelector(mark.path); } catch (error) { found = null; }
    if (!found || plain(found.textContent) !== plain(mark.raw)) { left.push(mark.key); continue; }
    found.style.setProperty("outline", mark.suspect ? "4px solid #c00000" : "3px solid #d97706", "important");
    found.style.setProperty("outline-offset", "-3px", "important");
    found.style.setProperty("background", mark.suspect ? "#ffd6d6" : "#fff1c2", "important");
    const box = found.getBoundingClientRect();
    const at = box.top + window.scrollY;
    top = top === null ? at : Math.min(top, at);
  }
  // A form or picture named "body" takes the place of the page's own: what is then no number is none.
  const tall = (element) => Number(element && element.scrollHeight) || 0;
  return {left, top, height: Math.max(tall(document.documentElement), tall(document.body))};
}
"""


# A sandbox without rights runs no script and follows no refresh; styles and pictures within the page may stay.
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell to mark: the CSS path of its element, what must stand in it, whether it is likely the wrong one."""

    key: str
    path: str
    raw: str
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Screenshot:
    """The picture (PNG), or None with the ``reason`` (one of the words above, and ``detail``).

    ``unmarked`` are keys of cells that were not found again in the page as the browser shows it. ``cut``: the page
    is taller than the picture, which begins above the first mark.
    """

    png: bytes | None
    reason: str | None = None
    detail: str = ""
    marked: int = 0
    unmarked: tuple[str, ...] = ()
    cut: bool = False


class NoPicture(Exception):
    """The page could not be drawn; ``reason`` is one of the words above."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def take(html: str, marks: Sequence[Mark] = ()) -> Screenshot:
    """Draw a page (decoded) with cells marked. Never raises for what a page or a browser does."""
    try:
        with _browser_page() as page:
            return _draw(page, html, marks)
    except NoPicture as problem:
        return Screenshot(None, problem.reason, problem.detail)


def printed(html: str) -> bytes:
    """A page (decoded) as a PDF, as its own print styles say. Raises NoPicture."""
    with _browser_page() as page:
        _show(page, html)
        return page.pdf(prefer_css_page_size=True, print_background=True)


@contextmanager
def _browser_page() -> Iterator[Page]:
    """A page of a browser without scripts and without any network. Raises NoPicture."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise NoPicture(NO_EXTRA) from None
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise NoPicture(NO_BROWSER)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program,
                # Root has no sandbox to give; anybody else's browser keeps its own.
                chromium_sandbox=os.geteuid() != 0,
                # Whatever slips past the refusal below finds no name and no way out.
                args=["--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"],
                proxy={"server": "http://127.0.0.1:9"},
                timeout=SECONDS * 1000,
            )
            try:
                context = browser.new_context(
                    java_script_enabled=False,
                    service_workers="block",
                    accept_downloads=False,
                    viewport={"width": WIDTH, "height": 900},
                    locale="zh-CN",
                )
                context.set_default_timeout(SECONDS * 1000)
                yield context.new_page()
            finally:
                browser.close()
    except Error as problem:
        raise NoPicture(FAILED, " ".join(str(problem).split())[:200]) from None


def _show(page: Page, html: str) -> None:
    """Gives the page to the browser, and nothing else."""
    given = False

    def answer(route: Route) -> None:
        nonlocal given
        if not given and route.request.url == ADDRESS and route.request.is_navigation_request():
            given = True
            route.fulfill(body=html.encode("utf-8", "replace"), headers=_HEADERS)
        else:
            route.abort("blockedbyclient")

    page.route("**/*", answer)
    page.goto(ADDRESS, wait_until="load")


def _draw(page: Page, html: str, marks: Sequence[Mark]) -> Screenshot:
    _show(page, html)
    told: dict[str, Any] = page.evaluate(
        _MARK, [{"key": one.key, "path": one.path, "raw": one.raw, "suspect": one.suspect} for one in marks]
    )
    height = max(int(told["height"]), 1)
    top = 0
    if height > TALLEST and told["top"] is not None:
        top = max(0, min(int(told["top"]) - 200, height - TALLEST))
    clip = {"x": 0, "y": top, "width": WIDTH, "height": min(height - top, TALLEST)}
    png = page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
    left = tuple(told["left"])
    return Screenshot(png, marked=len(marks) - len(left), unmarked=left, cut=height > TALLEST)
