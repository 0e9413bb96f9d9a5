"""Whether the characters of a text layer can be what is printed: a font may say nothing or nonsense."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# Below this share of common characters a text of some length is no Chinese prose.
FEWEST_COMMON = 0.8
FEWEST_TO_JUDGE = 20
# More unknown characters than this share of a page mean that its fonts are not to be believed.
MOST_UNKNOWN = 0.1
# So do more letters that stand neither in Chinese nor in English texts.
MOST_FOREIGN = 0.3

# Some fonts give radicals and compatibility forms for the characters that they look like.
_LOOK_ALIKES = dict(
    zip(
        "⺟⺠⻄⻅⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻣⻥⻦⻩⻬⻮⻰⻳", "母民西见贝车长门青页风飞食马骨鱼鸟黄齐齿龙龟", strict=True
    )
)
_RADICALS = range(0x2F00, 0x2FE0)
_COMPATIBILITY = range(0xF900, 0xFB00)


def character(code: int) -> str:
    """The character of a code point; a radical gives the character it looks like, what is none ``U+FFFD``."""
    if code < 0x2E80:
        return chr(code) if code >= 0x20 else "\ufffd"
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    text = chr(code)
    if code in _RADICALS or code in _COMPATIBILITY:
        return unicodedata.normalize("NFKC", text)
    return _LOOK_ALIKES.get(text, text)


def is_unknown(text: str) -> bool:
    """Whether a character says nothing: of a private use area, no character at all, a control character."""
    return text == "\ufffd" or unicodedata.category(text[0]) in ("Co", "Cn", "Cc", "Cs")


def is_implausible(texts: Sequence[str]) -> bool:
    """Whether the characters of a page cannot be those of a Chinese report: unknown, foreign, or without sense."""
    shown = [text for text in texts if not text.isspace()]
    if len(shown) < FEWEST_TO_JUDGE:
        return False
    han = [text for text in shown if "\u4e00" <= text[0] <= "\u9fff"]
    if sum(map(is_unknown, shown)) > MOST_UNKNOWN * len(shown):
        return True
    if sum(map(_is_foreign, shown)) > MOST_FOREIGN * len(shown):
        return True
    return len(han) >= FEWEST_TO_JUDGE and sum(map(_is_common, han)) < FEWEST_COMMON * len(han)


def _is_foreign(text: str) -> bool:
    """Whether a letter is neither Chinese nor ASCII nor full-width ASCII."""
    return text[0].isalpha() and not text.isascii() and not "\u2e80" <= text[0] <= "\uffef"


def _is_common(text: str) -> bool:
    """Whether a Chinese character is among the 3,755 that GB 2312 calls common."""
    try:
        return text[0].encode("gb2312") < b"\xd8"
    except UnicodeEncodeError:
        return False
