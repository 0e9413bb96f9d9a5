"""What differs between the words of two reports, sentence by sentence, for people to read. Pure.

Sentences are put side by side by their words without the numbers, so that a sentence that goes on with other
numbers is told as such, and one in which only the year moved on is not shown as news at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from rapidfuzz.distance import Indel

from parsers.schema import Report

SECTIONS = range(1, 7)
LIKE_ENOUGH = 0.5
"""From this similarity on two sentences are one that was changed; below it one went and another came."""
LEAST_COMMON = 2
"""Shorter words that two sentences share by chance between two changes are not shown as kept."""
_ENDS = re.compile(r"(?<=[。；！？;!?\n])")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=\s*年)")
_NUMBER = re.compile(r"\d+(?:[.,，．]\d+)*")
_WORDS = re.compile(r"\d+(?:[.,，．]\d+)*|[A-Za-z]+|.", re.DOTALL)


class Kind(StrEnum):
    """What became of a sentence."""

    KEPT = "kept"
    YEAR_ONLY = "year_only"
    NUMBERS_ONLY = "numbers_only"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence: ``kept`` in both, ``removed`` from the earlier, or ``added`` in the later one."""

    mark: Kind
    text: str


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """One sentence in both reports; ``before`` None where it was added, ``after`` None where it was removed."""

    kind: Kind
    before: str | None
    after: str | None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The sentence in parts, as one reads what was changed in it."""
        if self.before is None or self.after is None:
            return (Piece(self.kind, self.before or self.after or ""),)
        return tuple(_pieces(self.before, self.after))

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "kind": self.kind.value,
            "before": self.before,
            "after": self.after,
            "pieces": [{"mark": piece.mark.value, "text": piece.text} for piece in self.pieces],
        }


@dataclass(frozen=True, slots=True)
class SectionChange:
    """The words of one section in both reports. ``there``: whether it stands in the earlier and in the later."""

    number: int
    there: tuple[bool, bool]
    sentences: tuple[SentenceChange, ...]

    @property
    def shown(self) -> tuple[SentenceChange, ...]:
        """The sentences worth showing: not those that were kept, nor those in which only the year moved on."""
        return tuple(one for one in self.sentences if one.kind not in (Kind.KEPT, Kind.YEAR_ONLY))

    def count(self, kind: Kind) -> int:
        """How many sentences became this."""
        return sum(one.kind is kind for one in self.sentences)

    def to_json(self) -> dict[str, Any]:
        """Plain data: the sentences worth showing, and how many there are of each kind."""
        return {
            "section": self.number,
            "before_present": self.there[0],
            "after_present": self.there[1],
            "counts": {kind.value: self.count(kind) for kind in Kind if self.count(kind)},
            "changes": [one.to_json() for one in self.shown],
        }


def compare_sections(before: Report, after: Report) -> tuple[SectionChange, ...]:
    """The six sections of two reports, the earlier and the later one; those that neither has are left out."""
    moved = (after.report_year or 0) - (before.report_year or 0) if before.report_year and after.report_year else 0
    found = []
    for number in SECTIONS:
        one, other = before.sections.get(number), after.sections.get(number)
        there = (one is not None and one.present, other is not None and other.present)
        if any(there):
            sentences = compare_texts(one.text if one else "", other.text if other else "", moved)
            found.append(SectionChange(number, there, sentences))
    return tuple(found)


def compare_texts(before: str, after: str, moved: int = 0) -> tuple[SentenceChange, ...]:
    """The sentences of two texts beside each other, in the order of the later one.

    ``moved``: so many years lie between them; a sentence whose years moved by that and nothing else is told as
    :attr:`Kind.YEAR_ONLY`.
    """
    return tuple(_sentences(split(before), split(after), moved))


def split(text: str) -> list[str]:
    """The sentences of a text, each with the mark it ends with; blanks around them and empty ones left out."""
    return [found for sentence in _ENDS.split(text) if (found := " ".join(sentence.split()))]


def _sentences(before: Sequence[str], after: Sequence[str], moved: int) -> Iterator[SentenceChange]:
    masked = [[_bare(sentence) for sentence in sentences] for sentences in (before, after)]
    matcher = SequenceMatcher(None, masked[0], masked[1], autojunk=False)
    for what, start, end, other_start, other_end in matcher.get_opcodes():
        ours, theirs = before[start:end], after[other_start:other_end]
        if what == "equal":
            for one, other in zip(ours, theirs, strict=True):
                yield SentenceChange(_kind_of_twin(one, other, moved), one, other)
        else:
            yield from _paired(ours, theirs)


def _bare(sentence: str) -> str:
    return _NUMBER.sub("0", "".join(sentence.split()))


def _kind_of_twin(before: str, after: str, moved: int) -> Kind:
    one, other = ("".join(sentence.split()) for sentence in (before, after))
    if one == other:
        return Kind.KEPT
    if moved and _YEAR.sub(lambda year: str(int(year[0]) + moved), one) == other:
        return Kind.YEAR_ONLY
    return Kind.NUMBERS_ONLY


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[SentenceChange]:
    """Sentences without a twin: each with the likest one that keeps the order, the rest removed and added."""
    taken = 0
    for sentence in after:
        likeness = [Indel.normalized_similarity(one, sentence) for one in before[taken:]]
        best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
        if best is None or likeness[best] < LIKE_ENOUGH:
            yield SentenceChange(Kind.ADDED, None, sentence)
            continue
        for one in before[taken : taken + best]:
            yield SentenceChange(Kind.REMOVED, one, None)
        yield SentenceChange(Kind.CHANGED, before[taken + best], sentence)
        taken += best + 1
    for one in before[taken:]:
        yield SentenceChange(Kind.REMOVED, one, None)


def _pieces(before: str, after: str) -> Iterator[Piece]:
    one, other = _WORDS.findall(before), _WORDS.findall(after)
    removed = added = ""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    for place, (what, start, end, other_start, other_end) in enumerate(blocks):
        kept = "".join(one[start:end])
        by_chance = len(kept) < LEAST_COMMON and 0 < place < len(blocks) - 1 and not _NUMBER.fullmatch(kept)
        if what == "equal" and not by_chance:
            yield from _replaced(removed, added)
            removed = added = ""
            yield Piece(Kind.KEPT, kept)
        else:
            removed += kept
            added += "".join(other[other_start:other_end])
    yield from _replaced(removed, added)


def _replaced(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Kind.REMOVED, removed)
    if added:
        yield Piece(Kind.ADDED, added)
