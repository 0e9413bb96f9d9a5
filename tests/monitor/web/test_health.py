"""What supervisors ask: alive, ready with one word for what is wrong, and figures for those who may read them."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import sleep

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.requests import Request

from crawler.records import RunStarted
from monitor.settings import Settings, WebSettings
from monitor.store import crawls, stages
from monitor.store.database import Database, open_database
from monitor.web.health import _refusal
from tests import databases
from tests.databases import address_in
from tests.monitor.alerts.support import MORNING
from tests.monitor.record.making import TOWN, Shown, World, at, page
from tests.monitor.web.dashboard import dashboard, record_of

TOKEN = "a-token-of-more-than-thirty-two-characters"
OTHERS = {"X-Forwarded-For": "192.0.2.7"}


@contextmanager
def serve(database: Database, **web: str) -> Iterator[str]:
    """The pages over a database on loopback."""
    record = record_of(database, lambda: MORNING, Path("no such folder"), Settings.model_validate({"web": web}))
    with dashboard(record) as address:
        yield address


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine: str) -> World:
    """A record with a report in it."""
    made = World(tmp_path_factory.mktemp("health"))
    made.crawl(at(1, 20), Shown("/a.html", page(TOWN, 2023), "云溪镇2023年年报"))
    made.ingest()
    with made.database.begin() as session:
        stages.record(session, "crawl", MORNING - timedelta(hours=3))
        crawls.add_run(session, RunStarted("going", "dongling", "990301", MORNING, False))
    return made


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[str]:
    """The pages over it."""
    with serve(world.database) as address:
        yield address


def samples(body: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The figures as Prometheus reads them."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


@pytest.mark.both_databases
def test_the_figures_are_those_of_the_record(site: str) -> None:
    httpx2.get(f"{site}/answer/this-is-a-key")
    httpx2.get(f"{site}/no-such-page/with-a-key")
    answer = httpx2.get(f"{site}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    assert found["nianbao_runs_total", (("outcome", "collected"),)] == 1
    assert found["nianbao_runs_total", (("outcome", "going_on"),)] == 1
    assert found["nianbao_runs_total", (("outcome", "blocked"),)] == 0
    assert found["nianbao_stage_success_age_seconds", (("stage", "crawl"),)] == 3 * 3600
    assert found["nianbao_stage_success_age_seconds", (("stage", "notify"),)] == math.inf
    assert found["nianbao_alerts", (("kind", "missing"), ("state", "open"))] == 0
    assert found["nianbao_deliveries", (("state", "given_up"),)] == 0
    assert found["nianbao_reports", ()] == found["nianbao_report_versions", ()] == 1
    counted = ("method", "GET"), ("page", "/answer/{token}"), ("status", "4xx")
    assert found["nianbao_http_request_duration_seconds_count", counted] >= 1
    assert "a-key" not in answer.text
    assert "云溪" not in answer.text


def test_every_name_is_described(site: str) -> None:
    described = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    names = {
        family.name
        for family in text_string_to_metric_families(httpx2.get(f"{site}/metrics").text)
        if family.name.startswith("nianbao_")
    }
    assert len(names) >= 7
    assert {name for name in names if f"`{name}" not in described} == set()


def test_only_this_machine_reads_them_without_a_token(site: str) -> None:
    assert httpx2.get(f"{site}/metrics", headers=OTHERS).status_code == 403
    for host in ("192.0.2.7", "testclient"):
        scope = {"type": "http", "headers": [], "client": (host, 1)}
        refused = _refusal(Request(scope), "")
        assert refused is not None
        assert refused.status_code == 403


def test_with_a_token_only_who_shows_it(world: World) -> None:
    with serve(world.database, metrics_token=TOKEN) as address:
        for given in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}):
            assert httpx2.get(f"{address}/metrics", headers=given).status_code == 401
        right = {"Authorization": f"Bearer {TOKEN}", **OTHERS}
        answer = httpx2.get(f"{address}/metrics", headers=right)
        assert answer.status_code == 200
        assert TOKEN not in answer.text


def test_a_short_token_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        WebSettings(metrics_token="short")


@pytest.mark.both_databases
def test_one_word_says_what_is_wrong(tmp_path: Path) -> None:
    database = open_database(address_in(tmp_path, empty=True), tmp_path)
    with serve(database) as address:
        absent = "absent" if databases.current == "sqlite" else "empty"
        assert words(address) == (503, absent, 200, "alive")
        assert "nianbao_runs" not in httpx2.get(f"{address}/metrics").text
        database.migrate()
        assert words(address) == (200, "ready", 200, "alive")
        for revision, word in (("0001", "outdated"), ("9999", "newer")):
            with database.begin() as session:
                session.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
            assert words(address) == (503, word, 200, "alive")


def words(address: str) -> tuple[int, str, int, str]:
    """What /readyz and /healthz say."""
    ready, alive = httpx2.get(f"{address}/readyz"), httpx2.get(f"{address}/healthz")
    return ready.status_code, ready.text.strip(), alive.status_code, alive.text.strip()


def test_who_asks_again_and_again_holds_one_thread(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    goes_on = Event()

    def silent_store(*_: object) -> tuple[str, bool]:
        looked.append(1)
        goes_on.wait(20)
        return "ready", True

    monkeypatch.setattr("monitor.web.health.readiness", silent_store)
    with serve(world.database) as address, ThreadPoolExecutor(60) as many:
        asked = [many.submit(httpx2.get, f"{address}/readyz", timeout=30) for _ in range(60)]
        while not looked:
            sleep(0.01)
        sleep(0.5)  # all have asked
        # Pages need threads too.
        assert httpx2.get(f"{address}/metrics").status_code == 200
        goes_on.set()
        assert {one.result().text for one in asked} == {"ready\n"}
    assert len(looked) <= 3


def test_what_cannot_be_reached_is_told_in_a_word(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("not a database " * 100)
    assert open_database("sqlite:///x.sqlite", tmp_path).condition() == "unreachable"
    nobody = open_database("postgresql://x@127.0.0.1:1/x", tmp_path)
    assert nobody.condition() == "unreachable"
