"""Delivery to real receivers on loopback: at least once under one id, kept on failure, given up in plain sight."""

import base64
import hashlib
import hmac
import json
import logging
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crawler.clock import SHANGHAI, Clock
from monitor.alerts.channels import NotDelivered, webhook
from monitor.alerts.engine import reconcile
from monitor.alerts.outbox import compose
from monitor.alerts.sender import NotifyResult, notify, pause_before
from monitor.settings import ChannelSettings, MailSettings, NotifySettings, Settings, WebSettings
from monitor.working_days import WorkingDays
from tests.clocks import SetClock
from tests.databases import address_in
from tests.monitor.alerts.receivers import Endpoint, Mailbox, mail_server, webhook_endpoint
from tests.monitor.alerts.support import (
    MORNING,
    SECRET,
    TrialDatabase,
    condition,
    mail_channel,
    webhook_channel,
)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def database(tmp_path: Path) -> TrialDatabase:
    return TrialDatabase(tmp_path)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with webhook_endpoint() as server:
        yield server


class StillClock(SetClock):
    """A clock that stands until it is moved."""

    moment = MORNING


@pytest.fixture
def clock() -> StillClock:
    StillClock.moment = MORNING
    return StillClock()


def settings(*channels: ChannelSettings, mail: dict[str, Any] | None = None, **notifying: Any) -> Settings:
    mailing = MailSettings.model_validate({"sender": "nianbao@office.example", "seconds": 5} | (mail or {}))
    return Settings(notify=NotifySettings(channels=list(channels), **notifying), mail=mailing)


def open_alerts(database: TrialDatabase, configured: Settings, *numbers: int) -> None:
    with database.begin() as session:
        found = [condition(number) for number in numbers or (1,)]
        reconcile(session, found, MORNING, channels=configured.notify.channels)


def test_a_mail_is_delivered_once(database: TrialDatabase, mailbox: Mailbox, clock: StillClock) -> None:
    configured = settings(mail_channel(), mail={"host": "127.0.0.1", "port": mailbox.port})
    open_alerts(database, configured, 1, 2)
    assert notify(database, configured, clock).sent == 1
    assert notify(database, configured, clock) == NotifyResult()
    (mail,) = mailbox.mails
    (delivery,) = database.deliveries()
    assert (delivery.state, delivery.attempts, delivery.sent_at) == ("sent", 1, MORNING)
    assert mail["Message-ID"] == f"<{delivery.id}@office.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["To"] == "staff@office.example"
    assert mail["Subject"] == "东岭县 云溪镇：2 份报告逾期公布"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "第 1 项" in text.get_content()
    assert "第 2 项" in html.get_content()


def test_a_webhook_is_signed_so_that_an_independent_reader_agrees(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock
) -> None:
    configured = settings(webhook_channel(address=endpoint.address))
    open_alerts(database, configured)
    assert notify(database, configured, clock).sent == 1
    ((headers, body),) = endpoint.posts
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert int(headers["webhook-timestamp"]) == int(MORNING.timestamp())
    posted = json.loads(body)
    assert posted["type"] == "alert.opened"
    assert posted["timestamp"] == MORNING.isoformat()
    assert posted["data"]["summary"] == "第 1 项"
    assert headers["webhook-id"] == database.deliveries()[0].id


def test_the_reference_library_of_the_scheme_verifies_what_is_sent(endpoint: Endpoint) -> None:
    now = Clock().now()  # it refuses what is older than five minutes
    payload = {"type": "digest", "timestamp": now.isoformat(), "data": {"text": "焦虎镇"}}
    webhook.post(webhook_channel(address=endpoint.address), "msg_1", payload, now)
    ((headers, body),) = endpoint.posts
    assert Webhook(SECRET).verify(body, headers) == payload
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace("焦".encode(), "集".encode()), headers)


def test_the_signature_of_the_scheme_s_own_example() -> None:
    made = webhook.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_after_a_500_the_same_id_comes_again_with_a_new_signature(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock
) -> None:
    endpoint.answers = [500, 503, 200]
    configured = settings(webhook_channel(address=endpoint.address))
    open_alerts(database, configured)
    first = notify(database, configured, clock)
    assert (first.sent, first.retried_later) == (0, 1)
    assert "答复 500" in first.problems[0]
    assert "2024年2月3日 09:01 之后重试" in first.problems[0]
    assert notify(database, configured, clock).retried_later == 0, "it is not due before its pause is over"
    StillClock.moment = MORNING + timedelta(seconds=60)
    assert notify(database, configured, clock).retried_later == 1
    StillClock.moment = MORNING + timedelta(seconds=60 + 120)
    assert notify(database, configured, clock).sent == 1
    assert len({headers["webhook-id"] for headers, _ in endpoint.posts}) == 1
    assert len({headers["webhook-signature"] for headers, _ in endpoint.posts}) == 3
    assert len({body for _, body in endpoint.posts}) == 1


def test_given_up_after_the_set_number_and_it_shows(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock
) -> None:
    endpoint.answers = [500]
    configured = settings(webhook_channel(address=endpoint.address), attempts=3)
    open_alerts(database, configured)
    results = []
    for _ in range(5):
        results.append(notify(database, configured, clock))
        StillClock.moment += timedelta(days=1)
    assert [each.given_up for each in results] == [0, 0, 1, 0, 0]
    assert "已标为放弃" in results[2].problems[0]
    (delivery,) = database.deliveries()
    assert (delivery.state, delivery.attempts, len(endpoint.posts)) == ("given_up", 3, 3)
    assert "答复 500" in str(delivery.last_error)


def test_pauses_grow_to_a_longest() -> None:
    configured = NotifySettings(first_pause_seconds=60, longest_pause_seconds=300)
    assert [pause_before(attempt, configured).total_seconds() for attempt in (1, 2, 3, 4, 9999)] == [
        60,
        120,
        240,
        300,
        300,
    ]


def test_a_mail_server_that_refuses_keeps_the_mail(
    database: TrialDatabase, mailbox: Mailbox, clock: StillClock
) -> None:
    mailbox.refuse["*"] = "554 not\there"
    configured = settings(mail_channel(), mail={"host": "127.0.0.1", "port": mailbox.port})
    open_alerts(database, configured)
    result = notify(database, configured, clock)
    assert result.retried_later == 1
    (problem,) = result.problems
    assert "\n" not in problem
    assert "渠道 staff：邮件服务器 127.0.0.1 拒绝：554 not here" in problem
    mailbox.refuse.clear()
    StillClock.moment += timedelta(hours=1)
    assert notify(database, configured, clock).sent == 1
    assert len(mailbox.mails) == 1


def test_a_mail_server_that_is_not_there_keeps_the_mail(database: TrialDatabase, clock: StillClock) -> None:
    with mail_server() as gone:
        port = gone.port
    configured = settings(mail_channel(), mail={"host": "127.0.0.1", "port": port})
    open_alerts(database, configured)
    (problem,) = notify(database, configured, clock).problems
    assert f"连不上邮件服务器 127.0.0.1:{port}" in problem
    assert database.deliveries()[0].state == "pending"


def test_a_single_refused_recipient_is_tried_again_alone(
    database: TrialDatabase, mailbox: Mailbox, clock: StillClock
) -> None:
    mailbox.refuse["late@office.example"] = "450 greylisted"
    channel = mail_channel(to=["staff@office.example", "late@office.example"])
    configured = settings(channel, mail={"host": "127.0.0.1", "port": mailbox.port})
    open_alerts(database, configured)
    assert "late@office.example: 450" in notify(database, configured, clock).problems[0]
    mailbox.refuse.clear()
    StillClock.moment += timedelta(hours=1)
    assert notify(database, configured, clock).sent == 1
    assert mailbox.recipients == [["staff@office.example"], ["late@office.example"]]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


@pytest.mark.parametrize(
    ("mail", "channel", "said"),
    [
        ({}, {}, "没有配置邮件服务器"),
        ({"host": "127.0.0.1", "port": 1, "password_file": "nowhere"}, {}, "读不了邮件密码文件"),
        ({"host": "127.0.0.1", "port": 1}, {"to": []}, "没有收件人"),
        ({"host": "127.0.0.1", "port": 1, "sender": "a@b@c.example"}, {}, "写法不对"),
        ({"host": "127.0.0.1", "port": 1}, {"to": ["x@y.example\r\nBcc: z@y.example"]}, "写法不对"),
    ],
)
def test_wrong_mail_settings_are_named_and_nothing_is_lost(
    database: TrialDatabase, clock: StillClock, mail: dict[str, Any], channel: dict[str, Any], said: str
) -> None:
    configured = settings(mail_channel(**channel), mail=mail)
    open_alerts(database, configured)
    (problem,) = notify(database, configured, clock).problems
    assert said in problem
    assert "\n" not in problem
    assert database.deliveries()[0].state == "pending"


def test_a_channel_that_left_the_configuration_is_named(database: TrialDatabase, clock: StillClock) -> None:
    open_alerts(database, settings(mail_channel()))
    (problem,) = notify(database, settings(), clock).problems
    assert "渠道 staff：配置中已没有这个渠道" in problem


def test_one_dead_receiver_does_not_hold_up_the_others(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock
) -> None:
    endpoint.answers = [200]
    dead = webhook_channel(name="dead", address="http://127.0.0.1:9/")
    configured = settings(dead, webhook_channel(address=endpoint.address))
    open_alerts(database, configured, *range(1, 7))
    result = notify(database, configured, clock)
    assert (result.sent, result.retried_later, result.postponed) == (6, 3, 3)


def test_a_crash_between_sending_and_marking_sends_again_under_the_same_id(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = settings(webhook_channel(address=endpoint.address))
    open_alerts(database, configured)
    begin = database.begin

    @contextmanager
    def dying() -> Iterator[Session]:
        if endpoint.posts:
            raise KeyboardInterrupt
        with begin() as session:
            yield session

    monkeypatch.setattr(database, "begin", dying)
    with pytest.raises(KeyboardInterrupt):
        notify(database, configured, clock)
    monkeypatch.undo()
    assert database.deliveries()[0].state == "pending"
    StillClock.moment += timedelta(minutes=2)
    assert notify(database, configured, clock).sent == 1
    assert len(endpoint.posts) == 2
    assert len({headers["webhook-id"] for headers, _ in endpoint.posts}) == 1


def test_two_senders_at_once_do_not_send_twice(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = settings(webhook_channel(address=endpoint.address))
    open_alerts(database, configured)
    post = webhook.post

    def while_another_runs(*given: Any, **named: Any) -> None:
        assert notify(database, configured, clock).sent == 0
        post(*given, **named)

    monkeypatch.setattr(webhook, "post", while_another_runs)
    assert notify(database, configured, clock).sent == 1
    assert len(endpoint.posts) == 1


def test_redirects_are_not_followed(endpoint: Endpoint) -> None:
    with webhook_endpoint() as elsewhere:
        endpoint.answers, endpoint.location = [307], elsewhere.address
        with pytest.raises(NotDelivered, match="答复 307"):
            webhook.post(webhook_channel(address=endpoint.address), "msg_1", {}, MORNING)
        assert elsewhere.posts == []


def test_a_receiver_that_trickles_is_left_after_the_time_is_over(endpoint: Endpoint) -> None:
    endpoint.trickle = 0.2
    started = datetime.now(SHANGHAI)
    with pytest.raises(NotDelivered, match="没有答复"):
        webhook.post(webhook_channel(address=endpoint.address), "msg_1", {}, MORNING, seconds=0.5)
    assert datetime.now(SHANGHAI) - started < timedelta(seconds=1.8)


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS context for ``name``, and a client's that trusts exactly that certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=SHANGHAI))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=SHANGHAI))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


@pytest.mark.parametrize(("asked", "taken"), [("hooks.example", True), ("other.example", False)])
def test_over_tls_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, taken: bool
) -> None:
    server, client = certificate(tmp_path, "hooks.example")
    monkeypatch.setattr(webhook, "_tls", lambda: client)
    monkeypatch.setattr(
        "monitor.alerts.channels.gate.socket.getaddrinfo",
        lambda host, *rest, **named: [(2, 1, 6, "", ("127.0.0.1", 0))],
    )
    with webhook_endpoint(server) as secured:
        port = secured.address.rpartition(":")[2].partition("/")[0]
        channel = webhook_channel(address=f"https://{asked}:{port}/hook")
        if taken:
            webhook.post(channel, "msg_1", {}, MORNING)
        else:
            with pytest.raises(NotDelivered, match="certificate"):
                webhook.post(channel, "msg_1", {}, MORNING)
        assert len(secured.posts) == int(taken)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "not base64"])
def test_a_wrong_secret_is_named(endpoint: Endpoint, secret: str) -> None:
    with pytest.raises(NotDelivered, match="secret"):
        webhook.post(webhook_channel(address=endpoint.address, secret=secret), "msg_1", {}, MORNING)
    assert endpoint.posts == []


def test_posting_goes_to_the_address_that_was_checked_under_the_name_that_was_asked(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(endpoint.address.rpartition(":")[2].partition("/")[0])
    asked: list[str] = []

    def resolver(host: str, *rest: Any, **named: Any) -> list[Any]:
        asked.append(host)
        answer = "127.0.0.1" if len(asked) == 1 else "192.0.2.1"
        return [(2, 1, 6, "", (answer, port))]

    monkeypatch.setattr("monitor.alerts.channels.gate.socket.getaddrinfo", resolver)
    address = f"http://hooks.example:{port}/hook"
    webhook.post(webhook_channel(address=address), "msg_1", {"a": 1}, MORNING)
    ((headers, _),) = endpoint.posts
    assert headers["host"] == f"hooks.example:{port}"
    assert asked[0] == "hooks.example"


_DELIVERY = """
import sys
from pathlib import Path
from crawler.clock import SHANGHAI, Clock
from datetime import datetime
from monitor.alerts.sender import notify
from monitor.settings import load_settings
from monitor.store.database import open_database
settings = load_settings(Path(sys.argv[1]))
database = open_database(settings.store.database, settings.folder)
notify(database, settings, Clock.showing(datetime.fromisoformat(sys.argv[2])))
"""


def test_killed_while_a_receiver_answers_the_same_message_comes_again(
    tmp_path: Path, database: TrialDatabase, endpoint: Endpoint, clock: StillClock
) -> None:
    """A real process, really killed, in the middle of a digest that it composed itself."""
    channel = webhook_channel(address=endpoint.address, schedule="daily")
    configured = settings(channel)
    open_alerts(database, configured, 1, 2)
    file = tmp_path / "nianbao.toml"
    file.write_text(
        f'[store]\ndatabase = "{address_in(tmp_path, "alerts")}"\n'
        f'[[notify.channels]]\nname = "hook"\nkind = "webhook"\n'
        f'address = "{endpoint.address}"\nsecret = "{SECRET}"\n'
        'allow_private_addresses = true\nschedule = "daily"\n',
        encoding="utf-8",
    )
    endpoint.trickle = 3
    due = datetime(2024, 2, 4, 8, 30, tzinfo=SHANGHAI)
    process = subprocess.Popen([sys.executable, "-c", _DELIVERY, str(file), due.isoformat()])
    try:
        for _ in range(600):
            if endpoint.posts:
                break
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    endpoint.trickle = 0
    assert len(endpoint.posts) == 1
    assert [each.state for each in database.deliveries()] == ["pending"]
    StillClock.moment = due + timedelta(minutes=2)
    assert notify(database, configured, clock).sent == 1
    first, again = endpoint.posts
    assert first[0]["webhook-id"] == again[0]["webhook-id"]
    assert first[1] == again[1], "the same message, composed once"
    assert notify(database, configured, clock) == NotifyResult()


@pytest.mark.parametrize("schedule", ["at_once", "daily"])
def test_a_destination_that_became_a_mail_address_gets_what_waited_as_mails(
    database: TrialDatabase, mailbox: Mailbox, clock: StillClock, schedule: str
) -> None:
    before = settings(webhook_channel(name="office", schedule=schedule))
    open_alerts(database, before, 1, 2)
    StillClock.moment = MORNING + timedelta(days=1)
    with database.begin() as session:
        compose(session, before.notify.channels, clock.now(), WorkingDays())
    after = settings(mail_channel(name="office"), mail={"host": "127.0.0.1", "port": mailbox.port})
    result = notify(database, after, clock)
    assert result.problems == ()
    assert [delivery.state for delivery in database.deliveries()] == ["sent"] * len(mailbox.mails)
    texts = [mail.get_body(("plain",)) for mail in mailbox.mails]
    told = "".join(text.get_content() for text in texts if text is not None)
    assert [told.count(f"第 {number} 项") for number in (1, 2)] == [1, 1]
    assert {mail["Subject"].partition("：")[0] for mail in mailbox.mails} == {"东岭县 云溪镇"}


def test_a_destination_that_became_a_webhook_gets_what_waited_in_the_contract_s_shape(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock
) -> None:
    open_alerts(database, settings(mail_channel(name="office")), 1, 2)
    assert notify(database, settings(webhook_channel(name="office", address=endpoint.address)), clock).sent == 1
    ((_, body),) = endpoint.posts
    posted = json.loads(body)
    assert (posted["type"], posted["timestamp"]) == ("digest", MORNING.isoformat())
    assert [(alert["step"], alert["id"]) for alert in posted["data"]["alerts"]] == [("opened", 1), ("opened", 2)]
    assert not {"details", "page"} & posted["data"]["alerts"][0].keys()


def test_a_webhook_that_was_away_and_is_back_gets_its_digest_in_the_contract_s_shape(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock
) -> None:
    pages = WebSettings(address="https://desk.example")
    configured = settings(webhook_channel(address=endpoint.address, schedule="daily")).model_copy(
        update={"web": pages}
    )
    open_alerts(database, configured)
    StillClock.moment = MORNING + timedelta(days=1)
    assert notify(database, settings(), clock).retried_later == 1
    StillClock.moment += timedelta(hours=1)
    assert notify(database, configured, clock).sent == 1
    posted = json.loads(endpoint.posts[0][1])
    assert posted["type"] == "digest"
    (alert,) = posted["data"]["alerts"]
    assert alert["page"] == f"https://desk.example/alerts/{alert['id']}", "for who has an account"


def test_a_message_that_cannot_be_made_keeps_no_other_back_and_is_given_up(
    database: TrialDatabase, endpoint: Endpoint, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any, **named: Any) -> None:
        raise KeyError("details")

    monkeypatch.setattr("monitor.alerts.sender.mail.send", broken)
    channels = (mail_channel(name="a"), webhook_channel(name="b", address=endpoint.address))
    configured = settings(*channels, attempts=1)
    open_alerts(database, configured)
    result = notify(database, configured, clock)
    assert (result.sent, result.given_up) == (1, 1)
    assert "程序出错（KeyError）" in result.problems[0]


def test_the_name_of_the_program_may_be_chinese(endpoint: Endpoint) -> None:
    channel = webhook_channel(address=endpoint.address)
    webhook.post(channel, "msg_1", {"type": "digest"}, MORNING, user_agent="年报监测/1.0")
    assert endpoint.posts[0][0]["user-agent"].encode("latin-1").decode() == "年报监测/1.0"


def test_no_log_holds_the_address_of_a_webhook(endpoint: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    channel = webhook_channel(address=f"{endpoint.address}/key-of-the-tests")
    webhook.post(channel, "msg_1", {"type": "digest"}, MORNING)
    assert endpoint.posts
    assert "key-of-the-tests" not in caplog.text


def test_what_a_mail_server_says_at_the_end_does_not_send_the_mail_again(
    database: TrialDatabase, mailbox: Mailbox, clock: StillClock
) -> None:
    mailbox.farewell = "421 too many connections"
    configured = settings(mail_channel(), mail={"host": "127.0.0.1", "port": mailbox.port})
    open_alerts(database, configured)
    assert notify(database, configured, clock) == NotifyResult(sent=1)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("wrong", ["坏 地址", "", "a@", "a@b@c.example", "a@x.example\nBcc: b@x.example"])
def test_one_address_that_is_written_wrong_keeps_the_mail_from_nobody_else(
    database: TrialDatabase, mailbox: Mailbox, clock: StillClock, wrong: str
) -> None:
    server = {"host": "127.0.0.1", "port": mailbox.port}
    configured = settings(mail_channel(to=["one@office.example", wrong]), mail=server)
    open_alerts(database, configured)
    result = notify(database, configured, clock)
    assert result.retried_later == 1
    assert "收件人的写法不对" in result.problems[0]
    assert "\n" not in result.problems[0]
    StillClock.moment += timedelta(minutes=2)
    assert notify(database, configured, clock).retried_later == 1
    assert mailbox.recipients == [["one@office.example"]]
    StillClock.moment += timedelta(minutes=5)
    mended = settings(mail_channel(to=["one@office.example", "two@office.example"]), mail=server)
    assert notify(database, mended, clock).sent == 1
    assert mailbox.recipients[1:] == [["two@office.example"]]
