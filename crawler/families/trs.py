"""List pages of TRS WCM (拓尔思): static folders paged from zero, and what provinces put around them.

Beside the plain list there are columns that only lead on to year folders, results of the search server (``was5``),
a static JSON file for a column (Hubei), and the front of Fujian, whose first rows are static and whose others come
by POST (portals.md part 4.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from crawler.addresses import host_of, normalise, without_scheme
from crawler.families.family import Family, ListAnswer
from crawler.families.page import (
    Link,
    ListPage,
    Page,
    PageRequest,
    Row,
    branches_at,
    is_aside,
    is_furniture,
    kind_of_title,
    numbers_from,
    pages_at,
    plain_text,
    report_in_place,
    same_path,
    same_site,
    turns_page,
)
from crawler.families.rows import is_report, is_report_elsewhere, stand_beside_others
from crawler.families.structured import read_json
from crawler.records import EntryKind
from parsers.dates import find_date
from parsers.documents.links import is_file_name

# Guangxi leaves the date out.
_ARTICLE = re.compile(r"/t(?:(?:19|20)\d{6}_\d+[^/]*|\d{6,9})\.s?html?$")
_CALL = re.compile(r"(?<!function )\bcreatePage(?:HTML)?\s*\(([^()]*)\)")
_ANY_CALL = re.compile(r"(?<!function )\bcreatePage(?:HTML)?\s*\(")
_NUMBER = re.compile(r"\b(?:var\s+)?(\w+)\s*=\s*[\"']?(\d{1,5})\b")
_WRITTEN = re.compile(
    r"href=\\?[\"']([\w-]+)[\"']?\s*\+\s*[\"']_[\"']\s*\+\s*\w+\s*\+\s*[\"']\.[\"']\s*\+\s*[\"'](s?html?)"
)
_NUMBERED = re.compile(r"^(?P<stem>[\w-]*?)(?P<gap>[_-]?)(?P<number>\d{1,4})\.s?html?$")
_SEARCH_PATH = re.compile(r"/was[45]0?/(?:web/)?search$")
_YEAR_COLUMN = re.compile(
    r"^(?:19|20)\d{2}年?度?(?:政府)?(?:信息)?(?:公开)?(?:工作)?(?:年度?报告?|年报|年度工作报告)?$"
)
_KIND_COLUMN = re.compile(
    r"^(?:[市县区旗州]?级?|[市县区旗州]直)?(?:政府)?(?:各)?"
    r"(?:部门|单位|乡镇街道|镇街道?|街镇|乡镇|街道|镇|乡|本级|政府|开发区|园区|其他)(?:办)?(?:单位)?"
    r"(?:政府)?(?:信息)?(?:公开)?(?:工作)?(?:年度报告|年报)?$"
)
_MOST_FILES = 3
_AJAX = "XMLHttpRequest"


def read_trs_list(answer: ListAnswer) -> ListPage:
    """Read one page of a TRS column, or the JSON that holds rows of it.

    Rows are the documents of the column's own folder, those that stand in the same list, and every link that
    is titled as a report, whatever its address: a report that cannot be fetched must not pass for one that is
    not there. Known addresses count as reports. Only addresses of
    the TRS form prove the list, for a menu of years is titled like reports too.
    """
    if answer.text.lstrip()[:1] in ("{", "["):
        return _read_json(answer)
    page, known = Page(answer.text, answer.address), answer.known
    columns = branches_at(_subcolumns(page))
    leading = {request.address for request in columns}
    folder = without_scheme(page.folder)
    searched = _SEARCH_PATH.search(urlsplit(page.address).path) is not None
    links = [link for link in page.links if link.address not in leading]
    documents = [link for link in links if _is_document(link.address) or link.address in known]
    reports = [link for link in documents if link.address in known or is_report(link)]
    own = [
        link
        for link in documents
        if without_scheme(link.address).startswith(folder) or (searched and not is_furniture(link))
    ]
    lists = {id(page.list_of(link)) for link in own or reports}
    listed = {id(link.element) for link in (*own, *reports)}
    rows: dict[str, Row] = {}
    for link in links:
        if link.address in rows or not link.title:
            continue
        in_list = id(page.list_of(link)) in lists
        if is_aside(link) and link.address not in known and not without_scheme(link.address).startswith(folder):
            continue
        if _is_document(link.address) or link.address in known:
            is_row = id(link.element) in listed or in_list
        else:
            is_row = is_report_elsewhere(link, page, in_list)
        if is_row:
            rows[link.address] = page.row(link)
    pages, count = _paging(page)
    declared = page.declared()
    proven = [link for link in documents if _is_document(link.address)]
    proof = (
        "rows"
        if any(_is_document(link.address) for link in own) or stand_beside_others(page, reports, proven)
        else None
    )
    if not rows and not columns:
        told_none = count == 0 or ("listModel" in page.scripts and _setting(page.scripts, "recordCount") == "0")
        proof = "declared_zero" if told_none else page.empty_proof(rendered=answer.rendered) or proof
    further = (*columns, *_posted(page))
    if proof is None:
        further += tuple(_filled_from(page))
    if proof is None and not rows and not further and (placed := report_in_place(page, answer)):
        rows, proof = {placed.address: placed}, "rows"
    return ListPage(
        proof,
        tuple(rows.values()),
        (*pages, *further),
        declared,
        count or page.declared_pages() or (None if pages or count == 0 else _unread(page)),
        page.unaddressed(lists, rows.values()),
        shell=proof is None and bool(further),
    )


def _is_document(address: str) -> bool:
    return _ARTICLE.search(urlsplit(address).path) is not None or is_file_name(address)


# --- columns below the column ---------------------------------------------------------------------------------


def _subcolumns(page: Page) -> Iterator[str]:
    """Folders directly below the column's own that are named by a year or by a kind of organs.

    Year folders are followed wherever they stand on the page. Folders of kinds (部门, 乡镇) are followed from the
    page's own part only, and only where the column is one of annual reports or lies in a year folder; where no
    document stands beside them, all folders there are: rather one too many than one that is never read.
    """
    own = page.folder
    is_column = page.is_annual_report_column() or re.search(r"/[^/]*(?:19|20)\d{2}[^/]*/$", own) is not None
    years: list[str] = []
    kinds: list[str] = []
    others: list[str] = []
    for link in page.links:
        name = link.address.removeprefix(own)
        name = re.sub(r"(?:index|default)\.s?html?$", "", name)
        if name == link.address or not re.fullmatch(r"[^/?]+/", name):
            continue
        title = "".join(link.title.split())
        if _YEAR_COLUMN.match(title):
            years.append(name)
        elif is_column and title and not is_furniture(link):
            (kinds if _KIND_COLUMN.match(title) else others).append(name)
    if kinds and not any(_is_document(link.address) and link.address.startswith(own) for link in page.links):
        kinds += others
    for name in dict.fromkeys((*years, *kinds)):
        yield urljoin(own, name)


def _filled_from(page: Page) -> Iterator[PageRequest]:
    """Where the rows of a page that lists none come from: a result of the search server, or a JSON file."""
    for frame in page.soup.find_all("iframe", src=True):
        address = normalise(str(frame["src"]), page.base)
        if address and host_of(address) == host_of(page.address) and _SEARCH_PATH.search(urlsplit(address).path):
            yield PageRequest(address)
    files = re.findall(r"[\"']((?:[\w-]+:)?[\w./-]+\.json)(?:\?[^\"']*)?[\"']", page.scripts)
    for name in list(dict.fromkeys(files))[:_MOST_FILES]:
        address = normalise(name, page.base)
        if address and host_of(address) == host_of(page.address):
            yield PageRequest(address, headers=(("referer", page.address), ("x-requested-with", _AJAX)))


# --- pages of the list ----------------------------------------------------------------------------------------


def _paging(page: Page) -> tuple[tuple[PageRequest, ...], int | None]:
    """The other pages, and how many pages the source says there are.

    ``createPageHTML(pages, current, "index", "html")``, Chongqing's ``createPage(pages, current, prefix, ext)``,
    or the variables ``countPage`` and ``currentPage`` with ``document.write``. A first argument in quotes is
    another product's call of the same name, one-based. Pages are counted from zero (page 2 is ``index_1``)
    unless the first page calls itself 1. A later page does not tell which it is, so it names only those after it.
    """
    numbers = {name: int(value) for name, value in _NUMBER.findall(page.scripts)}
    count: int | None = None
    told: int | None = None
    current: int | None = numbers.get("currentPage")
    prefix, ending, own_number = _own_name(page.address)
    for call in _CALL.findall(page.scripts):
        arguments = [argument.strip() for argument in call.split(",")]
        if len(arguments) > 4 and arguments[0][:1] in "\"'" and arguments[1].isdigit():
            # Where its pages are the links show; how many there are holds.
            told = max(told or 0, int(arguments[1]))
            continue
        if len(arguments) < 4 or arguments[0][:1] in "\"'":
            continue
        pages = int(arguments[0]) if arguments[0].isdigit() else numbers.get(arguments[0])
        if pages is None:
            continue
        count = max(count or 0, pages)
        current = int(arguments[1]) if arguments[1].isdigit() else numbers.get(arguments[1], current)
        prefix, ending = arguments[2].strip("\"'") or prefix, arguments[3].strip("\"'").lstrip(".") or ending
    if count is None and "countPage" in numbers:
        count = numbers["countPage"]
        written = _WRITTEN.search(page.scripts)
        if written:
            prefix, ending = written[1], written[2]
    one_based = own_number is None and current == 1
    first_further = own_number + 1 if own_number is not None else 2 if one_based else 1
    last = (count or 0) + one_based
    addresses = [
        urljoin(page.folder, f"{prefix}_{number}.{ending}") for number in numbers_from(first_further, last)
    ]
    addresses += [link.address for link in page.links if _is_other_page(link, page, prefix)]
    first = {page.address, page.folder, urljoin(page.folder, f"{prefix}.{ending}")}
    return pages_at(address for address in addresses if address not in first), told if count is None else count


def _unread(page: Page) -> int | None:
    """2 where the page has further pages that cannot be named or counted: of a call that computes, of a script."""
    computed = _ANY_CALL.search(page.scripts) is not None
    fronted = "listModel" in page.scripts and not _setting(page.scripts, "recordCount")
    return 2 if page.declared() is None and (computed or fronted) else page.unturned()


def _own_name(address: str) -> tuple[str, str, int | None]:
    """Name and ending of the column's own first page, and the number of this one where it has any."""
    name = urlsplit(address).path.rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    numbered = re.fullmatch(r"(.+)_(\d+)", stem)
    if not stem or not re.fullmatch(r"s?html?", ending):
        return "index", "html", None
    return (numbered[1], ending, int(numbered[2])) if numbered else (stem, ending, None)


def _is_other_page(link: Link, page: Page, prefix: str) -> bool:
    """Whether a link leads to another page of the list: a numbered neighbour, or another page of one search."""
    if host_of(link.address) != host_of(page.address) or turns_page(link.words) is False:
        return False
    if same_path(link.address, page.address):
        query = parse_qs(urlsplit(link.address).query)
        return _SEARCH_PATH.search(urlsplit(page.address).path) is not None and query.get("page", ["1"]) != ["1"]
    own, path = without_scheme(page.folder), without_scheme(link.address)
    if not path.startswith(own) or _ARTICLE.search(urlsplit(link.address).path):
        return False
    name = _NUMBERED.match(path[len(own) :])
    if name is None:
        return False
    return (name["stem"] == prefix and name["gap"] == "_") or turns_page(link.words) is True


# --- Fujian, and JSON -----------------------------------------------------------------------------------------


def _posted(page: Page) -> tuple[PageRequest, ...]:
    """The pages after the static first one that Fujian's front asks for by POST, as the page's script says.

    Without the number of the search channel they cannot be asked for; what the page declares then shows that rows
    are missing.
    """
    if "listModel" not in page.scripts:
        return ()
    count = _setting(page.scripts, "recordCount")
    size = _setting(page.scripts, "prepage") or "10"
    channel = _setting(page.scripts, "channelid") or _setting(page.scripts, "searchId")
    told = re.search(r"classsql\s*:\s*(?:[\"']{2}\s*\|\|\s*)?[\"']([^\"']+)[\"']", page.scripts)
    of_page = page.meta("ChnlId")
    column = told[1] if told else f"chnlid={of_page}" if of_page else None
    if not count or not channel or not column or int(size) == 0:
        return ()
    sorting = re.search(r"sortfield\s*:\s*[\"']([^\"']+)", page.scripts)
    fields = {
        "channelid": channel,
        "classsql": column,
        "sortfield": sorting[1] if sorting else "-docorderpri,-docreltime",
    }
    return tuple(
        PageRequest(
            urljoin(page.address, "/fjdzapp/search"),
            urlencode({**fields, "page": number, "prepage": size}),
            headers=(("referer", page.address), ("x-requested-with", _AJAX)),
        )
        for number in numbers_from(2, -(-int(count) // int(size)) + 1)
    )


def _setting(scripts: str, name: str) -> str | None:
    found = re.search(rf"\b{name}\s*:\s*[\"']?(\d{{1,9}})\b", scripts)
    return found[1] if found else None


def _read_json(answer: ListAnswer) -> ListPage:
    """The rows of a JSON answer: Fujian's search, or Hubei's file of a column."""
    found = read_json(answer.text)
    records = found.get("data") or found.get("docs") if isinstance(found, Mapping) else found
    rows: dict[str, Row] = {}
    unaddressed: list[str] = []
    lost = False
    for record in records if isinstance(records, list) else ():
        row, title = _json_row(record, answer.address) if isinstance(record, Mapping) else (None, "")
        if row:
            rows.setdefault(row.address, row)
        elif title and kind_of_title(title) is EntryKind.REPORT:
            unaddressed.append(title)
        lost = lost or not title
    # What a record without a title was is not known.
    return ListPage("rows" if rows and not lost else None, tuple(rows.values()), unaddressed=tuple(unaddressed))


def _json_row(record: Mapping[Any, Any], base: str) -> tuple[Row | None, str]:
    values = {str(name).lower(): str(value) for name, value in record.items() if isinstance(value, str | int)}
    title = plain_text(values.get("doctitle") or values.get("filename") or values.get("title") or "")
    link = values.get("docpuburl") or values.get("chnldocurl") or values.get("url") or ""
    address = normalise(link, base) if link else None
    shown = values.get("docreltime", "")
    if address is None or not title:
        return None, title
    return Row(address, title, kind_of_title(title), find_date(shown)), title


# --- marks ----------------------------------------------------------------------------------------------------

_LINKED = re.compile(
    r"""(?:href|content|src)\s*=\s*["']?((?:[^"'\s>]*/)?t(?:(?:19|20)\d{6}_\d+[^"'\s>/]*|\d{6,9})\.s?html?)""",
    re.I,
)


def trs_marks(html: str, address: str) -> tuple[str, ...]:
    """Marks of TRS on any page of a portal: addresses of articles, paging, class names, Fujian's front."""
    marks = []
    linked = (normalise(found, address) for found in _LINKED.findall(html))
    if _ARTICLE.search(urlsplit(address).path) or any(
        found and same_site(found, address) and _ARTICLE.search(urlsplit(found).path) for found in linked
    ):
        marks.append("addresses t<date>_<number>.html")
    calls = ([one.strip() for one in call.split(",")] for call in _CALL.findall(html))
    if any(len(call) >= 4 and call[0] and call[0][:1] not in "\"'" for call in calls):
        marks.append("createPageHTML(pages, …), zero-based")
    if re.search(r"TRS_Editor|trs_editor_view|CurrChnlCls|TRS_UEDITOR", html):
        marks.append("TRS class names")
    if re.search(r"<meta\s[^>]*name=[\"']ChnlId[\"']", html, re.IGNORECASE):
        marks.append("meta ChnlId")
    if re.search(r"\blistModel\s*\(", html) and "recordCount" in html:
        marks.append("listModel with recordCount (Fujian)")
    if re.search(r"/was5/web/search\?", html):
        marks.append("was5 search")
    return tuple(marks)


TRS = Family("trs", read_trs_list, trs_marks)
