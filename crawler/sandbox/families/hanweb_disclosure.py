"""Portals with Hanweb's 信息公开 module: an address for each organ and year, or a list by POST."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from crawler.sandbox.families.content import EMPTIED, SHORT, Content, Document
from crawler.sandbox.families.listed import NEWS, ListedSite, fields_in
from crawler.sandbox.families.site import ContentSite, FamilyColumn, document_page, text_page
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

YEAR_PAGE = "/module/xxgk/xxgkAnnualReport.jsp"
ERROR_FOR_YEAR = "error_for_year"
"""Quirk: the module answers with an error where there is no report of a year."""
BARE_YEAR = "bare_year"
"""Quirk: the module's page for a year without report is bare, it does not say so in words."""
ONE_YEAR_ONLY = "one_year_only"
"""Quirk: the module does not heed the year and always shows the newest report."""


class HanwebDisclosureSite(ContentSite):
    """A county's portal with ``xxgkAnnualReport.jsp?area=<organ>&fbtime=<year>`` and no list of reports.

    Without report of a year the module's own page says so. The report's page has no title in its body; its date
    stands in the frame only.
    """

    family = "hanweb_disclosure"
    tells = frozenset({"organ_code", "report_year"})
    disclosure_path = "/col/col1229305214/index.html"
    footing = Markup('<script type="text/javascript" src="/module/xxgk/script/dynamic.js"></script>')

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        super().__init__(content, quirks)
        self._years = sorted({year for _, year in content.reports}, reverse=True)

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """One for each organ."""
        oldest = min(year for _, year in self.content.reports)
        return tuple(
            FamilyColumn(
                f"d{number}",
                "政府信息公开年报",
                f"{YEAR_PAGE}?area={organ.code}&fbtime={{year}}",
                self.content.of(organ),
                organ=organ.code,
                fields={"first_year": oldest},
            )
            for number, organ in enumerate(self.content.organs, start=1)
        )

    def year_path(self, area: str, year: int) -> str:
        """The path of an organ's page of a year."""
        return f"{YEAR_PAGE}?area={area}&fbtime={year}"

    def document_at(self, path: str) -> Document | None:
        """The report at the address of an organ and a year."""
        place, _, query = path.partition("?")
        asked = fields_in(query)
        year = asked.get("fbtime", "")
        if place != YEAR_PAGE or not year.isdigit():
            return None
        if ONE_YEAR_ONLY in self.quirks:
            year = str(self._years[0])
        return self.content.report(asked.get("area", ""), int(year))

    def entrances(self) -> Mapping[str, str]:
        """Home, the page of organs, the page of an organ's newest year and that of an older one."""
        area = self.content.organs[0].code
        return {
            "home": "/",
            "disclosure": self.disclosure_path,
            "column": self.year_path(area, self._years[0]),
            "report": self.year_path(area, self._years[1]),
        }

    def page(self, path: str) -> Page | None:
        """A front page, the page of organs or a year's."""
        if path in ("/", "/index.html"):
            return text_page(render("gateway/home.html", title=self.name, site=self, crumbs=(), news=()))
        if path == self.disclosure_path:
            links = [(one.name, self.year_path(one.code, self._years[0])) for one in self.content.organs]
            title = f"政府信息公开年报_{self.name}"
            crumbs = [("首页", "/"), ("政府信息公开年报", self.disclosure_path)]
            return text_page(
                render("hanweb_disclosure/index.html", title=title, site=self, crumbs=crumbs, columns=links)
            )
        if path.startswith(YEAR_PAGE + "?"):
            return self._year(path)
        return None

    def _year(self, path: str) -> Page | None:
        asked = fields_in(path.partition("?")[2])
        area = asked.get("area", "")
        organ = next((one for one in self.content.organs if one.code == area), None)
        if organ is None:
            return None
        found = self.document_at(path)
        if SHORT in self.quirks and asked.get("fbtime") == str(self._years[-1]):
            return _error()
        if found is None and ERROR_FOR_YEAR in self.quirks:
            return _error()
        document = None if EMPTIED in self.quirks else found
        note = "" if document or EMPTIED in self.quirks or BARE_YEAR in self.quirks else "该年度暂未发布年报"

        def html() -> str:
            return render(
                "hanweb_disclosure/year.html",
                title=f"政府信息公开年度报告_{self.name}",
                site=self,
                crumbs=[("首页", "/"), ("政府信息公开", self.disclosure_path), (organ.name, self.disclosure_path)],
                area=area,
                years=self._years,
                document=document,
                note=note,
                body=document.body() if document else "",
            )

        return document_page(document, html) if document else text_page(html())


def _error() -> Page:
    return text_page("<html><body><h1>HTTP Status 500</h1><pre>NullPointer</pre></body></html>", status=500)


class HanwebSearchSite(ListedSite):
    """A county's portal whose disclosure columns are lists drawn by POST to ``/module/xxgk/search.jsp``.

    The search heeds the organ's code and the kind of information, and a page number.
    """

    family = "hanweb_disclosure"
    tells = frozenset({"declared", "organ_code"})
    pages = "hanweb_disclosure"
    footing = Markup('<script type="text/javascript" src="/module/xxgk/script/dynamic.js"></script>')

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """One for each organ: the search is by organ."""
        return tuple(
            FamilyColumn(
                f"x{number}",
                "政府信息公开年报",
                self.column_path(organ.code),
                self.content.of(organ),
                organ=organ.code,
            )
            for number, organ in enumerate(self.content.organs, start=1)
        )

    def column_path(self, one: str) -> str:
        """The column, with the organ whose search it shows."""
        if one == NEWS:
            return "/col/col1229305200/index.html"
        return f"/col/col1229305214/index.html?vc_xxgkarea={one}&number=Z0710"

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article of the classic generation."""
        day = document.posted_on
        number = 1229305200 if column.id == NEWS else 1229305214
        return f"/art/{day.year}/{day.month}/{day.day}/art_{number}_{document.number}.html"

    def listing(self, path: str) -> Page | None:
        """The page of a column: a shell."""
        for column in self.columns:
            if path == column.path:
                return self.list_page(column, area=column.organ, kind="Z0710", place="div1229305214")
        return None

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """The rows of a page of the search, a table."""
        asked = fields_in(body.decode("ascii", "replace"))
        column = next((one for one in self.columns if one.organ == asked.get("area")), None)
        place, _, _ = path.partition("?")
        if place != "/module/xxgk/search.jsp" or column is None or asked.get("infotypeId") != "Z0710":
            return text_page("", status=404)
        number = int(asked.get("currpage") or 1)
        told = self.told(column)
        rows = [
            {
                "link": self.path_of(column, document),
                "title": document.title,
                "shown": document.title if len(document.title) < 24 else document.title[:22] + "...",
                "date": f"{document.shown_on:%Y-%m-%d}",
                "index": f"{document.organ.code}/{document.number}",
            }
            for document in self.listed(column)[(number - 1) * 4 : number * 4]
        ]
        pages = max(1, -(-len(self.listed(column)) // 4))
        return text_page(render("hanweb_disclosure/rows.html", rows=rows, told=told, number=number, pages=pages))
