"""What the sandbox publishes and when: the facts that the demo and other tests rest on."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from crawler.portals.definition import load_portals
from crawler.sandbox import Sandbox, season
from crawler.sandbox.season import ORGANS, PLOT, REPORT_YEARS, organ_named, publications
from crawler.sandbox.sites import CountySite
from parsers.titles import TitleKind, read_title

BEFORE, AFTER, MONTH_LATER = date(2024, 1, 20), date(2024, 2, 3), date(2024, 3, 5)


def _publication(name: str, year: int = 2023) -> season.Publication:
    organ = organ_named(name)
    return next(one for one in publications(organ.county_code) if (one.organ, one.report_year) == (organ, year))


def test_counties_and_codes_are_invented() -> None:
    """Codes begin with 99 where no province is, and the cast is as large as the issue asks."""
    assert all(organ.county_code.startswith("99") for organ in ORGANS)
    assert len(ORGANS) >= 14
    assert len({organ.code for organ in ORGANS}) == len(ORGANS) == len({organ.name for organ in ORGANS})
    assert {"township", "subdistrict", "department", "county"} == {organ.kind for organ in ORGANS}
    assert set(PLOT) <= {organ.name for organ in ORGANS}


def test_earlier_years_are_settled_and_on_time() -> None:
    """All reports of 2020 to 2022 stood there in time, with the date they show, in the form of their year."""
    for organ in ORGANS:
        for year in REPORT_YEARS[:-1]:
            publication = _publication(organ.name, year)
            due = date(year + 1, 3, 31) if organ.kind == "county" else date(year + 1, 1, 31)
            assert publication.shown_on == publication.available_from <= due
            truth = season.truth(organ, year, BEFORE)
            assert truth is not None
            assert truth.form == ("2019" if year == 2020 else "2021")
            assert not truth.misprints


def test_plot() -> None:
    """Each failing of report year 2023 is there, once, at its time."""
    missing = organ_named("沙渚镇")
    assert not any(one.organ == missing and one.report_year == 2023 for one in publications(missing.county_code))
    late, backdated, early = _publication("石磴乡"), _publication("双桅镇"), _publication("澄溪县民政局")
    removed, county = _publication("澄溪县教育和体育局"), _publication("荻浦县人民政府")
    assert (late.available_from, late.shown_on) == (date(2024, 2, 20), date(2024, 2, 19))
    assert (backdated.available_from, backdated.shown_on) == (date(2024, 2, 20), date(2024, 1, 25))
    assert early.shown_on.year == 2023
    assert (_publication("荻浦县卫生健康局").as_file, _publication("麻溪乡").as_file) == ("linked", "framed")
    assert removed.there(AFTER)
    assert not removed.there(MONTH_LATER)
    assert not county.there(MONTH_LATER)

    wrong_form = season.truth(organ_named("荻东街道"), 2023, AFTER)
    assert wrong_form
    assert wrong_form.form == "2019"
    inconsistent = season.truth(organ_named("白藤镇"), 2023, MONTH_LATER)
    assert inconsistent
    assert inconsistent.misprints
    corrected = organ_named("茶亭镇")
    before, after = season.truth(corrected, 2023, AFTER), season.truth(corrected, 2023, MONTH_LATER)
    assert before
    assert after
    assert before.misprints
    assert not after.misprints
    changed = organ_named("澄溪县财政局")
    old, new = season.truth(changed, 2023, AFTER), season.truth(changed, 2023, MONTH_LATER)
    assert old
    assert new
    assert [key for key in old.cells if old.cells[key] != new.cells[key]] == ["section_two.licensing.decisions"]


def test_titles_of_lists_are_told_apart() -> None:
    """Every report's row reads as a report of its year, every notice as something else."""
    for county in ("990101", "990102"):
        for publication in publications(county):
            title = read_title(publication.listed_title)
            assert (title.kind, title.year) == (TitleKind.REPORT, publication.report_year), (
                publication.listed_title
            )
        for notice in season.notices(county):
            assert read_title(notice.title).kind is not TitleKind.REPORT, notice.title


def test_portals_follow_today(tmp_path: Path) -> None:
    """Pages come, change and go with today, on list and page alike; definitions load as they are written."""
    with Sandbox() as sandbox:
        sandbox.write_portals(tmp_path)
        portals = {portal.id: portal for portal in load_portals(tmp_path)}
        assert set(portals) == {"chengxi", "dipu", "lanqiao"}
        assert {portal.family for portal in portals.values()} == {"trs", "generic"}

        late, removed = organ_named("石磴乡"), organ_named("澄溪县教育和体育局")
        sandbox.today = BEFORE
        assert sandbox.report_address(late.code, 2023) is None
        gone = sandbox.report_address(removed.code, 2023)
        assert gone is not None
        with urlopen(gone) as answer:
            assert removed.name in answer.read().decode()
        sandbox.today = MONTH_LATER
        with pytest.raises(HTTPError, match="404"):
            urlopen(gone)
        address = sandbox.report_address(late.code, 2023)
        assert address is not None
        with urlopen(address) as answer:
            assert "发布时间：2024-02-19" in answer.read().decode()
        truth = sandbox.truth(late, 2023)
        assert truth is not None
        assert truth.title in _all_lists(sandbox, "chengxi")


def _all_lists(sandbox: Sandbox, portal_id: str) -> str:
    portal = next(portal for portal in sandbox.portals if portal.id == portal_id)
    assert isinstance(portal.site, CountySite)
    texts = []
    for column in portal.site.columns:
        for page in ("", "index_1.html", "index_2.html"):
            with suppress(HTTPError), urlopen(f"http://{portal.host}{column.path}{page}") as answer:
                texts.append(answer.read().decode())
    return "".join(texts)


def test_lists_have_pages() -> None:
    """The TRS lists run over two pages and more, and hold the twin address of one report."""
    with Sandbox() as sandbox:
        text = _all_lists(sandbox, "chengxi")
        assert 'createPageHTML(2, 1, "index", "html")' in text or 'createPageHTML(3, 1, "index", "html")' in text
        assert text.count("_wap.html") == 1


def test_register_names_every_organ() -> None:
    """The CSV has the contract's columns and one row for each organ."""
    with Sandbox() as sandbox:
        lines = sandbox.organs_csv().splitlines()
    assert lines[0].startswith("code,name,kind,county_code,county,prefecture,province")
    assert len(lines) == 1 + len(ORGANS)
