"""Lines of text as pieces of tables two and three: labels of the form, numbers, empty cells.

A line is a label, a number, or both: parted by commas, by blanks, by the punctuation of a sentence, or by the
elements of a page that hold its cells. What is none of the form's labels and no number is a piece of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from unicodedata import normalize

from parsers.documents.model import Paragraph
from parsers.forms import FORM_KEYS, official_wordings
from parsers.labels import label_key
from parsers.numbers import read_number
from parsers.schema import CellState
from parsers.tables.vocabulary import CORNER_THREE, vocabulary

LABEL, VALUE, EMPTY_CELL, EMPTY_LINE, OTHER = "label", "value", "empty cell", "empty line", "other"
LONGEST_LINE = 400
MOST_PIECES_OF_A_LABEL = 4
_COMMAS = re.compile("[,，]")
_BLANKS = re.compile(r"[\s\u3000]+")
_SENTENCE = re.compile(r"[\s:,、;。]+")
_LABEL_AND_NUMBER = re.compile(r"(.*?[\u4e00-\u9fff)])([+-]?\d[\d,]*(?:\.\d+)?(?:件|个|项|宗|万元|元)?)")


class Piece(NamedTuple):
    """A piece of a line: what it is, what is compared of a label (or ''), the print, and the line it stands in."""

    kind: str
    key: str
    text: str
    line: Paragraph


@cache
def labels_of_two() -> frozenset[str]:
    """What is compared of the row labels, heads and corner of table two."""
    words = [vocabulary(key) for key in FORM_KEYS]
    return frozenset(label for each in words for label in (*each.rows_two, *each.heads_two, *each.corners_two))


@cache
def labels_of_three() -> frozenset[str]:
    """What is compared of the row labels, group labels and heads of table three."""
    words = [vocabulary(key) for key in FORM_KEYS]
    return frozenset(
        label
        for each in words
        for label in (*each.rows_three, *each.heads_three, *each.groups_three, *each.parts_three, CORNER_THREE)
    )


@cache
def labels_of_four() -> frozenset[str]:
    """What is compared of the labels that only table four prints."""
    words = vocabulary(FORM_KEYS[-1])
    return frozenset((*words.blocks_four, *words.heads_four, *words.groups_four)) - labels_of_three()


@cache
def _article() -> str:
    return label_key(official_wordings()["section_two_article"])


def known(text: str) -> str:
    """What is compared of a text that is a label of one of the tables; '' for any other."""
    if text.isascii() or len(text) > LONGEST_LINE:
        return ""
    comparable = label_key(text)
    if comparable.startswith(CORNER_THREE):
        return CORNER_THREE
    if comparable in labels_of_two() or comparable in labels_of_three() or comparable in labels_of_four():
        return comparable
    return _article() if is_article(text) else ""


def is_article(text: str) -> bool:
    """Whether a text is the line of table two that names an article of the Regulation, and nothing else."""
    comparable = label_key(text)
    return comparable.startswith(_article()) and len(comparable) <= len(_article()) + MOST_PIECES_OF_A_LABEL


def is_number(text: str) -> bool:
    """Whether a text is a number or a mark for nothing, as a cell prints it."""
    return bool(text.strip()) and any(
        read_number(text, amount=amount, signed=True).state is not CellState.UNREADABLE for amount in (False, True)
    )


def pieces_of(line: Paragraph) -> list[Piece]:
    """The pieces of a line, the empty lines before it among them. What cannot be told is one OTHER piece."""
    before = [Piece(EMPTY_LINE, "", "", line)] * line.markup.empty_before
    return [*before, *(_pieces(line) or [Piece(OTHER, "", line.text, line)])]


def _pieces(line: Paragraph) -> list[Piece] | None:
    if line.markup.odd or len(line.text) > LONGEST_LINE:
        return None
    text = line.text
    if line.markup.cells and (found := _of_cells(line.markup.cells, line)):
        shown = [piece.text for piece in found if piece.kind != EMPTY_CELL]
        if any(piece.kind == LABEL for piece in found) or text.split() == shown:
            return found
        if len(shown) > 1:
            # Numbers without a label and without a blank between: they may be the digits of one.
            return None
    whole = _of_cell(text, line)
    if whole.kind != VALUE and len(cells := _COMMAS.split(text)) > 1 and (found := _of_cells(cells, line)):
        return found
    if whole.kind != OTHER:
        return [whole]
    if len(parts := _BLANKS.split(text.strip())) > 1 and (found := _joined(parts, line)):
        return found
    return _of_sentence(text, line)


def _of_cell(text: str, line: Paragraph) -> Piece:
    if not text.strip(" \u3000\xa0"):
        return Piece(EMPTY_CELL, "", "", line)
    if comparable := known(text):
        return Piece(LABEL, comparable, text, line)
    return Piece(VALUE if is_number(text) else OTHER, "", text, line)


def _of_cells(cells: Sequence[str], line: Paragraph) -> list[Piece] | None:
    """Cells of which at least one is a label or a number, and none anything else."""
    pieces = [_of_cell(cell, line) for cell in cells]
    kinds = {piece.kind for piece in pieces}
    return pieces if OTHER not in kinds and kinds != {EMPTY_CELL} else None


def _joined(parts: Sequence[str], line: Paragraph) -> list[Piece] | None:
    """Parts of a line as labels, each of one part or of several, and numbers; None where one is neither."""
    pieces: list[Piece] = []
    position = 0
    while position < len(parts):
        if is_number(parts[position]):
            pieces.append(Piece(VALUE, "", parts[position], line))
            position += 1
            continue
        for count in range(min(MOST_PIECES_OF_A_LABEL, len(parts) - position), 0, -1):
            text = "".join(parts[position : position + count])
            if comparable := known(text):
                pieces.append(Piece(LABEL, comparable, text, line))
                position += count
                break
        else:
            return None
    return pieces


def _of_sentence(text: str, line: Paragraph) -> list[Piece] | None:
    """Labels and numbers with the punctuation of a sentence between them or nothing at all."""
    parts: list[str] = []
    for part in _SENTENCE.split(normalize("NFKC", text)):
        match = None if not part or known(part) else _LABEL_AND_NUMBER.fullmatch(part)
        if match:
            parts += [*_row_and_head(match[1]), match[2]]
        elif part:
            parts += _row_and_head(part)
    return _joined(parts, line) if len(parts) > 1 else None


def _row_and_head(text: str) -> list[str]:
    """The label of a row of table two and the head right behind it, where a text is both; else the text."""
    if not text.isascii() and not known(text):
        words = [vocabulary(key) for key in FORM_KEYS]
        for cut in range(2, len(text) - 1):
            row, head = label_key(text[:cut]), label_key(text[cut:])
            if any(row in each.rows_two and head in each.heads_two for each in words):
                return [text[:cut], text[cut:]]
    return [text]
