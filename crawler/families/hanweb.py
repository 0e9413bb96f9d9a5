"""List pages of Hanweb（大汉）, the classic one: records inside a script of the page, the others asked for by it.

``/col/col<number>/index.html`` holds the first rows as datastore > recordset > record > CDATA. Further ones come
from ``dataproxy.jsp``: by POST of the fields that the page's script names, or in the older version by GET of the
next group's address. ``truecms`` (Nantong and others) gives the same records as JSONP (portals.md part 4.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.addresses import host_of, normalise
from crawler.families.family import Family, ListAnswer
from crawler.families.page import (
    MOST_PAGES,
    Link,
    ListPage,
    Page,
    PageRequest,
    Row,
    has_year,
    is_aside,
    is_furniture,
    kind_of_title,
    report_in_place,
    same_site,
)
from crawler.families.structured import read_json
from crawler.records import EntryKind
from parsers.documents.links import is_file_name

_RECORD = re.compile(r"<record>\s*(.*?)\s*</record>", re.DOTALL | re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_STORE = re.compile(r"<datastore>.*?</datastore>", re.DOTALL | re.IGNORECASE)
_NEXT_GROUP = re.compile(r"<nextgroup>\s*<!\[CDATA\[(.*?)\]\]>\s*</nextgroup>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(\d{1,6})\s*</totalrecord>", re.IGNORECASE)
_ARTICLE = re.compile(r"/art/(?:19|20)\d{2}/\d{1,2}/\d{1,2}/art_(\d+)_\d+\.html?$")
_COLUMN = re.compile(r"/col/col(\d+)/")
# The label of its column, which some lists print before a title.
_LABEL = re.compile(r"<a\b[^>]*href\s*=\s*[\"']?[^\"'\s>]*/col/col\d+/[^>]*>.*?</a>", re.DOTALL | re.IGNORECASE)
_PROXY = re.compile(r"proxy_?url\s*:\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
_FIELDS = re.compile(r"ajaxParam\s*:\s*\{(.*?)\}", re.DOTALL)
_FIELD = re.compile(r"""["']?(\w+)["']?\s*:\s*(?:'([^']*)'|"([^"]*)"|([^,\s'"}]+))""")
_TRUECMS = "messageController/getMessage.do"
_CALLBACK = "callback"
_USUAL_GROUPS = 3
_MOST_AT_ONCE = 100
_MOST_FRAMES = 3
_NO_LIST = re.compile(r"\.(?:mp4|swf|flv|pdf|jpe?g|png|gif)$", re.IGNORECASE)


def read_hanweb_list(answer: ListAnswer) -> ListPage:
    """Read a column's page, or what ``dataproxy.jsp`` or ``truecms`` answered to a request for further rows.

    Every record is a row. Links outside the records belong to the site's other columns and are none, but for those
    that bear this column's number. An answer without records proves nothing: some servers answer so for pages that
    they are tired of.
    """
    text = answer.text.lstrip("\ufeff \t\r\n")
    if answer.request.body is not None or _asks_for_records(answer.address):
        return _read_answer(text, answer)
    return _read_page(answer)


def _asks_for_records(address: str) -> bool:
    path = urlsplit(address).path
    return path.endswith(("dataproxy.jsp", _TRUECMS))


# --- records --------------------------------------------------------------------------------------------------


def _records(text: str) -> list[str]:
    """The mark-up of each record: a list item, a row of a table, or a whole small table."""
    found = []
    for record in _RECORD.findall(text):
        parts = _CDATA.findall(record)
        found.append("".join(parts) if parts else unescape(record))
    return found


def _rows(records: list[str], answer: ListAnswer) -> tuple[dict[str, Row], tuple[str, ...]]:
    """The rows of records, and the titles of reports that lead nowhere."""
    parts = []
    for record in records:
        inner = _LABEL.sub("", record).strip()
        # A row of a table is none without its table.
        inner = f"<table>{inner}</table>" if inner[:3].lower() in ("<tr", "<td") else inner
        parts.append(f"<div>{inner}</div>")
    page = Page(f"<html><body><div>{''.join(parts)}</div></body></html>", _base(answer))
    rows: dict[str, Row] = {}
    for link in page.links:
        if link.title and link.address not in rows and page.leads_elsewhere(link):
            rows[link.address] = page.row(link)
    told = {row.title for row in rows.values()}
    lost = (
        link.title
        for link in page.scripted
        if link.title not in told and kind_of_title(link.title) is EntryKind.REPORT
    )
    return rows, tuple(lost)


def _base(answer: ListAnswer) -> str:
    """The page that a record's relative links belong to: the column's, which asked for the record."""
    return dict(answer.request.headers).get("referer", answer.address)


# --- the column's page ----------------------------------------------------------------------------------------


def _read_page(answer: ListAnswer) -> ListPage:
    page = Page(answer.text, answer.address)
    records = _records(answer.text)
    rows, lost = _rows(records, answer)
    own = _COLUMN.search(page.address)
    plain = [link for link in page.links if link.title and page.leads_elsewhere(link) and not is_furniture(link)]
    if records:
        plain = [link for link in plain if own and _column_of(link) == own[1]]
    elif frames := _frames_instead(page, plain, own[1] if own else None):
        return ListPage(None, pages=frames, declared=page.declared(), shell=True)
    else:
        plain = list(_plain_rows(page, plain, answer, own[1] if own else None))
        lost = page.unaddressed({id(page.list_of(link)) for link in plain}, [page.row(link) for link in plain])
    for link in plain:
        if link.address not in rows:
            rows[link.address] = page.row(link)
    blocks = _blocks(answer.text, page.scripts)
    totals = [block.total for block in blocks if block.total is not None]
    # Several lists on one page (by kind of organ, or in tabs) tell their counts each.
    declared = sum(totals) if totals and len(totals) == len(blocks) else page.declared()
    pages = tuple(request for block in blocks for request in _further(page, block))
    proof = "rows" if rows else None
    if not rows and not pages and (placed := report_in_place(page, answer)):
        rows, proof = {placed.address: placed}, "rows"
    elif not rows and _told_none(totals, answer.text):
        proof, pages = "declared_zero", ()
    elif not rows and not pages:
        proof = page.empty_proof(rendered=answer.rendered)
    count = page.declared_pages() if records or pages or declared is not None else page.unturned()
    return ListPage(proof, tuple(rows.values()), pages, declared, count, lost, shell=proof is None and bool(pages))


def _told_none(totals: list[int], html: str) -> bool:
    """Whether the server told that the column has no rows, with an empty store of records for it or a ``truecms``
    call; 0 alone is what a script begins with."""
    return bool(totals) and sum(totals) == 0 and (_STORE.search(html) is not None or _TRUECMS in html)


def _plain_rows(page: Page, links: list[Link], answer: ListAnswer, own: str | None) -> Iterator[Link]:
    """The rows of a column whose list stands in the page itself: this column's articles and those beside them."""
    articles = [link for link in links if _column_of(link) or link.address in answer.known]
    mine = [link for link in articles if _column_of(link) == own or link.address in answer.known]
    reports = [link for link in articles if kind_of_title(link.title) is EntryKind.REPORT and not is_aside(link)]
    counted = [id(page.list_of(link)) for link in articles]
    # A report of another column alone may be a recommendation aside.
    lists = {
        id(page.list_of(link)) for link in mine or reports if mine or counted.count(id(page.list_of(link))) > 1
    }
    for link in links:
        if id(page.list_of(link)) not in lists:
            continue
        is_document = _column_of(link) is not None or is_file_name(link.address) or link.address in answer.known
        if is_document or (kind_of_title(link.title) is EntryKind.REPORT and has_year(link.title)):
            yield link


def _column_of(link: Link) -> str | None:
    """The number of the column that an article's address names."""
    found = _ARTICLE.search(urlsplit(link.address).path)
    return found[1] if found else None


def _frames_instead(page: Page, links: list[Link], own: str | None) -> tuple[PageRequest, ...]:
    """Pages of the same host that stand in a frame of this one, where no article of the column stands beside."""
    if own is not None and any(_column_of(link) == own for link in links):
        return ()
    addresses = (normalise(str(frame["src"]), page.base) for frame in page.soup.find_all("iframe", src=True))
    inside = [
        address
        for address in addresses
        if address
        and host_of(address) == host_of(page.address)
        and address != page.address
        and not _NO_LIST.search(urlsplit(address).path)
    ]
    return tuple(
        PageRequest(address, headers=(("referer", page.address),))
        for address in list(dict.fromkeys(inside))[:_MOST_FRAMES]
    )


# --- further rows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """One list of a page: the settings of its script, the store of its first records and how many these are."""

    settings: str
    store: str
    there: int
    total: int | None


def _blocks(html: str, scripts: str) -> list[_Block]:
    """The lists of a page in their order. Scripts and stores that do not pair are taken for one list."""
    settings = re.split(r"\.jpage\s*\(", scripts, flags=re.IGNORECASE)[1:] or [scripts]
    stores = _STORE.findall(html) or [html]
    if len(settings) != len(stores):
        settings, stores = ["\n".join(settings)], [html]
    return [
        _Block(setting, store, len(_records(store)), _number(setting, "totalRecord"))
        for setting, store in zip(settings, stores, strict=True)
    ]


def _further(page: Page, block: _Block) -> Iterator[PageRequest]:
    """The requests for the rows of a list that do not stand in the page, as its own script makes them."""
    proxy = _PROXY.search(block.settings)
    fields = _fields(block.settings)
    per_page = _number(block.settings, "perPage") or 15
    told_groups = _number(block.settings, "groupSize")
    group = min(per_page * (told_groups or _USUAL_GROUPS), _MOST_AT_ONCE)
    if proxy and urlsplit(proxy[1]).path.endswith(_TRUECMS):
        # What stands in such a page is a copy of the first rows: all are asked for.
        last = block.total if block.total is not None else 1
        for start in range(1, last + 1, group)[:MOST_PAGES]:
            yield _truecms(urljoin(page.address, proxy[1]), fields, start, group, per_page, page.address)
    elif proxy and fields:
        # The pages of a server that counts by pages begin where groups of this size do.
        size = min(block.there, _MOST_AT_ONCE) or group
        # Where no total is told, a full group (or page) may be followed by another, which its answer then names.
        full = group if told_groups else min(per_page, group)
        last = block.total if block.total is not None else block.there + (block.there >= full)
        for start in range(block.there + 1, last + 1, size)[:MOST_PAGES]:
            end = start + size - 1
            query = urlencode({"startrecord": start, "endrecord": end, "perpage": per_page})
            yield PageRequest(
                urlunsplit((*urlsplit(urljoin(page.address, proxy[1]))[:3], query, "")),
                urlencode(fields),
                headers=_ajax(page.address),
            )
    else:
        yield from _next_group(block.store, page.address, page.address)


def _truecms(
    proxy: str, fields: Mapping[str, str], start: int, group: int, per_page: int, column: str
) -> PageRequest:
    asked = {"startrecord": start, "endrecord": start + group - 1, "perpage": per_page, **fields}
    query = urlencode({**asked, _CALLBACK: _CALLBACK})
    return PageRequest(urlunsplit((*urlsplit(proxy)[:3], query, "")), headers=_ajax(column))


def _next_group(text: str, address: str, column: str) -> Iterator[PageRequest]:
    """The older version: each answer names the next group; what its address leaves out is as in the last one."""
    group = _NEXT_GROUP.search(text)
    link = _HREF.search(group[1]) if group else None
    if link is None:
        return
    parts = urlsplit(urljoin(address, unescape(link[1])))
    if not parts.path.endswith("dataproxy.jsp"):
        return
    before = dict(parse_qsl(urlsplit(address).query)) if _asks_for_records(address) else {}
    query = {**before, **dict(parse_qsl(parts.query))}
    if query == before:
        return
    yield PageRequest(urlunsplit((*parts[:3], urlencode(query), "")), headers=_ajax(column))


def _ajax(column: str) -> tuple[tuple[str, str], ...]:
    return (("referer", column), ("x-requested-with", "XMLHttpRequest"))


def _fields(scripts: str) -> dict[str, str]:
    """The form fields that the page's script sends."""
    found = _FIELDS.search(scripts)
    pairs = _FIELD.findall(found[1]) if found else []
    return {name: single or double or bare for name, single, double, bare in pairs}


def _number(scripts: str, name: str) -> int | None:
    found = re.search(rf"\b{name}\s*:\s*[\"']?(\d{{1,5}})\b", scripts, re.IGNORECASE)
    return int(found[1]) if found else None


def _read_answer(text: str, answer: ListAnswer) -> ListPage:
    """The records of one answer; only records prove anything here."""
    given = read_json(text)
    if isinstance(given, Mapping):
        text = str(given.get("result") or given.get("data") or "")
    rows, lost = _rows(_records(text), answer)
    total = _TOTAL.search(text)
    declared = int(total[1]) if total else None
    column = _base(answer)
    query = dict(parse_qsl(urlsplit(answer.address).query))
    further: list[PageRequest] = []
    otherwise: tuple[PageRequest, ...] = ()
    start, end = (_as_number(query.get(name)) for name in ("startrecord", "endrecord"))
    if start and end and end >= start:
        size = end - start + 1
        if start == 1 and declared is not None and answer.request.body is None and rows:
            fields = {
                name: value
                for name, value in query.items()
                if name not in ("startrecord", "endrecord", "perpage", _CALLBACK)
            }
            per_page = _as_number(query.get("perpage")) or size
            proxy = urlunsplit((*urlsplit(answer.address)[:3], "", ""))
            further = [
                _truecms(proxy, fields, one, size, per_page, column)
                for one in range(size + 1, declared + 1, size)[:MOST_PAGES]
            ]
        if answer.request.body is not None and answer.declared is None and len(rows) >= size:
            following = {**query, "startrecord": end + 1, "endrecord": end + size}
            address = urlunsplit((*urlsplit(answer.request.address)[:3], urlencode(following), ""))
            further = [PageRequest(address, answer.request.body, headers=answer.request.headers)]
        if answer.request.body is not None and "page" not in query:
            # A server that does not obey startrecord is asked by the number of the page.
            by_page = {**query, "perpage": size, "page": (start - 1) // size + 1}
            address = urlunsplit((*urlsplit(answer.request.address)[:3], urlencode(by_page), ""))
            otherwise = (PageRequest(address, answer.request.body, headers=answer.request.headers),)
    else:
        further = list(_next_group(text, answer.address, column))
    return ListPage(
        "rows" if rows else None,
        tuple(rows.values()),
        tuple(further),
        declared,
        unaddressed=lost,
        otherwise=otherwise,
    )


def _as_number(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None


# --- marks ----------------------------------------------------------------------------------------------------


_LATER = re.compile(r"jpaas|commonfiles/(?:jpage|jquery\.jpage)")
"""Later generations of the software keep the addresses of columns."""


def hanweb_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of classic Hanweb on any page of a portal: addresses of its articles and columns, records, proxies."""
    marks = []
    linked = [found for found in (normalise(one, address) for one in _HREF.findall(html)) if found]
    own = [address, *(found for found in linked if same_site(found, address))]
    if any(_ARTICLE.search(urlsplit(found).path) for found in own):
        marks.append("addresses /art/<y>/<m>/<d>/art_<column>_<number>.html")
    if re.search(r"<datastore>", html, re.IGNORECASE) and _RECORD.search(html):
        marks.append("datastore with records")
    if re.search(r"jpage/(?:more\w*)?dataproxy\.jsp", html):
        marks.append("jpage/dataproxy.jsp")
    if _TRUECMS in html:
        marks.append("truecms messageController")
    if not _LATER.search(html) and any(_COLUMN.search(urlsplit(found).path) for found in own):
        marks.append("addresses /col/col<number>/")
    return tuple(marks)


HANWEB = Family("hanweb", read_hanweb_list, hanweb_marks)
