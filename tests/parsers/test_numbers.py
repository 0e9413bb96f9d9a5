"""Numbers as cells print them: read exactly, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.numbers import in_wan, read_number
from parsers.schema import CellState, Number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("１２３", 123),
        ("1,113", 1113),
        ("1，113", 1113),
        ("1 113", 1113),
        (" 7\xa0", 7),
        ("\u30000", 0),
        ("+3", 3),
        ("-2", -2),
        ("－3", -3),
        ("2.0", 2),
        ("1.5", Decimal("1.5")),
        ("22（其中修订16件）", 22),
        ("3件", 3),
        ("[bookmark: _GoBack]0", 0),
        ("007", 7),
    ],
)
def test_counts(text: str, value: Number) -> None:
    reading = read_number(text)
    assert (reading.state, reading.value) == (CellState.REPORTED, value)
    assert not reading.zero_word


@pytest.mark.parametrize("text", ["", " ", "\xa0", "\u3000", "/", "／", "—", "——", "-", "－", "–", "\n", "\ufeff"])
def test_blank(text: str) -> None:
    assert read_number(text).state is CellState.BLANK


@pytest.mark.parametrize("text", ["无", "零", " 无 "])
def test_told_zero(text: str) -> None:
    reading = read_number(text)
    assert (reading.state, reading.value, reading.zero_word) == (CellState.REPORTED, 0, True)


@pytest.mark.parametrize(
    "text",
    [
        "见附件", "约3", "3余", "O", "1 0", "1\n0", "0 123",
        "0,123", "1,13", "3403,", "3-5", "10 0 0 1", "12(3)", "增3", "减3", "87580.00元",
        "1e5", "1.2.3", "…", "*", "3%", "1234567890123", "一", "一二", "+-3",
        ".5", "5.", "0527-83593059", "2万", "3万件",
    ],
)  # fmt: skip
def test_unreadable(text: str) -> None:
    assert read_number(text).state is CellState.UNREADABLE


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("87580.00元", 87580, "元"),
        ("240万元", 240, "万元"),
        ("5949.088667", Decimal("5949.088667"), None),
        ("0", 0, None),
    ],
)
def test_amounts(text: str, value: Number, unit: str | None) -> None:
    reading = read_number(text, amount=True)
    assert (reading.value, reading.unit) == (value, unit)


@pytest.mark.parametrize("text", ["3件", "2亿元", "增3元", "1.23456789012345678"])
def test_no_amounts(text: str) -> None:
    assert read_number(text, amount=True).state is CellState.UNREADABLE


@pytest.mark.parametrize(
    ("text", "value"), [("增1558", 1558), ("减38", -38), ("增加2", 2), ("－3", -3), ("+43", 43), ("减 3", -3)]
)
def test_changes(text: str, value: int) -> None:
    assert read_number(text, signed=True).value == value


@pytest.mark.parametrize("text", ["增1558/减38", "+43/-1942", "增减0", "持平", "减-3"])
def test_doubtful_changes_are_not_read(text: str) -> None:
    assert read_number(text, signed=True).state is CellState.UNREADABLE


def test_yuan_as_wan() -> None:
    assert in_wan(87580) == Decimal("8.758")
    assert in_wan(100000) == 10
    assert isinstance(in_wan(100000), int)


@given(st.integers(-(10**11), 10**11))
def test_every_integer_is_read_back(number: int) -> None:
    for printed in (
        str(number),
        f"{number:,}",
        f" {number}\n",
        str(number).translate({48 + n: 0xFF10 + n for n in range(10)}),
    ):
        assert read_number(printed).value == number


@given(st.decimals(0, 10**7, places=4))
def test_every_amount_is_read_back(number: Decimal) -> None:
    assert read_number(f"{number}元", amount=True).value == number


@given(st.text(max_size=12))
def test_never_fails_and_never_invents_digits(text: str) -> None:
    for amount in (False, True):
        for signed in (False, True):
            reading = read_number(text, amount=amount, signed=signed)
            if reading.value is not None and not reading.zero_word:
                assert any(character.isnumeric() for character in text)


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from([" ", "\n", "/", "、", "-", "~", "和", ".."]))
def test_two_numbers_are_not_one(first: int, second: int, between: str) -> None:
    printed = f"{first}{between}{second}"
    if between == " " and first and second >= 100:
        return  # a mark of thousands
    assert read_number(printed).state is CellState.UNREADABLE
