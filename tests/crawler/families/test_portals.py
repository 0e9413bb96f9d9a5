"""Every portal of every family, crawled from its right definition: all reports, nothing else, a true outcome.

A family is added here by one line in crawler.sandbox.families.portals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.families.registry import FAMILIES
from crawler.records import CaptureRole, Outcome
from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.portals import FAMILY_SITES, ServedPortal, family_site, served
from crawler.text import charset_of, decode_page
from tests.browser import CHROMIUM
from tests.crawler.crawling import Log, crawled

_NEVER_FETCHED = ("解读", "通知", "一图读懂", "要点", "决算")


@dataclass(frozen=True)
class Crawl:
    """A portal that was crawled once and is still there."""

    portal: ServedPortal
    log: Log
    root: Path

    def document_at(self, address: str) -> Document | None:
        """The document at an address of the portal."""
        parts = urlsplit(address)
        assert parts.netloc == self.portal.host
        return self.portal.site.document_at(parts.path + (f"?{parts.query}" if parts.query else ""))

    def again(self, root: Path) -> Log:
        """A second pass that knows the first, its requests counted from nothing. Captures go to ``root``."""
        self.portal.server.requests.clear()
        return crawled(self.portal.definition, root, known=self.log.known())

    def documents(self, log: Log) -> list[Document]:
        """The documents that were fetched as such, each as often as it was."""
        found = [
            self.document_at(capture.address) for capture in log.captures if capture.role is CaptureRole.DOCUMENT
        ]
        assert None not in found, "an address was fetched as a document that is none of the portal's"
        return [document for document in found if document is not None]


def _parameter(name: str) -> Any:
    """A portal by its name; one that is built by script needs a browser."""
    if "render" not in family_site(name).definition("127.0.0.1:1"):
        return name
    why = "chromium is not installed on this machine"
    return pytest.param(name, marks=[pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=why)])


@pytest.fixture(scope="module", params=[_parameter(name) for name in FAMILY_SITES])
def crawl(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    root = tmp_path_factory.mktemp(request.param)
    with served(family_site(request.param)) as portal:
        yield Crawl(portal, crawled(portal.definition, root), root)


@pytest.fixture
def quirks(crawl: Crawl) -> Iterator[set[str]]:
    """The quirks of the portal, as usual again afterwards."""
    yield crawl.portal.site.quirks
    crawl.portal.site.quirks -= {SHORT, EMPTIED}


def test_every_report_is_collected_once_and_nothing_else(crawl: Crawl) -> None:
    finished = crawl.log.finished
    assert (finished.outcome, finished.problem) == (Outcome.COLLECTED, None)
    assert all(column.whole for column in crawl.log.columns.values())
    fetched = crawl.documents(crawl.log)
    assert len({document.number for document in fetched}) == len(fetched), "a document was fetched twice"
    assert not [one.title for one in fetched if any(word in one.title for word in _NEVER_FETCHED)]
    reports = {(one.organ.code, one.report_year) for one in fetched if one.is_report}
    assert reports == crawl.portal.site.content.reports
    assert len(reports) > 10


def test_what_was_fetched_is_the_text_of_the_document(crawl: Crawl) -> None:
    for capture in crawl.log.captures:
        document = crawl.document_at(capture.address)
        if capture.role is CaptureRole.DOCUMENT and document is not None:
            text = decode_page(
                crawl.log.archive.get(capture.sha256 or ""), charset_of(capture.headers.get("content-type"))
            )
            year = document.report_year or document.shown_on.year
            assert f"{year}年" in text
            assert document.organ.title_name in text


def test_the_list_says_what_the_family_tells(crawl: Crawl) -> None:
    tells = crawl.portal.site.tells
    entries = [(entry, crawl.document_at(entry.address)) for entry in crawl.log.entries]
    told = [(entry, document) for entry, document in entries if document is not None]
    assert {document.number for _, document in told} >= {
        document.number for document in crawl.portal.site.content.documents if document.is_report
    }
    for entry, document in told:
        if "organ" in tells:
            assert entry.organ is not None
        assert entry.organ is None or entry.organ in (document.organ.name, document.organ.title_name)
        if "organ_code" in tells:
            assert entry.organ_code is not None
        assert entry.organ_code in (None, document.organ.code)
        if document.is_report:
            if "report_year" in tells:
                assert entry.report_year is not None
            assert entry.report_year in (None, document.report_year)
            if entry.shown_on is not None:
                assert entry.shown_on in (document.shown_on, document.posted_on)
    if "declared" in tells:
        for column in crawl.log.columns.values():
            assert column.declared is not None
    for column in crawl.log.columns.values():
        assert column.declared in (None, column.entries)


def test_a_second_pass_asks_for_lists_and_otherwise_only_whether_something_changed(crawl: Crawl) -> None:
    lists = {urlsplit(capture.address).path for capture in crawl.log.captures if capture.role is CaptureRole.LIST}
    log = crawl.again(crawl.root)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.UNCHANGED, None)
    # What scripts of a list ask for belongs to the list.
    behind = {"/robots.txt", *getattr(crawl.portal.site, "behind", ())}
    asked = [seen for seen in crawl.portal.server.requests if seen.path not in behind]
    whole = [seen for seen in asked if not seen.conditional and seen.path.partition("?")[0] not in lists]
    assert whole == []
    assert all(seen.status in (200, 304) for seen in asked)
    assert len(log.captures) >= len(asked)


def test_a_portal_that_gives_less_than_it_says_is_partial(crawl: Crawl, quirks: set[str], tmp_path: Path) -> None:
    quirks.add(SHORT)
    log = crawl.again(tmp_path)
    assert log.finished.outcome is Outcome.PARTIAL, log.finished


def test_an_emptied_list_is_no_proof_that_nothing_was_published(
    crawl: Crawl, quirks: set[str], tmp_path: Path
) -> None:
    quirks.add(EMPTIED)
    log = crawl.again(tmp_path)
    assert not log.finished.outcome.whole, log.finished
    assert not any(column.whole for column in log.columns.values())
    # Nor on a first visit, when nothing is known yet.
    first = crawled(crawl.portal.definition, tmp_path / "first")
    assert not first.finished.outcome.whole, first.finished


def test_every_entrance_opens(crawl: Crawl) -> None:
    site = crawl.portal.site
    entrances = site.entrances()
    assert set(entrances) == {"home", "disclosure", "column", "report"}
    for path in entrances.values():
        page = site.answer(path, {})
        assert page.status == 200
        assert page.render()
    report = site.document_at(entrances["report"])
    assert report is not None
    assert report.is_report


# One site of Hanweb bears the marks of its disclosure module and of the classic lists beside it.
_SAME_SOFTWARE = {"hanweb_disclosure": {"hanweb"}}


@pytest.mark.parametrize("name", list(FAMILY_SITES))
def test_every_page_of_a_portal_bears_the_marks_of_its_family_and_of_no_other(name: str) -> None:
    site = family_site(name)
    own = site.definition("127.0.0.1:1")["family"]
    for what, path in site.entrances().items():
        html = decode_page(site.answer(path, {}).render())
        found = {one for one, family in FAMILIES.items() if family.marks(html, f"http://127.0.0.1:1{path}")}
        assert found - _SAME_SOFTWARE.get(own, set()) == {own} - {"generic"}, what
