"""List pages of software we do not know: links are weighed by their features, paging is followed as it is shown.

About one report in five stands on a portal of no known product (portals.md part 1), so nothing here depends on
one: a list is a set of links built alike, with dates beside them and years and 公开, 年报 or 年度报告 in them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from urllib.parse import urljoin, urlsplit

from bs4.element import Tag

from crawler.addresses import folder_of, host_of, without_scheme
from crawler.families.family import Family, ListAnswer
from crawler.families.page import (
    Link,
    ListPage,
    Page,
    PageRequest,
    Row,
    has_year,
    is_furniture,
    numbers_from,
    pages_at,
    same_path,
)
from crawler.records import EntryKind

_NEXT = re.compile(r"^(?:下一?页|后一?页|下页|next|[>»›]{1,2}|下一页\s*[>»›]+)$", re.IGNORECASE)
_LAST = re.compile(r"^(?:尾页|末页|最后一?页|last)$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"^\[?\d{1,4}\]?$")
_UCAP_CALL = re.compile(
    r"(?<!function )\bcreatePageHTML\s*\(\s*[\"'][^\"']*[\"']\s*,\s*(\d+)\s*,\s*\d+\s*,"
    r"\s*[\"']([\w/-]+)[\"']\s*,\s*[\"'](\w+)[\"']\s*"
)
_LEAST_SCORE = 4.0


def read_generic_list(answer: ListAnswer) -> ListPage:
    """Read one page of a column of unknown software.

    The links that are built alike and weigh most together are the list; reports elsewhere on the page are
    rows too. The list is proven where it holds a report or a known address, or where the page calls itself
    a column of annual reports and the list's dated links lie on the column's own path.
    """
    page, known = Page(answer.text, answer.address), answer.known
    groups: dict[tuple[str, ...], list[Link]] = defaultdict(list)
    for link in page.links:
        if _may_be_row(link, page):
            groups[_build(link.element)].append(link)
    weighed = {build: sum(_weight(link, page, known) for link in links) for build, links in groups.items()}
    best = max(weighed, key=lambda build: weighed[build], default=None)
    chosen = groups[best] if best is not None and weighed[best] >= _LEAST_SCORE else []
    inside = {id(link) for link in chosen}
    rows: dict[str, Row] = {}
    for link in page.links:
        if link.address in rows or not _may_be_row(link, page):
            continue
        if id(link) in inside or link.address in known or (_is_report(link, page) and has_year(link.title)):
            rows[link.address] = page.row(link)
    proof = _proof(page, chosen, rows, known)
    declared = page.declared()
    pages, count = _paging(page)
    if proof is None and not rows and (declared == 0 or page.says_empty()):
        proof = "declared_zero" if declared == 0 else "says_empty"
    lists = {id(page.list_of(link)) for link in page.links if link.address in rows}
    unaddressed = page.unaddressed(lists, rows.values())
    return ListPage(proof, tuple(rows.values()), pages, declared, count or page.declared_pages(), unaddressed)


def _proof(page: Page, chosen: list[Link], rows: dict[str, Row], known: Collection[str]) -> str | None:
    if any(link.address in known or rows[link.address].kind is EntryKind.REPORT for link in chosen):
        return "rows"
    dated = [link for link in chosen if page.date_beside(link) and _near(link, page)]
    return "rows" if dated and page.is_annual_report_column() else None


def _may_be_row(link: Link, page: Page) -> bool:
    """Whether a link may lead to a listed document: it has a title, is no page of the list and no furniture."""
    words = link.words.strip()
    if len(link.title) < 4 or _NEXT.match(words) or _LAST.match(words) or _PAGE_NUMBER.match(words):
        return False
    return page.leads_elsewhere(link) and not is_furniture(link)


def _build(element: Tag) -> tuple[str, ...]:
    """How a link is built into the page: tags and classes of the elements around it. Rows of a list share it."""
    return tuple(
        f"{parent.name}.{'.'.join(str(name) for name in parent.get_attribute_list('class') if name)}"
        for _, parent in zip(range(5), element.parents, strict=False)
        if parent.name not in ("[document]", "tbody")
    )


def _weight(link: Link, page: Page, known: Collection[str]) -> float:
    """How much a link looks like a row of an annual-report list."""
    weight = 0.0
    weight += 2.0 if page.date_beside(link) else 0.0
    weight += 1.0 if has_year(link.title) else 0.0
    weight += 1.0 if "公开" in link.title else 0.0
    weight += 2.0 if "年报" in link.title or "年度报告" in link.title else 0.0
    weight += 1.0 if _near(link, page) else -1.0
    weight += 1.0 if len(link.title) >= 8 else -1.0
    weight += 3.0 if link.address in known else 0.0
    return weight


def _is_report(link: Link, page: Page) -> bool:
    return page.row(link).kind is EntryKind.REPORT


def _near(link: Link, page: Page) -> bool:
    """Whether a link shares the host and the first folder of the column's path."""
    first = urlsplit(page.address).path.split("/")[1:2]
    return host_of(link.address) == host_of(page.address) and urlsplit(link.address).path.split("/")[1:2] == first


def _paging(page: Page) -> tuple[tuple[PageRequest, ...], int | None]:
    """The other pages as the page shows them, and their number where a script tells it."""
    count: int | None = None
    addresses: list[str] = []
    for pages, prefix, ending in _UCAP_CALL.findall(page.scripts):
        count = max(count or 0, int(pages))
        addresses += [
            urljoin(page.folder, f"{prefix}_{number}.{ending}") for number in numbers_from(2, int(pages) + 1)
        ]
    pagers = {id(page.list_of(link)) for link in page.links if _NEXT.match(link.words) or _LAST.match(link.words)}
    for link in page.links:
        numbered = _PAGE_NUMBER.match(link.words) and id(page.list_of(link)) in pagers
        # The first page has been read; it may have another address here.
        other_number = numbered and link.words.strip("[]") != "1"
        further = other_number or (_LAST.match(link.words) and not _is_first(link.address))
        if (_NEXT.match(link.words) or further) and _is_other_page(link.address, page):
            addresses.append(link.address)
    return pages_at(addresses), count


def _is_first(address: str) -> bool:
    """Whether the last number in an address is that of a first page, counted from 0 or 1."""
    numbers = re.findall(r"\d+", urlsplit(address).query or urlsplit(address).path.rpartition("/")[2])
    return not numbers or int(numbers[-1]) <= 1


def _is_other_page(address: str, page: Page) -> bool:
    """Whether an address is another page of the same list: same folder, or same path with another query."""
    if address == page.address or host_of(address) != host_of(page.address):
        return False
    if same_path(address, page.address):
        return True
    folder, own = without_scheme(folder_of(address)), without_scheme(page.folder)
    return folder == own or folder.startswith(own)


def no_marks(html: str, address: str) -> tuple[str, ...]:
    """None: software we do not know has no marks."""
    return ()


GENERIC = Family("generic", read_generic_list, no_marks)
