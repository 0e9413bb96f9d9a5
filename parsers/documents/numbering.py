"""The numbers that Word and Writer print before a paragraph by themselves: 一、（一）1. ① and their like."""

from __future__ import annotations

_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_COUNTING = frozenset((
    "chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
    "japaneseCounting",
))  # fmt: skip
LARGEST_COUNT = 9999


def chinese(number: int, digits: str = _DIGITS, units: tuple[str, ...] = ("", "十", "百", "千")) -> str:
    """A number from 1 to 9999 in Chinese: 11 is 十一 and 20 is 二十; 101 is 一百零一."""
    text = ""
    gap = False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + digits[digit] + units[place]
        gap = False
    return text[1:] if digits is _DIGITS and 10 <= number < 20 else text


def roman(number: int) -> str:
    """A number from 1 to 9999 in small Roman letters."""
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def letters(number: int) -> str:
    """As Word counts with letters: a … z, aa, bb … zz, aaa."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def in_format(number: int, word: str) -> str | None:
    """A number as a format of WordprocessingML (``chineseCounting``) prints it; None for one we do not know."""
    if not 0 <= number <= LARGEST_COUNT:
        return None
    if word in ("decimal", "decimalHalfWidth", "numberInDash"):
        return f"- {number} -" if word == "numberInDash" else str(number)
    if word == "decimalZero":
        return f"{number:02d}"
    if word in ("decimalFullWidth", "decimalFullWidth2"):
        return "".join(chr(ord("０") + int(digit)) for digit in str(number))
    if word in ("none", "bullet"):
        return ""
    if number == 0:
        return "〇" if "Counting" in word or "Digital" in word else None
    return _above_zero(number, word)


def _above_zero(number: int, word: str) -> str | None:
    if word in ("chineseCounting", "taiwaneseCounting") and number > 99:
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if word in _COUNTING:
        return chinese(number)
    if word in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if word in ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"):
        digits = _LEGAL if word == "chineseLegalSimplified" else _LEGAL_TRADITIONAL
        return chinese(number, digits, ("", "拾", "佰", "仟"))
    if word == "ideographTraditional":
        return _STEMS[number - 1] if number <= len(_STEMS) else None
    if word == "ideographZodiac":
        return _BRANCHES[number - 1] if number <= len(_BRANCHES) else None
    if word in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese"):
        return chr(0x2460 + number - 1) if number <= 20 else None
    if word == "decimalEnclosedParen":
        return chr(0x2474 + number - 1) if number <= 20 else None
    if word == "decimalEnclosedFullstop":
        return chr(0x2488 + number - 1) if number <= 20 else None
    if word in ("ideographEnclosedCircle", "ideographParenthesized"):
        first = 0x3280 if word == "ideographEnclosedCircle" else 0x3220
        return chr(first + number - 1) if number <= 10 else None
    if word in ("lowerRoman", "upperRoman"):
        return roman(number) if word == "lowerRoman" else roman(number).upper()
    if word in ("lowerLetter", "upperLetter") and number <= 26 * 20:
        return letters(number) if word == "lowerLetter" else letters(number).upper()
    return None


def before(label: str, text: str) -> str:
    """A label and the paragraph behind it; a blank keeps ``1.`` from running into ``2023年``."""
    if not label or not text:
        return text
    return f"{label} {text}" if label[-1].isascii() or label[-1].isdigit() else label + text
