"""The served pages, read by the real parser: generated reports give their truth, seeds what is expected."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from lxml import html

from crawler.sandbox import Sandbox, SandboxOrgan, generate, season
from crawler.sandbox.season import ORGANS
from crawler.sandbox.seeds import SEEDS, SeedReport, seed_html
from parsers.attachments import parse_page
from parsers.reading import parse
from parsers.schema import CellState, Report, number_to_json
from tests.shared import SHARED, needs_shared


def _fetch(address: str | None) -> Report:
    assert address is not None

    def beside(href: str) -> bytes:
        with urlopen(urljoin(address, href)) as answer:
            return bytes(answer.read())

    with urlopen(address) as answer:
        return parse_page(answer.read(), beside, name=address, media_type=answer.headers["Content-Type"])


def _values(report: Report) -> dict[str, Any]:
    return {key: cell.value for key, cell in report.cells.items() if cell.state is not CellState.ABSENT}


@pytest.mark.parametrize("word", [False, True], ids=["clean", "word"])
@pytest.mark.parametrize("form", ["2019", "2021"])
@pytest.mark.parametrize("organ", ORGANS[:9], ids=lambda organ: organ.code)
def test_body_reads_as_its_truth(organ: SandboxOrgan, form: str, word: bool) -> None:
    """Both forms, clean and from Word: every cell, title, year, form, all sections and the stated numbers."""
    generated = generate(replace(organ, word=word), 2022, form=form)
    page = f'<html><meta charset="utf-8"><title>{generated.title}</title><body>{generated.body}</body></html>'
    report = parse(page.encode(), media_type="text/html")
    assert report.form == form
    assert (report.title, report.report_year) == (generated.title, 2022)
    assert _values(report) == dict(generated.truth.cells)
    assert all(section.present for section in report.sections.values())
    stated = {fact.key: fact.value for fact in report.narrative}
    assert {key: stated.get(key) for key in generated.truth.facts} == dict(generated.truth.facts)


def test_served_pages_read_as_their_truth() -> None:
    """Every page of a late day of the season, with its portal around it: truth, organ and shown date."""
    with Sandbox() as sandbox:
        sandbox.today = date(2024, 2, 25)
        read = 0
        for county in ("990101", "990102"):
            for publication in season.publications(county):
                if publication.report_year not in (2020, 2023) or not publication.there(sandbox.today):
                    continue
                organ = publication.organ
                report = _fetch(sandbox.report_address(organ.code, publication.report_year))
                truth = sandbox.truth(organ, publication.report_year)
                assert truth is not None
                assert report.kind == "report"
                assert (report.report_year, report.form) == (truth.report_year, truth.form), truth.title
                assert report.published_on == publication.shown_on, truth.title
                assert _values(report) == dict(truth.cells), truth.title
                read += 1
        assert read == 2 * 17 - 1 - 2


def test_look_alikes_are_no_reports() -> None:
    """解读, 图解, notices and plans of the lists are read as something else."""
    with Sandbox() as sandbox:
        sandbox.today = date(2024, 2, 25)
        for portal in sandbox.portals[:2]:
            for notice in season.notices(portal.site.county_code):
                address = sandbox.notice_address(notice)
                assert _fetch(address).kind == "other", notice.title


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.number)
def test_seed_pages_read_as_expected(seed: SeedReport) -> None:
    """The seeds as portal pages: the same cells, title, year, form and sections as are expected of the text."""
    expected = json.loads((SHARED / "seeds" / "expected" / f"seed_{seed.number}.json").read_text(encoding="utf-8"))
    with Sandbox(seeds=SHARED / "seeds") as sandbox:
        report = _fetch(sandbox.report_address(seed.organ.code, seed.report_year))
    assert report.title == expected["title"]
    assert (report.report_year, report.form) == (expected["report_year"], expected["form"])
    assert report.published_on == seed.shown_on
    for number, section in expected["sections"].items():
        assert report.sections[int(number)].present == section["present"], number
    for key, wanted in expected["cells"].items():
        # A row that is not there is named as a whole.
        cells = [cell for name, cell in report.cells.items() if name == key or name.startswith(f"{key}.")]
        assert cells, key
        for cell in cells:
            assert (cell.state.value, number_to_json(cell.value)) == (wanted["state"], wanted.get("value")), (
                cell.key
            )


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.number)
def test_seed_page_keeps_every_character(seed: SeedReport) -> None:
    """Turning the text into a page neither adds nor loses a printed character; the text itself is attached."""
    text = seed.text(SHARED / "seeds")
    page = html.fromstring(f"<div>{seed_html(text)}</div>")
    printed = "".join(str(part) for part in page.itertext())
    assert sorted("".join(printed.split())) == sorted("".join(text.split()))
    with Sandbox(seeds=SHARED / "seeds") as sandbox:
        address = sandbox.report_address(seed.organ.code, seed.report_year)
        assert address is not None
        with urlopen(address) as answer:
            links = [str(link.get("href")) for link in html.fromstring(answer.read()).iter("a")]
        (link,) = [link for link in links if link.endswith(".txt")]
        with urlopen(urljoin(address, link)) as answer:
            assert answer.read().decode() == text
