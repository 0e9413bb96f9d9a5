"""A portal of TRS WCM: static folders, paged from zero, dates in the addresses, a twin for telephones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.sandbox.families.content import EMPTIED, SHORT, Content, Document
from crawler.sandbox.families.site import ContentSite, FamilyColumn, county_columns, document_page, text_page
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

_TOWNS = "/zwgk/zfxxgk/zfxxgknb/xzjd/"
NEWS = ("县委召开常委会会议", "全县春耕备耕工作推进会召开", "我县开展安全生产大检查", "青禾文化节开幕")
"""Titles of news on home pages."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list page; ``shown`` are the words of its link, which may be cut off."""

    link: str
    title: str
    shown: str
    date: str


class TrsSite(ContentSite):
    """A county's portal of TRS WCM.

    The towns share a column that only leads on to year folders (``2023n/``); each row there has its twin for
    telephones (``_wap``) behind it, so that a page may end between the two. Each other organ has a column of its
    own with dates without a year, and ``?isMobile=true`` as twins.
    """

    family = "trs"
    rows_a_page = 5
    ending = "html"
    year_folders = True
    disclosure = "/zwgk/zfxxgk/"

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        super().__init__(content, quirks)
        self._documents: dict[str, Document] = {}
        self._columns: dict[str, FamilyColumn] = {}
        for column in self.columns:
            for document in column.documents:
                path = self.path_of(column, document)
                for address in (path, _for_telephones(path), path + "?isMobile=true"):
                    self._documents[address] = document
                    self._columns[address] = column

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        return county_columns(self.content, lambda one: _TOWNS if one == "xz" else f"/bmjz/{one}/zfxxgknb/")

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """Where a document stands."""
        folder = f"{column.path}{_year_of(document)}n/" if self._has_years(column) else column.path
        return f"{folder}{document.posted_on:%Y%m}/t{document.posted_on:%Y%m%d}_{document.number}.{self.ending}"

    def column_of(self, path: str) -> FamilyColumn:
        """The column of the document at a path. KeyError where there is none."""
        return self._columns[path]

    def _has_years(self, column: FamilyColumn) -> bool:
        return self.year_folders and column.organ is None

    def document_at(self, path: str) -> Document | None:
        """The document at a path."""
        return self._documents.get(path)

    def entrances(self) -> Mapping[str, str]:
        """Home, disclosure page, the towns' column and one of its reports."""
        towns = self.columns[0]
        report = next(document for document in towns.documents if document.is_report)
        return {
            "home": "/",
            "disclosure": self.disclosure,
            "column": towns.path,
            "report": self.path_of(towns, report),
        }

    def page(self, path: str) -> Page | None:
        """A front page, a list page or a document's page."""
        if document := self._documents.get(path):
            return self._article(path, document)
        if path in ("/", "/index.html"):
            news = list(enumerate(NEWS, start=1))
            return text_page(render("trs/home.html", title=self.name, site=self, news=news))
        if path in ("/zwgk/zfxxgk/", "/zwgk/zfxxgk/index.html"):
            return text_page(
                render(
                    "trs/disclosure.html",
                    title=f"政府信息公开_{self.name}",
                    site=self,
                    towns=self.columns[0],
                    departments=self.columns[1:],
                )
            )
        for column in self.columns:
            if path.startswith(column.path):
                name = path.removeprefix(column.path)
                return self._list(column, name) if column.organ else self._in_years(column, name)
        return None

    def _in_years(self, column: FamilyColumn, name: str) -> Page | None:
        """The towns' column, which names its year folders, and the list pages of each."""
        years = sorted({_year_of(document) for document in column.documents}, reverse=True)
        if name in ("", "index.html"):
            return text_page(
                render(
                    "trs/years.html",
                    title=f"{column.name}_{self.name}",
                    site=self,
                    column=column,
                    crumbs=self.crumbs(column),
                    years=years,
                )
            )
        folder, _, page = name.partition("/")
        for year in years:
            if folder == f"{year}n":
                return self._list(column, page, year)
        return None

    def _list(self, column: FamilyColumn, name: str, year: int | None = None) -> Page | None:
        rows = [] if EMPTIED in self.quirks else self._rows(column, year)
        count = max(1, -(-len(rows) // self.rows_a_page))
        names = ["index.html", *(f"index_{number}.html" for number in range(1, count))]
        if name not in ("", *names):
            return None
        index = names.index(name) if name else 0
        # One page more than there is: asked for, it is not there.
        told = count + (SHORT in self.quirks)
        return text_page(
            render(
                "trs/list.html",
                title=f"{column.name}_{self.name}",
                site=self,
                column=column,
                crumbs=self.crumbs(column),
                rows=rows[index * self.rows_a_page : (index + 1) * self.rows_a_page],
                paging=f'createPageHTML({told}, {index}, "index", "html");',
                aside=self.aside(column),
            )
        )

    def _rows(self, column: FamilyColumn, year: int | None) -> Sequence[Row]:
        rows = []
        for document in column.documents:
            if year is not None and _year_of(document) != year:
                continue
            path = self.path_of(column, document)
            link = f"./{document.posted_on:%Y%m}/" + path.rpartition("/")[2]
            if column.organ is None:
                day = f"{document.shown_on:%Y-%m-%d}"
                shown = document.title if len(document.title) < 26 else document.title[:24] + "..."
                rows.append(Row(link, document.title, shown, day))
                rows.append(Row(_for_telephones(link), document.title, shown, day))
            else:
                day = f"[{document.shown_on:%m-%d}]"
                rows.append(Row(link, document.title, document.title, day))
                rows.append(Row(link + "?isMobile=true", document.title, document.title, day))
        return rows

    def aside(self, column: FamilyColumn) -> list[Row]:
        """Links of other columns beside a list: a piece of news and another column's newest report."""
        other = next(one for one in self.columns if one is not column)
        report = next(document for document in other.documents if document.is_report)
        news = Row("/xwzx/bdyw/202401/t20240111_880101.html", NEWS[0], NEWS[0], "2024-01-11")
        return [news, Row(self.path_of(other, report), report.title, report.title, f"{report.shown_on}")]

    def crumbs(self, column: FamilyColumn) -> list[tuple[str, str]]:
        """The breadcrumb of a column: names and links."""
        first = [("首页", "/"), ("政务公开", "/zwgk/"), ("政府信息公开", "/zwgk/zfxxgk/")]
        if column.organ:
            name = column.documents[0].organ.name
            return [("首页", "/"), ("部门街镇", "/bmjz/"), (name, "../"), (column.name, "./")]
        return [*first, (column.name, "./")]

    def _article(self, path: str, document: Document) -> Page:
        column = self._columns[path]
        plain = path.partition("?")[0]

        def html() -> str:
            return render(
                "trs/article.html",
                title=f"{document.title}_{column.name}_{self.name}",
                site=self,
                column=column,
                crumbs=[(name, "../" if link == "./" else link) for name, link in self.crumbs(column)],
                document=document,
                url=f"http://www.qinghe.example{plain}",
                stem=plain.rpartition("/")[2].removesuffix(".html"),
                body=document.body(),
            )

        return document_page(document, html)


def _year_of(document: Document) -> int:
    """The year whose folder a document lies in: the one before it was published."""
    return document.shown_on.year - 1


def _for_telephones(path: str) -> str:
    stem, _, ending = path.rpartition(".")
    return f"{stem}_wap.{ending}"
