"""Bytes of a web page to text, trusting the bytes before what the server or the page says of them."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""", re.IGNORECASE)
# Characters that every Chinese government page is full of: they tell good text from text in the wrong encoding.
_COMMON = frozenset(
    "的年月日政府信息公开工作报告度一二三四五人民网站中国县区市镇乡局办发布时间首页当前位置关于情况"
)
# Signs that are no writing: controls but for lines and tabs, turned directions, halves of characters.
_NO_WRITING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Python's codecs that are no encodings of pages: they run escapes, know no replacement, or take quadratic time.
_NO_CHARSETS = frozenset({"undefined", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7"})


def without_controls(text: str) -> str:
    """Text that comes from others without signs that are no writing: terminals obey them, databases refuse them.

    Lines and tabs stay.
    """
    return text if text.isprintable() else _NO_WRITING.sub("", text)


def controls_escaped(text: str) -> str:
    """A JSON text in which such signs stand as escapes: it says the same."""
    return _NO_WRITING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def decode_page(body: bytes, declared: str | None = None) -> str:
    """Decode a page: strict UTF-8, else strict GB18030, else the reading that looks most like Chinese.

    ``declared`` is the charset of the HTTP header; the page's own ``charset=`` is looked up. Old portals
    declare one encoding and send another, or mix two in one page (portals.md part 3).
    """
    if body.startswith(codecs.BOM_UTF8):
        return body[3:].decode("utf-8", "replace")
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        strict = body.decode("gb18030")
    except UnicodeDecodeError:
        strict = None
    named = declared or _named_in(body)
    if strict is not None and (named is None or named.lower().replace("-", "") not in ("utf8",)):
        return strict
    readings = [body.decode("utf-8", "replace"), strict or body.decode("gb18030", "replace")]
    if named:
        with suppress(LookupError):
            if codecs.lookup(named).name.replace("_", "-") not in _NO_CHARSETS:
                readings.append(body.decode(named, "replace"))
    return max(readings, key=_likeness)


def charset_of(content_type: str | None) -> str | None:
    """The charset that a Content-Type header names."""
    match = _DECLARED.search((content_type or "").encode("ascii", "ignore"))
    return match[1].decode("ascii") if match else None


def _named_in(body: bytes) -> str | None:
    match = _DECLARED.search(body[:4096])
    return match[1].decode("ascii") if match else None


def _likeness(text: str) -> int:
    """How much a text looks like Chinese: common characters for it, replacement characters against it."""
    return sum(character in _COMMON for character in text) - 3 * text.count("\ufffd")
