"""Values in CSV files and XML, which people open in spreadsheet programs."""

from __future__ import annotations

import re
from datetime import date, datetime

Value = str | int | float | date | datetime | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Text that begins so may be run as a formula, the wide forms too where Chinese or Japanese is set."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def csv_value(value: Value) -> str | int | float:
    """A value as it stands in a CSV file; text that would be taken for a formula gets an apostrophe before it.

    A printed number with its sign is no formula, and stays as it is printed.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def without_controls(text: str) -> str:
    """Text that XML can hold."""
    return "".join(
        character
        for character in text
        if character in "\n\t" or (ord(character) >= 32 and not "\ud800" <= character <= "\udfff")
        if character not in "\ufffe\uffff"
    )
