"""List pages of Hanweb's generation with ``loadPageData`` (大汉, 江西): rows come as JSON from ``/queryList``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from crawler.families.family import Family, ListAnswer
from crawler.families.page import ListPage, Page, PageRequest
from crawler.families.structured import (
    Item,
    address_in,
    column_of,
    day_of,
    fields_of,
    first_number,
    further_pages,
    list_of_items,
    literal,
    mapping,
    organ_in,
    read_json,
    refused,
    with_field,
    words_of,
)

_ENDPOINT = "/queryList"
_BLOCK = re.compile(r"\b\w+\s*=\s*\{([^{}]*\bchannel(?:Code|Id)\b[^{}]*)\}")
_CALL = re.compile(r"\bloadPageData\s*\(")
_CHOOSING = ("webSiteCode", "channelCode", "channelId")
_PAGE_SIZE = 15
_ARTICLE = re.compile(r"/content/content_\d{12,20}\.s?html?$")


def read_hanweb_query_list(answer: ListAnswer) -> ListPage:
    """Read the column's page, which holds the parameters of its list, or an answer of ``/queryList``.

    The column's page lists nothing itself. Rows are ``data.results[].source``: title or showTitle, pubDate, and
    ``urls`` and ``metadata`` as JSON inside strings. The definition's parameter ``channelCode`` names the list
    where a page has several. Rule: portals.md 4.2, Jiangxi generation.
    """
    if urlsplit(answer.request.address).path.endswith(_ENDPOINT):
        return _read_answer(answer)
    page = Page(answer.text, answer.address)
    if not _CALL.search(page.scripts):
        return ListPage(None)
    blocks = [literal(block) for block in _BLOCK.findall(page.scripts)]
    chosen = _of_this_column(blocks, answer)
    if not chosen:
        return ListPage(None)
    requests = {request.key: request for request in (_first_request(block, answer) for block in chosen)}
    return ListPage(None, pages=tuple(requests.values()), shell=True)


def _of_this_column(blocks: list[dict[str, list[str]]], answer: ListAnswer) -> list[dict[str, list[str]]]:
    """Of several lists on a page the one of this column, where its code tells it; else all of them."""
    wanted = answer.parameters.get("channelCode")
    own = [
        block
        for block in blocks
        for code in (*block.get("channelCode", ()), *block.get("channelId", ()))
        if code and (code == wanted if wanted else f"/{code}/" in urlsplit(answer.address).path)
    ]
    return own or ([] if wanted else blocks)


def _first_request(block: Mapping[str, list[str]], answer: ListAnswer) -> PageRequest:
    size = next(iter(block.get("perPage", ())), "")
    fields = [("current", "1"), ("pageSize", size if size.isdigit() and int(size) else str(_PAGE_SIZE))]
    fields += [(f"{name}[]", value) for name in _CHOOSING for value in block.get(name, ())]
    fields += [
        (name, next(iter(block.get(name, ())), usual)) for name, usual in (("sort", "sortNum"), ("order", "desc"))
    ]
    return PageRequest(
        urljoin(answer.address, _ENDPOINT),
        urlencode(fields),
        headers=(("referer", answer.address), ("x-requested-with", "XMLHttpRequest")),
        branch=",".join(value for name in _CHOOSING[1:] for value in block.get(name, ())),
    )


def _read_answer(answer: ListAnswer) -> ListPage:
    root = mapping(read_json(answer.text))
    if refused(root):
        return ListPage(None)
    data = mapping(root.get("data"))
    results = data.get("results")
    if not isinstance(results, list):
        return ListPage(None)
    total = first_number(data, ("total", "totalCount", "totalRows", "count"))
    asked = fields_of(answer.request)
    number = int(asked["current"]) if asked.get("current", "").isdecimal() else 1
    size = int(asked["pageSize"]) if asked.get("pageSize", "").isdecimal() else _PAGE_SIZE
    base = column_of(answer)
    items = [_item(result, base) for result in results]
    pages = tuple(
        PageRequest(
            answer.request.address,
            with_field(answer.request.body or "", "current", str(further)),
            answer.request.content_type,
            answer.request.headers,
        )
        for further in further_pages(number, total, len(results), size)
    )
    return list_of_items(items, total, number, pages)


def _item(result: object, base: str) -> Item | None:
    fields = mapping(result)
    source = mapping(fields.get("source")) or fields
    if not source:
        return None
    metadata = mapping(source.get("metadata"))
    title = words_of(source.get("title")) or words_of(source.get("showTitle"))
    told = [(str(key), value) for one in (metadata, source) for key, value in one.items()]
    return Item(title, _address(source, base), day_of(source.get("pubDate")), organ_in(told))


def _address(source: Mapping[str, Any], base: str) -> str | None:
    """The address for computers; the one for telephones is its twin and stands in only where it is alone."""
    urls = mapping(source.get("urls"))
    spelled = [urls.get("pc"), source.get("pcUrl"), source.get("url"), urls.get("mobile"), urls.get("wap")]
    if not urls and not words_of(source.get("urls")).startswith("{"):
        spelled.insert(0, source.get("urls"))
    return next((found for one in spelled if (found := address_in(one, base))), None)


def hanweb_query_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of this generation: the call for its list, the scripts of its pager, addresses of its articles."""
    marks = []
    if _CALL.search(html) and "channelCode" in html:
        marks.append("loadPageData(params, …) with channelCode")
    if re.search(r"commonfiles/jquery\.jpage\.js|commonfiles/jpage/theme", html):
        marks.append("commonfiles/jquery.jpage.js")
    if _ARTICLE.search(urlsplit(address).path):
        marks.append("address content/content_<number>.html")
    return tuple(marks)


HANWEB_QUERY = Family("hanweb_query", read_hanweb_query_list, hanweb_query_marks)
