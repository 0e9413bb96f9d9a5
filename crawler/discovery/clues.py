"""What a page tells of where the annual reports stand: its breadcrumb, its menus, its organ tree, its own name.

The words and parts of paths are those met on real portals (portals.md part 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from bs4.element import Tag

from crawler.addresses import folder_of, host_of, normalise, page_key
from crawler.families.page import Link, Page, kind_of_title
from crawler.records import EntryKind
from parsers.attachments import shows_report
from parsers.documents.links import is_file_name
from parsers.titles import TitleKind, read_title


class LeadKind(StrEnum):
    """Why an address is worth a look."""

    ENTRANCE = "entrance"
    COLUMN = "column"
    YEAR = "year"
    FRAME = "frame"
    WAY = "way"
    ORGAN = "organ"
    HOME = "home"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may lead to a column of annual reports.

    ``words`` are those of the link, ``organ`` the name of the organ whose page it is, ``found_on`` the page that
    named it, ``weight`` how promising it is, ``year`` the report year of a folder for one year. ``named``: the
    link itself says whose page it is; else ``organ`` is only that of the page on which the link stands.
    """

    kind: LeadKind
    address: str
    words: str = ""
    organ: str | None = None
    found_on: str | None = None
    weight: float = 0.0
    year: int | None = None
    depth: int = 0
    named: bool = False


_ANNUAL = re.compile(r"年报|年度报告|年度工作报告")
_DISCLOSED = re.compile(r"公开")
_ONLY_ANNUAL = re.compile(
    r"^(?:\S{0,16}?(?:政府|部门|乡镇|街道|镇街|街镇|单位|局|委|办|镇|乡|县|区|市))?(?:工作)?(?:年报|年度报告|年度工作报告)(?:专栏|列表)?$"
)
_NOT_OURS = re.compile(
    r"决算|预算|统计年报|企业|解读|图解|法治|上市|学校|质量|环境|双公示|信用|执法|年报系统|财务"
)
_PATH_OF_COLUMN = re.compile(
    r"/(?:zf)?(?:xx)?(?:gk)?(?:gz)?(?:n[ij]a?n?bao|nb|ndbg|ndgzbg|gzndbg|gznb|niandubaogao)(?:_?\d{1,6})?(?:/|\.|$)"
    r"|/nb20\d\d/|annualreport|/xxgknb",
    re.IGNORECASE,
)
_YEAR_WORDS = re.compile(r"^(20\d{2})\s*年?度?(?:政府信息公开|信息公开)?(?:工作)?(?:年报|年度报告)?$")
YEAR_PATH = re.compile(r"/(?:nb|n)?(20\d{2})n?(?:ndbg|nb)?/?(?:index\.s?html?)?$|/(20\d{2})n?[a-z]*/?$")
_DISCLOSURE = re.compile(
    r"政府信息公开|政务信息公开|信息公开|政务公开|信息公开目录|公开目录|法定主动公开|基层政务公开"
)
_DISCLOSURE_PATH = re.compile(
    r"/(?:zwgk|zfxxgk|xxgk|gkml|gkmlpt|zwxxgk|openness|public|gongkai)(?:/|\.|_|$)", re.I
)
_TREE = re.compile(
    r"^(?:(?:各|县|区|市|县直|区直|市直|直属|政府|县政府|区政府|市政府)?"
    r"(?:部门|单位|机构|组成部门|工作部门|镇街|街镇|乡镇|街道|乡镇街道|乡镇（街道）|镇（街道）|部门街镇|部门和乡镇|部门镇街)"
    r"(?:信息公开|政务公开|公开|年报|网站|平台|目录|之窗|导航)?)$"
)
_ORGAN = re.compile(
    r"^[\u4e00-\u9fff（）()]{1,24}(?:局|委|委员会|办|办公室|中心|镇|乡|街道|办事处|苏木|人民政府|政府|管委会|分局|大队|银行|总社|社)$"
)
_NO_ORGAN = re.compile(
    r"之窗|领导|办事|服务|中心工作|下载中心|新闻中心|互动|网上|走进|印象|魅力|中国政府|省政府|信访|视频|专题|国务院|省人民政府"
)
_CRUMBS = re.compile(r"(?:当前|您现在的|您的|您所在的?|目前|所在)(?:所在)?位置|您(?:现)?在的位置")
_CRUMB_CLASS = re.compile(
    r"(?:^|[\s_-])(?:crumbs?|breadcrumbs?|position|location|dqwz|weizhi|wz|curpos)(?:$|[\s_-])", re.I
)
_SITE = re.compile("^SiteName$", re.IGNORECASE)
_COLUMN_META = re.compile("^ColumnName$", re.IGNORECASE)
_LONGEST_NAME = 30
_REFRESH = re.compile(r"<meta[^>]+http-equiv\s*=\s*[\"']?refresh[^>]*url\s*=\s*[\"']?([^\"'>\s;]+)", re.IGNORECASE)


class Clues:
    """A page read for what it tells of columns."""

    def __init__(self, text: str, address: str) -> None:
        self.text = text
        self.address = address
        self.page = Page(text, address)

    @cached_property
    def crumbs(self) -> list[Link]:
        """The links of the breadcrumb, from the front page on."""
        for element in self.page.soup.find_all(class_=_CRUMB_CLASS):
            links = self._links_in(element)
            if links:
                return links
        for text in self.page.soup.find_all(string=_CRUMBS):
            for parent in list(text.parents)[:3]:
                links = self._links_in(parent) if isinstance(parent, Tag) else []
                if 0 < len(links) <= 12:
                    return links
        return [link for link in self.page.links if "CurrChnlCls" in link.element.get_attribute_list("class")]

    def _links_in(self, element: Tag) -> list[Link]:
        inside = {id(one) for one in element.find_all("a")}
        return [link for link in self.page.links if id(link.element) in inside]

    @cached_property
    def site_name(self) -> str | None:
        """How the site calls itself."""
        meta = self.page.soup.find("meta", attrs={"name": _SITE})
        name = str(meta.get("content") or "").strip() if isinstance(meta, Tag) else ""
        return name or None

    @cached_property
    def title(self) -> str:
        """The page's title, without what stands after an underscore."""
        tag = self.page.soup.find("title")
        return " ".join(tag.get_text(" ").split()) if isinstance(tag, Tag) else ""

    @cached_property
    def column_name(self) -> str | None:
        """How the page's column is called: ColumnName, the end of the breadcrumb, or the title's first part."""
        meta = self.page.soup.find("meta", attrs={"name": _COLUMN_META})
        names = [str(meta.get("content") or "")] if isinstance(meta, Tag) else []
        names += [link.words for link in self.crumbs[-1:]]
        names += [re.split(r"[_|–—-]", self.title)[0]]
        for name in names:
            name = "".join(name.split())
            if name and name != "null" and _ANNUAL.search(name):
                return name[:_LONGEST_NAME]
        return None

    @cached_property
    def organ(self) -> str | None:
        """The organ whose pages these are, as the breadcrumb names it."""
        names = ["".join(link.words.split()) for link in self.crumbs]
        return next((name for name in reversed(names) if is_organ_name(name)), None)

    @cached_property
    def is_report(self) -> bool:
        """Whether the page is a report: by its title and by its text."""
        if not shows_report(self.text):
            return False
        titles = [self.title, *(tag.get_text(" ") for tag in self.page.soup.find_all(["h1", "h2"])[:3])]
        return any(read_title(title).kind is TitleKind.REPORT for title in titles) or bool(
            self.page.is_annual_report_column()
        )

    @property
    def refresh(self) -> str | None:
        """The address that a page leads on to by itself."""
        found = _REFRESH.search(self.text[:8192])
        return normalise(found[1], self.address) if found else None

    def leads(self, depth: int, organ: str | None, in_column: bool) -> Iterator[Lead]:
        """Where this page leads on. ``in_column``: it is a column, so that years beside it are its folders."""
        crumbs = {id(link.element) for link in self.crumbs}
        for link in self.page.links:
            if not self.page.leads_elsewhere(link) and urlsplit(link.address).path not in ("", "/"):
                continue
            if is_file_name(link.address):
                continue
            lead = self._lead(link, depth, organ, in_column, id(link.element) in crumbs)
            if lead is not None:
                yield lead
        for frame in self.page.soup.find_all(["iframe", "frame"], src=True):
            address = normalise(str(frame["src"]), self.page.base)
            if address and not is_file_name(address):
                # A frame is a part of this page.
                yield Lead(LeadKind.FRAME, address, "", organ, self.address, 5.0, None, depth + 1, named=True)

    def _lead(self, link: Link, depth: int, organ: str | None, in_column: bool, in_crumbs: bool) -> Lead | None:
        words = "".join(link.title.split())
        path = urlsplit(link.address).path + "?" + urlsplit(link.address).query
        beside = _organ_beside(link, self.page)
        whose = beside or organ

        def lead(kind: LeadKind, weight: float, of: str | None = whose, year: int | None = None) -> Lead:
            named = kind is LeadKind.ORGAN or (beside is not None and of == beside)
            return Lead(kind, link.address, words, of, self.address, weight, year, depth + 1, named)

        year = _YEAR_WORDS.match(words)
        by_path = YEAR_PATH.search(urlsplit(link.address).path)
        if year and not self.page.date_beside(link) and (in_column or (by_path and _PATH_OF_COLUMN.search(path))):
            return lead(LeadKind.YEAR, 9.0, organ, int(year[1]))
        kind = kind_of_title(words)
        if len(words) <= _LONGEST_NAME and not _NOT_OURS.search(words) and kind is not EntryKind.LOOK_ALIKE:
            is_report = kind is EntryKind.REPORT and re.search(r"20\d\d", words)
            if is_report and (read_title(words).organ or self.page.date_beside(link)):
                return lead(LeadKind.REPORT, 0.5)
            if _ANNUAL.search(words) and (_DISCLOSED.search(words) or _ONLY_ANNUAL.match(words)):
                return lead(LeadKind.COLUMN, 10.0 if not is_report else 6.0)
            if _PATH_OF_COLUMN.search(urlsplit(link.address).path) and (in_crumbs or len(words) <= 16):
                return lead(LeadKind.COLUMN, 7.0)
            if _DISCLOSURE.search(words) and len(words) <= 16:
                return lead(LeadKind.WAY, 6.0 if in_crumbs or words.endswith("公开") else 4.0)
            if _TREE.match(words):
                return lead(LeadKind.WAY, 5.0)
            if is_organ_name(words):
                in_rooms = _DISCLOSURE_PATH.search(path) or _DISCLOSURE_PATH.search(self.address)
                return lead(LeadKind.ORGAN, 3.0 if in_rooms else 1.5, words)
            if in_crumbs and urlsplit(link.address).path not in ("", "/"):
                return lead(LeadKind.WAY, 4.5)
        return None


def is_organ_name(words: str) -> bool:
    """Whether words read as the name of an organ."""
    return bool(_ORGAN.match(words)) and not _NO_ORGAN.search(words) and not _TREE.match(words)


def _organ_beside(link: Link, page: Page) -> str | None:
    """The organ's name that stands before a link in its own row (``<li><b>财政局</b> <a>年报</a></li>``)."""
    for parent in list(link.element.parents)[:3]:
        if not isinstance(parent, Tag) or not page.lone(parent):
            return None
        around = parent.get_text(" ").replace(link.words, " ", 1).split()
        for words in around:
            if is_organ_name(words.strip("：:·>》")):
                return words.strip("：:·>》")
    return None


_PUBLISHED = re.compile(r"(?:20\d{4}|20\d{2}/\d{1,2}(?:/\d{1,2})?|20\d{2}/\d{2}-\d{2}|20\d{2}-\d{2}|20\d{2})/?$")
_HANWEB = re.compile(r"^(?P<before>.*?)/art/\d{4}/\d{1,2}/\d{1,2}/art_(?P<column>\d+)_\d+\.html$")
_UCAP = re.compile(r"^(?P<folder>.*/c\d+)/20\d{4}/[\w-]+\.shtml$")


def columns_above(address: str) -> list[str]:
    """Where the column of a report's page may be, by the forms of addresses that software writes.

    TRS and folders in general: the folders above, without the month. Hanweb: ``art_<column>_<id>``. UCAP: the
    ``c<number>`` folder's ``list.shtml``. Each is only a guess to look at.
    """
    parts = urlsplit(address)
    root = f"{parts.scheme}://{parts.netloc}"
    if found := _HANWEB.match(parts.path):
        return [f"{root}{found['before']}/col/col{found['column']}/index.html"]
    if found := _UCAP.match(parts.path):
        folder = root + found["folder"]
        return [f"{folder}/list.shtml", f"{folder}/zwgklist.shtml", f"{folder}/"]
    folder = folder_of(address)
    found = _PUBLISHED.search(urlsplit(folder).path.rstrip("/"))
    if found:
        path = urlsplit(folder).path.rstrip("/")[: found.start()]
        folder = f"{root}{path.rstrip('/')}/"
    above = [folder, urljoin(folder, "../")]
    return [one for one in dict.fromkeys(above) if urlsplit(one).path not in ("", "/")]


def same_page(address: str, other: str) -> bool:
    """Whether two addresses are one page."""
    return page_key(address) == page_key(other) and host_of(address) == host_of(other)
