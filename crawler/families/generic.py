"""List pages of software we do not know: links are weighed by their features, paging is followed as it is shown.

About one report in five stands on a portal of no known product (portals.md part 1), so nothing here depends on
one: a list is a set of links built alike, with dates beside them and years and 公开, 年报 or 年度报告 in them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from bs4.element import Tag

from crawler.addresses import folder_of, host_of, normalise, without_scheme
from crawler.families.family import Family, ListAnswer
from crawler.families.page import (
    Link,
    ListPage,
    Page,
    PageRequest,
    Row,
    branches_at,
    has_year,
    is_furniture,
    numbers_from,
    organ_code_in,
    pages_at,
    same_path,
    year_of_words,
)
from crawler.families.standing import (
    holds_cells,
    is_page_of_year,
    standing_report,
    unaddressed_years,
    year_in_address,
    years_beside,
)
from crawler.records import EntryKind

_NEXT = re.compile(r"^(?:下一?页|后一?页|下页|next|[>»›]{1,2}|下一页\s*[>»›]+)$", re.IGNORECASE)
_LAST = re.compile(r"^(?:尾页|末页|最后一?页|last)$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"^\[?\d{1,3}\]?$")
_UCAP_CALL = re.compile(
    r"(?<!function )\bcreatePageHTML\s*\(\s*[\"'][^\"']*[\"']\s*,\s*(\d+)\s*,\s*\d+\s*,"
    r"\s*[\"']([\w/-]+)[\"']\s*,\s*[\"'](\w+)[\"']\s*"
)
_LEAST_SCORE = 4.0
_MOST_PAGES = 500
_NAMES_COLUMN = re.compile(r"^(?!.*\d)[\u4e00-\u9fff]{0,8}(?:年报|年度报告)$")
_PAGE_OPTION = re.compile(r"^第?\s*(\d{1,4})\s*页?$")
_PAGE_CALL = re.compile(
    r"(?:\b\w*(?:page|pg|turn|jump|goto)\w*\s*\(\s*|__doPostBack\s*\(\s*['\"][^'\"]*['\"]\s*,\s*)"
    r"['\"]?(?:Page\$)?(\d{1,4})['\"]?\s*[,)]",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:aside|side|sidebar|hot|rank|recommend|related|tuijian|xgyd|zxxx)(?:$|[\s_\d-])", re.I
)


def read_generic_list(answer: ListAnswer) -> ListPage:
    """Read one page of a column of unknown software.

    The links that are built alike and weigh most together are the list; reports elsewhere on the page are
    rows too. The list is proven where it holds a known address, where the page calls itself a column of annual
    reports and the list holds reports or dated links of the column's own path, or where the list is mostly one of
    reports; a front page or a page of search results proves nothing. A page in which a report stands is a row of
    its own, and its menu of years leads on; so do folders of years and organs below the column.
    """
    page, known = Page(answer.text, answer.address), answer.known
    further = _further(page)
    candidates = [link for link in page.links if _may_be_row(link, page) and link.address not in further]
    groups: dict[tuple[str, ...], list[Link]] = defaultdict(list)
    for link in candidates:
        groups[_build(link.element)].append(link)
    weighed = {build: sum(_weight(link, page, known) for link in links) for build, links in groups.items()}
    best = max(weighed, key=lambda build: weighed[build], default=None)
    chosen = groups[best] if best is not None and weighed[best] >= _LEAST_SCORE else []
    standing = standing_report(page, answer.text, answer)
    if standing is not None and not _is_rather_list(page, chosen):
        return read_standing(page, answer, standing)
    inside = {id(link) for link in chosen}
    rows: dict[str, Row] = {}
    for link in candidates:
        listed = id(link) in inside or link.address in known or (_is_report(link, page) and has_year(link.title))
        if listed and link.address not in rows:
            rows[link.address] = with_code(page.row(link))
    proof = _proof(page, chosen, rows, known)
    declared = page.declared()
    pages, count = paging(page)
    if proof is None and not rows:
        proof = page.empty_proof(rendered=answer.rendered)
    lists = {id(page.list_of(link)) for link in page.links if link.address in rows}
    unaddressed = page.unaddressed(lists, rows.values())
    return ListPage(
        proof,
        tuple(rows.values()),
        (*pages, *branches_at(further)),
        declared,
        count or page.declared_pages(),
        unaddressed,
        shell=proof is None and bool(further) and not rows and not is_page_of_year(page, answer),
    )


def read_standing(page: Page, answer: ListAnswer, report: Row) -> ListPage:
    """A page in which a report stands, with its menu of years.

    Where the menu has the same report under an address of its own, this page only leads on to it. A page that was
    asked for another year proves nothing of that year.
    """
    menu = years_beside(page)
    others = [address for address in menu.values() if address not in (page.address, answer.request.address)]
    unaddressed = unaddressed_years(page, menu)
    if report.report_year in menu and menu[report.report_year] in others:
        return ListPage(None, (), branches_at(others), unaddressed=unaddressed, shell=True)
    asked = year_in_address(answer.request.address)
    proof = None if asked and report.report_year and asked != report.report_year else "rows"
    return ListPage(proof, (report,), branches_at(others), unaddressed=unaddressed)


def with_code(row: Row) -> Row:
    """The row with the organ's code that its address names."""
    code = organ_code_in(row.address)
    return replace(row, organ_code=code) if code else row


def _proof(page: Page, chosen: list[Link], rows: dict[str, Row], known: Collection[str]) -> str | None:
    if any(link.address in known for link in chosen):
        return "rows"
    # 政府信息公开年报 without a year and a date is what a menu calls a column, not a report.
    telling = [link for link in chosen if has_year(link.title) or page.date_beside(link)]
    reports = [link for link in telling if rows[link.address].kind is EntryKind.REPORT]
    if page.is_annual_report_column():
        dated = [link for link in chosen if page.date_beside(link) and _near(link, page)]
        return "rows" if reports or dated else None
    if _is_front_page(page) or _is_search(page):
        return None
    alike = [link for link in chosen if rows[link.address].kind is not EntryKind.OTHER]
    mostly = 2 * len(alike) >= len(chosen) and (len(reports) > 1 or any(_near(link, page) for link in reports))
    return "rows" if reports and mostly else None


def _is_front_page(page: Page) -> bool:
    parts = urlsplit(page.address)
    return (
        not parts.query and re.fullmatch(r"/(?:(?:index|default|home|main)\.\w+)?", parts.path, re.I) is not None
    )


def _is_search(page: Page) -> bool:
    """Whether the page shows what a search found, which is never a column."""
    if re.search(r"(?:^|/)(?:search|so|was5)(?:/|\.|$)", urlsplit(page.address).path, re.I):
        return True
    return any(re.search("搜索|检索", tag.get_text()) for tag in page.soup.find_all("title"))


def _is_rather_list(page: Page, chosen: list[Link]) -> bool:
    """Whether the words of a report on a page belong to summaries in a list, not to a report there."""
    dated = [link for link in chosen if _is_report(link, page) and page.date_beside(link) and _near(link, page)]
    return len(dated) > 2 and not holds_cells(page)


def _further(page: Page) -> list[str]:
    """Where a column of annual reports leads on to: folders of years and organs below its own, a menu of years.

    What is named here is asked for as a list and is no row. Nothing on a page that is no such column.
    """
    if not page.is_annual_report_column() or _is_front_page(page):
        return []
    years = [address for address in years_beside(page).values() if address != page.address]
    return list(dict.fromkeys((*_folders(page), *years)))


def _folders(page: Page) -> list[str]:
    return [
        link.address
        for link in page.links
        if _is_folder_below(link.address, page)
        and (year_of_words(link.title) or _NAMES_COLUMN.search(link.title) or not _is_menu_or_report(link, page))
        and link.title
        and not _is_paging(link.words)
    ]


def _is_menu_or_report(link: Link, page: Page) -> bool:
    return is_furniture(link) or _is_report(link, page)


def _is_folder_below(address: str, page: Page) -> bool:
    """Whether an address is a folder below the column's own: that of its index, else the one of its name."""
    stem, _, name = page.address.partition("?")[0].rpartition("/")
    named = name and not re.match(r"(?:index|list|default)(?:_\d+)?\.", name)
    own = without_scheme(f"{stem}/{name.partition('.')[0]}/" if named else page.folder)
    other = without_scheme(address)
    if not other.startswith(own) or urlsplit(address).query:
        return False
    below = other[len(own) :]
    return re.fullmatch(r"(?:[^/]+/)+(?:(?:index|list|default)\.\w+)?", below) is not None


def _is_paging(words: str) -> bool:
    return bool(_NEXT.match(words) or _LAST.match(words) or _PAGE_NUMBER.match(words))


def _may_be_row(link: Link, page: Page) -> bool:
    """Whether a link may lead to a listed document: it has a title, is no page of the list and no furniture."""
    words = link.words.strip()
    if len(link.title) < 4 or _is_paging(words):
        return False
    return page.leads_elsewhere(link) and not is_furniture(link) and not page.in_breadcrumb(link)


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
    weight -= 2.0 if _is_aside(link) else 0.0
    return weight


def _is_aside(link: Link) -> bool:
    """Whether a link stands beside the page's matter: among the newest, the most read, the recommended."""
    return any(
        parent.name == "aside"
        or _ASIDE.search(" ".join((str(parent.get("id") or ""), *(parent.get_attribute_list("class") or ()))))
        for parent in link.element.parents
        if parent.name not in ("body", "html", "[document]")
    )


def _is_report(link: Link, page: Page) -> bool:
    return page.row(link).kind is EntryKind.REPORT


def _near(link: Link, page: Page) -> bool:
    """Whether a link shares the host and the first folder of the column's path."""
    first = urlsplit(page.address).path.split("/")[1:2]
    return host_of(link.address) == host_of(page.address) and urlsplit(link.address).path.split("/")[1:2] == first


def paging(page: Page) -> tuple[tuple[PageRequest, ...], int | None]:
    """The other pages as the page shows them, and their number where the page tells it.

    Page numbers that only a script opens get addresses where the visible links prove the pattern; where nothing
    proves one, their number alone is told, so that the column counts as read in part.
    """
    count: int | None = None
    addresses: list[str] = []
    for pages, prefix, ending in _UCAP_CALL.findall(page.scripts):
        count = max(count or 0, int(pages))
        addresses += [
            urljoin(page.folder, f"{prefix}_{number}.{ending}") for number in numbers_from(2, int(pages) + 1)
        ]
    pagers = {id(page.list_of(link)) for link in page.links if _NEXT.match(link.words) or _LAST.match(link.words)}
    numbered: dict[int, str] = {}
    highest = 0
    for link in page.links:
        in_pager = id(page.list_of(link)) in pagers
        number = int(link.words.strip("[]")) if _PAGE_NUMBER.match(link.words) and in_pager else None
        last = _LAST.match(link.words) and not _is_first(link.address)
        # The first page has been read; it may have another address here.
        if not (_NEXT.match(link.words) or last or (number or 1) > 1) or not _is_other_page(link.address, page):
            continue
        addresses.append(link.address)
        if number:
            numbered[number] = link.address
    for option in page.soup.select("select option[value]"):
        shown = _PAGE_OPTION.match(" ".join(option.get_text().split()))
        if shown and int(shown[1]) > 1:
            value = str(option["value"])
            address = normalise(value, page.base) if re.search(r"[/.?=]", value) else None
            if address and _is_other_page(address, page):
                numbered[int(shown[1])] = address
                addresses.append(address)
    for link in page.scripted:
        call = _PAGE_CALL.search(f"{link.element.get('href') or ''} {link.element.get('onclick') or ''}")
        if call and (_is_paging(link.words) or not link.words):
            highest = max(highest, int(call[1]))
    pattern = _pattern(numbered)
    if pattern is not None:
        highest = max(highest, page.declared_pages() or 0, *numbered)
        highest = max([highest, *(number for one in addresses if (number := _number_in(one, pattern)))])
        if highest <= _MOST_PAGES:
            made = [pattern[0] + str(number + pattern[1]) + pattern[2] for number in range(2, highest + 1)]
            addresses += [address for address in made if _is_other_page(address, page)]
    if highest > 1:
        count = max(count or 0, highest)
    return pages_at(addresses), count if addresses or count else page.unturned()


_Pattern = tuple[str, int, str]


def _pattern(numbered: dict[int, str]) -> _Pattern | None:
    """What numbered pages' addresses share: what stands before the number, what is added to it, the rest.

    None where they share nothing, or where one link alone leaves open which number is that of the page.
    """
    candidates: list[set[_Pattern]] = []
    for number, address in numbered.items():
        start = len(address) - len(address.rpartition("/")[2])
        candidates.append(
            {
                (address[: match.start()], int(match[0]) - number, address[match.end() :])
                for match in re.finditer(r"(?<!\d)\d{1,4}(?!\d)", address)
                if match.start() >= start and int(match[0]) - number in (0, -1) and match[0] == str(int(match[0]))
            }
        )
    shared = set.intersection(*candidates) if candidates else set()
    return shared.pop() if len(shared) == 1 else None


def _number_in(address: str, pattern: _Pattern) -> int | None:
    """Which page an address of the pattern is."""
    before, added, behind = pattern
    middle = address.removeprefix(before).removesuffix(behind)
    return int(middle) - added if middle.isdigit() and address == before + middle + behind else None


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
