"""List pages of UCAP（开普）: static pages counted from one, or rows as JSON from the search interface."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urljoin, urlsplit

from bs4.element import Tag

from crawler.addresses import normalise
from crawler.families.family import Family, ListAnswer
from crawler.families.page import ListPage, Page, PageRequest, numbers_from, pages_at
from crawler.families.rows import linked_rows
from crawler.families.structured import (
    Item,
    address_in,
    column_of,
    day_of,
    fields_of,
    first_number,
    further_pages,
    list_of_items,
    mapping,
    organ_in,
    read_json,
    refused,
    sequence,
    with_field,
    with_query_field,
    words_of,
)
from parsers.documents.links import is_file_name

_PAGER = re.compile(
    r"(?<!function )\bcreatePageHTML\s*\(\s*[\"'][^\"']*[\"']\s*,\s*[\"']?(\d{1,5})[\"']?\s*,"
    r"\s*[\"']?\d+[\"']?\s*,\s*[\"']([\w/-]+)[\"']\s*,\s*[\"'](\w+)[\"']\s*(?:,\s*[\"']?(\d{1,6})\b)?"
)
_ARTICLE = re.compile(r"/(?:19|20)\d{4}/(?!t(?:19|20)\d{6}_)[\w-]+\.s?html?$|/c\d{4,}/[0-9a-f]{32}\.s?html?$")
_COLUMN = re.compile(r"/c\d{4,}/(?:\w*list(?:_\d+)?|index|zfxxgk)\.s?html?$")
_SEARCH = re.compile(
    r"((?:https?:)?//[\w.-]+(?::\d+)?)?(/search/common/search/|/common/search/|/search(?:List)?/)"
)
_CHANNEL = re.compile(r"\bchannelId[\"']?\s*[:=]\s*[\"']?([0-9a-f]{32}|\d{3,12})\b")
_SHOWN_BY_SCRIPT = re.compile(r"\blistModel\b|_isJson=true")
_PLACE_OF_LIST = re.compile(r"createPageHTML\s*\(|id=[\"']?(?:page_div|pageSize)\b|_pageSize\b")
_USUAL = "/common/search/"
_BY_POST = "/search/common/search/"
_PAGE_SIZE = 15


def read_ucap_list(answer: ListAnswer) -> ListPage:
    """Read a static page of the column, or an answer of its search interface.

    A page without rows of its own names its channel; the rows then come from ``/common/search/<channel>`` or,
    in Hunan, by POST from another host, which the definition must name among its hosts. Rows that stand in a
    comment are not shown and not read. The definition's parameters ``channelId`` and ``search`` (the path or
    address before it) name the interface where only a script of its own does. Rule: portals.md 4.3.
    """
    if _of_search(answer):
        return _read_search(answer)
    page = Page(answer.text, answer.address)
    found = linked_rows(page, answer.known, _is_article, _is_column)
    pages, count, told_rows = _static_pages(page)
    declared = page.declared() if told_rows is None else told_rows
    proof = "rows" if found.proven else None
    if not found.rows and not found.unaddressed:
        channel = _channel(page, answer)
        first = _first_search(page, channel, answer) if channel else None
        empty = page.empty_proof(rendered=answer.rendered)
        if told_rows == 0:
            proof = "declared_zero"
        elif empty and not _SHOWN_BY_SCRIPT.search(page.scripts) and not _names_search(page):
            proof = empty
        elif first is not None:
            return ListPage(None, pages=(first,), shell=True)
    if not pages and count is None:
        # Rows that the interface gives may follow the first ones, which stand in the page.
        count = 2 if declared is None and _SHOWN_BY_SCRIPT.search(page.scripts) else page.unturned()
    return ListPage(proof, found.rows, pages, declared, count, found.unaddressed)


def _is_article(address: str) -> bool:
    return _ARTICLE.search(urlsplit(address).path) is not None or is_file_name(address)


def _is_column(address: str) -> bool:
    """Whether an address is that of a list: menus name columns of years like reports (portals.md 4.3)."""
    return _COLUMN.search(urlsplit(address).path) is not None


def _static_pages(page: Page) -> tuple[tuple[PageRequest, ...], int | None, int | None]:
    """The other static pages, how many there are, and how many rows the column has.

    ``createPageHTML('page_div', pages, current, prefix, extension, rows)``: page 2 is ``prefix_2.extension``.
    """
    addresses: list[str] = []
    count = rows = None
    for pages, prefix, ending, told in _PAGER.findall(page.scripts):
        count = max(count or 0, int(pages))
        rows = max(rows or 0, int(told)) if told else rows
        name = prefix.rpartition("/")[2]
        addresses += [
            urljoin(page.folder, f"{name}_{number}.{ending}") for number in numbers_from(2, int(pages) + 1)
        ]
    return pages_at(address for address in addresses if address != page.address), count or None, rows


def _channel(page: Page, answer: ListAnswer) -> str | None:
    """The channel of a page that has a place for a list; every page of the software names one in its head."""
    named = answer.parameters.get("channelId")
    if not named and not (
        _names_search(page) or _SHOWN_BY_SCRIPT.search(page.scripts) or _PLACE_OF_LIST.search(answer.text)
    ):
        return None
    meta = page.soup.find("meta", attrs={"name": re.compile("^channelId$", re.IGNORECASE)})
    told = str(meta.get("content") or "").strip() if isinstance(meta, Tag) else ""
    script = _CHANNEL.search(page.scripts)
    # A number in a script is the channel that the script asks for; the page's own stands in its head.
    found = named or (script[1] if script else None) or told
    return found if found and re.fullmatch(r"[0-9A-Za-z]{3,40}", found) else None


def _names_search(page: Page) -> re.Match[str] | None:
    return _SEARCH.search(page.scripts)


def _first_search(page: Page, channel: str, answer: ListAnswer) -> PageRequest | None:
    """The request for the first rows; the parameter ``search`` of the definition names another interface."""
    named = answer.parameters.get("search")
    match = _names_search(page)
    place = named or (f"{match[1] or ''}{match[2]}" if match else _USUAL)
    address = normalise(f"{place.rstrip('/')}/{channel}", answer.address)
    if address is None:
        return None
    headers = (("referer", answer.address), ("x-requested-with", "XMLHttpRequest"))
    size = re.search(r"_pageSize[\"']?\s*[=:]\s*[\"']?(\d{1,3})\b", page.scripts)
    rows = size[1] if size and int(size[1]) else str(_PAGE_SIZE)
    if _BY_POST in address:
        fields = [
            ("datas[0][key]", "status"), ("datas[0][value]", "4"), ("datas[0][join]", "and"),
            ("datas[0][queryType]", "term"), ("datas[1][key]", "publishedTime"), ("datas[1][sort]", "true"),
            ("datas[1][order]", "desc"), ("datas[1][queryType]", "term"),
            ("page", "1"), ("_pageSize", rows), ("_isAgg", "true"), ("_isJson", "true"),
        ]  # fmt: skip
        return PageRequest(address, urlencode(fields), headers=headers)
    query = [("_isAgg", "true"), ("_isJson", "true"), ("_pageSize", rows), ("_template", "index"), ("page", "1")]
    return PageRequest(f"{address}?{urlencode(query)}", headers=headers)


def _of_search(answer: ListAnswer) -> bool:
    """Whether the answer is one of the search interface: by what was asked, not by what came."""
    return fields_of(answer.request).get("_isJson") == "true"


def _read_search(answer: ListAnswer) -> ListPage:
    root = mapping(read_json(answer.text))
    if refused(root):
        return ListPage(None)
    data = mapping(root.get("data")) or mapping(mapping(root.get("results")).get("data"))
    results = data.get("results")
    if not isinstance(results, list):
        return ListPage(None)
    total = first_number(data, ("total", "totalCount"))
    asked = fields_of(answer.request)
    number = int(asked["page"]) if asked.get("page", "").isdecimal() else 1
    size = int(asked["_pageSize"]) if asked.get("_pageSize", "").isdecimal() else _PAGE_SIZE
    base = column_of(answer)
    items = [_item(result, base) for result in results]
    pages = tuple(
        _page_of_search(answer.request, further)
        for further in further_pages(number, total, len(results), first_number(data, ("rows",)) or size)
    )
    return list_of_items(items, total, number, pages)


def _page_of_search(request: PageRequest, number: int) -> PageRequest:
    if request.body is None:
        return PageRequest(with_query_field(request.address, "page", str(number)), headers=request.headers)
    body = with_field(request.body, "page", str(number))
    return PageRequest(request.address, body, request.content_type, request.headers)


def _item(result: object, base: str) -> Item | None:
    fields = mapping(result)
    if not fields:
        return None
    groups = sequence(fields.get("domainMetaList"))
    entries = [mapping(entry) for group in groups for entry in sequence(mapping(group).get("resultList"))]
    told = [(words_of(entry.get(name)), entry.get("value")) for name in ("key", "name") for entry in entries]
    title = words_of(fields.get("title")) or words_of(fields.get("titleHtml"))
    shown = day_of(fields.get("publishedTimeStr")) or day_of(fields.get("publishedTime"))
    return Item(title, address_in(fields.get("url"), base), shown, organ_in(told))


def ucap_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of UCAP: its one-based pager, names in the mark-up, the search interface, addresses of articles."""
    marks = []
    if _PAGER.search(html):
        marks.append("createPageHTML('…', pages, …), one-based")
    if re.search(r"UCAP-?CONTENT|<ucap|UCAPTITLE", html, re.IGNORECASE):
        marks.append("UCAP-CONTENT")
    if re.search(r"<meta\s[^>]*name=[\"']channelId[\"']", html, re.IGNORECASE):
        marks.append("meta channelId")
    if re.search(r"/common/search/", html):
        marks.append("/common/search/<channel>")
    if re.search(r"/c\d{5,}/(?:19|20)\d{4}/(?:c\d+_\d+|[0-9a-f]{32}|\d+)\.s?html", f"{html} {address}"):
        marks.append("addresses c<column>/<month>/<number>.shtml")
    return tuple(marks)


UCAP = Family("ucap", read_ucap_list, ucap_marks)
