"""Looks at pages in a browser as staff do: phone and desk, Chinese and English, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page

from monitor.language import LOCALES
from tests.monitor.web.dashboard import PASSWORD

GRAVE = frozenset({"serious", "critical"})
OF_THE_FORM = frozenset(
    {
        "行政复议",
        "行政诉讼",
        "行政事业性收费",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
    }
)
"""Words of the official form, which is shown as it is printed."""
Seen = set[tuple[str, str, str]]
"""Path (of a refusal: its status), colours and skeleton of pages that axe has seen."""


@dataclass(frozen=True, slots=True)
class Look:
    """A window: how wide, in which language, light or dark."""

    width: int
    locale: Literal["zh-CN", "en-GB"]
    scheme: Literal["light", "dark"]


LOOKS = (Look(390, "zh-CN", "light"), Look(1440, "en-GB", "dark"))
# A frame without script cannot be asked; what is framed is a page of its own. Nobody reads what is well.
_AXE = {"iframes": False, "resultTypes": ["violations"]}
_SKELETON = """[...document.querySelectorAll('main, main *')]
    .map(one => one.tagName + '.' + one.getAttribute('class')).join(' ')"""
_TEXTS = """() => {
    const found = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
        const parent = texts.currentNode.parentElement
        // What is marked as Chinese by its characters may be a text of ours that is left over.
        const whole = parent instanceof SVGElement
            || parent.matches('span[lang="zh"]') && parent.parentElement.innerText === parent.innerText
        if (whole || !parent.closest('[lang]').getAttribute('lang').startsWith('zh'))
            found.push(texts.currentNode.data.trim().replace(/\\s+/g, ' '))
    }
    for (const name of ['aria-label', 'title', 'alt', 'placeholder'])
        for (const one of document.querySelectorAll(`[${name}]`)) found.push(one.getAttribute(name))
    return found
}"""


_UNMARKED = """() => {
    const found = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
        const parent = texts.currentNode.parentElement
        if (/[\\u3400-\\u9fff]/.test(texts.currentNode.data) && !parent.closest('option, textarea, script, style')
            && !parent.closest('[lang]').getAttribute('lang').startsWith('zh'))
            found.push(texts.currentNode.data.trim())
    }
    return found
}"""


def log_in(page: Page, address: str, name: str) -> None:
    """Logs in by the form."""
    page.goto(f"{address}/log-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")


def walk(
    browser: Browser, address: str, name: str, paths: Mapping[str, int], one: Look, seen: Seen | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Opens pages one after the other as a user; gives each with what is wrong with it.

    Wrong is: another status than the one that is named, a page wider than its window, a word on the console, a
    request to another host, a text of ours that is Chinese on an English page, Chinese there that is not marked as
    such, a grave finding of axe (which looks once at pages of one skeleton).
    """
    context = browser.new_context(
        viewport={"width": one.width, "height": 900}, locale=one.locale, color_scheme=one.scheme
    )
    page = context.new_page()
    said: list[str] = []
    host = urlsplit(address).netloc
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: _note_elsewhere(said, host, request.url))
    log_in(page, address, name)
    for path, status in paths.items():
        said.clear()
        answer = page.goto(f"{address}{path}")
        given = answer.status if answer else None
        found = [] if given == status else [f"status {given}"]
        # The browser itself notes on the console that an answer was a refusal.
        found += [word for word in said if given == 200 or "Failed to load resource" not in word]
        which = path if given == 200 else str(given)
        yield path, [*found, *_seen_on(page, which, one, set() if seen is None else seen)]
    context.close()


def _seen_on(page: Page, which: str, one: Look, seen: Seen) -> list[str]:
    found = []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the window")
    if one.locale.startswith("en"):
        found += [f"Chinese: {text}" for text in (_texts_of_ours() - OF_THE_FORM) & set(page.evaluate(_TEXTS))]
        found += [f"Chinese that is not marked: {text}" for text in page.evaluate(_UNMARKED)]
    skeleton = (which, one.scheme, page.evaluate(_SKELETON))
    if skeleton not in seen:
        seen.add(skeleton)
        for violation in Axe().run(page, options=_AXE).response["violations"]:
            if violation["impact"] in GRAVE:
                found.append(f"axe {violation['id']}: {violation['nodes'][0]['html'][:200]}")
    return found


@cache
def _texts_of_ours() -> frozenset[str]:
    """The Chinese texts of the catalogue whose English is another, but those with places to fill."""
    with (LOCALES / "en" / "LC_MESSAGES" / "nianbao.po").open("rb") as file:
        messages = list(read_po(file))
    return frozenset(str(one.id) for one in messages if one.id and "{" not in one.id and one.id != one.string)


def _note_elsewhere(said: list[str], host: str, url: str) -> None:
    if urlsplit(url).netloc != host:
        said.append(f"asked {url}")
