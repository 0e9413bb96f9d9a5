"""Dates in addresses: every form of portals.md part 5, and what only looks like one."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.address_dates import Precision, read_address_date
from crawler.clock import SHANGHAI

START, END = datetime(2008, 1, 1), datetime(2099, 12, 31, 23)  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/zwgk/202401/t20240118_99.html", "2024-01-18"),
        ("/art/2024/1/22/art_1_2.html", "2024-01-22"),
        ("/columns/0f1e/202301/30/9a8b.html", "2023-01-30"),
        ("/c1/2025/01-16/3.html", "2025-01-16"),
        ("/2026/01-08/1371044.html", "2026-01-08"),
        ("/doc/2026/01/26/4723623.shtml", "2026-01-26"),
        ("/c26133/20240117/i2154426.html", "2024-01-17"),
        ("/20240326/i3300070.html", "2024-03-26"),
        ("/info/egovinfo/1007/overt_centent/11532323015172622Y-/2020-0206003.htm", "2020-02-06"),
        # to the second
        ("/GovOpenShow.aspx?id=20220125180019886", "2022-01-25T18:00:19+08:00"),
        ("/show/20220125180019.html", "2022-01-25T18:00:19+08:00"),
        ("/a/article_2026020215383939768.html", "2026-02-02T15:38:39+08:00"),
        ("/html/LYSZF/202601/0176888997731551.html", "2026-01-20T14:19:37+08:00"),
        # to the month, never a day of it
        ("/c111341/202301/c01_592213.shtml", "2023-01"),
        ("/c112945/202401/0123456789abcdef0123456789abcdef.shtml", "2024-01"),
        ("/zwgk/202401/index.html", "2024-01"),
        # digits that are no milliseconds of their folder's month
        ("/html/LYSZF/202601/0999999999999551.html", "2026-01"),
    ],
)
def test_every_form(path: str, text: str) -> None:
    found = read_address_date(f"https://www.example.gov.cn{path}")
    assert found is not None
    assert found.text == text
    assert (found.day is None) == (found.precision is Precision.MONTH)


@pytest.mark.parametrize(
    "path",
    [
        "/zwgk/t19700101_1.html",
        "/zwgk/202401/t19700101_1.html",
        "/t20241341_1.html",
        "/art/1999/1/22/art_1_2.html",
        "/art/2024/2/30/art_1_2.html",
        "/art/2024/art_0123456789abcdef0123456789abcdef.html",
        "/info/1082/16404.htm",
        "/content/post_8770477.html",
        "/show/2020123456789012345.html",  # 19 digits are an id
        "/show/2022012518001.html",
        "/GovOpenShow.aspx?id=20221325180019886",
        "/202313/1.html",
        "/XxgkAnnualReport/show/6339.html",
        "/zfxxgknb.html?nbYear=2023",
        "/",
    ],
)
def test_what_names_no_date(path: str) -> None:
    assert read_address_date(f"https://www.example.gov.cn{path}") is None


def test_a_month_is_all_of_its_days() -> None:
    found = read_address_date("http://x.example/c1/202402/a.shtml")
    assert found is not None
    assert (found.first, found.last, found.day) == (date(2024, 2, 1), date(2024, 2, 29), None)


def test_an_address_that_is_none() -> None:
    assert read_address_date("http://[::1/t20240118_1.html") is None


@given(st.text(max_size=60))
def test_nothing_breaks_it(text: str) -> None:
    found = read_address_date(f"http://x.example/{text}")
    assert found is None or found.first <= found.last


@given(st.datetimes(START, END, timezones=st.just(SHANGHAI)))
def test_a_moment_in_an_id_is_read_as_it_was_written(at: datetime) -> None:
    found = read_address_date(f"http://x.example/show.aspx?id={at:%Y%m%d%H%M%S}123")
    assert found is not None
    assert found.at == at.replace(microsecond=0)
