"""Backup and restore: all comes back as it was, on either database; what is broken or in the way is refused."""

import fcntl
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crawler.captures import Archive
from monitor.backup.layout import MANIFEST, read_manifest
from monitor.store import dumps
from monitor.store.database import Database, open_database
from monitor.store.tables import Base, County
from tests import databases
from tests.databases import address_in
from tests.monitor.cli.command import Said, nianbao, working_in
from tests.monitor.record.making import OTHER_TOWN, TOWN, Shown, World, at, page, shown

both = pytest.mark.both_databases("core")
NOW = at(2, 21)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """The working directory of the test, without the machine's settings."""
    with working_in(tmp_path):
        yield tmp_path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine: str) -> World:
    """A record with reports, a changed one, an attachment, an alert that was taken up, and a run that goes on."""
    made = World(tmp_path_factory.mktemp("world"), years=(2022, 2023))
    other = shown(OTHER_TOWN, 2023, date(2024, 1, 10))
    first = Shown("/nb/1.html", page(TOWN, 2023, seed=2), "云溪镇2023年政府信息公开工作年度报告")
    changed = Shown("/nb/1.html", page(TOWN, 2023, seed=3), first.title, attachments={"/nb/1.doc": b"file"})
    for day in (1, 5):
        made.crawl(at(2, day), other, first)
    for day in (12, 20):
        made.crawl(at(2, day), other, changed, lists={"nb": b"<ul></ul>"})
    made.crawl(at(2, 20, 10), other, finish=False)
    log = next(path for path in made.archive.log_files() if "20240220T10" in path.name)
    log.write_bytes(log.read_bytes() + b'{"half')
    made.ingest()
    config = made.configure(NOW)
    with working_in(made.folder):
        assert nianbao("assess", "--config", config).status == 0
        assert nianbao("alerts", "ack", "1", "--note", "已联系", "--config", config).status == 0
        assert nianbao("completeness", "--format", "html", "--output", "r.html", "--config", config).status == 0
    return made


def backed_up(world: World, target: Path, *options: str) -> Said:
    """A backup of the record."""
    return nianbao("backup", target, *options, "--config", world.folder / "nianbao.toml")


def empty_place(folder: Path, world: World) -> Path:
    """A configuration like the record's over nothing; gives its file."""
    folder.mkdir()
    file = folder / "nianbao.toml"
    before = (world.folder / "nianbao.toml").read_text(encoding="utf-8").splitlines()
    address = address_in(folder, empty=True)
    file.write_text(
        "\n".join(f'database = "{address}"' if line.startswith("database") else line for line in before) + "\n",
        encoding="utf-8",
    )
    return file


def tables_of(database: Database) -> dict[str, list[Any]]:
    """All rows of all tables that are kept."""
    with database.reading() as session:
        return {
            table.name: [
                tuple(row) for row in session.execute(table.select().order_by(*table.primary_key.columns))
            ]
            for table in dumps.kept_tables()
        }


def digests(archive: Archive) -> dict[str, int]:
    """All captures, each read whole."""
    return {digest: len(archive.get(digest)) for digest in archive.digests()}


def opened(config: Path) -> Database:
    """The database of a restored place."""
    return open_database(address_in(config.parent, empty=True), config.parent)


@both
def test_everything_comes_back_as_it_was(world: World, folder: Path) -> None:
    said = backed_up(world, folder / "backup")
    assert (said.status, said.err) == (0, "")
    config = empty_place(folder / "place", world)
    done = nianbao("restore", folder / "backup", "--config", config)
    assert (done.status, done.err) == (0, "")
    database = opened(config)
    before, after = tables_of(world.database), tables_of(database)
    assert {name for name, rows in before.items() if rows} >= {"county", "organ", "run", "capture", "alert_event"}
    for name, rows in before.items():
        assert after[name] == rows, name
    assert digests(Archive(config.parent / "captures")) == digests(world.archive)
    assert len(digests(world.archive)) >= 4
    reports = [
        nianbao("completeness", "--format", "json", "--year", "2023", "--config", file).out_bytes
        for file in (world.folder / "nianbao.toml", config)
    ]
    assert reports[0] == reports[1]
    assert b"\xe4\xba\x91\xe6\xba\xaa" in reports[0]
    logs = {path.name: path.read_bytes() for path in world.archive.log_files()}
    again = {path.name: path.read_bytes() for path in Archive(config.parent / "captures").log_files()}
    assert {name: data.removesuffix(b'{"half') for name, data in logs.items()} == again
    assert (config.parent / "portals" / "dongling.yaml").read_bytes() == (
        world.folder / "portals" / "dongling.yaml"
    ).read_bytes()
    # New rows are numbered behind those that came back.
    assert nianbao("alerts", "mute", "1", "--until", "2024-03-01", "--note", "x", "--config", config).status == 0
    assert nianbao("ingest", "--config", config).status == 0
    database.close()


def test_from_sqlite_to_postgresql_and_back(world: World, folder: Path) -> None:
    assert databases.current == "sqlite"
    assert backed_up(world, folder / "backup").status == 0
    with databases.using("postgresql"):
        config = empty_place(folder / "place", world)
        assert nianbao("restore", folder / "backup", "--config", config).status == 0
        database = opened(config)
        assert tables_of(database) == tables_of(world.database)
        assert nianbao("backup", folder / "back", "--config", config).status == 0
        database.close()
    config = empty_place(folder / "home", world)
    assert nianbao("restore", folder / "back", "--config", config).status == 0
    assert tables_of(opened(config)) == tables_of(world.database)
    first, second = (read_manifest(folder / name).database.sha256 for name in ("backup", "back"))
    assert first == second, "the same rows are the same bytes, whatever database they come from"


def test_after_init_a_place_is_still_empty(world: World, folder: Path) -> None:
    assert backed_up(world, folder / "backup").status == 0
    config = empty_place(folder / "place", world)
    assert nianbao("init", "--config", config).status == 0
    assert nianbao("restore", folder / "backup", "--config", config).status == 0
    assert tables_of(opened(config)) == tables_of(world.database)


@both
def test_a_place_with_anything_in_it_is_refused_and_left_alone(world: World, folder: Path) -> None:
    assert backed_up(world, folder / "backup").status == 0
    config = empty_place(folder / "place", world)
    assert nianbao("init", "--config", config).status == 0
    database = opened(config)
    with database.begin() as session:
        session.add(County(code="990301", name="东岭县"))
    before = tables_of(database)
    said = nianbao("restore", folder / "backup", "--config", config)
    assert said.status == 2
    assert "已有数据" in said.problem
    assert tables_of(database) == before
    assert not (config.parent / "captures").exists()
    database.close()


def test_captures_in_the_way_are_refused(world: World, folder: Path) -> None:
    assert backed_up(world, folder / "backup").status == 0
    config = empty_place(folder / "place", world)
    Archive(config.parent / "captures").put(b"of another record")
    said = nianbao("restore", folder / "backup", "--config", config)
    assert said.status == 2
    assert "captures" in said.problem
    assert not list(config.parent.glob("*.sqlite"))


def damaged(backup: Path) -> Iterator[tuple[str, Path]]:
    """Copies of a backup, each with one file damaged or gone."""
    files = [path for path in backup.rglob("*") if path.is_file() and path.name != "lock"]
    kinds = {path.relative_to(backup).parts[0].split("-")[0]: path for path in files}
    assert set(kinds) == {"nianbao", "database", "contents", "captures", "files"}
    for kind, path in kinds.items():
        for how in ("gone", "cut", "changed", "empty"):
            copy = backup.with_name(f"{kind}-{how}")
            shutil.copytree(backup, copy)
            file = copy / path.relative_to(backup)
            data = file.read_bytes()
            if how == "gone":
                file.unlink()
            elif how == "changed":
                file.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
            else:
                file.write_bytes(data[: len(data) // 2] if how == "cut" else b"")
            yield f"{kind} {how}", copy


def test_a_damaged_backup_is_refused_before_anything_is_touched(world: World, folder: Path) -> None:
    assert backed_up(world, folder / "backup").status == 0
    config = empty_place(folder / "place", world)
    for what, copy in damaged(folder / "backup"):
        said = nianbao("restore", copy, "--config", config)
        assert (said.status, len(said.err.splitlines())) == (1, 1), what
        assert nianbao("backup", copy, "--check").status == 1, what
        assert [path.name for path in config.parent.iterdir()] == ["nianbao.toml"], what


def test_no_backup_is_told_in_a_line(world: World, folder: Path) -> None:
    config = empty_place(folder / "place", world)
    (folder / "nothing").mkdir()
    for source in ("nothing", "not-there"):
        said = nianbao("restore", folder / source, "--config", config)
        assert (said.status, "nianbao backup" in said.problem) == (1, True)


def test_what_is_somebody_elses_is_not_written_into(world: World, folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "thesis.doc").write_text("x")
    assert "thesis.doc" in backed_up(world, folder / "home").problem
    (folder / "file").write_text("x")
    assert backed_up(world, folder / "file").status == 1


def test_a_second_backup_copies_only_what_is_new_and_leaves_nothing_behind(world: World, folder: Path) -> None:
    target = folder / "backup"
    assert backed_up(world, target).status == 0
    stamps = {path: path.stat().st_mtime_ns for path in (target / "captures").rglob("*.zst")}
    (target / "database-0123456789abcdef.jsonl.zst").write_text("left by a backup that was broken off")
    said = backed_up(world, target)
    assert "（新增 0）" in said.out
    assert stamps == {path: path.stat().st_mtime_ns for path in (target / "captures").rglob("*.zst")}
    assert len(list(target.glob("database-*"))) == len(list(target.glob("contents-*"))) == 1
    assert nianbao("backup", target, "--check").status == 0


def test_secrets_are_kept_only_when_asked_for(world: World, folder: Path) -> None:
    secret = "a-secret-that-signs-the-links-in-mails-0123456789"
    (world.folder / "var").mkdir(exist_ok=True)
    (world.folder / "var" / "web-secret").write_text(secret)
    with (world.folder / "nianbao.toml").open("a", encoding="utf-8") as file:
        file.write('[mail]\npassword = "a-password"\n')
    try:
        said = backed_up(world, folder / "without")
        assert "nianbao.toml" in said.out
        assert backed_up(world, folder / "with", "--with-secrets").status == 0
    finally:
        world.configure(NOW)
    found = {
        name: b"".join(path.read_bytes() for path in (folder / name).rglob("*") if path.is_file())
        for name in ("with", "without")
    }
    for text_ in (secret.encode(), b"a-password"):
        assert text_ in found["with"]
        assert text_ not in found["without"]
    assert (next((folder / "with").glob("database-*")).stat().st_mode & 0o077) == 0
    config = empty_place(folder / "place", world)
    done = nianbao("restore", folder / "with", "--config", config)
    assert (config.parent / "var" / "web-secret").read_text() == secret
    assert (config.parent / "var" / "web-secret").stat().st_mode & 0o077 == 0
    assert "没有改动现有的配置" in done.out


def test_a_damaged_or_lost_capture_is_told_and_the_rest_is_kept(world: World, folder: Path) -> None:
    copy = folder / "captures"
    shutil.copytree(world.archive.root, copy)
    with world.database.reading() as session:
        first, second, *_ = sorted(set(dumps.captures_in_use(session)))
    (copy / "blobs" / first[:2] / f"{first}.zst").write_bytes(b"rotten")
    (copy / "blobs" / second[:2] / f"{second}.zst").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIANBAO_STORE__CAPTURES", str(copy))
        said = backed_up(world, folder / "backup")
    assert said.status == 1
    assert first in said.err
    assert "1 个原件不在归档目录中" in said.err
    assert nianbao("backup", folder / "backup", "--check").status == 0


_KILLED = """
import json, os, pathlib, signal, sys
import monitor.backup.restoring, monitor.cli.application, monitor.store.dumps
from monitor.cli import main
real, ended = pathlib.Path.rename, []
for number, arguments in json.load(sys.stdin):
    count = [number]
    def rename(self, target):
        if count[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        count[0] -= 1
        return real(self, target)
    child = os.fork()
    if not child:
        pathlib.Path.rename = rename
        os.dup2(2, 1)
        os._exit(main(arguments))
    ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(ended))
"""


def killed_at(*commands: tuple[int, Sequence[str | Path]]) -> list[int]:
    """Commands that are killed just before they put a file of this number into its place; how each ended."""
    given = json.dumps([(number, [*map(str, arguments)]) for number, arguments in commands])
    done = subprocess.run([sys.executable, "-c", _KILLED], input=given, capture_output=True, text=True, check=True)
    ended: list[int] = json.loads(done.stdout)
    return ended


def test_a_backup_that_is_killed_never_looks_whole_and_harms_no_earlier_one(world: World, folder: Path) -> None:
    config: list[str | Path] = ["--config", world.folder / "nianbao.toml"]
    assert backed_up(world, folder / "whole").status == 0
    renames = 1 + len(digests(world.archive)) + len(list((folder / "whole" / "files").glob("*/*"))) + 1
    numbers: tuple[int, ...] = (0, renames // 2, renames)
    ended = killed_at(
        *((number, ["backup", folder / f"fresh{number}", *config]) for number in numbers),
        (renames + 1, ["backup", folder / "done", *config]),
    )
    assert ended == [-signal.SIGKILL] * len(numbers) + [0]
    for number in numbers:
        assert not (folder / f"fresh{number}" / MANIFEST).exists()
        assert nianbao("backup", folder / f"fresh{number}", "--check").status == 1
    world.crawl(at(2, 20, 12), shown(TOWN, 2022))
    numbers = (2,)
    for number in numbers:
        shutil.copytree(folder / "whole", folder / f"whole{number}")
    ended = killed_at(*((number, ["backup", folder / f"whole{number}", *config]) for number in numbers))
    assert ended == [-signal.SIGKILL] * len(numbers)
    for number in numbers:
        assert nianbao("backup", folder / f"whole{number}", "--check").status == 0, "the one before stands"
    assert backed_up(world, folder / "fresh0").status == 0
    assert nianbao("backup", folder / "fresh0", "--check").status == 0


def test_a_restore_that_is_killed_is_begun_again(world: World, folder: Path) -> None:
    assert backed_up(world, folder / "backup").status == 0
    config = empty_place(folder / "place", world)
    assert killed_at((3, ["restore", folder / "backup", "--config", config])) == [-signal.SIGKILL]
    assert list(Archive(config.parent / "captures").digests())
    assert nianbao("restore", folder / "backup", "--config", config).status == 0
    assert tables_of(opened(config)) == tables_of(world.database)
    assert nianbao("restore", folder / "backup", "--config", config).status == 2


@both
@pytest.mark.parametrize("made_before", [False, True], ids=["nothing there", "after init"])
def test_a_backup_of_an_earlier_version_is_restored_and_brought_up(folder: Path, made_before: bool) -> None:
    lines = [b'{"revision": "0002"}\n', *(_lines_of_revision_2())]
    database = open_database(address_in(folder, "new", empty=True), folder)
    if made_before:
        assert database.migrate()
    assert database.fill(lines) == {"county": 1, "run": 1}
    assert database.condition().ready
    with database.reading() as session:
        assert session.execute(text("SELECT name FROM county")).scalar_one() == "东岭县"
        assert session.execute(text("SELECT 1 FROM rule_set")).all() == [], "a table that came later"
    database.close()


def _lines_of_revision_2() -> list[bytes]:
    """Rows as a program with the tables of migration 0002 would have written them."""
    county = [["code", "text"], ["name", "text"], ["prefecture", "text"], ["province", "text"]]
    run = [
        *(["id", "text"], ["portal_id", "text"], ["county_code", "text"], ["started_at", "moment"]),
        *(["finished_at", "moment"], ["full", "boolean"], ["outcome", "text"], ["problem", "text"]),
        *(["counts", "json"], ["imported_lines", "integer"]),
    ]
    content: list[Any] = [
        {"table": "county", "columns": county},
        ["990301", "东岭县", None, None],
        {"table": "run", "columns": run},
        ["r", "p", "990301", "2024-01-20T09:00:00+08:00", None, False, None, None, '{"a":"\\ud800"}', 1],
        {"rows": {"county": 1, "run": 1}},
    ]
    return [json.dumps(one).encode() + b"\n" for one in content]


def test_a_backup_of_a_newer_version_is_refused(folder: Path) -> None:
    database = open_database(address_in(folder, "new", empty=True), folder)
    with pytest.raises(Exception, match="升级 Nianbao"):
        database.fill([b'{"revision": "9999"}\n'])
    assert not list(folder.glob("new*"))


def test_rows_that_are_not_all_there_change_nothing(folder: Path) -> None:
    lines = [b'{"revision": "0002"}\n', *_lines_of_revision_2()]
    for wrong in (lines[:-1], [*lines[:2], *lines[3:]], [lines[0], lines[2], *lines[1:]]):
        database = open_database(address_in(folder, "new", empty=True), folder)
        with pytest.raises(dumps.DumpError):
            database.fill(wrong)
        assert database.is_vacant()
        database.close()


def test_two_backups_into_one_folder_at_once_are_refused(world: World, folder: Path) -> None:
    (folder / "backup").mkdir()
    with (folder / "backup" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "另一个进程" in backed_up(world, folder / "backup").problem


def test_every_table_is_kept_or_left_out_by_name() -> None:
    assert {table.name for table in dumps.kept_tables()} | dumps.LEFT_OUT >= set(Base.metadata.tables)
