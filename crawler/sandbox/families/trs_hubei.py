"""A portal of TRS as Hubei builds it: the rows of a column in static JSON files, read by the page's script."""

from __future__ import annotations

import json

from crawler.sandbox.families.content import EMPTIED, SHORT
from crawler.sandbox.families.site import FamilyColumn, county_columns, text_page
from crawler.sandbox.families.trs import TrsSite
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render


class TrsHubeiSite(TrsSite):
    """A county's portal whose column pages list nothing themselves; one file in two halves holds the rows."""

    id_suffix = "hubei"
    ending = "shtml"
    year_folders = False

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        return county_columns(self.content, lambda one: f"/zfxxgk/{one}/zfxxgknb/")

    def page(self, path: str) -> Page | None:
        """A column's page, its files, or what TRS has besides."""
        for column in self.columns:
            if path == column.path:
                names = ["./nb/new.json", "./nb/old.json", *(["./nb/gone.json"] if SHORT in self.quirks else [])]
                return text_page(
                    render(
                        "trs/json.html",
                        title=f"{column.name}_{self.name}",
                        site=self,
                        column=column,
                        crumbs=self.crumbs(column),
                        names=names,
                    )
                )
            if path == f"{column.path}nb/new.json":
                return self._file(column, slice(0, 4))
            if path == f"{column.path}nb/old.json":
                return self._file(column, slice(4, None))
        return super().page(path)

    def _file(self, column: FamilyColumn, part: slice) -> Page:
        documents = () if EMPTIED in self.quirks else column.documents[part]
        rows = [
            {
                "FILENAME": document.title,
                "FILENUM": "",
                "URL": self.path_of(column, document),
                "DOCRELTIME": f"{document.shown_on} 09:00:00",
            }
            for document in documents
        ]
        return text_page(json.dumps({"data": rows}, ensure_ascii=False), "application/json")
