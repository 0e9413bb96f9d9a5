"""Two reports side by side, sentence by sentence: what is the same, what is alike, what stands in one alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from rapidfuzz.distance import Indel
from sqlalchemy.orm import Session

from monitor.rules.base import OrganFacts
from monitor.rules.masking import SECTIONS, own_names, printed_and_masked, sentence_key
from monitor.similarity.comparing import template_keys
from monitor.similarity.groups import Group, Member
from monitor.similarity.pairs import Alike, is_long_enough, likeness
from monitor.similarity.texts import is_stock
from monitor.store import versions

LIKE_ENOUGH = 0.6
"""From this likeness on two sentences in the same place are shown beside each other."""
MOST_SHARED = 3
"""So many shared sentences are quoted with an alert, the longest first."""


class Mark(StrEnum):
    """How two sentences stand to each other; numbers, years and names do not count."""

    SAME = "same"
    ALIKE = "alike"
    ONE_ONLY = "one_only"


class Aside(StrEnum):
    """Why a sentence was left out of the comparison."""

    COUNTY = "county"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it is printed, masked, and why it was left out of the comparison (None: it was not)."""

    printed: str
    masked: str
    aside: Aside | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Two sentences beside each other; None where the other text has none there."""

    mark: Mark
    left: Sentence | None
    right: Sentence | None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        aside = next((one.aside for one in (self.left, self.right) if one and one.aside), None)
        return {
            "mark": self.mark.value,
            "left": self.left.printed if self.left else None,
            "right": self.right.printed if self.right else None,
            "left_out": aside.value if aside else None,
        }


def sentences_of(
    texts: Sequence[str], organ: OrganFacts | None, template: Collection[int]
) -> tuple[Sentence, ...]:
    """The sentences of a report's sections one and five; ``template`` are those of both counties."""

    def aside(masked: str) -> Aside | None:
        if sentence_key(masked) in template:
            return Aside.COUNTY
        return Aside.STOCK if is_stock(masked) else None

    found = printed_and_masked(texts, own_names(organ))
    return tuple(Sentence(printed, masked, aside(masked)) for printed, masked in found)


def side_by_side(left: Sequence[Sentence], right: Sequence[Sentence]) -> tuple[Row, ...]:
    """The two texts beside each other in their order."""
    return tuple(_rows(left, right))


def _rows(left: Sequence[Sentence], right: Sequence[Sentence]) -> Iterator[Row]:
    masked = [[sentence.masked for sentence in text] for text in (left, right)]
    matcher = SequenceMatcher(None, masked[0], masked[1], autojunk=False)
    for what, start, end, other_start, other_end in matcher.get_opcodes():
        ours, theirs = left[start:end], right[other_start:other_end]
        if what == "equal":
            yield from (Row(Mark.SAME, one, other) for one, other in zip(ours, theirs, strict=True))
            continue
        taken = 0
        for other in theirs:
            likeness = [Indel.normalized_similarity(one.masked, other.masked) for one in ours[taken:]]
            best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
            if best is None or likeness[best] < LIKE_ENOUGH:
                yield Row(Mark.ONE_ONLY, None, other)
                continue
            yield from (Row(Mark.ONE_ONLY, one, None) for one in ours[taken : taken + best])
            yield Row(Mark.ALIKE, ours[taken + best], other)
            taken += best + 1
        yield from (Row(Mark.ONE_ONLY, one, None) for one in ours[taken:])


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two reports beside each other, how alike they are, and whether enough was compared to say so."""

    left: Member
    right: Member
    how: Alike
    enough: bool
    rows: tuple[Row, ...]

    def count(self, mark: Mark) -> int:
        """How many rows of a kind count in the comparison."""
        return sum(
            row.mark is mark and not any(one and one.aside for one in (row.left, row.right)) for row in self.rows
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "reports": [one.to_json() for one in (self.left, self.right)],
            "similarity": round(self.how.similarity, 4),
            "characters": self.how.characters,
            "enough_to_compare": self.enough,
            "rows": [row.to_json() for row in self.rows],
        }


def compared(session: Session, left: Member, right: Member) -> SideBySide:
    """Two reports of the record beside each other."""
    kept = versions.documents(session, [left.version_id, right.version_id])
    template = frozenset[int]().union(
        *(template_keys(session, one.organ.county_code, one.report_year) for one in (left, right))
    )
    texts = [
        sentences_of(versions.extract(kept[one.version_id], SECTIONS, ()).texts, one.organ, template)
        for one in (left, right)
    ]
    own = [[sentence.masked for sentence in text if sentence.aside is None] for text in texts]
    how = likeness(own[0], own[1])
    return SideBySide(left, right, how, is_long_enough(how), side_by_side(*texts))


def shared_sentences(session: Session, group: Group, member: Member) -> tuple[str, ...]:
    """The longest sentences that a report shares with the one most like it, as it prints them."""
    other, _ = group.likest(member.version_id)
    rows = compared(session, member, other).rows
    same = [row.left.printed for row in rows if row.mark is Mark.SAME and row.left and row.left.aside is None]
    longest = set(sorted(same, key=len, reverse=True)[:MOST_SHARED])
    return tuple(sentence for sentence in same if sentence in longest)
