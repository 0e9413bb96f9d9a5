"""How long `nianbao serve` takes until it says its address and until it is ready, and the memory of it when idle.

``python -m tests.benchmarks.start [--times 5]`` makes a small store, starts the command so often on it and ends
it, by turns with a bare server: Starlette, uvicorn, Jinja2 and SQLAlchemy's ORM loaded and one address answered.
Prints one JSON object with medians: seconds and processor seconds until the address and until ``/readyz`` answers
200, megabytes of the process and its children ten seconds later (shared pages counted once), and the ratios to the
bare server. On a machine with other work the processor time is the figure to go by.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
import psutil

from monitor.store.database import open_database

_BARE = """
import jinja2, sqlalchemy.orm, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
import asyncio, socket
jinja2.Environment()
listener = socket.create_server(("127.0.0.1", 0))
application = Starlette(routes=[Route("/readyz", lambda request: PlainTextResponse("ready"))])
server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="off"))
async def main():
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.001)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    await serving
asyncio.run(main())
"""
_SERVED = {
    "nianbao": ["-m", "monitor.cli", "serve"],
    "bare": ["-c", _BARE],
}
_PORTAL = """\
id: dongling
name: 东陵县人民政府
county_code: "410526"
family: generic
hosts: ["127.0.0.1:9"]
columns:
  - id: nb
    name: 政府信息公开年报
    address: http://127.0.0.1:9/nb/
"""


def start(folder: Path, command: list[str], *, idle: float) -> dict[str, float]:
    """One start of a server in ``folder``; ``idle``: so many seconds before its memory is read (0: not at all)."""
    environment = {**os.environ, "NIANBAO_WEB__PORT": "0", "PYTHONUNBUFFERED": "1"}
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    try:
        assert child.stdout is not None
        process = psutil.Process(child.pid)
        address = next(found[0] for line in child.stdout if (found := re.search(r"http://[\d.:]+/", line)))
        told = {"seconds": time.monotonic() - began, "processor_seconds": sum(process.cpu_times()[:2])}
        with httpx2.Client(base_url=address) as client:
            while client.get("/readyz").status_code != 200:
                time.sleep(0.01)
        told |= {
            "ready_seconds": time.monotonic() - began,
            "ready_processor_seconds": sum(process.cpu_times()[:2]),
        }
        if idle:
            time.sleep(idle)
            group = [process, *process.children(recursive=True)]
            told["megabytes"] = sum(one.memory_full_info().pss for one in group) / 2**20
        return told
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(30)


def measure(folder: Path, times: int) -> dict[str, dict[str, float]]:
    """Medians for both servers, and the ratios between them."""
    (folder / "portals").mkdir()
    (folder / "portals" / "dongling.yaml").write_text(_PORTAL, encoding="utf-8")
    (folder / "nianbao.toml").write_text(
        f'[store]\ndatabase = "sqlite:///nianbao.sqlite"\n[web]\nsecret = "{"x" * 40}"\n', encoding="utf-8"
    )
    database = open_database("sqlite:///nianbao.sqlite", folder)
    database.migrate()
    database.close()
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in _SERVED}
    for turn in range(times + 1):
        for name, command in _SERVED.items():
            once = start(folder, command, idle=10 if turn == times else 0)
            if turn:  # the first start reads files that the others find in memory
                measured[name].append(once)
    medians = {
        name: {
            figure: round(statistics.median([one[figure] for one in every if figure in one]), 2)
            for figure in every[-1]
        }
        for name, every in measured.items()
    }
    ratios = {figure: round(value / medians["bare"][figure], 2) for figure, value in medians["nianbao"].items()}
    return {**medians, "ratio": ratios}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(measure(Path(place), parser.parse_args().times), indent=2))
