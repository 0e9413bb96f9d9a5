"""A portal of classic Hanweb: records inside a script, further ones by dataproxy.jsp, frames, truecms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import parse_qs, quote, urlsplit

from crawler.sandbox.families.content import EMPTIED, SHORT, Content, Document
from crawler.sandbox.families.site import ContentSite, FamilyColumn, county_columns, document_page, text_page
from crawler.sandbox.families.trs import NEWS, Row
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render
from crawler.sandbox.sites import not_found

BY_PAGE = "by_page"
"""Quirk: the server ignores ``startrecord`` and obeys ``page`` and ``perpage``."""
DEEP_EMPTY = "deep_empty"
"""Quirk: whatever lies behind the first rows is answered by a store without records."""

_FIRST_COLUMN = 1229214366
_PROXY = "/module/web/jpage/dataproxy.jsp"
_OLD_PROXY = "/module/jpage/dataproxy.jsp"
_EMPTY = "<datastore><recordset></recordset></datastore>"
_PER_PAGE = 4
_GROUPS = 2
_OLD_GROUP = 3
_UNIT = "5504308"


class HanwebSite(ContentSite):
    """A county's portal of classic Hanweb.

    The towns' column asks by POST, the first department's by the older GET of one group after another, the second
    one's list stands in a frame. Nothing is given to who sends no Referer. Beside each list stand links of other
    columns.
    """

    family = "hanweb"
    tells: frozenset[str] = frozenset()

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        super().__init__(content, quirks)
        self._documents: dict[str, tuple[Document, FamilyColumn]] = {
            self.path_of(column, document): (document, column)
            for column in self.columns
            for document in column.documents
        }

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        ids = {"xz": 0, **{f"bm{number}": number for number in range(1, 100)}}
        return county_columns(self.content, lambda one: f"/col/col{_FIRST_COLUMN + ids[one]}/index.html")

    def number_of(self, column: FamilyColumn) -> int:
        """The column's number."""
        return _FIRST_COLUMN + self.columns.index(column)

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """Where a document stands: month and day without leading zero."""
        day = document.posted_on
        number = column.path.split("/")[2].removeprefix("col")
        return f"/art/{day.year}/{day.month}/{day.day}/art_{number}_{document.number}.html"

    def document_at(self, path: str) -> Document | None:
        """The document at a path."""
        found = self._documents.get(path)
        return found[0] if found else None

    def entrances(self) -> Mapping[str, str]:
        """Home, disclosure page, the towns' column and one of its reports."""
        towns = self.columns[0]
        report = next(document for document in towns.documents if document.is_report)
        return {
            "home": "/",
            "disclosure": "/col/col1229214200/index.html",
            "column": towns.path,
            "report": self.path_of(towns, report),
        }

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The page at a path; the proxies only for who says which page asks."""
        if "dataproxy.jsp" in path and not ("referer" in headers and "x-requested-with" in headers):
            return not_found()
        return super().answer(path, headers)

    def page(self, path: str) -> Page | None:
        """A front page, a column's page, a group of rows, or a document's page."""
        if path in self._documents:
            return self._article(path)
        if path in ("/", "/index.html"):
            news = list(enumerate(NEWS, start=1))
            return text_page(render("hanweb/home.html", title=self.name, site=self, news=news))
        if path == "/col/col1229214200/index.html":
            return text_page(
                render(
                    "hanweb/disclosure.html",
                    title=f"{self.name} 政府信息公开",
                    site=self,
                    towns=self.columns[0],
                    departments=self.columns[1:],
                )
            )
        if path.startswith(_OLD_PROXY):
            return self._old_group(path)
        for column in self.columns:
            if path in (column.path, column.path.removesuffix("index.html")):
                return self._column(column)
            if path == self._frame_of(column):
                return self._column(column, framed=True)
        return None

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """``dataproxy.jsp``: the records from one number to another."""
        parts = urlsplit(path)
        if parts.path != _PROXY or "referer" not in headers or "x-requested-with" not in headers:
            return not_found()
        asked = {name: values[0] for name, values in {**parse_qs(parts.query), **parse_qs(body.decode())}.items()}
        columns = {str(self.number_of(column)): column for column in self.columns}
        column = columns.get(asked.get("columnid", ""))
        if column is None or asked.get("unitid") != _UNIT:
            return text_page(_EMPTY, "text/xml")
        rows = self.rows(column)
        if BY_PAGE in self.quirks:
            size = int(asked["perpage"])
            start = (int(asked.get("page", "1")) - 1) * size
        else:
            start = int(asked["startrecord"]) - 1
            size = int(asked["endrecord"]) - start
        if self.quirks & {DEEP_EMPTY, SHORT}:
            return text_page(_EMPTY, "text/xml")
        return text_page(_store(rows[start : start + size]), "text/xml")

    def rows(self, column: FamilyColumn) -> Sequence[Row]:
        """The rows of a column, the newest first; none where it is emptied."""
        if EMPTIED in self.quirks:
            return ()
        return [
            Row(self.path_of(column, document), document.title, document.title, f"{document.shown_on}")
            for document in column.documents
        ]

    def aside(self, column: FamilyColumn) -> list[Row]:
        """Links of other columns beside a list: a piece of news and another column's newest report."""
        other = next(one for one in self.columns if one is not column)
        report = next(document for document in other.documents if document.is_report)
        news = Row("/art/2024/1/11/art_1229214001_590101.html", NEWS[0], NEWS[0], "2024-01-11")
        return [news, Row(self.path_of(other, report), report.title, report.title, f"{report.shown_on}")]

    def _frame_of(self, column: FamilyColumn) -> str | None:
        return f"/col/col{self.number_of(column)}/list.html" if column.id == "bm2" else None

    def _column(self, column: FamilyColumn, framed: bool = False) -> Page:
        rows, frame = self.rows(column), self._frame_of(column)
        old = column.id == "bm1"
        there = _OLD_GROUP if old else _PER_PAGE * _GROUPS
        store = _store(rows[:there], self._next_group(column, 1) if old and len(rows) > there else None)
        declared = 0 if EMPTIED in self.quirks else len(column.documents)
        fields = {
            "col": 1,
            "appid": 1,
            "webid": 3096,
            "path": "/",
            "columnid": self.number_of(column),
            "sourceContentType": 1,
            "unitid": _UNIT,
            "webname": self.name,
            "permissiontype": 0,
        }
        return text_page(
            render(
                "hanweb/list.html",
                title=f"{self.name} {column.name}",
                site=self,
                column=column,
                frame=None if framed else frame,
                truecms=False,
                unit=_UNIT,
                body=store,
                aside=self.aside(column),
                # A column that was emptied does not say so: its script tells no total.
                proxy=None if old or EMPTIED in self.quirks else _PROXY,
                declared=declared + (SHORT in self.quirks),
                per_page=_PER_PAGE,
                groups=_GROUPS,
                fields=fields,
            )
        )

    def _next_group(self, column: FamilyColumn, page: int) -> str:
        return (
            f"{_OLD_PROXY}?page={page}&appid=1&appid=1&webid=3096&path=/&columnid={self.number_of(column)}"
            f"&unitid={_UNIT}&webname={quote(quote(self.name))}&permissiontype=0"
        )

    def _old_group(self, path: str) -> Page | None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        columns = {str(self.number_of(column)): column for column in self.columns}
        column = columns.get(asked.get("columnid", ""))
        if column is None or "webid" not in asked:
            return None
        page = int(asked["page"])
        rows = self.rows(column)
        following = None
        if len(rows) > (page + 1) * _OLD_GROUP:
            # Its address is relative and leaves out what was said before.
            following = f"./dataproxy.jsp?page={page + 1}&columnid={asked['columnid']}&unitid={_UNIT}"
        if self.quirks & {DEEP_EMPTY, SHORT}:
            return text_page(_EMPTY, "text/xml")
        return text_page(_store(rows[page * _OLD_GROUP : (page + 1) * _OLD_GROUP], following), "text/xml")

    def _article(self, path: str) -> Page:
        document, column = self._documents[path]
        return document_page(
            document,
            lambda: render(
                "hanweb/article.html",
                title=f"{self.name} {column.name} {document.title}",
                site=self,
                column=column,
                number=self.number_of(column),
                document=document,
                url=f"http://www.qinghe.example{path}",
                body=document.body(),
            ),
        )


class TruecmsSite(HanwebSite):
    """A county's portal of truecms: the same records as JSONP, 404 to who sends no Referer."""

    id_suffix = "truecms"
    tells = frozenset({"declared"})

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """Where a document stands: no date in the address."""
        folder = column.path.rpartition("/")[0]
        return f"{folder}/content/{document.number:08x}-0000-4000-8000-{document.number:012d}.html"

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        return county_columns(self.content, lambda one: f"/qhxzf/{one}nb/{one}nb.html")

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The page at a path; rows only for who says which page asks."""
        if path.startswith("/truecms/"):
            return self._message(path) if "referer" in headers else not_found()
        return super().answer(path, headers)

    def _column(self, column: FamilyColumn, framed: bool = False) -> Page:
        rows = self.rows(column)
        return text_page(
            render(
                "hanweb/list.html",
                title=f"{self.name} {column.name}",
                site=self,
                column=column,
                frame=None,
                truecms=True,
                unit="pagelist",
                rows=rows[: _PER_PAGE * _GROUPS],
                aside=self.aside(column),
                proxy="/truecms/messageController/getMessage.do",
                declared=len(column.documents) + (SHORT in self.quirks),
                per_page=_PER_PAGE,
                groups=_GROUPS,
                fields={"columnId": self._id_of(column)},
            )
        )

    def _id_of(self, column: FamilyColumn) -> str:
        return f"754f6db5-d294-46d5-b25c-{self.number_of(column):012d}"

    def _message(self, path: str) -> Page:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        column = {self._id_of(column): column for column in self.columns}[asked["columnId"]]
        rows = self.rows(column)[int(asked["startrecord"]) - 1 : int(asked["endrecord"])]
        result = _store(rows, None, len(column.documents))
        given = json.dumps({"result": result}, ensure_ascii=False)
        return text_page(f"{asked['callback']}({given});", "application/javascript")


def _store(rows: Sequence[Row], next_group: str | None = None, total: int | None = None) -> str:
    parts = ["<datastore>"]
    if total is not None:
        parts.append(f"<totalrecord>{total}</totalrecord>")
    if next_group is not None:
        parts.append(f'<nextgroup><![CDATA[<a href="{next_group}"></a>]]></nextgroup>')
    parts.append("<recordset>")
    for row in rows:
        title = escape(row.title, quote=False)
        link = f"<a href='{row.link}' title='{title}' target=\"_blank\">{title}</a>"
        parts.append(f"<record><![CDATA[\n<li>{link}<span>{row.date}</span></li>]]></record>")
    return "\n".join([*parts, "</recordset>", "</datastore>"])
