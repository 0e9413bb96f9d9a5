"""The command as a process of its own: the console script, Ctrl-C in the midst of a crawl, `nianbao serve`."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from crawler.clock import Clock
from crawler.sandbox.sandbox import Sandbox
from monitor.accounts.roles import Role
from monitor.store.database import open_database
from tests.monitor.cli.command import nianbao
from tests.monitor.web.dashboard import add_user, visitor

SCRIPT = Path(sys.executable).parent / "nianbao"


@pytest.fixture
def record(folder: Path) -> Iterator[Path]:
    """A record with portals that answer one request a second."""
    with Sandbox() as sandbox:
        (folder / "nianbao.toml").write_text(
            "[crawl]\nrequest_interval = 1\nallow_private_addresses = true\n[web]\nport = 0\n", encoding="utf-8"
        )
        sandbox.write_portals(folder / "portals", request_interval=None)
        (folder / "organs.csv").write_text(sandbox.organs_csv(), encoding="utf-8")
        assert nianbao("init").status == 0
        assert nianbao("organs", "import", "organs.csv").status == 0
        yield folder


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command as a process, in a group of its own so that Ctrl-C reaches it and its children alone."""
    return subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for something to be so."""
    clock = Clock()
    begun = clock.now()
    while not holds():
        assert (clock.now() - begun).total_seconds() < seconds, "waited in vain"
        time.sleep(0.05)


@pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed in this environment")
def test_the_console_script_ends_with_the_status_of_the_command(folder: Path) -> None:
    done = subprocess.run([SCRIPT, "alerts", "list"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert subprocess.run([SCRIPT, "--help"], cwd=folder, capture_output=True, check=False).returncode == 0


def test_ctrl_c_during_a_crawl_ends_cleanly_and_the_next_run_goes_on(record: Path) -> None:
    process = started(record, "crawl", "--portal", "chengxi")
    logs = record / "var" / "captures" / "runs"
    try:
        wait_until(lambda: any("capture" in log.read_text(encoding="utf-8") for log in logs.glob("*.jsonl")))
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err.splitlines() == ["已中断；已完成的部分都已保存，再次运行即可继续"]
    (log,) = logs.glob("*.jsonl")
    kept = log.read_text(encoding="utf-8").splitlines()
    assert '"run_finished"' in kept[-1]
    assert '"partial"' in kept[-1]
    text = (record / "nianbao.toml").read_text(encoding="utf-8")
    (record / "nianbao.toml").write_text(text.replace("interval = 1", "interval = 0"), encoding="utf-8")
    again = nianbao("crawl", "--portal", "chengxi")
    assert (again.status, again.err) == (0, "")
    assert log.read_text(encoding="utf-8").splitlines() == kept


def test_serve_says_what_is_to_be_known_refuses_a_second_one_and_stops_on_sigterm(record: Path) -> None:
    with (record / "nianbao.toml").open("a", encoding="utf-8") as configuration:
        configuration.write("[clock]\nnow = 2024-02-05T09:00:00\n")
    process = started(record, "serve")
    lines: list[str] = []
    try:
        assert process.stdout is not None
        lines += [process.stdout.readline() for _ in range(4)]
        second = nianbao("serve")
        assert second.status == 1
        assert str(process.pid) in second.problem
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert re.search(r"http://127\.0\.0\.1:\d+/", lines[0])
    assert "nianbao users add" in lines[1], "there is nobody yet"
    assert "06:30" in lines[2]
    assert "2024" not in lines[2]
    assert "何时运行仍按真实时间" in lines[3]
    assert "2024-02-05 09:0" in lines[3]
    assert (out, err) == ("已停止\n", "")


def test_serve_answers_on_its_page_and_a_taken_port_is_one_line(record: Path) -> None:
    process = started(record, "serve")
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert found
        answer = httpx2.get(found[0], headers={"Accept-Language": "en"}, follow_redirects=True)
        assert answer.status_code == 200
        assert "Annual report monitor" in answer.text
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file = record / "nianbao.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("port = 0", f"port = {port}"), encoding="utf-8")
        said = nianbao("serve")
    assert said.status == 1
    assert f"127.0.0.1:{port}" in said.problem


def test_serve_begins_without_portals_and_says_what_comes_next(folder: Path) -> None:
    (folder / "nianbao.toml").write_text("[web]\nport = 0\n", encoding="utf-8")
    assert nianbao("init").status == 0
    database = open_database("sqlite:///var/nianbao.sqlite", folder)
    add_user(database, "admin", Role.ADMINISTRATOR, at=Clock().now())
    database.close()
    process = started(folder, "serve")
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        (address,) = re.findall(r"http://[\d.:]+", lines[0])
        assert "添加" in lines[1]
        for language, step in (("zh-CN", "由一个网址添加门户"), ("en", "Add a portal from an address")):
            reader = visitor(address, "admin", language)
            for path in ("/", "/portals"):
                assert step in reader.get(path).text.partition('id="first-steps"')[2], (path, language)
            assert reader.get("/discoveries").status_code == 200
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")


def test_serve_with_a_wrong_crontab_is_one_line(record: Path) -> None:
    with (record / "nianbao.toml").open("a", encoding="utf-8") as file:
        file.write('[schedule]\nmain_job = "at dawn"\n')
    said = nianbao("serve")
    assert said.status == 2
    assert "main_job" in said.problem
