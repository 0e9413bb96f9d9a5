"""The mail itself: what a tired clerk reads, what hostile text cannot do, and how it looks on a phone."""

import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from crawler.records import Outcome
from monitor.alerts.channels.mail import compose, one_line
from monitor.alerts.conditions import FailedRequest
from monitor.alerts.digest import render
from monitor.alerts.engine import reconcile
from monitor.rules.base import OrganFacts, OrganKind, Severity
from monitor.settings import ChannelSettings
from tests.monitor.alerts.support import (
    COUNTY,
    LATE,
    MORNING,
    OTHER_TOWN,
    TrialDatabase,
    conditions,
    finding,
    mail_channel,
    matter,
    missing,
    portal,
    version,
)

HOSTILE = OrganFacts(
    "999901199", "<script>alert(1)</script>\r\nBcc: x@y.example镇", OrganKind.TOWNSHIP, COUNTY, "东岭县"
)


def payload(tmp_path: Path, channel: ChannelSettings, *, hostile: bool = False) -> dict[str, Any]:
    """The digest of a pass that found a bit of everything; and one that resolves the first matter."""
    database = TrialDatabase(tmp_path)
    one_mistake = matter(
        finding(),
        finding("T3-02", values={"column": "自然人", "left": 1, "right": 0}),
        finding("N-02", Severity.WARNING, quote="2023年共收到申请1件，均已答复", cells=()),
        cause="“（七）总计”漏填；填 1 后两处都对得上。",
    )
    standings = [missing(OTHER_TOWN), LATE]
    versions = [version(one_mistake)]
    if hostile:
        with database.begin() as session:
            database.add_organ(session, HOSTILE)
        standings.append(missing(HOSTILE))
        quote = "<img src=x onerror=alert(1)>"
        versions.append(
            version(
                matter(finding(quote=quote, values={"column": quote, "left": 1, "right": 2})),
                organ=HOSTILE,
                address="javascript:alert(1)",
                title=quote,
            )
        )
    with database.begin() as session:
        found = conditions(standings, versions, [portal(Outcome.BLOCKED)], MORNING)
        reconcile(session, found, MORNING, channels=[channel])
        reconcile(
            session,
            [each for each in found if each.kind != "late"],
            MORNING + timedelta(days=1),
            channels=[channel],
        )
    first, second = (dict(each.payload) for each in database.deliveries())
    return {**first, "items": first["items"] + second["items"], "counts": first["counts"] | second["counts"]}


def test_the_text_says_who_what_how_much_where_and_what_to_do(tmp_path: Path) -> None:
    channel = mail_channel()
    subject, _, text = render(payload(tmp_path, channel), channel)
    assert subject == "东岭县：1 个单位未公布、1 个单位逾期公布、1 份报告有误、1 项已解决"
    for said in (
        "云溪镇2023年度报告表内数字不一致：自然人：各项结果之和 1，（七）总计印的是 0（同一原因另有 2 处）",
        "可能原因：“（七）总计”漏填",
        "[第 2 张表第 27 行第 4 列]",
        "> 2023年共收到申请1件，均已答复",
        "页面上写明的发布日期是2024年2月3日，晚了 3 天",
        "期限后完整查看：2024年2月1日 06:30；2024年2月2日 06:30",
        "期限依据：乡镇、街道惯例：1月31日；各地通知",
        "http://portal.example/nb/7.html",
        "怎么办：请打开原文核对所列位置",
        "编号 1 · 规则 T3-01",
        "东岭县民政局 · 2023 年度\n\n* 已解决 · 逾期公布\n  以下问题已不存在：",
    ):
        assert said in text, said
    for word in ("nianbao", "SHA-256", "渠道"):
        assert word not in text, "a clerk has no shell"
    assert "拒绝采集" not in text, "what we failed to see is not the business of oversight staff"


def test_in_english_no_sentence_of_ours_stays_chinese(tmp_path: Path) -> None:
    channel = mail_channel(language="en")
    subject, html, text = render(payload(tmp_path, channel), channel)
    assert subject == "东岭县: 1 not published, 1 published late, 1 with errors, 1 resolved"
    assert "31 January 2024" in text
    assert '<html lang="en">' in html
    for phrase in ("怎么办", "公布期限", "新发现", "错误", "截至", "编号", "打开原文"):
        assert phrase not in text + html, phrase


def test_operators_get_their_own_mail(tmp_path: Path) -> None:
    database = TrialDatabase(tmp_path)
    channel = mail_channel(audience="operator")
    with database.begin() as session:
        asked = FailedRequest("http://portal.example/nb/", 412, MORNING)
        blocked = portal(Outcome.BLOCKED, last_problem="被拦截或拒绝", failing_runs=4, failed_request=asked)
        reconcile(session, conditions([missing()], [], [blocked], MORNING), MORNING, channels=[channel])
    (delivery,) = database.deliveries()
    subject, _, text = render(delivery.payload, channel)
    assert subject == "年报监测：门户“东岭县人民政府”拒绝采集，已连续 4 次：被拦截或拒绝"
    assert "门户“东岭县人民政府”拒绝采集，已连续 4 次：被拦截或拒绝" in text
    assert "网站的回答：HTTP 状态 412；http://portal.example/nb/；2024年2月3日 09:00" in text
    assert text.count("被拦截或拒绝") == 1
    assert "nianbao alerts ack" in text
    assert "未公布：应于" not in text


def composed(tmp_path: Path, **known: Any) -> EmailMessage:
    channel = mail_channel(**known)
    made = payload(tmp_path, channel, hostile=True)
    made["counties"] = ["滑县\r\nBcc: x@y.example\u2028z"]
    return compose(channel, "年报 <n@office.example>", channel.to, "msg_1", made, MORNING)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    mail = composed(tmp_path)
    html = mail.get_body(("html",))
    assert html is not None
    page = html.get_content()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="javascript' not in page
    text = mail.get_body(("plain",))
    assert text is not None
    assert not re.search(r"^\s*Bcc", text.get_content(), re.MULTILINE)
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])


def test_headers_are_one_line_of_printable_text() -> None:
    assert one_line(" a\r\nb\u2028c\x00d\te ") == "a b c d e"


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    channel = mail_channel()
    _, html, _ = render(payload(tmp_path, channel), channel)
    assert not re.search(r"<(?:img|link|script|iframe|object)\b|url\(|@import|\bsrc=", html)
    assert html.count("<table") == html.count("</table>")
    assert html.count('scope="row"') > 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_a_phone_and_a_desk(tmp_path: Path, width: int) -> None:
    from tests.monitor.alerts.browser import page_of

    channel = mail_channel()
    _, html, _ = render(payload(tmp_path, channel, hostile=True), channel)
    asked: list[str] = []
    with page_of(html, width) as page:
        page.on("request", lambda request: asked.append(request.url))
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0
        sizes = page.evaluate(
            "[...document.querySelectorAll('p,td,th,h3,li,a')].map(e => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 13
    assert asked == []


def test_no_text_of_a_portal_turns_the_direction_of_ours(tmp_path: Path) -> None:
    content = payload(tmp_path, mail_channel())
    for item in content["items"]:
        item["alert"] |= {"organ": "云溪镇\u202e\u2067", "summary": "第\u202e 1\u200f 项"}
    parts = render(content, mail_channel())
    assert "第 1 项" in parts[1]
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "".join(parts))
