"""LibreOffice as the last resort: found, limited, and told of in one line when it is missing or fails."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest

from parsers.documents import office
from parsers.documents.model import DOC, Grid
from parsers.documents.office import read_with_office
from parsers.schema import UnreadableDocument

MAKES = Path(__file__).parent / "word" / "makes.doc"


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Puts a program named soffice on the path; ``$out`` is the folder it writes to."""
    program = folder / "soffice"
    find = 'while [ "$1" != --outdir ]; do shift; done; out="$2"\n'
    program.write_text(f"#!/bin/sh\n{find}{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def refused(match: str) -> None:
    """Asserts that the file is refused in one line."""
    with pytest.raises(UnreadableDocument, match=rf"^旧文件[^\n]*{match}[^\n]*$"):
        read_with_office(MAKES.read_bytes(), ".doc", "旧文件", DOC)


def test_without_libreoffice_the_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "PROGRAMS", ())
    refused("apt-get install libreoffice-writer")


def test_one_that_hangs_is_ended_with_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, f"sleep 600 & echo $! > {tmp_path}/child; sleep 600")
    monkeypatch.setattr(office, "SECONDS", 0.5)
    refused("没有完成转换")
    assert has_ended(tmp_path / "child")


def has_ended(file: Path) -> bool:
    """Whether the process whose number stands in a file is no more."""
    stat = Path("/proc", file.read_text(encoding="utf-8").strip(), "stat")
    return not stat.exists() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"


def soon(met: Callable[[], bool]) -> bool:
    """Whether something comes to be in ten seconds."""
    for _ in range(200):
        if met():
            return True
        sleep(0.05)
    return False


def test_it_ends_with_the_worker_that_started_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(
        tmp_path, monkeypatch, f"sleep 600 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/self; sleep 600"
    )
    code = (
        "from pathlib import Path; from parsers.documents.office import read_with_office\n"
        f"read_with_office(Path({str(MAKES)!r}).read_bytes(), '.doc', '旧文件', 'application/msword')"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2], start_new_session=True)
    try:
        assert soon(lambda: (tmp_path / "self").exists() and (tmp_path / "self").stat().st_size > 1)
    finally:
        worker.kill()
        worker.wait()
    assert soon(lambda: has_ended(tmp_path / "self") and has_ended(tmp_path / "child"))


def test_one_that_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, "exit 1")
    refused("也不能读取")


def test_one_that_writes_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, 'head -c 300000 /dev/zero > "$out/document.docx"; exit 0')
    monkeypatch.setattr(office, "LARGEST_OUTPUT", 100_000)
    refused("")


def test_macros_links_and_the_network_are_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(
        tmp_path,
        monkeypatch,
        f'cat "$HOME/profile/user/registrymodifications.xcu" > {tmp_path}/seen; env >> {tmp_path}/seen',
    )
    refused("也不能读取")
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    for word in ("DisableMacrosExecution", "BlockUntrustedRefererLinks", "https_proxy=http://127.0.0.1:9"):
        assert word in seen


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_what_libreoffice_writes_is_read() -> None:
    document = read_with_office(MAKES.read_bytes(), ".doc", "旧文件", DOC)
    assert document.media_type == DOC
    assert any(isinstance(block, Grid) for block in document.blocks)
