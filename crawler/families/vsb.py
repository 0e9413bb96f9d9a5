"""List pages of VSB（博达）: static lists whose further pages count down, or lists of a ``.jsp`` (4.6)."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.addresses import host_of
from crawler.families.family import Family, ListAnswer
from crawler.families.generic import read_generic_list
from crawler.families.page import ListPage, Page, pages_at, same_path

_ARTICLE = re.compile(
    r"/info/(?:egovinfo/)?\w+/(?:[^/]+/)*[\d-]+\.htm$|/\w*content\.jsp$|/(?:overt_centent|xxgkinfo)/[^/]+/[\d-]+\.htm$"
)
_COUNTED = re.compile(r"^(.*/)(\d{1,4})\.htm$")
_OF_PAGES = re.compile(r"(?<![\d/])(\d{1,4})\s*/\s*(\d{1,4})(?![\d/])")
_PAGER = ".p_pages, .pb_sys_common, [id^=fanye], .Next, .pages"
_MOST_PAGES = 500


def read_vsb_list(answer: ListAnswer) -> ListPage:
    """Read one page of a VSB column.

    Rows are weighed as on any page. Of ``<column>.htm`` the further pages are ``<column>/<n>.htm`` with n counting
    down, so that the highest number is page 2 and ``1.htm`` the oldest; every number below the highest that is
    linked is a page. Lists of a ``.jsp`` count up in ``PAGENUM``, their number in ``totalpage`` or as 1/5.
    """
    page = Page(answer.text, answer.address)
    read = read_generic_list(answer)
    if read.shell:
        return read
    static = _static_pages(page)
    asked, told = _asked_pages(page)
    pages = dict.fromkeys((*static, *asked))
    pages.pop(page.address, None)
    counts = [*told]
    for pager in page.soup.select(_PAGER):
        counts += [int(match[2]) for match in _OF_PAGES.finditer(" ".join(pager.get_text(" ").split()))]
    # Numbers of the pager that are neither of these two forms stay as the generic reader found them.
    others = [request for request in read.pages if request.address not in pages and not _is_page(request.address)]
    count = max((number for number in counts if 0 < number <= _MOST_PAGES), default=read.declared_pages)
    if static:
        count = max(count or 0, len({*static, page.address}))
        if not _is_counted(page):
            count = max(count, len(static) + 1)
    return replace(read, pages=(*pages_at(pages), *others), declared_pages=count)


def _is_page(address: str) -> bool:
    return _COUNTED.match(address) is not None or "PAGENUM=" in address


def _is_counted(page: Page) -> bool:
    """Whether this is a further page of a static list."""
    return _COUNTED.match(page.address) is not None


def _static_pages(page: Page) -> list[str]:
    """All further pages of a static column, the newest first: every number up to the highest linked."""
    counted = _COUNTED.match(page.address)
    stem = page.address.removesuffix(".htm") + "/"
    folders = [counted[1]] if counted else [stem, urljoin(page.folder, "index/")]
    for folder in folders:
        numbers = [
            int(match[2])
            for link in page.links
            if (match := _COUNTED.match(link.address)) is not None
            and match[1] == folder
            and not _ARTICLE.search(urlsplit(link.address).path)
        ]
        if counted and numbers:
            numbers.append(int(counted[2]))
        if numbers and max(numbers) <= _MOST_PAGES:
            return [f"{folder}{number}.htm" for number in range(max(numbers), 0, -1)]
    return []


def _asked_pages(page: Page) -> tuple[list[str], list[int]]:
    """Further pages of a list that is asked for with ``PAGENUM``, and the numbers of pages that it tells."""
    found: list[str] = []
    told: list[int] = []
    for link in page.links:
        if host_of(link.address) != host_of(page.address) or not same_path(link.address, page.address):
            continue
        parts = urlsplit(link.address)
        fields = dict(parse_qsl(parts.query, keep_blank_values=True))
        name = next((name for name in fields if name.upper() == "PAGENUM"), None)
        if name is None or not fields[name].isdigit():
            continue
        total = fields.get("totalpage", "")
        highest = int(total) if total.isdigit() else int(fields[name])
        if highest > _MOST_PAGES:
            continue
        told.append(highest)
        for number in range(2, highest + 1):
            found.append(urlunsplit((*parts[:3], urlencode({**fields, name: number}), "")))
    own = dict(parse_qsl(urlsplit(page.address).query)).get("PAGENUM")
    return [one for one in dict.fromkeys(found) if own is None or f"PAGENUM={own}&" not in one + "&"], told


def vsb_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of VSB: its resource folder, its names for parts of a page, the form of its addresses."""
    marks = []
    if re.search(r"/system/resource/(?:js|code|css)/|/system/_content/", html):
        marks.append("/system/resource/")
    if re.search(r"id=[\"']?vsb_(?:content|newscontent)|v_news_content|vsbcontent_(?:start|end)|_vsbscreen", html):
        marks.append("vsb names")
    if re.search(r"id=[\"']?line_u\d+_\d+|pb_sys_common|id=[\"']?fanye\d", html):
        marks.append("VSB list component")
    if re.search(r"Visual\s?SiteBuilder", html):
        marks.append("Visual SiteBuilder")
    if re.search(
        r"/info/\d+/\d+\.htm[\"'\s>]|urltype=(?:news\.NewsContentUrl|tree\.TreeTempUrl)", html
    ) or re.search(r"/info/\d+/\d+\.htm$|/overt_centent/", urlsplit(address).path):
        marks.append("addresses info/<column>/<id>.htm")
    return tuple(marks)


VSB = Family("vsb", read_vsb_list, vsb_marks)
