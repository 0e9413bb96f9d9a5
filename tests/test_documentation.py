"""What the pages for readers promise: every link leads somewhere, every picture is there and small."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from crawler.records import Outcome
from monitor.alerts.conditions import AlertKind

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LARGEST_PICTURE = 400_000
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


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
