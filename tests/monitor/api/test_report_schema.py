"""The published JSON Schema of a report is what `nianbao parse` prints, and refuses what it never prints."""

import copy
import json
from datetime import date
from typing import Any

import pytest
from jsonschema_rs import validator_for

from crawler.sandbox.generator import Misprint, SandboxOrgan, generate
from monitor.api.schema import report_schema
from parsers.schema import Cell, CellState, DocumentKind, Fact, Lint, OrganKind, Place, Report, Section
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import OTHER_TOWN, TOWN, page


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the command prints of generated reports of both forms, of one with a misprint, and of other files."""
    folder = tmp_path_factory.mktemp("parse")
    organs: tuple[SandboxOrgan, ...] = (TOWN, OTHER_TOWN)
    for year in (2018, 2019, 2020, 2021, 2023):
        for organ in organs:
            (folder / f"{organ.code}_{year}.html").write_bytes(page(organ, year, date(year + 1, 1, 18)))
    wrong = generate(TOWN, 2023, misprint=Misprint("wrong", {"section_three.total_results.total": 5}))
    (folder / "wrong.html").write_text(f"<h1>{wrong.title}</h1>{wrong.body}", encoding="utf-8")
    (folder / "other.html").write_text("<html><body><h1>通知</h1><p>开会。</p></body></html>", encoding="utf-8")
    said = nianbao("parse", folder, "--format", "json")
    return [json.loads(line) for line in said.out.splitlines()]


def problems(document: Any) -> list[str]:
    """What the schema refuses."""
    return [error.message for error in validator_for(report_schema()).iter_errors(document)]


def test_what_the_command_prints_is_valid(printed: list[Any]) -> None:
    assert {one["form"] for one in printed} >= {"2019", "2021", None}
    assert {one["kind"] for one in printed} == {"report", "other"}
    assert any(one["findings"] for one in printed)
    for one in printed:
        assert problems(one) == [], one["file"]


def test_every_field_that_can_be_set_is_described() -> None:
    place = Place(1, 2, 3, 4, 5, "p", (0.0, 0.0, 1.0, 1.0), 0.5, "f")
    fact = Fact("k", 1, "件", 1, "q", True, True, True, True, "at_least", "g", True, "o")
    whole = Report(
        DocumentKind.REPORT,
        "text/html",
        cells={"section_three.x": Cell("section_three.x", CellState.REPORTED, 1, "1", place, "元")},
        sections={1: Section(1, True, "一", "t", place)},
        narrative=(fact,),
        lints=(Lint("L-01", "t", place),),
        organ_kind=OrganKind.TOWNSHIP,
    )
    data = {"file": "f", "sha256": "0" * 64, **whole.to_json(), "findings": []}
    assert len(data["narrative"][0]) == 13
    assert problems(data) == []


def test_what_is_never_printed_is_refused(printed: list[Any]) -> None:
    good = next(one for one in printed if one["form"] == "2021")
    key = next(name for name, cell in good["cells"].items() if cell["state"] == "reported")

    def without(name: str, part: Any) -> None:
        del part[name]

    changes: list[Any] = [
        lambda one: without("title", one),
        lambda one: without(key, one["cells"]),
        lambda one: one["cells"].update({"section_two.made_up.issued": one["cells"][key]}),
        lambda one: one["cells"][key].update(value=None),
        lambda one: one["cells"][key].update(value="5"),
        lambda one: one["cells"][key].update(state="blank"),
        lambda one: one.update(kind="letter"),
        lambda one: one.update(form="2020"),
        lambda one: one.update(more=1),
        lambda one: one["sections"].update({"7": one["sections"]["1"]}),
    ]
    for change in changes:
        bad = copy.deepcopy(good)
        change(bad)
        assert problems(bad), change
