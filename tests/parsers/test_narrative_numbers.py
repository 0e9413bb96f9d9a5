"""The number reader: every print of a number gives that number or none, never another one."""

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.narrative.numbers import DIGITS, read_number

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.integers(min_value=0, max_value=99_999_999))
def test_digits_in_every_print_give_the_same_number(number: int) -> None:
    assert read_number(str(number)) == number
    assert read_number(str(number).translate(FULL_WIDTH)) == number
    assert read_number(f"{number:,}") == number


@given(st.integers(min_value=1, max_value=99_999_999))
def test_chinese_numerals_go_round(number: int) -> None:
    assert read_number(cn2an.an2cn(number)) == number


@given(st.integers(min_value=1, max_value=9999), st.integers(min_value=0, max_value=99))
def test_ten_thousands_keep_every_digit(whole: int, hundredths: int) -> None:
    assert read_number(f"{whole}.{hundredths:02}", "万") == whole * 10_000 + hundredths * 100


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万", min_size=1, max_size=7))
def test_a_chinese_numeral_is_read_only_in_its_proper_print(text: str) -> None:
    number = read_number(text)
    if number is not None:
        assert isinstance(number, int)
        proper = text.replace("两", "二").replace("〇", "零")
        written = cn2an.an2cn(number)
        # 一十五 and 十五, 一百一十 and 一百十 are both proper.
        assert proper.replace("一十", "十") == written.replace("一十", "十")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十", 10),
        ("十五", 15),
        ("两百零三", 203),
        ("两千", 2000),
        ("一万零五十", 10050),
        ("三十六", 36),
        ("零", 0),
        ("４.１", None),
    ],
)
def test_plain_prints(text: str, number: int | None) -> None:
    if number is None:
        assert read_number("４．１４", "万") == 41_400
    else:
        assert read_number(text) == number


@pytest.mark.parametrize(
    "text", ["二三十", "一百二", "三万五", "一二三", "百", "千万", "十十", "一零", "零五", "二〇二三"]
)
def test_what_may_be_two_numbers_is_not_read(text: str) -> None:
    assert read_number(text) is None


def test_a_full_width_comma_is_no_thousands_mark() -> None:
    assert "，" not in DIGITS
