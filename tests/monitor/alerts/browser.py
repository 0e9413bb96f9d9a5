"""A page of the installed chromium, for mails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from playwright.sync_api import Page, sync_playwright


@contextmanager
def page_of(html: str, width: int, scheme: Literal["light", "dark"] = "light") -> Iterator[Page]:
    """The page at a width, without a network; skipped in words where there is no chromium."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, offline=True, color_scheme=scheme
            )
            page = context.new_page()
            page.set_content(html)
            yield page
        finally:
            browser.close()
