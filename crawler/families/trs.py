"""List pages of TRS WCM (拓尔思): static, paged from zero, the number of pages in the source."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from crawler.addresses import without_scheme
from crawler.families.family import Family, ListAnswer
from crawler.families.page import (
    Link,
    ListPage,
    Page,
    PageRequest,
    Row,
    has_year,
    is_furniture,
    kind_of_title,
    pages_at,
)
from crawler.records import EntryKind
from parsers.documents.links import is_file_name

_ARTICLE = re.compile(r"/t(?:19|20)\d{6}_\d+[^/]*\.s?html?$")
_CALL = re.compile(r"(?<!function )\bcreatePage(?:HTML)?\s*\(([^()]*)\)")
_NUMBER = re.compile(r"\b(?:var\s+)?(\w+)\s*=\s*[\"']?(\d{1,5})\b")
_WRITTEN = re.compile(
    r"href=\\?[\"']([\w-]+)[\"']?\s*\+\s*[\"']_[\"']\s*\+\s*\w+\s*\+\s*[\"']\.[\"']\s*\+\s*[\"'](s?html?)"
)
_STATIC_PAGE = re.compile(r"/([\w-]+?)_\d+\.s?html?$")


def read_trs_list(answer: ListAnswer) -> ListPage:
    """Read one page of a TRS column.

    Rows are the documents of the column's own folder, those that stand in the same list, and every link that
    is titled as a report, whatever its address: a report that cannot be fetched must not pass for one that is
    not there. Known addresses count as reports. Only addresses of
    the TRS form prove the list, for a menu of years is titled like reports too.
    """
    page, known = Page(answer.text, answer.address), answer.known
    folder = without_scheme(page.folder)
    documents = [link for link in page.links if _is_document(link.address) or link.address in known]
    reports = [link for link in documents if link.address in known or _is_report(link)]
    own = [link for link in documents if without_scheme(link.address).startswith(folder)]
    lists = {id(page.list_of(link)) for link in own or reports}
    listed = {id(link.element) for link in (*own, *reports)}
    rows: dict[str, Row] = {}
    for link in page.links:
        if link.address in rows or not link.title:
            continue
        in_list = id(page.list_of(link)) in lists
        if _is_document(link.address) or link.address in known:
            is_row = id(link.element) in listed or in_list
        else:
            is_row = _is_report_elsewhere(link, page, in_list)
        if is_row:
            rows[link.address] = page.row(link)
    pages, count = _paging(page)
    declared = page.declared()
    proven = [link for link in documents if _is_document(link.address)]
    proof = "rows" if any(_is_document(link.address) for link in own) or _is_list(page, reports, proven) else None
    if not rows and (declared == 0 or count == 0):
        proof = "declared_zero"
    elif not rows and page.says_empty():
        proof = "says_empty"
    unaddressed = page.unaddressed(lists, rows.values())
    return ListPage(proof, tuple(rows.values()), pages, declared, count or page.declared_pages(), unaddressed)


def _is_report(link: Link) -> bool:
    return kind_of_title(link.title) is EntryKind.REPORT


def _is_report_elsewhere(link: Link, page: Page, in_list: bool) -> bool:
    """Whether a link of another form of address is a row: a report in the list, or one of a year beside it."""
    if not _is_report(link) or not page.leads_elsewhere(link):
        return False
    return in_list or (has_year(link.title) and not is_furniture(link))


def _is_list(page: Page, reports: list[Link], documents: list[Link]) -> bool:
    """Whether a report of another folder stands among other documents: alone it may be a recommendation aside."""
    lists = {id(page.list_of(link)) for link in reports}
    return any(sum(id(page.list_of(link)) == one for link in documents) > 1 for one in lists)


def _is_document(address: str) -> bool:
    return _ARTICLE.search(urlsplit(address).path) is not None or is_file_name(address)


def _paging(page: Page) -> tuple[tuple[PageRequest, ...], int | None]:
    """The other pages, and how many pages the source says there are.

    ``createPageHTML(pages, current, "index", "html")``, Chongqing's ``createPage(pages, current, prefix, ext)``,
    or the variables ``countPage`` and ``currentPage`` with ``document.write``. A first argument in quotes is
    another product's call of the same name, one-based.
    """
    numbers = {name: int(value) for name, value in _NUMBER.findall(page.scripts)}
    count: int | None = None
    prefix, ending = _own_name(page.address)
    for call in _CALL.findall(page.scripts):
        arguments = [argument.strip() for argument in call.split(",")]
        if len(arguments) < 4 or arguments[0][:1] in "\"'":
            continue
        pages = int(arguments[0]) if arguments[0].isdigit() else numbers.get(arguments[0])
        if pages is None:
            continue
        count = max(count or 0, pages)
        prefix, ending = arguments[2].strip("\"'") or prefix, arguments[3].strip("\"'").lstrip(".") or ending
    if count is None and "countPage" in numbers:
        count = numbers["countPage"]
        written = _WRITTEN.search(page.scripts)
        if written:
            prefix, ending = written[1], written[2]
    names = [f"{prefix}.{ending}", *(f"{prefix}_{number}.{ending}" for number in range(1, count or 0))]
    addresses = [urljoin(page.folder, name) for name in names] if count and count > 1 else []
    addresses += [link.address for link in page.links if _is_static_page(link.address, page, prefix)]
    first = {page.address, page.folder, urljoin(page.folder, names[0])}
    others = dict.fromkeys(address for address in addresses if address != page.address and address not in first)
    return pages_at(others), count


def _own_name(address: str) -> tuple[str, str]:
    """Name and ending of the column's own first page."""
    name = urlsplit(address).path.rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    stem = re.sub(r"_\d+$", "", stem)
    return (stem, ending) if stem and re.fullmatch(r"s?html?", ending) else ("index", "html")


def _is_static_page(address: str, page: Page, prefix: str) -> bool:
    path = urlsplit(address).path
    match = _STATIC_PAGE.search(path)
    return (
        match is not None
        and match[1] == prefix
        and not _ARTICLE.search(path)
        and without_scheme(address).startswith(without_scheme(page.folder))
        and "/" not in without_scheme(address)[len(without_scheme(page.folder)) :]
    )


def trs_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of TRS on a column's page: addresses of its articles, its own call for paging, its class names."""
    marks = []
    if re.search(r"t(?:19|20)\d{6}_\d+\.s?html?", html):
        marks.append("addresses t<date>_<number>.html")
    calls = (call.split(",")[0].strip() for call in _CALL.findall(html))
    if any(first[:1] not in "\"'" for first in calls if first):
        marks.append("createPageHTML(pages, …), zero-based")
    if re.search(r"TRS_Editor|trs_editor_view|CurrChnlCls|TRS_UEDITOR", html):
        marks.append("TRS class names")
    return tuple(marks)


TRS = Family("trs", read_trs_list, trs_marks)
