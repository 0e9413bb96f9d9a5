"""A portal of no known product: jhtml, php and aspx pages, numbers of pages that only a script opens."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.sandbox.families.content import Document
from crawler.sandbox.families.site import FamilyColumn, county_columns
from crawler.sandbox.families.static_lists import StaticListSite


class OtherFlatSite(StaticListSite):
    """A county's portal of several small products.

    The towns' column is jhtml, with 19-digit numbers for articles, of its pager only two pages and the last as
    links; the first department's is php; the second's aspx, with a box of choice for its pages.
    """

    family = "generic"
    templates = "flat"
    rows_a_page = 4
    disclosure = "/zwgk/zfxxgk.jhtml"
    tells = frozenset({"declared"})

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        paths = {"xz": "/xznb/index.jhtml", "bm1": "/gov/gknb_list.php?dept=12", "bm2": "/gk/year.aspx?dept=206"}
        return county_columns(self.content, lambda one: paths[one])

    def path_of(self, column: FamilyColumn, document: Document) -> str:
        """An article by a number of 19 digits, or by the query of a script."""
        if column.id == "bm1":
            return f"/gov/gknb_show.php?id={document.number}"
        if column.id == "bm2":
            return f"/gk/year_details.aspx?dept=206&id={document.number}"
        return f"/xznb/161965{document.number:013d}.html"

    def list_paths(self, column: FamilyColumn, count: int) -> Sequence[str]:
        """``index_2.jhtml``, ``&page=2`` or ``&PageIndex=2`` for the second page."""
        form = {
            "xz": "/xznb/index_{}.jhtml",
            "bm1": f"{column.path}&page={{}}",
            "bm2": f"{column.path}&PageIndex={{}}",
        }
        return [column.path, *(form[column.id].format(number) for number in range(2, count + 1))]
