"""Commands of ours as processes of their own: started, waited for, ended in good order, never left behind.

A child's standard input is a pipe that nobody writes to. It ends when the parent does, however that comes about,
and then the child ends as by Ctrl-C (:func:`end_with_parent`).
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STOP_SECONDS = 60
"""How long a child gets to end cleanly."""
_logger = logging.getLogger(__name__)


class Children:
    """The commands that are running for this process."""

    def __init__(self, config: Path | None) -> None:
        self._common = ["--config", str(config.resolve())] if config else []
        self._running: list[subprocess.Popen[bytes]] = []
        self._stopping = False
        self._lock = threading.Lock()

    @property
    def stopping(self) -> bool:
        """Whether everything is being ended: a child that ends now was told to."""
        return self._stopping

    def start(self, *command: str, quiet: bool = False) -> subprocess.Popen[bytes] | None:
        """Starts a command; None where everything is being ended. ``quiet``: only its problems are shown."""
        with self._lock:
            if self._stopping:
                return None
            # A session of its own: Ctrl-C reaches this process alone, which then ends its children in good order.
            child = subprocess.Popen(  # nosec B603: this Python and names of ours
                [sys.executable, "-m", "monitor.cli", *self._common, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL if quiet else None,
                start_new_session=True,
            )
            self._running.append(child)
            return child

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        """Waits for the end of a child; its exit status, below zero where a signal ended it."""
        try:
            return child.wait()
        finally:
            with self._lock:
                self._running.remove(child)
            if child.stdin:
                child.stdin.close()

    def run(self, *command: str, quiet: bool = False) -> int:
        """Runs a command to its end; its exit status, 0 where everything is being ended."""
        child = self.start(*command, quiet=quiet)
        status = self.wait(child) if child else 0
        return 0 if self._stopping else status

    def end(self, seconds: float = STOP_SECONDS) -> None:
        """Starts no more, asks those that run to end as Ctrl-C would, and ends those that do not in time."""
        with self._lock:
            self._stopping = True
            running = list(self._running)
        for child in running:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGINT)
        for child in running:
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                _logger.warning("a job did not end within %s seconds and is killed", seconds)
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)


@contextmanager
def in_turn(lock: Path) -> Iterator[None]:
    """Holds ``lock`` for the block; waits for whoever holds it: the job of a worker that is gone, as it ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def end_with_parent() -> None:
    """Ends this process as by Ctrl-C when its standard input ends. For children of :class:`Children`."""
    # Not by the buffered reader: its lock would be held when the interpreter ends, which then aborts.
    descriptor = sys.stdin.fileno()

    def watch() -> None:
        with suppress(OSError):
            while os.read(descriptor, 1):
                pass
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, name="nianbao parent", daemon=True).start()
