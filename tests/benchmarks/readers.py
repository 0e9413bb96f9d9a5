"""Many readers of the dashboard at once: how long they wait, and what the server takes.

``python -m tests.benchmarks.readers FOLDER --readers 50 --seconds 300`` serves the record in FOLDER (a store that
``tests.benchmarks.large_store --keep FOLDER`` left, brought up and assessed by this program) from a process of its
own. So many readers open one page after the other, each two to six seconds after the one before. Prints one JSON
object: seconds until the server answered, its memory at rest and in the end, and of the answers the median, the
95th percentile and the slowest in milliseconds, and how many were not 200.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import psutil

from monitor.access.base import KnownPortals, Record
from monitor.accounts import logging_in, passwords
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.settings import Settings
from monitor.store import accounts, register
from monitor.store.database import Database, open_database
from tests.benchmarks.large_store import FIRST_PASS

SECRET = "0123456789abcdef0123456789abcdef"
NAME = "reader"
_PASSWORD = "the readers of the benchmark"


def serve(folder: str, port: Any) -> None:
    """The dashboard over the store, until the process is ended."""
    from monitor.web.application import make_application
    from monitor.web.server import serving

    database = open_database("sqlite:///nianbao.sqlite", Path(folder))
    portals = KnownPortals(Path(folder) / "portals")
    record = Record(database, Settings(), lambda: FIRST_PASS.replace(month=3), SECRET, portals)
    with serving(make_application(record), "127.0.0.1", 0) as address:
        port.put(address.rstrip("/"))
        time.sleep(1e6)


def pages_of(database: Database, chance: random.Random) -> list[str]:
    """Pages that staff open: the overview, counties, organs, alerts and search."""
    counties = register.county_codes(database, with_organs=True)
    with database.reading() as session:
        organs = [code for one in chance.sample(counties, 20) for code in register.organs_of_county(session, one)]
    return [
        "/",
        "/alerts",
        *(f"/counties/{code}" for code in chance.sample(counties, 40)),
        *(f"/organs/{code}" for code in chance.sample(organs, 40)),
        *(f"/search?q={code}" for code in chance.sample(organs, 10)),
        *(f"/?place={code[:4]}" for code in chance.sample(counties, 10)),
    ]


def read(address: str, cookie: str, paths: list[str], until: float, answers: list[tuple[float, int]]) -> None:
    """One reader: a page after the other, with a breath between."""
    chance = random.Random(cookie + str(threading.get_ident()))
    # The server closes a connection after five idle seconds; a browser then asks again, this client would not.
    limits = httpx2.Limits(keepalive_expiry=4)
    cookies = {"nianbao_session": cookie}
    with httpx2.Client(base_url=address, cookies=cookies, timeout=60, limits=limits) as client:
        while time.monotonic() < until:
            began = time.perf_counter()
            try:
                status = client.get(chance.choice(paths)).status_code
            except httpx2.TransportError:
                status = 0
            answers.append((time.perf_counter() - began, status))
            time.sleep(chance.uniform(2, 6))


def measure(folder: Path, readers: int, seconds: float) -> dict[str, Any]:
    """The figures of so many readers for so long."""
    from itsdangerous import Signer

    database = open_database("sqlite:///nianbao.sqlite", folder)
    now = FIRST_PASS.replace(month=3)
    with database.begin() as session:
        if accounts.user_named(session, NAME) is None:
            accounts.add_user(session, NAME, Role.VIEWER, Scope(), passwords.hashed(_PASSWORD), now)
    _, secret = logging_in.log_in(database, NAME, _PASSWORD, "127.0.0.1", now)
    cookie = Signer(SECRET, salt="nianbao cookie", key_derivation="hmac").sign(secret.encode()).decode()
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    began = time.monotonic()
    server = context.Process(target=serve, args=(str(folder), told), daemon=True)
    server.start()
    address = told.get(timeout=120)
    measured: dict[str, Any] = {"readers": readers, "seconds_to_start": round(time.monotonic() - began, 2)}
    process = psutil.Process(server.pid)
    measured["megabytes_at_rest"] = round(process.memory_info().rss / 2**20)
    answers: list[tuple[float, int]] = []
    paths = pages_of(database, random.Random(1))
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=read, args=(address, cookie, paths, until, answers)) for _ in range(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits = sorted(1000 * wait for wait, _ in answers)
    measured |= {
        "answers": len(waits),
        "not_200": sum(status != 200 for _, status in answers),
        "median_ms": round(statistics.median(waits)),
        "p95_ms": round(waits[int(len(waits) * 0.95)]),
        "slowest_ms": round(waits[-1]),
        "processor_ms_an_answer": round(1000 * sum(process.cpu_times()[:2]) / len(waits), 1),
        "megabytes_in_the_end": round(process.memory_info().rss / 2**20),
    }
    server.kill()
    database.close()
    return measured


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300)
    chosen = parser.parse_args()
    print(json.dumps(measure(chosen.folder, chosen.readers, chosen.seconds)))


if __name__ == "__main__":
    main()
