"""A filled record of two counties with its API on loopback, and the tokens of programs that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx2

from crawler.sandbox.generator import Misprint, generate
from monitor.access.base import Record
from monitor.accounts import managing
from monitor.accounts.managing import Manager
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.assess import assess
from monitor.settings import Settings
from tests.monitor.record.making import COUNTY, REGISTER, TOWN, World, at, shown
from tests.monitor.web.dashboard import add_user, dashboard, record_of

OTHER_COUNTY = "990302"
OTHER_ORGAN = "990302101"
NOW = at(2, 6, 9)
NEIGHBOUR = f"{OTHER_ORGAN},南山镇,township,{OTHER_COUNTY},西岭县,清沅市,模拟省,,,,\n"


@dataclass
class Office:
    """The record, its API, and the secrets of three tokens: of everything, and of each county."""

    world: World
    record: Record
    now: list[datetime]
    address: str = ""
    everything: str = ""
    here: str = ""
    elsewhere: str = ""
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=60))

    def get(self, path: str, token: str | None = "", **headers: str) -> httpx2.Response:
        """What the API answers; with the token of everything unless another (None: without one)."""
        given = {} if token is None else {"Authorization": f"Bearer {token or self.everything}"}
        return self.client.get(f"{self.address}/api/v1{path}", headers={**given, **headers})

    def json(self, path: str, token: str = "") -> Any:
        """The data of an answer that must be there."""
        answer = self.get(path, token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def token(self, name: str, *places: str, days: int = 30) -> str:
        """The secret of a new token."""
        with self.record.database.begin() as session:
            return managing.add_token(session, self.manager, name, Scope.of(places), days)[1]

    @property
    def manager(self) -> Manager:
        """Who gives out tokens."""
        return Manager("tester", Scope(), self.now[0])


def fill(folder: Path) -> World:
    """Two counties: one report with an error that was changed, one missing, one never crawled."""
    world = World(folder, years=(2022, 2023))
    world.register(REGISTER + NEIGHBOUR)
    first = shown(TOWN, 2023, date(2024, 1, 18))
    for day, value in ((20, 5), (30, 7)):
        wrong = generate(TOWN, 2023, misprint=Misprint("wrong", {"section_three.total_results.total": value}))
        data = f"<html><body><h1>{wrong.title}</h1><p>发布时间：2024-01-18</p>{wrong.body}</body></html>".encode()
        world.crawl(at(1, day), replace(first, data=data))
    for day in (3, 5):
        world.crawl(at(2, day), replace(first, data=data))
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(2, 5, 12), workers=1)
    world.configure(NOW)
    return world


@contextmanager
def served(folder: Path) -> Iterator[Office]:
    """The filled record, served."""
    world = fill(folder)
    now = [NOW]
    settings = Settings.model_validate({"watch": {"years": [2022, 2023]}, "web": {"api_requests_per_minute": 0}})
    record = record_of(world.database, lambda: now[0], folder / "portals", settings)
    office = Office(world, record, now)
    office.everything, office.here = office.token("everything"), office.token("here", COUNTY)
    office.elsewhere = office.token("elsewhere", OTHER_COUNTY)
    add_user(world.database, "viewer", Role.VIEWER, COUNTY, at=NOW)
    with dashboard(record) as office.address, office.client:
        yield office
    world.database.close()
