"""The browser of a run, seen from outside: where it keeps its files, and how it is ended with its run.

A browser stands in a process group of its own, so the end of the crawling process alone does not end it. Light to
import: the process that starts crawls uses it, and it knows nothing of Playwright.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

_PREFIX = "nianbao-browser-"
_REMOVAL_SECONDS = 3.0
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The path of the system's chromium, None where there is none."""
    return next((path for name in _CHROMIUM if (path := shutil.which(name))), None)


def missing_parts() -> tuple[str, ...]:
    """What rendering lacks on this machine: ``playwright``, ``chromium``, or nothing."""
    lacking = [] if find_spec("playwright") else ["playwright"]
    return tuple(lacking if find_chromium() else [*lacking, "chromium"])


def folder_of_run(run_id: str) -> Path:
    """Where the browser of a run keeps its profile while it runs."""
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{run_id}"


def end_browser(run_id: str) -> None:
    """Kill what is left of a run's browser and remove its files; nothing where the run had none."""
    folder = folder_of_run(run_id)
    end = monotonic() + _REMOVAL_SECONDS
    while folder.exists() and monotonic() < end:
        kill_browser(folder)
        shutil.rmtree(folder, ignore_errors=True)
        # A browser in its death, or its driver, may still write.
        sleep(0.05)


def kill_browser(folder: Path) -> None:
    """Kill the browser that keeps its files in this folder, with all its processes.

    It is looked for among all processes and not by a number written down: one that is just starting has told none.
    """
    mark = os.fsencode(folder) + b"/"
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "cmdline").read_bytes():
                pid = int(process.name)
                os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, signal.SIGKILL)
        except OSError:
            # It ended meanwhile, or is somebody else's.
            continue
