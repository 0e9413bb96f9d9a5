"""What all list pages share: links, the row around a link, the date beside it, and what a page says it holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag
from selectolax.lexbor import LexborHTMLParser

from crawler.address_dates import read_address_date
from crawler.addresses import folder_of, host_of, normalise, page_key
from crawler.records import EntryKind
from parsers.attachments import shows_report
from parsers.dates import find_date
from parsers.titles import TitleKind, is_report_name, read_title

if TYPE_CHECKING:
    from crawler.families.family import ListAnswer


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How a page of a list is asked for: by GET, or by POST where there is a ``body`` (a form or JSON).

    ``headers`` are those the software insists on beside the usual ones (``Referer``, ``X-Requested-With``),
    names in lower case. ``branch`` names the part of the column that the page belongs to, where the column leads
    on to several lists (of years, of organs): each has its own paging and its own count. Pages that a page names
    belong to its branch where they name none.
    """

    address: str
    body: str | None = None
    content_type: str = "application/x-www-form-urlencoded; charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()
    branch: str = ""

    @property
    def method(self) -> str:
        """``GET`` or ``POST``."""
        return "GET" if self.body is None else "POST"

    @property
    def key(self) -> str:
        """What two requests for one page share."""
        return page_key(self.address) if self.body is None else f"{page_key(self.address)} {self.body}"


def numbers_from(first: int, end: int) -> range:
    """The numbers of a list's further pages, up to ``end`` (left out), as many as are ever asked for."""
    return range(first, min(end, first + MOST_PAGES))


def branches_at(addresses: Iterable[str]) -> tuple[PageRequest, ...]:
    """Plain requests for the lists at these addresses, each once, each a branch of its own."""
    return tuple(PageRequest(address, branch=page_key(address)) for address in dict.fromkeys(addresses))


def pages_at(addresses: Iterable[str]) -> tuple[PageRequest, ...]:
    """Plain requests for the pages at these addresses, each once."""
    return tuple(PageRequest(address) for address in dict.fromkeys(addresses))


@dataclass(frozen=True, slots=True)
class Row:
    """One listed document: its address, its title as printed, what the title says it is, the date beside it.

    ``organ``, ``organ_code`` and ``report_year`` are what the list itself says of the document outside its
    title (publisher, organ tree, code or year in the address); None where it says nothing. A row with the
    address of its own list page is a report that stands in the page itself.
    """

    address: str
    title: str
    kind: EntryKind
    shown_on: date | None
    organ: str | None = None
    organ_code: str | None = None
    report_year: int | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a column, read.

    ``proof`` says why the page counts as the column's list: ``rows`` (documents of this column stand there),
    ``declared_zero`` (the page's own count is 0), ``says_empty`` (words such as 暂无信息); None: not recognised.
    ``pages`` are the other pages that it names. A ``shell`` lists nothing itself, its rows stand in the answers
    to ``pages``: it is recognised where one of them is. ``declared`` is how many documents the column
    has and ``declared_pages`` how many pages, where the page says so. ``unaddressed`` are titles of rows that read
    as reports and lead to no address (a script opens them): they are listed, and cannot be fetched. ``otherwise``
    is what to ask for instead where the page gives the rows of an earlier one again.
    """

    proof: str | None
    rows: tuple[Row, ...] = ()
    pages: tuple[PageRequest, ...] = ()
    declared: int | None = None
    declared_pages: int | None = None
    unaddressed: tuple[str, ...] = ()
    shell: bool = False
    otherwise: tuple[PageRequest, ...] = ()

    @property
    def recognised(self) -> bool:
        """Whether the page is proven to be the column's list."""
        return self.proof is not None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page with the words it shows."""

    element: Tag
    address: str
    words: str
    title: str


MOST_PAGES = 2000
"""So many pages of a list are named at most; a page that claims more is never read whole, and costs no memory."""

_TRAILING_DATE = re.compile(
    r"[\s\[(（【]*(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?[\s\])）】]*$"
)
_MONTH_AND_DAY = re.compile(r"(?<![\d.:/-])(\d{1,2})[-/.](\d{1,2})(?![\d.:/-])")
_ORGAN_CODE = re.compile(r"[=/](1[1-9]\d{6}[0-9A-Z]{10})(?=-?/|&|$)|[?&]depCode=(\d{8}[0-9X])(?=&|$)")
_BULLETS = " \t\r\n·•●◆■□▪▶►>»-—|　\xa0"
_CUT_OFF = re.compile(r"(?:…|\.{2,}|⋯)+\s*$")
# How far a list may have printed 2023年(度)政府信息公开工作年度报告 before it cut it off.
_BEGUN = re.compile(
    r"年度?(?:政府?|(?:政府|政务)?信息?|(?:政府|政务)?信息公开?|政务公开?|(?:政府|政务)?(?:信息)?公开工?作?年?度?)$"
)
_YEAR = re.compile(r"(?:19|20)\d{2}|二[〇零○Ｏ][〇零○Ｏ一二三四五六七八九]{2}")
_MAY_BE_REPORT = re.compile(r"年度(?:工作)?报告|工作年报|公开.{0,6}(?:年报|报告|总结)|年报")

_NAMES_REPORT = re.compile(r"年报|年度(?:工作)?报告")
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|menu|head|header|foot|footer|crumb|breadcrumb|bread|location|friend|link)(?:$|[\s_\d-])",
    re.I,
)

_DECLARED = (
    re.compile(
        r"\b(?:record_?count|total_?(?:count|records?|rows?|num)|post_count)\b[\"']?\s*[:=]\s*[\"']?(\d{1,6})\b",
        re.I,
    ),
    re.compile(
        r"(?:共\s*(?:有|计)?|总计|合计)\s*(\d{1,6}|\d{1,3}(?:,\d{3})+)\s*条|"
        r"(?:总记录数?|记录总数|总条数)\s*[:：]?\s*(\d{1,6})(?!\d)"
    ),
)
# What the usual scripts that draw a pager are told: rows, or pages.
_PAGER_ROWS = re.compile(
    r"(?:laypage|pagination|paginator)\w*[^;]{0,300}?\b(?:count|total|totalData|dataCount)[\"']?\s*:\s*[\"']?(\d{1,6})\b",
    re.I,
)
_PAGER_PAGES = re.compile(
    r"(?:laypage|pagination|paginator)\w*[^;]{0,300}?\bpages[\"']?\s*:\s*[\"']?(\d{1,4})\b|"
    r"\b(?:total_?pages?|page_?count|count_?page|pages?_?total)\b[\"']?\s*[:=]\s*[\"']?(\d{1,4})\b",
    re.I,
)
_DECLARED_PAGES = re.compile(r"共\s*(?:有|计)?\s*(\d{1,5})\s*页|(?<![\d/])\d{1,4}\s*/\s*(\d{1,4})\s*页")
_SAYS_EMPTY = re.compile(
    r"暂(?:无|没有)(?:相关|任何)?(?:信息|数据|内容|文章|记录|文件|年报|报告)|"
    r"(?:没有|无)(?:找到)?(?:相关|任何|符合条件的)(?:信息|数据|内容|文章|记录|文件)|(?:该|本|此)栏目(?:下)?(?:暂)?(?:无|没有)"
)
_NONE_AT_ALL = re.compile(r"共\s*(?:有|计)?\s*0\s*(?:条|个|篇|份)")
# 共0条评论 is no count of documents.
_OTHER_COUNT = re.compile(r"(?:评论|留言|回复|咨询|提问|建议|意见|附件|跟帖)[^。；，]{0,6}$")
_OTHER_COUNTED = re.compile(r"\s*(?:评论|留言|回复|咨询|提问|建议|意见|附件|跟帖)")
_FETCHES = re.compile(
    r"(?:\$|\bjQuery)\.(?:ajax|get|post|getJSON)\s*\(|\bfetch\s*\(|\bXMLHttpRequest\b|\baxios\b|\bnew\s+Vue\b|"
    r"\bcreateApp\s*\("
)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_HIDING_RULE = re.compile(r"([^{}]+)\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_HIDING_CLASSES = frozenset({"hide", "hidden", "none", "d-none", "dn", "layui-hide", "ng-hide", "invisible"})
_CONDITIONS = ("v-if", "v-else", "v-else-if", "v-show", "ng-if", "ng-show", "ng-hide", "x-if", "x-show")
_MORE = re.compile(r"^(?:点击)?(?:加载|查看|显示|浏览)?更多(?:\s*[>»›]+)?$|^点击加载$")
_CALLS_NOTHING = re.compile(r"^\s*(?:javascript\s*:)?\s*(?:void\s*\(?\s*0\s*\)?|return\s+false|)\s*;?\s*$", re.I)
_YEAR_WORDS = re.compile(
    r"^[\[【（(]?\s*((?:19|20)\d{2})\s*(?:[\]】）)]|年度?(?:(?:政府)?信息公开)?(?:工作)?(?:年度)?(?:年报|报告)?|n)?\s*$"
)
_POSITION = re.compile("当前位置|现在的位置|您的位置|所在位置")
_POSITION_WORDS = re.compile(r"^.{0,20}?(?:当前|现在的?|您的?|所在)位置(?:是)?\s*[:：]?")
_STEP = re.compile(r"\s*(?:>>|[>»›＞→])\s*|\s+[-/|]\s+")
# 成文日期 is not the day of publication: the labels that name that come first.
_DATE_LABELS = tuple(
    re.compile(rf"(?:{words})\s*[:：]?\s*\[?")
    for words in ("发布\\s*(?:日期|时间)|公开日期|发布于|发文日期", "(?<!成文)(?<!生成)(?:时间|日期)")
)
_ANNUAL_REPORT_COLUMN = re.compile(r"年报|年度报告|年度工作报告")


def says_empty(words: str) -> bool:
    """Whether the words that a reader sees say that a list holds nothing."""
    return bool(_SAYS_EMPTY.search(words) or _NONE_AT_ALL.search(words))


class Page:
    """A page made ready for reading: repaired as a browser would, links resolved and counted per element."""

    def __init__(self, html: str, address: str) -> None:
        # Browsers repair broken mark-up one way and lxml another, losing cells: lexbor repairs as browsers do.
        self.soup = BeautifulSoup(LexborHTMLParser(html).html or "", "lxml")
        self.address = address
        base = self.soup.find("base", href=True)
        self.base = (normalise(str(base["href"]), address) if isinstance(base, Tag) else None) or address
        self.folder = folder_of(address)
        self.scripts = "\n".join(_without_comments(tag.get_text()) for tag in self.soup.find_all("script"))
        self.scripted: list[Link] = []
        self.links = list(self._read_links())
        self._targets: dict[int, set[str]] = {}
        for link in self.links:
            for parent in link.element.parents:
                self._targets.setdefault(id(parent), set()).add(link.address)

    def _read_links(self) -> Iterator[Link]:
        for element in self.soup.find_all("a"):
            target = str(element.get("href") or "").strip()
            address = normalise(target, self.base)
            words = " ".join(element.get_text(" ").split())
            title = _title(element, words)
            if address is not None and element.has_attr("href"):
                yield Link(element, address, words, title)
            if address is None or not target or target.startswith("#"):
                self.scripted.append(Link(element, "", words, title))

    def lone(self, element: Tag) -> bool:
        """Whether an element holds links to one address only."""
        return len(self._targets.get(id(element), ())) <= 1

    def list_of(self, link: Link) -> Tag:
        """The list a link stands in: the nearest element that holds links to other addresses too."""
        for parent in link.element.parents:
            if not self.lone(parent):
                return parent
        return self.soup

    def date_beside(self, link: Link) -> date | None:
        """The date in a link's row, outside its title: a full date, or month and day with the address's year."""
        for element in (link.element, *link.element.parents):
            if not isinstance(element, Tag) or not self.lone(element):
                return None
            around = " ".join(element.get_text(" ").split()).replace(link.title, " ", 1)
            if len(around) > 80 + len(link.title):
                return None
            found = find_date(around)
            if found is None:
                found = _month_and_day(around, link.address)
            if found:
                return found
        return None

    def row(self, link: Link) -> Row:
        """The row of a link.

        In a column of annual reports a dated row that is titled by its year alone (2023年), or whose title is cut
        off before it says what it is, is a report: the column says the rest.
        """
        kind, shown_on = kind_of_title(link.title), self.date_beside(link)
        if (
            kind is EntryKind.OTHER
            and (year_of_words(link.title) or ("公开" in link.title and _CUT_OFF.search(link.title)))
            and (shown_on or date_in_address(link.address))
            and self.is_annual_report_column()
        ):
            kind = EntryKind.REPORT
        return Row(link.address, link.title, kind, shown_on)

    def unaddressed(self, lists: Collection[int], rows: Iterable[Row]) -> tuple[str, ...]:
        """Titles that read as reports among the rows of the ``lists`` (ids of elements) and lead nowhere."""
        told = {row.title for row in rows}
        return tuple(
            link.title
            for link in self.scripted
            if link.title not in told
            and kind_of_title(link.title) is EntryKind.REPORT
            and id(self.list_of(link)) in lists
            and not is_furniture(link)
        )

    def leads_elsewhere(self, link: Link) -> bool:
        """Whether a link leads to another page than this one, its folder and a site's front page."""
        return link.address not in (self.address, self.folder) and urlsplit(link.address).path not in ("", "/")

    def declared(self) -> int | None:
        """How many documents the page says its column has: the largest number given, or None.

        A 0 counts in words that a reader sees only: what a script holds before it has fetched anything is 0 too.
        """
        numbers = [number for match in _DECLARED[0].finditer(self.scripts) if (number := int(match[1]))]
        numbers += [number for match in _PAGER_ROWS.finditer(self.scripts) if (number := int(match[1]))]
        numbers += [number for match in _DECLARED[1].finditer(self.words) if (number := _counted(match))]
        return max(numbers, default=0 if self._shows_zero() else None)

    def _shows_zero(self) -> bool:
        return any(
            _counted(match) == 0
            and not _OTHER_COUNT.search(self._shown[: match.start()])
            and not _OTHER_COUNTED.match(self._shown, match.end())
            for match in _DECLARED[1].finditer(self._shown)
        )

    def declared_pages(self) -> int | None:
        """How many pages the page's visible words say its column has."""
        numbers = [int(match[1] or match[2]) for match in _DECLARED_PAGES.finditer(self.words)]
        return max(numbers, default=None)

    @cached_property
    def words(self) -> str:
        """Visible words of the page."""
        return " ".join(
            text.strip() for text in self.soup.find_all(string=True) if is_visible(text) and text.strip()
        )

    def says_empty(self) -> bool:
        """Whether the page says in words that a reader sees that its list is empty."""
        return _SAYS_EMPTY.search(self._shown) is not None

    def empty_proof(self, *, rendered: bool = False) -> str | None:
        """How a page without rows proves that its column is empty: ``declared_zero``, ``says_empty``, or None.

        It must call itself a column of annual reports, for 没有找到相关内容 stands on pages of errors and in boxes
        aside. Where scripts of the page fetch data, its words may be there only until the data have come: they
        count on a page that a browser has built (``rendered``).
        """
        if not self.is_annual_report_column() or (not rendered and _FETCHES.search(self.scripts)):
            return None
        if self.declared() == 0:
            return "declared_zero"
        return "says_empty" if self.says_empty() else None

    def unturned(self) -> int | None:
        """How many pages a list has that only a script turns: 2 where nothing tells, None where none does."""
        if self.declared() is not None or self.declared_pages() is not None:
            return None
        told = max((int(match[1] or match[2]) for match in _PAGER_PAGES.finditer(self.scripts)), default=0)
        if told:
            return told
        elements = [link.element for link in self.scripted]
        elements += self.soup.select("button[onclick], span[onclick], li[onclick], div[onclick], em[onclick]")
        return 2 if any(_turns_by_script(element) for element in elements) else None

    @cached_property
    def _shown(self) -> str:
        """The words that a reader sees, as far as the page itself tells what is hidden."""
        hidden = _hidden_by_rules(self.soup)
        return " ".join(
            text.strip()
            for text in self.soup.find_all(string=True)
            if is_visible(text) and text.strip() and not any(_is_hidden(parent, hidden) for parent in text.parents)
        )

    def meta(self, name: str) -> str:
        """The content of the meta tag of a name, whatever its case: the first that says anything, else empty."""
        for tag in self.soup.find_all("meta", attrs={"name": re.compile(f"^{name}$", re.IGNORECASE)}):
            content = " ".join(str(tag.get("content") or "").split())
            if content and content != "null":
                return content
        return ""

    def own_titles(self) -> list[str]:
        """What the page calls itself: ArticleTitle, its headings, its title, in this order."""
        heads = [self.meta("ArticleTitle"), *(tag.get_text(" ") for tag in self.soup.select("h1, title"))]
        return [words for head in heads if (words := " ".join(head.split()))]

    def own_title(self) -> str:
        """The title of the document that the page itself is."""
        titles = self.own_titles()
        named = [title for title in titles if kind_of_title(title) is EntryKind.REPORT]
        return read_title((named or titles or [""])[0]).text

    def own_date(self) -> date | None:
        """The day of publication that the page's PubDate tells."""
        return find_date(self.meta("PubDate"))

    def is_annual_report_column(self) -> bool:
        """Whether the page calls itself a column of annual reports: by ColumnName, title or breadcrumb."""
        return self._is_annual_report_column

    @cached_property
    def _is_annual_report_column(self) -> bool:
        names = [self.meta("ColumnName")]
        names += [tag.get_text() for tag in self.soup.find_all("title")]
        names += [tag.get_text() for tag in self.soup.select(".CurrChnlCls")]
        names += [text for text in self.soup.find_all(string=_POSITION) if text]
        names += self.breadcrumb[-2:]
        return any(_ANNUAL_REPORT_COLUMN.search(name) for name in names)

    @property
    def breadcrumb(self) -> list[str]:
        """The steps of 当前位置, from the front page down, as words."""
        return self._position[1]

    def in_breadcrumb(self, link: Link) -> bool:
        """Whether a link is a step of 当前位置, which stands on every page and is no row."""
        position = self._position[0]
        return position is not None and any(parent is position for parent in link.element.parents)

    @cached_property
    def _position(self) -> tuple[Tag | None, list[str]]:
        for text in self.soup.find_all(string=_POSITION):
            for element in list(text.parents)[:3]:
                words = " ".join(element.get_text(" ").split())
                steps = [step.strip() for step in _STEP.split(_POSITION_WORDS.sub("", words))]
                steps = [step for step in steps if step]
                if len(steps) > 1 and len(words) < 300:
                    return element, steps
        return None, []

    @cached_property
    def shown_date(self) -> date | None:
        """The day of publication as an article page shows it: beside 发布日期 and the like, else its PubDate."""
        for label in _DATE_LABELS:
            for match in label.finditer(self.words):
                found = find_date(self.words[match.end() : match.end() + 24])
                if found:
                    return found
        return find_date(self.meta("PubDate"))


def kind_of_title(title: str) -> EntryKind:
    """What a listed title is. Whatever may be a report is one: only the document itself can tell for sure.

    About one report in ten does not bear the full 政府信息公开工作年度报告 (portals.md part 6).
    """
    kind = read_title(title).kind
    if kind is TitleKind.OTHER and (_may_be_report(title) or _may_go_on_as_report(title)):
        return EntryKind.REPORT
    return EntryKind(kind.value)


def _may_be_report(title: str) -> bool:
    if is_report_name(title) or ("公开" in title and _NAMES_REPORT.search(title)):
        return True
    return _MAY_BE_REPORT.search(title) is not None and has_year(title)


def _may_go_on_as_report(title: str) -> bool:
    """Whether a title that a list has cut off (…年政府信息公开工作年…) may be that of a report."""
    begun = _CUT_OFF.sub("", title)
    return begun != title and has_year(begun) and _BEGUN.search(begun) is not None


def is_furniture(link: Link) -> bool:
    """Whether a link belongs to what surrounds every page of a site: menu, head, foot, breadcrumb."""
    return any(_is_furniture(parent) for parent in link.element.parents)


def _is_furniture(element: Tag) -> bool:
    if element.name in ("nav", "header", "footer"):
        return True
    if element.name in ("body", "html", "[document]", "form"):
        return False
    names = " ".join((str(element.get("id") or ""), *(element.get_attribute_list("class") or ())))
    return _FURNITURE.search(names) is not None


_ASIDE = re.compile(r"^\W*(?:相关|推荐|热点|热门|最新|点击排行|排行|猜你|更多)")


def is_aside(link: Link) -> bool:
    """Whether a link stands in a box beside the list that is headed 相关推荐, 热点, 最新 or the like."""
    element = link.element
    for parent, _ in zip(link.element.parents, range(5), strict=False):
        if parent.name == "aside":
            return True
        if parent.name in ("body", "html", "[document]", "td"):
            return False
        first = next((words for words in parent.stripped_strings), "")
        if len(first) <= 12 and _ASIDE.match(first) and first != " ".join(element.get_text(" ").split()):
            return True
    return False


def is_visible(text: NavigableString) -> bool:
    """Whether a text of a page is shown: none of a script, a template or a comment."""
    hidden = text.parent is None or text.parent.name in ("script", "style", "template")
    return not hidden and not isinstance(text, PreformattedString)


def _hidden_by_rules(soup: BeautifulSoup) -> frozenset[str]:
    """Classes (``.x``) and ids (``#x``) that the page's own style sheets hide."""
    found = set()
    for style in soup.find_all("style"):
        for rule in _HIDING_RULE.finditer(style.get_text()):
            for selector in rule[1].split(","):
                found.update(re.findall(r"[.#][\w-]+", (selector.split() or [""])[-1])[-1:])
    return frozenset(found)


def _is_hidden(element: Tag, rules: Collection[str]) -> bool:
    classes = [str(name) for name in element.get_attribute_list("class") if name]
    return (
        element.name == "noscript"
        or element.has_attr("hidden")
        or any(element.has_attr(condition) for condition in _CONDITIONS)
        or _HIDING_STYLE.search(str(element.get("style") or "")) is not None
        or not _HIDING_CLASSES.isdisjoint(classes)
        or f"#{element.get('id')}" in rules
        or any(f".{name}" in rules for name in classes)
    )


def _turns_by_script(element: Tag) -> bool:
    words = " ".join(element.get_text(" ").split())
    if not (_FORWARD.match(words) or _MORE.match(words)) or _is_disabled(element):
        return False
    called = [str(element.get("onclick") or "")]
    if str(element.get("href") or "").lower().startswith("javascript:"):
        called.append(str(element["href"]))
    return any(not _CALLS_NOTHING.match(call) for call in called)


def _is_disabled(element: Tag) -> bool:
    around = (element, element.parent) if isinstance(element.parent, Tag) else (element,)
    names = " ".join(str(name) for one in around for name in one.get_attribute_list("class") if name)
    return element.has_attr("disabled") or "disabled" in names.lower()


def _counted(match: re.Match[str]) -> int:
    return int((match[1] or match[2]).replace(",", ""))


def year_of_words(words: str) -> int | None:
    """The year that words stand for which say no more (``2023年``, ``2022年度报告``), or None."""
    match = _YEAR_WORDS.match(words)
    return int(match[1]) if match else None


def has_year(text: str) -> bool:
    """Whether a year stands in a text, in digits or in Chinese."""
    return _YEAR.search(text) is not None


_FORWARD = re.compile(
    r"^(?:下一?页|后一?页|尾页|末页|最后一?页|next|last|[>»›]{1,2})(?:\s*[>»›]+)?$", re.IGNORECASE
)
_BACKWARD = re.compile(r"^(?:首页|第一页|上一?页|前一?页|prev(?:ious)?|first|[<«‹]{1,2}|\[?1\]?)$", re.IGNORECASE)
_NUMBER_OF_PAGE = re.compile(r"^\[?\d{1,3}\]?$")


def turns_page(words: str) -> bool | None:
    """Whether a link's words turn a list's pages: True forward, False back or to the first, None not at all."""
    words = words.strip()
    if _BACKWARD.match(words):
        return False
    return True if _FORWARD.match(words) or _NUMBER_OF_PAGE.match(words) else None


def same_site(address: str, other: str) -> bool:
    """Whether two addresses lie on hosts of one site: the same, or hosts of one government's domain."""
    one, two = (host_of(each).partition(":")[0].removeprefix("www.") for each in (address, other))
    if one == two or one.endswith(f".{two}") or two.endswith(f".{one}"):
        return True
    shared = one.split(".")[-3:]
    return len(shared) == 3 and shared == two.split(".")[-3:] and shared[-2:] == ["gov", "cn"]


def plain_text(markup: str) -> str:
    """The words of a piece of mark-up, on one line."""
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    return " ".join(BeautifulSoup(markup, "lxml").get_text().split())


def report_in_place(page: Page, answer: ListAnswer) -> Row | None:
    """The row of a report that stands in the column's own page instead of a list; None where none does.

    The page must hold words of a report's sections or tables, and its title must not say that it is something
    about a report (通知, 解读): those quote them too.
    """
    if not shows_report(answer.text):
        return None
    kinds = {kind_of_title(read_title(title).text) for title in page.own_titles()}
    if EntryKind.REPORT not in kinds or EntryKind.LOOK_ALIKE in kinds:
        return None
    title = page.own_title()
    return Row(
        answer.request.address, title, EntryKind.REPORT, page.own_date(), report_year=read_title(title).year
    )


def same_path(address: str, other: str) -> bool:
    """Whether two addresses differ in their query only."""
    return urlsplit(address)[:3] == urlsplit(other)[:3]


def _title(element: Tag, words: str) -> str:
    """The title a link stands for: its words, or its title attribute where the words are cut off or missing."""
    shown = _TRAILING_DATE.sub("", words).strip(_BULLETS)
    full = " ".join(str(element.get("title") or "").split())
    if not shown:
        image = element.find("img", alt=True)
        return full or (str(image["alt"]).strip() if isinstance(image, Tag) else "")
    begun = _CUT_OFF.sub("", shown)
    return full if len(full) >= len(begun) and full.startswith(begun) else shown


def _month_and_day(text: str, address: str) -> date | None:
    """A date printed without year, where the address names the same month, with its day or without."""
    for match in _MONTH_AND_DAY.finditer(text):
        in_address = read_address_date(address)
        if in_address and int(match[1]) == in_address.first.month:
            try:
                return date(in_address.first.year, int(match[1]), int(match[2]))
            except ValueError:
                return None
    return None


def date_in_address(address: str) -> date | None:
    """The day that an address names (``t20230118_…``, ``/2024/1/22/``), or None; a month alone is no day."""
    found = read_address_date(address)
    return found.day if found else None


def organ_code_in(address: str) -> str | None:
    """The 统一社会信用代码 or 组织机构代码 that an address names, or None: software's own numbers are no codes."""
    match = _ORGAN_CODE.search(address)
    return match[1] or match[2] if match else None


def _without_comments(script: str) -> str:
    """A script without its comments; ``//`` in an address stays."""
    return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", " ", script, flags=re.DOTALL)
