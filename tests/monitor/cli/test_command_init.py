"""`nianbao init`: writes what is missing, changes nothing that is there."""

import os
import sqlite3
from pathlib import Path

import pytest

from tests.monitor.cli.command import nianbao


def test_init_writes_the_configuration_and_the_database_once(folder: Path) -> None:
    said = nianbao("init")
    assert (said.status, said.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["nianbao.toml", "var"]
    with sqlite3.connect(folder / "var" / "nianbao.sqlite") as database:
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    assert {"organ", "report_version", "alert", "delivery"} <= tables
    content = (folder / "nianbao.toml").read_bytes()
    record = (folder / "var" / "nianbao.sqlite").read_bytes()
    again = nianbao("init")
    assert (again.status, again.err) == (0, "")
    assert again.out.count("未改动") == 2
    assert (folder / "nianbao.toml").read_bytes() == content
    assert (folder / "var" / "nianbao.sqlite").read_bytes() == record


def test_what_was_chosen_is_kept(folder: Path) -> None:
    (folder / "nianbao.toml").write_text('[store]\ndatabase = "sqlite:///elsewhere.sqlite"\n', encoding="utf-8")
    assert nianbao("init").status == 0
    assert (folder / "elsewhere.sqlite").exists()
    assert [path.name for path in (folder / "var").iterdir()] == ["web-secret"]


def test_the_secret_is_for_the_owner_alone_and_made_once(folder: Path) -> None:
    assert nianbao("init").status == 0
    file = folder / "var" / "web-secret"
    assert file.stat().st_mode & 0o777 == 0o600
    secret = file.read_text(encoding="ascii")
    assert len(secret.strip()) >= 32
    said = nianbao("init")
    assert file.read_text(encoding="ascii") == secret
    assert secret.strip() not in said.out + said.err


def test_a_secret_of_the_settings_needs_no_file(folder: Path) -> None:
    (folder / "nianbao.toml").write_text(f'[web]\nsecret = "{"x" * 32}"\n', encoding="utf-8")
    assert nianbao("init").status == 0
    assert not (folder / "var" / "web-secret").exists()


def test_a_short_secret_is_refused_and_not_shown(folder: Path) -> None:
    (folder / "nianbao.toml").write_text('[web]\nsecret = "opensesame"\n', encoding="utf-8")
    said = nianbao("alerts", "list")
    assert said.status == 2
    assert "[web] secret" in said.problem
    assert "opensesame" not in said.problem


def test_the_file_may_be_named_by_option_or_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert nianbao("init", "--config", folder / "one.toml").status == 0
    assert (folder / "one.toml").exists()
    (folder / "two").mkdir()
    monkeypatch.setenv("NIANBAO_CONFIG", str(folder / "two" / "two.toml"))
    assert nianbao("init").status == 0
    assert (folder / "two" / "var" / "nianbao.sqlite").exists()


def test_a_folder_that_is_not_there_is_one_line(folder: Path) -> None:
    said = nianbao("--config", folder / "nowhere" / "nianbao.toml", "init")
    assert said.status == 1
    assert str(folder / "nowhere" / "nianbao.toml") in said.problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_one_line(folder: Path) -> None:
    locked = folder / "locked"
    locked.mkdir(mode=0o555)
    said = nianbao("--config", locked / "nianbao.toml", "init")
    assert said.status == 1
    assert str(locked) in said.problem


def test_a_database_from_a_newer_version_is_left_alone(folder: Path) -> None:
    nianbao("init")
    with sqlite3.connect(folder / "var" / "nianbao.sqlite") as database:
        database.execute("update alembic_version set version_num = '9999'")
    for arguments in (("init",), ("alerts", "list"), ("assess",)):
        said = nianbao(*arguments)
        assert said.status == 1
        assert "9999" in said.problem


def test_without_init_a_command_says_what_to_do(folder: Path) -> None:
    said = nianbao("alerts", "list")
    assert said.status == 1
    assert "nianbao init" in said.problem
    assert list(folder.iterdir()) == []


def test_a_database_address_that_is_none_is_one_line(folder: Path) -> None:
    (folder / "nianbao.toml").write_text('[store]\ndatabase = "oracle!"\n', encoding="utf-8")
    said = nianbao("init")
    assert said.status == 2
    assert "[store] database" in said.problem
