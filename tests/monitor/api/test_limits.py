"""Requests of one caller count together, whichever process answers them."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import anyio
import httpx2
import pytest
from fastapi import FastAPI

from crawler.clock import SHANGHAI
from monitor.access import callers
from monitor.access.base import Record
from monitor.accounts import managing
from monitor.accounts.managing import Manager
from monitor.accounts.scope import Scope
from monitor.api.application import make_api
from monitor.api.limits import Limiter
from monitor.settings import Settings
from monitor.store.database import open_database
from monitor.store.engines import POSTGRESQL
from tests.databases import migrated_in, using
from tests.monitor.web.dashboard import record_of

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=SHANGHAI)


@contextmanager
def processes(folder: Path, number: int, limit: int) -> Iterator[list[Record]]:
    """The records of so many web processes over one database."""
    address = migrated_in(folder)
    settings = Settings.model_validate({"web": {"api_requests_per_minute": limit}})
    with ExitStack() as stack:
        records = []
        for _ in range(number):
            database = open_database(address, folder)
            stack.callback(database.close)
            records.append(record_of(database, lambda: NOW, folder / "portals", settings))
        yield records


@pytest.mark.both_databases
def test_two_applications_count_together(tmp_path: Path) -> None:
    with processes(tmp_path, 2, limit=7) as records:
        with records[0].database.begin() as session:
            by = Manager("tester", Scope(), NOW)
            _, secret = managing.add_token(session, by, "ours", Scope(), 9)
            _, other = managing.add_token(session, by, "theirs", Scope(), 9)
        applications = [make_api(record) for record in records]
        minute = time.time()
        for application in applications:
            application.state.limiter._now = lambda: minute
        answers = [ask(applications[number % 2], secret) for number in range(10)]
        assert [one.status_code for one in answers] == [200] * 7 + [429] * 3
        assert all(1 <= int(one.headers["retry-after"]) <= 60 for one in answers[7:])
        assert ask(applications[0], other).status_code == 200, "another token has its own"
        minute += 60
        assert ask(applications[1], secret).status_code == 200


def ask(application: FastAPI, secret: str) -> httpx2.Response:
    """One request."""

    async def go() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.get("/counties", headers={"Authorization": f"Bearer {secret}"})

    return anyio.run(go)


@pytest.mark.both_databases
def test_no_more_than_the_limit_and_few_writes(tmp_path: Path) -> None:
    with processes(tmp_path, 3, limit=600) as records:
        writes = [0]

        def limiter(record: Record) -> Limiter:
            def take(*asked: object) -> int:
                writes[0] += 1
                return callers.take_requests(record, *asked)  # type: ignore[arg-type]

            return Limiter(600, take, lambda: 6000.0)

        limiters = [limiter(record) for record in records]
        let_in = sum(limiters[number % 3].seconds_to_wait("token:1") == 0 for number in range(900))
        assert let_in == 600
        assert writes[0] < 90, "about one for seven requests"


def test_a_clock_that_is_behind_takes_from_the_latest_minute(tmp_path: Path) -> None:
    with processes(tmp_path, 1, limit=10) as (record,):
        assert callers.take_requests(record, "a", 100, 8, 10) == 8
        assert callers.take_requests(record, "a", 99, 8, 10) == 2
        assert callers.take_requests(record, "a", 101, 8, 10) == 8


@pytest.mark.both_databases
def test_a_clock_that_was_wrong_for_once_locks_nobody_out(tmp_path: Path) -> None:
    with processes(tmp_path, 1, limit=10) as (record,):
        assert callers.take_requests(record, "a", 100 + 24 * 60, 10, 10) == 10
        assert callers.take_requests(record, "a", 100, 8, 10) == 8
        assert callers.take_requests(record, "a", 100, 8, 10) == 2


def test_who_cannot_be_counted_is_let_in_soon_and_counted_here(tmp_path: Path) -> None:
    with processes(tmp_path, 1, limit=3) as (record,):
        limiter = Limiter(3, lambda *asked: callers.take_requests(record, *asked), lambda: 6000.0)
        with record.database.reading() as session:
            path = session.connection().engine.url.database
        assert path
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert limiter.seconds_to_wait("a") == 0
        assert time.monotonic() - begun < 5
        writer.execute("ROLLBACK")
        writer.close()
        assert [limiter.seconds_to_wait("a") > 0 for _ in range(3)] == [False, False, True]
        with record.database.counting() as session:
            assert session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 60_000


def test_counting_waits_for_nobody_who_writes_the_record_on_postgresql(tmp_path: Path) -> None:
    with (
        using(POSTGRESQL),
        processes(tmp_path, 2, limit=3) as records,
        records[0].database.begin(),
    ):
        begun = time.monotonic()
        assert callers.take_requests(records[1], "a", 1, 1, 3) == 1
        assert time.monotonic() - begun < 5, "who waits for a writer waits a minute"
        with records[1].database.counting() as counted:
            row = counted.connection().exec_driver_sql("SELECT taken FROM request_count").scalar_one()
    assert row == 1
