"""`nianbao watchdog`, `nianbao notify --test`, and the sign of life after `nianbao run`."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from crawler.sandbox.sandbox import Sandbox
from tests.monitor.alerts.receivers import Endpoint, Mailbox, mail_server, webhook_endpoint
from tests.monitor.alerts.support import SECRET
from tests.monitor.cli.command import nianbao


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with webhook_endpoint() as server:
        yield server


def configure(folder: Path, mailbox: Mailbox, endpoint: Endpoint, more: str = "") -> None:
    (folder / "nianbao.toml").write_text(
        f"""
[crawl]
request_interval = 0
allow_private_addresses = true
[mail]
host = "127.0.0.1"
port = {mailbox.port}
sender = "nianbao@office.example"
seconds = 5
{more}
[[notify.channels]]
name = "office"
kind = "mail"
to = ["office@office.example"]
[[notify.channels]]
name = "desk"
kind = "webhook"
audience = "operator"
address = "{endpoint.address}"
secret = "{SECRET}"
allow_private_addresses = true
""",
        encoding="utf-8",
    )


def test_a_test_message_needs_no_record_and_says_that_it_is_one(
    folder: Path, mailbox: Mailbox, endpoint: Endpoint
) -> None:
    configure(folder, mailbox, endpoint)
    said = nianbao("notify", "--test", "office")
    assert (said.status, said.err) == (0, "")
    assert "office 已收下" in said.out
    (mail,) = mailbox.mails
    assert mail["Subject"].startswith("【测试】")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "不涉及任何单位" in body.get_content()

    said = nianbao("notify", "--test", "desk")
    assert (said.status, said.err) == (0, "")
    ((headers, posted),) = endpoint.posts
    payload = Webhook(SECRET).verify(posted, headers)
    assert payload["type"] == "digest"
    assert payload["data"]["test"] is True
    assert payload["data"]["alerts"] == []
    assert SECRET.removeprefix("whsec_") not in said.out


def test_a_destination_that_refuses_is_one_line_and_status_1(
    folder: Path, mailbox: Mailbox, endpoint: Endpoint
) -> None:
    configure(folder, mailbox, endpoint)
    mailbox.refuse["office@office.example"] = "550 no such user"
    endpoint.answers = [500]
    for name, reason in (("office", "550"), ("desk", "500")):
        said = nianbao("notify", "--test", name)
        assert said.status == 1
        assert f"渠道 {name} 没有收下测试消息" in said.problem
        assert reason in said.problem


def test_an_unknown_destination_names_the_known_ones(folder: Path, mailbox: Mailbox, endpoint: Endpoint) -> None:
    configure(folder, mailbox, endpoint)
    said = nianbao("notify", "--test", "nobody")
    assert said.status == 2
    assert "office、desk" in said.problem
    assert nianbao("notify", "--test", "office", "--again").status == 2
    assert mailbox.mails == []


def test_the_watchdog_barks_until_the_main_job_has_run(folder: Path, mailbox: Mailbox, endpoint: Endpoint) -> None:
    with Sandbox() as sandbox, webhook_endpoint() as outside:
        watched = (
            f'[watch]\nheartbeat_url = "{outside.address}/secret-key"\nheartbeat_allow_private_addresses = true\n'
        )
        configure(folder, mailbox, endpoint, watched)
        sandbox.write_portals(folder / "portals", request_interval=None)
        (folder / "organs.csv").write_text(sandbox.organs_csv(), encoding="utf-8")
        assert nianbao("init").status == 0
        assert nianbao("organs", "import", "organs.csv").status == 0

        before = nianbao("watchdog")
        assert before.status == 1
        assert sum("从未顺利完成" in line for line in before.err.splitlines()) == 4
        assert any("从未采集过" in line for line in before.err.splitlines())
        assert "Traceback" not in before.err
        assert len(endpoint.posts) == 1

        started = time.time()
        ran = nianbao("run")
        sign = json.loads((folder / "var" / "heartbeat.json").read_text(encoding="utf-8"))
        assert (folder / "var" / "heartbeat.json").stat().st_mtime >= started - 1
        assert set(sign["stages"]) == {"crawl", "ingest", "assess", "notify"}
        assert sign["failed"] is (ran.status == 1)
        ((_, body),) = outside.posts
        assert json.loads(body) == sign

        after = nianbao("watchdog", "--quiet")
        assert "顺利完成" not in after.err, "every stage has succeeded now"
        assert (after.status == 0) is (after.err == "")

        outside.answers = [503]
        again = nianbao("run")
        assert "心跳没有发出" in again.err
        assert "secret-key" not in again.err


def test_a_visit_to_one_portal_is_no_success_of_the_daily_pass(
    folder: Path, mailbox: Mailbox, endpoint: Endpoint
) -> None:
    with Sandbox() as sandbox:
        configure(folder, mailbox, endpoint)
        sandbox.write_portals(folder / "portals", request_interval=None)
        assert nianbao("init").status == 0
        portal = sorted(path.stem for path in (folder / "portals").iterdir())[0]
        nianbao("crawl", "--portal", portal)
        assert any(line.startswith("采集还从未") for line in nianbao("watchdog").err.splitlines())
