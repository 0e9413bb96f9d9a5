"""A portal of Hanweb JPaaS: the rows of a column are a piece of HTML inside JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from crawler.sandbox.families.content import Document
from crawler.sandbox.families.listed import NEWS, ListedSite, fields_in, hexadecimal
from crawler.sandbox.families.site import FamilyColumn, text_page
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

FIRST_ROWS_IN_PAGE = "first_rows_in_page"
"""Quirk: the column's page holds its first rows itself; the unit gives the others."""
PAGE_NUMBER_IGNORED = "page_number_ignored"
"""Quirk: the unit answers with its first rows whatever page is asked for."""
_MIGRATED = 2022


class JpaasSite(ListedSite):
    """A county's portal with ``build/unit``.

    A page number counts only inside ``paramJson``. The site was migrated in 2022: what was published before
    stands under that year. A document's page has no title in its body.
    """

    family = "jpaas"
    tells = frozenset({"declared"})
    pages = "jpaas"
    unit_path = "/api-gateway/jpaas-publish-server/front/page/build/unit"
    web_id = hexadecimal("web")
    template_id = "LpcyxkYSwRoJNKPT7EX2v"
    footing = Markup(
        f'<script url="{unit_path}" '
        f"queryData=\"{{'webId':'{web_id}','pageType':'index','tagId':'首页要闻'}}\"></script>"
    )

    def column_path(self, one: str) -> str:
        """The column."""
        if one == NEWS:
            return "/xwzx/zwyw/index.html"
        return f"/zwgk/zfxxgk/{'xzjd' if one == 'xz' else one}/zfxxgknb/index.html"

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article: only a year in its address, that of the migration for all older ones."""
        folder = column.path.removesuffix("index.html")
        year = max(document.posted_on.year, _MIGRATED)
        return f"{folder}art/{year}/art_{hexadecimal(document.number)}.html"

    def listing(self, path: str) -> Page | None:
        """The page of a column, or the unit's answer."""
        for column in self.columns:
            if path == column.path:
                piece = self._piece(column, 1, self.rows_a_page) if FIRST_ROWS_IN_PAGE in self.quirks else ""
                query = (
                    f"{{'parseType':'bulidstatic','webId':'{self.web_id}','tplSetId':'{self.template_id}',"
                    f"'pageType':'column','tagId':'信息列表','editType':'null','pageId':'{self._page_id(column)}'}}"
                )
                page_id = self._page_id(column)
                return self.list_page(column, piece=Markup(piece), query=Markup(query), page_id=page_id)
        place, _, query = path.partition("?")
        return self._unit(fields_in(query)) if place == self.unit_path else None

    def _unit(self, asked: Mapping[str, str]) -> Page:
        column = next((one for one in self.columns if self._page_id(one) == asked.get("pageId")), None)
        if column is None or asked.get("webId") != self.web_id or asked.get("tagId") != "信息列表":
            return _json({"success": False, "code": "500", "data": None})
        paging = json.loads(asked.get("paramJson") or "{}")
        number = 1 if PAGE_NUMBER_IGNORED in self.quirks else int(paging.get("pageNo", 1))
        size = int(paging.get("pageSize", self.rows_a_page))
        return _json({"success": True, "code": "200", "data": {"html": self._piece(column, number, size)}})

    def _piece(self, column: FamilyColumn, number: int, size: int) -> str:
        rows = [
            {
                "link": self.path_of(column, document),
                "title": document.title,
                "shown": document.title if len(document.title) < 24 else document.title[:22] + "...",
                "date": f"{document.shown_on:%Y-%m-%d}",
            }
            for document in self.listed(column)[(number - 1) * size : number * size]
        ]
        return render("jpaas/piece.html", rows=rows, told=self.told(column), size=size, number=number)

    def _page_id(self, column: FamilyColumn) -> str:
        return hexadecimal("page", column.id)


def _json(data: Mapping[str, Any]) -> Page:
    return text_page(json.dumps(data, ensure_ascii=False), "application/json")
