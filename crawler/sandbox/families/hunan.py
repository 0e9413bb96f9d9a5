"""A portal of 红网 (Hunan): numbered folders, folders of years below a column, ``content_<number>.html``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.site import FamilyColumn, county_columns, text_page
from crawler.sandbox.families.static_lists import StaticListSite
from crawler.sandbox.loopback import Page

_PATHS = {"xz": "/31185/32018/32058/", "bm1": "/31185/32019/35431/", "bm2": "/31185/32019/35432/"}


class HunanSite(StaticListSite):
    """A county's portal of 红网: the towns' column leads to a folder for each year."""

    family = "generic"
    templates = "hunan"
    disclosure = "/31185/index.htm"
    rows_a_page = 4

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        return county_columns(self.content, lambda one: f"{_PATHS[one]}index.htm")

    def years(self, column: FamilyColumn) -> dict[int, FamilyColumn]:
        """The folders of years below the towns' column, each with what was posted in the year after."""
        years = sorted({document.shown_on.year - 1 for document in column.documents}, reverse=True)
        return {
            year: replace(
                column,
                name=f"{year}年",
                path=f"{_PATHS[column.id]}{56343 - year}/index.htm",
                documents=tuple(one for one in column.documents if one.shown_on.year - 1 == year),
            )
            for year in years
        }

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article in the folder of its year or of its column."""
        folder = _PATHS[column.id]
        if column.id == "xz":
            folder += f"{56343 - (document.shown_on.year - 1)}/"
        return f"{folder}content_{document.number}.html"

    def list_paths(self, column: FamilyColumn, count: int) -> Sequence[str]:
        """``index.htm``, ``index_2.htm``, …"""
        stem = column.path.removesuffix(".htm")
        return [column.path, *(f"{stem}_{number}.htm" for number in range(2, count + 1))]

    def list_page(self, column: FamilyColumn, path: str) -> Page | None:
        """The towns' folders of years, or a list."""
        if column.id != "xz":
            return super().list_page(column, path)
        years = self.years(column)
        if path in (column.path, column.path.removesuffix("index.htm")):
            folders = [] if EMPTIED in self.quirks else list(years.values())
            if SHORT in self.quirks:
                # A folder that is announced and is not there.
                folders.append(replace(column, name="2008年", path=f"{_PATHS['xz']}11111/index.htm"))
            return text_page(self.render("years", title=f"乡镇年报-{self.name}", column=column, folders=folders))
        for year in years.values():
            if page := super().list_page(year, path):
                return page
        return None
