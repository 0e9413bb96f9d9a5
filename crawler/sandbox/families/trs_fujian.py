"""A portal of TRS with the front of Fujian: ten static rows, the others by POST as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.site import FamilyColumn, county_columns, document_page, text_page
from crawler.sandbox.families.trs import NEWS, Row, TrsSite
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render
from crawler.sandbox.sites import not_found

_ROWS = 10
_FIRST_CHANNEL = 1813


class TrsFujianSite(TrsSite):
    """A county's portal with Fujian's front.

    ``POST /fjdzapp/search`` gives rows from the first page on, so the static rows are given there too. Some
    rows are links (``chnldocurl``) and have no ``docpuburl``.
    """

    id_suffix = "fujian"
    tells = frozenset({"declared"})
    ending = "htm"
    year_folders = False

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        return county_columns(
            self.content,
            lambda one: "/zwgk/zfxxgk/zfxxgknb/" if one == "xz" else f"/bmjz/{one}/zfxxgk/zfxxgknb/",
        )

    def page(self, path: str) -> Page | None:
        """A front page, a column's first page, or a document's page."""
        if document := self.document_at(path):
            return self._document(path, document)
        if path in ("/", "/index.htm"):
            return text_page(
                render("trs_fujian/home.html", title=self.name, site=self, news=list(enumerate(NEWS, start=1)))
            )
        if path in ("/zwgk/zfxxgk/", "/zwgk/zfxxgk/index.htm"):
            return text_page(
                render(
                    "trs_fujian/disclosure.html",
                    title=f"政府信息公开_{self.name}",
                    site=self,
                    towns=self.columns[0],
                    departments=self.columns[1:],
                )
            )
        for column in self.columns:
            if path in (column.path, f"{column.path}index.htm"):
                return self._first_page(column)
        return None

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """``/fjdzapp/search``: a page of a column's rows as JSON."""
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        channel = asked.get("classsql", "").removeprefix("chnlid=")
        columns = {str(self._channel(column)): column for column in self.columns}
        if path != "/fjdzapp/search" or channel not in columns or asked.get("channelid") != "200210":
            return not_found()
        size, number = int(asked["prepage"]), int(asked["page"])
        column = columns[channel]
        documents = () if self.quirks & {SHORT, EMPTIED} else column.documents
        data = [self._record(column, one) for one in documents[(number - 1) * size : number * size]]
        answer = {"pageCount": -(-len(column.documents) // size), "page": number, "data": data}
        return text_page(json.dumps(answer, ensure_ascii=False), "application/json")

    def _record(self, column: FamilyColumn, document: Document) -> dict[str, str]:
        link = self.path_of(column, document)
        # Rows that an editor linked have their address elsewhere.
        where = {"chnldocurl": link} if document.number % 3 == 0 else {"docpuburl": link}
        return {
            "docid": str(document.number),
            "doctitle": document.title,
            "docreltime": f"{document.shown_on} 15:34:00",
            **where,
        }

    def _channel(self, column: FamilyColumn) -> int:
        return _FIRST_CHANNEL + self.columns.index(column)

    def _first_page(self, column: FamilyColumn) -> Page:
        rows = [
            Row(
                "./" + self.path_of(column, document).removeprefix(column.path),
                document.title,
                document.title,
                f"{document.shown_on}",
            )
            for document in column.documents[:_ROWS]
        ]
        return text_page(
            render(
                "trs_fujian/list.html",
                title=f"{column.name}_政府信息公开_{self.name}",
                site=self,
                column=column,
                crumbs=self.crumbs(column),
                rows=[] if EMPTIED in self.quirks else rows,
                channel=self._channel(column),
                declared=len(column.documents) + (SHORT in self.quirks),
            )
        )

    def _document(self, path: str, document: Document) -> Page:
        column = self.column_of(path)
        return document_page(
            document,
            lambda: render(
                "trs_fujian/article.html",
                title=f"{document.title}_{column.name}_{self.name}",
                site=self,
                column=column,
                crumbs=self.crumbs(column),
                channel=self._channel(column),
                document=document,
                url=f"https://www.qinghe.example{path}",
                body=document.body(),
            ),
        )
