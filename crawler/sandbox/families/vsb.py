"""A portal of VSB（博达）: list pages that count down, lists of a jsp, addresses without a date, no meta tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.sandbox.families.content import Document
from crawler.sandbox.families.site import FamilyColumn, county_columns
from crawler.sandbox.families.static_lists import StaticListSite

_TREE = {"xz": 1082, "bm1": 1094, "bm2": 1007}


class VsbSite(StaticListSite):
    """A county's portal of VSB.

    The towns' column is static, its further pages ``xznb/<n>.htm`` with n counting down. The first department's is
    a ``lm_list.jsp`` with ``PAGENUM``. The second's stands where addresses name organ, day and serial.
    """

    family = "vsb"
    templates = "vsb"
    disclosure = "/zfxxgk.htm"
    tells = frozenset({"declared"})

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        paths = {
            "xz": "/zfxxgk/xznb.htm",
            "bm1": "/lm_list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1094",
            "bm2": "/zfxxgk/bmnb/sljnb.htm",
        }
        return county_columns(self.content, lambda one: paths[one])

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article by column and number, by its jsp, or by organ, day and serial."""
        tree = _TREE[column.id]
        if column.id == "bm1":
            return f"/xxgk_content.jsp?urltype=news.NewsContentUrl&wbtreeid={tree}&wbnewsid={document.number}"
        if column.id == "bm2":
            serial = f"{document.posted_on:%Y-%m%d}{document.number % 900 + 100}"
            return f"/info/egovinfo/{tree}/overt_centent/{document.organ.code}-/{serial}.htm"
        return f"/info/{tree}/{document.number}.htm"

    def link_of(self, column: FamilyColumn, document: Document, path: str) -> str:
        """A relative link, as deep as the list page stands."""
        up = "../" * (urlsplit(path).path.count("/") - 1)
        return up + self.path_of(column, document).removeprefix("/")

    def list_paths(self, column: FamilyColumn, count: int) -> Sequence[str]:
        """The first page at the column's own address; the others count down to 1, or up in PAGENUM."""
        if column.id == "bm1":
            query = f"totalpage={count}&PAGENUM={{}}&urltype=tree.TreeTempUrl&wbtreeid=1094"
            return [column.path, *(f"/lm_list.jsp?{query.format(number)}" for number in range(2, count + 1))]
        folder = column.path.removesuffix(".htm")
        return [column.path, *(f"{folder}/{number}.htm" for number in range(count - 1, 0, -1))]

    def more(self, column: FamilyColumn) -> Mapping[str, Any]:
        """The column's number in the tree."""
        return {"tree": _TREE[column.id]}
