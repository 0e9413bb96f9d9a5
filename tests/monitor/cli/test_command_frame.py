"""The frame of the command: help, usage errors, common options, errors as one line, Ctrl-C."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from monitor.cli.application import application
from monitor.cli.frame import Situation, explain, guarded
from tests.monitor.cli.command import nianbao

COMMANDS = [
    ("init",),
    ("organs", "import"),
    ("portals", "add"),
    ("portals", "list"),
    ("portals", "check"),
    ("crawl",),
    ("ingest",),
    ("assess",),
    ("notify",),
    ("run",),
    ("parse",),
    ("completeness",),
    ("diff",),
    ("alerts", "list"),
    ("alerts", "show"),
    ("alerts", "ack"),
    ("alerts", "mute"),
    ("alerts", "resolve"),
    ("serve",),
    ("worker",),
    ("demo",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_of_the_contract_has_its_help_and_the_common_options(command: tuple[str, ...]) -> None:
    said = nianbao(*command, "--help")
    assert said.status == 0
    assert "--config" in said.out
    assert "--verbose" in said.out


@pytest.mark.parametrize(
    ("command", "section"), [((), "[retention]"), (("prune",), "[retention]"), (("worker",), "[schedule]")]
)
def test_help_keeps_the_brackets_of_sections(command: tuple[str, ...], section: str) -> None:
    assert section in nianbao(*command, "--help").out


def every_command(group: Any, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group with the words that lead to it."""
    yield names, group
    for name, each in getattr(group, "commands", {}).items():
        yield from every_command(each, *names, name)


def without_frame(text: str) -> str:
    """What is told, without the lines of boxes and wherever lines are broken."""
    return "".join(letter for letter in text if letter not in "│╭╮╰╯─" and not letter.isspace())


def test_no_help_is_cut_or_speaks_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal of 80 columns, all of each text of ours stands there, and none of the library's English."""
    monkeypatch.setenv("COLUMNS", "80")
    for names, command in every_command(get_command(application())):
        shown = nianbao(*names, "--help").out
        said = without_frame(shown)
        assert without_frame(command.help or "") in said, names
        for word in ("Usage", "Options", "Arguments", "Commands", "[required]", "[default", "Show this"):
            assert word not in shown, names
        for each in getattr(command, "commands", {}).values():
            assert each.hidden or without_frame(each.help or "") in said, (names, each.name)
        for one in command.params:
            assert without_frame(getattr(one, "help", None) or "") in said, (names, one.name)


def test_help_in_english_tells_all_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_PEOPLE__LANGUAGE", "en")
    shown = nianbao("alerts", "mute", "--help").out
    assert "Usage: nianbao alerts mute [Options] ID" in shown
    assert "(required)" in shown
    assert "Show this" in shown


def test_the_entry_point_gives_help_without_loading_what_is_heavy() -> None:
    script = (
        "import sys; from monitor.cli import main; status = main(['--help']);"
        "heavy = {'sqlalchemy', 'scrapy', 'pydantic', 'lxml', 'openpyxl', 'alembic'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else status)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "completeness" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("completeness", "--no-such-option"),
        ("completeness", "--year", "last"),
        ("completeness", "--format", "docx"),
        ("diff", "410526111"),
        ("alerts", "ack", "1"),
        ("alerts", "list", "--state", "asleep"),
        ("crawl", "--config"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_status_2(arguments: tuple[str, ...]) -> None:
    said = nianbao(*arguments)
    assert said.status == 2
    assert "--help" in said.problem
    assert said.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("parse", "x", "--format", "xml"), "--format 不能是“xml”；可以是 text、json。"),
        (("completeness", "--year", "last"), "--year 应是整数。"),
        (("crawl", "--no-such"), "没有选项 --no-such。"),
        (("no-such",), "没有命令“no-such”。"),
        (("diff", "1"), "缺少 YEAR。"),
        (("crawl", "--config"), "--config 后面缺少内容。"),
    ],
)
def test_wrong_usage_is_told_in_our_own_words(arguments: tuple[str, ...], said: str) -> None:
    assert nianbao(*arguments).problem == f"{said} 用 nianbao --help 查看用法"


@pytest.mark.parametrize("before", [True, False])
def test_the_common_options_stand_before_or_behind_the_command(folder: Path, before: bool) -> None:
    common = ["--config", str(folder / "none.toml")]
    said = nianbao(*common, "portals", "list") if before else nianbao("portals", "list", *common)
    assert said.status == 2
    assert str(folder / "none.toml") in said.problem


def test_a_wrong_configuration_is_a_line_for_each_problem(folder: Path) -> None:
    (folder / "nianbao.toml").write_text('[mail]\nport = "x"\nhosst = "y"\n', encoding="utf-8")
    said = nianbao("portals", "list")
    assert said.status == 2
    assert len(said.err.splitlines()) == 2
    assert "Traceback" not in said.err


def test_a_worker_says_what_it_needs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = nianbao("worker")
    assert said.status == 2
    assert "PostgreSQL" in said.problem
    monkeypatch.setenv("NIANBAO_STORE__DATABASE", "postgresql://nobody@127.0.0.1:1/none")
    assert "parse" in nianbao("worker", "--queue", "wash").problem
    assert nianbao("worker").status == 1


def test_an_error_nobody_thought_of_is_one_line_and_in_full_only_with_verbose(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, lines = explain(ZeroDivisionError("division\nby zero"), Situation())
    assert status == 1
    assert lines == ["意外的错误（ZeroDivisionError: division by zero）；加 --verbose 可看详情"]
    status, lines = explain(PermissionError(13, "Permission denied", "record.csv"), Situation())
    assert (status, lines) == (1, ["record.csv：没有权限；请检查路径和权限"])


def test_ctrl_c_is_one_line_and_status_130(capsys: pytest.CaptureFixture[str]) -> None:
    import typer

    with pytest.raises(typer.Exit) as ended, guarded(Situation()):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130
    assert "已中断" in capsys.readouterr().err


def test_a_reader_that_went_away_is_no_error(folder: Path) -> None:
    (folder / "nothing.txt").write_text("", encoding="utf-8")
    script = f"{sys.executable} -m monitor.cli alerts --help | true"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_the_version_is_that_of_the_package() -> None:
    said = nianbao("--version")
    assert (said.status, said.out) == (0, f"nianbao {version('nianbao')}\n")
