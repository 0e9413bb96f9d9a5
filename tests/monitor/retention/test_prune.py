"""`nianbao prune`: takes away what had its time, and nothing that anything rests on; without settings nothing."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from warcio.archiveiterator import ArchiveIterator

from crawler.records import Outcome
from monitor.accounts.scope import Scope
from monitor.cli.frame import account_name
from monitor.jobs.holding import hosts_held
from monitor.jobs.kinds import Ending, Kind, Task
from monitor.store import accounts, dumps, jobs, kept_reports
from monitor.store.deliveries import Message, add_messages, mark_sent
from monitor.store.engines import POSTGRESQL
from monitor.store.kept_reports import ReportKey
from monitor.store.tables import Delivery, KeptPart, KeptReport, WaitingStep
from tests.monitor.cli.command import Said, nianbao, working_in
from tests.monitor.record.making import OTHER_TOWN, TOWN, World, at, shown

pytestmark = pytest.mark.both_databases
NOW = at(6, 1, year=2025)
RULES = """[retention]
list_pages_days = 90
run_logs_days = 90
completeness_days = 30
messages_days = 90
jobs_days = 7
"""
START = at(1, 10)
PASSES = 65


def list_page(number: int) -> bytes:
    """The list of a pass: with a counter that makes every one differ."""
    return f"<ul><li>云溪镇</li></ul><p>访问量 {number}</p>".encode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine: str) -> World:
    """Daily passes from before the due day: one report in time, one late (pass 40), one never; then nothing."""
    made = World(tmp_path_factory.mktemp("world"))
    on_time = shown(OTHER_TOWN, 2023, date(2024, 1, 15))
    late = shown(TOWN, 2023, date(2024, 2, 18))
    for number in range(PASSES):
        there = [on_time, *([late] if number >= 40 else [])] if number >= 5 else []
        outcome = Outcome.COLLECTED if number in (5, 40) else Outcome.UNCHANGED
        made.crawl(START + timedelta(days=number), *there, outcome=outcome, lists={"nb": list_page(number)})
    made.ingest()
    config = made.configure(NOW)
    config.write_text(config.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    with working_in(made.folder):
        assert nianbao("assess", "--config", config).status == 0
    return made


@pytest.fixture(autouse=True)
def folder(world: World) -> Iterator[Path]:
    """The working directory is the record's."""
    with working_in(world.folder):
        yield world.folder


def prune(*options: str) -> Said:
    """The command on the record."""
    return nianbao("prune", *options)


def bodies(world: World) -> set[str]:
    """All bodies in the archive."""
    return set(world.archive.digests())


def told(world: World) -> list[Any]:
    """What the record says of the organs, with the evidence that it exports for each."""
    found: list[Any] = [
        nianbao("completeness", "--year", "2023", "--format", "json").out_bytes,
        nianbao("alerts", "list", "--format", "json").out_bytes,
    ]
    for code in (TOWN.code, OTHER_TOWN.code, "119903010000000001"):
        file = world.folder / f"{code}.warc"
        said = nianbao("captures", "export", "--organ", code, "--year", "2023", "--output", file)
        assert said.status == 0
        with file.open("rb") as stream:
            records = [
                (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
                for record in ArchiveIterator(stream)
                if record.rec_type in ("response", "revisit")
            ]
        file.unlink()
        assert sum(bool(body) for _, _, body in records) >= 3, "pages and the lists around them"
        found.append(records)
    return found


def test_one_of_two_options_must_say_what_is_meant() -> None:
    assert prune().status == prune("--dry-run", "--yes").status == 2


def test_without_settings_nothing_is_taken_away(world: World) -> None:
    plain = world.folder / "plain.toml"
    text = (world.folder / "nianbao.toml").read_text(encoding="utf-8")
    plain.write_text(text.replace(RULES, ""), encoding="utf-8")
    before = bodies(world)
    said = nianbao("prune", "--yes", "--config", plain)
    assert (said.status, "一切都保留" in said.out) == (0, True)
    assert bodies(world) == before


def test_lists_that_nothing_rests_on_go_and_all_evidence_stays(world: World) -> None:
    before, known, logs = bodies(world), told(world), list(world.archive.log_files())
    dry = prune("--dry-run")
    assert (dry.status, bodies(world), list(world.archive.log_files())) == (0, before, logs)
    done = prune("--yes")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[1:] == dry.out.splitlines()[1:]
    gone = before - bodies(world)
    assert 10 <= len(gone) < 30
    lists = {number: digest_of(list_page(number)) for number in range(PASSES)}
    assert gone <= set(lists.values())
    # From the due day (31 January, pass 21) to the late report (pass 40) every list is proof.
    for number in (0, 4, 5, 6, *range(20, 45), PASSES - 1):
        assert lists[number] not in gone, number
    assert lists[52] in gone
    assert len(list(world.archive.log_files())) < len(logs)
    assert told(world) == known
    with world.database.reading() as session:
        assert set(dumps.captures_in_use(session)) <= bodies(world)
        (entry,) = accounts.audit_entries(session, Scope())
    assert (entry.what, entry.who, entry.values["list_pages"]) == ("record.pruned", account_name(), len(gone))
    assert "列表页原件 0 个" in prune("--yes").out
    assert nianbao("ingest").status == 0
    assert nianbao("assess", "--full").status == 0
    assert told(world)[0] == known[0]


def digest_of(data: bytes) -> str:
    """The digest by which a body is kept."""
    return hashlib.sha256(data).hexdigest()


def test_a_portal_that_is_being_crawled_is_left_and_told(world: World) -> None:
    lock = world.archive.lock_portal("dongling")
    try:
        said = prune("--yes")
    finally:
        lock.release()
    assert (said.status, "dongling" in said.problem) == (1, True)


def test_a_portal_that_another_machine_is_visiting_is_left_too(world: World, engine: str) -> None:
    """On SQLite there is no other machine."""
    with hosts_held(world.database, [world.portal], 30.0):
        said = prune("--dry-run")
    assert said.status == (1 if engine == POSTGRESQL else 0)
    assert ("dongling" in said.err) is (engine == POSTGRESQL)


def test_the_last_completeness_report_of_each_kind_stays(world: World) -> None:
    def keep(day: int, *parts: bytes) -> None:
        key = ReportKey("990301", 2023, at(1, day, year=2025), "zh", None)
        with world.database.begin() as session:
            kept_reports.put(session, key, parts)

    with world.database.begin() as session:
        session.query(KeptReport).delete()
        session.query(KeptPart).delete()
    keep(1, b"old", b"shared")
    keep(2, b"shared", b"last")
    assert "公布情况报表 1 份" in prune("--dry-run").out
    assert "公布情况报表 1 份" in prune("--yes").out
    with world.database.reading() as session:
        assert kept_reports.get(session, ReportKey("990301", 2023, at(1, 1, year=2025), "zh", None)) is None
        last = kept_reports.get(session, ReportKey("990301", 2023, at(1, 2, year=2025), "zh", None))
        assert last is not None
        assert last[1] == [b"shared", b"last"]
        assert session.scalar(select(func.count()).select_from(KeptPart)) == 2


def test_messages_of_what_is_over_go_those_of_open_alerts_and_pending_ones_stay(world: World) -> None:
    old = at(1, 1, year=2025)
    with world.database.begin() as session:
        messages = [Message(name, name, "office", "digest", {}) for name in ("open", "over", "pending")]
        add_messages(session, messages, old)
        for name in ("open", "over"):
            mark_sent(session, name, old)
        step = session.query(WaitingStep).first() or WaitingStep(
            event_id=1, channel="office", alert_id=1, what="opened", severity="error", at=old
        )
        step.message_id, step.taken_at = "open", old
        session.add(step)
    assert "消息 1 条" in prune("--yes").out
    with world.database.reading() as session:
        assert set(session.scalars(select(Delivery.id))) == {"open", "pending"}


def test_jobs_that_ended_go(world: World) -> None:
    old = at(1, 1, year=2025)
    with world.database.begin() as session:
        jobs.put(session, [Task(Kind.CRAWL, "dongling")], old)
        (job,) = jobs.take(session, [Kind.CRAWL], "w", old)
        jobs.finish(session, job.id, Ending(failed=False), old)
        jobs.put(session, [Task(Kind.CRAWL, "dongling")], old)
    assert "任务 1 个" in prune("--yes").out
    with world.database.reading() as session:
        assert [job.state.value for job in jobs.listed(session, 10)] == ["waiting"]
