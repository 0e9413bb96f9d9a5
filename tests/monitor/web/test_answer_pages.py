"""The page behind a link in a mail: opening it changes nothing, its button takes matters up, old links say so."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from monitor.access.base import KnownPortals, Record
from monitor.alerts import listing
from monitor.alerts.engine import reconcile
from monitor.alerts.from_standings import conditions
from monitor.alerts.links import PATH, Expired, Invitation, NotOurs, links_for, read_token, secret_of, token_of
from monitor.alerts.sender import notify
from monitor.settings import MailSettings, NotifySettings, Settings, WebSettings
from monitor.store.database import StoreError
from monitor.web.application import HEADERS, make_application
from monitor.web.rendering import preferred_language
from monitor.web.server import WebError, serving
from tests.browser import chromium
from tests.clocks import SetClock
from tests.monitor.alerts.receivers import mail_server
from tests.monitor.alerts.support import (
    MORNING,
    OTHER_TOWN,
    TrialDatabase,
    condition,
    finding,
    mail_channel,
    matter,
    missing,
    version,
)

SECRET = "0123456789abcdef0123456789abcdef"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


class StillClock(SetClock):
    """A clock that stands until it is moved."""

    moment = MORNING


class Site:
    """The pages served on loopback over a record with alerts of all sorts."""

    def __init__(self, folder: Path, address: str, database: TrialDatabase) -> None:
        self.folder, self.address, self.database = folder, address, database

    def link(self, *alert_ids: int, recipients: tuple[str, ...] = ("clerk@office.example",)) -> str:
        """The link of a mail about these alerts, as the mail makes it."""
        settings = Settings(web=WebSettings(address=self.address, secret=SECRET))
        link = links_for(settings, mail_channel(to=list(recipients)), MORNING)
        assert link
        assert link.answer
        return link.answer(alert_ids)

    def states(self) -> list[str]:
        """The states of all alerts."""
        return [alert.state for alert in self.database.alerts()]

    def last_step(self, alert_id: int) -> dict[str, Any]:
        """What happened to an alert last."""
        step: dict[str, Any] = listing.show_alert(self.database, alert_id)["history"][-1]
        return step


def open_matters(database: TrialDatabase, *extra: Any) -> None:
    """Two matters and a hostile one."""
    hostile = version(
        matter(finding(quote=HOSTILE, values={"column": HOSTILE, "left": 1, "right": 2})),
        address="javascript:alert(3)",
        title=HOSTILE,
    )
    wrong = list(conditions([missing(OTHER_TOWN)], [hostile], MORNING))
    with database.begin() as session:
        reconcile(session, [*wrong, condition(3), *extra], MORNING)


def record_of(database: TrialDatabase) -> Record:
    """What the pages work with."""
    return Record(database, Settings(), StillClock().now, SECRET, KnownPortals(Path("no such folder")))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    StillClock.moment = MORNING
    database = TrialDatabase(tmp_path)
    open_matters(database)
    with serving(make_application(record_of(database)), "127.0.0.1", 0) as address:
        yield Site(tmp_path, address.rstrip("/"), database)


def get(address: str, **headers: str) -> httpx2.Response:
    return httpx2.get(address, headers={"Accept-Language": "zh-CN", **headers}, follow_redirects=False)


def post(address: str, **fields: str) -> httpx2.Response:
    return httpx2.post(address, data=fields, headers={"Accept-Language": "zh-CN"}, follow_redirects=False)


@pytest.mark.both_databases
def test_opening_changes_nothing_and_the_button_takes_up_once(site: Site) -> None:
    link = site.link(1, 2)
    before = site.states(), site.database.events()
    for _ in range(3):
        assert httpx2.head(link).status_code == 200
        shown = get(link)
        assert shown.status_code == 200
    assert (site.states(), site.database.events()) == before, "programs that follow links must do no harm"
    assert "确认接手 2 项" in shown.text
    assert "clerk@office.example" in shown.text

    taken = post(link, note="正在联系该镇\r\n办公室")
    assert taken.status_code == 303
    assert site.states()[:2] == ["acknowledged", "acknowledged"]
    assert site.states()[2] == "open", "only what the mail was about"
    step = site.last_step(1)
    assert (step["what"], step["by"], step["note"]) == (
        "acknowledged",
        "clerk@office.example",
        "正在联系该镇 办公室",
    )

    after = get(str(httpx2.URL(link).join(taken.headers["location"])))
    assert "已经记下" in after.text
    assert "已由 clerk@office.example 于 2024年2月3日 09:00 接手" in after.text
    assert "<form" not in after.text
    events = site.database.events()
    assert post(link).status_code == 303
    assert site.database.events() == events, "used up: doing it again changes nothing"


def test_a_note_that_is_too_long_is_told_and_not_cut(site: Site) -> None:
    link = site.link(1, recipients=("a@office.example", "b@office.example"))
    answer = post(link, name="甲", note="<i>正在联系</i>" * 60)
    assert (answer.status_code, "最多 500 个字，现在有 660 个" in answer.text) == (400, True)
    assert "&lt;i&gt;正在联系&lt;/i&gt;" * 60 in answer.text
    assert 'value="甲"' in answer.text
    assert site.states()[0] == "open"


def test_where_an_address_is_shared_the_person_is_named(site: Site) -> None:
    link = site.link(3, recipients=("a@office.example", "b@office.example"))
    assert "您的姓名" in get(link).text
    assert post(link, name=" 王 \u0000小明 " + "x" * 100).status_code == 303
    assert site.last_step(3)["by"].startswith("staff（王 小明 xxx")
    assert len(site.last_step(3)["by"]) < 60
    assert site.last_step(3)["note"] == "通过邮件中的链接接手"


@pytest.mark.parametrize(
    ("spoil", "status", "said"),
    [
        (lambda link: link[:-4], 404, "链接无效"),
        (lambda link: link + "x", 404, "链接无效"),
        (lambda link: link.replace(PATH, f"{PATH}e30."), 404, "链接无效"),
        (lambda link: link.rpartition("/")[0] + "/%00%ff", 404, "链接无效"),
        (lambda link: link.rpartition("/")[0], 404, "没有这个页面"),
        (lambda link: link.replace(PATH, "/nothing/"), 404, "没有这个页面"),
        (lambda link: link + "/", 404, "没有这个页面"),
    ],
)
def test_a_spoilt_link_is_told_in_words(site: Site, spoil: Any, status: int, said: str) -> None:
    address = spoil(site.link(1))
    for answer in (get(address), post(address)):
        assert answer.status_code in (status, 405)
    assert said in get(address).text
    assert site.states() == ["open"] * 3


def test_a_link_of_another_secret_is_refused(site: Site) -> None:
    invitation = Invitation((1,), "staff", "x@y.example", MORNING, MORNING + timedelta(days=3))
    address = f"{site.address}{PATH}{token_of(invitation, 'f' * 32)}"
    assert get(address).status_code == 404
    assert post(address).status_code == 404
    assert site.states()[0] == "open"


def test_an_expired_link_says_so_and_does_nothing(site: Site) -> None:
    link = site.link(1)
    StillClock.moment = MORNING + timedelta(days=30)
    answer = get(link)
    assert answer.status_code == 410
    assert "链接已过期" in answer.text
    assert post(link).status_code == 410
    assert site.states()[0] == "open"


@pytest.mark.both_databases
def test_what_was_resolved_or_muted_in_between_stays_so(site: Site) -> None:
    listing.resolve(site.database, 1, note="已补发", by="chief", at=MORNING)
    listing.mute(site.database, 2, until=None, note="开会", by="chief", at=MORNING)
    text = get(site.link(1, 2)).text
    assert "已于 2024年2月3日 09:00 解决" in text
    assert "已由 chief 于 2024年2月3日 09:00 静音" in text
    assert "没有需要接手的了" in text
    post(site.link(1, 2))
    assert site.states() == ["resolved", "muted", "open"]


@pytest.mark.both_databases
def test_a_matter_that_came_back_is_taken_up_by_the_later_mail_only(site: Site) -> None:
    link = site.link(1)
    for days, extra in ((1, []), (2, [condition(3)])):
        with site.database.begin() as session:
            found = [] if days == 1 else list(conditions([missing(OTHER_TOWN)], [], MORNING))
            reconcile(session, [*found, *extra], MORNING + timedelta(days=days))
    came_back = next(alert.id for alert in site.database.alerts() if alert.kind == "missing")
    link = site.link(came_back)
    StillClock.moment = MORNING + timedelta(days=2)
    assert "再次出现" in get(link).text
    post(link)
    assert site.last_step(came_back)["what"] == "reopened"


def test_from_the_mail_to_the_history(site: Site) -> None:
    with mail_server() as mailbox:
        channel = mail_channel(to=["clerk@office.example"])
        configured = Settings(
            notify=NotifySettings(channels=[channel]),
            mail=MailSettings(sender="n@office.example", host="127.0.0.1", port=mailbox.port, seconds=5),
            web=WebSettings(address=site.address, secret=SECRET),
        )
        with site.database.begin() as session:
            reconcile(session, [condition(3), condition(7)], MORNING, channels=[channel])
        assert notify(site.database, configured, StillClock()).sent == 1
        (mail,) = mailbox.mails
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    pages = [f"{site.address}/alerts/{alert.id}" for alert in site.database.alerts() if alert.report_year == 2007]
    assert all(page in text for page in pages), "for who has an account"
    assert get(pages[0]).headers["location"].startswith("/log-in?next=")
    html = mail.get_body(("html",))
    assert html is not None
    assert f'href="{pages[0]}"' in html.get_content()
    links = re.findall(rf"{site.address}{PATH}\S+", text)
    assert links
    assert post(links[0]).status_code == 303
    taken = [alert.id for alert in site.database.alerts() if alert.state == "acknowledged"]
    assert len(taken) == 1
    assert site.last_step(taken[0])["by"] == "clerk@office.example"


def test_what_stands_in_the_address_is_escaped(site: Site) -> None:
    answer = get(site.link(1) + '?x="><script>alert(1)</script>&language="><b>&done=1')
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "<b>" not in answer.text


def test_alerts_that_are_gone_are_told(site: Site) -> None:
    answer = get(site.link(4711))
    assert answer.status_code == 410
    assert "已不在记录中" in answer.text


def test_every_answer_has_strict_headers(site: Site) -> None:
    for address in (site.link(1), site.address, site.address + "/nothing", site.address + "/static/nianbao.css"):
        headers = get(address).headers
        for name, value in HEADERS.items():
            if not (name == "Cache-Control" and "static" in address):
                assert headers[name] == value, (address, name)
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "server" not in headers


def test_text_of_portals_is_escaped(site: Site) -> None:
    text = get(site.link(1, 2, 3)).text
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text
    assert "javascript:" not in text


def test_a_form_too_large_is_refused(site: Site) -> None:
    assert post(site.link(1), note="x" * 20_000).status_code == 413
    assert site.states()[0] == "open"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(site: Site, method: str) -> None:
    assert httpx2.request(method, site.link(1)).status_code == 405


def test_the_language_is_the_reader_s(site: Site) -> None:
    link = site.link(1)
    english = get(link, **{"Accept-Language": "fr, en-GB;q=0.8, zh;q=0.2"}).text
    assert '<html lang="en">' in english
    assert "Confirm" in english
    assert '<html lang="zh-CN">' in get(link, **{"Accept-Language": "fr"}).text
    assert '<html lang="en">' in get(f"{link}?language=en").text
    taken = httpx2.post(f"{link}?language=en", follow_redirects=True)
    assert '<html lang="en">' in taken.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", None),
        ("fr-FR,fr;q=0.9", None),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("en;q=0.1,zh;q=0.7", "zh"),
        ("en;q=many,zh;q=0.1", "zh"),
        (";;;,=,q=1", None),
    ],
)
def test_the_header_of_languages(header: str, language: str | None) -> None:
    assert preferred_language(header) == language


@pytest.mark.parametrize(("problem", "status"), [(StoreError("locked"), 503), (RuntimeError("oh"), 500)])
def test_when_it_goes_wrong_that_is_said_and_nothing_of_the_link_is_logged(
    site: Site,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    status: int,
) -> None:
    def broken() -> None:
        raise problem

    caplog.set_level(logging.DEBUG)
    link = site.link(1)
    monkeypatch.setattr(site.database, "reading", broken)
    answer = get(link)
    assert answer.status_code == status
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert str(problem) not in answer.text
    assert str(problem) in caplog.text
    own = [record for record in caplog.records if not record.name.startswith(("httpx2", "httpcore2"))]
    logged = "\n".join(logging.Formatter().format(record) for record in own)
    assert link.rpartition("/")[2] not in logged
    assert SECRET not in logged


def test_a_taken_port_is_one_readable_line(site: Site) -> None:
    port = int(site.address.rpartition(":")[2])
    with pytest.raises(WebError, match=str(port)), serving(make_application_of(site), "127.0.0.1", port):
        pass


def make_application_of(site: Site) -> Any:
    return make_application(record_of(site.database))


def test_tokens_are_read_back_and_time_is_ours() -> None:
    invitation = Invitation((5, 6), "办公室", "a@b.example", MORNING, MORNING + timedelta(hours=1))
    token = token_of(invitation, SECRET)
    assert read_token(token, SECRET, MORNING) == invitation
    with pytest.raises(Expired):
        read_token(token, SECRET, MORNING + timedelta(hours=1))
    for wrong in ("", ".", "a.b", token[1:], token.swapcase(), "é" * 50):
        with pytest.raises(NotOurs):
            read_token(wrong, SECRET, MORNING)


def test_the_secret_is_made_at_first_use_for_the_owner_alone(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"folder": tmp_path})
    made = secret_of(settings)
    file = tmp_path / "var" / "web-secret"
    assert file.stat().st_mode & 0o777 == 0o600
    assert secret_of(settings) == made
    assert [path.name for path in file.parent.iterdir()] == ["web-secret"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_a_person_takes_matters_up_in_a_browser(site: Site, width: int) -> None:
    with chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
        page = context.new_page()
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(site.link(1, 2))
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "English"
        page.get_by_label("说明").fill("正在核实")
        page.get_by_role("button", name="确认接手 2 项").click()
        page.get_by_role("status").wait_for()
        assert site.states()[:2] == ["acknowledged", "acknowledged"]
        page.reload()
        assert page.get_by_role("button").count() == 0
        assert complaints == []
        assert all(address.startswith(site.address) for address in asked)
