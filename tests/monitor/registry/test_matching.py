"""Whose report it is: a sure name, or nobody's."""

from datetime import date

import pytest

from monitor.registry.matching import CountyRegister, How, Listed, is_slip, match
from monitor.rules.base import OrganKind
from monitor.store.register import RegisteredOrgan


def organ(code: str, name: str, kind: OrganKind, **more: object) -> RegisteredOrgan:
    """An organ of the county."""
    return RegisteredOrgan(code, name, kind, "411325", "内乡县", "南阳市", "河南省", **more)  # type: ignore[arg-type]


TOWN, DISTRICT, OFFICE = OrganKind.TOWNSHIP, OrganKind.SUBDISTRICT, OrganKind.DEPARTMENT
REGISTER = CountyRegister(
    (
        organ("110", "岞岖镇", TOWN),
        organ("1", "口泉乡", TOWN),
        organ("2", "口泉街道", DISTRICT),
        organ("3", "内乡县财政局", OFFICE, aliases=("县财政局", "财金局")),
        organ("4", "内乡县卫生健康委员会", OFFICE),
        organ("5", "大桥乡", TOWN),
        organ("6", "内乡县人民政府", OrganKind.COUNTY),
        organ("7", "内乡县住房和城乡建设局", OFFICE),
        organ("8", "新城镇", TOWN, valid_to=date(2020, 6, 30)),
        organ("9", "新城镇", TOWN, valid_from=date(2020, 7, 1)),
    )
)


@pytest.mark.parametrize(
    ("printed", "code", "how"),
    [
        ("口泉乡", "1", How.NAME),
        ("口泉乡人民政府", "1", How.NAME),
        ("口泉街道办事处", "2", How.NAME),
        ("河南省南阳市内乡县口泉乡人民政府", "1", How.NAME),
        ("内乡县口泉 乡", "1", How.NAME),
        ("财政局", "3", How.NAME),
        ("县财政局", "3", How.ALIAS),
        ("财金局", "3", How.ALIAS),
        ("内乡县", "6", How.NAME),
        ("内乡县人民政府", "6", How.NAME),
        ("内乡县住建局", "7", How.SHORT),
        ("岢曲镇", "110", How.SIMILAR),
        ("太桥乡人民政府", "5", How.SIMILAR),
        ("内乡县卫生建康委员会", "4", How.SIMILAR),
    ],
)
def test_names_that_are_sure(printed: str, code: str, how: How) -> None:
    found = REGISTER.find(printed)
    assert found is not None
    assert (found.organ_code, found.how) == (code, how)


@pytest.mark.parametrize(
    "printed",
    ["口泉镇", "口泉", "王桥乡", "大桥镇", "邻县财政局", "财政所", "税务局", "云溪镇", "新城镇", "", "镇"],
)
def test_names_that_leave_a_doubt_belong_to_nobody(printed: str) -> None:
    assert REGISTER.find(printed) is None


def test_of_two_organs_of_one_name_the_one_that_existed_then() -> None:
    before, after = (REGISTER.find("新城镇", date(year, 1, 31)) for year in (2020, 2022))
    assert before
    assert before.organ_code == "8"
    assert after
    assert after.organ_code == "9"


def test_the_documents_own_word_comes_before_its_column_and_its_list() -> None:
    for listed in (None, Listed("大桥乡年报", "大桥乡", "5")):
        found = match(REGISTER, column_organ="5", printed=("口泉乡",), listed=listed)
        assert found
        assert (found.organ_code, found.how) == ("1", How.NAME)


def test_a_bare_place_in_an_offices_column_is_the_offices_and_its_government_is_the_governments() -> None:
    for printed, column, code in (
        ("内乡县", "3", "3"),
        ("内乡县人民政府", "3", "6"),
        ("内乡县", None, "6"),
        ("内乡县", "6", "6"),
    ):
        found = match(REGISTER, column_organ=column, printed=(printed,), listed=Listed(None, "财政局"))
        assert found
        assert found.organ_code == code


@pytest.mark.parametrize(
    ("listed", "column", "printed", "code", "how"),
    [
        (Listed(None, "财政局", " 5-"), "1", None, "5", How.CODE),
        (Listed(None, "财政局", "99"), "1", None, "1", How.COLUMN),
        # Many offices publish for others: their name beside a title does not take a report out of a column.
        (Listed(None, "财政局"), "1", None, "1", How.COLUMN),
        (Listed(None, "县财政局"), None, None, "3", How.LIST),
        (Listed(None, "河南省南阳市内乡县口泉乡人民政府"), None, None, "1", How.LIST),
        # A name that nobody bears may be the organ's new one; a township's is no office's.
        (Listed(None, None, "1"), None, "云溪乡", "1", How.CODE),
        (Listed(None, None, "3"), "1", "云溪乡", "1", How.COLUMN),
        (Listed(None, "财政局", "3"), None, "云溪乡", None, None),
        (Listed(None, "财政", "九九"), None, None, None, None),
    ],
)
def test_where_the_document_names_nobody_code_then_column_then_the_lists_name_decide(
    listed: Listed, column: str | None, printed: str | None, code: str | None, how: How | None
) -> None:
    found = match(REGISTER, column_organ=column, printed=(printed,), listed=listed)
    assert (found.organ_code if found else None, found.how if found else None) == (code, how)


def test_a_code_is_matched_exactly_or_as_the_organisation_code_within_the_social_credit_code() -> None:
    register = CountyRegister(
        (organ("11532323015172622Y", "云岭县财政局", OFFICE), organ("411325101", "大桥乡", TOWN))
    )
    for printed in ("11532323015172622Y", "11532323015172622y-", "015172622"):
        assert register.with_code(printed) is register.organs[0]
    assert register.with_code("411325101") is register.organs[1]
    for other in ("11532323015172622", "015172623", "41132510", "", None, "-"):
        assert register.with_code(other) is None


def test_the_list_names_what_the_page_does_not() -> None:
    found = match(REGISTER, column_organ=None, printed=(None, "口泉乡人民政府"))
    assert found
    assert found.organ_code == "1"


def test_the_publisher_counts_only_where_no_title_names_any() -> None:
    found = match(REGISTER, column_organ=None, printed=(None, None), publisher="内乡县财政局")
    assert found
    assert found.organ_code == "3"
    assert match(REGISTER, column_organ=None, printed=("云溪镇",), publisher="内乡县财政局") is None


def test_two_that_are_equally_near_are_none() -> None:
    register = CountyRegister((organ("1", "大河镇", TOWN), organ("2", "犬河镇", TOWN)))
    assert register.find("太河镇") is None


def test_whose_an_unsettled_name_may_be() -> None:
    town, office = REGISTER.organs[1], REGISTER.organs[3]
    assert REGISTER.may_be(None, town)
    assert REGISTER.may_be("云溪镇", town)
    assert not REGISTER.may_be("云溪镇", office)
    assert not REGISTER.may_be("县财政局", town)
    assert not REGISTER.may_be("口泉街道", town)
    assert REGISTER.may_be("市场监督管理局", office)


def test_a_slip_never_crosses_the_kind_of_place() -> None:
    assert not is_slip("口泉镇", "口泉乡")
    assert not is_slip("大桥乡", "大桥乡")
    assert is_slip("岢曲镇", "岞岖镇")
