"""Numbers as Chinese prose prints them: ascii and full-width digits, thousands marks, 万 and 亿, Chinese numerals.

A number that can be read in two ways is not read at all: a wrong number would be a false accusation.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from parsers.schema import Number

SCALES = {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
FULL_WIDTH = str.maketrans("０１２３４５６７８９．，％＋", "0123456789.,%+")

#: What may stand as the digits of a number; the scale (万) and the words of vagueness (余) come after it.
#: A full-width comma is no thousands mark: 1，113条 may be two numbers.
DIGITS = (
    r"[0-9０-９]{1,3}(?:,[0-9０-９]{3})+(?![0-9０-９])"
    r"|[0-9０-９]+(?:[.．][0-9０-９]+)?"
    r"|[零〇一二两三四五六七八九十百千万亿]+"
)

# One place after another, each at most once and in falling order; 零 or 〇 bridges the places left out.
_BELOW_TEN_THOUSAND = (
    r"(?:[一二两三四五六七八九]千)?(?:零|〇)?(?:[一二两三四五六七八九]百)?(?:零|〇)?"
    r"(?:[一二三四五六七八九]?十)?[一二两三四五六七八九]?"
)
_CHINESE = re.compile(
    rf"(?=.)(?:{_BELOW_TEN_THOUSAND}亿)?(?:零|〇)?(?:{_BELOW_TEN_THOUSAND}万)?(?:零|〇)?{_BELOW_TEN_THOUSAND}"
)
# Spoken short forms (一百二 for 120, 三万五 for 35,000) leave the last place unsaid: not read.
_LAST_PLACE_UNSAID = re.compile(r"[百千万亿][一二两三四五六七八九]$")
_ZERO = frozenset(("零", "〇"))


@lru_cache(maxsize=4096)
def read_number(text: str, scale: str = "") -> Number | None:
    """The number printed as ``text`` (one match of :data:`DIGITS`) times ``scale`` (百, 千, 万, 亿 or empty).

    An int where it is whole, else a Decimal. None where the print is not certainly one number:
    二三十, 一百二, 一二三.
    """
    plain = text.translate(FULL_WIDTH).replace(",", "")
    value = Decimal(plain) if plain[:1].isascii() and plain[:1].isdigit() else _read_chinese(plain)
    if value is None:
        return None
    if scale:
        value *= SCALES[scale]
    return int(value) if value == value.to_integral_value() else value


def _read_chinese(text: str) -> Decimal | None:
    if text in _ZERO:
        return Decimal(0)
    if not _CHINESE.fullmatch(text) or text[0] in _ZERO or text[-1] in _ZERO or text[0] in SCALES:
        return None
    if _LAST_PLACE_UNSAID.search(text):
        return None
    # Imported where it is needed: it takes a tenth of a second, and few reports spell out their numbers.
    import cn2an

    try:
        return Decimal(cn2an.cn2an(text, "normal"))
    except ValueError:
        return None
