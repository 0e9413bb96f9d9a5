"""List pages of Hanweb JPaaS (大汉): a script tag names the piece of the page that is the list, HTML in JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import urlencode, urljoin, urlsplit

from bs4.element import Tag

from crawler.families.family import Family, ListAnswer
from crawler.families.page import Link, ListPage, Page, PageRequest
from crawler.families.rows import LinkedRows, linked_rows, rows_of_piece
from crawler.families.structured import (
    column_of,
    fields_of,
    first_number,
    further_pages,
    literal,
    mapping,
    number_of,
    read_json,
    refused,
    with_query_field,
)

_ENDPOINT = "/front/page/build/unit"
_ARTICLE = re.compile(r"/art/(?:(?:19|20)\d{2}/)?(?:\d{1,2}/\d{1,2}/)?art_[0-9a-f]{32}\.html?$")
_LIST_UNIT = re.compile(r"列表|分页|信息|内容|list", re.IGNORECASE)
_PAGE_SIZE = 15


def read_jpaas_list(answer: ListAnswer) -> ListPage:
    """Read the column's page or an answer of ``build/unit``.

    The column's page may hold its first rows with the pager (``rows`` a page, ``count`` in all); the others,
    else all of them, come from the unit that its script tag names. The number of a page is obeyed only inside
    ``paramJson``. Rule: portals.md 4.2, JPaaS.
    """
    if urlsplit(answer.request.address).path.endswith(_ENDPOINT):
        return _read_answer(answer)
    page = Page(answer.text, answer.address)
    units = _units(page, answer)
    found = linked_rows(page, answer.known, _is_article)
    size, count = _pager(page)
    if found.rows and found.proven and (count is not None or not units):
        pages = _further(units[0], 1, count, size or len(found.rows)) if len(units) == 1 else ()
        if count is None or len(found.rows) >= count or pages:
            return replace(_list_page(found, count, pages), declared_pages=None if pages else page.unturned())
    if units:
        return ListPage(None, pages=tuple(units), shell=True)
    return ListPage(None, found.rows, unaddressed=found.unaddressed)


def _read_answer(answer: ListAnswer) -> ListPage:
    root = mapping(read_json(answer.text))
    data = root.get("data")
    html = data if isinstance(data, str) else mapping(data).get("html")
    if not isinstance(html, str) or refused(root):
        return ListPage(None)
    page = Page(html, column_of(answer))
    size, count = _pager(page)
    found = rows_of_piece(page, lambda link: not _in_pager(link))
    asked = mapping(fields_of(answer.request).get("paramJson"))
    number = number_of(asked.get("pageNo")) or 1
    size = size or number_of(asked.get("pageSize")) or _PAGE_SIZE
    if not found.rows and not found.unaddressed:
        if count == 0:
            return ListPage("declared_zero", declared=0)
        ended = count is None and (page.says_empty() or number > 1)
        return ListPage("says_empty" if ended else None, declared=count)
    got = size if count is not None else len(found.rows)
    return _list_page(found, count, _further(answer.request, number, count, got, size))


def _list_page(found: LinkedRows, count: int | None, pages: tuple[PageRequest, ...]) -> ListPage:
    proof = "rows" if found.proven or found.unaddressed else None
    return ListPage(proof, found.rows, pages, count, unaddressed=found.unaddressed)


def _is_article(address: str) -> bool:
    return _ARTICLE.search(urlsplit(address).path) is not None


def _units(page: Page, answer: ListAnswer) -> list[PageRequest]:
    """The requests for the pieces of the page that may be its list, as its script tags name them.

    A page has several such pieces; the definition's parameter ``tagId`` names the right one where the words of
    the tags do not tell it.
    """
    found: dict[str, tuple[str, PageRequest]] = {}
    for element in page.soup.select("[querydata]"):
        place = str(element.get("url") or "")
        if _ENDPOINT not in place:
            continue
        fields = {name: values[0] if values else "" for name, values in literal(str(element["querydata"])).items()}
        if fields.get("pageType", "column") != "column":
            continue
        address = f"{urljoin(answer.address, place)}?{urlencode(fields)}"
        # Each counts for itself: one that shows more than it told must not make up for another.
        request = PageRequest(address, headers=_headers(answer.address), branch=fields.get("tagId", ""))
        found[request.key] = (fields.get("tagId", ""), request)
    wanted = answer.parameters.get("tagId")
    if wanted:
        return [request for tag, request in found.values() if tag == wanted]
    named = [request for tag, request in found.values() if _LIST_UNIT.search(tag)]
    return named or [request for _, request in found.values()]


def _headers(column: str) -> tuple[tuple[str, str], ...]:
    return (("referer", column), ("x-requested-with", "XMLHttpRequest"))


def _further(
    request: PageRequest, number: int, count: int | None, got: int, size: int | None = None
) -> tuple[PageRequest, ...]:
    size = size or got
    return tuple(
        PageRequest(
            with_query_field(request.address, "paramJson", json.dumps({"pageNo": further, "pageSize": size})),
            headers=request.headers,
        )
        for further in further_pages(number, count, got, size)
    )


def _pager(page: Page) -> tuple[int | None, int | None]:
    """Rows a page and rows in all, from the attributes of the pager or its ``queryData``."""
    for element in page.soup.select("[class*=pagination], [id*=pagination]"):
        told = {name: values[0] for name, values in literal(str(element.get("querydata") or "")).items() if values}
        told |= {str(name): str(value) for name, value in element.attrs.items()}
        count = first_number(told, ("count",))
        if count is not None:
            return first_number(told, ("rows",)) or None, count
    return None, None


def _in_pager(link: Link) -> bool:
    return any(_is_pager(parent) for parent in link.element.parents)


def _is_pager(element: Tag) -> bool:
    names = (str(element.get("id") or ""), *(str(name) for name in element.get_attribute_list("class") if name))
    return any("pagination" in name for name in names)


def jpaas_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of JPaaS: the gateway in its script tags, and addresses of its articles."""
    marks = []
    if "jpaas-publish-server" in html or "/jpaas-" in html:
        marks.append("jpaas-publish-server/front/page/build/unit")
    if re.search(r"/art/(?:19|20)\d{2}/art_[0-9a-f]{32}\.html", html) or _is_article(address):
        marks.append("addresses art/<year>/art_<32 hex>.html")
    return tuple(marks)


JPAAS = Family("jpaas", read_jpaas_list, jpaas_marks)
