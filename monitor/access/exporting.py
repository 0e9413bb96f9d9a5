"""All cells of all reports that stand, for programs that work with the numbers: some reports at a time.

Each part is read in a transaction of its own, so that somebody who reads slowly keeps nobody from writing; a
report is in it whole, as it stood when its part was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from monitor.access.base import Access
from monitor.store import listing, packing

COLUMNS = (
    "county_code",
    "organ_code",
    "report_year",
    "report_id",
    "form",
    "cell",
    "value",
    "raw",
    "state",
    "unit",
)
REPORTS_AT_ONCE = 100
Columns = dict[str, list[Any]]


def cells(access: Access, *, county: str | None = None, year: int | None = None) -> Iterator[Columns]:
    """The cells of the reports that stand in the reader's counties, column by column, by county, year and organ.

    Raises StoreError.
    """
    after = None
    while True:
        with access.reading() as session:
            documents = listing.standing_documents(
                session, access.scope, county=county, year=year, after=after, limit=REPORTS_AT_ONCE
            )
        if not documents:
            return
        yield _columns(documents)
        after = documents[-1][:3]


def _columns(documents: list[tuple[Any, ...]]) -> Columns:
    found: Columns = {name: [] for name in COLUMNS}
    for county_code, report_year, organ_code, report_id, packed in documents:
        data = packing.unpack(packed)
        kept = data["cells"]
        known = (county_code, organ_code, report_year, report_id, data["form"])
        for name, value in zip(COLUMNS, known, strict=False):
            found[name] += [value] * len(kept)
        found["cell"] += kept
        cells_of = list(kept.values())
        for name in ("value", "raw", "state"):
            found[name] += [cell[name] for cell in cells_of]
        found["unit"] += [cell.get("unit") for cell in cells_of]
    return found
