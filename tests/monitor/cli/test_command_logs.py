"""Logs as JSON: every line of standard error is an object, of every process, and no secret is in it."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from crawler import logs
from crawler.logs import JsonFormatter, LogChoice
from crawler.sandbox.sandbox import Sandbox
from monitor.cli.frame import Situation, guarded
from monitor.settings import load_settings
from tests.monitor.cli.command import nianbao

PASSWORD = "a-password-of-the-mail-server"
KEY = "https://hooks.example/key-in-the-address"


def records(text: str) -> list[dict[str, Any]]:
    """The records on standard error; fails where a line is none."""
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON by the environment."""
    monkeypatch.setenv("NIANBAO_LOG__FORMAT", "json")


@pytest.mark.usefixtures("as_json")
def test_what_is_said_to_people_is_a_record(folder: Path) -> None:
    said = nianbao("assess")
    assert said.status == 1
    (record,) = records(said.err)
    assert "nianbao init" in record["message"]
    assert (record["level"], record["logger"]) == ("error", "nianbao")
    assert record["time"].endswith("+08:00")
    assert logs.chosen == LogChoice(), "nothing of it is left behind"


def test_chosen_in_the_file_and_left_alone_otherwise(folder: Path) -> None:
    assert not nianbao("assess").problem.startswith("{")
    (folder / "nianbao.toml").write_text('[log]\nformat = "json"\n', encoding="utf-8")
    assert records(nianbao("assess").err)[0]["level"] == "error"
    (folder / "nianbao.toml").write_text('[log]\nformat = "yaml"\n', encoding="utf-8")
    assert "format" in nianbao("assess").problem


@pytest.mark.usefixtures("as_json")
def test_a_traceback_is_one_record_and_secrets_are_not_in_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "key").write_text(f"{KEY}\n", encoding="utf-8")
    (folder / "nianbao.toml").write_text(
        f'[mail]\npassword = "{PASSWORD}"\n[[notify.channels]]\nname = "c"\nkind = "chat"\naddress_file = "key"\n'
        '[store]\ndatabase = "postgresql://u:database-password@h/d"\n',
        encoding="utf-8",
    )
    situation = Situation(verbose=True)

    def fail() -> None:
        with guarded(situation):
            assert situation.settings
            logging.getLogger("apscheduler.executors").info("ran with %s", PASSWORD)
            raise RuntimeError(f"{PASSWORD} {KEY} database-password 年报")

    with pytest.raises(typer.Exit):
        fail()
    err = capsys.readouterr().err
    first, traceback, line = records(err)
    assert first["message"] == f"ran with {logs.HIDDEN}"
    assert "RuntimeError" in traceback["exception"]
    assert "年报" in traceback["exception"]
    assert line["level"] == "error"
    for secret in (PASSWORD, "key-in-the-address", "database-password"):
        assert secret not in err


def test_half_a_character_does_not_stop_a_record() -> None:
    # Made by hand: a report of pytest-xdist cannot carry what the logging of a test would have caught.
    record = logging.LogRecord("crawler", logging.ERROR, __file__, 1, "年报 %s", ("\ud800",), None)
    line = JsonFormatter().format(record)
    line.encode("utf-8")
    assert json.loads(line)["message"].startswith("年报")


def test_the_settings_know_their_secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_STORE__DATABASE", "postgresql://h/d?user=u&password=in-the%2Fparameters")
    monkeypatch.setenv("NIANBAO_WEB__METRICS_TOKEN", "t" * 40)
    assert load_settings().secrets == {"in-the%2Fparameters", "in-the/parameters", "t" * 40}


def test_short_texts_are_not_looked_for() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "a and b and abcdefgh", (), None)
    assert json.loads(JsonFormatter({"a", "abcdefgh"}).format(record))["message"] == f"a and b and {logs.HIDDEN}"


def test_crawling_processes_log_as_their_parent(folder: Path) -> None:
    with Sandbox() as sandbox:
        sandbox.write_portals(folder / "portals")
        (folder / "nianbao.toml").write_text(
            '[log]\nformat = "json"\nlevel = "info"\n[crawl]\nallow_private_addresses = true\n', encoding="utf-8"
        )
        assert nianbao("init").status == 0
        # A process of its own: what crawling processes write goes to its real standard error.
        crawl = [sys.executable, "-m", "monitor.cli", "crawl", "--portal", "chengxi"]
        done = subprocess.run(crawl, capture_output=True, text=True, check=False)
    assert (done.returncode, "chengxi" in done.stdout) == (0, True)
    found = records(done.stderr)
    assert any(record["logger"].startswith("scrapy.") for record in found)
