"""Table four in other shapes than its own: blocks as rows or columns, labels and numbers in turn, lines of text.

Each shape is read only where it is whole: every label is one of the table's, every block has its five results
once, and every number has its label. Where the blocks' names or all heads are missing, the sums of the table must
prove its order (:mod:`parsers.tables.evidence`). Anything else gives None: the table is not read, which is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from parsers.documents.model import Grid, GridCell, GridRow, Paragraph
from parsers.labels import label_key
from parsers.numbers import read_number
from parsers.schema import Number
from parsers.tables.bands import has_values
from parsers.tables.evidence import only_in_the_forms_order, sums_hold
from parsers.tables.vocabulary import Vocabulary, vocabulary

BLOCKS = 3
RESULTS = 5
FEWEST_TELLING_LABELS = 5
FEWEST_TELLING_RESULTS = 3
_NUMBER = r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?![\d,])|[+-]?\d+(?:\.\d+)?"
_UNIT = "[件宗起个次]?"
_BETWEEN = re.compile(r"[\s:,、;。|()]+")


class Token(NamedTuple):
    """A piece of table four as printed: what it is (``block``, ``result``, ``group``, ``value``), its key or text,
    and where it stands."""

    kind: str
    text: str
    origin: GridCell | Paragraph


def matrix(rows: Sequence[GridRow], words: Vocabulary) -> dict[str, GridCell] | None:
    """A table with the blocks on one side and the results on the other: each number by its row and its column.

    Each row of numbers must have one cell, of the same columns, under every head, and one label before them.
    """
    for position, row in enumerate(rows):
        if has_values(row):
            return None
        for heads_of, labels_of, across in (
            (words.heads_four, words.blocks_four, True),
            (words.blocks_four, words.heads_four, False),
        ):
            heads = {
                (cell.column, cell.end_column): known[0]
                for cell in row.own
                if (known := heads_of.get(label_key(cell.text)))
            }
            if len(heads) != (RESULTS if across else BLOCKS) or len(set(heads.values())) != len(heads):
                continue
            found = _under(heads, rows[position + 1 :], labels_of, words)
            if found and len(found) == BLOCKS * RESULTS:
                return {
                    f"{label}.{head}" if across else f"{head}.{label}": cell
                    for (label, head), cell in found.items()
                }
    return None


def _under(
    heads: Mapping[tuple[int, int], str],
    rows: Sequence[GridRow],
    labels: Mapping[str, tuple[str, bool]],
    words: Vocabulary,
) -> dict[tuple[str, str], GridCell] | None:
    found: dict[tuple[str, str], GridCell] = {}
    first, end = min(heads)[0], max(heads)[1]
    for row in rows:
        before = [label_key(cell.text) for cell in row.cells if cell.column < first and cell.text.strip()]
        named = [known[0] for text in before if (known := labels.get(text))]
        others = [text for text in before if text not in labels and text not in words.groups_four]
        values = [cell for cell in row.cells if cell.column >= first]
        if not named and not any(cell.text.strip() for cell in values):
            continue
        if len(named) != 1 or others or {(cell.column, cell.end_column) for cell in values} != set(heads):
            return None
        for cell in values:
            key = named[0], heads[cell.column, cell.end_column]
            if key in found or cell.end_row - cell.row > 1 or cell.end_column > end:
                return None
            found[key] = cell
    return found


def cells_as_tokens(rows: Sequence[GridRow], words: Vocabulary) -> list[Token]:
    """The cells of a table in the order of print. An empty one is the value of the result before it."""
    tokens: list[Token] = []
    for row in rows:
        for cell in row.own:
            comparable = label_key(cell.text)
            if known := words.blocks_four.get(comparable):
                tokens.append(Token("block", known[0], cell))
            elif known := words.heads_four.get(comparable):
                tokens.append(Token("result", known[0], cell))
            elif comparable in words.groups_four:
                tokens.append(Token("group", "", cell))
            elif cell.text.strip() or (tokens and tokens[-1].kind == "result"):
                tokens.append(Token("value", cell.text, cell))
    return tokens


def pairs(tokens: Sequence[Token]) -> dict[str, Token] | None:
    """Three blocks, each its name and then five results, each with its value right behind it."""
    rest = [token for token in tokens if token.kind != "group"]
    size = 1 + 2 * RESULTS
    found: dict[str, Token] = {}
    if len(rest) != BLOCKS * size:
        return None
    for start in range(0, len(rest), size):
        block, *behind = rest[start : start + size]
        names, values = behind[::2], behind[1::2]
        if block.kind != "block" or not _are(names, "result") or not _are(values, "value"):
            return None
        found |= {f"{block.text}.{name.text}": value for name, value in zip(names, values, strict=True)}
    return found if len(found) == BLOCKS * RESULTS else None


def heads_then_values(tokens: Sequence[Token], words: Vocabulary) -> dict[str, Token] | None:
    """All names first, blocks and results in the form's order, and then as many values as the table has cells;
    or a block at a time."""
    order = [
        (block, result) for block in words.form.section_four_blocks for result in words.form.section_four_columns
    ]
    rest = [token for token in tokens if token.kind != "group"]
    blocks = [token.text for token in rest if token.kind == "block"]
    results = [token.text for token in rest if token.kind == "result"]
    values = [token for token in rest if token.kind == "value"]
    if (
        blocks != list(words.form.section_four_blocks)
        or results != [result for _, result in order]
        or len(values) != len(order)
        or any("," in value.text for value in values)
    ):
        return None
    kinds = [token.kind for token in rest]
    a_block = ["block", *["result"] * RESULTS, *["value"] * RESULTS]
    if "value" in kinds[: -len(order)] and kinds != a_block * BLOCKS:
        return None
    return {f"{block}.{result}": value for (block, result), value in zip(order, values, strict=True)}


def without_blocks(rows: Sequence[GridRow], words: Vocabulary) -> dict[str, GridCell] | None:
    """The results' names three times in the form's order without the blocks' names, and one row of numbers, each
    under its name, whose sums hold (or which are all 0: then their order is nothing to them)."""
    order = _order(words)
    names: list[tuple[int, int]] = []
    printed: list[str] = []
    numbers: list[GridCell] = []
    for row in rows:
        filled = [cell for cell in row.own if cell.text.strip()]
        if has_values(row):
            if numbers or len(row.own) != len(order) or len(filled) != len(order):
                return None
            numbers = list(row.own)
            continue
        for cell in filled:
            comparable = label_key(cell.text)
            if known := words.heads_four.get(comparable):
                printed.append(known[0])
                names.append((cell.column, cell.end_column))
            elif comparable not in words.groups_four:
                return None
    values = _numbers(numbers)
    if (
        printed != [result for _, result in order]
        or values is None
        or [(cell.column, cell.end_column) for cell in numbers] != names
        or (any(values) and not sums_hold(values))
    ):
        return None
    return {f"{block}.{result}": cell for (block, result), cell in zip(order, numbers, strict=True)}


def without_heads(grid: Grid, words: Vocabulary) -> dict[str, GridCell] | None:
    """One row of fifteen numbers and nothing else, whose sums prove the form's order and no other."""
    rows = [row for row in grid.rows if any(cell.text.strip() for cell in row.own)]
    order = _order(words)
    if len(rows) != 1 or len(rows[0].own) != len(order):
        return None
    values = _numbers(rows[0].own)
    if values is None or not only_in_the_forms_order(values):
        return None
    return {f"{block}.{result}": cell for (block, result), cell in zip(order, rows[0].own, strict=True)}


def _numbers(cells: Sequence[GridCell]) -> list[Number] | None:
    """The numbers of cells that all hold one, beyond doubt and in one row; else None."""
    readings = [read_number(cell.text) for cell in cells if not cell.doubt and cell.end_row - cell.row == 1]
    values = [reading.value for reading in readings if reading.value is not None]
    return values if values and len(values) == len(cells) else None


def _order(words: Vocabulary) -> list[tuple[str, str]]:
    return [
        (block, result) for block in words.form.section_four_blocks for result in words.form.section_four_columns
    ]


def _are(tokens: Sequence[Token], kind: str) -> bool:
    return all(token.kind == kind for token in tokens)


# --- lines of text -------------------------------------------------------------------------------------------


def lines_of_four(lines: Sequence[Paragraph], words: Vocabulary) -> list[Token]:
    """The tokens of the longest run of lines that hold nothing but pieces of table four; empty without one."""
    best: list[Token] = []
    run: list[Token] = []
    for line in lines:
        tokens = _tokens_of(line, words)
        run = run + tokens if tokens is not None else []
        if len(run) > len(best):
            best = run
    labels = sum(1 for token in best if token.kind != "value")
    return best if labels >= FEWEST_TELLING_LABELS else []


def _tokens_of(line: Paragraph, words: Vocabulary) -> list[Token] | None:
    """The pieces of a line; None where it holds anything else."""
    text = normalize("NFKC", line.text)
    tokens: list[Token] = []
    position = 0
    pattern = _pieces(words.form.key)
    while position < len(text):
        if blank := _BETWEEN.match(text, position):
            position = blank.end()
            continue
        match = pattern.match(text, position)
        if not match:
            return None
        position = match.end()
        if match["label"]:
            comparable = label_key(match["label"])
            if known := words.blocks_four.get(comparable):
                tokens.append(Token("block", known[0], line))
            elif known := words.heads_four.get(comparable):
                tokens.append(Token("result", known[0], line))
            else:
                tokens.append(Token("group", "", line))
        else:
            tokens.append(Token("value", match["value"], line))
    return tokens


@lru_cache(maxsize=4)
def _pieces(form_key: str) -> re.Pattern[str]:
    words = vocabulary(form_key)
    labels = sorted((*words.blocks_four, *words.heads_four, *words.groups_four), key=len, reverse=True)
    spelled = "|".join(r"\s*".join(label) for label in labels)
    return re.compile(rf"(?P<label>{spelled})|(?P<value>(?:{_NUMBER}){_UNIT}|[/—-]+|无|零)(?![\d.])")


def tells_of_four(lines: Sequence[Paragraph], words: Vocabulary) -> Paragraph | None:
    """The first line that prints results of table four beside numbers, where three of them are printed so."""
    names = [label.text for label in words.form.section_four_columns.values()][: RESULTS - 1]
    telling = [line for line in lines if any(name in line.text for name in names)]
    text = "".join(line.text for line in telling)
    enough = sum(name in text for name in names) >= FEWEST_TELLING_RESULTS
    return telling[0] if enough and any(character.isdigit() for character in text) else None
