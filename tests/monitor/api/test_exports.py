"""The bulk export: every cell of the reports that stand, as it is printed, to whom may see it."""

import csv
import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pyarrow import BufferReader
from pyarrow.parquet import read_table

from monitor.access import exporting
from monitor.access.exporting import COLUMNS, Columns
from monitor.api import exports
from monitor.api.exports import csv_parts, parquet_parts
from tests.monitor.api.office import OTHER_COUNTY, Office
from tests.monitor.record.making import COUNTY


def parts(number: int = 7) -> Iterator[Columns]:
    """Made-up parts with what is hard to write."""
    values: list[Any] = [0, None, -3, 12.5, 10**17 + 1]
    raws = ["0", "/", "-3", "12.5万元", "=1+1"]
    for report in range(number):
        yield {
            "county_code": ["990301"] * 5,
            "organ_code": ["990301101"] * 5,
            "report_year": [2023] * 5,
            "report_id": [report] * 5,
            "form": ["2021", "2021", "2021", None, "2021"],
            "cell": ["a", "b", "c", "d", "e"],
            "value": list(values),
            "raw": list(raws),
            "state": ["reported"] * 5,
            "unit": [None, None, None, "万元", None],
        }


def test_csv_and_parquet_hold_every_cell_of_the_reports_that_stand(office: Office) -> None:
    (standing,) = office.json("/reports?stands=true")["items"]
    cells = office.json(f"/reports/{standing['id']}/cells")["items"]
    answer = office.get("/exports/cells.csv?year=2023")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="cells-2023.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["cell"], row["raw"], row["state"]) for row in rows] == [
        (cell["key"], cell["raw"], cell["state"]) for cell in cells
    ]
    assert [row["value"] for row in rows] == ["" if one["value"] is None else str(one["value"]) for one in cells]
    table = read_table(BufferReader(office.get("/exports/cells.parquet").content))
    assert table.column_names == list(COLUMNS)
    assert table["value"].to_pylist() == [one["value"] for one in cells]
    assert set(table["organ_code"].to_pylist()) == {standing["organ_code"]}
    assert set(table["report_id"].to_pylist()) == {standing["id"]}


def test_who_is_outside_is_given_nothing(office: Office) -> None:
    for query in ("", f"?county={COUNTY}", f"?county={OTHER_COUNTY}", "?year=2022"):
        answer = office.get(f"/exports/cells.csv{query}", office.elsewhere)
        assert answer.text == ",".join(COLUMNS) + "\r\n"
        content = office.get(f"/exports/cells.parquet{query}", office.elsewhere).content
        assert read_table(BufferReader(content)).num_rows == 0


def test_many_parts_are_one_file_and_no_number_is_altered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PARTS_IN_A_GROUP", 2)
    table = read_table(BufferReader(b"".join(parquet_parts(parts()))))
    assert table["report_id"].to_pylist() == [number for number in range(7) for _ in range(5)]
    # What a double cannot hold is not rounded: it stands as printed alone.
    assert table["value"].to_pylist()[:5] == [0, None, -3, 12.5, None]
    assert table["raw"].to_pylist()[:5] == ["0", "/", "-3", "12.5万元", "=1+1"]
    lines = list(csv.reader(io.StringIO(b"".join(csv_parts(parts())).decode(), newline="")))
    assert lines[0] == list(COLUMNS)
    assert len(lines) == 36
    assert [line[6] for line in lines[1:6]] == ["0", "", "-3", "12.5", "100000000000000001"]
    assert [line[7] for line in lines[1:6]] == ["0", "/", "-3", "12.5万元", "'=1+1"]


def test_reports_are_read_some_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = office.get("/exports/cells.csv").content
    monkeypatch.setattr(exporting, "REPORTS_AT_ONCE", 1)
    assert office.get("/exports/cells.csv").content == whole
    assert whole.count(b"\r\n") > 1


def test_more_than_two_at_a_time_wait(office: Office) -> None:
    for _ in range(exports.AT_ONCE):
        assert exports._places.acquire(blocking=False)
    try:
        answer = office.get("/exports/cells.csv")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    finally:
        exports._places.release(exports.AT_ONCE)
    for _ in range(exports.AT_ONCE + 1):
        assert office.get("/exports/cells.csv").status_code == 200


def test_without_the_extra_it_is_said_what_to_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    answer = office.get("/exports/cells.parquet")
    assert answer.status_code == 501
    assert "script/setup --export" in answer.json()["detail"]
    assert office.get("/exports/cells.csv").status_code == 200
