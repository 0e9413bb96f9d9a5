"""The archive: stored once, never overwritten, whole or not at all; logs that survive their process."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.captures import Archive, ArchiveError, DamagedCapture, HostBusy, MissingCapture, PortalBusy
from crawler.clock import SHANGHAI
from crawler.records import (
    Capture,
    CaptureRole,
    ColumnPass,
    Entry,
    EntryKind,
    Outcome,
    Record,
    RunFinished,
    RunStarted,
    record_from_json,
    record_to_json,
)

ROOT = Path(__file__).parents[2]
NOW = datetime(2024, 2, 5, 9, 0, tzinfo=SHANGHAI)
STARTED = RunStarted("20240205T090000-test-abc123", "test", "990101", NOW, False)
RUN = STARTED.run_id


def capture(sequence: int) -> Capture:
    return Capture(
        sequence,
        CaptureRole.DOCUMENT,
        "http://a/b",
        "http://a/b",
        NOW,
        200,
        "0" * 64,
        3,
        "text/html",
        {"etag": '"x"'},
    )


def log_path(root: Path) -> Path:
    return root / "runs" / f"{RUN}.jsonl"


@given(st.binary(max_size=3000))
def test_what_is_put_is_got(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    digest = archive.put(data)
    assert archive.get(digest) == data
    assert archive.put(data) == digest


def test_the_same_bytes_are_stored_once_and_not_touched_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(b"report")
    (path,) = tmp_path.rglob("*.zst")
    before = path.stat()
    assert Archive(tmp_path).put(b"report") == digest
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert list(tmp_path.rglob("*.tmp")) == []


def test_a_body_that_was_lost_or_damaged_is_never_given_out(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(b"report " * 100)
    (path,) = tmp_path.rglob("*.zst")
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    with pytest.raises(DamagedCapture):
        archive.get(digest)
    path.write_bytes(b"")
    with pytest.raises(DamagedCapture):
        archive.get(digest)
    assert archive.put(b"report " * 100) == digest
    assert archive.get(digest) == b"report " * 100
    path.unlink()
    with pytest.raises(MissingCapture):
        archive.get(digest)
    assert not archive.has(digest)
    with pytest.raises(ArchiveError):
        archive.get("../../etc/passwd")


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("no folder")
    with pytest.raises(ArchiveError, match="check space and permissions"):
        Archive(tmp_path).put(b"x")


RECORDS: list[Record] = [
    STARTED,
    capture(1),
    Entry(2, "c1", "http://a/b", "甲镇2023年年报", EntryKind.REPORT, NOW.date(), "http://a/"),
    Entry(3, "c1", "http://a/c", "通知", EntryKind.LOOK_ALIKE, None, "http://a/"),
    ColumnPass(4, "c1", Outcome.COLLECTED, True, 1, 2, None),
    RunFinished(RUN, NOW, Outcome.COLLECTED, None, {"captures": 1}),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_come_back_from_json_as_they_were(record: Record) -> None:
    assert record_from_json(record_to_json(record)) == record


def test_a_log_is_read_back_and_from_where_reading_ended(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    log = archive.start_run(STARTED)
    for record in RECORDS[1:-1]:
        log.write(record)
    assert [record for _, record in archive.read_log(RUN)] == RECORDS[:-1]
    assert archive.finish_of(RUN) is None
    last = RECORDS[-1]
    assert isinstance(last, RunFinished)
    log.finish(last)
    assert list(archive.read_log(RUN)) == list(enumerate(RECORDS, start=1))
    assert list(archive.read_log(RUN, from_line=4)) == [(5, RECORDS[4]), (6, RECORDS[5])]
    assert list(archive.read_log(RUN, from_line=6)) == []
    assert archive.finish_of(RUN) == last
    assert archive.log_ids() == [RUN]
    with pytest.raises(ArchiveError):
        log.write(capture(9))
    with pytest.raises(ArchiveError, match="has its log already"):
        archive.start_run(STARTED)
    with pytest.raises(ArchiveError, match="no log"):
        list(archive.read_log("20240205T090000-other-abc123"))


def test_a_half_written_last_line_is_passed_over_and_cut_off_on_closing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with archive.start_run(STARTED) as log:
        log.write(capture(1))
    whole = log_path(tmp_path).read_bytes()
    for torn in (b'{"record":"cap', b"\0\0\0\0", b'{"record":"capture"}', b"{}\n"):
        log_path(tmp_path).write_bytes(whole + torn)
        assert [record for _, record in archive.read_log(RUN)] == [STARTED, capture(1)]
        assert archive.close_unfinished(NOW) == [RUN]
        records = [record for _, record in archive.read_log(RUN)]
        assert records == [STARTED, capture(1), RunFinished(RUN, NOW, Outcome.CRASHED, "died")]
        assert archive.close_unfinished(NOW) == []


def test_a_damaged_line_in_the_middle_is_told_not_passed_over(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with archive.start_run(STARTED) as log:
        log.write(capture(1))
    path = log_path(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"capture"', b'"cup"') + path.read_bytes().splitlines(True)[1])
    with pytest.raises(ArchiveError, match="line 2: is damaged"):
        list(archive.read_log(RUN))


def test_a_log_that_died_before_its_first_record_is_taken_away(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    (tmp_path / "runs").mkdir()
    log_path(tmp_path).write_bytes(b'{"record":"run_st')
    assert archive.close_unfinished(NOW) == []
    assert archive.log_ids() == []


def test_a_log_whose_process_lives_is_left_alone(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    log = archive.start_run(STARTED)
    assert Archive(tmp_path).close_unfinished(NOW) == []
    assert archive.finish_of(RUN) is None
    log.close()
    assert Archive(tmp_path).close_unfinished(NOW, except_ids=[RUN]) == []
    assert Archive(tmp_path).close_unfinished(NOW) == [RUN]


def test_a_portal_is_held_by_one(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    lock = archive.lock_portal("test")
    with pytest.raises(PortalBusy, match="test: is being crawled by another process"):
        Archive(tmp_path).lock_portal("test")
    Archive(tmp_path).lock_portal("other").release()
    lock.release()
    Archive(tmp_path).lock_portal("test").release()


def test_bodies_lie_in_folders_by_digest(tmp_path: Path) -> None:
    digest = Archive(tmp_path).put(b"x")
    assert (tmp_path / "blobs" / digest[:2] / f"{digest}.zst").is_file()
    assert [folder.name for folder in (tmp_path / "blobs").iterdir()] == [digest[:2]]


def test_a_run_whose_process_died_is_gone_on_with_in_the_same_log(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    log = archive.start_run(STARTED)
    log.write(capture(1))
    with pytest.raises(ArchiveError, match="another process"):
        archive.resume_run(STARTED)
    log.close()
    with log_path(tmp_path).open("ab") as file:
        file.write(b'{"record": "capt')
    again, last = archive.resume_run(STARTED)
    assert last == 1
    again.write(capture(2))
    again.finish(RunFinished(RUN, NOW, Outcome.COLLECTED))
    records = [record for _, record in archive.read_log(RUN)]
    assert [type(record) for record in records] == [RunStarted, Capture, Capture, RunFinished]
    with pytest.raises(ArchiveError, match="has its end"):
        archive.resume_run(STARTED)


def test_a_run_that_never_wrote_is_begun(tmp_path: Path) -> None:
    log, last = Archive(tmp_path).resume_run(STARTED)
    log.close()
    assert last == 0
    log_path(tmp_path).write_bytes(b'{"rec')
    log, last = Archive(tmp_path).resume_run(STARTED)
    log.close()
    assert [record for _, record in Archive(tmp_path).read_log(RUN)] == [STARTED]


@pytest.mark.parametrize(
    ("one", "other", "busy"),
    [
        (["a.example"], ["b.example"], False),
        (["a.example", "b.example"], ["b.example", "c.example"], True),
        (["a.example:81"], ["a.example:82"], False),
        (["a.example:81"], ["a.example:81"], True),
        (["a.example"], ["a.example:81"], True),
        (["a.example:81"], ["a.example"], True),
        (["a.example:81", "a.example"], ["a.example:82"], True),
        (["[::1]:81"], ["[::1]:82"], False),
    ],
)
def test_a_host_is_held_by_one_run_at_a_time(tmp_path: Path, one: list[str], other: list[str], busy: bool) -> None:
    first = Archive(tmp_path).lock_hosts(one)
    if busy:
        with pytest.raises(HostBusy):
            Archive(tmp_path).lock_hosts(other)
    else:
        Archive(tmp_path).lock_hosts(other).release()
    first.release()
    Archive(tmp_path).lock_hosts(other).release()


def test_a_record_that_the_disk_did_not_take_whole_spoils_no_other(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from crawler.captures import Archive, ArchiveError\n"
        "from tests.crawler.test_captures import STARTED, capture, log_path\n"
        "root = Path(sys.argv[1])\n"
        "log = Archive(root).start_run(STARTED)\n"
        "log.write(capture(1))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (log_path(root).stat().st_size + 40, hard))\n"
        "try:\n"
        "    log.write(capture(2))\n"
        "except ArchiveError as error:\n"
        "    print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "log.write(capture(3))\n"
        "log.write(capture(4))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "check the space" in done.stdout
    records = [record for _, record in Archive(tmp_path).read_log(RUN)]
    assert records == [STARTED, capture(1), capture(3), capture(4)]
