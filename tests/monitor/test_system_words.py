"""Why the system refuses something is told in the reader's language, with the remedy."""

import errno
import re
import socket
from pathlib import Path

import pytest

from crawler.captures import Archive, ArchiveError, DamagedCapture, MissingCapture
from monitor.archive_words import archive_in_words
from monitor.jobs.seasons import SeasonError, seasons_of
from monitor.settings import Settings
from monitor.system_words import reason_of
from monitor.web.server import WebError, serving


def test_the_usual_reasons_have_words_in_both_languages() -> None:
    taken = OSError(errno.EADDRINUSE, "Address already in use (while attempting to bind on address ('::1', 1))")
    assert reason_of(taken) == "端口已被别的程序占用"
    assert reason_of(PermissionError(errno.EACCES, "Permission denied")) == "没有权限"
    assert reason_of(PermissionError(errno.EACCES, "Permission denied"), "en") == "no permission"
    assert reason_of(socket.gaierror(-2, "Name or service not known")) == "找不到这个主机名"


def test_others_are_told_as_the_system_tells_them() -> None:
    assert reason_of(OSError(errno.EXDEV, "Invalid cross-device link")) == "Invalid cross-device link"
    assert reason_of(TimeoutError()) == "TimeoutError"


def test_a_taken_port_and_an_address_that_is_not_ours_are_told_in_chinese() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WebError) as told, serving(None, "127.0.0.1", port):  # type: ignore[arg-type]
            pass
    assert str(told.value) == f"网页服务不能用 127.0.0.1:{port}（端口已被别的程序占用）；请检查 [web] host 和 port"


def test_a_file_of_seasons_that_is_not_there_is_told_with_its_setting(tmp_path: Path) -> None:
    settings = Settings.model_validate({"schedule": {"seasons": str(tmp_path / "nope.yaml")}})
    with pytest.raises(SeasonError) as told:
        seasons_of(settings)
    assert re.fullmatch(
        r"读不了访问时间表 .*/nope.yaml（没有这个文件或文件夹）；请检查 \[schedule\] seasons", str(told.value)
    )


def test_what_the_archive_cannot_do_is_told_in_chinese(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(b"a page")
    blob = tmp_path / "blobs" / digest[:2] / f"{digest}.zst"
    blob.write_bytes(b"damaged")
    with pytest.raises(DamagedCapture) as damaged:
        archive.get(digest)
    assert re.fullmatch(
        rf"读不出 {blob}（.*）；请检查权限，文件已损坏的请从备份恢复", archive_in_words(str(damaged.value))
    )
    blob.unlink()
    with pytest.raises(MissingCapture) as missing:
        archive.get(digest)
    assert archive_in_words(str(missing.value)).startswith(f"归档中没有 {blob}；")
    log = tmp_path / "runs" / "r.jsonl"
    log.parent.mkdir(exist_ok=True)
    log.write_text("no record\nnone either\n", encoding="utf-8")
    with pytest.raises(ArchiveError) as broken:
        list(archive.read_log("r"))
    assert archive_in_words(str(broken.value)) == f"{log} 第 1 行已损坏；请从备份恢复这份采集记录"
    for problem in (damaged, missing, broken):
        assert archive_in_words(str(problem.value), "en") == str(problem.value)
    assert archive_in_words("something new") == "something new"
