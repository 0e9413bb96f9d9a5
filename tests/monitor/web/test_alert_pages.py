"""The inbox of alerts: who sees what, what staff do there, and what happens when two do it at once."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.alerts import listing
from monitor.alerts.conditions import AlertKind, Condition
from monitor.alerts.engine import reconcile
from monitor.alerts.from_standings import conditions
from monitor.alerts.sender import notify
from monitor.settings import NotifySettings, Settings
from monitor.store import accounts, deliveries
from monitor.store.tables import County
from tests.browser import chromium
from tests.clocks import SetClock
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
    webhook_channel,
)
from tests.monitor.web.dashboard import Visitor, add_user, dashboard, record_of, token_in, visitor

pytestmark = pytest.mark.both_databases
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ELSEWHERE = "888801"
SETTINGS = Settings(notify=NotifySettings(channels=[webhook_channel(), mail_channel()]))


class StillClock(SetClock):
    """A clock that stands."""

    moment = MORNING


class Office:
    """A dashboard over a record with alerts, a user of each role, and an officer of another county."""

    def __init__(self, database: TrialDatabase) -> None:
        self.database, self.address, self.moment = database, "", MORNING
        self._visitors: dict[str, Visitor] = {}
        self._hold: list[Condition] = []

    def now(self) -> datetime:
        """The set moment."""
        return self.moment

    def by(self, name: str) -> Visitor:
        """Somebody who is logged in, once for all tests."""
        if name not in self._visitors:
            self._visitors[name] = visitor(self.address, name)
        return self._visitors[name]

    def open(self, *more: Condition) -> list[int]:
        """Opens alerts and gives their numbers."""
        before = {alert.id for alert in self.database.alerts()}
        self._hold += more
        with self.database.begin() as session:
            reconcile(session, self._hold, self.moment, channels=SETTINGS.notify.channels)
        return [alert.id for alert in self.database.alerts() if alert.id not in before]

    def step(self, name: str, number: int, step: str, page: str | None = None, **fields: str) -> httpx2.Response:
        """Fills the form of an alert as somebody sees it, or as ``page`` (a text) has it."""
        text = page or self.by(name).get(f"/alerts/{number}").text
        seen = re.search(r'name="seen" value="(\d+)"', text)
        assert seen
        data = {"form_token": token_in(text), "seen": seen[1], "step": step, **fields}
        return self.by(name).client.post(f"/alerts/{number}/steps", data=data)

    def state(self, number: int) -> str:
        """How an alert stands."""
        return str(listing.show_alert(self.database, number)["state"])

    def last(self, number: int) -> tuple[str, str, str | None]:
        """What happened to an alert last, by whom, with which note."""
        step = listing.show_alert(self.database, number)["history"][-1]
        return step["what"], step["by"], step["note"]

    def audited(self, number: int) -> list[str]:
        """What the audit log says of an alert."""
        with self.database.reading() as session:
            entries = accounts.audit_entries(session, Scope())
        return [
            entry.what for entry in entries if entry.subject == str(number) and entry.what.startswith("alert.")
        ]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("alert_pages")
    database = TrialDatabase(folder)
    with database.begin() as session:
        session.add(County(code=ELSEWHERE, name="西岭县", prefecture="另市", province="另省"))
    one = Office(database)
    for role in Role:
        add_user(database, role.value, role, at=MORNING)
    for name, place in (("local", "9999"), ("elsewhere", ELSEWHERE)):
        add_user(database, name, Role.OFFICER, place, at=MORNING)
    with dashboard(record_of(database, one.now, folder / "portals", SETTINGS)) as one.address:
        yield one
    database.close()


def late(number: int, **known: object) -> Condition:
    """A condition that stands alone by its number."""
    return condition(number, **known)  # type: ignore[arg-type]


def numbers_in(text: str) -> list[int]:
    """The alerts that a list shows, in its order."""
    return [int(each) for each in re.findall(r'class="summary"><a href="/alerts/(\d+)"', text)]


def test_the_inbox_filters_by_everything_that_staff_ask(office: Office) -> None:
    ours = office.open(
        late(1),
        late(2, severity="error"),
        late(3, identity="x/3", county_code=ELSEWHERE, organ_code=None),
        late(4, identity="x/4", kind=AlertKind.INCONSISTENT, rule="T3-01"),
        late(5, identity="x/5", kind=AlertKind.STALE, county_code=None, organ_code=None, portal_id="dongling"),
    )
    first, error, far, wrong, stale = ours
    reader = office.by("viewer")

    def shown(query: str) -> set[int]:
        return set(numbers_in(reader.get(f"/alerts?{query}").text)) & set(ours)

    assert numbers_in(reader.get("/alerts").text)[0] == error, "errors first"
    assert shown("") == set(ours)
    assert shown("severity=error") == {error}
    assert shown("kind=inconsistent") == {wrong}
    assert shown("rule=t3") == {wrong}
    assert shown("year=2004") == {wrong}
    assert shown("audience=operator") == {stale}
    for county in (ELSEWHERE, "8888", "西岭县", "另市", "西岭"):
        assert shown(f"county={county}") == {far}
    assert "没有名为“乌有县”的地区" in reader.get("/alerts?county=乌有县").text
    assert shown("state=resolved") == set()
    assert "没有符合条件的提醒" in reader.get("/alerts?state=resolved&year=1999").text
    office.step("officer", first, "assigned", to="officer")
    assert set(numbers_in(office.by("officer").get("/alerts?assigned=me").text)) & set(ours) == {first}
    assert first not in shown("assigned=nobody")
    for odd in (
        "kind=x",
        "year=²²²²",
        "after=error-99999999999999999999",
        "state=x&after=x",
        "rule=%25&county=%00",
    ):
        assert reader.get(f"/alerts?{odd}").status_code == 200


def test_pages_follow_each_other_without_gap_or_repetition(office: Office) -> None:
    made = office.open(*(late(100 + n, identity=f"p/{n}", kind=AlertKind.SIMILAR) for n in range(120)))
    office.step("officer", made[7], "acknowledged")
    seen: list[int] = []
    address = "/alerts?kind=similar"
    for _ in range(3):
        text = office.by("viewer").get(address).text
        seen += numbers_in(text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == sorted(made, reverse=True)
    assert not address
    filtered = office.by("viewer").get("/alerts?kind=similar").text
    assert "<strong>119</strong>待处理" in filtered
    assert "<strong>1</strong>已接手" in filtered


def test_nobody_sees_or_touches_what_lies_outside_of_his_counties(office: Office) -> None:
    (here, operators) = office.open(
        late(200, identity="s/1"),
        late(201, identity="s/2", kind=AlertKind.PARSE_FAILED, portal_id="dongling"),
    )
    stranger, local = office.by("elsewhere"), office.by("local")
    assert set(numbers_in(stranger.get("/alerts?state=every").text)).isdisjoint({here, operators})
    assert here in numbers_in(local.get("/alerts").text)
    assert operators not in numbers_in(local.get("/alerts").text), "for those who see everything"
    assert numbers_in(local.get("/alerts?audience=operator&county=999901").text).count(operators) == 0
    for one, number in ((stranger, here), (stranger, operators), (local, operators), (local, 10**9)):
        assert one.get(f"/alerts/{number}").status_code == 404
        assert one.get(f"/evidence/{number}").status_code == 404
        assert one.post(f"/alerts/{number}/steps", step="resolved", note="x", seen="999999").status_code == 404
        many = one.post("/alerts/steps", step="resolved", note="x", seen="999999", alert=str(number))
        assert many.status_code == 404
    assert {office.state(here), office.state(operators)} == {"open"}
    assert local.get("/alerts/99999999999999999999").status_code == 404


def test_what_staff_do_on_the_page_is_what_the_command_does(office: Office) -> None:
    made = office.open(*(late(300 + n, identity=f"c/{n}") for n in range(4)))
    taken, muted, over, noted = made
    assert office.step("officer", taken, "acknowledged").status_code == 303
    assert office.last(taken) == ("acknowledged", "officer", "在网页上接手")
    assert office.step("local", muted, "muted", note="等回复", until="2024-02-09").status_code == 303
    assert listing.show_alert(office.database, muted)["muted_until"] == "2024-02-09T23:59:59+08:00"
    assert office.step("officer", over, "resolved", note="已在别处公布\r\n核对过").status_code == 303
    assert office.last(over) == ("resolved", "officer", "已在别处公布 核对过")
    told = [one for one in office.database.deliveries() if one.type == "alert.resolved"]
    assert [one.payload["data"]["id"] for one in told] == [over], "the webhook is told, so that tickets close"
    assert office.step("officer", noted, "noted", note="电话问过").status_code == 303
    assert (office.state(noted), office.last(noted)) == ("open", ("noted", "officer", "电话问过"))
    assert [office.audited(number) for number in made] == [
        ["alert.acknowledged"],
        ["alert.muted"],
        ["alert.resolved"],
        ["alert.noted"],
    ]


def test_what_cannot_be_done_is_said_in_one_line_and_not_done(office: Office) -> None:
    (number,) = office.open(late(400, identity="i/1"))
    for fields, said in (
        ({"step": "muted", "until": "2024-02-09"}, "请写明理由"),
        ({"step": "resolved", "note": " "}, "请写明理由"),
        ({"step": "muted", "note": "x", "until": "明天"}, "静音的日期看不懂"),
        ({"step": "opened", "note": "x"}, "没有看懂要做什么"),
    ):
        answer = office.step("officer", number, **fields)
        assert (answer.status_code, office.state(number)) == (400, "open")
        assert said in answer.text
    long = office.step("officer", number, "noted", note="请核对附件。" * 100)
    assert (long.status_code, "最多 500 个字，现在有 600 个" in long.text) == (400, True)
    assert "请核对附件。" * 100 in long.text, "what was written is lost"
    past = office.step("officer", number, "muted", note="x", until="2024-02-02")
    assert past.status_code == 409
    assert "静音的截止时间已过" in past.text
    for who in ("viewer", "elsewhere", "nobody"):
        wrong = office.step("officer", number, "assigned", to=who)
        assert f"{who} 没有这个账户，或者不能经办这条提醒" in wrong.text
    page = office.by("officer").get(f"/alerts/{number}").text
    office.step("officer", number, "resolved", note="好了")
    again = office.step("officer", number, "acknowledged", page=page)
    assert "处理过（已解决：好了）" in again.text
    seen = re.search(r'name="seen" value="(\d+)"', again.text)
    assert seen
    now = office.by("officer").post(f"/alerts/{number}/steps", step="acknowledged", seen=seen[1])
    assert "这条提醒已经解决，无需再处理" in now.text
    assert office.last(number)[0] == "resolved"


def test_viewers_read_and_do_nothing(office: Office) -> None:
    (number,) = office.open(late(500, identity="v/1", report_year=2023))
    viewer = office.by("viewer")
    page = viewer.get(f"/alerts/{number}")
    assert page.status_code == 200
    assert f'href="/evidence/{number}?pictures=no"' in page.text
    assert viewer.get(f"/evidence/{number}?pictures=no").headers["content-type"] == "application/zip"
    assert "/steps" not in page.text
    for path in (f"/alerts/{number}/steps", "/alerts/steps"):
        assert viewer.post(path, step="acknowledged", alert=str(number)).status_code == 403
    assert (
        office.by("officer").client.post(f"/alerts/{number}/steps", data={"step": "acknowledged"}).status_code
        == 403
    )
    assert office.state(number) == "open"


def test_the_second_of_two_is_told_what_the_first_did(office: Office) -> None:
    one, other = office.open(late(600, identity="t/1"), late(601, identity="t/2"))
    early = office.by("local").get(f"/alerts/{one}").text
    many = office.by("local").get("/alerts").text
    office.moment += timedelta(minutes=5)
    office.step("officer", one, "acknowledged", note="我来")
    late_step = office.step("local", one, "muted", page=early, note="先放着", until="2024-03-01")
    office.moment = MORNING
    assert late_step.status_code == 409
    assert "officer已于 2024年2月3日 09:05 处理过（已接手：我来）；您的操作没有执行" in late_step.text
    assert 'value="先放着"' in late_step.text, "what was typed is still there"
    assert office.state(one) == "acknowledged"
    noted = office.step("local", one, "noted", page=early, note="补充一句")
    assert noted.status_code == 303, "a note takes nothing away from anybody"

    seen = re.search(r'name="seen" value="(\d+)"', many)
    assert seen
    data = {"form_token": token_in(many), "seen": seen[1], "step": "acknowledged"}
    both = office.by("local").client.post("/alerts/steps", data={**data, "alert": [str(one), str(other)]})
    assert both.status_code == 409
    assert "1 条：已接手" in both.text
    assert f'<a href="/alerts/{one}">' in both.text
    assert (office.last(other)[:2], office.state(one)) == (("acknowledged", "local"), "acknowledged")
    again = office.step("local", one, "muted", page=late_step.text, note="先放着", until="2024-03-01")
    assert (again.status_code, office.state(one)) == (303, "muted"), "who has seen it may go on"


def test_many_at_once(office: Office) -> None:
    made = office.open(*(late(700 + n, identity=f"m/{n}") for n in range(3)))
    officer = office.by("officer")
    text = officer.get("/alerts").text
    seen = re.search(r'name="seen" value="(\d+)"', text)
    assert seen
    data = {"form_token": token_in(text), "seen": seen[1], "back": "severity=warning&state=open"}
    none = officer.client.post("/alerts/steps", data={**data, "step": "acknowledged"})
    assert "还没有选中任何提醒" in none.text
    numbers = [str(number) for number in made]
    # What was filled in stands there again where it could not be done: the ticks, the day, the sentence.
    wrong = {"step": "muted", "until": "2024-02-29", "to": "local", "alert": numbers[:2]}
    refused = officer.client.post("/alerts/steps", data={**data, **wrong}).text
    assert "请写明理由" in refused
    assert re.findall(r'name="alert" value="(\d+)" checked', refused) == sorted(numbers[:2], key=refused.index)
    assert 'value="2024-02-29"' in refused
    assert "<option selected>local" in refused
    unseen = officer.client.post("/alerts/steps", data={**data, "step": "noted", "note": "周五前核对"}).text
    assert 'value="周五前核对"' in unseen
    done = officer.client.post("/alerts/steps", data={**data, "step": "assigned", "to": "local", "alert": numbers})
    assert done.headers["location"] == "/alerts?state=open&severity=warning&done=3&step=assigned"
    assert "3 条：指定经办人，已记下" in officer.get(done.headers["location"]).text
    mine = numbers_in(office.by("local").get("/alerts?assigned=me").text)
    assert set(made) <= set(mine)
    assert "→ local" in officer.get(f"/alerts/{made[0]}").text


def test_the_page_tells_of_every_message_and_of_no_address(office: Office) -> None:
    with office.database.begin() as session:
        for earlier, _ in deliveries.due_ids(session, MORNING + timedelta(days=1)):
            deliveries.mark_sent(session, earlier, MORNING)
    (number,) = office.open(late(800, identity="d/1"))
    notify(office.database, SETTINGS, StillClock())
    page = office.by("officer").get(f"/alerts/{number}").text
    told = page.partition('id="told"')[2]
    assert ">hook<" in told
    assert ">staff<" in told
    assert told.count("投递 1 次未成，还会再试") == 2, "nobody listens at the other end"
    for secret in ("staff@office.example", "whsec_", "127.0.0.1"):
        assert secret not in page


def test_hostile_text_stays_text(office: Office) -> None:
    hostile = version(
        matter(finding(quote=HOSTILE, values={"column": HOSTILE, "left": 1, "right": 2})),
        address="javascript:alert(3)",
        title=HOSTILE,
    )
    made = office.open(*conditions([missing(OTHER_TOWN)], [hostile], MORNING))
    for number in made:
        office.step("officer", number, "noted", note=HOSTILE)
        page = office.by("officer").get(f"/alerts/{number}").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in office.by("officer").get("/alerts").text


def test_in_a_browser_by_keyboard_on_any_screen(office: Office, tmp_path: Path) -> None:
    (number,) = office.open(late(900, identity="b/1", severity="error"))
    said: list[str] = []
    asked: set[str] = set()
    with chromium() as browser:
        for language, width in (("zh-CN", 390), ("en", 1440)):
            context = browser.new_context(locale=language, viewport={"width": width, "height": 900})
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text))
            page.on("request", lambda request: asked.add(httpx2.URL(request.url).host))
            cookies = office.by("officer").client.cookies
            context.add_cookies(
                [
                    {"name": name, "value": value, "url": office.address}
                    for name, value in cookies.items()
                    if value is not None
                ]
            )
            page.goto(f"{office.address}/alerts")
            page.select_option("#severity", "error")
            page.wait_for_url("**severity=error**")
            page.wait_for_function("document.querySelectorAll('.inbox .card:not(.error)').length === 0")
            assert page.locator(f'.inbox a[href="/alerts/{number}"]').count() == 1
            assert page.locator("#kind").is_visible(), "only the list is exchanged"
            page.check("[data-ticks-all] input")
            every = page.locator('.inbox input[name="alert"]')
            assert page.locator('.inbox input[name="alert"]:checked').count() == every.count() > 0
            # On paper stands the list, without what only a screen can do; a long matter begins below its heading.
            page.emulate_media(media="print")
            assert page.locator(f'.inbox a[href="/alerts/{number}"]').is_visible()
            assert not any(
                page.locator(what).first.is_visible() for what in (".filters", ".steps", ".tick", "button")
            )
            page.goto(f"{office.address}/alerts/{number}")
            assert page.evaluate("getComputedStyle(document.querySelector('article.card')).breakInside") == "auto"
            context.close()
    assert not said
    assert asked == {"127.0.0.1"}
