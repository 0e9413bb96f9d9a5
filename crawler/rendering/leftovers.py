"""The browser of a run, seen from outside: where it keeps its files, and how it is ended with its run.

A browser stands in a process group of its own, so the end of the crawling process alone does not end it. Light to
import: the process that starts crawls uses it, and it knows nothing of Playwright.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

_PREFIX = "nianbao-browser-"
_PIDS = "pids"
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


def note_browser(folder: Path, pid: int) -> None:
    """Write down a browser that was started, so that it can be ended from outside."""
    with (folder / _PIDS).open("a", encoding="ascii") as file:
        file.write(f"{pid}\n")


def end_browser(run_id: str) -> None:
    """Kill what is left of a run's browser and remove its files; nothing where the run had none."""
    folder = folder_of_run(run_id)
    if not folder.exists():
        return
    try:
        pids = [int(line) for line in (folder / _PIDS).read_text(encoding="ascii").split()]
    except (OSError, ValueError):
        pids = []
    end = monotonic() + _REMOVAL_SECONDS
    while folder.exists() and monotonic() < end:
        for pid in pids:
            kill_browser(folder, pid)
        shutil.rmtree(folder, ignore_errors=True)
        # A browser in its death, or its driver, may still write.
        sleep(0.05)


def kill_browser(folder: Path, pid: int) -> None:
    """Kill a browser with all its processes, if it still runs."""
    if _is_browser_of(folder, pid):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _is_browser_of(folder: Path, pid: int) -> bool:
    """Whether this process is the browser that was noted: numbers of processes are used again."""
    try:
        return os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
