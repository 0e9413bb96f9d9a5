"""From bytes to text: the bytes decide, not the header (portals.md part 3, encodings)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from parsers.schema import UnreadableDocument

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_SIGNATURES = (
    (b"%PDF", "PDF 文件"),
    (b"PK\x03\x04", "压缩包或 Office、OFD 文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件"),
    (b"Rar!", "RAR 压缩包"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"{\\rtf", "RTF 文件"),
    (b"\x1f\x8b", "gzip 压缩文件"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_FAR_INTO_THE_FILE = 4096
LARGEST_TEXT = 64_000_000
"""Bytes of a page or text; a larger one is refused before it takes ten times its size in memory."""

_FAMILIES = ("gb", "hz", "big5", "utf-8", "utf-16", "utf-32", "iso8859", "cp12", "cp9", "euc")
_FAR_FOR_WIDE = 65_536
# Characters that nobody sees and that change nothing: zero-width blanks and joiners, the mark of left-to-right
# writing, the soft hyphen, a byte order mark inside the text. Those that turn the direction are kept: they may
# turn digits.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad"
_INVISIBLE_CHARACTERS = re.compile(f"[{_INVISIBLE}]")
_INVISIBLE_ENTITIES = re.compile(
    r"&(?:(?:shy|zwj|zwnj|lrm|ZeroWidthSpace|NoBreak);"
    r"|#(?:0*(?:173|820[3-6]|8288|65279)|[xX]0*(?:[aA][dD]|200[b-eB-E]|2060|[fF][eE][fF]{2}));)"
)
# The commonest characters of Chinese official prose.
_COMMON = "的一是不了在有和人中大为上个国年月日以要政府信息公开申请工作机关行情况主动报告处理其他本无及与对"
# Below this share of broken characters the text is what the rest of it says: a few bytes were damaged.
_DAMAGED_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the encoding used, and how many characters could not be decoded."""

    text: str
    encoding: str
    broken: int


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode a document's bytes: byte order mark, strict UTF-8, then GB18030 or what is declared.

    ``declared`` is the charset of the HTTP header. Of the encodings that may be meant the one is used whose text
    reads most like Chinese prose; ``broken`` counts the characters that it cannot decode. Raises
    UnreadableDocument for an empty file and for bytes that are no text (a PDF, an archive, a picture).
    """
    if len(data) > LARGEST_TEXT:
        raise UnreadableDocument(f"网页或文本超过 {LARGEST_TEXT // 1_000_000} MB，不是年报；请检查文件")
    if not data.strip():
        raise UnreadableDocument("文件为空，没有可读的内容；请重新下载")
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableDocument(f"不是网页或纯文本，而是{name}，暂不能读取")
    decoded = _decode(data, declared)
    # No encoding has the character without the byte, which is found much faster.
    if b"\0" in data and "\0" in decoded.text:
        decoded = _without_zeros(decoded)
    controls = len(_CONTROL.findall(decoded.text[:_FAR_INTO_THE_FILE]))
    if controls > 8 and controls > len(decoded.text[:_FAR_INTO_THE_FILE]) * 0.01:
        raise UnreadableDocument(
            "文件内容是二进制数据，不是能读取的格式；请确认文件完整，是网页、Word、WPS、PDF、OFD、Excel、图片或文本"
        )
    if decoded.broken > 8 and decoded.broken > len(decoded.text) * 0.1:
        raise UnreadableDocument("无法识别文字编码：大部分内容不能解码")
    if not decoded.text.strip("\ufeff \t\r\n\x00\u3000\xa0"):
        raise UnreadableDocument("文件为空，没有可读的内容；请重新下载")
    return _without_invisible(decoded)


def _without_invisible(decoded: Decoded) -> Decoded:
    """The text without what nobody sees, written as characters or as entities."""
    text = decoded.text
    if any(character in text for character in _INVISIBLE):
        text = _INVISIBLE_CHARACTERS.sub("", text)
    if "&" in text:
        text = _INVISIBLE_ENTITIES.sub("", text)
    return decoded if text is decoded.text else Decoded(text, decoded.encoding, decoded.broken)


def _without_zeros(decoded: Decoded) -> Decoded:
    """A text in one byte or several a character, without its zero bytes, as browsers show it; each run is broken.

    Binary data stays as it is: it holds little of what Chinese prose holds, or other control characters.
    """
    text = decoded.text.replace("\0", "")
    if _plausibility(text) * 200 < len(text) or _CONTROL.search(text):
        return decoded
    runs = sum(1 for part in decoded.text.split("\0") if part)
    return Decoded(text, decoded.encoding, decoded.broken + runs)


def _decode(data: bytes, declared: str | None) -> Decoded:
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            text = data.decode(marked, "replace").removeprefix("\ufeff")
            return Decoded(text, marked, text.count("\ufffd"))
    wide = _without_mark(data)
    if wide:
        text = data.decode(wide, "replace")
        return Decoded(text, wide, text.count("\ufffd"))
    try:
        return Decoded(data.decode("utf-8"), "utf-8", 0)
    except UnicodeDecodeError:
        pass
    as_utf8 = data.decode("utf-8", "replace")
    candidates = [Decoded(as_utf8, "utf-8", as_utf8.count("\ufffd"))]
    if candidates[0].broken > max(3, _han(as_utf8) * _DAMAGED_SHARE):
        for encoding in ("gb18030", declared, _declared_in(data)):
            if encoding and _known(encoding):
                text = data.decode(encoding, "replace")
                candidates.append(Decoded(text, encoding, text.count("\ufffd")))
        candidates += [_mixed(data, "utf-8", "gb18030"), _mixed(data, "gb18030", "utf-8")]
    return max(candidates, key=lambda decoded: (_plausibility(decoded.text), -decoded.broken))


def _mixed(data: bytes, main: str, other: str) -> Decoded:
    """A page with parts in another encoding (an included menu), each stretch between ASCII characters by its own.

    A stretch that both can decode is read in the main encoding, unless the other one reads more like Chinese.
    ``broken`` counts the stretches that are not in the main encoding.
    """
    broken = 0

    def stretch(match: re.Match[bytes]) -> bytes:
        nonlocal broken
        found: list[str] = []
        for encoding in (main, other):
            try:
                found.append(match[0].decode(encoding))
            except UnicodeDecodeError:
                found.append("")
        best = max(found, key=lambda text: (_plausibility(text), text != ""))
        broken += best is not found[0] or not best
        return (best or match[0].decode(main, "replace")).encode()

    return Decoded(_NOT_ASCII.sub(stretch, data).decode(), main, broken)


def _plausibility(text: str) -> int:
    """How many of the commonest characters a text holds: the wrong encoding makes Han, too, but hardly these."""
    return sum(map(text.count, _COMMON))


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, told by the zero bytes of its ASCII characters."""
    head = data[:_FAR_FOR_WIDE]
    if len(head) < 8 or b"\x00" not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if low * 10 >= high:
            continue
        # A text of little markup has few ASCII characters: then its own words must prove the encoding.
        if high > len(head) * 0.15 or _plausibility(head.decode(encoding, "replace")) * 50 > len(head):
            return encoding
    return None


def _declared_in(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_FAR_INTO_THE_FILE])
    return match[1].decode("ascii", "replace") if match else None


def _known(encoding: str) -> bool:
    """Whether a declared name is one of text as sites use it; Python knows others that are no character sets."""
    try:
        return codecs.lookup(encoding).name.startswith(_FAMILIES)
    except (LookupError, ValueError):
        return False


def _han(text: str) -> int:
    return sum(1 for character in text if "\u4e00" <= character <= "\u9fff")
