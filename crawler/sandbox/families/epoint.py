"""A portal of Epoint（新点）: a shell for all columns, a script that names the site, a JSON list by POST."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.site import FamilyColumn, county_columns, text_page
from crawler.sandbox.families.static_lists import StaticListSite
from crawler.sandbox.loopback import Page
from crawler.sandbox.sites import not_found

_GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
_CATEGORIES = {"xz": "003004001", "bm1": "003004002", "bm2": "003004003"}
_LARGEST_PAGE = 10


class EpointSite(StaticListSite):
    """A county's portal of Epoint. Its server gives ten rows a page, from page 0, and wants the Referer."""

    family = "epoint"
    templates = "epoint"
    disclosure = "/zwgk/003/about.html"
    tells = frozenset({"declared", "organ"})

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' category and the departments' own, in one shell."""
        return county_columns(
            self.content, lambda one: f"/dynamic/zwgk/govInfoPub.html?categorynum={_CATEGORIES[one]}&deptcode="
        )

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article in the folder of its category and day."""
        name = uuid5(NAMESPACE_URL, str(document.number))
        return f"/zwgk/003/{_CATEGORIES[column.id]}/{document.posted_on:%Y%m%d}/{name}.html"

    def list_paths(self, column: FamilyColumn, count: int) -> Sequence[str]:
        """The shell."""
        return [column.path]

    def page(self, path: str) -> Page | None:
        """The site's script, or what every site has."""
        if path.partition("?")[0] == "/js/webBuilderCommon.js":
            info = {"siteGuid": _GUID, "projectName": "/EWB-FRONT", "siteName": self.name}
            script = f"var siteInfo = {json.dumps(info, ensure_ascii=False)};\nvar webBuilder = {{}};\n"
            return text_page(script, "application/javascript")
        return super().page(path)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """A page of a category's list, as JSON."""
        if path != "/EWB-FRONT/rest/lightfrontaction/getgovinfolist" or "govInfoPub" not in headers.get(
            "referer", ""
        ):
            return not_found()
        asked = json.loads(body)
        column = next((one for one in self.columns if _CATEGORIES[one.id] == asked.get("categorynum")), None)
        if column is None or asked.get("siteGuid") != _GUID:
            return text_page('{"custom": {"data": [], "total": 0}}', "application/json")
        size = min(int(asked["pageSize"]), _LARGEST_PAGE)
        documents = () if EMPTIED in self.quirks else column.documents
        start = int(asked["pageIndex"]) * size
        custom = {
            "total": len(column.documents) + (SHORT in self.quirks),
            "data": [self._row(column, one) for one in documents[start : start + size]],
        }
        data = {"custom": custom, "status": {"code": 200, "text": ""}}
        return text_page(json.dumps(data, ensure_ascii=False), "application/json")

    def _row(self, column: FamilyColumn, document: Document) -> dict[str, Any]:
        title = document.title
        return {
            "infoid": str(uuid5(NAMESPACE_URL, str(document.number))),
            "title": title if len(title) < 24 else title[:22] + "...",
            "realtitle": title,
            "infodate": f"{document.shown_on}",
            "deptname": document.organ.name,
            "infourl": self.path_of(column, document),
        }
