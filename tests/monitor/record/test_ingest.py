"""From captures to versions: once each, whatever is repeated, killed, damaged or read anew."""

import json
import os
import re
import time
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import func, select

from crawler.captures import ArchiveError
from crawler.records import Capture, CaptureRole, Outcome, record_to_json
from monitor import ingest as module
from monitor import parsing
from monitor.ingest import import_logs
from monitor.parsing import ParsePool, Task, content_digest, read_document
from monitor.store import crawls, versions
from monitor.store.tables import Base, CaptureRow, EntryRow, ReportVersion, Sighting
from monitor.workers import DIED, Allow, Limits
from parsers.documents.scan import can_read_scans
from parsers.reading import parse
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import OTHER_TOWN, REGISTER, TOWN, World, at, column, organ, page, shown

pytestmark = pytest.mark.both_databases

CONTAINERS = Path(__file__).parents[2] / "parsers" / "containers"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def rows(world: World, *columns: Any) -> list[tuple[Any, ...]]:
    """Columns of the record, in the order of what they hold."""
    with world.database.reading() as session:
        return sorted((tuple(row) for row in session.execute(select(*columns))), key=repr)


def whole_record(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that ingest writes, without ids."""
    skipped = {"id", "version_id", "document"}
    found = {}
    for name in (
        "run",
        "capture",
        "entry",
        "column_pass",
        "report_version",
        "sighting",
        "parsed_document",
        "page",
    ):
        table = Base.metadata.tables[name]
        found[name] = rows(world, *(column for column in table.columns if column.name not in skipped))
    return found


def test_a_report_becomes_a_version_with_its_organ_year_and_date(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023, date(2024, 1, 18)))
    result = world.ingest()
    assert (result.documents, result.reports, result.versions, result.unmatched) == (1, 1, 1, 0)
    assert rows(
        world, ReportVersion.report_key, ReportVersion.organ_match, ReportVersion.published_on, ReportVersion.form
    ) == [("990301101/2023", "name", date(2024, 1, 18), "2021")]
    report = versions.current_report(world.database, TOWN.code, 2023)
    assert report is not None
    assert report.cells["section_three.new_received.total"].value is not None


def test_everything_twice_changes_nothing(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023, date(2024, 1, 18)), shown(OTHER_TOWN, 2023))
    world.ingest()
    before = whole_record(world)
    assert import_logs(world.database, world.archive).lines == 0
    again = world.ingest()
    assert (again.documents, again.versions, again.unchanged) == (0, 0, 0)
    assert whole_record(world) == before


def test_an_unchanged_pass_only_extends_what_was_seen(world: World) -> None:
    for day in (20, 21, 22):
        world.crawl(at(1, day), shown(TOWN, 2023, date(2024, 1, 18)))
        result = world.ingest()
    assert (result.documents, result.unchanged, result.versions) == (0, 1, 0)
    assert rows(world, Sighting.first_seen_at, Sighting.last_seen_at) == [
        (at(1, 20) + timedelta(seconds=2), at(1, 22) + timedelta(seconds=2))
    ]
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EntryRow)) == 1


def test_a_page_whose_frame_changes_is_the_same_version(world: World) -> None:
    for day, counter in ((20, "访问 1 次"), (21, "访问 2 次")):
        world.crawl(at(1, day), shown(TOWN, 2023, data=page(TOWN, 2023, around=counter)))
        world.ingest()
    assert len(rows(world, ReportVersion.id)) == 1
    assert len(rows(world, Sighting.id)) == 1


def test_changed_content_is_another_version_and_what_comes_back_is_the_first(world: World) -> None:
    for day, seed in ((20, 1), (21, 2), (22, 1)):
        world.crawl(at(1, day), shown(TOWN, 2023, data=page(TOWN, 2023, seed=seed)))
        world.ingest()
    assert len(rows(world, ReportVersion.id)) == 2
    stretches = rows(world, Sighting.first_seen_at, Sighting.version_id, Sighting.current)
    assert [one[1] for one in stretches] == [1, 2, 1]
    assert [one[2] for one in stretches] == [False, False, True]
    with world.database.reading() as session:
        assert versions.current_version_id(session, TOWN.code, 2023) == 1


def test_two_addresses_of_the_same_report_are_one_version(world: World) -> None:
    data = page(TOWN, 2023)
    world.crawl(at(1, 20), shown(TOWN, 2023, data=data), shown(TOWN, 2023, data=data, path="/nb/twin.html"))
    world.ingest()
    assert len(rows(world, ReportVersion.id)) == 1
    assert len(rows(world, Sighting.id)) == 2


def test_an_attachment_counts_only_where_its_page_is_no_report(world: World) -> None:
    report = page(TOWN, 2023)
    cover = "<html><body><h1>石桥乡2023年政府信息公开工作年度报告</h1><p>见附件。</p></body></html>".encode()
    world.crawl(
        at(1, 20),
        shown(TOWN, 2023, data=report, attachments={"/nb/a.html": page(TOWN, 2023, around="copy")}),
        shown(OTHER_TOWN, 2023, data=cover, attachments={"/nb/b.html": page(OTHER_TOWN, 2023)}),
    )
    world.ingest()
    keys = rows(world, ReportVersion.report_key, ReportVersion.address)
    assert [(key, address.rpartition("/")[2]) for key, address in keys] == [
        ("990301101/2023", "990301101_2023.html"),
        ("990301102/2023", "b.html"),
    ]
    kinds = rows(world, Sighting.address, Sighting.kind)
    assert dict(kinds)["http://www.example.org/nb/a.html"] == "copy"


def test_an_attachment_takes_organ_year_and_date_from_the_page_it_hangs_on(world: World) -> None:
    cover = (
        "<html><head><meta name='PubDate' content='2024-01-19'></head><body>"
        "<h1>石桥乡2023年政府信息公开工作年度报告</h1><p>见附件。</p></body></html>"
    ).encode()
    bare = page(OTHER_TOWN, 2023).decode()
    for words in re.findall(r"[^<>]*石桥乡[^<>]*|[^<>]*2023年[^<>]*", bare):
        bare = bare.replace(words, "")
    world.crawl(at(1, 20), shown(OTHER_TOWN, 2023, data=cover, attachments={"/nb/b.html": bare.encode()}))
    world.ingest()
    told = rows(world, ReportVersion.report_key, ReportVersion.published_on, ReportVersion.published_from)
    assert told == [("990301102/2023", date(2024, 1, 19), "meta")]


def test_an_attachment_with_the_tables_counts_before_a_page_that_leaves_them_out(world: World) -> None:
    whole = page(TOWN, 2023).decode()
    bare = re.sub(r"<table.*?</table>", "<p>见附件</p>", whole, flags=re.DOTALL)
    world.crawl(at(1, 20), shown(TOWN, 2023, data=bare.encode(), attachments={"/nb/a.html": whole.encode()}))
    world.ingest()
    with world.database.reading() as session:
        current = versions.current_version_id(session, TOWN.code, 2023)
    assert [
        address.rpartition("/")[2]
        for version, address in rows(world, ReportVersion.id, ReportVersion.address)
        if version == current
    ] == ["a.html"]


def test_a_page_that_becomes_a_report_makes_its_attachment_a_copy(world: World) -> None:
    cover = "<html><body><h1>云溪镇2023年政府信息公开工作年度报告</h1><p>见附件。</p></body></html>".encode()
    attached = {"/nb/a.html": page(TOWN, 2023, around="attached")}
    world.crawl(at(1, 20), shown(TOWN, 2023, data=cover, attachments=attached))
    world.ingest()
    world.crawl(at(1, 21), shown(TOWN, 2023, data=page(TOWN, 2023), attachments=attached))
    world.ingest()
    assert dict(rows(world, Sighting.address, Sighting.kind))["http://www.example.org/nb/a.html"] == "copy"
    assert len(rows(world, ReportVersion.id)) == 1


def test_gone_needs_a_whole_list_without_the_page(world: World) -> None:
    one = shown(TOWN, 2023)
    world.crawl(at(1, 20), one)
    taken = shown(TOWN, 2023, data=None)
    world.crawl(at(2, 20), taken)
    world.crawl(at(2, 21), shown(TOWN, 2023, data=None, listed=False), outcome=Outcome.PARTIAL)
    world.ingest()
    assert rows(world, Sighting.gone_at) == [(None,)]
    world.crawl(at(2, 22), shown(TOWN, 2023, data=None, listed=False))
    world.ingest()
    assert rows(world, Sighting.gone_at) == [(at(2, 22) + timedelta(seconds=1),)]
    # It is asked for once more, and then left out: one answer may be a mishap.
    assert list(crawls.known_documents(world.database, "dongling")) == [one.address]
    world.crawl(at(2, 23), shown(TOWN, 2023, data=None, listed=False))
    world.ingest()
    assert crawls.known_documents(world.database, "dongling") == {}


def test_word_that_a_page_is_gone_waits_for_the_end_of_its_run(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023))
    world.crawl(at(2, 20), shown(TOWN, 2023, data=None, listed=False), finish=False)
    world.ingest()
    assert rows(world, Sighting.gone_at) == [(None,)]
    with world.database.reading() as session:
        waiting = select(func.count()).select_from(CaptureRow).where(CaptureRow.ingested.is_(False))
        assert session.scalar(waiting) == 1
    world.archive.close_unfinished(at(2, 20, 10))
    world.ingest()
    assert rows(world, Sighting.gone_at) == [(None,)]


def test_a_page_that_comes_back_is_there_again(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023))
    world.crawl(at(2, 20), shown(TOWN, 2023, data=None, listed=False))
    world.crawl(at(2, 21), shown(TOWN, 2023))
    world.ingest()
    assert [gone is None for _, gone in rows(world, Sighting.first_seen_at, Sighting.gone_at)] == [False, True]


def test_a_running_log_is_imported_as_far_as_it_goes(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023), finish=False)
    first = import_logs(world.database, world.archive)
    assert (first.runs, first.lines) == (1, 3)
    assert world.ingest().versions == 1
    world.archive.close_unfinished(at(1, 20, 10))
    assert import_logs(world.database, world.archive).lines == 1
    with world.database.reading() as session:
        assert crawls.imported_runs(session).popitem()[1].finished


def test_two_who_import_a_log_at_once_import_each_line_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINES_AT_ONCE", 2)
    world.crawl(at(1, 20), shown(TOWN, 2023), shown(OTHER_TOWN, 2023))
    real, calls = module._records, []

    def with_another_between(*given: Any) -> Any:
        found = real(*given)
        calls.append(given)
        if len(calls) in (1, 4):
            import_logs(world.database, world.archive)
        return found

    monkeypatch.setattr(module, "_records", with_another_between)
    import_logs(world.database, world.archive)
    assert len(calls) > 4
    assert len(rows(world, CaptureRow.id)) == 2
    with world.database.reading() as session:
        ((run_id, run),) = crawls.imported_runs(session).items()
    assert run.finished
    assert run.lines == len(list(world.archive.read_log(run_id)))


def test_logs_are_imported_in_parts_that_may_break_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINES_AT_ONCE", 2)
    world.crawl(at(1, 20), shown(TOWN, 2023), shown(OTHER_TOWN, 2023))
    real, calls = crawls.add_records, []

    def fail(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(crawls, "add_records", fail)
    with pytest.raises(KeyboardInterrupt):
        import_logs(world.database, world.archive)
    assert world.ingest().versions == 2
    assert len(rows(world, CaptureRow.id)) == 2


def test_a_damaged_log_is_told_and_the_others_go_on(world: World) -> None:
    damaged = world.crawl(at(1, 20), shown(TOWN, 2023))
    world.crawl(at(1, 21), shown(OTHER_TOWN, 2023))
    path = world.archive.root / "runs" / f"{damaged}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = b"{broken\n"
    path.write_bytes(b"".join(lines))
    problems = import_logs(world.database, world.archive).problems
    assert len(problems) == 1
    assert damaged in problems[0]
    assert world.ingest().versions == 1


def test_killed_between_any_two_writes_it_converges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(world: World) -> World:
        world.crawl(at(1, 20), shown(TOWN, 2023), shown(OTHER_TOWN, 2023))
        world.crawl(at(1, 21), shown(TOWN, 2023, data=page(TOWN, 2023, seed=2)), shown(OTHER_TOWN, 2023))
        return world

    (tmp_path / "calm").mkdir()
    (tmp_path / "killed").mkdir()
    calm, killed = fill(World(tmp_path / "calm")), fill(World(tmp_path / "killed"))
    monkeypatch.setattr(module, "ADDRESSES_AT_ONCE", 1)
    calm.ingest()
    steps = ("put_parsed", "add_version", "put_sightings", "refresh_versions")
    for name in steps:
        real = getattr(versions, name)

        def die(*given: Any, _real: Any = real) -> Any:
            _real(*given)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(versions, name, die)
            with pytest.raises(KeyboardInterrupt):
                killed.ingest()
    killed.ingest()
    assert whole_record(killed) == whole_record(calm)


def test_reports_of_nobody_find_their_organ_when_the_register_knows_it(world: World) -> None:
    new = organ("990301103", "枫林镇", "枫林镇人民政府")
    world.crawl(at(1, 20), shown(new, 2023))
    assert world.ingest().unmatched == 1
    assert rows(world, ReportVersion.report_key)[0][0].startswith("?http://")
    before = rows(world, ReportVersion.id)
    world.register(REGISTER + "990301103,枫林镇,township,990301,东岭县,清沅市,模拟省,,,,\n")
    assert world.ingest().unmatched == 0
    assert rows(world, ReportVersion.report_key) == [("990301103/2023",)]
    assert rows(world, ReportVersion.id) == before


def nameless(of: Any, year: int, *, with_year: bool = True) -> bytes:
    """The page of a report that names neither its organ nor, where asked, its year."""
    text = page(of, year).decode()
    patterns = rf"[^<>]*{of.name[:2]}[^<>]*" + ("" if with_year else rf"|[^<>]*{year}年[^<>]*")
    for words in re.findall(patterns, text):
        text = text.replace(words, f"{year}年政府信息公开工作年度报告" if with_year and str(year) in words else "")
    return text.encode()


def test_the_column_of_an_organ_says_whose_report_it_is_where_nothing_else_does(tmp_path: Path) -> None:
    world = World(tmp_path, column(organ=TOWN.code))
    world.crawl(at(1, 20), shown(TOWN, 2023, data=nameless(TOWN, 2023), title="2023年政府信息公开工作年度报告"))
    world.ingest()
    assert rows(world, ReportVersion.report_key, ReportVersion.organ_match) == [("990301101/2023", "column")]


def test_a_stray_in_an_organs_column_is_the_report_of_the_organ_it_names_and_told_to_be_misplaced(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, column(organ=OTHER_TOWN.code), column("own", organ=TOWN.code))
    world.crawl(at(1, 20), shown(TOWN, 2023, date(2024, 1, 19)))
    for day in (1, 2):
        world.crawl(at(2, day), shown(TOWN, 2023, date(2024, 1, 19)))
    world.ingest()
    assert rows(world, ReportVersion.report_key, ReportVersion.organ_match) == [("990301101/2023", "name")]
    assert world.standing(at(2, 5)).flags == ("misplaced",)
    # The organ of the column has published nothing, and does not pass for on time by another's report.
    assert world.standing(at(2, 5), OTHER_TOWN.code).state.value == "missing"
    world.crawl(
        at(2, 6), shown(TOWN, 2023, date(2024, 1, 19)), shown(TOWN, 2023, path="/own/1.html", column_id="own")
    )
    world.ingest()
    assert world.standing(at(2, 7)).flags == ()


def test_a_predecessors_report_in_its_successors_column_is_the_predecessors_and_not_misplaced(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, column(organ=OTHER_TOWN.code), years=(2018,))
    old = organ("990301109", "枫林乡", "枫林乡人民政府")
    world.register(REGISTER + "990301109,枫林乡,township,990301,东岭县,清沅市,模拟省,,2019-06-30,,\n")
    world.crawl(at(1, 20), shown(old, 2018, date(2019, 1, 19)))
    world.ingest()
    assert rows(world, ReportVersion.report_key) == [("990301109/2018",)]
    assert world.standing(at(2, 5), old.code, 2018).flags == ()


def test_the_list_says_whose_report_it_is_and_of_which_year_where_the_document_does_not(world: World) -> None:
    bare = nameless(TOWN, 2023, with_year=False)
    listed: dict[str, Any] = {"listed_code": "990301101", "listed_organ": "东岭县财政局", "listed_year": 2023}
    world.crawl(at(1, 20), shown(TOWN, 2023, data=bare, title="政府信息公开工作年度报告", **listed))
    world.ingest()
    found = rows(world, ReportVersion.report_key, ReportVersion.organ_match, ReportVersion.report_year)
    assert found == [("990301101/2023", "code", 2023)]
    said = rows(world, EntryRow.organ, EntryRow.organ_code, EntryRow.report_year)
    assert said == [("东岭县财政局", "990301101", 2023)]
    assert rows(world, Sighting.listed_organ_code, Sighting.listed_year) == [("990301101", 2023)]


def test_a_list_that_names_another_organ_and_year_than_the_document_is_not_believed(world: World) -> None:
    wrong: dict[str, Any] = {"listed_code": "990301102", "listed_organ": "石桥乡", "listed_year": 2021}
    world.crawl(at(1, 20), shown(TOWN, 2023, date(2024, 1, 19), title="政府信息公开工作年度报告", **wrong))
    world.ingest()
    assert rows(world, ReportVersion.report_key, ReportVersion.organ_match) == [("990301101/2023", "name")]


def test_what_a_list_comes_to_say_settles_a_report_of_nobody(world: World) -> None:
    bare = shown(TOWN, 2023, data=nameless(TOWN, 2023), title="2023年政府信息公开工作年度报告")
    world.crawl(at(1, 20), bare)
    assert world.ingest().unmatched == 1
    world.crawl(at(1, 21), replace(bare, listed_organ="云溪镇人民政府"))
    assert world.ingest().unmatched == 0
    assert rows(world, ReportVersion.report_key, ReportVersion.organ_match) == [("990301101/2023", "list")]


def test_a_list_asked_by_form_is_no_page_to_ask_again_by_its_address(world: World) -> None:
    run = world.crawl(at(1, 20), shown(TOWN, 2023), finish=False)
    posted = Capture(
        9, CaptureRole.LIST, "http://www.example.org/nb/", "http://www.example.org/nb/", at(1, 20, 10), 200,
        world.archive.put(b"{}"), 2, "application/json", {"etag": "w"}, "nb", method="POST", request_body="page=1",
    )  # fmt: skip
    with (world.archive.root / "runs" / f"{run}.jsonl").open("a") as log:
        log.write(json.dumps(record_to_json(posted)) + "\n")
    world.ingest()
    assert "http://www.example.org/nb/" in {row[0] for row in rows(world, CaptureRow.address)}
    assert "http://www.example.org/nb/" not in crawls.known_documents(world.database, "dongling")


def test_a_date_the_report_cannot_bear_is_none(world: World) -> None:
    world.crawl(
        at(1, 20),
        shown(TOWN, 2023, date(2021, 8, 16), shown_on=date(2024, 1, 12)),
        shown(OTHER_TOWN, 2023, date(2024, 2, 16), path="/nb/202401/t20240115_7.html"),
    )
    world.ingest()
    found = rows(world, ReportVersion.report_key, ReportVersion.published_on, ReportVersion.published_from)
    assert found == [
        ("990301101/2023", date(2024, 1, 12), "list"),
        ("990301102/2023", date(2024, 1, 15), "address"),
    ]


def test_reparsing_what_reads_as_before_changes_nothing(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023, date(2024, 1, 18)), shown(OTHER_TOWN, 2023))
    world.crawl(at(1, 21), shown(TOWN, 2023, data=page(TOWN, 2023, seed=2)))
    world.ingest()
    before, ids = whole_record(world), rows(world, ReportVersion.id, ReportVersion.report_key)
    result = world.ingest(reparse=True)
    assert (result.documents, result.versions) == (3, 0)
    assert whole_record(world) == before
    assert rows(world, ReportVersion.id, ReportVersion.report_key) == ids


def test_a_better_parser_is_no_change_by_the_publisher(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023))
    with monkeypatch.context() as patch:
        patch.setattr(module, "ParsePool", _worse_pool)
        world.ingest()
    ids = rows(world, ReportVersion.id)
    world.ingest(reparse=True)
    assert rows(world, ReportVersion.id) == ids
    assert len(rows(world, Sighting.id)) == 1


def test_bytes_that_changed_across_parsers_are_compared_by_one_parser(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023))
    with monkeypatch.context() as patch:
        patch.setattr(module, "ParsePool", _worse_pool)
        world.ingest()
    world.crawl(at(1, 21), shown(TOWN, 2023, data=page(TOWN, 2023, around="另一页脚")))
    world.ingest()
    assert len(rows(world, Sighting.id)) == 1
    assert len(rows(world, ReportVersion.id)) == 1


def test_what_could_not_be_read_is_read_by_the_next_parser(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023))
    with monkeypatch.context() as patch:
        patch.setattr(module, "ParsePool", _blind_pool)
        assert world.ingest().unreadable == 1
    assert rows(world, ReportVersion.id) == []
    assert world.ingest().versions == 1


def test_what_the_archive_cannot_give_just_now_unsays_nothing(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023), shown(OTHER_TOWN, 2023))
    world.ingest()
    before = whole_record(world)
    digests = [digest for (digest,) in rows(world, ReportVersion.sha256)]
    blobs = [world.archive.root / "blobs" / digest[:2] / f"{digest}.zst" for digest in digests]
    kept = [blob.read_bytes() for blob in blobs]
    blobs[0].unlink()
    blobs[1].write_bytes(b"damaged")
    result = world.ingest(reparse=True)
    assert (result.documents, result.unreadable, len(result.lost)) == (0, 0, 2)
    assert all(digest in " ".join(result.lost) for digest in digests)
    assert whole_record(world) == before
    said = nianbao("ingest", "--reparse", "--config", world.configure(at(1, 21)))
    assert said.status == 1
    assert said.problem.startswith("有 2 份原件从归档中读不出来，先前读到的内容照旧有效")
    for blob, data in zip(blobs, kept, strict=True):
        blob.write_bytes(data)
    result = world.ingest(reparse=True)
    assert (result.documents, result.versions, result.lost) == (2, 0, ())
    assert whole_record(world) == before


def test_what_the_archive_could_not_give_is_read_as_soon_as_it_can(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023))
    import_logs(world.database, world.archive)
    ((digest,),) = rows(world, CaptureRow.sha256)
    blob = world.archive.root / "blobs" / digest[:2] / f"{digest}.zst"
    data = blob.read_bytes()
    blob.write_bytes(b"damaged")
    result = world.ingest()
    assert (result.unreadable, result.versions, len(result.lost)) == (1, 0, 1)
    assert len(world.ingest().lost) == 1, "it is asked for again, and told again"
    assert world.ingest(lost_too=False).lost == (), "beside a crawl it is not asked for five times a second"
    blob.write_bytes(data)
    result = world.ingest()
    assert (result.unreadable, result.versions, result.lost) == (0, 1, ())
    assert world.ingest().documents == 0


def test_a_document_that_kills_or_hangs_its_worker_harms_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3]))  # the worker has to find _troublesome
    digests = {name: world.archive.put(name.encode() * 40) for name in ("dies", "hangs")}
    good = world.archive.put(page(TOWN, 2023))
    tasks = [Task(digests["dies"]), Task(good), Task(digests["hangs"]), Task(world.archive.put(b"x" * 99))]
    with ParsePool(world.archive.root, 2, Limits(seconds=2.0), _troublesome) as pool:
        found = {outcome.parsed.sha256: outcome.parsed for outcome in pool.run(tasks)}
        assert [found[good].kind, found[digests["dies"]].kind, found[digests["hangs"]].kind] == [
            "report",
            "unreadable",
            "unreadable",
        ]
        assert found[digests["dies"]].error == DIED
        assert "2 秒" in (found[digests["hangs"]].error or "")
        assert [outcome.parsed.kind for outcome in pool.run([Task(good)])] == ["report"]


def test_a_capture_that_is_lost_is_unreadable_with_its_reason(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023))
    for blob in (world.archive.root / "blobs").rglob("*.zst"):
        blob.unlink()
    assert world.ingest().unreadable == 1
    with pytest.raises(ArchiveError):
        world.archive.get("0" * 64)


def test_the_digest_is_of_what_the_report_says() -> None:
    one, framed = parse(page(TOWN, 2023)), parse(page(TOWN, 2023, date(2024, 1, 5), around="x"))
    assert content_digest(one) == content_digest(framed)
    assert content_digest(one) != content_digest(parse(page(TOWN, 2023, seed=2)))


def _worse(outcome: parsing.Outcome) -> parsing.Outcome:
    """The outcome of an earlier parser that read less."""
    return replace(outcome, parsed=replace(outcome.parsed, parser="0", content_digest="0" * 64))


class _worse_pool(ParsePool):  # noqa: N801 - stands for ParsePool
    def run(self, tasks: Any) -> Any:
        return (_worse(read_document(self._place, task)) for task in tasks)


class _blind_pool(ParsePool):  # noqa: N801 - stands for ParsePool
    def run(self, tasks: Any) -> Any:
        for task in tasks:
            outcome = parsing.unreadable(task.sha256, "cannot")
            yield replace(outcome, parsed=replace(outcome.parsed, parser="0"))


def _troublesome(root: Path, task: Task, allow: Allow) -> parsing.Outcome:
    from crawler.captures import Archive

    data = Archive(root).get(task.sha256)
    if data.startswith(b"dies"):
        os._exit(3)
    if data.startswith(b"hangs"):
        time.sleep(60)
    return read_document(root, task, allow)


@pytest.mark.skipif(not can_read_scans(), reason="the extra that reads scans is not installed")
def test_a_report_that_its_page_shows_as_pictures_is_the_pages_report(world: World) -> None:
    sheet = pypdfium2.PdfDocument(CONTAINERS / "odd_prints_2022.pdf")[0]
    buffer = BytesIO()
    sheet.render(scale=200 / 72).to_pil().convert("L").save(buffer, "PNG")
    body = "<h1>云溪镇2022年政府信息公开工作年度报告</h1><p><img src='/nb/W1.png'></p>"
    one = shown(TOWN, 2022, data=f"<html><body>{body}</body></html>".encode())
    world.crawl(at(1, 20), one)
    world.ingest()
    assert rows(world, ReportVersion.id) == []
    world.crawl(at(1, 21), replace(one, attachments={"/nb/W1.png": buffer.getvalue()}))
    world.ingest()
    assert rows(world, ReportVersion.report_key, ReportVersion.address) == [("990301101/2022", one.address)]
    assert dict(rows(world, Sighting.address, Sighting.kind))["http://www.example.org/nb/W1.png"] == "other"
