"""Single sign-on against a provider on loopback: who gets in, what nobody believes, what stays when it is down."""

import asyncio
import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from pydantic import ValidationError

from crawler.clock import SHANGHAI
from monitor.access.base import Record
from monitor.accounts import managing, tokens
from monitor.accounts.logging_in import ATTEMPT_LASTS
from monitor.accounts.managing import Manager
from monitor.accounts.provider import AGAIN_SECONDS, Published
from monitor.accounts.provider import Provider as Client
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.accounts.sign_on import Attempt, NotBelieved, Unreachable, attempt_in, name_in
from monitor.accounts.users import NO_USER
from monitor.settings import Settings, SignOnSettings, load_settings
from monitor.store import accounts
from monitor.store.database import Database
from tests.databases import opened_in
from tests.monitor.web.dashboard import SECRET, Visitor, add_user, dashboard, record_of
from tests.monitor.web.provider import CLIENT, CLIENT_SECRET, OTHER_KEY, Provider, provider, shared_secret

pytestmark = pytest.mark.both_databases
OWN = "http://nianbao.example.org"
LONG = base64.urlsafe_b64encode(random.Random(1).randbytes(3000)).decode()
MORNING = datetime(2026, 1, 31, 9, 0, tzinfo=SHANGHAI)


@dataclass
class Office:
    """A dashboard with single sign-on, its provider, and a clock that the test sets."""

    database: Database
    provider: Provider
    record: Record
    address: str = ""
    moment: list[datetime] = field(default_factory=lambda: [MORNING])

    def entries(self) -> list[tuple[str, str, Any]]:
        """The log of changes, the newest first."""
        with self.database.reading() as session:
            return [(one.what, one.subject, dict(one.values)) for one in accounts.audit_entries(session, Scope())]

    def forget(self) -> None:
        """Nobody failed to log in, and nobody is bound to somebody at the provider."""
        with self.database.begin() as session:
            accounts.forget_failures(session, "", self.moment[0] + timedelta(seconds=1))
            for user in accounts.users(session, closed=True):
                accounts.change_user(session, user.id, sign_on_subject=None, closed_at=None)


@pytest.fixture(scope="module")
def served(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    database = opened_in(folder)
    moment = [MORNING]
    for role in Role:
        add_user(database, role.value, role, at=MORNING)
    with provider(lambda: moment[0]) as one:
        sign_on = {
            "issuer": one.address,
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "label": "东岭统一登录",
            "allow_private_addresses": True,
        }
        settings = Settings.model_validate({"web": {"address": OWN}, "sign_on": sign_on})
        record = record_of(database, lambda: moment[0], folder / "portals", settings)
        with dashboard(record) as address:
            yield Office(database, one, record, address, moment)
    database.close()


@pytest.fixture
def office(served: Office) -> Office:
    served.provider.as_at_first()
    served.moment[0] = MORNING
    served.forget()
    return served


def sent_back(office: Office, guest: Visitor, path: str = "/sign-on?next=%2Faccount") -> str:
    """Through the provider: the path by which it sends the browser back."""
    to_provider = guest.get(path)
    assert to_provider.status_code == 303, to_provider.text
    back = httpx2.get(to_provider.headers["location"], follow_redirects=False).headers["location"]
    assert back.startswith(office.record.settings.web.address + "/sign-on/back?")
    return str(back.removeprefix(office.record.settings.web.address))


def is_in(guest: Visitor) -> bool:
    """Whether somebody is logged in."""
    return guest.get("/account").status_code == 200


def test_whom_the_provider_vouches_for_gets_in(office: Office) -> None:
    guest = Visitor(office.address)
    assert "东岭统一登录" in guest.get("/log-in?next=%2Faccount").text
    assert 'href="/sign-on?next=/account"' in guest.get("/log-in?next=%2Faccount").text
    let_in = guest.get(sent_back(office, guest))
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/account")
    cookies = let_in.headers.get_list("set-cookie")
    session = next(one for one in cookies if one.startswith("nianbao_session="))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert any(one.startswith('nianbao_sign_on=""') for one in cookies), "the way back is used up"
    assert "viewer" in guest.get("/account").text
    assert office.entries()[0] == ("log_in", "viewer", {"how": "sign_on"})
    assert guest.post("/log-out").status_code == 303
    assert not is_in(guest)
    assert office.provider.asked.count("discovery") <= 1, "what it publishes is kept"


LIES: dict[str, dict[str, Any]] = {
    "nonce": {"lie": {"nonce": "another"}},
    "no nonce": {"lie": {"nonce": None}},
    "audience": {"lie": {"aud": "somebody else"}},
    "audiences": {"lie": {"aud": [CLIENT, "somebody else"]}},
    "party": {"lie": {"azp": "somebody else"}},
    "issuer": {"lie": {"iss": "https://login.example"}},
    "issuer with a slash": {"lie": {"iss": "/"}},
    "expired": {"lie": {"exp": int(MORNING.timestamp()) - 61}},
    "without end": {"lie": {"exp": None}},
    "of tomorrow": {"lie": {"iat": int(MORNING.timestamp()) + 86400}},
    "nobody": {"lie": {"sub": None}},
    "empty": {"lie": {"sub": ""}},
    "no name": {"lie": {"preferred_username": None}},
    "a name with a blank": {"lie": {"preferred_username": "viewer "}},
    "many names": {"lie": {"preferred_username": ["viewer"]}},
    "unsigned": {"alg": "none"},
    "signed by another": {"key": OTHER_KEY},
    "signed by the secret": {"key": shared_secret(), "alg": "HS256"},
    "signed otherwise": {"alg": "RS512"},
}


@pytest.mark.parametrize("lie", LIES)
def test_nobody_gets_in_by_a_token_that_is_not_to_be_believed(office: Office, lie: str) -> None:
    for name, value in LIES[lie].items():
        setattr(office.provider, name, value)
    guest = Visitor(office.address)
    answer = guest.get(sent_back(office, guest))
    assert answer.status_code == 401
    assert "无法核实" in answer.text
    assert 'name="password"' in answer.text
    assert not is_in(guest)
    what, subject, values = office.entries()[0]
    assert (what, subject, values["how"]) == ("log_in.failed", NO_USER, "sign_on")


def test_a_clock_may_be_a_little_off(office: Office) -> None:
    office.provider.lie = {"iat": int(MORNING.timestamp()) + 30, "exp": int(MORNING.timestamp()) - 30}
    guest = Visitor(office.address)
    assert guest.get(sent_back(office, guest)).status_code == 303


def test_a_way_back_is_gone_once_and_by_who_went(office: Office) -> None:
    guest, other = Visitor(office.address), Visitor(office.address)
    back = sent_back(office, guest)
    kept = guest.client.cookies["nianbao_sign_on"]
    sent_back(office, other)
    assert "请再点一次" in other.get(back).text, "somebody else's way back"
    assert Visitor(office.address).get(back).status_code == 400
    assert guest.get(back).status_code == 303
    asked = list(office.provider.asked)
    again = Visitor(office.address)
    again.client.cookies.set("nianbao_sign_on", kept, path="/sign-on")
    replayed = again.get(back)
    assert (replayed.status_code, is_in(again)) == (400, False)
    assert office.provider.asked == asked, "the provider is not even asked"


def test_a_way_back_ends_and_cannot_be_made_up(office: Office) -> None:
    guest = Visitor(office.address)
    back = sent_back(office, guest)
    office.moment[0] = MORNING + ATTEMPT_LASTS + timedelta(seconds=1)
    assert guest.get(back).status_code == 400
    attempt = Attempt.begin("/", MORNING)
    signed = attempt.signed(SECRET)
    assert attempt_in(signed, SECRET, MORNING) == attempt
    assert attempt_in(signed, SECRET[::-1], MORNING) is None
    value, _, signature = signed.rpartition(".")
    for made_up in (f"{value}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}", f"A{signed[1:]}", value):
        assert attempt_in(made_up, SECRET, MORNING) is None
    assert attempt_in("", SECRET, MORNING) is None


def test_a_code_is_good_for_who_began_with_it(office: Office) -> None:
    guest, thief = Visitor(office.address), Visitor(office.address)
    code = sent_back(office, guest).partition("code=")[2].partition("&")[0]
    state = sent_back(office, thief).partition("state=")[2]
    answer = thief.get(f"/sign-on/back?code={code}&state={state}")
    assert answer.status_code == 401
    assert "没有放行" in answer.text
    assert not is_in(thief)


@pytest.mark.parametrize(
    "wanted", ["//login.example", "/\\login.example", "//[", "http://[", "/\r\nX-Other: 1", "/search?text=" + LONG]
)
def test_what_cannot_be_gone_on_to_is_the_front_page(office: Office, wanted: str) -> None:
    guest = Visitor(office.address)
    wanted = quote(wanted, safe="")
    assert guest.get(f"/log-in?next={wanted}").status_code == 200
    let_in = guest.get(sent_back(office, guest, f"/sign-on?next={wanted}"))
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/")


def test_the_provider_may_say_no(office: Office) -> None:
    guest = Visitor(office.address)
    state = sent_back(office, guest).partition("state=")[2]
    answer = guest.get(f"/sign-on/back?error=access_denied&error_description=%3Cb%3Ehello&state={state}")
    assert answer.status_code == 401
    assert "hello" not in answer.text
    assert state not in answer.text, "a way back is a key"


def test_an_answer_that_names_another_issuer_is_not_taken(office: Office) -> None:
    guest = Visitor(office.address)
    back = sent_back(office, guest)
    assert guest.get(f"{back}&iss=https%3A%2F%2Flogin.example").status_code == 401


def test_accounts_are_ours(office: Office) -> None:
    guest = Visitor(office.address)
    office.provider.claims = {"sub": "u-9", "preferred_username": "nobody.here"}
    assert "没有可用的账户" in guest.get(sent_back(office, guest)).text
    assert office.entries()[0][2]["why"] == "unknown"
    office.provider.claims = {"sub": "u-2", "preferred_username": "officer"}
    with office.database.begin() as session:
        found = accounts.user_named(session, "officer")
        assert found
        accounts.change_user(session, found[0].id, closed_at=MORNING)
    assert guest.get(sent_back(office, guest)).status_code == 403
    assert office.entries()[0][2]["why"] == "closed"
    assert not is_in(guest)


def test_a_name_that_was_given_to_somebody_else_opens_nothing(office: Office) -> None:
    guest = Visitor(office.address)
    assert guest.get(sent_back(office, guest)).status_code == 303
    office.provider.claims["sub"] = "u-77"
    stranger = Visitor(office.address)
    assert stranger.get(sent_back(office, stranger)).status_code == 403
    assert office.entries()[0][2]["why"] == "another"
    with office.database.begin() as session:
        found = accounts.user_named(session, "viewer")
        assert found
        managing.set_password(session, Manager("tester", Scope(), MORNING), found[0], found[1] or "")
    assert stranger.get(sent_back(office, stranger)).status_code == 303, "an administrator said so"


def test_a_user_without_a_password_comes_by_single_sign_on_alone(office: Office) -> None:
    with office.database.begin() as session:
        if accounts.user_named(session, "陈东") is None:
            managing.add_user(session, Manager("tester", Scope(), MORNING), "陈东", Role.VIEWER, Scope(), None)
    assert Visitor(office.address).log_in("陈东", "").status_code == 401
    office.provider.claims = {"sub": "u-5", "preferred_username": "陈东"}
    guest = Visitor(office.address)
    assert guest.get(sent_back(office, guest)).status_code == 303
    assert is_in(guest)


def test_who_fails_too_often_waits(office: Office) -> None:
    office.provider.lie = {"nonce": "another"}
    with office.database.begin() as session:
        for _ in range(39):
            accounts.add_failure(session, "", "127.0.0.1", MORNING)
    guest = Visitor(office.address)
    assert guest.get(sent_back(office, guest)).status_code == 401
    assert guest.get(sent_back(office, guest)).status_code == 429


def test_keys_may_change(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    later = type(OTHER_KEY).generate_key(2048, {"kid": "second", "use": "sig"})
    guest = Visitor(office.address)
    assert guest.get(sent_back(office, guest)).status_code == 303
    office.provider.key = office.provider.published = later
    monkeypatch.setattr("monitor.accounts.provider.AGAIN_SECONDS", 0)
    assert guest.get(sent_back(office, guest)).status_code == 303


def other(office: Office, **sign_on: Any) -> Record:
    """The record with other settings of single sign-on."""
    settings = office.record.settings
    changed = settings.sign_on.model_copy(update=sign_on)
    return replace(office.record, settings=settings.model_copy(update={"sign_on": changed}))


def test_a_provider_that_is_down_is_one_line_and_passwords_go_on(office: Office) -> None:
    with dashboard(other(office, issuer="http://127.0.0.1:9")) as address:
        guest = Visitor(address)
        for _ in range(2):
            answer = guest.get("/sign-on")
            assert answer.status_code == 503
            assert "现在连不上" in answer.text
        assert guest.log_in("viewer").status_code == 303
        assert is_in(guest)


def test_private_addresses_are_for_who_allows_them(office: Office) -> None:
    asked = list(office.provider.asked)
    with dashboard(other(office, allow_private_addresses=False)) as address:
        assert Visitor(address).get("/sign-on").status_code == 503
    assert office.provider.asked == asked


def test_without_a_provider_there_is_nothing(office: Office) -> None:
    with dashboard(other(office, issuer="")) as address:
        guest = Visitor(address)
        assert "/sign-on" not in guest.get("/log-in").text
        assert [guest.get(path).status_code for path in ("/sign-on", "/sign-on/back")] == [404, 404]


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://login.example"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"code_challenge_methods_supported": ["plain"]},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
        {"padding": "x" * 2_000_000},
    ],
    ids=["issuer", "file", "no keys", "script", "plain", "no secret", "large"],
)
def test_a_provider_is_used_only_as_it_should_be(office: Office, document: dict[str, Any]) -> None:
    office.provider.document = document
    with pytest.raises(Unreachable):
        asyncio.run(Client(office.record.settings.sign_on).published())


def test_a_slow_provider_is_given_up_and_left_alone_for_a_while(office: Office) -> None:
    office.provider.slow = 0.6
    moment = [0.0]

    async def ask() -> list[Published | Unreachable]:
        client = Client(office.record.settings.sign_on, seconds=0.3, clock=lambda: moment[0])
        found: list[Published | Unreachable] = []
        for passed in (0.0, 1.0, AGAIN_SECONDS):
            moment[0] += passed
            if passed > 1:
                office.provider.slow = 0
                await asyncio.sleep(1)
            try:
                found.append(await client.published())
            except Unreachable as problem:
                found.append(problem)
        return found

    first, second, third = asyncio.run(ask())
    assert "0.3 seconds" in str(first)
    assert "a moment ago" in str(second)
    assert isinstance(third, Published)


def test_keys_that_do_not_come_keep_nobody_else_waiting(office: Office) -> None:
    office.provider.slow_keys = 1
    settings = office.record.settings.sign_on

    async def ask() -> list[str]:
        client = Client(settings, seconds=0.3)
        told = await client.published()
        waiting = asyncio.create_task(client._keys_of(told))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(0.1):
            assert await client.published() == told
        said = []
        for one in (waiting, client._keys_of(told)):
            with pytest.raises(Unreachable) as problem:
                await one
            said.append(str(problem.value))
        return said

    first, second = asyncio.run(ask())
    assert "0.3 seconds" in first
    assert "a moment ago" in second


def test_an_address_of_mail_counts_where_the_provider_verified_it() -> None:
    claims = {"email": "a@office.example", "email_verified": True}
    assert name_in(claims, "email") == "a@office.example"
    for verified in (False, None, "true", 1):
        with pytest.raises(NotBelieved):
            name_in({**claims, "email_verified": verified}, "email")


@pytest.mark.parametrize(
    ("sign_on", "web", "said"),
    [
        ({"issuer": "login.example"}, {}, "发行者"),
        ({"issuer": "https://login.example", "client_id": "x"}, {"address": "https://n.example"}, "client_secret"),
        ({"issuer": "https://l.example", "client_id": "x", "client_secret": "s"}, {}, "address"),
        (
            {"issuer": "http://l.example", "client_id": "x", "client_secret": "s"},
            {"address": "https://n.example"},
            "https://",
        ),
        ({"algorithms": ["none"]}, {}, "RS256"),
        ({"algorithms": ["HS256"]}, {}, "RS256"),
        ({"algorithms": []}, {}, "1"),
    ],
)
def test_settings_that_would_not_do_are_refused(sign_on: dict[str, Any], web: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings.model_validate({"web": web, "sign_on": sign_on})


def test_the_secret_is_hidden_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").write_text("in a file\n", encoding="utf-8")
    file = tmp_path / "nianbao.toml"
    file.write_text('[sign_on]\nclient_secret_file = "secret.txt"\n', encoding="utf-8")
    monkeypatch.setenv("NIANBAO_SIGN_ON__CLIENT_SECRET", "in the environment")
    settings = load_settings(file)
    assert {"in a file", "in the environment"} <= settings.secrets
    alone = SignOnSettings(client_secret_file=Path("secret.txt"))
    assert Client(alone, settings.path)._secret() == "in a file"
    assert len(tokens.new_token()) >= 43, "as long as a verifier must be"
