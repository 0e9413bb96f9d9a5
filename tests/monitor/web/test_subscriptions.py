"""Digests that users take by mail: what they hear of, at which addresses, and when they hear no more."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.access import subscriptions
from monitor.access.base import Access, NotFound
from monitor.access.subscriptions import WrongAddress
from monitor.accounts import managing
from monitor.accounts.managing import Manager
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.alerts.engine import reconcile
from monitor.alerts.sender import notify
from monitor.alerts.subscriptions import destinations, may_subscribe
from monitor.settings import MailSettings, Settings, WebSettings
from monitor.store import accounts, register
from tests.clocks import SetClock
from tests.monitor.alerts.receivers import Mailbox, mail_server
from tests.monitor.alerts.support import COUNTY, MORNING, TrialDatabase, conditions, missing
from tests.monitor.web.dashboard import SECRET, add_user, dashboard, record_of, visitor


class OwnClock(SetClock):
    """A clock that the test sets."""

    moment = MORNING


class Office:
    """A record with one missing report, a mail server, and a user who may see the county."""

    def __init__(self, folder: Path, port: int) -> None:
        self.database = TrialDatabase(folder)
        OwnClock.moment = MORNING
        self.clock = OwnClock()
        self.settings = Settings(
            mail=MailSettings(host="127.0.0.1", port=port, sender="n@example.org", subscribers=["office.example"]),
            web=WebSettings(address="http://nianbao.example.org", secret=SECRET),
        )
        add_user(self.database, "clerk", Role.VIEWER, COUNTY, at=MORNING)
        self.record = record_of(self.database, self.clock.now, folder / "portals", self.settings)
        with self.database.begin() as session:
            register.put_counties(session, {COUNTY: ("云县", None, None)})
            found = accounts.user_named(session, "clerk")
        assert found
        self.access = Access(self.record, "clerk", Role.VIEWER, Scope.of([COUNTY]), "zh", user_id=found[0].id)
        self.has_address("clerk@office.example")

    def has_address(self, address: str | None) -> None:
        """The clerk's address of mail."""
        assert self.access.user_id is not None
        with self.database.begin() as session:
            accounts.change_user(session, self.access.user_id, mail=address)

    def find_missing(self) -> None:
        """One report is missing, and whoever wants to hear of it is noted."""
        with self.database.begin() as session:
            wrong = list(conditions([missing()], [], [], MORNING))
            reconcile(session, wrong, OwnClock.moment, channels=destinations(session, self.settings))

    def deliver(self) -> None:
        """A day later, what is due is delivered."""
        OwnClock.moment += timedelta(days=1)
        notify(self.database, self.settings, self.clock)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Office, Mailbox]]:
    with mail_server() as box:
        one = Office(tmp_path, box.port)
        yield one, box
        one.database.close()


def test_who_subscribed_gets_the_countys_digest(office: tuple[Office, Mailbox]) -> None:
    one, box = office
    subscriptions.subscribe(one.access, COUNTY, "daily")
    one.find_missing()
    assert not box.mails
    one.deliver()
    assert [mail["To"] for mail in box.mails] == ["clerk@office.example"]
    one.deliver()
    assert len(box.mails) == 1


def test_a_digest_leads_to_the_pages_and_holds_no_key_to_take_alerts_up(office: tuple[Office, Mailbox]) -> None:
    one, box = office
    subscriptions.subscribe(one.access, COUNTY, "daily")
    one.find_missing()
    one.deliver()
    (mail,) = box.mails
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert "http://nianbao.example.org/alerts/1" in text
        assert "/answer/" not in text, (
            "whoever may only read takes nothing up, nor does anybody else by their mail"
        )


def test_who_unsubscribed_hears_no_more_not_even_of_what_waited(office: tuple[Office, Mailbox]) -> None:
    one, box = office
    subscriptions.subscribe(one.access, COUNTY, "daily")
    one.find_missing()
    subscriptions.unsubscribe(one.access, COUNTY)
    one.deliver()
    assert not box.mails
    assert not subscriptions.own(one.access)
    with pytest.raises(NotFound):
        subscriptions.unsubscribe(one.access, COUNTY)


def test_a_user_who_may_not_see_the_county_any_more_hears_nothing(office: tuple[Office, Mailbox]) -> None:
    one, _ = office
    subscriptions.subscribe(one.access, COUNTY, "daily")
    assert one.access.user_id is not None
    for change in ({"scope": Scope.of(["11"])}, {"scope": Scope(), "closed_at": MORNING}):
        with one.database.begin() as session:
            accounts.change_user(session, one.access.user_id, **change)
            assert destinations(session, one.settings) == []


def test_changing_a_subscription_leaves_one(office: tuple[Office, Mailbox]) -> None:
    one, _ = office
    for schedule in ("daily", "weekly"):
        subscriptions.subscribe(one.access, COUNTY, schedule)
    assert [found.schedule for found in subscriptions.own(one.access, COUNTY)] == ["weekly"]
    for county, schedule in (("110101", "daily"), (COUNTY, "hourly")):
        with pytest.raises(NotFound):
            subscriptions.subscribe(one.access, county, schedule)
    for address in (None, "clerk@elsewhere.example"):
        one.has_address(address)
        with pytest.raises(WrongAddress):
            subscriptions.subscribe(one.access, COUNTY, "daily")


def test_a_digest_goes_to_the_users_own_address_alone(office: tuple[Office, Mailbox]) -> None:
    one, box = office
    with dashboard(one.record) as address:
        clerk = visitor(address, "clerk")
        taken = clerk.post(
            f"/counties/{COUNTY}/subscription", address="colleague@office.example", schedule="daily"
        )
        assert taken.status_code == 303
    assert [found.address for found in subscriptions.own(one.access)] == ["clerk@office.example"]
    one.find_missing()
    one.has_address("clerk.new@office.example")
    one.deliver()
    assert not box.mails, "the old address may be somebody else's by now"
    assert not subscriptions.own(one.access)


def test_with_another_address_subscriptions_end_for_good(office: tuple[Office, Mailbox]) -> None:
    one, box = office
    subscriptions.subscribe(one.access, COUNTY, "daily")
    one.find_missing()
    for address in ("clerk@office.example", "clerk.new@office.example", "clerk@office.example"):
        with one.database.begin() as session:
            found = accounts.user_named(session, "clerk")
            assert found
            managing.set_mail(session, Manager("tester", Scope(), MORNING), found[0], address)
            assert len(destinations(session, one.settings)) == (address == found[0].mail)
    one.deliver()
    assert not box.mails


@pytest.mark.parametrize(
    "address",
    ["", "@office.example", "a@b@elsewhere.example", "a@office.example\r\nBcc: x@y.example", "a b@office.example"],
)
def test_what_is_no_address_of_ours_is_refused(address: str) -> None:
    settings = Settings(mail=MailSettings(subscribers=["office.example"]))
    assert not may_subscribe(settings, address)
    assert may_subscribe(settings, "a.b+c@Office.example")
    assert not may_subscribe(Settings(), "a@office.example")


def test_the_form_stands_on_the_page_of_the_county(office: tuple[Office, Mailbox]) -> None:
    one, _ = office
    with dashboard(one.record) as address:
        clerk, page = visitor(address, "clerk"), f"/counties/{COUNTY}"
        one.has_address("x@elsewhere.example")
        wrong = clerk.post(f"{page}/subscription", schedule="daily")
        assert wrong.status_code == 400
        assert "office.example" in wrong.text
        one.has_address(None)
        assert "请找管理员" in clerk.get(page).text
        assert "请找管理员" in clerk.post(f"{page}/subscription", schedule="daily").text
        one.has_address("clerk@office.example")
        assert "clerk@office.example" in clerk.get(page).text
        taken = clerk.post(f"{page}/subscription", schedule="daily")
        assert taken.status_code == 303
        assert "已记下" in clerk.get(taken.headers["location"]).text
        assert clerk.post("/counties/110101/subscription", schedule="daily").status_code == 404
