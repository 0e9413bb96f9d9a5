"""A portal whose columns are lists of links: what several families share, whatever their addresses and pages."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from crawler.sandbox.families.content import EMPTIED, SHORT, Content, Document
from crawler.sandbox.families.site import ContentSite, FamilyColumn, document_page, text_page
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

NEWS = ("县委召开常委会会议", "全县春耕备耕工作推进会召开", "我县开展安全生产大检查", "青禾文化节开幕")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list: where it leads, and what stands there."""

    link: str
    document: Document


class StaticListSite(ContentSite):
    """A portal of lists. A family gives addresses and the folder of its templates.

    The folder holds ``home.html``, ``disclosure.html``, ``list.html`` and ``article.html``.
    """

    templates: ClassVar[str]
    disclosure: ClassVar[str] = "/zwgk/zfxxgk/"
    rows_a_page: ClassVar[int] = 6

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        super().__init__(content, quirks)
        self._articles = {
            address: (column, document)
            for column in self.columns
            for document in column.documents
            for address in self.addresses_of(column, document)
        }

    @abstractmethod
    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """Where a document stands."""

    @abstractmethod
    def list_paths(self, column: FamilyColumn, count: int) -> Sequence[str]:
        """Where the pages of a column's list stand, in their order."""

    def addresses_of(self, column: FamilyColumn, document: Document) -> Sequence[str]:
        """All addresses of a document."""
        return (self.path_of(column, document),)

    def link_of(self, column: FamilyColumn, document: Document, path: str) -> str:
        """How the list page at a path links a document."""
        return self.path_of(column, document)

    def more(self, column: FamilyColumn) -> Mapping[str, Any]:
        """Further values for the templates of a column's pages."""
        return {}

    def document_at(self, path: str) -> Document | None:
        """The document at a path."""
        found = self._articles.get(path)
        return found[1] if found else None

    def entrances(self) -> Mapping[str, str]:
        """Home, disclosure page, the first column and one of its reports."""
        first = self.columns[0]
        report = next(document for document in first.documents if document.is_report)
        return {
            "home": "/",
            "disclosure": self.disclosure,
            "column": first.path,
            "report": self.path_of(first, report),
        }

    def page(self, path: str) -> Page | None:
        """A front page, a list page or a document's page."""
        if found := self._articles.get(path):
            return self.article(*found)
        if path in ("/", "/index.html", "/index.htm"):
            news = list(enumerate(NEWS, start=1))
            return text_page(self.render("home", title=self.name, news=news))
        if path == self.disclosure:
            return text_page(self.render("disclosure", title=f"政府信息公开_{self.name}"))
        for column in self.columns:
            if listed := self.list_page(column, path):
                return listed
        return None

    def list_page(self, column: FamilyColumn, path: str) -> Page | None:
        """The page of a column's list at a path."""
        documents = () if EMPTIED in self.quirks else column.documents
        count = max(1, -(-len(documents) // self.rows_a_page))
        paths = list(self.list_paths(column, count))
        if path not in paths:
            return None
        index = paths.index(path)
        shown = documents[index * self.rows_a_page : (index + 1) * self.rows_a_page]
        return text_page(
            self.render(
                "list",
                title=f"{column.name}-{self.name}",
                column=column,
                rows=[ListRow(self.link_of(column, one, path), one) for one in shown],
                index=index,
                paths=paths,
                declared=len(documents) + (SHORT in self.quirks),
                empty=EMPTIED in self.quirks,
                **self.more(column),
            )
        )

    def article(self, column: FamilyColumn, document: Document) -> Page:
        """The page of a document."""

        def html() -> str:
            return self.render(
                "article",
                title=f"{document.title}-{self.name}",
                column=column,
                document=document,
                body=document.body(),
                **self.more(column),
            )

        return document_page(document, html)

    def render(self, template: str, **values: Any) -> str:
        """A page of this family."""
        return render(f"{self.templates}/{template}.html", site=self, **values)
