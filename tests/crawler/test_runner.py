"""What happens when a crawl is killed, hangs, is stopped, or meets another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from crawler import runner
from crawler.captures import Archive, ArchiveError, HostBusy, Lock, PortalBusy
from crawler.clock import Clock
from crawler.records import Capture, KnownDocument, Outcome, RunStarted
from crawler.runner import crawl, new_run_id
from tests.crawler.crawling import crawled, job, options, portal
from tests.crawler.website import Answers, Reply, Seen, Website, report_page, trs_site


class Slow:
    """Answers a report at once until ``after`` of them were given, then only when let go."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.given = 0
        self.waiting = threading.Event()
        self.go = threading.Event()

    def __call__(self, seen: Seen) -> Reply:
        self.given += 1
        if self.given > self.after:
            self.waiting.set()
            self.go.wait(20)
        return Reply(report_page("甲镇2023年政府信息公开工作年度报告", seen.path).encode())


def slow_site(after: int, reports: int = 8) -> tuple[dict[str, Answers], Slow]:
    slow = Slow(after)
    pages = trs_site(list(range(reports)))
    return pages | {path: slow for path in pages if "t2024" in path}, slow


def crawler_of(run_id: str, root: Path) -> psutil.Process:
    """The process that holds the log of a run open."""
    path = str(root / "runs" / f"{run_id}.jsonl")
    for process in psutil.process_iter():
        try:
            if any(file.path == path for file in process.open_files()):
                return process
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    raise AssertionError("no process writes this log")


def test_a_killed_crawl_is_crashed_keeps_its_captures_and_others_go_on(tmp_path: Path) -> None:
    pages, slow = slow_site(after=3)
    with Website(pages) as site, Website(trs_site([1])) as other:
        doomed = job(portal(site), tmp_path, options(concurrency=1))
        fine = job(portal(other, id="other"), tmp_path)

        def kill() -> None:
            slow.waiting.wait(20)
            crawler_of(doomed.run_id, tmp_path).send_signal(signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        ended = crawl([doomed, fine], at_once=2, processes=2)
        killer.join()
        slow.go.set()
        archive = Archive(tmp_path)
        assert [one.outcome for one in ended] == [Outcome.CRASHED, Outcome.COLLECTED]
        assert ended[0].problem == "died:-9"
        captures = [record for _, record in archive.read_log(doomed.run_id) if isinstance(record, Capture)]
        assert len(captures) >= 3
        assert all(archive.get(capture.sha256) for capture in captures if capture.sha256)
        again = crawled(portal(site), tmp_path)
    assert again.finished.outcome is Outcome.COLLECTED


def test_a_run_beyond_its_time_ends_as_timed_out(tmp_path: Path) -> None:
    pages, slow = slow_site(after=2)
    with Website(pages) as site:
        began = monotonic()
        log = crawled(portal(site), tmp_path, options(run_seconds=1.0, request_seconds=30))
        slow.go.set()
    assert monotonic() - began < 25, "a request may take 30"
    assert (log.finished.outcome, log.finished.problem) == (Outcome.TIMED_OUT, "timed_out")
    assert log.columns["c1"].outcome is Outcome.TIMED_OUT
    assert not log.columns["c1"].whole
    assert len(log.captures) >= 1


def test_a_process_that_hangs_is_killed(tmp_path: Path) -> None:
    pages, slow = slow_site(after=2)
    with Website(pages) as site:
        one = job(portal(site), tmp_path, options(run_seconds=2.0, grace_seconds=1.0, request_seconds=30))

        def freeze() -> None:
            slow.waiting.wait(20)
            crawler_of(one.run_id, tmp_path).suspend()

        freezer = threading.Thread(target=freeze)
        freezer.start()
        (finished,) = crawl([one])
        freezer.join()
        slow.go.set()
    assert (finished.outcome, finished.problem) == (Outcome.TIMED_OUT, "timed_out")
    assert Archive(tmp_path).finish_of(one.run_id) == finished


def test_a_process_that_dies_takes_no_other_run_along(tmp_path: Path) -> None:
    """One of three portals kills its process whenever it is asked: it alone is told to have crashed."""
    pages, slow = slow_site(after=2)
    with Website(trs_site([1, 2])) as doomed, Website(pages) as slowly, Website(trs_site([4])) as quick:
        jobs = [
            job(portal(doomed, id="doomed"), tmp_path),
            job(portal(slowly, id="slowly"), tmp_path, options(concurrency=1)),
            job(portal(quick, id="quick"), tmp_path),
        ]

        def kill(seen: Seen) -> Reply:
            slow.waiting.wait(20)
            crawler_of(jobs[0].run_id, tmp_path).send_signal(signal.SIGKILL)
            slow.go.set()
            return Reply(status=500)

        doomed.pages["/nb/202401/t20240115_1.html"] = kill
        ended = crawl(jobs, at_once=3, processes=1)
    assert [one.outcome for one in ended] == [Outcome.CRASHED, Outcome.COLLECTED, Outcome.COLLECTED]
    assert [one.run_id for one in ended] == [one.run_id for one in jobs]
    assert ended[0].problem == "died:-9"
    records = [record for _, record in Archive(tmp_path).read_log(jobs[1].run_id)]
    assert len([record for record in records if isinstance(record, RunStarted)]) == 1
    sequences = [record.sequence for record in records if isinstance(record, Capture)]
    assert len(sequences) > 9
    assert len(sequences) == len(set(sequences))


def test_a_process_that_hangs_takes_no_other_run_along(tmp_path: Path) -> None:
    pages, slow = slow_site(after=2)
    with Website(pages) as slowly, Website(trs_site([4])) as quick:
        chosen = options(concurrency=1, grace_seconds=2.0)
        jobs = [
            job(portal(slowly, id="slowly"), tmp_path, chosen),
            job(portal(quick, id="quick"), tmp_path, chosen),
        ]

        def freeze() -> None:
            slow.waiting.wait(20)
            crawler_of(jobs[0].run_id, tmp_path).suspend()
            slow.go.set()

        freezer = threading.Thread(target=freeze)
        freezer.start()
        ended = crawl(jobs, at_once=2, processes=1)
        freezer.join()
    assert [one.outcome for one in ended] == [Outcome.COLLECTED] * 2


@pytest.mark.parametrize("what", ["host", "portal"])
def test_a_run_to_be_gone_on_with_waits_for_who_came_between(tmp_path: Path, what: str) -> None:
    """Between the death of a process and the resumption of its runs another crawl may take the host."""
    pages, slow = slow_site(after=2)
    with Website(pages) as slowly, Website(trs_site([1])) as doomed:
        jobs = [
            job(portal(slowly, id="slowly"), tmp_path, options(concurrency=1)),
            job(portal(doomed, id="doomed"), tmp_path),
        ]

        def take() -> Lock:
            archive = Archive(tmp_path)
            return archive.lock_hosts([slowly.host]) if what == "host" else archive.lock_portal("slowly")

        def meddle() -> None:
            slow.waiting.wait(20)
            crawler_of(jobs[0].run_id, tmp_path).send_signal(signal.SIGKILL)
            slow.go.set()
            until = monotonic() + 10
            while monotonic() < until:
                try:
                    lock = take()
                except (HostBusy, PortalBusy):
                    continue
                sleep(2)
                lock.release()
                taken.set()
                return

        doomed.pages["/nb/202401/t20240115_1.html"] = lambda seen: Reply(status=404 if slow.go.wait(20) else 500)
        taken = threading.Event()
        meddler = threading.Thread(target=meddle)
        meddler.start()
        ended = crawl(jobs, at_once=2, processes=1)
        meddler.join()
    assert taken.is_set()
    assert (ended[0].outcome, ended[0].problem) == (Outcome.COLLECTED, None)


def test_a_run_that_hangs_again_when_alone_is_not_waited_for_to_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_PATIENCE_ALONE", 3)
    with Website(trs_site([1])) as site:
        one = job(portal(site), tmp_path, options(grace_seconds=1.0))

        def freeze(seen: Seen) -> Reply:
            crawler_of(one.run_id, tmp_path).suspend()
            return Reply(status=500)

        site.pages["/nb/202401/t20240115_1.html"] = freeze
        began = monotonic()
        (finished,) = crawl([one])
    assert monotonic() - began < 20
    assert (finished.outcome, finished.problem) == (Outcome.TIMED_OUT, "timed_out")
    assert site.paths().count("/nb/202401/t20240115_1.html") == 2


def test_a_process_that_hangs_and_has_no_parent_any_more_does_not_hold_its_portal_for_ever(tmp_path: Path) -> None:
    program = """
import sys
from multiprocessing import Pipe
from pathlib import Path
import crawler.visit
from crawler.portals.definition import PortalDefinition
from crawler.process import serve
from tests.crawler.crawling import job, options

def for_ever(*rest):
    ours.close()
    while True:
        pass

crawler.visit.Visit.take = for_ever
ours, theirs = Pipe()
portal = PortalDefinition.model_validate_json(sys.argv[1])
ours.send((job(portal, Path(sys.argv[2]), options(run_seconds=1, grace_seconds=1)), False))
serve(theirs, True)
"""
    with Website(trs_site([1])) as site:
        ended = subprocess.run(
            [sys.executable, "-c", program, portal(site).model_dump_json(), str(tmp_path)],
            cwd=Path(__file__).parents[2], timeout=30, check=False,
        )  # fmt: skip
    assert ended.returncode == -signal.SIGALRM
    Archive(tmp_path).lock_portal("test").release()


def test_a_run_beyond_its_time_leaves_the_others_of_its_process_alone(tmp_path: Path) -> None:
    pages, slow = slow_site(after=2)
    others = trs_site(list(range(30)))
    for path, page in others.items():
        if "t2024" in path and isinstance(page, str):
            others[path] = Reply(page.encode(), pause=0.1)
    with Website(pages) as slowly, Website(others) as steady:
        jobs = [
            job(portal(slowly, id="slowly"), tmp_path, options(run_seconds=1.0)),
            job(portal(steady, id="steady"), tmp_path, options(concurrency=1)),
        ]
        ended = crawl(jobs, at_once=2, processes=1)
        slow.go.set()
    assert [one.outcome for one in ended] == [Outcome.TIMED_OUT, Outcome.COLLECTED]
    assert ended[0].finished_at < ended[1].finished_at


PROGRAM = """
import sys
from pathlib import Path
from crawler.portals.definition import PortalDefinition
from crawler.runner import CrawlJob, CrawlOptions, crawl

if __name__ == "__main__":
    portal = PortalDefinition.model_validate_json(sys.argv[1])
    options = CrawlOptions(allow_private_addresses=True, concurrency=1, grace_seconds=5)
    job = CrawlJob(portal, sys.argv[2], Path(sys.argv[3]), options=options)
    try:
        crawl([job])
    except KeyboardInterrupt:
        print("interrupted")
        sys.exit(1)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "parent killed"])
def test_a_stopped_crawl_ends_cleanly_and_the_next_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    pages, slow = slow_site(after=3)
    with Website(pages) as site:
        definition = portal(site)
        run_id = new_run_id(Clock().now(), "test")
        program = tmp_path / "program.py"
        program.write_text(PROGRAM, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, str(program), definition.model_dump_json(), run_id, str(tmp_path / "archive")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert slow.waiting.wait(20)
        if how is signal.SIGINT:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        out, error = process.communicate(timeout=20)
        archive = Archive(tmp_path / "archive")
        until = monotonic() + 10
        while archive.finish_of(run_id) is None and monotonic() < until:
            sleep(0.05)
        finished = archive.finish_of(run_id)
        slow.go.set()
        assert finished is not None
        assert (finished.outcome, finished.problem) == (Outcome.PARTIAL, "interrupted")
        if how is signal.SIGINT:
            assert out == "interrupted\n"
            assert error == ""
        records = [record for _, record in archive.read_log(run_id)]
        assert len([record for record in records if isinstance(record, Capture)]) == 4
        again = crawled(definition, tmp_path / "archive")
    assert again.finished.outcome is Outcome.COLLECTED
    assert len(again.captures) == 9


@pytest.mark.parametrize("times", [2, 3])
def test_who_presses_ctrl_c_again_leaves_no_process_behind(tmp_path: Path, times: int) -> None:
    pages, slow = slow_site(after=3)
    with Website(pages) as site:
        run_id = new_run_id(Clock().now(), "test")
        program = tmp_path / "program.py"
        program.write_text(PROGRAM.replace("grace_seconds=5", "grace_seconds=30"), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, str(program), portal(site).model_dump_json(), run_id, str(tmp_path)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        assert slow.waiting.wait(20)
        hung = crawler_of(run_id, tmp_path)
        hung.suspend()
        for _ in range(times):
            os.killpg(process.pid, signal.SIGINT)
            sleep(0.5)
        process.wait(timeout=20)
        psutil.wait_procs([hung], timeout=5)
        slow.go.set()
        assert not hung.is_running()
    Archive(tmp_path).lock_portal("test").release()


def test_two_crawls_of_one_portal_do_not_run_at_once(tmp_path: Path) -> None:
    with Website(trs_site([1])) as site, Website(trs_site([2])) as other:
        lock = Archive(tmp_path).lock_portal("test")
        refused: list[str] = []
        ended = crawl(
            [job(portal(site), tmp_path), job(portal(other, id="other"), tmp_path)], on_refused=refused.append
        )
        assert refused == ["test"]
        assert [one.outcome for one in ended] == [Outcome.COLLECTED]
        assert site.seen == []
        assert len(Archive(tmp_path).log_ids()) == 1
        with pytest.raises(PortalBusy):
            crawl([job(portal(site), tmp_path)])
        lock.release()
        assert crawled(portal(site), tmp_path).finished.outcome is Outcome.COLLECTED


def test_portals_on_one_host_take_turns(tmp_path: Path) -> None:
    pages = trs_site([1, 2]) | trs_site([3, 4], "/zj/")
    with Website(pages) as site:
        jobs = [
            job(portal(site, ("/nb/",), id="one", request_interval=0.2), tmp_path),
            job(portal(site, ("/zj/",), id="two", request_interval=0.2), tmp_path),
        ]
        ended = crawl(jobs, at_once=2)
    assert [one.outcome for one in ended] == [Outcome.COLLECTED] * 2
    assert [one.run_id for one in ended] == [one.run_id for one in jobs]
    folders = [path.split("/")[1] for path in site.paths()]
    assert folders == sorted(folders)


class Crowd:
    """Answers slowly and counts how many requests are being answered at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = 0

    def __call__(self, seen: Seen) -> Reply:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        sleep(0.05)
        with self.lock:
            self.now -= 1
        return Reply(report_page("甲镇2023年政府信息公开工作年度报告", seen.path).encode())


def crowded_site(folders: list[str]) -> tuple[dict[str, Answers], Crowd]:
    crowd = Crowd()
    pages: dict[str, Answers] = {}
    for folder in folders:
        pages |= trs_site([1, 2, 3], folder)
    return pages | {path: crowd for path in pages if "t2024" in path}, crowd


def test_a_host_sees_one_visitor_whatever_the_number_of_workers(tmp_path: Path) -> None:
    pages, crowd = crowded_site(["/a/", "/b/", "/c/"])
    with Website(pages) as site:
        jobs = [
            job(portal(site, (f"/{name}/",), id=name), tmp_path, options(concurrency=1))
            for name in ("a", "b", "c")
        ]
        ended = crawl(jobs, at_once=3, processes=2)
    assert [one.outcome for one in ended] == [Outcome.COLLECTED] * 3
    assert crowd.most == 1


def test_a_host_sees_one_visitor_from_two_crawls(tmp_path: Path) -> None:
    pages, crowd = crowded_site(["/a/", "/b/"])
    with Website(pages) as site:
        ended: list[Outcome] = []

        def go(name: str, hosts: tuple[str, ...]) -> None:
            one = job(portal(site, (f"/{name}/",), id=name, hosts=hosts), tmp_path, options(concurrency=1))
            ended.extend(finished.outcome for finished in crawl([one]))

        # The one definition names a port, the other means them all: it is the same host.
        threads = [threading.Thread(target=go, args=one) for one in (("a", (site.host,)), ("b", ("127.0.0.1",)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ended == [Outcome.COLLECTED] * 2
    assert crowd.most == 1


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with Website(trs_site([1, 2, 3])) as site:
        crawl([job(portal(site), tmp_path)], on_progress=lambda *one: told.append(one))
    assert told[-1] == ("test", 4, 3)


def test_what_is_known_of_a_portal_is_brought_when_its_turn_comes(tmp_path: Path) -> None:
    with Website(trs_site([1, 2])) as first, Website(trs_site([3])) as second:
        sites = {"one": first, "two": second}
        before = {name: crawled(portal(site, id=name), tmp_path).known() for name, site in sites.items()}
        asked: list[tuple[str, int]] = []
        done: list[str] = []

        def remember(name: str) -> tuple[dict[str, KnownDocument], frozenset[tuple[str, str]]]:
            asked.append((name, len(done)))
            return before[name], frozenset()

        jobs = [
            job(portal(site, id=name), tmp_path, remember=partial(remember, name)) for name, site in sites.items()
        ]

        def progress(portal_id: str, captures: int, listed: int) -> None:
            if portal_id not in done:
                done.append(portal_id)

        ended = crawl(jobs, at_once=1, on_progress=progress)
    assert [one.outcome for one in ended] == [Outcome.UNCHANGED] * 2
    assert asked == [("one", 0), ("two", 1)]


def test_an_error_of_our_own_is_a_crash_and_no_proof(tmp_path: Path) -> None:
    with Website(trs_site([1])) as site:
        one = job(portal(site), tmp_path)
        (tmp_path / "blobs").write_text("a file where a folder should be")
        (finished,) = crawl([one])
    assert finished.outcome is Outcome.CRASHED
    assert "check space and permissions" in (finished.problem or "")
    assert "check space and permissions" in (tmp_path / "runs" / f"{one.run_id}.crash.txt").read_text()
    records = [record for _, record in Archive(tmp_path).read_log(one.run_id)]
    assert isinstance(records[0], RunStarted)
    assert records[-1] == finished


@pytest.mark.parametrize("folder", ["locks", "runs"])
def test_an_archive_that_cannot_be_written_is_told_in_one_line(
    tmp_path: Path, folder: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Website(trs_site([1])) as site, Website(trs_site([1])) as other:
        (tmp_path / folder).write_text("a file where a folder should be")
        jobs = [job(portal(site), tmp_path), job(portal(other, id="other"), tmp_path)]
        if folder == "locks":
            ended = crawl(jobs)
            assert [one.outcome for one in ended] == [Outcome.CRASHED] * 2
            problems = [one.problem or "" for one in ended]
            for one in ended:
                (_, started), (_, finished) = Archive(tmp_path).read_log(one.run_id)
                assert isinstance(started, RunStarted)
                assert finished == one
                assert started.started_at <= one.finished_at
        else:
            with pytest.raises(ArchiveError) as raised:
                crawl(jobs)
            problems = [str(raised.value)]
        assert site.seen == []
    for problem in problems:
        assert str(tmp_path / folder) in problem
        assert problem.endswith("check space and permissions")
        assert "\n" not in problem
    assert "Traceback" not in "".join(capfd.readouterr())


def test_the_clock_of_the_job_is_the_clock_of_the_log(tmp_path: Path) -> None:
    from datetime import datetime

    from crawler.clock import SHANGHAI

    moment = datetime(2031, 2, 5, 9, 0, tzinfo=SHANGHAI)
    with Website(trs_site([1])) as site:
        one = job(portal(site), tmp_path)
        (finished,) = crawl(
            [type(one)(one.portal, one.run_id, tmp_path, options=one.options, clock=Clock.showing(moment))]
        )
    captures = [record for _, record in Archive(tmp_path).read_log(one.run_id) if isinstance(record, Capture)]
    assert {capture.fetched_at.date() for capture in captures} == {moment.date()}
    assert finished.finished_at.date() == moment.date()


def test_importing_the_runner_loads_no_scrapy() -> None:
    code = (
        "import sys, crawler.runner; print([name for name in ('scrapy', 'twisted', 'bs4') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_run_ids_sort_by_time_and_are_safe_names() -> None:
    early, late = Clock().now(), Clock().now()
    ids = [new_run_id(early, "a"), new_run_id(late.replace(year=late.year + 1), "县/政府")]
    assert ids == sorted(ids)
    assert "/" not in ids[1]
