"""A portal of 广东集约化平台: script applications, lists as JSON, pages with their data in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawler.clock import SHANGHAI
from crawler.sandbox.families.content import EMPTIED, SHORT, Content, Document
from crawler.sandbox.families.site import FamilyColumn, county_columns, text_page
from crawler.sandbox.families.static_lists import StaticListSite
from crawler.sandbox.loopback import Page

_ROOTS = {"xz": "", "bm1": "/qhxczj", "bm2": "/qhxjyj"}


class GkmlptSite(StaticListSite):
    """A county's portal of the platform: one application for the county with its towns, one for each department.

    The lists name https addresses though only http is served; every page has a twin for telephones (``mpost_``).
    Page 0 is page 1; a page beyond the last is not there.
    """

    family = "gkmlpt"
    templates = "gkmlpt"
    disclosure = "/gkmlpt/guide"
    rows_a_page = 10
    tells = frozenset({"declared", "organ"})

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        self.host = "www.qinghe.example"
        super().__init__(content, quirks)

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The county's application, where the towns' category is named, and the departments' own."""
        return county_columns(self.content, lambda one: f"{_ROOTS[one]}/gkmlpt/index")

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article by its number."""
        number = str(document.number)
        return f"{_ROOTS[column.id]}/gkmlpt/content/{number[:2]}/{number[:5]}/post_{number}.html"

    def addresses_of(self, column: FamilyColumn, document: Document) -> Sequence[str]:
        """The address and its twin."""
        path = self.path_of(column, document)
        return (path, path.replace("/post_", "/mpost_"))

    def list_paths(self, column: FamilyColumn, count: int) -> Sequence[str]:
        """The application's page; the lists are JSON."""
        return [column.path]

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """As any site; the host that was asked stands in the JSON."""
        self.host = headers.get("host", self.host)
        return super().answer(path, headers)

    def page(self, path: str) -> Page | None:
        """The application's page, its JSON, or what every site has."""
        parts = urlsplit(path)
        for column in self.columns:
            if parts.path == f"{_ROOTS[column.id]}/gkmlpt/api/all/{self.category(column)}":
                return self._json(column, parse_qs(parts.query))
            if path == column.path:
                tree = json.dumps(self._tree(column), ensure_ascii=False)
                return text_page(
                    self.render("app", title="政府信息公开", column=column, sid=self.sid(column), tree=tree)
                )
        return super().page(path)

    def category(self, column: FamilyColumn) -> int:
        """The number of a column's category of annual reports."""
        return 3140 + self.columns.index(column)

    def sid(self, column: FamilyColumn) -> str:
        """The number of a column's site."""
        return str(760013 + self.columns.index(column))

    def more(self, column: FamilyColumn) -> Mapping[str, Any]:
        """The site's number and how to write data into a page."""
        return {"sid": self.sid(column), "json": lambda value: json.dumps(value).replace("<", "\\u003C")}

    def _tree(self, column: FamilyColumn) -> list[dict[str, Any]]:
        one = {"jump_url": "", "children": [], "post_count": 4}
        number = self.category(column)
        return [
            {**one, "id": 3101, "name": "政府信息公开指南", "jump_url": "/gkmlpt/guide"},
            {**one, "id": 3102, "name": "法定主动公开内容", "children": [{**one, "id": 3110, "name": "机构职能"}]},
            {**one, "id": number, "name": "政府信息公开年报", "post_count": len(column.documents)},
        ]

    def _json(self, column: FamilyColumn, query: Mapping[str, list[str]]) -> Page | None:
        if query.get("sid") != [self.sid(column)]:
            return text_page('{"error": "sid"}', "application/json")
        page = max(1, int(query.get("page", ["1"])[0]))
        documents = () if EMPTIED in self.quirks else column.documents
        shown = documents[(page - 1) * self.rows_a_page : page * self.rows_a_page]
        if page > 1 and not shown:
            return None
        total = len(column.documents) + (SHORT in self.quirks)
        data = {
            "total": total,
            "classify": {"id": self.category(column), "name": "政府信息公开年报", "post_count": total},
            "articles": [self._article(column, document) for document in shown],
        }
        return text_page(json.dumps(data, ensure_ascii=False), "application/json")

    def _article(self, column: FamilyColumn, document: Document) -> dict[str, Any]:
        return {
            "id": document.number,
            "title": document.title,
            "document_number": "",
            "publisher": document.organ.name,
            "date": seconds(document.shown_on, -3),
            "created_at": f"{document.posted_on} 10:21:07",
            "display_publish_time": seconds(document.shown_on),
            "identifier": f"{document.organ.code}/{document.shown_on.year}-{document.number % 100_000:05d}",
            "url": f"https://{self.host}{self.path_of(column, document)}",
            "post_url": f"http://{self.host}{self.path_of(column, document).replace('/post_', '/mpost_')}",
            "attachment": [],
            "is_expired": 0,
        }


def seconds(day: date, days: int = 0) -> int:
    """Ten o'clock on a day, moved by days, as seconds since 1970."""
    return int(datetime.combine(day, time(10), tzinfo=SHANGHAI).timestamp()) + 86_400 * days
