"""Portals of UCAP: static pages counted from one; rows as JSON from the search; rows by POST as in Hunan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from markupsafe import Markup

from crawler.clock import SHANGHAI
from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.listed import NEWS, ListedSite, fields_in, hexadecimal
from crawler.sandbox.families.site import FamilyColumn, text_page
from crawler.sandbox.loopback import Page


class UcapSite(ListedSite):
    """A county's portal of UCAP with static lists; months stand in the addresses of its articles, days do not."""

    family = "ucap"
    tells = frozenset({"declared"})
    pages = "ucap"
    disclosure_path = "/qhx/c107293/zfxxgk.shtml"
    footing = Markup('<script src="/common/search/hot?_isAgg=true"></script>')

    def code_of(self, one: str) -> str:
        """The code of a column."""
        return "c111301" if one == NEWS else f"c11134{0 if one == 'xz' else one.removeprefix('bm')}"

    def column_path(self, one: str) -> str:
        """The column."""
        return f"/qhx/{self.code_of(one)}/zwgklist.shtml"

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article of the static kind (``c01_<number>``) or with an id of 32 signs."""
        folder = f"/qhx/{self.code_of(column.id)}/{document.posted_on:%Y%m}"
        return f"{folder}/{hexadecimal(document.number) if column.organ else f'c01_{document.number}'}.shtml"

    def listing(self, path: str) -> Page | None:
        """A page of a list."""
        for column in self.columns:
            stem = column.path.removesuffix(".shtml")
            if not path.startswith(stem):
                continue
            count = max(1, -(-len(self.listed(column)) // self.rows_a_page))
            names = [".shtml", *(f"_{number}.shtml" for number in range(2, count + 1))]
            if path.removeprefix(stem) not in names:
                return None
            return self._static(column, names.index(path.removeprefix(stem)) + 1, count)
        return None

    def _static(self, column: FamilyColumn, number: int, count: int) -> Page:
        told = self.told(column)
        call = f"createPageHTML('page_div',{count}, {number},'zwgklist','shtml',{told});" if told else ""
        rows = self.listed(column)[(number - 1) * self.rows_a_page : number * self.rows_a_page]
        return self._page(column, rows, f"<script>{call}</script>")

    def _page(self, column: FamilyColumn, rows: tuple[Document, ...], script: str) -> Page:
        return self.list_page(
            column,
            channel=self.channel_of(column),
            code=self.code_of(column.id),
            script=Markup(script),
            rows=[
                {
                    "link": self.path_of(column, document),
                    "title": document.title,
                    "shown": document.title if len(document.title) < 26 else document.title[:24] + "…",
                    "date": f"{document.shown_on:%Y-%m-%d}",
                }
                for document in rows
            ],
        )

    def channel_of(self, column: FamilyColumn) -> str:
        """The channel that the search knows a column by."""
        return hexadecimal("channel", column.id)


class UcapSearchSite(UcapSite):
    """The same with lists that a script fills from ``/common/search/<channel>``.

    The search gives at most six rows a page, whatever is asked. Half of its rows have a time in milliseconds only.
    """

    tells = frozenset({"declared", "organ"})
    most_rows = 6

    def listing(self, path: str) -> Page | None:
        """The page of a column, a shell, or the search."""
        for column in self.columns:
            if path == column.path:
                return self._page(column, (), self.script(column))
        place, _, query = path.partition("?")
        if not place.startswith("/common/search/"):
            return None
        return self.rows(place, fields_in(query))

    def script(self, column: FamilyColumn) -> str:
        """What fills the page."""
        return "<script>listModel({container: '.jytxxgklist', template: 'index'});</script>"

    def rows(self, place: str, asked: Mapping[str, str]) -> Page:
        """The rows of a page, as JSON."""
        channel = place.rpartition("/")[2]
        column = next((one for one in self.columns if self.channel_of(one) == channel), None)
        if column is None or asked.get("_isAgg") != "true":
            return _json({"code": 404, "data": None})
        number = int(asked.get("page") or 1)
        size = min(int(asked.get("_pageSize") or 15), self.most_rows)
        data: dict[str, Any] = {
            "page": number,
            "rows": size,
            "channelId": channel,
            "results": [
                self._result(column, document)
                for document in self.listed(column)[(number - 1) * size : number * size]
            ],
        }
        if EMPTIED not in self.quirks:
            data["total"] = len(column.documents) + (SHORT in self.quirks)
        return _json({"data": data})

    def _result(self, column: FamilyColumn, document: Document) -> dict[str, Any]:
        moment = datetime.combine(document.shown_on, time(8), tzinfo=SHANGHAI)
        return {
            "manuscriptId": str(document.number),
            "title": document.title,
            "url": self.path_of(column, document),
            "content": None,
            "contentHtml": "<p></p>",
            "publishedTime": int(moment.timestamp() * 1000),
            "publishedTimeStr": f"{moment:%Y-%m-%d %H:%M:%S}" if document.number % 2 else None,
            "resList": None,
            "domainMetaList": [
                {"domainMetadataName": "默认元数据集", "resultList": None},
                {
                    "domainMetadataName": "政府信息公开",
                    "resultList": [
                        {"name": "来源", "key": "source", "value": "null"},
                        {"name": "发布机构", "key": "publisher", "value": document.organ.name},
                        {"name": "索引号", "key": "refno", "value": str(document.number)},
                    ],
                },
            ],
        }


class UcapPostSite(UcapSearchSite):
    """The same as in Hunan: rows by POST from ``/search/common/search/<channel>``, a number as the channel."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """As ever; but its robots.txt forbids nothing, for the interface is a host of its own."""
        if path == "/robots.txt":
            return text_page("User-agent: *\nDisallow:\n", "text/plain")
        return super().answer(path, headers)

    def channel_of(self, column: FamilyColumn) -> str:
        """A number, not the id in the head of the page."""
        return f"10078{0 if column.id == 'xz' else column.id.removeprefix('bm')}"

    def script(self, column: FamilyColumn) -> str:
        """What fills the page."""
        return (
            f"<script>var channelId = '{self.channel_of(column)}';\n"
            "var api = '/search/common/search/' + channelId; // 统一检索\n"
            "listModel(api, {_pageSize: 20});</script>"
        )

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """The rows of a page."""
        asked = fields_in(body.decode("ascii", "replace"))
        if asked.get("datas[0][key]") != "status" or asked.get("datas[1][sort]") != "true":
            return _json({"code": 500, "data": None})
        return self.rows(path, asked)


def _json(data: Mapping[str, Any]) -> Page:
    return text_page(json.dumps(data, ensure_ascii=False), "application/json")
