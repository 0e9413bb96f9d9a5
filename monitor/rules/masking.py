"""The prose of a report with numbers, years and names masked, so that texts can be compared.

What is compared are sections one and five (domain.md 4.4, Y-06; 4.9, P-06).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from functools import lru_cache

from monitor.rules.base import OrganFacts
from monitor.rules.organs import compact, core_name
from monitor.rules.texts import section_text
from parsers.schema import Report

SECTIONS = (1, 5)
NAME = "某"
"""Stands for the organ's own name and its county's."""

_NUMBERS = re.compile(r"[0-9０-９][0-9０-９.,．，%％]*(?<![,，.．])|[二][〇零○O0-9一二三四五六七八九]{3}(?=年)")
_SENTENCE_ENDS = re.compile(r"(?<=[。；！？\n])")
_ITSELF = re.compile(
    r"(?:我|本|全)(?:县|区|市|旗|镇|乡|街道办事处|街道办|街道|办事处|管委会|局|委|办|中心|单位|机关)(?![法理])"
)
_ITSELF_IN_ONE_WORD = "本单位"
_MASKS = re.compile(f"{NAME}{{2,}}")


def own_names(organ: OrganFacts | None) -> tuple[str, ...]:
    """The names to be masked in an organ's report, the longest first: its own and its county's."""
    if organ is None:
        return ()
    names = {compact(name) for name in (organ.name, *organ.aliases, organ.county) if name}
    names |= {core_name(name) for name in (organ.name, *organ.aliases)}
    names |= {name.removeprefix(organ.county) for name in names}
    return tuple(sorted((name for name in names if len(name) >= 2), key=lambda name: (-len(name), name)))


def masked_sentences(report: Report, names: Iterable[str] = ()) -> tuple[str, ...]:
    """The sentences of sections one and five without blanks, every number and year written as 0, names as 某.

    我镇, 本局 and the like are one word as well: a copied text changes them.
    """
    return masked((section_text(report, number) for number in SECTIONS), names)


def masked(texts: Iterable[str], names: Iterable[str] = ()) -> tuple[str, ...]:
    """The sentences of some texts, masked as by :func:`masked_sentences`."""
    return tuple(masked for _, masked in printed_and_masked(texts, names))


def printed_and_masked(texts: Iterable[str], names: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """The sentences of some texts as they are printed, without line breaks around them, and masked."""
    names = tuple(names)
    return tuple(pair for text in texts for pair in _printed_and_masked(text, names))


# A report's text is masked for itself, and once more for the report of the year after.
@lru_cache(maxsize=64)
def _printed_and_masked(text: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for sentence in _SENTENCE_ENDS.split(text):
        squeezed = compact(_NUMBERS.sub("0", sentence))
        for name in names:
            squeezed = squeezed.replace(name, NAME)
        masked = _MASKS.sub(NAME, _ITSELF.sub(_ITSELF_IN_ONE_WORD, squeezed))
        if masked:
            found.append((sentence.strip(), masked))
    return tuple(found)


def sentence_key(sentence: str) -> int:
    """A number of 32 bits that stands for a masked sentence."""
    return zlib.crc32(sentence.encode())
