"""Numbers as Chinese prose prints them: ascii and full-width digits, thousands marks, 万 and 亿, Chinese numerals.

A number that can be read in two ways is not read at all: a wrong number would be a false accusation.
"""

from __future__ import annotations

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
    # Imported where it is needed: it takes a tenth of a second, and few reports spell out their numbers.
    import cn2an

    try:
        value = int(cn2an.cn2an(text, "normal"))
        written = cn2an.an2cn(value)
    except (ValueError, LookupError):
        return None
    # Only a number written out in full is certain, not a short form (一百二) or digits in a row (一二三).
    return Decimal(value) if _in_one_print(text) == _in_one_print(written) else None


def _in_one_print(text: str) -> str:
    """Chinese numerals with the freedoms of print taken out: 两, 〇 and 一十."""
    return text.replace("两", "二").replace("〇", "零").replace("一十", "十")
