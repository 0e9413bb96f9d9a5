"""Bulk export: the cells of all reports that stand, as CSV or Parquet, sent as they are read.

What is held in memory is the reports of one part, however many there are and however slowly they are taken.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from monitor.access import exporting
from monitor.access.base import Access
from monitor.access.exporting import COLUMNS, Columns
from monitor.api.answers import CSV, described, refusals
from monitor.api.asking import Caller, County, Parameters, Year
from monitor.api.problems import Refused
from monitor.language import N_
from monitor.spreadsheets import csv_value

if TYPE_CHECKING:
    import pyarrow

PARQUET = "application/vnd.apache.parquet"
AT_ONCE = 2
"""So many exports are sent at a time by one process."""
BUSY_SECONDS = 60
PARTS_IN_A_GROUP = 10
"""Parts of an export that make a row group of Parquet: two hundred thousand cells."""
_BUSY = N_("已有 {number} 个导出正在进行，请 {seconds} 秒后再试。")
_NO_PARQUET = N_("这里没有装导出 Parquet 的组件：请管理员运行 script/setup --export，或改用 cells.csv。")

_AS_CSV = {"text/csv": {"schema": {"type": "string"}}}
_AS_PARQUET = {PARQUET: {"schema": {"type": "string", "format": "binary"}}}

router = APIRouter(prefix="/exports", responses=refusals(401, 422, 429, 503))
_places = BoundedSemaphore(AT_ONCE)


class ExportParameters(Parameters):
    """Which reports."""

    county: County | None = None
    year: Year | None = None


class Export(StreamingResponse):
    """A body that is made while it is sent; its place is free again at the end, however it ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            _places.release()


@router.get("/cells.csv", responses=described(None, content=_AS_CSV, marked=False))
def cells_csv(request: Request, access: Caller, asked: Annotated[ExportParameters, Query()]) -> Export:
    """The cells of all reports that stand, a line for each."""
    return _export(access, asked, csv_parts, CSV, "csv")


@router.get("/cells.parquet", responses={**described(None, content=_AS_PARQUET, marked=False), **refusals(501)})
def cells_parquet(request: Request, access: Caller, asked: Annotated[ExportParameters, Query()]) -> Export:
    """The same in columns, for programs that work with numbers."""
    try:
        import pyarrow.parquet  # noqa: F401 - of the extra `export`
    except ImportError:
        raise Refused(501, _NO_PARQUET) from None
    return _export(access, asked, parquet_parts, PARQUET, "parquet")


def csv_parts(parts: Iterable[Columns]) -> Iterator[bytes]:
    """The lines, with the names of the columns in the first one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part in parts:
        part["raw"] = [csv_value(value) for value in part["raw"]]
        writer.writerows(zip(*part.values(), strict=True))
        yield text.getvalue().encode("utf-8")
        text.seek(0)
        text.truncate()
    if text.tell():
        yield text.getvalue().encode("utf-8")


def parquet_parts(parts: Iterable[Columns]) -> Iterator[bytes]:
    """The file as it grows: a row group for some parts, then its end."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = parquet_schema()
    written = _Written()
    with ParquetWriter(written, schema, compression="zstd") as writer:
        group: list[pyarrow.Table] = []
        for part in parts:
            part["value"] = [_as_double(value) for value in part["value"]]
            group.append(pyarrow.Table.from_pydict(part, schema=schema))
            if len(group) == PARTS_IN_A_GROUP:
                writer.write_table(pyarrow.concat_tables(group).combine_chunks())
                group = []
                yield written.taken()
        if group:
            writer.write_table(pyarrow.concat_tables(group).combine_chunks())
    yield written.taken()


def parquet_schema() -> pyarrow.Schema:
    """The columns of the Parquet file."""
    import pyarrow

    kinds = {"report_year": pyarrow.int16(), "report_id": pyarrow.int64(), "value": pyarrow.float64()}
    return pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])


def _as_double(value: float | None) -> float | None:
    """The number where a double holds it as it is printed; one of more than 15 digits stands in ``raw`` alone."""
    return float(value) if value is not None and float(value) == value else None


class _Written(io.RawIOBase):
    """What was written and not yet taken."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def write(self, data: Any) -> int:
        """Keeps what is written."""
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _export(access: Access, asked: ExportParameters, make: Any, media_type: str, ending: str) -> Export:
    if not _places.acquire(blocking=False):
        raise Refused(429, _BUSY, {"Retry-After": str(BUSY_SECONDS)}, number=AT_ONCE, seconds=BUSY_SECONDS)
    try:
        parts = exporting.cells(access, county=asked.county, year=asked.year)
        # What cannot be read at all is refused, before anything is sent.
        first = next(parts, None)
        body = make(chain([first], parts) if first else iter(()))
        name = "-".join(["cells", *(str(part) for part in (asked.county, asked.year) if part)])
        headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"', "Cache-Control": "no-store"}
        return Export(body, media_type=media_type, headers=headers)
    except BaseException:
        _places.release()
        raise
