"""Portals whose list a script builds, crawled on this machine with the real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.outcomes import in_words
from crawler.records import CaptureRole, Outcome
from crawler.rendering.leftovers import folder_of_run
from crawler.sandbox.families.portals import family_site, served
from crawler.sandbox.families.scripted import TRAPS
from tests.browser import CHROMIUM
from tests.crawler.crawling import Log, assert_apart, crawled, options, portal
from tests.crawler.rendering.pages import FETCH, FILL, REASON, browsers_of, rows_of, shell, site_of
from tests.crawler.website import Answers, Reply, Seen, Website, report_page, trs_row

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed on this machine"),
]


def run(pages: dict[str, Answers], root: Path, **fields: Any) -> tuple[Log, Website]:
    """Crawl a column built by script."""
    with Website(pages) as site:
        given: dict[str, Any] = {"family": "generic", "render": REASON} | fields
        log = crawled(portal(site, **given), root)
        assert not browsers_of(log.finished.run_id), "the browser outlived its run"
        assert not folder_of_run(log.finished.run_id).exists()
        return log, site


def test_a_list_filled_by_script_is_read_as_the_browser_shows_it(tmp_path: Path) -> None:
    log, site = run(site_of(FETCH, [1, 2, 3]), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.COLLECTED, None)
    assert [entry.title for entry in log.entries] == [trs_row(number)[1] for number in (1, 2, 3)]
    page = log.capture("/nb/")
    assert page.rendered
    text = log.archive.get(page.sha256 or "").decode()
    assert trs_row(3)[1] in text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    documents = [capture for capture in log.captures if capture.role is CaptureRole.DOCUMENT]
    assert len(documents) == 3
    assert not any(capture.rendered for capture in documents)
    assert log.finished.counts["rendered"] == 1
    assert log.finished.counts["subrequests"] == 1
    agents = {seen.headers["user-agent"] for seen in site.seen if seen.path != "/robots.txt"}
    assert agents == {options().user_agent}


def test_without_the_flag_the_same_list_is_not_recognised(tmp_path: Path) -> None:
    log, _ = run(site_of(FETCH, [1, 2, 3]), tmp_path, render=None)
    assert log.finished.outcome is Outcome.LAYOUT_CHANGED


def test_rows_put_in_by_a_timer_are_waited_for(tmp_path: Path) -> None:
    late = FILL + "fetch('/api/rows').then(r => r.json()).then(rows => setTimeout(() => fill(rows), 1800));"
    log, _ = run(site_of(late, [1, 2]), tmp_path)
    assert len(log.entries) == 2
    assert log.finished.outcome is Outcome.COLLECTED


def test_rows_put_in_piece_by_piece_are_waited_for(tmp_path: Path) -> None:
    slow = FILL + (
        "const ask = new XMLHttpRequest(); ask.open('GET', '/api/rows'); ask.onload = () => {"
        "const rows = JSON.parse(ask.responseText), every = setInterval(() => "
        "{ fill(rows.splice(0, 1)); if (!rows.length) clearInterval(every); }, 300); }; ask.send();"
    )
    log, _ = run(site_of(slow, [1, 2, 3, 4, 5]), tmp_path)
    assert len(log.entries) == 5


def test_a_clock_that_never_rests_does_not_hold_up_the_page(tmp_path: Path) -> None:
    clock = (
        "setInterval(() => document.title = new Date(), 50);"
        "(function tick() { document.getElementById('t').textContent = "
        "String(new Date().getTime()); setTimeout(tick, 40); })();"
    )
    pages = site_of(FETCH, [1])
    pages["/nb/"] = shell(FETCH + clock, body="<b id='t'></b>")
    log, _ = run(pages, tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED


def test_data_that_do_not_come_are_never_an_empty_list(tmp_path: Path) -> None:
    """The page says 暂无数据 whenever its data fail: that must not count as proof."""
    answers = [
        (Reply(b"no", 500), Outcome.UNREACHABLE),
        (Reply(b"no", 403), Outcome.BLOCKED),
        (Reply(b"no", 404), Outcome.LAYOUT_CHANGED),
        (Reply(b'{"success": false, "msg": "busy"}', media_type="application/json"), Outcome.LAYOUT_CHANGED),
        (rows_of([]), Outcome.EMPTY_PROVEN),
    ]
    pages: dict[str, Answers] = {}
    for number, (answer, _) in enumerate(answers):
        pages[f"/{number}/"] = shell(FETCH.replace("/api/rows", f"/api/{number}"))
        pages[f"/api/{number}"] = answer
    log, _ = run(pages, tmp_path, columns=tuple(f"/{number}/" for number in range(5)))
    for number, (_, outcome) in enumerate(answers):
        assert "暂无数据" in log.archive.get(log.capture(f"/{number}/").sha256 or "").decode()
        assert log.columns[f"c{number + 1}"].outcome is outcome, number


def test_a_count_that_only_a_script_knows_and_words_that_no_reader_sees_prove_nothing(tmp_path: Path) -> None:
    hidden = "<p style='display:none'>暂无数据</p><div>加载中</div>"
    pages: dict[str, Answers] = {
        "/count/": shell("var totalCount = 0;"),
        "/hidden/": shell("1", body=hidden),
    }
    log, _ = run(pages, tmp_path, columns=("/count/", "/hidden/"))
    assert {column.outcome for column in log.columns.values()} == {Outcome.LAYOUT_CHANGED}


def test_rows_with_data_missing_are_partial(tmp_path: Path) -> None:
    more = FETCH + "fetch('/api/more').then(r => r.json()).then(fill, () => 0);"
    log, _ = run(site_of(more, [1, 2], **{"/api/more": Reply(b"no", 500)}), tmp_path)
    assert len(log.entries) == 2
    assert log.finished.outcome is Outcome.PARTIAL
    assert log.finished.problem == "pages_failed:incomplete=1"
    assert "数据不全" in in_words(log.finished.problem)


def test_what_lies_on_other_hosts_is_refused_and_told(tmp_path: Path) -> None:
    with Website({"/x.js": "alert(1)", "/x": "x"}) as other:
        script = FETCH + (
            f"fetch('{other.address}/x').catch(() => 0); fetch('http://169.254.169.254/latest/').catch(() => 0);"
            f"new WebSocket('ws://{other.host}/x'); window.open('{other.address}/x');"
            f"navigator.sendBeacon('{other.address}/x');"
        )
        pages = site_of(script, [1, 2])
        pages["/nb/"] = shell(
            script,
            f"<script src='{other.address}/x.js'></script><link rel=preconnect href='{other.address}'>",
            f"<iframe src='{other.address}/x'></iframe><img src='{other.address}/x'><img src='/p.png'>"
            f"<a href='{other.address}/x' target=_blank id=a></a><script>a.click()</script>",
        )
        log, site = run(pages, tmp_path)
        assert other.seen == []
    assert log.finished.outcome is Outcome.COLLECTED
    page = log.capture("/nb/")
    assert set(page.refused_hosts) == {other.host, "169.254.169.254"}
    assert log.finished.counts["subrequests_refused"] >= 5
    assert "/p.png" not in site.paths()


def test_a_sub_request_redirected_off_site_is_refused_at_the_hop(tmp_path: Path) -> None:
    with Website({"/rows": rows_of([1])}) as other:
        away = Reply(b"", 302, {"Location": f"{other.address}/rows"})
        log, _ = run(site_of(FETCH, [], **{"/api/rows": away}), tmp_path)
        assert other.seen == []
    assert not log.finished.outcome.whole
    assert log.capture("/nb/").refused_hosts


def test_a_page_that_leads_itself_off_site_is_off_site(tmp_path: Path) -> None:
    with Website({"/x": "x"}) as other:
        log, _ = run(site_of(f"location.href = '{other.address}/x'", []), tmp_path)
        assert other.seen == []
    assert (log.finished.outcome, log.finished.problem) == (Outcome.LAYOUT_CHANGED, "off_site")


def test_a_page_that_leads_itself_on_within_the_portal_is_followed(tmp_path: Path) -> None:
    pages = site_of(FETCH, [1, 2])
    pages["/go/"] = shell("location.replace('/old/')")
    pages["/old/"] = Reply(b"", 302, {"Location": "/nb/"})
    log, _ = run(pages, tmp_path, columns=("/go/",))
    assert log.finished.outcome is Outcome.COLLECTED
    assert log.capture("/go/").final_address.endswith("/nb/")
    assert len(log.entries) == 2


def test_robots_hold_for_what_scripts_ask_for(tmp_path: Path) -> None:
    robots = Reply(b"User-agent: *\nDisallow: /api/\n", media_type="text/plain")
    log, site = run(site_of(FETCH, [1], **{"/robots.txt": robots}), tmp_path)
    assert "/api/rows" not in site.paths()
    assert log.finished.outcome is Outcome.BLOCKED


def test_the_interval_holds_for_what_scripts_ask_for(tmp_path: Path) -> None:
    script = FETCH + "for (let i = 0; i < 4; i++) fetch('/api/rows?' + i);"
    extra = {f"/api/rows?{number}": rows_of([]) for number in range(4)}
    _, site = run(site_of(script, [1], **extra), tmp_path, request_interval=0.4)
    times = [seen.at for seen in site.seen]
    assert len(times) >= 7
    assert_apart(times, 0.4)


def test_a_challenge_is_told_and_its_script_is_never_run(tmp_path: Path) -> None:
    challenge = Reply(b"<html><script>document.cookie='__jsl_clearance=1';location.reload()</script></html>", 521)
    log, site = run(site_of(FETCH, [1], **{"/nb/": challenge}), tmp_path)
    assert log.finished.outcome is Outcome.BLOCKED
    assert site.paths().count("/nb/") == 1


def test_a_challenge_that_only_the_browser_shows_is_told(tmp_path: Path) -> None:
    shown = "document.body.innerHTML = '<h1>请完成安全验证</h1><p>拖动滑块完成验证码验证</p>'"
    log, _ = run(site_of(shown, []), tmp_path)
    assert log.finished.outcome is Outcome.BLOCKED, log.finished


def test_no_cookie_goes_out_and_none_comes_in(tmp_path: Path) -> None:
    def answer(seen: Seen) -> Reply:
        reply = rows_of([1])
        return Reply(reply.body, media_type=reply.media_type, headers={"Set-Cookie": "a=1; path=/"})

    script = "document.cookie = 'b=2; path=/';" + FETCH.replace("fetch('/api", "fetch('/api/one'); fetch('/api")
    _, site = run(site_of(script, [1], **{"/api/rows": answer, "/api/one": answer}), tmp_path)
    assert "/api/one" in site.paths()
    assert not [seen for seen in site.seen if "cookie" in seen.headers]


def test_report_pages_are_rendered_only_where_flagged(tmp_path: Path) -> None:
    filled = "fetch('/api/text').then(r => r.text()).then(t => document.body.innerHTML = t)"
    text = report_page(trs_row(1)[1])
    pages = site_of(FETCH, [1])
    pages["/nb/202401/t20240115_1.html"] = shell(filled)
    pages["/api/text"] = text
    log, _ = run(pages, tmp_path, render_reports="正文由脚本填写")
    document = log.capture("t20240115_1.html")
    assert document.rendered
    assert "本报告依据" in log.archive.get(document.sha256 or "").decode()
    pages["/api/text"] = Reply(b"no", 500)
    log, _ = run(pages, tmp_path / "failed", render_reports="正文由脚本填写")
    assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "documents_failed:incomplete=1")


def test_a_page_of_another_encoding_is_kept_as_utf_8(tmp_path: Path) -> None:
    page = shell(FETCH, "<meta charset=gb2312>").encode("gb18030")
    log, _ = run(site_of(FETCH, [1], **{"/nb/": Reply(page, media_type="text/html")}), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    assert "政府信息公开年报" in log.archive.get(log.capture("/nb/").sha256 or "").decode()


def test_a_script_that_never_ends_ends_the_page_not_the_run(tmp_path: Path) -> None:
    pages = site_of(FETCH, [1])
    pages["/busy/"] = shell("while (true) {}")
    with Website(pages) as site:
        definition = portal(site, ("/nb/", "/busy/"), family="generic", render=REASON)
        log = crawled(definition, tmp_path, options(page_seconds=3.0))
    assert log.columns["c1"].whole
    assert (log.columns["c2"].outcome, log.columns["c2"].problem) == (Outcome.LAYOUT_CHANGED, "unrendered")


def test_without_a_browser_the_run_says_what_to_install(tmp_path: Path) -> None:
    """In a process of its own, whose path leads to no browser."""
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.crawler.rendering.test_crawl import FETCH, run, site_of\n"
        "from crawler.outcomes import in_words\n"
        "if __name__ == '__main__':\n"
        "    log, site = run(site_of(FETCH, [1]), Path(sys.argv[1]))\n"
        "    print(log.finished.outcome, log.finished.problem, in_words(log.finished.problem), site.paths())\n"
    )
    main = tmp_path / "main.py"
    main.write_text(code)
    done = subprocess.run(
        [sys.executable, str(main), str(tmp_path / "captures")],
        env={**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("crashed no_browser ")
    assert "script/setup --browser" in done.stdout
    assert "chromium" in done.stdout
    assert done.stdout.strip().endswith("[]"), "nothing may be asked of a portal that cannot be seen"
    assert "Traceback" not in done.stderr


def test_a_portal_whose_pages_reach_for_the_house_collects_all_and_reaches_nothing(tmp_path: Path) -> None:
    with served(family_site("scripted", quirks={TRAPS})) as portal_served:
        log = crawled(portal_served.definition, tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED, log.finished
    lists = [capture for capture in log.captures if capture.role is CaptureRole.LIST]
    assert all(capture.rendered for capture in lists)
    for capture in lists:
        assert {"127.0.0.1:9", "169.254.169.254", "100.64.0.1", "other.example"} <= set(capture.refused_hosts)
    # Every column asks for the same script; it is fetched once.
    assert [seen.path for seen in portal_served.server.requests].count("/static/app.js") == 1
