"""`nianbao run` killed at random moments of a pass: does the next pass come to what an undisturbed one came to?

    python -m tests.benchmarks.killed [--moments 50] [--seed 1]

Every process of the run is killed at once with SIGKILL: the command, the fork server, the crawling and parsing
processes. Compared are the captured documents (address and digest), the versions of reports, and the alerts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from time import monotonic, sleep

from sqlalchemy import create_engine, text

from crawler.sandbox.loopback import LoopbackServer, RequestSeen
from crawler.sandbox.sandbox import organs_as_csv
from monitor.registry.organs import import_organs
from monitor.store.database import open_database
from tests.crawler.plain_site import COLUMN, PlainSite
from tests.databases import address_in, copy_address, store_section

COUNTIES = ("990101", "990102")
_SETTINGS = """[crawl]
allow_private_addresses = true
[watch]
years = [2018, 2019, 2020, 2021, 2022, 2023]
[clock]
now = 2024-02-05T09:00:00
"""
_PORTAL = """id: p{county}
name: {county}县人民政府
county_code: "{county}"
family: trs
hosts: ["{host}"]
request_interval: 0.04
columns:
  - id: nb
    name: 年报
    address: http://{host}{column}
    covers: [township]
"""
# Only what was fetched and what follows from it; when, and in which run, is not the same after a kill.
_RECORD = {
    "captures": "SELECT DISTINCT portal_id, address, sha256, problem FROM capture WHERE sha256 IS NOT NULL",
    "versions": "SELECT report_key, content_digest, sha256, portal_id, address FROM report_version",
    "alerts": "SELECT identity, kind, severity, state, substance FROM alert",
    "entries": "SELECT DISTINCT portal_id, column_id, address, title FROM entry",
    "steps": "SELECT identity, what FROM alert_event JOIN alert ON alert.id = alert_id WHERE what != 'updated'",
}
Record = Mapping[str, Counter[tuple[object, ...]]]


@dataclass(frozen=True)
class Stand:
    """A folder made ready for a first pass, and what an undisturbed pass makes of it."""

    prepared: Path
    seconds: float
    expected: Record
    requests: list[RequestSeen]


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """Two portals with twenty reports each, served while the block lasts, and one undisturbed pass."""
    sites = [PlainSite(county, date(2024, 2, 3)) for county in COUNTIES]
    for county, site in zip(COUNTIES, sites, strict=True):
        site.id = county
    with LoopbackServer() as server:
        prepared = folder / "prepared"
        (prepared / "portals").mkdir(parents=True)
        (prepared / "nianbao.toml").write_text(store_section(prepared) + _SETTINGS, encoding="utf-8")
        for county, site in zip(COUNTIES, sites, strict=True):
            host = f"127.0.0.1:{server.serve(site)}"
            text = _PORTAL.format(county=county, host=host, column=COLUMN)
            (prepared / "portals" / f"{county}.yaml").write_text(text, encoding="utf-8")
        organs = [organ for site in sites for organ in site.content.organs]
        (prepared / "organs.csv").write_text(organs_as_csv(organs), encoding="utf-8")
        with closing(open_database(_address(prepared), prepared)) as database:
            database.migrate()
            import_organs(database, prepared / "organs.csv")
        undisturbed = copy_of(prepared, folder / "undisturbed")
        started = monotonic()
        _run(undisturbed)
        yield Stand(prepared, monotonic() - started, record(undisturbed), server.requests)


def killed_at(made: Stand, folder: Path, seconds: float) -> tuple[bool, Record]:
    """Kill a pass so many seconds after its start and make another. Whether it was still going on; the record."""
    copy_of(made.prepared, folder)
    process = subprocess.Popen(
        _command("run"), cwd=folder, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    sleep(seconds)
    going_on = process.poll() is None
    _kill_all(process.pid)
    process.wait()
    _run(folder)
    return going_on, record(folder)


def record(folder: Path) -> Record:
    """What stands in the database that must not depend on how often a pass was killed."""
    engine = create_engine(_address(folder))
    try:
        with engine.connect() as connection:
            return {
                name: Counter(tuple(row) for row in connection.execute(text(query)))
                for name, query in _RECORD.items()
            }
    finally:
        engine.dispose()


def differences(expected: Record, found: Record) -> list[str]:
    """What is missing from a record and what is too much, in words."""
    said = []
    for name in _RECORD:
        said += [f"{name}: missing {row}" for row in (expected[name] - found[name])]
        said += [f"{name}: too much {row}" for row in (found[name] - expected[name])]
    return said


def copy_of(prepared: Path, folder: Path) -> Path:
    """A copy of a folder and of its database."""
    before = store_section(prepared)
    shutil.copytree(prepared, folder)
    if before:
        copy_address(prepared, folder)
        settings = (folder / "nianbao.toml").read_text(encoding="utf-8").replace(before, store_section(folder))
        (folder / "nianbao.toml").write_text(settings, encoding="utf-8")
    return folder


def _address(folder: Path) -> str:
    return address_in(folder) if store_section(folder) else f"sqlite:///{folder / 'var' / 'nianbao.sqlite'}"


def _run(folder: Path) -> None:
    done = subprocess.run(
        _command("run"), cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"the pass failed: {done.stdout}\n{done.stderr}")


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "monitor.cli", *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[2])}


def _kill_all(pid: int) -> None:
    """Kill a process and everything that it started, down to the last; stopped first, so that none escapes."""
    family = [pid]
    for member in family:
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGSTOP)
        family += [child for child in _children(member) if child not in family]
    for member in family:
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path("/proc").glob(f"{pid}/task/*/children"):
        with suppress(OSError):
            found += [int(child) for child in task.read_text(encoding="ascii").split()]
    return found


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    random = Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="nianbao-killed-") as name, stand(Path(name)) as made:
        print(f"undisturbed: {made.seconds:.1f} s, " + ", ".join(
            f"{sum(rows.values())} {what}" for what, rows in made.expected.items()))  # fmt: skip
        killed = other = 0
        for number in range(chosen.moments):
            moment = random.uniform(0.0, made.seconds)
            folder = Path(name) / str(number)
            going_on, found = killed_at(made, folder, moment)
            killed += going_on
            told = differences(made.expected, found)
            other += bool(told)
            print(
                f"{moment:6.2f} s {'killed' if going_on else 'was over'}",
                *(told[:5] or ["the same"]),
                sep="\n    ",
            )
            shutil.rmtree(folder)
        print(
            f"{chosen.moments} moments, {killed} within the pass: {chosen.moments - other} the same, {other} not"
        )
    sys.exit(1 if other else 0)


if __name__ == "__main__":
    main()
