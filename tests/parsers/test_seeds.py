"""The real reports: every cell, title, organ, year and section as expected, and the way back from JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import CellState, DocumentKind, Report, number_to_json
from tests.shared import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.shared]

SEEDS = sorted((SHARED / "seeds").glob("*.txt")) if (SHARED / "seeds").is_dir() else []
PAGES = ("pingtan_2023.html", "shuyang_fgj_2023.html")


def _expected_seed(path: Path) -> dict[str, Any]:
    expected = SHARED / "seeds" / "expected" / f"seed_{path.name[:3]}.json"
    data: dict[str, Any] = json.loads(expected.read_text(encoding="utf-8"))
    return data


def _expected_page(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((SHARED / "real" / "expected.json").read_text(encoding="utf-8"))[name]
    return data


def _differences(report: Report, expected: dict[str, Any], form: str) -> list[str]:
    """Cells that are not as expected; an expected row without its column speaks for all its columns."""
    differences: list[str] = []
    for key in load_form(form).cells:
        wanted = expected.get(key) or expected.get(key.rpartition(".")[0])
        cell = report.cells[key]
        if wanted is None:
            differences.append(f"{key}: nothing expected")
        elif cell.state.value != wanted["state"] or number_to_json(cell.value) != wanted.get("value"):
            differences.append(f"{key}: {cell.state} {cell.value}, expected {wanted}")
    return differences


def test_the_seeds_are_five() -> None:
    assert len(SEEDS) == 5


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_seed(path: Path) -> None:
    expected = _expected_seed(path)
    report = parse(path.read_bytes(), name=path.name)
    assert report.kind is DocumentKind.REPORT
    assert report.media_type == "text/plain"
    assert report.title == expected["title"]
    assert report.organ == expected["organ_as_printed"]
    assert report.report_year == expected["report_year"]
    assert report.report_year_from == expected["report_year_from"].split()[0]
    assert report.form == expected["form"]
    assert report.published_on is None
    assert {str(number): (section.present, section.heading) for number, section in report.sections.items()} == {
        number: (section["present"], section["heading"]) for number, section in expected["sections"].items()
    }
    assert set(report.cells) == set(load_form(expected["form"]).cells)
    assert _differences(report, expected["cells"], expected["form"]) == []
    lines = path.read_text(encoding="utf-8").split("\n")
    for cell in report.cells.values():
        if cell.state is CellState.ABSENT:
            continue
        assert cell.at
        assert cell.at.line
        assert cell.raw in lines[cell.at.line - 1]


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        ("000", {"L-01", "L-02", "L-03"}),
        ("001", {"L-02", "L-03", "empty-heading", "repeated-title-word"}),
        ("002", {"L-03", "restarted-numbering", "stray-title-line"}),
        ("003", {"L-02", "L-03", "L-04"}),
        ("004", {"L-05"}),
    ],
)
def test_what_was_odd_in_the_seeds(number: str, codes: set[str]) -> None:
    path = next(path for path in SEEDS if path.name.startswith(number))
    report = parse(path.read_bytes())
    assert {lint.code for lint in report.lints} == codes
    assert all(lint.at for lint in report.lints)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_narrative_of_the_seeds(path: Path) -> None:
    facts = {(fact.key, number_to_json(fact.value), fact.unit) for fact in parse(path.read_bytes()).narrative}
    for wanted in _expected_seed(path)["narrative"]:
        assert (wanted["key"], wanted["value"], wanted["unit"]) in facts


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str) -> None:
    expected = _expected_page(name)
    data = (SHARED / "real" / "reports" / name).read_bytes()
    report = parse(data, media_type="text/html")
    assert report.kind is DocumentKind.REPORT
    assert report.media_type == "text/html"
    assert report.organ == expected["organ"]
    assert report.report_year == expected["report_year"]
    assert report.form == expected["form"]
    assert report.published_on
    assert report.published_on.isoformat() == expected["published_on"]
    assert report.title
    assert report.title.startswith(expected["organ"])
    assert all(section.present for section in report.sections.values())
    assert len(report.cells) == 200
    assert _differences(report, expected["cells"], expected["form"]) == []


def test_the_date_comes_from_what_is_shown_then_from_the_metadata_table() -> None:
    sources = [parse((SHARED / "real" / "reports" / name).read_bytes()).published_from for name in PAGES]
    assert sources == ["shown", "metadata_table"]


@pytest.mark.parametrize("name", PAGES)
def test_the_foot_of_the_page_is_not_the_report(name: str) -> None:
    report = parse((SHARED / "real" / "reports" / name).read_bytes())
    assert report.sections[6].text.endswith("情况。")
    assert len(report.sections[6].text) < 40
    assert "首页" not in report.preface


@pytest.mark.parametrize("name", PAGES)
def test_every_cell_is_found_again_by_its_path(name: str) -> None:
    data = (SHARED / "real" / "reports" / name).read_bytes()
    tree = LexborHTMLParser(data.decode())
    for cell in parse(data).cells.values():
        assert cell.at
        assert cell.at.path
        node = tree.css_first(cell.at.path)
        assert node is not None
        assert node.tag == "td"
        assert "".join(node.text().split()) == "".join(cell.raw.split())


@pytest.mark.parametrize("name", [*(path.name for path in SEEDS), *PAGES])
def test_there_and_back_by_json(name: str) -> None:
    folder = SHARED / ("seeds" if name.endswith(".txt") else "real/reports")
    report = parse((folder / name).read_bytes())
    assert Report.from_json(json.loads(json.dumps(report.to_json(), ensure_ascii=False))) == report
