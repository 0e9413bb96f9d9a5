"""A county's two reports, of the government and of its office, are two obligations and never mixed up."""

from datetime import date
from pathlib import Path

import pytest

from crawler.records import Outcome
from crawler.sandbox.generator import SandboxOrgan
from monitor.registry.matching import CountyRegister, How, Listed, match
from monitor.rules.base import OrganKind
from monitor.store.register import RegisteredOrgan
from tests.monitor.record.making import HEADER, World, at, column, shown

GOVERNMENT, OFFICE = "990301", "119903010000000009"
COUNTY = CountyRegister(
    (
        RegisteredOrgan(GOVERNMENT, "东岭县人民政府", OrganKind.COUNTY, "990301", "东岭县", "清沅市", "模拟省"),
        RegisteredOrgan(
            OFFICE, "东岭县人民政府办公室", OrganKind.DEPARTMENT, "990301", "东岭县", "清沅市", "模拟省"
        ),
        RegisteredOrgan("990301101", "云溪镇", OrganKind.TOWNSHIP, "990301", "东岭县", "清沅市", "模拟省"),
    )
)


@pytest.mark.parametrize("owner", [None, GOVERNMENT, OFFICE])
@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("东岭县人民政府", GOVERNMENT),
        ("东岭县政府", GOVERNMENT),
        ("清沅市东岭县人民政府", GOVERNMENT),
        ("东岭县人民政府办公室", OFFICE),
        ("东岭县政府办公室", OFFICE),
        ("清沅市东岭县人民政府办公室", OFFICE),
        ("县政府办公室", OFFICE),
        ("东岭县政府办", OFFICE),
    ],
)
def test_a_title_that_says_which_decides_whatever_column_it_stands_in(
    printed: str, code: str, owner: str | None
) -> None:
    found = match(COUNTY, column_organ=owner, printed=(printed,), on=date(2024, 1, 31))
    assert found is not None
    assert found.organ_code == code


def test_a_bare_county_is_its_government_unless_column_or_code_say_the_office() -> None:
    """Offices leave their own name out; in nobody's column the report of a county is its government's."""
    bare = ("东岭县",)
    found = match(COUNTY, column_organ=None, printed=bare)
    assert found is not None
    assert (found.organ_code, found.how) == (GOVERNMENT, How.NAME)
    for claim in (
        match(COUNTY, column_organ=OFFICE, printed=bare),
        match(COUNTY, column_organ=None, printed=bare, listed=Listed(code=OFFICE)),
    ):
        assert claim is not None
        assert claim.organ_code == OFFICE


def test_neither_may_be_taken_for_the_other() -> None:
    government, office, _ = COUNTY.organs
    assert not COUNTY.may_be("东岭县人民政府", office)
    assert not COUNTY.may_be("东岭县人民政府办公室", government)


REGISTER = (
    HEADER
    + "990301,东岭县人民政府,county,990301,东岭县,清沅市,模拟省,,,,\n"
    + "119903010000000009,东岭县人民政府办公室,department,990301,东岭县,清沅市,模拟省,,,,\n"
)


def printing(code: str, name: str, kind: str) -> SandboxOrgan:
    """An organ that prints its name in full."""
    return SandboxOrgan(code, name, kind, "990301", "东岭县", "清沅市", "模拟省", name)


def test_the_report_of_one_leaves_the_other_owing(tmp_path: Path) -> None:
    world = World(tmp_path, column())
    world.register(REGISTER)
    office = shown(printing(OFFICE, "东岭县人民政府办公室", "department"), 2023, date(2024, 1, 20))
    for day in (1, 2):
        world.crawl(at(2, day), office)
    world.ingest()
    assert world.standing(at(2, 3), OFFICE).state.value == "on_time"
    government = world.standing(at(2, 3), GOVERNMENT)
    assert (government.state.value, government.due.on) == ("not_due", date(2024, 3, 31))
    for day in (1, 2):
        world.crawl(at(4, day), office)
    world.ingest()
    assert world.standing(at(4, 3), GOVERNMENT).state.value == "missing"
    own = shown(printing(GOVERNMENT, "东岭县人民政府", "county"), 2023, date(2024, 3, 20))
    world.crawl(at(4, 4), own, office, outcome=Outcome.COLLECTED)
    world.ingest()
    told = world.standing(at(4, 5), GOVERNMENT)
    assert (told.state.value, told.published_on) == ("on_time", date(2024, 3, 20))
    assert world.standing(at(4, 5), OFFICE).versions == 1
