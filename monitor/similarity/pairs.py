"""Two texts side by side: which pairs may be compared at all, and how alike they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from monitor.rules.base import OrganFacts, OrganKind
from monitor.rules.organs import core_name, same_organ
from monitor.rules.thresholds import thresholds
from monitor.similarity.texts import own_text

WORTH_COMPARING = 0.75
"""Texts less alike than this are not made so by leaving out what another county's organs share."""


@dataclass(frozen=True, slots=True)
class Author:
    """Whose text it is: the organ, and the name that its report prints."""

    organ: OrganFacts
    report_year: int
    printed: str | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike two texts are, from 0 to 1, and how many characters of the shorter one were compared."""

    similarity: float
    characters: int


def may_be_compared(first: Author, second: Author) -> bool:
    """Whether the same text in both would say something.

    Not for two reports of one organ, under whatever code, or of one and its successor (Y-06 tells of those), for
    two of which both print the name of the same organ (one document in two places: I-04 tells of that), and not
    for a county government and its own office, which write both reports.
    """
    one, other = first.organ, second.organ
    if one.code == other.code or one.name in other.aliases or other.name in one.aliases:
        return False
    if one.county_code != other.county_code:
        return True
    if first.printed and second.printed and same_organ(first.printed, second.printed):
        return False
    if core_name(one.name) == core_name(other.name):  # one body, registered under two codes
        return False
    return not any(
        government.kind is OrganKind.COUNTY and core_name(office.name).endswith("政府办")
        for government, office in ((one, other), (other, one))
    )


def alike(first: Sequence[str], second: Sequence[str], templates: Collection[int] = frozenset()) -> Alike | None:
    """How alike two texts are (sentences of :func:`not_stock`), the templates of both counties left out of both.

    None where they are less alike than the threshold, or too little is left to compare.
    """
    limits = thresholds()["text_of_others"]
    found = likeness(first, second, templates, limits["warning"])
    return found if found.similarity >= limits["warning"] and is_long_enough(found) else None


def may_be_alike(first: str, second: str) -> bool:
    """Whether two texts, each without its county's template, are worth comparing without both templates."""
    return Indel.normalized_similarity(first, second, score_cutoff=WORTH_COMPARING) > 0


def likeness(
    first: Sequence[str], second: Sequence[str], templates: Collection[int] = frozenset(), least: float = 0.0
) -> Alike:
    """How alike two texts are, however much; less than ``least`` counts as 0."""
    one, other = (own_text(text, templates) for text in (first, second))
    characters = min(len(one), len(other))
    if not characters:
        return Alike(0.0, 0)
    return Alike(Indel.normalized_similarity(one, other, score_cutoff=least or None), characters)


def is_long_enough(found: Alike) -> bool:
    """Whether enough was compared to say anything."""
    return bool(found.characters >= thresholds()["text_of_others"]["characters"])
