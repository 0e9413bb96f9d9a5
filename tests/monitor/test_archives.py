"""Which archive is the record's own: a wrong mount is told before anything is fetched, parsed or taken away."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import httpx2
import pytest

from crawler.captures import Archive
from monitor.archives import Meeting, WrongArchive, make_sure
from monitor.settings import load_settings
from monitor.store import archives as store
from monitor.store.engines import POSTGRESQL
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import OTHER_TOWN, World, at, shown
from tests.monitor.web.dashboard import dashboard, record_of

NOW = at(2, 21)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A record with a report, whose archive has no identity yet."""
    made = World(tmp_path)
    made.crawl(at(2, 1), shown(OTHER_TOWN, 2023, date(2024, 1, 10)))
    made.ingest()
    return made


def known(world: World) -> str | None:
    """What the record keeps."""
    with world.database.reading() as session:
        return store.identity(session)


@pytest.mark.parametrize(
    ("meeting", "wrong"),
    [
        (Meeting(None, None, True), False),
        (Meeting(None, None, False), True),
        (Meeting("a", None, True), False),
        (Meeting("a", None, False), True),
        (Meeting(None, "a", True), False),
        (Meeting(None, "a", False), True),
        (Meeting("a", "a", True), False),
        (Meeting("a", "b", True), True),
    ],
)
def test_which_archive_is_the_records_own(meeting: Meeting, wrong: bool) -> None:
    assert meeting.wrong is wrong


def test_they_note_each_other_once_and_move_together(world: World, tmp_path: Path) -> None:
    make_sure(world.database, world.archive)
    identity = known(world)
    assert identity
    assert world.archive.identity() == identity
    make_sure(world.database, world.archive)
    assert (known(world), world.archive.identity()) == (identity, identity)
    assert world.archive.identify("another") == identity
    moved = tmp_path / "moved"
    world.archive.root.rename(moved)
    make_sure(world.database, Archive(moved))
    # Copied by hand without its identity: what was captured last is there.
    (moved / "archive-id").unlink()
    make_sure(world.database, Archive(moved))
    assert Archive(moved).identity() == identity


def test_a_share_without_hard_links_has_an_identity_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    make_sure(world.database, world.archive)
    assert world.archive.identity() == known(world)
    assert [path.name for path in world.archive.root.glob("*archive-id*")] == ["archive-id"]


@pytest.mark.parametrize("noted", [True, False])
def test_an_empty_folder_in_its_place_is_refused_and_stays_empty(world: World, noted: bool) -> None:
    if noted:
        make_sure(world.database, world.archive)
    shutil.rmtree(world.archive.root)
    world.archive.root.mkdir()
    with pytest.raises(WrongArchive) as said:
        make_sure(world.database, world.archive)
    assert "\n" not in str(said.value)
    assert list(world.archive.root.iterdir()) == []
    # The remedy that the line names.
    identity = known(world)
    assert identity
    assert identity in str(said.value)
    Path(world.archive.identity_at).write_text(identity)
    make_sure(world.database, world.archive)


@pytest.mark.both_databases
def test_no_command_works_on_the_archive_of_another_record(world: World, tmp_path: Path, engine: str) -> None:
    config = world.configure(NOW)
    assert nianbao("ingest", "--config", config).status == 0
    (world.archive.root / "archive-id").write_text("0" * 32)
    workers = [["worker"]] if engine == POSTGRESQL else []
    for command in (["crawl"], ["ingest"], ["prune", "--yes"], *workers):
        text = config.read_text(encoding="utf-8")
        if command[0] == "prune" and "[retention]" not in text:
            config.write_text(text + "[retention]\nlist_pages_days = 90\n", encoding="utf-8")
        said = nianbao(*command, "--config", config)
        assert said.status == 1
        assert "archive-id" in said.problem
        assert "0" * 32 in said.problem
    settings = load_settings(config)
    with dashboard(record_of(world.database, lambda: NOW, tmp_path / "portals", settings)) as address:
        answer = httpx2.get(f"{address}/readyz")
        assert (answer.status_code, answer.text) == (503, "wrong_captures\n")
        identity = known(world)
        assert identity
        (world.archive.root / "archive-id").write_text(identity)
        assert httpx2.get(f"{address}/readyz").text == "ready\n"
    kinds = {one["kind"] for one in nianbao("alerts", "list", "--format", "json", "--config", config).json}
    assert not kinds & {"missing", "parse_failed"}
