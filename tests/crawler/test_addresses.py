"""Addresses of one report: folded where they are surely one, and never where they may be two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import normalise, report_key

HOSTS = ("www.x.gov.cn", "x.gov.cn", "www.y.gov.cn")
REPORT = "http://www.x.gov.cn/nb/202401/t20240115_7.html"

ONE = [
    (REPORT, "https://www.x.gov.cn/nb/202401/t20240115_7.html"),
    (REPORT, "https://x.gov.cn/nb/202401/t20240115_7.html"),
    (REPORT, "http://WWW.X.gov.cn:80/nb//202401/t20240115_7.html"),
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_7_wap.html"),
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_7.html?isMobile=true"),
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_7.html;jsessionid=5A0F.node1"),
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_7.html?spm=zm1&utm_source=wechat"),
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_7.html?from=singlemessage&isappinstalled=0"),
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_7.html?_=1705300000123"),
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_7.html?"),
    ("http://x.gov.cn/content/post_8770477.html", "http://x.gov.cn/content/mpost_8770477.html"),
    ("http://x.gov.cn/show?id=7&col=3", "http://x.gov.cn/show?col=3&id=7"),
    ("http://x.gov.cn/show?id=7", "http://x.gov.cn/show?id=7&sid=a81f3bc09d7e4c55a81f3bc09d7e4c55"),
    ("http://x.gov.cn/show?id=7", "http://x.gov.cn/show?JSESSIONID=77&id=7"),
    ("http://x.gov.cn/%e5%b9%b4/%7Ea.html", "http://x.gov.cn/%E5%B9%B4/~a.html"),
    ("http://x.gov.cn/nb/2023/", "https://x.gov.cn/nb/2023/index.html"),
    ("http://x.gov.cn/nb/2023/", "https://x.gov.cn/nb/2023/Default.aspx"),
]
TWO = [
    (REPORT, "http://www.x.gov.cn/nb/202401/t20240115_8.html"),
    (REPORT, "http://www.y.gov.cn/nb/202401/t20240115_7.html"),
    (REPORT, "http://www.x.gov.cn:8080/nb/202401/t20240115_7.html"),
    ("http://www.y.gov.cn/a.html", "http://y.gov.cn/a.html"),
    ("http://x.gov.cn/show?id=7", "http://x.gov.cn/show?id=8"),
    ("http://x.gov.cn/show?id=7", "http://x.gov.cn/show"),
    ("http://x.gov.cn/show?id=7&sid=3", "http://x.gov.cn/show?id=7&sid=4"),
    (
        "http://x.gov.cn/v.jsp?sid=ff80808158a3b0d10158a3c0a7b00001",
        "http://x.gov.cn/v.jsp?sid=ff80808158a3b0d10158a3c0a7b00002",
    ),
    ("http://x.gov.cn/view.do?t=1705300000001", "http://x.gov.cn/view.do?t=1705300000002"),
    ("http://x.gov.cn/show?id=7&from=a", "http://x.gov.cn/show?id=7&from=b"),
    ("http://x.gov.cn/show?t=2022", "http://x.gov.cn/show?t=2023"),
    ("http://x.gov.cn/show?v=1", "http://x.gov.cn/show?v=2"),
    ("http://x.gov.cn/nb.jsp?area=1137&fbtime=2023", "http://x.gov.cn/nb.jsp?area=1137&fbtime=2024"),
    ("http://x.gov.cn/a/index_1.html", "http://x.gov.cn/a/index.html"),
    ("http://x.gov.cn/a/index.2.html", "http://x.gov.cn/a/index.html"),
    ("http://x.gov.cn/A1b.html", "http://x.gov.cn/a1B.html"),
    ("http://x.gov.cn/a%2Fb", "http://x.gov.cn/a/b"),
    ("http://x.gov.cn/show?id=7%26x=1", "http://x.gov.cn/show?id=7&x=1"),
    ("http://x.gov.cn/a/;id=7", "http://x.gov.cn/a/;id=8"),
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_addresses_of_one_report_share_a_key(one: str, other: str) -> None:
    assert report_key(one, HOSTS) == report_key(normalise(other) or "", HOSTS)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_addresses_that_may_be_two_reports_share_none(one: str, other: str) -> None:
    assert report_key(one, HOSTS) != report_key(other, HOSTS)


@given(st.lists(st.sampled_from(("7", "8", "id=7", "id=8", "sid=3", "t=1", "a/b", "a%2Fb", "x_wap")), max_size=4))
def test_a_key_is_the_key_of_itself(parts: list[str]) -> None:
    address = "http://x.gov.cn/show?" + "&".join(parts)
    assert report_key("http:" + report_key(address, HOSTS), HOSTS) == report_key(address, HOSTS)
