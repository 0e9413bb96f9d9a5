"""An old sub-site of TRS: GBK, nested tables with spacer rows, upper-case tags, attributes without quotes."""

from __future__ import annotations

from typing import Any

from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.site import FamilyColumn, county_columns, document_page, text_page
from crawler.sandbox.families.trs import Row, TrsSite
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

_ROWS = 12


class OldGbkSite(TrsSite):
    """A county's portal as it was built in 2008: no meta tags, paging by ``document.write``, all in GBK."""

    id_suffix = "old"
    ending = "htm"
    year_folders = False
    disclosure = "/zwgk/"

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        return county_columns(
            self.content, lambda one: "/zwgk/xxgknb/" if one == "xz" else f"/zwgk/bm/{one}/", "信息公开年报"
        )

    def page(self, path: str) -> Page | None:
        """A front page, a list page or a document's page."""
        if document := self.document_at(path):
            return self._document(path, document)
        if path in ("/", "/index.htm", "/zwgk/", "/zwgk/index.htm"):
            columns = [
                {"label": column.documents[0].organ.name if column.organ else column.name, "path": column.path}
                for column in self.columns
            ]
            crumbs = [("首页", "/"), ("政务公开", "/zwgk/")][: 2 if path.startswith("/zwgk/") else 1]
            return self._html(title=self.name, crumbs=crumbs, columns=columns, rows=self._news(), pages=0, index=0)
        for column in self.columns:
            if path.startswith(column.path):
                return self._numbered(column, path.removeprefix(column.path))
        return None

    def _news(self) -> list[Row]:
        return [Row("./xwzx/200801/t20080115_1201.htm", "我县召开政务公开工作会议", "", "2008-01-15")]

    def _numbered(self, column: FamilyColumn, name: str) -> Page | None:
        documents = () if EMPTIED in self.quirks else column.documents
        count = max(1, -(-len(documents) // _ROWS))
        names = ["index.htm", *(f"index_{number}.htm" for number in range(1, count))]
        if name not in ("", *names):
            return None
        index = names.index(name) if name else 0
        rows = [
            Row(
                "./" + self.path_of(column, document).removeprefix(column.path),
                document.title,
                document.title,
                f"{document.shown_on:%Y-%m-%d}",
            )
            for document in documents[index * _ROWS : (index + 1) * _ROWS]
        ]
        return self._html(
            title=column.name,
            crumbs=[("首页", "/"), ("政务公开", "/zwgk/"), (column.name, "./")],
            columns=[],
            rows=rows,
            pages=count + (SHORT in self.quirks),
            index=index,
        )

    def _html(self, **values: Any) -> Page:
        return text_page(render("old_gbk/list.html", site=self, **values), encoding="gbk")

    def _document(self, path: str, document: Document) -> Page:
        column = self.column_of(path)
        return document_page(
            document,
            lambda: render(
                "old_gbk/article.html",
                site=self,
                crumbs=[("首页", "/"), ("政务公开", "/zwgk/"), (column.name, "../")],
                document=document,
                body=document.body(),
            ),
            encoding="gbk",
        )
