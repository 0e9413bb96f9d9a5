"""Logging in and out: who gets in, who has to wait, what cookies and forms must be like."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from starlette.routing import Mount, Route

from crawler.clock import SHANGHAI
from monitor.accounts.limits import OF_AN_ADDRESS, counted_as
from monitor.accounts.logging_in import verify
from monitor.accounts.roles import Right, Role
from monitor.accounts.scope import Scope
from monitor.accounts.users import NO_USER
from monitor.settings import Settings
from monitor.store import accounts
from monitor.store.database import Database
from monitor.store.tables import FailedLogIn
from monitor.web.application import routes
from monitor.web.handling import own_path
from tests.databases import opened_in
from tests.monitor.web.dashboard import PASSWORD, Visitor, add_user, dashboard, record_of, token_in, visitor

pytestmark = pytest.mark.both_databases
PUBLIC = {"log_in", "sign_on", "sign_on_back", "answer", "static", "healthz", "readyz", "metrics", "api"}
"""Routes that need no log-in; links in mails and the API have keys of their own."""


class Office:
    """A dashboard with one user of each role, and a clock that the test sets."""

    moment = datetime(2026, 1, 31, 9, 0, tzinfo=SHANGHAI)

    def __init__(self, database: Database) -> None:
        self.database = database
        self.address = ""

    def now(self) -> datetime:
        """The set moment."""
        return self.moment


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    database = opened_in(tmp_path)
    one = Office(database)
    for role in Role:
        add_user(database, role.value, role, at=one.moment)
    with dashboard(record_of(database, one.now, tmp_path / "portals", Settings())) as one.address:
        yield one
    database.close()


def test_nobody_sees_anything_without_logging_in(office: Office) -> None:
    stranger = Visitor(office.address)
    answer = stranger.get("/account?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/log-in?next=%2Faccount%3Fx%3D1"
    form = stranger.get(answer.headers["location"]).text
    assert 'name="next" value="/account?x=1"' in form
    let_in = stranger.client.post(
        "/log-in",
        data={"form_token": token_in(form), "name": "viewer", "password": PASSWORD, "next": "/account?x=1"},
    )
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/account?x=1")
    cookie = let_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "viewer" in stranger.get("/account").text


def test_every_route_is_public_by_name_or_asks_who_is_there() -> None:
    served = [route for route in routes() if isinstance(route, Route | Mount)]
    public = {route.path for route in served if route.name in PUBLIC}
    unguarded = [
        route.path
        for route in served
        if route.path not in public
        and not (isinstance(route, Route) and isinstance(getattr(route.endpoint, "right", None), Right))
    ]
    assert not unguarded
    assert len(served) == len(routes())


def test_wrong_names_and_passwords_get_the_same_answer(office: Office) -> None:
    answers = [Visitor(office.address).log_in(name, "wrong password") for name in ("viewer", "nobody")]
    assert [one.status_code for one in answers] == [401, 401]
    assert "用户名或密码不对" in answers[0].text
    assert (
        answers[0].text.replace("viewer", "nobody").partition("<form")[0] == answers[1].text.partition("<form")[0]
    )


def test_a_name_that_nobody_bears_is_kept_nowhere(office: Office) -> None:
    guest = Visitor(office.address)
    typed = "hunter2 is my password"
    statuses = [guest.log_in(typed, "x").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429], "no other answer than for a name that is there"
    assert Visitor(office.address).log_in("viewer", "wrong password").status_code == 401
    with office.database.reading() as session:
        told = [(one.who, one.what, one.subject) for one in accounts.audit_entries(session, Scope())]
        kept = set(session.scalars(select(FailedLogIn.name)))
    assert told == [("viewer", "log_in.failed", "viewer"), *[(NO_USER, "log_in.failed", NO_USER)] * 5]
    assert not any("hunter2" in one for one in kept)
    office.moment += timedelta(minutes=16)
    assert Visitor(office.address).log_in("officer").status_code == 303
    with office.database.reading() as session:
        assert session.scalars(select(FailedLogIn.name)).all() in ([], ["officer"]), "what counts no more is gone"


def test_after_five_failures_even_the_right_password_waits(office: Office) -> None:
    guest = Visitor(office.address)
    for _ in range(5):
        assert guest.log_in("officer", "wrong password").status_code == 401
    locked = guest.log_in("officer")
    assert locked.status_code == 429
    assert "09:15" in locked.text
    assert Visitor(office.address).log_in("viewer").status_code == 303, "others are let in"
    office.moment += timedelta(minutes=15)
    assert guest.log_in("officer").status_code == 303


def test_behind_a_proxy_each_visitor_has_an_own_address(office: Office, tmp_path: Path) -> None:
    def failures_from(address: str) -> int:
        with office.database.reading() as session:
            return len(accounts.failures(session, "x", address, office.moment - timedelta(minutes=1))[1])

    def try_from(served: str, told: str) -> None:
        guest = Visitor(served)
        guest.client.headers["X-Forwarded-For"] = told
        assert guest.log_in("somebody", "wrong password").status_code == 401

    try_from(office.address, "192.0.2.7")
    assert (failures_from("127.0.0.1"), failures_from("192.0.2.7")) == (1, 0), (
        "nobody says who they are themselves"
    )
    record = record_of(office.database, office.now, tmp_path / "portals", Settings())
    with dashboard(record, Settings().web.proxies) as behind:
        try_from(behind, "192.0.2.7")
        try_from(behind, "192.0.2.99, 192.0.2.7")
    assert (failures_from("127.0.0.1"), failures_from("192.0.2.7")) == (1, 2)
    assert failures_from("192.0.2.99") == 0, "what the visitor wrote before the proxy did"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_who_has_a_network_has_no_more_tries_than_who_has_an_address(address: str, counted: str) -> None:
    assert counted_as(address) == counted


def test_guesses_at_ones_own_password_lock_nobody_else(office: Office) -> None:
    with office.database.begin() as session:
        for number in range(OF_AN_ADDRESS):
            accounts.add_failure(session, f"user {number}", "", office.moment)
    assert verify(office.database, "viewer", PASSWORD, "", office.moment)[0].name == "viewer"


def test_what_no_database_keeps_fails_nowhere(office: Office) -> None:
    one = visitor(office.address, "administrator")
    assert "x\ufffdy" in one.get("/search?q=x%00y").text
    for path in (
        "/organs/x%00",
        "/alerts?rule=%00&county=%00",
        "/portals/x/runs/%00",
        "/administration/audit?who=%00",
    ):
        assert one.get(path).status_code in (200, 404), path


@pytest.mark.parametrize("proxies", [["proxy.example.org"], ["10.0.0.1/24"], ["*"], [""]])
def test_a_proxy_is_an_address_or_a_network(proxies: list[str]) -> None:
    with pytest.raises(ValidationError, match="网段"):
        Settings.model_validate({"web": {"proxies": proxies}})
    assert Settings.model_validate({"web": {"proxies": ["10.0.0.0/24"]}}).web.proxies == ["10.0.0.0/24"]


def test_a_session_ends_at_rest_by_log_out_and_when_the_user_is_closed(office: Office) -> None:
    one = visitor(office.address, "officer")
    office.moment += timedelta(hours=11)
    assert one.get("/account").status_code == 200
    office.moment += timedelta(hours=11)
    assert one.get("/account").status_code == 200, "it was used in between"
    assert one.post("/log-out").status_code == 303
    assert one.get("/account").status_code == 303
    one = visitor(office.address, "officer")
    with office.database.begin() as session:
        found = accounts.user_named(session, "officer")
        assert found
        accounts.change_user(session, found[0].id, closed_at=office.moment)
    assert one.get("/account").status_code == 303
    one = visitor(office.address, "viewer")
    office.moment += timedelta(hours=13)
    assert one.get("/account").status_code == 303


def test_made_up_and_foreign_cookies_are_nobodys(office: Office) -> None:
    one = visitor(office.address, "viewer")
    good = one.client.cookies["nianbao_session"]
    value, _, signature = good.rpartition(".")
    # The first character: of the last one two bits say nothing.
    other = ("B" if signature[0] == "A" else "A") + signature[1:]
    for bad in (f"{value}.{other}", value, "x", "x.y"):
        stranger = Visitor(office.address)
        stranger.client.cookies.set("nianbao_session", bad)
        assert stranger.get("/account").status_code == 303


def test_a_form_from_elsewhere_changes_nothing(office: Office) -> None:
    one, other = visitor(office.address, "viewer"), visitor(office.address, "officer")
    foreign = token_in(other.get("/account").text)
    for fields in ({}, {"form_token": "0" * 64}, {"form_token": foreign}):
        refused = one.client.post("/log-out", data=fields)
        assert refused.status_code == 403
        assert "什么都没有改动" in refused.text
    own = token_in(one.get("/account").text)
    from_elsewhere = one.client.post(
        "/log-out", data={"form_token": own}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert from_elsewhere.status_code == 403
    assert one.get("/account").status_code == 200


def test_who_sends_a_form_too_late_is_told_and_gets_back_what_they_wrote(office: Office) -> None:
    one = visitor(office.address, "officer")
    sent = {
        "form_token": token_in(one.get("/account").text),
        "note": "已电话联系</textarea><b>党政办",
        "step": "x",
    }
    office.moment += timedelta(hours=13)
    late = one.client.post("/alerts/7/steps", data=sent)
    assert late.status_code == 401
    assert "没有执行" in late.text
    assert "已电话联系&lt;/textarea&gt;&lt;b&gt;党政办" in late.text
    assert 'href="/log-in?next=/alerts/7"' in late.text.replace("%2F", "/")
    # Several at once, an administrator's, and what has no page of its own: the page above it.
    for address, page in (
        ("/alerts/steps", "/alerts"),
        ("/administration/users/3/close", "/administration/users/3"),
    ):
        assert f'href="/log-in?next={page}"' in one.client.post(address, data=sent).text.replace("%2F", "/")
    passwords = one.client.post("/account/password", data=sent | {"old": PASSWORD, "new": "又一个新的密码 1"})
    assert "又一个新的密码" not in passwords.text
    assert PASSWORD not in passwords.text
    # Without the cookie nobody else's words are shown as those of the reader.
    one.client.cookies.clear()
    assert "党政办" not in one.client.post("/alerts/7/steps", data=sent).text
    own = one.client.post("/alerts/7/steps", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert "党政办" in own.text
    # Logged in again in another tab, the form of the first one is old.
    again = visitor(office.address, "officer")
    old = again.client.post("/alerts/7/steps", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert old.status_code == 403
    assert "党政办" in old.text
    assert 'href="/alerts/7"' in old.text


def test_a_new_password_ends_the_other_sessions(office: Office) -> None:
    here, there = visitor(office.address, "viewer"), visitor(office.address, "viewer")
    new = "新的密码也够长 2027"
    wrong = here.post("/account/password", old="not the old one", new=new, again=new)
    assert "原来的密码不对" in wrong.text
    assert "不一样" in here.post("/account/password", old=PASSWORD, new=new, again=new + "x").text
    assert "至少要 12 个字符" in here.post("/account/password", old=PASSWORD, new="短", again="短").text
    assert here.post("/account/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert Visitor(office.address).log_in("viewer", new).status_code == 303


@pytest.mark.parametrize(
    "text",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/a\r\nSet-Cookie: x"],
)
def test_after_log_in_nobody_is_led_elsewhere(text: str) -> None:
    assert own_path(text) == "/"
    assert own_path("/organs/1?year=2023") == "/organs/1?year=2023"
