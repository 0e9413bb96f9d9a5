"""The sign of life after a main job: a file that is replaced whole, and a request through the gate."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.clock import Clock
from monitor.heartbeat import beat
from monitor.settings import Settings, WatchSettings
from monitor.store import stages
from tests.monitor.alerts.receivers import webhook_endpoint
from tests.monitor.alerts.support import MORNING, TrialDatabase


def settings(folder: Path, **watch: Any) -> Settings:
    return Settings(watch=WatchSettings.model_validate(watch)).model_copy(update={"folder": folder})


def database(folder: Path) -> TrialDatabase:
    record = TrialDatabase(folder)
    with record.begin() as session:
        stages.record(session, "crawl", MORNING)
        stages.record(session, "crawl", MORNING + timedelta(hours=1))
    return record


@pytest.mark.both_databases
def test_the_file_tells_when_and_what_succeeded_last(tmp_path: Path) -> None:
    configured = settings(tmp_path)
    record = database(tmp_path)
    for failed in (True, False):
        assert beat(record, configured, Clock.showing(MORNING), failed=failed) == ()
        sign = json.loads((tmp_path / "var" / "heartbeat.json").read_text(encoding="utf-8"))
        assert sign["at"].startswith("2024-02-03T09:00")
        assert sign["failed"] is failed
        assert sign["stages"] == {"crawl": "2024-02-03T10:00:00+08:00"}
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["heartbeat.json"]


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder", encoding="utf-8")
    (problem,) = beat(database(tmp_path), settings(tmp_path), Clock(), failed=False)
    assert str(tmp_path / "var" / "heartbeat.json") in problem
    assert "heartbeat_file" in problem


@pytest.mark.parametrize("failed", [False, True])
def test_a_post_holds_what_the_file_holds(tmp_path: Path, failed: bool) -> None:
    with webhook_endpoint() as outside:
        configured = settings(tmp_path, heartbeat_url=outside.address, heartbeat_allow_private_addresses=True)
        assert beat(database(tmp_path), configured, Clock(), failed=failed) == ()
        ((_, body),) = outside.posts
    assert json.loads(body) == json.loads((tmp_path / "var" / "heartbeat.json").read_text(encoding="utf-8"))


def test_a_get_is_a_get(tmp_path: Path) -> None:
    with webhook_endpoint() as outside:
        configured = settings(
            tmp_path,
            heartbeat_url=outside.address,
            heartbeat_method="GET",
            heartbeat_allow_private_addresses=True,
        )
        assert beat(database(tmp_path), configured, Clock(), failed=False) == ()
        assert outside.gets == ["/hook"]
        assert outside.posts == []


def test_an_address_in_the_house_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    with webhook_endpoint() as outside:
        configured = settings(tmp_path, heartbeat_url=f"{outside.address}/secret-key")
        (problem,) = beat(database(tmp_path), configured, Clock(), failed=False)
        assert "内网" in problem
        assert "secret-key" not in problem
        assert outside.posts == []
    assert (tmp_path / "var" / "heartbeat.json").exists(), "the file is written all the same"
