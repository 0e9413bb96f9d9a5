"""Telling documents from challenges, soft 404s and half pages; text from bytes; one spelling of addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import leads_up, normalise
from crawler.detection import problem_of_answer
from crawler.records import CaptureRole
from crawler.text import decode_page
from parsers.documents.links import is_file_name
from tests.crawler.website import report_page
from tests.shared import SHARED, needs_shared

HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = "http://www.example.gov.cn/nb/202401/t20240115_1.html"


def problem(
    body: str | bytes, status: int = 200, role: CaptureRole = CaptureRole.DOCUMENT, **fields: object
) -> str | None:
    data = body.encode() if isinstance(body, str) else body
    given_fields = {"requested": PAGE, "final": PAGE, "headers": HTML, "cut_short": False, **fields}
    headers = given_fields.pop("headers")
    assert isinstance(headers, dict)
    return problem_of_answer(status, headers, data, role=role, **given_fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (report_page("甲镇年报"), 200, None),
        (report_page("甲镇年报", "登录请输入图形验证码；该附件不存在"), 200, None),
        ("<html><body>甲镇2023年政府信息公开工作年度报告见附件</body></html>", 200, None),
        ("<html><title>404</title><body>您访问的页面不存在</body></html>", 200, "soft_404"),
        ("<html><body>该文档已被删除</body></html>", 200, "soft_404"),
        ("<html><body>找不到文件或目录</body></html>", 200, "soft_404"),
        ("<html><meta http-equiv=refresh content='0; url=/nb/'><body></body></html>", 200, "soft_404"),
        ("<html><body>请求过于频繁</body></html>", 200, "blocked"),
        ("<html><script>var _$ab=$_ts=1</script><body></body></html>", 202, "blocked"),
        ("whatever", 412, "blocked"),
        ("whatever", 521, "blocked"),
        ("whatever", 429, "rate_limited"),
        ("__jsl_clearance", 503, "blocked"),
        ("whatever", 503, "unreachable"),
        ("whatever", 404, "gone"),
        ("whatever", 410, "gone"),
        ("whatever", 400, "broken"),
        ("", 200, "broken"),
        ("  \n", 200, "broken"),
        ("", 304, None),
    ],
)
def test_answers_are_told_apart(body: str, status: int, word: str | None) -> None:
    assert problem(body, status) == word


def test_soft_404_in_gbk_is_recognised() -> None:
    body = "<html><head><meta charset='gb2312'></head><body>对不起，您访问的页面不存在！</body></html>".encode(
        "gb18030"
    )
    assert problem(body, headers={"content-type": "text/html"}) == "soft_404"


def test_a_page_in_place_of_a_file_is_a_soft_404() -> None:
    address = "http://www.example.gov.cn/P020240115.docx"
    assert (
        problem("<html><body>首页</body></html>", role=CaptureRole.ATTACHMENT, requested=address, final=address)
        == "soft_404"
    )


def test_a_cut_page_is_broken_only_where_no_length_was_told() -> None:
    half = report_page("甲镇年报")[:-40]
    assert problem(half, cut_short=True) == "cut_off"
    assert problem(half) is None
    assert problem(report_page("甲镇年报"), cut_short=True) is None


@pytest.mark.parametrize(
    ("end", "cut"),
    [
        ("<ul><li>一</li></ul>", False),
        ("<ul><li>一", True),
        ("<table><tr><td>1</td></tr>", True),
        ("<p>一</p><a href='/x", True),
        ("<script>var rows = [1, 2", True),
        ("<p>一<br>二", False),
    ],
)
def test_a_page_that_ends_in_the_middle_of_a_list_was_cut_off(end: str, cut: bool) -> None:
    page = report_page("甲镇年报").replace("</body></html>", end)
    assert problem(page) == ("cut_off" if cut else None)
    assert problem(page + "</body></html>") is None


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", ["reports/pingtan_2023.html", "reports/shuyang_fgj_2023.html"])
def test_real_reports_are_documents(name: str) -> None:
    assert problem((SHARED / "real" / name).read_bytes()) is None


@needs_shared
@pytest.mark.shared
def test_real_lists_are_documents() -> None:
    for path in (SHARED / "real/lists").glob("*.html"):
        assert problem(path.read_bytes(), role=CaptureRole.LIST) is None


WORDS = "岢曲镇人民政府2023年政府信息公开工作年度报告，网站首页"


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (WORDS.encode(), None),
        (b"\xef\xbb\xbf" + WORDS.encode(), None),
        (WORDS.encode(), "gb2312"),
        (WORDS.encode("gb18030"), None),
        (WORDS.encode("gb18030"), "utf-8"),
        (WORDS.encode("gb18030"), "iso-8859-1"),
        (WORDS.encode("utf-16"), None),
    ],
)
def test_text_is_read_by_its_bytes(body: bytes, declared: str | None) -> None:
    assert decode_page(body, declared).removeprefix("\ufeff") == WORDS


def test_a_page_of_two_encodings_keeps_the_larger_part_readable() -> None:
    menu = "首页新闻公开".encode("gb18030")
    assert WORDS in decode_page(menu + b" | " + WORDS.encode() * 5, "utf-8")


@given(st.binary(max_size=400), st.sampled_from([None, "utf-8", "gb2312", "no-such-charset"]))
def test_any_bytes_become_text(body: bytes, declared: str | None) -> None:
    assert isinstance(decode_page(body, declared), str)


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("./202301/t1.html", "http://www.example.gov.cn/nb/202301/t1.html"),
        ("../x.html#top", "http://www.example.gov.cn/x.html"),
        ("//WWW.Example.gov.cn:80/年报.pdf", "http://www.example.gov.cn/%E5%B9%B4%E6%8A%A5.pdf"),
        ("https://www.example.gov.cn:8443", "https://www.example.gov.cn:8443/"),
        (" x y.html ", "http://www.example.gov.cn/nb/x%20y.html"),
        ("javascript:void(0)", None),
        ("mailto:a@example.gov.cn", None),
        ("http://[broken", None),
        ("http://www.example.gov.cn:port/", None),
    ],
)
def test_addresses_have_one_spelling(href: str, address: str | None) -> None:
    assert normalise(href, "http://www.example.gov.cn/nb/") == address
    if address:
        assert normalise(address) == address


@pytest.mark.parametrize(
    ("requested", "final", "up"),
    [
        ("/a/b/t1.html", "/a/b/", True),
        ("/a/b/t1.html", "/a/index.html", True),
        ("/a/b/t1.html", "/", True),
        ("/a/b/t1.html", "/a/b/t2.html", False),
        ("/a/b/t1.html", "/c/", False),
        ("/a/b", "/a/b/", False),
        ("/a/b/", "/a/b/index.html", False),
        ("/a/b/index.html", "/a/b/", False),
        ("/a/b/", "/a/", True),
    ],
)
def test_redirects_that_lead_up_are_known(requested: str, final: str, up: bool) -> None:
    assert leads_up("http://h" + requested, "https://h" + final) is up


def test_files_are_known_by_their_ends() -> None:
    assert is_file_name("http://h/a.DOCX")
    assert is_file_name("http://h/download.jsp?filename=a.pdf&x=1")
    assert not is_file_name("http://h/a.html")
