"""What sandbox portals with lists of articles share: front page, disclosure page, documents by path."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from markupsafe import Markup

from crawler.sandbox.families.content import EMPTIED, SHORT, Content, Document
from crawler.sandbox.families.site import ContentSite, FamilyColumn, county_columns, document_page, text_page
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

NEWS = "xw"
_NEWS = ("县委召开常委会会议", "全县春耕备耕工作推进会召开", "我县开展安全生产大检查", "青禾文化节开幕")


class ListedSite(ContentSite):
    """A county's portal with its reports on pages of their own: one column for towns, one for each other organ.

    ``footing`` is what the software writes at the end of its pages; ``pages`` the folder of its templates.
    """

    disclosure_path: ClassVar[str] = "/zwgk/zfxxgk/index.html"
    footing: ClassVar[Markup] = Markup("")
    pages: ClassVar[str]
    rows_a_page: ClassVar[int] = 10

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        super().__init__(content, quirks)
        self._standing: dict[str, tuple[FamilyColumn, Document]] = {}
        for column in self.columns:
            for document in column.documents:
                for path in self.paths_of(column, document):
                    self._standing[path] = (column, document)
        # News stand in a column of their own, which is none of the definition's.
        column = FamilyColumn(NEWS, "政务要闻", self.column_path(NEWS), ())
        organ = content.organs[0]
        latest = max(document.shown_on for document in content.documents)
        self._news: dict[str, tuple[FamilyColumn, Document]] = {}
        for number, title in enumerate(_NEWS):
            day = latest - timedelta(days=number)
            text = f"<p>{title}。{content.county}融媒体中心记者报道。</p>"
            document = Document(1_000_000 + number, organ, None, title, day, day, partial(str, text))
            self._news[self.path_of(column, document)] = (column, document)

    @abstractmethod
    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """Where a document stands."""

    @abstractmethod
    def column_path(self, one: str) -> str:
        """The path of a column, by its id (``xz``, ``bm1``, …, and that of the news)."""

    @abstractmethod
    def listing(self, path: str) -> Page | None:
        """A page of a list, or an answer of the interface behind it."""

    def paths_of(self, column: FamilyColumn, document: Document) -> tuple[str, ...]:
        """All paths under which a document answers."""
        return (self.path_of(column, document),)

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the others' own."""
        return county_columns(self.content, self.column_path)

    def document_at(self, path: str) -> Document | None:
        """The document at a path."""
        found = self._standing.get(path)
        return found[1] if found else None

    def entrances(self) -> Mapping[str, str]:
        """Home, disclosure page, the towns' column and one of its reports."""
        towns = self.columns[0]
        report = next(document for document in towns.documents if document.is_report)
        return {
            "home": "/",
            "disclosure": self.disclosure_path,
            "column": towns.path,
            "report": self.path_of(towns, report),
        }

    def page(self, path: str) -> Page | None:
        """A front page, the disclosure page, a page of a list or a document's."""
        if found := self._standing.get(path) or self._news.get(path):
            return self._article(*found)
        if path in ("/", "/index.html"):
            return text_page(render("gateway/home.html", title=self.name, site=self, crumbs=(), news=self.news()))
        if path == self.disclosure_path:
            names = [("乡镇年报", self.columns[0].path)]
            names += [(column.documents[0].organ.name, column.path) for column in self.columns[1:]]
            title = f"政府信息公开_{self.name}"
            return text_page(
                render("gateway/disclosure.html", title=title, site=self, crumbs=[("首页", "/")], columns=names)
            )
        return self.listing(path)

    def news(self) -> list[dict[str, str]]:
        """Links of the front page, at the addresses the software gives its articles."""
        return [
            {"link": path, "title": document.title, "date": f"{document.shown_on:%Y-%m-%d}"}
            for path, (_, document) in self._news.items()
        ]

    def listed(self, column: FamilyColumn) -> tuple[Document, ...]:
        """What a column lists now."""
        return () if EMPTIED in self.quirks else column.documents

    def told(self, column: FamilyColumn) -> int | None:
        """How many documents a column says it has: too many (``short``), no word of it (``emptied``)."""
        if EMPTIED in self.quirks:
            return None
        return len(column.documents) + (SHORT in self.quirks)

    def crumbs(self, column: FamilyColumn) -> list[tuple[str, str]]:
        """The breadcrumb of a column."""
        first = [("首页", "/"), ("政府信息公开", self.disclosure_path)]
        if column.organ:
            first.append((column.documents[0].organ.name, f"/bm/{column.id}/index.html"))
        return [*first, (column.name, column.path)]

    def list_page(self, column: FamilyColumn, **values: Any) -> Page:
        """The page of a column, from the family's own template."""
        return text_page(
            render(
                f"{self.pages}/list.html",
                title=f"{column.name}_{self.name}",
                site=self,
                column=column,
                crumbs=self.crumbs(column),
                **values,
            )
        )

    def _article(self, column: FamilyColumn, document: Document) -> Page:

        def html() -> str:
            return render(
                f"{self.pages}/article.html",
                title=f"{document.title}_{self.name}",
                site=self,
                column=column,
                crumbs=self.crumbs(column),
                document=document,
                body=document.body(),
            )

        return document_page(document, html)


def hexadecimal(*parts: object) -> str:
    """Thirty-two hexadecimal signs that stay the same for the same parts, as software makes its ids."""
    return hashlib.md5("/".join(str(part) for part in parts).encode(), usedforsecurity=False).hexdigest()


def fields_in(text: str) -> dict[str, str]:
    """The fields of a query or a form."""
    return dict(parse_qsl(text, keep_blank_values=True))
