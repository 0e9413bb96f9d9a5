"""Numbers as a workbook prints them: the formats of Excel, as far as what they print is beyond doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

GENERAL = "General"
_ACCOUNTING = '_ * #,##0{0}_ ;_ * -#,##0{0}_ ;_ * "-"{1}_ ;_ @_ '
BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: _ACCOUNTING.format("", ""), 42: _ACCOUNTING.format("", ""), 43: _ACCOUNTING.format(".00", "??"),
    44: _ACCOUNTING.format(".00", "??"), 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy-m-d"),
}  # fmt: skip
# The general format shows eleven digits, fewer where the column is narrow.
_SHOWN_DIGITS = 11
_KEPT_DIGITS = 15
_LARGEST_DAY = 2_958_465
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?")
_PLACEHOLDERS = re.compile(r"([#0?,]*)(?:\.([0#?]+))?(%?)")
_CONDITION = re.compile(r"\[[<>=]")
_DOUBT = "数字的显示格式“{}”无法确定印出的样子"


@dataclass(frozen=True, slots=True)
class _Section:
    """What one part of a format prints: words before and behind, digits; ``whole`` is '' where no digit is."""

    before: str
    behind: str
    least: int = 0
    thousands: bool = False
    decimals: int = 0
    fixed: int = 0
    percent: bool = False
    kind: str = "digits"


def printed(stored: str, code: str, *, since_1904: bool = False) -> tuple[str, str]:
    """What a stored number prints under a format, and why that is in doubt, or ''."""
    if not _NUMBER.fullmatch(stored):
        return stored, ""
    value = Decimal(stored)
    sections = _sections(code)
    if sections is None:
        return _general(value)[0], _DOUBT.format(code[:30])
    if value == 0 and len(sections) > 2:
        section, sign = sections[2], ""
    elif value < 0 and len(sections) > 1:
        section, sign, value = sections[1], "", -value
    else:
        section, sign = sections[0], "-" if value < 0 else ""
        value = abs(value)
    if section.kind == "words":
        return section.before, ""
    if section.kind == "date":
        return _day(value, since_1904=since_1904)
    if section.kind == "general":
        text, doubt = _general(value)
        return f"{sign}{section.before}{text}{section.behind}", doubt
    value = (value * 100 if section.percent else value).quantize(
        Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP
    )
    whole, _, rest = f"{value:f}".partition(".")
    if section.decimals > section.fixed:
        rest = rest[: section.fixed] + rest[section.fixed :].rstrip("0")
    whole = whole.lstrip("0").rjust(section.least, "0")
    if section.thousands and whole.isdecimal() and len(whole) == len(str(int(whole))):
        whole = f"{int(whole):,}"
    text = whole + ("." + rest if rest else "")
    sign = sign if value else ""
    return f"{sign}{section.before}{text}{'%' if section.percent else ''}{section.behind}", ""


def _general(value: Decimal) -> tuple[str, str]:
    kept = _rounded(value, _KEPT_DIGITS)
    text = f"{kept.normalize():f}"
    is_longer = len(text.replace("-", "").replace(".", "").lstrip("0")) > _SHOWN_DIGITS
    return text, "数字的位数多于工作表能显示的" if is_longer else ""


def _rounded(value: Decimal, digits: int) -> Decimal:
    if not value:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_UP)


def _day(value: Decimal, *, since_1904: bool) -> tuple[str, str]:
    days = int(value) + (1462 if since_1904 else 0)
    if not 60 < days <= _LARGEST_DAY:
        return _general(value)[0], "单元格的格式是日期"
    day = date(1899, 12, 30) + timedelta(days=days)
    return f"{day.year}年{day.month}月{day.day}日", ""


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...] | None:
    """The parts of a format; None where one is not understood."""
    code = code or GENERAL
    if _CONDITION.search(code) or "[DBNum" in code:
        return None
    parts = re.findall(r'(?:"[^"]*"|\\.|[^;"\\])+|(?<=;)(?=;|$)|^(?=;)', code)
    found: list[_Section] = []
    for part in parts or [""]:
        section = _section(part)
        if section is None:
            return None
        found.append(section)
    return tuple(found)


def _section(part: str) -> _Section | None:
    words: list[str] = ["", ""]
    pattern = ""
    for piece in re.findall(r'"[^"]*"|\[[^\]]*\]|\\.|[_*].|General|G/通用格式|.', part, re.DOTALL):
        literal = None
        if piece[0] == '"' and len(piece) > 1:
            literal = piece[1:-1]
        elif piece[0] == "\\":
            literal = piece[1:]
        elif piece[0] == "[":
            if piece.lower()[1:-1] in ("h", "hh", "m", "mm", "s", "ss"):
                pattern += piece[1:-1]
            continue
        elif piece[0] in "_*" and len(piece) > 1:
            continue
        elif piece in " +-()￥¥$件条个项次年月日元":
            literal = piece
        if literal is None:
            pattern += "G" if piece in ("General", "G/通用格式", "@") else piece
        else:
            words[bool(pattern)] += literal
    before, behind = words[0].lstrip(" "), words[1].rstrip(" ")
    if not pattern:
        return _Section(before, "", kind="words")
    if pattern == "G":
        return _Section(before, behind, kind="general")
    match = _PLACEHOLDERS.fullmatch(pattern)
    if match and not match[1].endswith(",") and pattern.strip("?"):
        whole, decimals = match[1], match[2] or ""
        return _Section(
            before,
            behind,
            whole.replace(",", "").count("0"),
            "," in whole,
            len(decimals),
            len(decimals.rstrip("#?")),
            bool(match[3]),
        )
    if not pattern.strip("?"):
        return _Section(before, "", kind="words")
    if re.fullmatch(r"[ymdhsaAPMp/.:,e\-]+", pattern, re.IGNORECASE) and re.search(
        "[ymdhs]", pattern, re.IGNORECASE
    ):
        return _Section("", "", kind="date")
    return None
