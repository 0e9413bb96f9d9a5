"""A portal of Hanweb's generation with ``loadPageData``: the column's page is a shell, rows are JSON by POST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from crawler.sandbox.families.content import EMPTIED, Document
from crawler.sandbox.families.listed import NEWS, ListedSite, fields_in
from crawler.sandbox.families.site import FamilyColumn, text_page
from crawler.sandbox.loopback import Page

_FIRST_ID = 1_890_000_000_000_000_000


class HanwebQuerySite(ListedSite):
    """A county's portal with ``/queryList``.

    Each document has an address for computers and one for telephones, both in a JSON object inside a string. The
    title of every third stands in ``showTitle`` alone; every fifth has its address in full.
    """

    family = "hanweb_query"
    tells = frozenset({"declared", "organ"})
    pages = "hanweb_query"
    footing = Markup(
        '<script src="/commonfiles/jquery.jpage.js"></script><script src="/commonfiles/utils.js"></script>'
    )
    web_site = "qhxrmzf"

    def column_path(self, one: str) -> str:
        """The column, with its code."""
        return f"/{self.web_site}/col/{self.code_of(one)}/index.html"

    def code_of(self, one: str) -> str:
        """The code of a column."""
        return "col40001" if one == NEWS else f"col4215{0 if one == 'xz' else one.removeprefix('bm')}"

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article without a date in its address."""
        return f"/{self.web_site}/col/{self.code_of(column.id)}/content/content_{_FIRST_ID + document.number}.html"

    def paths_of(self, column: FamilyColumn, document: Document) -> tuple[str, ...]:
        """For computers and for telephones."""
        path = self.path_of(column, document)
        return (path, path.replace(f"/{self.web_site}/", f"/{self.web_site}/mobile/"))

    def listing(self, path: str) -> Page | None:
        """The page of a column: a shell."""
        for column in self.columns:
            if path == column.path:
                return self.list_page(column, code=self.code_of(column.id))
        return None

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """A page of rows. The list needs the site's code as much as the column's."""
        asked = fields_in(body.decode("ascii", "replace"))
        column = next((one for one in self.columns if self.code_of(one.id) == asked.get("channelCode[]")), None)
        if path != "/queryList" or column is None or asked.get("webSiteCode[]") != self.web_site:
            return _json({"code": 500, "msg": "参数错误", "data": None})
        number, size = int(asked.get("current") or 1), int(asked.get("pageSize") or 15)
        data: dict[str, Any] = {
            "page": number,
            "results": [
                {"id": str(_FIRST_ID + document.number), "source": self._source(column, document, index, headers)}
                for index, document in enumerate(self.listed(column))
                if (number - 1) * size <= index < number * size
            ],
        }
        if EMPTIED not in self.quirks:
            data["total"] = self.told(column)
        return _json({"code": 200, "msg": "success", "data": data})

    def _source(
        self, column: FamilyColumn, document: Document, index: int, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        pc, mobile = self.paths_of(column, document)
        if index % 5 == 4:
            pc = f"http://{headers.get('host', '')}{pc}"
        return {
            "title": None if index % 3 == 2 else document.title,
            "showTitle": f"<p>{document.title}</p>",
            "pubDate": f"{document.shown_on:%Y-%m-%d} 09:30:00",
            "urls": json.dumps({"pc": pc, "mobile": mobile, "common": ""}),
            "metadata": json.dumps(
                {"publisher": document.organ.name, "source": "本网", "fileNum": None}, ensure_ascii=False
            ),
            "summary": None,
        }


def _json(data: object) -> Page:
    return text_page(json.dumps(data, ensure_ascii=False), "application/json")
