"""Pages of Hanweb's 信息公开 module (大汉): an address for each organ and year; lists by POST to search.jsp."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from bs4.element import Tag

from crawler.families.family import Family, ListAnswer
from crawler.families.page import ListPage, Page, PageRequest, Row, is_visible, kind_of_title
from crawler.families.rows import rows_of_piece
from crawler.families.structured import column_of, fields_of, with_field, with_query_field
from crawler.records import EntryKind
from parsers.attachments import shows_report
from parsers.dates import find_date
from parsers.documents.links import LinkKind, links_of
from parsers.titles import TitleKind, read_title

_YEAR_PAGE = "/module/xxgk/xxgkannualreport.jsp"
_SEARCH = "/module/xxgk/search.jsp"
_LISTENING = "点击收听年报"
_CONTAINER = "#zoom, .bt-content, .article-content, .xxgk_nb, .xxgk-content, #nbcontent"
_NO_REPORT = re.compile(
    r"(?:暂未|尚未|未)(?:发布|公开|公布|上传|查询到|找到|检索到)|(?:没有|无)(?:查询到|找到|发布|相关|任何)|"
    r"暂无|暂没有|无年报|没有年报"
)
_SHORT = 80
_LONG = 300
_PUBLISHED = re.compile(r"(?:发布日期|发布时间|公开日期|公布日期|时间)\s*[:：]?\s*(\S{1,24})")
_PUBLISHER = re.compile(r"(?:发布机构|公开机构|信息提供单位|发文机关)\s*[:：]?\s*([^\s:：]{2,40})")
_PERIOD = re.compile(r"(20\d{2})\s*年\s*1\s*月\s*1\s*日")
_AREA = (
    re.compile(r"\btree\.jsp\?(?:[^\"'<>]*?&(?:amp;)?)?area=([\w-]+)"),
    re.compile(r"\bsearch\.jsp\?[^\"']*?[?&](?:amp;)?area=([\w-]+)"),
    re.compile(r"\bvc_xxgkarea=([\w-]+)"),
)
_SEARCH_FIELD = re.compile(r"\b(infotypeId|jdid|divid|area|standardXxgk|sortfield)=([\w,:-]+)")
_COLUMN = re.compile(r"/col/col(\d+)/")


def read_hanweb_disclosure_list(answer: ListAnswer) -> ListPage:
    """Read the page of one year, a page of the module that leads to such pages, or an answer of its search.

    ``xxgkAnnualReport.jsp?area=<organ>&fbtime=<year>`` holds the report itself; the software has no list of
    them. The definition's parameters ``area``, ``infotypeId``, ``jdid``, ``divid`` and ``sortfield`` are sent to
    the search in place of what the page says. Rule: portals.md 4.2, 信息公开 module.
    """
    path = urlsplit(answer.request.address).path.lower()
    if path.endswith(_YEAR_PAGE):
        return _read_year(answer)
    if path.endswith(_SEARCH):
        return _read_search(answer)
    page = Page(answer.text, answer.address)
    requests = {request.key: request for request in (*_year_pages(page), *_searches(page, answer))}
    return ListPage(None, pages=tuple(requests.values()), shell=bool(requests))


# --- one year -------------------------------------------------------------------------------------------------


def _read_year(answer: ListAnswer) -> ListPage:
    asked = fields_of(answer.request)
    area, year = asked.get("area") or None, _number(asked.get("fbtime"))
    page = Page(answer.text, answer.address)
    # Asked from an index of organs, the page's own menu tells the other years; else the definition does.
    menu = tuple(_year_pages(page, area)) if dict(answer.request.headers).get("referer") else ()
    others = tuple(one for one in menu if one.key != answer.request.key)
    container = page.soup.select_one(_CONTAINER)
    row = _report(page, container, answer, area, year)
    if row is not None:
        proven = row.report_year == year or year is None
        return ListPage("rows" if proven else None, (row,), others)
    if not year and others:
        return ListPage(None, pages=others, shell=True)
    says, bare = _without_report(page, container, answer)
    return ListPage("says_empty" if says else None, pages=others, shell=bare)


def _report(
    page: Page, container: Tag | None, answer: ListAnswer, area: str | None, year: int | None
) -> Row | None:
    """The report that stands in the page, or None.

    Its ``report_year`` is the year asked for, unless title and period name other years only: software that
    answers any year with its newest report has none for the year asked.
    """
    if not _holds_report(page, container, answer.text):
        return None
    titles = list(_titles(page))
    title = next((one for one in titles if kind_of_title(one) is EntryKind.REPORT), titles[0] if titles else "")
    begin = container.get_text()[:2000] if container is not None else page.words[:4000]
    named = {found for one in titles if (found := read_title(one).year) is not None}
    named |= {int(found) for found in _PERIOD.findall(begin)}
    told = year if year is not None and (not named or year in named) else None
    publisher = _PUBLISHER.search(page.words)
    return Row(
        answer.request.address,
        title,
        EntryKind.REPORT,
        _published(page),
        publisher[1] if publisher else None,
        area,
        told,
    )


def _holds_report(page: Page, container: Tag | None, html: str) -> bool:
    if shows_report(html):
        return True
    if container is None or not hanweb_disclosure_marks(html, ""):
        return False
    words = _words(container)
    if _NO_REPORT.search(words) and len(words) < _SHORT:
        return False
    if len(words) >= _LONG and "公开" in words:
        return True
    # A report as a file or as pictures alone: the container then holds links of them and hardly a word.
    return any(link.kind in (LinkKind.FILE, LinkKind.PICTURE) for link in links_of(str(container)))


def _without_report(page: Page, container: Tag | None, answer: ListAnswer) -> tuple[bool, bool]:
    """Whether this is the module's own page for a year without report: one that says so, or a bare one.

    A bare page leaves the place of the text and the fields around it (title, date) empty and says nothing. It
    is no proof by itself, for a module that lost its texts looks alike: it counts beside pages of other years
    that hold a report (a shell). A page with a date or title and no text is a report that got lost.
    """
    if not hanweb_disclosure_marks(answer.text, "") or not re.search(r"</html\s*>", answer.text, re.IGNORECASE):
        return False, False
    if container is None:
        return len(page.words) < _LONG and _NO_REPORT.search(page.words) is not None, False
    words = _words(container)
    if words:
        return len(words) < _SHORT and _NO_REPORT.search(words) is not None, False
    titled = any(read_title(title).kind is TitleKind.REPORT for title in _titles(page))
    full = container.find(["img", "iframe", "embed", "object", "a"]) is not None
    return False, not full and not titled and _published(page) is None


def _titles(page: Page) -> Iterator[str]:
    meta = page.soup.find("meta", attrs={"name": re.compile("^ArticleTitle$", re.IGNORECASE)})
    found = [str(meta.get("content") or "")] if isinstance(meta, Tag) else []
    found += [tag.get_text(" ") for tag in page.soup.select("h1, h2, .title, .tit, .bt-title, #title")]
    found += [tag.get_text(" ") for tag in page.soup.find_all("title")]
    for title in found:
        words = " ".join(title.split())
        if words and words.lower() != "null":
            yield words


def _published(page: Page) -> date | None:
    for found in _PUBLISHED.findall(page.words):
        day = find_date(found)
        if day:
            return day
    meta = page.soup.find("meta", attrs={"name": re.compile("^PubDate$", re.IGNORECASE)})
    return find_date(str(meta.get("content") or "")) if isinstance(meta, Tag) else None


def _words(element: Tag) -> str:
    """The words of an element, the module's own lead line and its scripts left out."""
    told = [text.strip() for text in element.find_all(string=True) if is_visible(text) and _LISTENING not in text]
    return "".join(told)


def _year_pages(page: Page, area: str | None = None) -> Iterator[PageRequest]:
    """The pages of years that a page links, those of one organ where ``area`` is given."""
    for link in page.links:
        parts = urlsplit(link.address)
        query = parse_qs(parts.query)
        if not parts.path.lower().endswith(_YEAR_PAGE) or not query.get("area"):
            continue
        if area is None or query["area"] == [area]:
            yield PageRequest(link.address, headers=(("referer", page.address),))


# --- lists ----------------------------------------------------------------------------------------------------


def _searches(page: Page, answer: ListAnswer) -> Iterator[PageRequest]:
    """The first request of the list that a page draws by ``search.jsp``, with the fields that the page names."""
    if _SEARCH not in answer.text:
        return
    told = dict(reversed(_SEARCH_FIELD.findall(answer.text.replace("&amp;", "&"))))
    area = next((match[1] for pattern in _AREA if (match := pattern.search(answer.text))), None)
    area = parse_qs(urlsplit(answer.address).query).get("vc_xxgkarea", [area])[0]
    number = parse_qs(urlsplit(answer.address).query).get("number", [""])[0]
    column = _COLUMN.search(answer.address)
    fields = {
        "infotypeId": told.get("infotypeId") or number or "0",
        "jdid": told.get("jdid", ""),
        "area": area or "",
        "divid": told.get("divid") or (f"div{column[1]}" if column else ""),
        "vc_title": "",
        "vc_number": "",
        "sortfield": told.get("sortfield", ""),
        "currpage": "1",
        "vc_filenumber": "",
        "vc_all": "",
        "texttype": "",
        "fbtime": "",
    }
    fields.update({name: value for name, value in answer.parameters.items() if name in fields})
    yield PageRequest(
        urljoin(answer.address, _SEARCH),
        urlencode(fields),
        headers=(("referer", answer.address), ("x-requested-with", "XMLHttpRequest")),
    )


def _read_search(answer: ListAnswer) -> ListPage:
    page = Page(answer.text, column_of(answer))
    asked = fields_of(answer.request)
    number = _number(asked.get("currpage")) or 1
    found = rows_of_piece(page, lambda link: not link.address.lower().partition("?")[0].endswith(_SEARCH))
    area = asked.get("area") or None
    rows = tuple(
        Row(row.address, row.title, row.kind, row.shown_on, row.organ, area, row.report_year) for row in found.rows
    )
    declared, count = page.declared(), page.declared_pages()
    framed = (
        page.soup.select_one("[class*=tr_main_value], [class*=tb_title], .xxgk_list, .zfxxgk_list") is not None
    )
    proof = "rows" if (rows or found.unaddressed) and framed else None
    if not rows and not found.unaddressed and framed:
        if declared == 0:
            proof = "declared_zero"
        elif declared is None and (page.says_empty() or (number > 1 and count is None)):
            proof = "says_empty"
    if count is not None:
        numbers = range(2, min(count, 2000) + 1) if number == 1 else range(0)
    else:
        numbers = (
            range(number + 1, number + 2) if rows and (declared is None or len(rows) < declared) else range(0)
        )
    pages = tuple(_page_of_search(answer.request, further) for further in numbers)
    return ListPage(proof, rows, pages, declared, count, found.unaddressed)


def _page_of_search(request: PageRequest, number: int) -> PageRequest:
    address = request.address
    if "currpage=" in address:
        address = with_query_field(address, "currpage", str(number))
    body = with_field(request.body, "currpage", str(number)) if request.body is not None else None
    return PageRequest(address, body, request.content_type, request.headers)


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else None


def hanweb_disclosure_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of the module: its addresses, and the line above its reports that offers to read them aloud."""
    marks = []
    if re.search(r"xxgkAnnualReport\.jsp", f"{html} {address}", re.IGNORECASE):
        marks.append("module/xxgk/xxgkAnnualReport.jsp")
    if re.search(r"/module/xxgk/(?!xxgkAnnualReport)", html, re.IGNORECASE):
        marks.append("/module/xxgk/")
    if _LISTENING in html:
        marks.append(f"{_LISTENING}语音朗读")
    return tuple(marks)


HANWEB_DISCLOSURE = Family("hanweb_disclosure", read_hanweb_disclosure_list, hanweb_disclosure_marks)
