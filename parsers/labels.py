"""Printed labels made comparable: without blanks, punctuation, numbering and conversion artefacts."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")

# Nobody sees them and they change nothing. The soft hyphen is none of them: a printed page may show it as a minus.
INVISIBLE = "\u200b\u200c\u200d\u200e\u2060\ufeff"

_WITHOUT_INVISIBLE = str.maketrans(dict.fromkeys(INVISIBLE))
_UNIT = re.compile(r"\((?:单位)?[:\s]*[^()]*?(万元|元)[^()]*\)")
_YEAR = re.compile(r"\((?:20\d{2})年?度?\)|20\d{2}年?度?(?=制发|废止|新制作|新公开|新收)")
_NUMBERING = re.compile(
    r"^(?:\([一二三四五六七八九十]{1,2}\)[、.]?|[一二三四五六七八九十]{1,2}[、.]|\(\d{1,2}\)|\d{1,2}(?:[、.)]|(?=[\u4e00-\u9fff])))"
)
_CLUTTER = re.compile(r"[^\w\u4e00-\u9fff]|_")


def plain(text: str) -> str:
    """The text in compatibility form (full-width digits and brackets to ASCII) without any blank or bookmark."""
    if "[" in text:
        text = BOOKMARK.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_WITHOUT_INVISIBLE)
    return "".join(text.split())


@lru_cache(maxsize=8192)
def label_key(text: str) -> str:
    """What is compared of a label: ``（一） 予以 公开`` and ``1、予以公开`` both give ``予以公开``.

    A unit in brackets (``（单位：万元，保留4位小数）``) and a year in brackets are left out; read the unit with
    :func:`label_unit`.
    """
    compact = _YEAR.sub("", _UNIT.sub("", plain(text)))
    return _CLUTTER.sub("", _NUMBERING.sub("", compact))


@lru_cache(maxsize=2048)
def label_number(text: str) -> str:
    """The numbering in front of a label (``2``, ``六``), or ''."""
    match = _NUMBERING.match(plain(text))
    return re.sub(r"[^\d一二三四五六七八九十]", "", match[0]) if match else ""


@lru_cache(maxsize=2048)
def label_unit(text: str) -> str | None:
    """The unit that a column's label prints in brackets, ``万元`` or ``元``, or None."""
    match = _UNIT.search(plain(text))
    return match[1] if match else None
