"""List pages of Epoint（新点）: a shell, its script with the site's number, a JSON list by POST (4.7)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawler.addresses import normalise
from crawler.families.family import Family, ListAnswer
from crawler.families.generic import read_generic_list
from crawler.families.page import ListPage, PageRequest, Row, kind_of_title, organ_code_in
from crawler.families.structured import addressed, read_json, refused, words
from crawler.records import EntryKind
from parsers.dates import find_date
from parsers.titles import read_title

_SCRIPT = re.compile(r"[\"']([^\"'<>\s]*webBuilderCommon\.js)[^\"'<>\s]*[\"']")
_LIST = "/rest/lightfrontaction/getgovinfolist"
_SITE_GUID = re.compile(r"[\"']?siteGuid[\"']?\s*[:=]\s*[\"']([0-9A-Za-z-]{8,40})[\"']", re.I)
_PROJECT = re.compile(r"[\"']?projectName[\"']?\s*[:=]\s*[\"'](/?[\w./-]*)[\"']", re.I)
_FIELD = r"[\"']?{name}[\"']?\s*[:=]\s*[\"']([\w-]*)[\"']"
_WRAPPED = re.compile(r"getgovinfolist[\s\S]{0,400}?[\"']?\bparams[\"']?\s*:\s*\{")
_JSON = "application/json; charset=UTF-8"
_A_PAGE = 50


def read_epoint_list(answer: ListAnswer) -> ListPage:
    """Read the column's shell, the site's script ``webBuilderCommon.js``, or a page of the JSON list.

    Shell and script list nothing: the one leads to the other, the script to the list. The column is told by
    ``categorynum`` and ``deptcode`` in its address or source, or by the parameters ``category`` and ``dept``;
    ``site_guid``, ``project`` and ``first_page`` (pages are counted from 0 unless it says 1) may be given too, and
    ``wrapped`` where the server wants its fields inside ``params``. A list without these is read as any page.
    An answer of another shape proves nothing.
    """
    if answer.request.body is not None:
        return _read_json(answer)
    if urlsplit(answer.address).path.endswith(".js"):
        column = dict(answer.request.headers).get("referer", answer.address)
        return _shell(_first_list_page(answer, column))
    address = answer.parameters.get("category") or _field("categorynum", answer)
    if not address or not epoint_marks(answer.text, answer.address):
        return read_generic_list(answer)
    if answer.parameters.get("site_guid") or _SITE_GUID.search(answer.text):
        return _shell(_first_list_page(answer, answer.address))
    script = _SCRIPT.search(answer.text)
    path = normalise(script[1], answer.address) if script else urljoin(answer.address, "/js/webBuilderCommon.js")
    if path is None:
        return ListPage(None)
    # The script is the same for all columns: what its answer is for stands in the Referer, as a browser sends it.
    category, department = address, answer.parameters.get("dept") or _field("deptcode", answer)
    referer = f"{answer.address.partition('?')[0]}?categorynum={category}&deptcode={department}"
    return _shell(PageRequest(path, headers=(("referer", referer),)))


def _shell(request: PageRequest | None) -> ListPage:
    return ListPage(None, (), (request,), shell=True) if request else ListPage(None)


def _first_list_page(answer: ListAnswer, column: str) -> PageRequest | None:
    """The request for the first page of a column's list; None where the site's number or category is not told."""
    given = answer.parameters
    fields = dict(parse_qsl(urlsplit(column).query, keep_blank_values=True))
    guid = given.get("site_guid") or _first(_SITE_GUID, answer.text)
    category = given.get("category") or fields.get("categorynum") or _field("categorynum", answer)
    if not guid or not category:
        return None
    project = given.get("project") or _first(_PROJECT, answer.text) or "/EWB-FRONT"
    first = given.get("first_page", "0")
    body = {
        "deptcode": given.get("dept") or fields.get("deptcode") or _field("deptcode", answer),
        "categorynum": category,
        "pageIndex": int(first) if first.isdigit() else 0,
        "pageSize": _A_PAGE,
        "siteGuid": guid,
    }
    wrapped = bool(given.get("wrapped")) or _WRAPPED.search(answer.text) is not None
    address = urljoin(answer.address, f"/{project.strip('/')}{_LIST}" if project.strip("/") else _LIST)
    return _list_request(address, {"params": body} if wrapped else body, column)


def _list_request(address: str, body: Mapping[str, Any], column: str) -> PageRequest:
    headers = (("referer", column), ("x-requested-with", "XMLHttpRequest"))
    return PageRequest(address, json.dumps(body, ensure_ascii=False, sort_keys=True), _JSON, headers)


def _read_json(answer: ListAnswer) -> ListPage:
    data, sent = read_json(answer.text), read_json(answer.request.body or "")
    custom = data.get("custom") if isinstance(data, Mapping) else None
    custom = read_json(custom) if isinstance(custom, str) else custom
    listed = custom.get("data") if isinstance(custom, Mapping) else None
    if sent is None or not isinstance(custom, Mapping) or not isinstance(listed, list) or refused(data):
        return ListPage(None)
    declared = _number(custom.get("total"))
    if declared is None and _number(custom.get("count")) != len(listed):
        # As many as there are may be the number of this page's rows.
        declared = _number(custom.get("count"))
    rows, lost = addressed(listed, lambda one: _row(one, answer), _title)
    unaddressed = tuple(title for title in lost if kind_of_title(title) is EntryKind.REPORT)
    if not rows and not unaddressed:
        ended = declared is None and not listed and _page_asked(answer, sent) > 0
        proof = "declared_zero" if declared == 0 and not listed else "says_empty" if ended else None
        return ListPage(proof, (), (), declared)
    return ListPage(
        # What a row without a title was is not known; where no total tells of it, the list is not proven.
        "rows" if declared is not None or all(lost) else None,
        rows,
        _further(answer, sent, declared, len(listed)),
        declared,
        unaddressed=unaddressed,
    )


def _further(answer: ListAnswer, sent: Any, declared: int | None, listed: int) -> tuple[PageRequest, ...]:
    """The other pages, as many as the declared number needs; the next one where no number is told."""
    inner = sent.get("params", sent) if isinstance(sent, Mapping) else None
    first = 1 if answer.parameters.get("first_page") == "1" else 0
    if not isinstance(inner, Mapping):
        return ()
    if declared is None and isinstance(inner.get("pageIndex"), int):
        return (_page_of(answer, sent, inner, inner["pageIndex"] + 1),) if listed else ()
    if declared is None or inner.get("pageIndex") != first:
        return ()
    # Servers give fewer a page than they are asked for: what the first page holds is a page.
    size = max(1, min(listed, _number(inner.get("pageSize")) or _A_PAGE))
    return tuple(
        _page_of(answer, sent, inner, page) for page in range(first + 1, first + min(500, -(-declared // size)))
    )


def _page_of(answer: ListAnswer, sent: Mapping[str, Any], inner: Mapping[str, Any], page: int) -> PageRequest:
    """The request for another page of the same list."""
    column = dict(answer.request.headers).get("referer", answer.address)
    body = {**inner, "pageIndex": page}
    return _list_request(answer.request.address, {"params": body} if "params" in sent else body, column)


def _page_asked(answer: ListAnswer, sent: Any) -> int:
    """How many pages come before the one that was asked for."""
    inner = sent.get("params", sent) if isinstance(sent, Mapping) else None
    page = inner.get("pageIndex") if isinstance(inner, Mapping) else None
    return page - (answer.parameters.get("first_page") == "1") if isinstance(page, int) else 0


def _row(one: Any, answer: ListAnswer) -> Row | None:
    if not isinstance(one, Mapping):
        return None
    title = _title(one)
    address = None
    for name in ("infourl", "visiturl", "linkurl"):
        given = one.get(name)
        if address is None and isinstance(given, str) and given.strip():
            address = normalise(given.strip(), urljoin(answer.request.address, "/"))
    if not title or address is None:
        return None
    shown = next((day for name in ("infodate", "pubdate", "handsdate") if (day := _day(one.get(name)))), None)
    organ = next((said for name in ("deptname", "ouname") if (said := words(one.get(name)))), None)
    kind = kind_of_title(title)
    year = read_title(title).year if kind is EntryKind.REPORT else None
    return Row(address, title, kind, shown, organ=organ, organ_code=organ_code_in(address), report_year=year)


def _title(one: Mapping[str, Any]) -> str:
    """The whole title: ``realtitle``, unless ``title`` is the longer of the two."""
    titles = [words(one.get("realtitle")), words(one.get("title"))]
    return max(titles, key=lambda title: len(title.rstrip(".…⋯ ")))


def _day(value: Any) -> Any:
    return find_date(value) if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    return (
        int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else None
    )


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match[1] if match else None


def _field(name: str, answer: ListAnswer) -> str:
    """A field of the column: in its address, else as the page's source sets it."""
    fields = dict(parse_qsl(urlsplit(answer.address).query, keep_blank_values=True))
    return fields.get(name) or _first(re.compile(_FIELD.format(name=name)), answer.text) or ""


def epoint_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of Epoint: its scripts, its project names, its class names."""
    marks = []
    if "webBuilderCommon.js" in html:
        marks.append("webBuilderCommon.js")
    if "lightfrontaction" in html or re.search(r"EWB[-_]\w+", html):
        marks.append("EWB-FRONT")
    if re.search(r"class=[\"'][^\"']*\bewb-[a-z]+", html):
        marks.append("class names ewb-…")
    if _SITE_GUID.search(html):
        marks.append("siteGuid")
    if re.search(r"/govInfoPub\w*\.html", html + " " + urlsplit(address).path):
        marks.append("addresses govInfoPub.html")
    return tuple(marks)


EPOINT = Family("epoint", read_epoint_list, epoint_marks)
