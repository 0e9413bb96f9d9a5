"""What is an organ's own in the prose of its report: without its county's template, stock phrases and headings."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

import yaml
from rensa import RMinHash

from monitor.rules import masking
from monitor.rules.masking import sentence_key
from monitor.rules.thresholds import thresholds

_HEADING = re.compile(r"(?:[（(]?[一二三四五六七八九十0]{1,3}[）)、.．])?[^。；！？]{0,24}(?:(?:情况|方面)。)?")
_LONGEST_HEADING = 32
_NUMBERING = re.compile(
    r"^(?:[（(][一二三四五六七八九十0]{1,3}[）)]|[一二三四五六七八九十0]{1,3}[、.．]|[一二三四五六七八九十]是)+"
)


@cache
def made_by() -> str:
    """A digest over all that texts are masked, cut and signed by: with another one they must be made anew."""
    from monitor.similarity import signatures

    digest = hashlib.sha256(f"{RMinHash.ALGORITHM_VERSION}".encode())
    for module in (masking.__file__, __file__, signatures.__file__):
        digest.update(Path(module).read_bytes())
    digest.update(_stock_file().read_bytes())
    return digest.hexdigest()[:16]


def not_stock(masked: Iterable[str]) -> tuple[str, ...]:
    """The masked sentences that are neither headings nor such as law, form or custom put into every report."""
    return tuple(sentence for sentence in masked if not is_stock(sentence))


def own_text(sentences: Iterable[str], template: Collection[int] = frozenset()) -> str:
    """The sentences of :func:`not_stock` that are the organ's own, in one, without their numbering.

    ``template`` are the keys of sentences that most organs of the county share.
    """
    return "".join(_NUMBERING.sub("", one) for one in sentences if sentence_key(one) not in template)


def is_stock(sentence: str) -> bool:
    """Whether a masked sentence is a heading or one that law, form or custom put into every report."""
    if len(sentence) <= _LONGEST_HEADING and _HEADING.fullmatch(sentence):
        return True
    bare = _NUMBERING.sub("", sentence).rstrip("。；！？")
    return _stock_phrases().fullmatch(bare) is not None


def template_of(texts: Iterable[Collection[int]]) -> frozenset[int]:
    """The keys of the sentences that more than the share in the thresholds of a county's texts have."""
    texts = list(texts)
    counted = Counter(key for text in texts for key in set(text))
    least = thresholds()["text_of_others"]["template_share"] * len(texts)
    return frozenset(key for key, number in counted.items() if number > max(least, 1))


def template_is_known(texts: int, organs: int) -> bool:
    """Whether so many texts of a county with so many organs are enough to tell its template from copies."""
    limits = thresholds()["text_of_others"]
    return bool(texts >= limits["template_texts"] and texts >= limits["template_organs"] * organs)


@cache
def _stock_phrases() -> re.Pattern[str]:
    patterns: list[str] = yaml.safe_load(_stock_file().read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _stock_file() -> Path:
    return Path(__file__).parent / "stock_phrases.yaml"
