"""Who reports for whom when organs merge, split, get other names and kinds, and end."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from monitor.registry.due import load_due_rules
from monitor.registry.lineage import Lineage
from monitor.registry.matching import CountyRegister, How, match
from monitor.registry.obligations import Years, obligations_of
from monitor.rules.base import OrganKind
from monitor.store.register import RegisteredOrgan
from monitor.store.successions import Reorganisation, Succession

DAY = date(2023, 7, 1)
BEFORE = date(2023, 6, 30)
TOWN = OrganKind.TOWNSHIP


def organ(code: str, name: str, kind: OrganKind = TOWN, **more: object) -> RegisteredOrgan:
    """An organ of the county."""
    return RegisteredOrgan(code, name, kind, "990301", "东岭县", "清沅市", "模拟省", **more)  # type: ignore[arg-type]


def step(before: str, after: str | None, how: str, day: date = DAY) -> Succession:
    """One succession."""
    return Succession(before, after, day, Reorganisation(how), "县政府通知")


def register_of(organs: Iterable[RegisteredOrgan], *steps: Succession) -> tuple[RegisteredOrgan, ...]:
    """The organs with their successions, dated as the import dates them."""
    found = {one.code: one for one in organs}
    for one in steps:
        before = found[one.predecessor]
        found[before.code] = replace(
            before,
            successions=(*before.successions, one),
            valid_to=one.last_day if one.how.ends else before.valid_to,
        )
        if one.successor is not None and one.how.founds:
            found[one.successor] = replace(found[one.successor], valid_from=one.day)
    return tuple(found.values())


TOWNS = (organ("1", "云溪镇"), organ("2", "石桥乡"), organ("3", "云石镇"))
MERGED = register_of(TOWNS, step("1", "3", "merged"), step("2", "3", "merged"))
ABSORBED = register_of(TOWNS[:2], step("2", "1", "absorbed"))
STREET = (organ("1", "云溪镇"), organ("4", "云溪街道", OrganKind.SUBDISTRICT))
CHANGED = register_of(STREET, step("1", "4", "changed_kind"))
IN_JANUARY = register_of(STREET, step("1", "4", "changed_kind", date(2024, 1, 10)))
MERGED_IN_JANUARY = register_of(
    TOWNS, step("1", "3", "merged", date(2024, 1, 10)), step("2", "3", "merged", date(2024, 1, 10))
)
SPLIT = register_of(
    (organ("1", "云溪镇"), organ("5", "东溪镇"), organ("6", "西溪镇")),
    step("1", "5", "split"),
    step("1", "6", "split"),
)
ABOLISHED = register_of(TOWNS[:1], step("1", None, "abolished"))
PART = register_of(TOWNS[:2], step("1", "2", "transferred"))


def owed(organs: tuple[RegisteredOrgan, ...], year: int) -> dict[str, bool]:
    """Whose obligations of a year there are, and whether they are expected."""
    years = Years(frozenset({year}), {})
    return {one.organ.code: one.expected for one in obligations_of(organs, years, load_due_rules())}


@pytest.mark.parametrize(
    ("organs", "year", "expected"),
    [
        (MERGED, 2021, {"1": True, "2": True}),
        (MERGED, 2022, {"1": True, "2": True}),
        (MERGED, 2023, {"1": False, "2": False, "3": True}),
        (MERGED, 2024, {"3": True}),
        (ABSORBED, 2022, {"1": True, "2": True}),
        (ABSORBED, 2023, {"1": True, "2": False}),
        (ABSORBED, 2024, {"1": True}),
        (CHANGED, 2022, {"1": True}),
        (CHANGED, 2023, {"4": True}),
        (CHANGED, 2024, {"4": True}),
        (IN_JANUARY, 2022, {"1": True}),
        (IN_JANUARY, 2023, {"4": True}),
        (MERGED_IN_JANUARY, 2023, {"1": False, "2": False}),
        (MERGED_IN_JANUARY, 2024, {"1": False, "2": False, "3": True}),
        (SPLIT, 2022, {"1": True}),
        (SPLIT, 2023, {"1": False, "5": True, "6": True}),
        (ABOLISHED, 2022, {"1": True}),
        (ABOLISHED, 2023, {"1": False}),
        (ABOLISHED, 2024, {}),
        (PART, 2023, {"1": True, "2": True}),
    ],
)
def test_who_owes_and_who_no_more(
    organs: tuple[RegisteredOrgan, ...], year: int, expected: dict[str, bool]
) -> None:
    assert owed(organs, year) == expected


@pytest.mark.parametrize(
    ("organs", "printed", "year", "code", "how"),
    [
        (CHANGED, "云溪镇", 2022, "1", How.NAME),
        (CHANGED, "云溪镇", 2023, "4", How.FORMERLY),
        (CHANGED, "云溪镇人民政府", 2024, "4", How.FORMERLY),
        (CHANGED, "云溪街道办事处", 2023, "4", How.NAME),
        (CHANGED, "云溪街道办事处", 2021, "1", How.LATER),
        (IN_JANUARY, "云溪镇", 2023, "4", How.FORMERLY),
        (IN_JANUARY, "云溪街道", 2022, "1", How.LATER),
        (MERGED, "云石镇", 2023, "3", How.NAME),
        (MERGED, "云石镇", 2021, "3", How.NAME),  # whose of the two it was, nobody can say
        (MERGED, "云溪镇", 2022, "1", How.NAME),
        (MERGED, "云溪镇", 2023, "1", How.NAME),  # one of two is not the whole of the year
        (MERGED, "云溪镇", 2024, "3", How.FORMERLY),
        (ABSORBED, "石桥乡", 2023, "2", How.NAME),
        (ABSORBED, "石桥乡", 2024, "1", How.FORMERLY),
        (SPLIT, "云溪镇", 2024, "1", How.NAME),
        (ABOLISHED, "云溪镇", 2024, "1", How.NAME),
        (PART, "云溪镇", 2024, "1", How.NAME),
    ],
)
def test_a_name_before_or_after_its_time(
    organs: tuple[RegisteredOrgan, ...], printed: str, year: int, code: str, how: How
) -> None:
    county = CountyRegister(organs)
    found = county.of_year(match(county, column_organ=None, printed=(printed,), on=date(year + 1, 1, 31)), year)
    assert found is not None
    assert (found.organ_code, found.how) == (code, how)


def test_the_column_of_a_town_that_became_a_subdistrict_holds_the_reports_of_both() -> None:
    county = CountyRegister(CHANGED)
    for owner in ("1", "4"):
        for year, code in ((2021, "1"), (2023, "4"), (2024, "4")):
            found = county.of_year(match(county, column_organ=owner, printed=()), year)
            assert found is not None
            assert found.organ_code == code


def test_without_a_year_nothing_is_moved() -> None:
    county = CountyRegister(CHANGED)
    found = match(county, column_organ=None, printed=("云溪镇",))
    assert county.of_year(found, None) == found
    assert county.of_year(None, 2023) is None


@pytest.mark.parametrize(
    ("organs", "code", "year", "before", "same", "joined"),
    [
        (CHANGED, "1", 2022, ("1",), True, False),
        (CHANGED, "4", 2023, ("1",), True, False),
        (CHANGED, "4", 2024, ("4",), True, False),
        (IN_JANUARY, "4", 2023, ("1",), True, False),
        (IN_JANUARY, "4", 2024, ("4",), True, False),
        (MERGED, "3", 2023, ("1", "2"), False, True),
        (MERGED, "3", 2024, ("3",), True, False),
        (MERGED_IN_JANUARY, "3", 2024, ("1", "2"), False, True),
        (ABSORBED, "1", 2023, ("1", "2"), False, True),
        (ABSORBED, "1", 2024, ("1",), True, False),
        (SPLIT, "5", 2023, (), False, False),
        (SPLIT, "5", 2024, ("5",), True, False),
        (PART, "1", 2023, (), False, False),
        (PART, "2", 2023, (), False, False),
        (PART, "2", 2024, ("2",), True, False),
        ((), "9", 2023, ("9",), True, False),
    ],
)
def test_what_a_report_continues(
    organs: tuple[RegisteredOrgan, ...], code: str, year: int, before: tuple[str, ...], same: bool, joined: bool
) -> None:
    found = Lineage(organs).continued(code, year)
    assert (found.organs, found.same_body, found.joined) == (before, same, joined)


def test_two_steps_in_one_year() -> None:
    """A town became a subdistrict in March, and another one went into it in September."""
    organs = register_of(
        (*STREET, organ("2", "石桥乡")),
        step("1", "4", "changed_kind", date(2023, 3, 1)),
        step("2", "4", "absorbed", date(2023, 9, 1)),
    )
    found = Lineage(organs).continued("4", 2023)
    assert (found.organs, found.joined) == (("1", "2"), True)
    assert [one.day for one in found.steps] == [date(2023, 3, 1), date(2023, 9, 1)]
    assert owed(organs, 2023) == {"2": False, "4": True}
    renamed = register_of(
        (organ("1", "甲镇"), organ("2", "乙镇"), organ("3", "丙镇")),
        step("1", "2", "renamed", date(2023, 3, 1)),
        step("2", "3", "renamed", date(2023, 9, 1)),
    )
    found = Lineage(renamed).continued("3", 2023)
    assert (found.organs, found.same_body) == (("1",), True)
    assert owed(renamed, 2023) == {"3": True}
    county = CountyRegister(renamed)
    for name, year, code in (("甲镇", 2023, "3"), ("乙镇", 2023, "3"), ("丙镇", 2022, "1"), ("乙镇", 2022, "1")):
        whose = county.of_year(match(county, column_organ=None, printed=(name,)), year)
        assert whose is not None
        assert whose.organ_code == code


def test_relatives_are_those_before_and_after_and_no_others() -> None:
    lineage = Lineage(MERGED)
    assert lineage.relatives("3") == {"1", "2"}
    assert lineage.relatives("1") == {"3"}, "the other town is no relative"
    assert Lineage(PART).relatives("1") == frozenset()


def test_who_is_abolished_has_no_successor_and_nobody_succeeds_himself() -> None:
    for before, after, how in (("1", "2", "abolished"), ("1", None, "merged"), ("1", "1", "renamed")):
        with pytest.raises(ValueError, match=r"succe"):
            step(before, after, how)
