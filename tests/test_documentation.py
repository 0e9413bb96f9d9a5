"""What the pages for readers promise: every link leads somewhere, every picture is there and small."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from typer.main import get_command

from crawler.records import Outcome
from monitor.alerts.conditions import AlertKind
from monitor.cli.application import application
from monitor.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LARGEST_PICTURE = 400_000
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


_COMMAND = re.compile(r"nianbao ([a-z][^`\n#|；，。（）]*)")
_SETTING = re.compile(r"`\[(\w+)\]\s+(\w+)|NIANBAO_([A-Z]+(?:_[A-Z]+)*?)__([A-Z_]+)")
_FILE = re.compile(r"`((?:crawler|deploy|docs|monitor|parsers|script|tests)/[\w./-]+)`")
TO_BE_WRITTEN = {
    "parsers/forms/2027.yaml",
    "parsers/documents/gzipped.py",
    "tests/parsers/containers/department_2023.gz",
    "tests/parsers/test_gzipped.py",
}
"""What docs/parsing.md tells its reader to write, as an example."""


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """File and anchor of every link of a page that stays in the project."""
    for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if "://" not in target and not target.startswith("mailto:"):
            file, _, anchor = unquote(target).partition("#")
            yield (page.parent / file).resolve() if file else page, anchor


def anchors(page: Path) -> set[str]:
    """The anchors that headings of a page have."""
    headings = _HEADING.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for file, anchor in links(page):
        assert file.exists(), f"{page.name} links {file}"
        if anchor:
            assert anchor in anchors(file), f"{page.name} links #{anchor} of {file.name}"


def test_pictures_are_small_and_shown() -> None:
    shown = {file for page in PAGES for file, _ in links(page)}
    for picture in (ROOT / "docs" / "images").rglob("*.*"):
        assert picture in shown, f"no page shows {picture.name}"
        assert picture.stat().st_size <= LARGEST_PICTURE, picture.name


def entry_of(page: Path, heading: str) -> str:
    """What stands under a heading of the third level; empty where there is none."""
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^#|\Z)", page.read_text(encoding="utf-8"), re.M | re.S)
    return found[1] if found else ""


@pytest.mark.parametrize(
    "word", [*Outcome, *(kind for kind in AlertKind if kind.audience == "operator")], ids=lambda word: word.value
)
def test_the_runbook_has_an_entry_for_every_outcome_and_operator_alert(word: Outcome | AlertKind) -> None:
    entry = entry_of(ROOT / "docs" / "operations.md", f"`{word.value}`")
    for part in ("Means", "Look at", "Do"):
        assert re.search(rf"^\* \*\*{part}:\*\* \S", entry, re.M), f"{word.value} does not say: {part}"


def test_every_outcome_is_explained() -> None:
    explained = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")
    assert [word for word in Outcome if f"| `{word.value}` |" not in explained] == []


def test_every_test_that_the_page_on_security_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    assert len(named) >= 50
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for text in files for name in re.findall(r"^def (test_\w+)", text, re.M)}
    assert named - there == set()


@cache
def all_commands() -> Any:
    """The command line as a whole."""
    return get_command(application())


def command_named(words: list[str]) -> tuple[Any, list[str]]:
    """The command, or the group of commands, that these words begin with, and the words behind it."""
    command = all_commands()
    while words and words[0] in getattr(command, "commands", ()):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_settings_and_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.name != "CHANGELOG.md":
        for line in _COMMAND.findall(text):
            command, others = command_named(line.split())
            known = {name for option in command.params for name in option.opts} | {
                "--config",
                "--verbose",
                "--help",
            }
            for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", line):
                assert option in known, f"{page.name}: nianbao {line}"
            if others != line.split() and others and hasattr(command, "commands"):
                assert not re.fullmatch("[a-z]+", others[0]), f"{page.name}: nianbao {line}"
        for names in _SETTING.findall(text):
            section, name = (part.lower() for part in names if part)
            if (section, name) != ("section", "name"):
                assert name in type(getattr(Settings(), section)).model_fields, f"{page.name}: [{section}] {name}"
        for file in _FILE.findall(text):
            assert (ROOT / file).exists() or file in TO_BE_WRITTEN, f"{page.name} names {file}"
