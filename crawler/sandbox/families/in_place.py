"""A portal that shows each report in its column's page, the year chosen by a query (Yunnan: ``?nbYear=2023``)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.site import ContentSite, FamilyColumn, document_page, text_page
from crawler.sandbox.families.static_lists import NEWS
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render


class InPlaceSite(ContentSite):
    """A county's portal with one page for each organ; look-alikes stand elsewhere and in no list."""

    family = "generic"
    tells = frozenset({"organ", "report_year"})

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """A column for each organ."""
        return tuple(
            FamilyColumn(
                f"jg{number}",
                "政府信息公开年报",
                f"/zfxxgk_qhx_{number}/zfxxgknb.html",
                tuple(document for document in self.content.of(organ) if document.is_report),
                organ=organ.code,
            )
            for number, organ in enumerate(self.content.organs, start=1)
        )

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """The column's page with the report's year."""
        return f"{column.path}?nbYear={document.report_year}"

    def document_at(self, path: str) -> Document | None:
        """The report at a column's page, the newest where no year is asked for."""
        parts = urlsplit(path)
        for column in self.columns:
            if parts.path == column.path:
                year = parse_qs(parts.query).get("nbYear", [""])[0]
                reports = sorted(column.documents, key=lambda one: one.report_year or 0, reverse=True)
                return next((one for one in reports if not year or str(one.report_year) == year), None)
        return None

    def entrances(self) -> Mapping[str, str]:
        """Home, disclosure page, the first organ's page and its report of another year."""
        first = self.columns[0]
        return {
            "home": "/",
            "disclosure": "/zwgk/zfxxgk.html",
            "column": first.path,
            "report": self.path_of(first, first.documents[-1]),
        }

    def page(self, path: str) -> Page | None:
        """A front page, a page with its report, or one that says there is none for the year."""
        if path in ("/", "/index.html"):
            news = list(enumerate(NEWS, start=1))
            return text_page(render("in_place/home.html", title=self.name, site=self, news=news))
        if path == "/zwgk/zfxxgk.html":
            return text_page(render("in_place/disclosure.html", title=f"政府信息公开-{self.name}", site=self))
        column = next((one for one in self.columns if urlsplit(path).path == one.path), None)
        if column is None:
            return None
        document = None if EMPTIED in self.quirks else self.document_at(path)
        years = sorted({one.report_year for one in column.documents if one.report_year}, reverse=True)
        if SHORT in self.quirks:
            years.append(2010)
            if "2010" in path:
                return None

        def html() -> str:
            return render(
                "in_place/column.html",
                title=f"政府信息公开年报-{self.name}",
                site=self,
                column=column,
                organ=next(one for one in self.content.organs if one.code == column.organ),
                document=document,
                years=[] if EMPTIED in self.quirks else years,
                empty=EMPTIED in self.quirks,
                body=document.body() if document else "",
            )

        return document_page(document, html) if document and SHORT not in self.quirks else text_page(html())
