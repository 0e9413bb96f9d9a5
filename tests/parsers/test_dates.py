"""Dates as portals print them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.dates import chinese_number, find_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发布日期：2024-01-17 15:34", date(2024, 1, 17)),
        ("2024/1/7", date(2024, 1, 7)),
        ("2024.01.07", date(2024, 1, 7)),
        ("二〇二四年一月三十一日", date(2024, 1, 31)),
        ("二○二四年十二月二十日", date(2024, 12, 20)),
        ("２０２４年１月８日", date(2024, 1, 8)),
        ("2024 年 1 月 17 日", date(2024, 1, 17)),
        ("2024年2月30日后，2024年3月1日", date(2024, 3, 1)),
        ("2023年12月31日与2024-01-05", date(2023, 12, 31)),
        ("014314799/2024-00002", None),
        ("2024年元月18日", date(2024, 1, 18)),
        ("二〇二四年元月十八日", date(2024, 1, 18)),
        ("发布时间：2024—01—18", date(2024, 1, 18)),
        ("2024–1–8", date(2024, 1, 8)),
        ("发布时间：2024年1月18", date(2024, 1, 18)),
        ("2024年1月18 10:20", date(2024, 1, 18)),
        ("（2024年1月18）", date(2024, 1, 18)),
        ("2024年1月18件", None),
        ("2024年1月18 件", None),
        ("2024年1月18.5万元", None),
        ("2024年1月180", None),
        ("2024年1月", None),
        ("2024-13-01", None),
        ("192.168.2024.1.1.5", None),
        ("0527-83593059", None),
        ("", None),
    ],
)
def test_find_date(text: str, expected: date | None) -> None:
    assert find_date(text) == expected


@given(
    st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["{0:%Y-%m-%d}", "{0.year}年{0.month}月{0.day}日"]),
)
def test_every_printed_date_is_found(day: date, form: str) -> None:
    assert find_date("时间：" + form.format(day) + " 来源：本网") == day


@pytest.mark.parametrize(
    ("text", "number"), [("十", 10), ("十二", 12), ("三十一", 31), ("九", 9), ("二十", 20), ("百", 0)]
)
def test_chinese_number(text: str, number: int) -> None:
    assert chinese_number(text) == number
