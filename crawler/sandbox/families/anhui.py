"""A portal of 安徽政务公开: a tree of organs, a menu of years, reports in place and as objects of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crawler.sandbox.families.content import EMPTIED, SHORT, Document
from crawler.sandbox.families.site import ContentSite, FamilyColumn, document_page, text_page
from crawler.sandbox.families.static_lists import NEWS
from crawler.sandbox.generator import SandboxOrgan
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

_TREE = "/public/column/6596?type=4&action=rel&nav=3"
_DETAIL = "type=3&action=detail&nav=3"


class AnhuiSite(ContentSite):
    """A county's portal of the Anhui kind.

    The towns' column is the tree of all organs: each town's page shows its newest report and a menu of years
    (``title=<year>``). The first department has one address for each year, and says 暂无相关信息 where there is
    none. The second has a list of report objects, with articles (look-alikes) among them.
    """

    family = "anhui"
    tells = frozenset({"report_year"})

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The tree of towns, a department's addresses by year, a department's list."""
        towns = tuple(one for one in self.content.of_kinds(["township"]) if one.is_report)
        first, second = [organ for organ in self.content.organs if organ.kind != "township"][:2]
        return (
            FamilyColumn("xz", "乡镇年报", _TREE, towns, covers=("township",)),
            FamilyColumn(
                "bm1",
                "政府信息公开年报",
                f"/OpennessAnnualReport/year/show/{self.number_of(first)}/{{year}}.html",
                tuple(one for one in self.content.of(first) if one.is_report),
                organ=first.code,
                fields={"first_year": min(year for _, year in self.content.reports)},
            ),
            FamilyColumn(
                "bm2",
                "政府信息公开年报",
                f"/OpennessAnnualReport/list/{self.number_of(second)}.html",
                self.content.of(second),
                organ=second.code,
            ),
        )

    def number_of(self, organ: SandboxOrgan) -> int:
        """The software's own number of an organ."""
        return 340 + self.content.organs.index(organ)

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """A town's page of the year, the year's address, a report object, or an article."""
        number = self.number_of(document.organ)
        if column.id == "xz":
            return f"/public/column/{number}?{_DETAIL}&title={document.report_year}"
        if column.id == "bm1":
            return column.path.replace("{year}", str(document.report_year))
        if document.is_report:
            return f"/OpennessAnnualReport/show/{document.number}.html"
        return f"/public/{number}/{document.number}.html"

    def document_at(self, path: str) -> Document | None:
        """The document at a path; a town's page without year shows its newest report."""
        for column in self.columns:
            for document in sorted(column.documents, key=lambda one: one.report_year or 0, reverse=True):
                own = self.path_of(column, document)
                if path in (own, own.partition("&title=")[0]):
                    return document
        return None

    def entrances(self) -> Mapping[str, str]:
        """Home, disclosure page, the tree and a town's report."""
        return {
            "home": "/",
            "disclosure": "/public/column/6596?type=2",
            "column": _TREE,
            "report": self.path_of(self.columns[0], self.columns[0].documents[0]),
        }

    def page(self, path: str) -> Page | None:
        """A front page, the tree, a list, a report with its menu, or the words that a year has none."""
        if path in ("/", "/index.html"):
            return text_page(self._render("home", title=self.name, news=list(enumerate(NEWS, start=1))))
        if path == "/public/column/6596?type=2":
            return text_page(self._render("disclosure", title=f"信息公开_{self.name}"))
        towns, by_year, listed = self.columns
        if path == towns.path:
            organs = [organ for organ in self.content.organs if organ.kind == "township"]
            links = [(f"/public/column/{self.number_of(organ)}?{_DETAIL}", organ.title_name) for organ in organs]
            links = [] if EMPTIED in self.quirks else links
            return text_page(self._render("tree", title=f"各乡镇政府信息公开年报_{self.name}", links=links))
        if path == listed.path:
            documents = () if EMPTIED in self.quirks else listed.documents
            rows = [(self.path_of(listed, one), one) for one in documents]
            declared = None if EMPTIED in self.quirks else len(rows) + (SHORT in self.quirks)
            title = f"{listed.documents[0].organ.name}政府信息公开年报_{self.name}"
            return text_page(self._render("list", title=title, rows=rows, declared=declared, column=listed))
        if path.startswith(by_year.path.partition("{year}")[0]):
            return self._report(by_year, by_year.documents[0].organ, path)
        for organ in self.content.organs:
            if urlsplit(path).path == f"/public/column/{self.number_of(organ)}" and _DETAIL in path:
                return self._report(towns, organ, path)
        document = self.document_at(path)
        return self._report(listed, document.organ, path) if document else None

    def _report(self, column: FamilyColumn, organ: SandboxOrgan, path: str) -> Page:
        document = None if EMPTIED in self.quirks else self.document_at(path)
        menu = []
        if column.id == "xz":
            years = sorted({one.report_year or 0 for one in column.documents if one.organ.code == organ.code})
            menu = [
                (year, f"/public/column/{self.number_of(organ)}?{_DETAIL}&title={year}") for year in years[::-1]
            ]

        def html() -> str:
            return self._render(
                "report",
                title=f"{organ.title_name}政府信息公开年报_{self.name}",
                column=column,
                organ=organ,
                document=document,
                menu=[] if EMPTIED in self.quirks else menu,
                empty=EMPTIED in self.quirks,
                body=document.body() if document else "",
            )

        return document_page(document, html) if document else text_page(html())

    def _render(self, template: str, **values: Any) -> str:
        return render(f"anhui/{template}.html", site=self, **values)
