"""A dashboard over two counties with portals that fare well and badly, and people of each role and scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.clock import SHANGHAI
from crawler.records import Capture, CaptureRole, ColumnPass, Outcome, RunFinished, RunStarted
from monitor.access.base import Record
from monitor.accounts.roles import Role
from monitor.rules.base import OrganKind
from monitor.settings import ChannelSettings, NotifySettings, Settings
from monitor.store import crawls, register
from monitor.store.database import Database
from tests.databases import opened_in
from tests.monitor.web.dashboard import Visitor, add_user, dashboard, record_of, visitor

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=SHANGHAI)
HERE, THERE = "410526", "440103"
HOSTILE = "<script>alert(1)</script>"
PEOPLE: dict[str, tuple[Role, tuple[str, ...]]] = {
    "viewer": (Role.VIEWER, ()),
    "officer": (Role.OFFICER, ()),
    "administrator": (Role.ADMINISTRATOR, ()),
    "here": (Role.ADMINISTRATOR, (HERE,)),
    "there": (Role.ADMINISTRATOR, (THERE,)),
    "henan": (Role.ADMINISTRATOR, ("41",)),
    "clerk-here": (Role.OFFICER, (HERE,)),
    "clerk-there": (Role.OFFICER, (THERE,)),
}
CHANNELS = [
    ChannelSettings(name="office", kind="mail", to=["office@example.org"], schedule="weekly", weekday=3),
    ChannelSettings(
        name="county-mail", kind="mail", to=["county@example.org"], counties=[HERE], kinds=["missing"]
    ),
    ChannelSettings(
        name="desk",
        kind="webhook",
        address="http://127.0.0.1:9/topsecret",
        secret="whsec_rVMW8EC7mFFh+zCDPCDegVzbA8/RJTNkv",
        allow_private_addresses=True,
    ),
]
"""Where messages go; nobody listens at the last one."""


def definition(portal_id: str, county: str, host: str, name: str = "县政府", extra: str = "") -> str:
    """A portal definition as a file holds it."""
    return (
        f'id: {portal_id}\nname: "{name}"\ncounty_code: "{county}"\nfamily: generic\nhosts: ["{host}"]\n{extra}'
        f"columns:\n  - id: nb\n    name: 年报\n    address: http://{host}/nb/\n"
    )


@dataclass
class Office:
    """The dashboard at ``address``; ``now`` tells the set moment."""

    folder: Path
    database: Database
    record: Record
    address: str = ""
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def visit(self, name: str) -> Visitor:
        """Somebody of :data:`PEOPLE` who is logged in, the same one each time: logging in is slow by design."""
        if name not in self.visitors:
            self.visitors[name] = visitor(self.address, name)
        return self.visitors[name]


@contextmanager
def office_in(folder: Path, settings: Settings | None = None) -> Iterator[Office]:
    """The dashboard, for the length of the block."""
    portals = folder / "portals"
    portals.mkdir()
    for portal_id, county, name in (
        ("good", HERE, "滑县人民政府"),
        ("blocked", HERE, f"被拒 {HOSTILE}"),
        ("never", HERE, "还没有抓过"),
        ("elsewhere", THERE, "荔湾区人民政府"),
    ):
        text = definition(portal_id, county, f"{portal_id}.example", name)
        (portals / f"{portal_id}.yaml").write_text(text, encoding="utf-8")
    (portals / "broken-here.yaml").write_text(f'id: x\ncounty_code: "{HERE}"\n', encoding="utf-8")
    (portals / "broken-there.yaml").write_text(f'id: y\ncounty_code: "{THERE}"\n', encoding="utf-8")
    database = opened_in(folder)
    try:
        with database.begin() as session:
            register.put_counties(
                session, {HERE: ("滑县", "安阳市", "河南省"), THERE: ("荔湾区", "广州市", "广东省")}
            )
            town = register.RegisteredOrgan("410526111", "焦虎镇", OrganKind.TOWNSHIP, HERE, "滑县")
            register.put_organs(session, [town], [])
            early = register.RegisteredObligation(town.code, 2025, date(2026, 1, 15), "r", "s", "warning")
            register.change_obligations(session, [early], [], [], NOW)
        add_run(database, "good", HERE, NOW - timedelta(days=2), Outcome.COLLECTED, captures=60)
        add_run(database, "good", HERE, NOW - timedelta(days=1), Outcome.UNCHANGED)
        add_run(database, "blocked", HERE, NOW - timedelta(days=1), Outcome.BLOCKED, problem="blocked")
        add_run(database, "elsewhere", THERE, NOW - timedelta(days=1), Outcome.UNCHANGED)
        for name, (role, places) in PEOPLE.items():
            add_user(database, name, role, *places, at=NOW)
        chosen = settings or Settings(folder=folder, notify=NotifySettings(channels=CHANNELS))
        record = record_of(database, lambda: NOW, portals, chosen)
        office = Office(folder, database, record)
        with dashboard(record) as office.address:
            yield office
    finally:
        database.close()


def add_run(
    database: Database,
    portal_id: str,
    county: str,
    at: datetime,
    outcome: Outcome,
    *,
    problem: str | None = None,
    captures: int = 1,
) -> str:
    """A run of a portal with one column, of which 5 entries were read and 6 declared where it was not whole."""
    run_id = f"{portal_id}-{at:%Y%m%d%H%M}"
    records: list[Any] = [
        Capture(
            sequence=number,
            role=CaptureRole.DOCUMENT,
            address=f"http://{portal_id}.example/{number}?q={HOSTILE}",
            final_address=f"http://{portal_id}.example/{number}",
            fetched_at=at,
            status=200,
            sha256=f"{number:064d}",
            size=10 + number,
            media_type="text/html",
            column_id="nb",
        )
        for number in range(1, captures + 1)
    ]
    records.append(
        ColumnPass(
            sequence=captures + 1,
            column_id="nb",
            outcome=outcome,
            whole=outcome.whole,
            pages=1,
            entries=5,
            declared=5 if outcome.whole else 6,
            problem=problem,
        )
    )
    records.append(RunFinished(run_id, at + timedelta(minutes=1), outcome, problem, {"documents": captures}))
    with database.begin() as session:
        run = crawls.add_run(session, RunStarted(run_id, portal_id, county, at, False))
        crawls.add_records(session, run, records, len(records) + 1)
    return run_id
