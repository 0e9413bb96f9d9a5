"""The labels of a form, and what a printed text stands for among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from parsers.forms import Form, Label, load_form, lookup, official_wordings
from parsers.labels import label_key, label_number, plain
from parsers.numbers import read_number
from parsers.schema import CellState

# A label that is no known wording is taken for the nearest one only when it has this many characters a slip,
# is this far from every other, and long enough to tell.
CHARACTERS_A_SLIP = 6
FEWEST_SLIPS_TO_OTHERS = 3
SHORTEST_NEAR_LABEL = 5
SHORTEST_TELLING = 4
AMBIGUOUS = frozenset(("其他", "其它", "总计", "合计", "总数", "企业", "商业", "科研", "公民", "维持", "纠正"))
NUMBERS_AROUND = re.compile(r"^[\d.,]+(?=[^\d.,、)])|[\d.,/—-]+$")
CORNER_THREE = "本列数据的勾稽关系"


class Match(NamedTuple):
    """What a printed label stands for, and whether it is the official wording."""

    key: str
    official: bool
    near: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels of one form, by what is compared of them."""

    form: Form
    rows_two: Mapping[str, tuple[str, bool]]
    heads_two: Mapping[str, tuple[str, bool]]
    rows_three: Mapping[str, tuple[str, bool]]
    heads_three: Mapping[str, tuple[str, bool]]
    groups_three: frozenset[str]
    parts_three: Mapping[str, str]
    blocks_four: Mapping[str, tuple[str, bool]]
    heads_four: Mapping[str, tuple[str, bool]]
    groups_four: frozenset[str]
    corners_two: frozenset[str]


@cache
def vocabulary(form_key: str) -> Vocabulary:
    """The vocabulary of a form. Raises KeyError for an unknown form."""
    form = load_form(form_key)
    wordings = official_wordings()
    return Vocabulary(
        form=form,
        rows_two=lookup(form.section_two_rows.values()),
        heads_two=lookup(form.section_two_columns.values()),
        rows_three=lookup(form.section_three_rows.values()),
        heads_three=lookup(form.section_three_columns.values()),
        groups_three=frozenset(map(label_key, wordings["section_three_groups"])),
        parts_three={label_key(text): key for key, text in form.section_three_parts.items()},
        blocks_four=lookup(form.section_four_blocks.values()),
        heads_four=lookup(form.section_four_columns.values()),
        groups_four=frozenset(map(label_key, wordings["section_four_groups"])),
        corners_two=frozenset(
            map(label_key, (wordings["section_two_corner"], *wordings["section_two_corner_variants"]))
        ),
    )


def known_label(text: str, table: Mapping[str, tuple[str, bool]]) -> Match | None:
    """What a printed label stands for by its known wordings."""
    known = table.get(label_key(text))
    return Match(*known) if known else None


def near_label(text: str, table: Mapping[str, tuple[str, bool]], labels: Mapping[str, Label]) -> Match | None:
    """The label that a print is a slip of the pen away from, where it can be no other's.

    ``table`` holds every wording of every label that may stand at the place, ``labels`` those that are still to be
    found: the nearest of all must be one of these. It is taken where it has at most one wrong, missing, added or
    swapped character for every six, and every other label is three slips away at least and two more than it: what
    two slips make of a label is never taken for another. A numbering must fit.
    """
    comparable = label_key(text)
    if len(comparable) < SHORTEST_NEAR_LABEL or comparable[-1].isdigit():
        return None
    nearest: dict[str, int] = {}
    farthest = len(comparable)
    for wording, (key, _) in table.items():
        slips = OSA.distance(comparable, wording)
        if slips < nearest.get(key, farthest):
            nearest[key] = slips
    ranked = sorted((slips, key) for key, slips in nearest.items())
    if not ranked:
        return None
    slips, key = ranked[0]
    if slips > max(1, len(comparable) // CHARACTERS_A_SLIP) or key not in labels:
        return None
    if len(ranked) > 1 and ranked[1][0] < max(slips + 2, FEWEST_SLIPS_TO_OTHERS):
        return None
    number = label_number(text)
    if number and label_number(labels[key].text) not in ("", number):
        return None
    return Match(key, official=False, near=True)


@lru_cache(maxsize=4096)
def is_label(text: str) -> bool:
    """Whether a cell is a label: words, and not a number, a unit or a mark for nothing."""
    if text.isascii():
        return any(character.isalpha() for character in text)
    reading = read_number(text, amount=True, signed=True)
    if reading.state is not CellState.UNREADABLE:
        return False
    return len(label_key(text)) > 1 and read_number(text).state is CellState.UNREADABLE


def may_be_label(text: str, label: Label, rows: Mapping[str, tuple[str, bool]], inside: bool) -> bool:
    """Whether a text that was read as no row prints a row's label, alone, beside numbers, or (``inside`` a table)
    among other words. 其他 and 总计 alone say nothing; with their number they do."""
    printed = plain(text)
    comparable = label_key(text)
    exact = rows.get(comparable) or rows.get(label_key(NUMBERS_AROUND.sub("", printed)))
    if plain(label.text) in printed:
        return True
    if exact:
        return exact[0] == label.key and not (AMBIGUOUS & {label_key(NUMBERS_AROUND.sub("", printed)), comparable})
    wordings = (label_key(wording) for wording in (label.text, *label.variants))
    return inside and any(len(wording) >= SHORTEST_TELLING and wording in comparable for wording in wordings)


def quote(text: str) -> str:
    """A label as quoted in a lint: on one line, not longer than needed."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"
