"""A PostgreSQL server in a temporary folder, for as long as somebody holds its standard input open.

    python tests/postgresql_server.py PROGRAMS

``PROGRAMS`` is the folder with ``bin/initdb`` and ``bin/postgres``. Prints the folder of the socket when the
server answers; a line on standard input restarts it. When standard input ends, at the end of the tests, at Ctrl-C
or when they are killed, it ends the server and takes its folder away. PostgreSQL refuses to run as root: root
runs it as nobody.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

START_SECONDS = 60
USER = "nianbao"
GUARDED = "guarded"
"""This user is asked for a password; everybody else on this machine who can reach the socket is let in."""
_NOBODY = 65534
# Nothing of the tests has to outlive a power failure.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "dynamic_shared_memory_type": "mmap",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def main(programs: Path, others: Mapping[str, str]) -> int:
    """Serves until standard input ends; ``others`` are settings that stand for ours."""
    # Ctrl-C is for the tests; they end, and with them our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The path of a socket may have about a hundred characters: not every TMPDIR is short enough.
    folder = Path(tempfile.mkdtemp(prefix="nianbao-pg-", dir="/tmp"))
    server = None
    try:
        user = _another_user(folder)
        if user:
            programs = _within_reach(programs, folder)
        environment = {"HOME": str(folder), "PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        common: dict[str, Any] = {"cwd": folder, "env": environment, **user}
        made = subprocess.run(
            [programs / "bin" / "initdb", "-D", folder / "data", "-U", USER, "--auth=trust", "--encoding=UTF8",
             "--locale=C", "--no-sync", "--no-instructions"],
            capture_output=True, text=True, check=False, **common,
        )  # fmt: skip
        if made.returncode:
            sys.stderr.write(made.stderr)
            return 1
        rules = f"local all {GUARDED} scram-sha-256\nlocal all all trust\n"
        (folder / "data" / "pg_hba.conf").write_text(rules, encoding="ascii")
        settings = [f"--{name}={value}" for name, value in {**_SETTINGS, **others}.items()]
        while True:
            with (folder / "log").open("ab") as log:
                server = subprocess.Popen(
                    [programs / "bin" / "postgres", "-D", folder / "data", "-k", folder, *settings],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **common,
                )  # fmt: skip
            if not _answers(server, folder):
                sys.stderr.write((folder / "log").read_text(encoding="utf-8", errors="replace"))
                return 1
            print(folder, flush=True)
            if not sys.stdin.buffer.readline():
                return 0
            _end(server)
    finally:
        if server is not None:
            _end(server)
        shutil.rmtree(folder, ignore_errors=True)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ends the server, whoever is connected."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _another_user(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    os.chown(folder, _NOBODY, _NOBODY)
    folder.chmod(0o755)
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def _within_reach(programs: Path, folder: Path) -> Path:
    """A copy of the programs that nobody may run too: an environment may lie in root's own folder.

    The libraries that a wheel brings along stand beside its package and are found from there.
    """
    if programs.is_relative_to("/usr"):
        return programs
    package = programs.parent
    to = folder / "programs"
    shutil.copytree(programs, to / package.name / programs.name, ignore=shutil.ignore_patterns("include", "doc"))
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    to.chmod(0o755)
    return to / package.name / programs.name


def _answers(server: subprocess.Popen[bytes], folder: Path) -> bool:
    """Waits until the server takes connections; whether it does."""
    status = folder / "data" / "postmaster.pid"
    end = monotonic() + START_SECONDS
    while monotonic() < end and server.poll() is None:
        try:
            lines = status.read_text(encoding="ascii").splitlines()
        except OSError:
            lines = []
        # Its eighth line says how far it is: src/include/utils/pidfile.h.
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return True
        sleep(0.02)
    return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), dict(one.split("=", 1) for one in sys.argv[2:])))
