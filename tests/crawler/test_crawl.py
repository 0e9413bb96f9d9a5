"""Crawls of real sites on this machine, each run in its own process."""

from __future__ import annotations

import ssl
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.clock import SHANGHAI, Clock
from crawler.outcomes import in_words
from crawler.portals.definition import ColumnDefinition
from crawler.recheck import Recheck
from crawler.records import CaptureRole, EntryKind, Outcome
from tests.crawler.crawling import Log, assert_apart, crawled, options, portal
from tests.crawler.website import Answers, Reply, Seen, Website, report_page, trs_list, trs_row, trs_site
from tests.shared import SHARED, needs_shared


def test_all_pages_of_a_column_are_read_and_all_reports_fetched(tmp_path: Path) -> None:
    pages: dict[str, Answers] = {}
    for index in range(3):
        rows = [trs_row(10 * index + one) for one in range(4)]
        pages[f"/nb/index{f'_{index}' if index else ''}.html"] = trs_list(rows, 3, index)
        for link, title, _ in rows:
            pages["/nb/" + link[2:]] = report_page(title)
    pages["/nb/"] = pages["/nb/index.html"]
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    assert log.finished.problem is None
    assert len(log.entries) == 12
    assert {entry.kind for entry in log.entries} == {EntryKind.REPORT}
    assert log.entries[0].shown_on == date(2024, 1, 15)
    documents = [capture for capture in log.captures if capture.role is CaptureRole.DOCUMENT]
    assert len(documents) == 12
    assert all(capture.parent_address and capture.column_id == "c1" for capture in documents)
    assert log.columns["c1"].whole
    assert log.columns["c1"].pages == 3
    assert sorted(site.paths()) == sorted({*pages} - {"/nb/index.html"})
    for capture in documents:
        assert "年度报告" in log.archive.get(capture.sha256 or "").decode()


def test_a_sample_fetches_so_many_reports_and_counts_the_others_as_listed(tmp_path: Path) -> None:
    rows = [trs_row(number) for number in range(4)]
    pages: dict[str, Answers] = {"/nb/": trs_list(rows)}
    pages |= {"/nb/" + link[2:]: report_page(title) for link, title, _ in rows}
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path / "some", options(most_documents=2))
        assert len(site.paths()) == 3
        assert (len(log.entries), log.finished.outcome) == (4, Outcome.COLLECTED)
        site.seen.clear()
        log = crawled(portal(site), tmp_path / "none", options(most_documents=0))
        assert site.paths() == ["/nb/"]
        assert (len(log.entries), log.finished.outcome) == (4, Outcome.UNCHANGED)


def test_look_alikes_are_recorded_and_not_fetched_but_letters_that_are_reports_are(tmp_path: Path) -> None:
    rows = [
        ("./202401/t20240115_1.html", "一图读懂甲镇2023年政府信息公开工作年度报告", "2024-01-15"),
        ("./202401/t20240115_2.html", "关于报送《乙局2023年政府信息公开年度报告》的函", "01-16"),
        ("./202401/t20240115_3.html", "关于做好2023年政府信息公开工作年度报告编制工作的通知", "[2024-01-17]"),
        ("./202401/t20240115_4.html", "2023年工作年度报告", "2024-01-18"),
        ("./202401/t20240115_5.html", "丙镇召开工作会议", "2024-01-18"),
    ]
    pages: dict[str, Answers] = {"/nb/": trs_list(rows)}
    pages |= {"/nb/" + link[2:]: report_page(title) for link, title, _ in rows}
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert [entry.kind for entry in log.entries] == [
        EntryKind.LOOK_ALIKE,
        EntryKind.REPORT,
        EntryKind.LOOK_ALIKE,
        EntryKind.REPORT,
        EntryKind.OTHER,
    ]
    assert [entry.shown_on for entry in log.entries] == [date(2024, 1, day) for day in (15, 16, 17, 18, 18)]
    assert sorted(site.paths()) == ["/nb/", "/nb/202401/t20240115_2.html", "/nb/202401/t20240115_4.html"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("./202601/zs2025.html", None),
        ("./202601/zs2025/", None),
        ("/art/2026/1/20/art_11_22.html", None),
        ("./202601/gone.html", "documents_failed:gone=1"),
        ("http://localhost:9/art/2026/1/20/art_11_22.html", "documents_failed:off_site=1"),
        ("javascript:open(22)", "documents_failed:no_address=1"),
    ],
)
@pytest.mark.parametrize(
    "title", ["掌石镇2025年政府信息公开工作年度报告", "关于报送《掌石镇2025年政府信息公开年度报告》的函"]
)
def test_a_listed_report_is_an_entry_whatever_its_address(
    tmp_path: Path, row: str, problem: str | None, title: str
) -> None:
    pages = trs_site([1, 2])
    pages["/nb/"] = trs_list([trs_row(1), (row, title, "2026-01-20"), trs_row(2)])
    for path in ("/nb/202601/zs2025.html", "/nb/202601/zs2025/", "/art/2026/1/20/art_11_22.html"):
        pages[path] = report_page(title)
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    column = log.columns["c1"]
    assert (title in [entry.title for entry in log.entries]) == (not row.startswith("javascript"))
    assert (column.whole, column.problem) == (problem is None, problem)
    assert len([capture for capture in log.captures if capture.problem is None]) == (4 if problem is None else 3)


def test_the_page_for_telephones_beside_the_page_itself_is_no_second_report(tmp_path: Path) -> None:
    pages = trs_site([1, 2])
    twin = ("./202401/t20240115_1_wap.html", *trs_row(1)[1:])
    alone = ("./202401/t20240115_3_wap.html", *trs_row(3)[1:])
    pages["/nb/"] = trs_list([twin, trs_row(1), trs_row(2), alone])
    pages["/nb/202401/t20240115_3_wap.html"] = report_page(trs_row(3)[1])
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert [entry.address.rpartition("/")[2] for entry in log.entries] == [
        "t20240115_1.html",
        "t20240115_2.html",
        "t20240115_3_wap.html",
    ]
    assert log.columns["c1"].outcome is Outcome.COLLECTED


def test_nothing_is_fetched_off_the_registered_hosts_not_even_by_redirect(tmp_path: Path) -> None:
    with Website({"/x.html": report_page("不该看到")}) as other:
        pages = trs_site([1, 2])
        pages["/nb/202401/t20240115_1.html"] = Reply(status=302, headers={"Location": other.address + "/x.html"})
        pages["/nb/"] = trs_list(
            [trs_row(1), trs_row(2), (f"{other.address}/a/t20240101_9.html", *trs_row(9)[1:])]
        )
        with Website(pages) as site:
            log = crawled(portal(site), tmp_path)
        assert other.seen == []
    assert log.capture("_1.html").problem == "off_site"
    assert log.capture("_9.html").problem == "off_site"
    assert log.capture("_2.html").problem is None
    assert log.finished.outcome is Outcome.PARTIAL
    assert log.columns["c1"].problem == "documents_failed:off_site=2"


def test_private_addresses_are_refused_by_number_and_by_name(tmp_path: Path) -> None:
    with Website(trs_site([1])) as site:
        log = crawled(portal(site), tmp_path / "number", options(allow_private_addresses=False))
        named = portal(site, (f"http://localhost:{site.port}/nb/",), hosts=("localhost",))
        by_name = crawled(named, tmp_path / "name", options(allow_private_addresses=False))
        assert site.seen == []
    for one in (log, by_name):
        assert one.capture("/nb/").problem == "private_address"
        assert (one.finished.outcome, one.finished.problem) == (Outcome.UNREACHABLE, "private_address")
    assert in_words("private_address") == "地址在内网，未获准访问（[crawl] allow_private_addresses）"


def test_robots_txt_is_obeyed(tmp_path: Path) -> None:
    pages = trs_site([1, 2]) | {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /nb/202401/t20240115_1.html\n", media_type="text/plain")
    }
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert "/nb/202401/t20240115_1.html" not in site.paths()
    assert log.capture("_1.html").problem == "robots"
    assert log.finished.outcome is Outcome.PARTIAL
    assert all(seen.headers["user-agent"].startswith("Nianbao/") for seen in site.seen)


def test_a_column_that_robots_txt_forbids_counts_as_refused(tmp_path: Path) -> None:
    pages = trs_site([1]) | {"/robots.txt": Reply(b"User-agent: Nianbao\nDisallow: /\n", media_type="text/plain")}
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert site.paths() == []
    assert log.finished.outcome is Outcome.BLOCKED
    assert log.finished.problem == "robots"


def test_a_robots_txt_that_a_server_error_hides_forbids_for_now(tmp_path: Path) -> None:
    with Website(trs_site([1]) | {"/robots.txt": Reply(b"", 500)}) as site:
        log = crawled(portal(site), tmp_path)
        assert site.paths() == []
        allowed = crawled(portal(site), tmp_path, options(obey_robots=False))
        site.pages["/robots.txt"] = Reply(b"", 403)
        none = crawled(portal(site), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.UNREACHABLE, "robots_unavailable")
    assert not log.columns["c1"].whole
    assert allowed.finished.outcome is Outcome.COLLECTED
    assert none.finished.outcome is Outcome.COLLECTED


def test_requests_keep_their_distance(tmp_path: Path) -> None:
    with Website(trs_site([1, 2, 3])) as site:
        crawled(portal(site, request_interval=0.4), tmp_path)
    times = [seen.at for seen in site.seen]
    assert len(times) == 5
    assert_apart(times, 0.4)


def test_a_longer_crawl_delay_is_honoured(tmp_path: Path) -> None:
    pages = trs_site([1, 2]) | {
        "/robots.txt": Reply(b"User-agent: *\nCrawl-delay: 0.5\n", media_type="text/plain")
    }
    with Website(pages) as site:
        crawled(portal(site), tmp_path)
    times = [seen.at for seen in site.seen]
    assert len(times) == 4
    assert_apart(times[1:], 0.5)


def test_a_second_pass_downloads_nothing_that_is_unchanged(tmp_path: Path) -> None:
    def tagged(seen: Seen) -> Reply:
        tag = f'"{seen.path}"'
        if seen.headers.get("if-none-match") == tag:
            return Reply(status=304, headers={"ETag": tag})
        return Reply(report_page("甲镇2023年政府信息公开工作年度报告").encode(), headers={"ETag": tag})

    def dated(seen: Seen) -> Reply:
        stamp = "Mon, 15 Jan 2024 01:00:00 GMT"
        if seen.headers.get("if-modified-since") == stamp:
            return Reply(status=304)
        return Reply(report_page("乙镇2023年政府信息公开工作年度报告").encode(), headers={"Last-Modified": stamp})

    pages = trs_site([1, 2, 3])
    pages["/nb/202401/t20240115_1.html"] = tagged
    pages["/nb/202401/t20240115_2.html"] = dated
    with Website(pages) as site:
        first = crawled(portal(site), tmp_path)
        blobs = sorted((tmp_path / "blobs").rglob("*.zst"))
        second = crawled(portal(site), tmp_path, known=first.known())
        third = crawled(portal(site), tmp_path, known=second.known())
        everything = crawled(portal(site), tmp_path, known=second.known(), full=True)
    assert first.finished.outcome is Outcome.COLLECTED
    for again in (second, third):
        assert again.finished.outcome is Outcome.UNCHANGED
        for ending in ("_1.html", "_2.html"):
            assert again.capture(ending).status == 304
            assert again.capture(ending).sha256 == first.capture(ending).sha256
            assert again.capture(ending).size == 0
        assert again.capture("_3.html").status == 200
        assert again.capture("_3.html").sha256 == first.capture("_3.html").sha256
        assert len(again.entries) == 3
    assert everything.capture("_1.html").status == 200
    assert everything.finished.outcome is Outcome.UNCHANGED
    assert sorted((tmp_path / "blobs").rglob("*.zst")) == blobs


def test_a_changed_report_is_captured_beside_the_old_one(tmp_path: Path) -> None:
    with Website(trs_site([1])) as site:
        first = crawled(portal(site), tmp_path)
        site.pages["/nb/202401/t20240115_1.html"] = report_page(
            "第1镇人民政府2023年政府信息公开工作年度报告", "更正"
        )
        second = crawled(portal(site), tmp_path, known=first.known())
    assert second.finished.outcome is Outcome.COLLECTED
    before, after = first.capture("_1.html").sha256, second.capture("_1.html").sha256
    assert before != after
    assert log_has(second.archive.get(before or ""), "第1份")
    assert log_has(second.archive.get(after or ""), "更正")


def log_has(data: bytes, words: str) -> bool:
    return words in data.decode()


def test_attachments_are_fetched_from_registered_hosts_only(tmp_path: Path) -> None:
    links = (
        '<a href="./P020240115_1.docx">附件1</a><iframe src="/viewer/年报.pdf"></iframe>'
        '<a href="http://files.example.org/x.doc">外站</a><a href="/about.html">关于</a>'
        '<a href="/sys/download.jsp?id=7">附件2.xls</a>'
    )
    pages = trs_site([1])
    pages["/nb/202401/t20240115_1.html"] = report_page(trs_row(1)[1], links)
    pages["/nb/202401/P020240115_1.docx"] = Reply(b"PK docx", media_type="application/octet-stream")
    pages["/viewer/%E5%B9%B4%E6%8A%A5.pdf"] = Reply(b"%PDF-1.4", media_type="application/pdf")
    pages["/sys/download.jsp?id=7"] = Reply(b"xls", media_type="application/vnd.ms-excel")
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    attached = [capture for capture in log.captures if capture.role is CaptureRole.ATTACHMENT]
    assert sorted(capture.address.rpartition("/")[2] for capture in attached) == [
        "%E5%B9%B4%E6%8A%A5.pdf",
        "P020240115_1.docx",
        "download.jsp?id=7",
    ]
    assert {capture.parent_address for capture in attached} == {site.address + "/nb/202401/t20240115_1.html"}
    assert log.finished.outcome is Outcome.COLLECTED


CHALLENGES = {
    "412": Reply(b"<html><script>$_ts=window['$_ts'];</script></html>", 412),
    "521": Reply(b"<script>document.cookie='__jsl_clearance=1'</script>", 521),
    "403": Reply(b"Forbidden", 403),
    "script with 200": Reply(b"<script>var arg1='3000176000856006061501533003690027800375';acw_sc__v2</script>"),
    "captcha with 200": Reply("<html><body>访问过于频繁，请完成安全验证后继续访问</body></html>".encode()),
}  # fmt: skip


@pytest.mark.parametrize("challenge", CHALLENGES.values(), ids=CHALLENGES.keys())
def test_a_challenge_is_told_as_blocked(tmp_path: Path, challenge: Reply) -> None:
    with Website({"/nb/": challenge}) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.BLOCKED
    assert log.capture("/nb/").problem == "blocked"
    assert not log.columns["c1"].whole
    assert site.paths() == ["/nb/"]


def test_a_host_that_keeps_refusing_is_not_pressed_further(tmp_path: Path) -> None:
    pages = trs_site(list(range(20)))
    for path in list(pages):
        if "t2024" in path:
            pages[path] = Reply(b"no", 403)
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path, options(concurrency=1))
    assert len(site.paths()) < 8
    assert log.finished.outcome is Outcome.PARTIAL
    assert log.columns["c1"].problem == "documents_failed:blocked=20"


def test_a_report_no_longer_listed_is_asked_for_once_and_told_gone(tmp_path: Path) -> None:
    with Website(trs_site([1, 2, 3, 4])) as site:
        first = crawled(portal(site), tmp_path)
        for number in (2, 3):
            del site.pages[f"/nb/202401/t20240115_{number}.html"]
        site.pages["/nb/"] = trs_list([trs_row(1)])
        site.pages["/nb/202401/t20240115_3.html"] = "<html><body>您访问的页面不存在或已删除</body></html>"
        site.seen.clear()
        second = crawled(portal(site), tmp_path, known=first.known())
    assert second.capture("_2.html").problem == "gone"
    assert second.capture("_3.html").problem == "soft_404"
    assert second.capture("_4.html").problem is None
    assert second.capture("_4.html").parent_address is None
    assert second.capture("_4.html").column_id == "c1"
    assert second.finished.outcome is Outcome.UNCHANGED
    assert [path for path in site.paths() if path.endswith("_2.html")] == ["/nb/202401/t20240115_2.html"]


@pytest.mark.parametrize(
    "answer",
    [
        Reply(
            "<html><head><meta http-equiv='refresh' content='0;url=../'></head><body>请稍候</body></html>".encode()
        ),
        Reply(status=302, headers={"Location": "/nb/"}),
        Reply(status=302, headers={"Location": "/"}),
    ],
    ids=["meta refresh", "to the column", "to the front page"],
)
def test_a_document_that_leads_back_to_its_column_was_taken_down(tmp_path: Path, answer: Reply) -> None:
    pages = trs_site([1, 2]) | {"/nb/202401/t20240115_1.html": answer, "/": report_page("首页")}
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert log.capture("_1.html").problem == "soft_404"


def test_a_list_that_was_full_and_is_empty_today_is_no_proof(tmp_path: Path) -> None:
    with Website(trs_site([1, 2])) as site:
        first = crawled(portal(site), tmp_path)
        site.pages["/nb/"] = trs_list([], extra="<p>暂无信息</p>")
        emptied = crawled(portal(site), tmp_path, known=first.known())
        never = crawled(portal(site), tmp_path)
        site.pages["/nb/"] = trs_list([])
        silent = crawled(portal(site), tmp_path)
    assert emptied.finished.outcome is Outcome.LAYOUT_CHANGED
    assert emptied.columns["c1"].problem == "list_emptied:2"
    assert never.finished.outcome is Outcome.EMPTY_PROVEN
    assert silent.finished.outcome is Outcome.LAYOUT_CHANGED


def test_a_column_that_leads_to_another_page_of_the_site_is_not_read_from_there(tmp_path: Path) -> None:
    with Website(trs_site([1, 2])) as site:
        first = crawled(portal(site), tmp_path)
        news = trs_list([trs_row(1), ("./202402/t20240215_5.html", "丙镇召开工作会议", "2024-02-15")])
        listed = news.replace("./202401/", "/nb/202401/")
        site.pages["/nb/"] = Reply(status=302, headers={"Location": "/xxgk/"})
        site.pages["/xxgk/"] = listed.replace("政府信息公开年报", "政务要闻")
        led_astray = crawled(portal(site), tmp_path, known=first.known())
        site.pages["/xxgk/"] = listed
        moved = crawled(portal(site), tmp_path, known=first.known())
    assert (led_astray.finished.outcome, led_astray.finished.problem) == (Outcome.LAYOUT_CHANGED, "no_list")
    assert moved.finished.outcome is Outcome.UNCHANGED


def test_a_page_of_a_list_that_lies_off_the_registered_hosts_keeps_the_column_from_being_whole(
    tmp_path: Path,
) -> None:
    leads = "<html><head><title>政府信息公开年报</title></head><body>{}</body></html>"
    with Website() as other:
        script = f"listModel({{channelId: '{'a' * 32}'}}); var api = '{other.address}/common/search/'"
        with Website({"/c110634/list.shtml": leads.format(f"<script>{script}</script>")}) as site:
            log = crawled(portal(site, ("/c110634/list.shtml",), family="ucap"), tmp_path)
        assert other.seen == []
    assert (log.finished.outcome, log.finished.problem) == (Outcome.LAYOUT_CHANGED, "off_site")


def test_a_list_without_reports_proves_that_there_are_none(tmp_path: Path) -> None:
    rows = [("./202401/t20240115_5.html", "丙镇召开工作会议", "2024-01-18")]
    with Website({"/nb/": trs_list(rows)}) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.EMPTY_PROVEN
    assert log.columns["c1"].whole
    with Website({"/nb/": trs_list(rows).replace("政府信息公开年报", "政务要闻")}) as site:
        other = crawled(portal(site), tmp_path)
    assert (other.finished.outcome, other.finished.problem) == (Outcome.LAYOUT_CHANGED, "no_list")


@pytest.mark.parametrize(
    ("answer", "outcome", "problem"),
    [
        (Reply(b"", 404), Outcome.LAYOUT_CHANGED, "gone"),
        (Reply(b"", 200), Outcome.LAYOUT_CHANGED, "broken"),
        (Reply(b"oops", 500), Outcome.UNREACHABLE, "unreachable"),
        (Reply(b"<html><body><div id='app'></div></body></html>"), Outcome.LAYOUT_CHANGED, "no_list"),
        (Reply(trs_list([trs_row(1)]).encode(), told_length=10**6), Outcome.UNREACHABLE, "cut_off"),
        (Reply(trs_list([trs_row(1)])[:-60].encode(), told_length=None), Outcome.UNREACHABLE, "cut_off"),
    ],
    ids=["404", "empty", "500", "no list", "cut short", "cut short without length"],
)
def test_a_column_that_cannot_be_read_says_why(
    tmp_path: Path, answer: Reply, outcome: Outcome, problem: str
) -> None:
    with Website({"/nb/": answer}) as site:
        log = crawled(portal(site), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (outcome, problem)


def test_a_portal_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    with Website() as site:
        definition = portal(site)
    log = crawled(definition, tmp_path)
    assert log.finished.outcome is Outcome.UNREACHABLE
    with Website({"/nb/": Reply(b"late", pause=3)}) as slow:
        log = crawled(portal(slow), tmp_path, options(request_seconds=0.5, retries=0))
    assert log.finished.outcome is Outcome.UNREACHABLE


def test_a_passing_failure_is_tried_again(tmp_path: Path) -> None:
    failures = ["/nb/", "/nb/202401/t20240115_1.html"]

    def moody(reply: Answers) -> Answers:
        def answer(seen: Seen) -> Reply:
            if seen.path in failures:
                failures.remove(seen.path)
                return Reply(b"", 503)
            return Reply(reply.encode()) if isinstance(reply, str) else Reply()

        return answer

    with Website({path: moody(page) for path, page in trs_site([1]).items()}) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    assert failures == []


def test_a_document_beyond_the_limit_is_not_taken(tmp_path: Path) -> None:
    pages = trs_site([1, 2])
    pages["/nb/202401/t20240115_1.html"] = Reply(b"x" * 300_000, told_length=None)
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path, options(largest_document=100_000))
    assert log.capture("_1.html").problem == "too_large"
    assert log.capture("_1.html").sha256 is None
    assert log.capture("_2.html").problem is None
    assert log.finished.outcome is Outcome.PARTIAL


def test_a_certificate_that_does_not_hold_is_told(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Website(trs_site([1]), tls=context) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.UNREACHABLE
    assert log.capture("/nb/").problem == "certificate"


def self_signed(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "certificate.pem", folder / "key.pem"


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", None])
def test_a_list_in_gbk_is_read_whatever_it_says_of_itself(tmp_path: Path, charset: str | None) -> None:
    media_type = "text/html" + (f"; charset={charset}" if charset else "")
    pages = trs_site([1]) | {
        "/nb/": Reply(trs_list([trs_row(1, "岢曲镇人民政府")]).encode("gb18030"), media_type=media_type)
    }
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert log.entries[0].title == "岢曲镇人民政府2023年政府信息公开工作年度报告"
    assert log.finished.outcome is Outcome.COLLECTED


def test_endless_paging_ends(tmp_path: Path) -> None:
    def page(seen: Seen) -> Reply:
        number = int(seen.path.rpartition("_")[2].partition(".")[0]) if "_" in seen.path else 0
        rows = [trs_row(1000 + number)]
        following = f'<a href="index_{number + 1}.html">下一页</a>'
        return Reply(trs_list(rows, extra=following).encode())

    class Endless(dict[str, Answers]):
        def get(self, path: str, default: object = None) -> Answers:
            return page if path.startswith("/nb/index") or path == "/nb/" else report_page("甲镇2023年年报")

    site = Website()
    site.pages = Endless()
    with site:
        log = crawled(portal(site), tmp_path, options(most_pages=10))
    assert log.finished.outcome is Outcome.PARTIAL
    assert log.columns["c1"].problem == "too_many_pages"
    assert log.columns["c1"].pages == 10


def test_a_server_that_gives_page_one_for_every_page_is_noticed(tmp_path: Path) -> None:
    pages = trs_site([1, 2])
    same = trs_list([trs_row(1), trs_row(2)], 3)
    pages |= {"/nb/": same, "/nb/index_1.html": same, "/nb/index_2.html": same}
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.PARTIAL
    assert log.columns["c1"].problem == "pages_repeat"


def test_a_missing_list_page_makes_the_column_partial(tmp_path: Path) -> None:
    pages = trs_site([1])
    pages |= {"/nb/": trs_list([trs_row(1)], 3), "/nb/index_2.html": Reply(b"stub" * 80)}
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.PARTIAL
    assert log.columns["c1"].problem == "pages_failed:gone=1,layout=1"
    assert log.finished.counts["changed"] == 1


def test_one_bad_column_does_not_spoil_the_other_and_the_run_tells_the_worst(tmp_path: Path) -> None:
    pages = trs_site([1]) | trs_site([2], "/zj/") | {"/zj/": Reply(b"", 403)}
    with Website(pages) as site:
        log = crawled(portal(site, ("/nb/", "/zj/")), tmp_path)
    assert log.finished.outcome is Outcome.BLOCKED
    assert log.columns["c1"].outcome is Outcome.COLLECTED
    assert log.columns["c1"].whole
    assert not log.columns["c2"].whole


def test_a_report_listed_in_two_columns_is_fetched_once_and_counts_for_both(tmp_path: Path) -> None:
    pages = trs_site([1])
    pages["/zj/"] = trs_list([("/nb/202401/t20240115_1.html", *trs_row(1)[1:]), trs_row(2)])
    pages["/zj/202401/t20240115_2.html"] = report_page(trs_row(2)[1])
    with Website(pages) as site:
        log = crawled(portal(site, ("/nb/", "/zj/")), tmp_path)
    assert site.paths().count("/nb/202401/t20240115_1.html") == 1
    assert {name: column.outcome for name, column in log.columns.items()} == {
        "c1": Outcome.COLLECTED,
        "c2": Outcome.COLLECTED,
    }


def test_the_generic_spider_follows_the_paging_it_sees(tmp_path: Path) -> None:
    def page(number: int) -> str:
        rows = "".join(
            f"<tr><td><a href='/xxgk/show/{10 * number + one}.html'>第{number}{one}局2023年信息公开年度报告</a>"
            f"</td><td>[2024-01-1{one}]</td></tr>"
            for one in range(3)
        )
        turn = f"<a href='list_{number + 1}.html'>下一页</a>" if number < 3 else ""
        return (
            "<html><head><title>公开年报</title></head>"
            "<body><ul class='nav'><li><a href='/gov/'>政务公开</a></li></ul>"
            f"<table class='lb'>{rows}</table><div>共9条 第{number}/3页 {turn}</div></body></html>"
        )

    pages: dict[str, Answers] = {
        "/xxgk/nb/": page(1),
        "/xxgk/nb/list_2.html": page(2),
        "/xxgk/nb/list_3.html": page(3),
    }
    pages |= {f"/xxgk/show/{10 * n + one}.html": report_page("年报") for n in (1, 2, 3) for one in range(3)}
    with Website(pages) as site:
        log = crawled(portal(site, ("/xxgk/nb/",), family="generic"), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    assert len(log.entries) == 9
    assert log.columns["c1"].declared == 9
    assert log.columns["c1"].pages == 3


def test_the_first_page_under_another_address_is_not_read_twice(tmp_path: Path) -> None:
    rows = "<li><a href='/xxgk/show/{0}.html'>第{0}局2023年信息公开年度报告</a><b>2024-01-15</b></li>"
    turns = (
        "<div><a href='index.html'>首页</a><a href='?page=1'>1</a><a href='list_2.html'>2</a>"
        "<a href='list_2.html'>下一页</a><a href='{0}'>末页</a></div>"
    )
    first = "<html><title>年报</title><ul>" + rows.format(1) + rows.format(2) + "</ul>" + turns
    only = first.format("?page=1").replace("list_2.html", "#")
    pages: dict[str, Answers] = {
        "/xxgk/nb/": first.format("list_2.html"),
        "/xxgk/nb/index.html": first.format("list_2.html"),
        "/xxgk/nb/?page=1": first.format("list_2.html"),
        "/xxgk/nb/list_2.html": "<html><title>年报</title><ul>"
        + rows.format(3)
        + "</ul>"
        + turns.format("index.html"),
        "/xxgk/one/": only,
        "/xxgk/one/?page=1": only,
    }
    pages |= {f"/xxgk/show/{number}.html": report_page("年报") for number in (1, 2, 3)}
    with Website(pages) as site:
        log = crawled(portal(site, ("/xxgk/nb/", "/xxgk/one/"), family="generic"), tmp_path)
    assert [(column.outcome, column.pages) for column in log.columns.values()] == [
        (Outcome.COLLECTED, 2),
        (Outcome.COLLECTED, 1),
    ]


@needs_shared
@pytest.mark.shared
def test_a_list_of_twenty_whose_second_ten_cannot_be_had_is_partial(tmp_path: Path) -> None:
    page = (SHARED / "real/lists/list_trs_pingtan_zfxxgknb.html").read_bytes()

    class Pingtan(dict[str, Answers]):
        def get(self, path: str, default: object = None) -> Answers:
            return Reply(page) if path.endswith("nlist.htm") else report_page("年报")

    site = Website()
    site.pages = Pingtan({"/robots.txt": Reply(b"", 404)})
    with site:
        log = crawled(portal(site, ("/zwgk/zfxxgk/zfxxgknb/nlist.htm",)), tmp_path)
    column = log.columns["c1"]
    # The others come by POST, which this site does not take.
    assert (column.outcome, column.problem) == (Outcome.PARTIAL, "pages_failed:unreachable=1")
    assert (column.entries, column.declared) == (10, 20)
    assert log.finished.counts["changed"] == 10


def test_a_report_is_fetched_once_whatever_its_addresses(tmp_path: Path) -> None:
    """Four rows of two columns are one report: plain, counted, shared, and with a slash too many."""
    rows = [
        ("./202401/t20240115_1.html", trs_row(1)[1], "2024-01-15"),
        ("./202401/t20240115_1.html?spm=zm1.7", trs_row(1)[1], "2024-01-15"),
        ("./202401/t20240115_1.html?from=timeline", trs_row(1)[1], "2024-01-15"),
        ("./202401/t20240115_2.html?id=1", trs_row(2)[1], "2024-01-15"),
        ("./202401/t20240115_2.html?id=2", trs_row(3)[1], "2024-01-15"),
    ]
    also = [trs_row(9), ("../nb//202401/t20240115_1.html", *rows[0][1:])]
    pages = trs_site([1]) | trs_site([9], "/zj/") | {"/nb/": trs_list(rows), "/zj/": trs_list(also)}
    for path in ("?id=1", "?id=2"):
        pages["/nb/202401/t20240115_2.html" + path] = report_page(path)
    with Website(pages) as site:
        log = crawled(portal(site, ("/nb/", "/zj/")), tmp_path)
        again = crawled(portal(site, ("/nb/", "/zj/")), tmp_path, known=log.known())
    for one in (log, again):
        assert len([entry for entry in one.entries if "_1.html" in entry.address]) == 4
        assert [
            capture.address.rpartition("/")[2] for capture in one.captures if "_1.html" in capture.address
        ] == ["t20240115_1.html"]
        assert len([capture for capture in one.captures if "_2.html" in capture.address]) == 2
    assert log.finished.outcome is Outcome.COLLECTED
    assert again.finished.outcome is Outcome.UNCHANGED


def test_a_report_that_is_dead_by_one_address_is_had_by_another(tmp_path: Path) -> None:
    title = trs_row(1)[1]
    rows = [
        ("./202401/t20240115_1.html?from=timeline", title, "2024-01-15"),
        ("./202401/t20240115_1.html", title, "2024-01-15"),
    ]
    with Website({"/nb/": trs_list(rows), "/nb/202401/t20240115_1.html": report_page(title)}) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    assert log.columns["c1"].whole
    assert log.capture("timeline").problem == "gone"
    assert log.capture("_1.html").problem is None
    with Website({"/nb/": trs_list(rows)}) as site:
        neither = crawled(portal(site), tmp_path)
    assert neither.finished.outcome is Outcome.PARTIAL
    assert neither.columns["c1"].problem == "documents_failed:gone=1"


def test_a_report_that_came_back_under_another_address_is_not_taken_for_unlisted(tmp_path: Path) -> None:
    title = trs_row(1)[1]
    pages: dict[str, Answers] = {"/nb/": trs_list([("./202401/t20240115_1.html", title, "2024-01-15")])}
    pages |= {
        "/nb/202401/t20240115_1.html": report_page(title),
        "/nb/202401/t20240115_1.html?from=timeline": report_page(title),
    }
    with Website(pages) as site:
        first = crawled(portal(site), tmp_path)
        site.pages["/nb/"] = trs_list([("./202401/t20240115_1.html?from=timeline", title, "2024-01-15")])
        second = crawled(portal(site), tmp_path, known=first.known())
        del site.pages["/nb/202401/t20240115_1.html"]
        site.seen.clear()
        third = crawled(portal(site), tmp_path, known=second.known())
    assert [capture.address for capture in second.captures] == [
        site.address + "/nb/",
        site.address + "/nb/202401/t20240115_1.html",
    ]
    assert second.finished.outcome is Outcome.UNCHANGED
    assert third.capture("_1.html").problem == "gone"
    assert third.capture("timeline").problem is None
    assert third.finished.outcome is Outcome.UNCHANGED


AT = datetime(2026, 6, 10, 6, tzinfo=SHANGHAI)


def passes_without_news(root: Path, site: Website, first: Log, days: int, **how: Any) -> Log:
    """A pass so many days after AT, with what the register knows of the first."""
    since = AT - timedelta(days=how.pop("age", 60))
    known = {address: replace(document, checked_at=AT, since=since) for address, document in first.known().items()}
    listed = frozenset((entry.address, entry.digest) for entry in first.entries)
    clock = Clock.showing(AT + timedelta(days=days))
    return crawled(portal(site), root, clock=clock, known=known, **{"listed": listed, **how})


def test_old_reports_whose_rows_read_as_before_rest_and_are_asked_for_by_turn(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()
    with Website(trs_site([1, 2, 3, 4, 5, 6])) as site:
        first = crawled(portal(site), tmp_path)
        for day in range(1, 31):
            log = passes_without_news(tmp_path, site, first, day, chosen=options(recheck=Recheck(days=30)))
            assert log.finished.outcome is Outcome.UNCHANGED
            assert log.columns["c1"].whole
            assert len(log.entries) == 6
            turn = [capture.address for capture in log.captures if capture.role is CaptureRole.DOCUMENT]
            assert log.finished.counts.get("resting", 0) == 6 - len(turn)
            asked.update(set(turn) - set(asked))
        assert set(asked.values()) == {1}
        assert len(asked) == 6
        quiet = passes_without_news(tmp_path, site, first, 0)
        assert [capture.role for capture in quiet.captures] == [CaptureRole.LIST]


def split(site: Website) -> tuple[ColumnDefinition, ...]:
    """The column of the first pass under other ids: somebody split it by years."""
    return tuple(
        ColumnDefinition(id=f"nb{year}", name="年报", address=f"{site.address}/nb/{folder}", years=(year,))
        for year, folder in ((2023, ""), (2022, "2022/"))
    )


def test_a_report_of_a_column_with_another_id_now_is_looked_for_all_the_same(tmp_path: Path) -> None:
    pages = trs_site([1, 2]) | {"/nb/2022/": trs_list([trs_row(3)])}
    pages |= {"/nb/2022/202401/t20240115_3.html": report_page(trs_row(3)[1])}
    with Website(pages) as site:
        first = crawled(portal(site), tmp_path)
        # Its row and itself are gone in the very pass that reads the columns by their new ids.
        site.pages["/nb/"] = trs_list([trs_row(1)])
        del site.pages["/nb/202401/t20240115_2.html"]
        second = crawled(portal(site).model_copy(update={"columns": split(site)}), tmp_path, known=first.known())
    gone = second.capture("_2.html")
    assert (gone.problem, gone.column_id) == ("gone", "nb2023")
    assert {one.column_id: one.whole for one in second.columns.values()} == {"nb2023": True, "nb2022": True}


def test_what_was_known_by_a_column_that_is_no_more_does_not_rest(tmp_path: Path) -> None:
    with Website(trs_site([1, 2])) as site:
        first = crawled(portal(site), tmp_path)
        column = ColumnDefinition(id="moved", name="年报", address=site.address + "/nb/")
        clock, since = Clock.showing(AT), AT - timedelta(days=60)
        known = {address: replace(one, checked_at=AT, since=since) for address, one in first.known().items()}
        listed = frozenset((entry.address, entry.digest) for entry in first.entries)
        log = crawled(
            portal(site).model_copy(update={"columns": (column,)}),
            tmp_path,
            clock=clock,
            known=known,
            listed=listed,
        )
    assert {one.column_id for one in log.captures if one.role is CaptureRole.DOCUMENT} == {"moved"}


@pytest.mark.parametrize(
    ("how", "asked"),
    [
        ({}, 0),
        ({"full": True}, 2),
        ({"listed": frozenset()}, 2),
        ({"age": 3}, 2),
        ({"chosen": options(recheck=Recheck(days=0))}, 2),
    ],
    ids=["nothing new", "full", "other rows", "lately seen", "no rest"],
)
def test_what_does_not_rest(tmp_path: Path, how: dict[str, Any], asked: int) -> None:
    with Website(trs_site([1, 2])) as site:
        first = crawled(portal(site), tmp_path)
        log = passes_without_news(tmp_path, site, first, 0, **how)
    assert len([one for one in log.captures if one.role is CaptureRole.DOCUMENT]) == asked
