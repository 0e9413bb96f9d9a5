"""The form's own sums as evidence of where numbers belong. They choose a reading and never change a number.

A reading is believed only where its sums hold, at least one number of them is not zero, and no other reading of
the same numbers has sums that hold, too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from parsers.identities import Identity, printed
from parsers.schema import Cell, CellState, Number

BLOCKS = 3
RESULTS = 5
_Layout = Callable[[Sequence[Number], int], Sequence[Number]]


def _by_block(values: Sequence[Number], block: int) -> Sequence[Number]:
    return values[block * RESULTS : (block + 1) * RESULTS]


def _by_block_total_first(values: Sequence[Number], block: int) -> Sequence[Number]:
    total, *parts = _by_block(values, block)
    return (*parts, total)


def _by_result(values: Sequence[Number], block: int) -> Sequence[Number]:
    return values[block::BLOCKS]


def _by_result_total_first(values: Sequence[Number], block: int) -> Sequence[Number]:
    total, *parts = _by_result(values, block)
    return (*parts, total)


_OTHER_LAYOUTS: tuple[_Layout, ...] = (_by_block_total_first, _by_result, _by_result_total_first)


def sums_hold(values: Sequence[Number], layout: _Layout = _by_block) -> bool:
    """Whether in each block of table four the four results add up to the total behind them."""
    return all(sum(parts) == total for *parts, total in (layout(values, block) for block in range(BLOCKS)))


def only_in_the_forms_order(values: Sequence[Number]) -> bool:
    """Whether fifteen numbers without any head can be table four in the form's order and in no other."""
    return (
        len(values) == BLOCKS * RESULTS
        and any(values)
        and sums_hold(values)
        and not any(sums_hold(values, layout) for layout in _OTHER_LAYOUTS)
    )


# --- rows that may have slipped ------------------------------------------------------------------------------


def slipped_rows(form_key: str, cells: Mapping[str, Cell]) -> Iterator[tuple[str, ...]]:
    """The rows, as the keys of their cells in the order of print, that may have lost a number and gained a blank.

    Such a row looks whole, and every number between the two stands one column off. A row with one blank is in
    doubt where moving its numbers back by one, with any number not below 0 for the lost one, breaks less than half
    of the sums that are broken as it is printed. Where its columns cannot be added up (another row is unreadable),
    a row that prints a 0 beside its blank is in doubt as soon as moving breaks no more. A row with more blanks is
    a habit (only the totals are filled): it is left as it is printed. Blanks count as 0.
    """
    if CellState.BLANK not in [cell.state for cell in cells.values()]:
        return
    sums = [identity for identity in printed(form_key, cells) if _stands(identity, cells)]
    for keys in _rows(cells):
        numbers = [_number(cells[key]) for key in keys]
        if numbers.count(None) != 1 or not any(numbers):
            continue
        own = [identity for identity in sums if not identity.terms.keys().isdisjoint(keys)]
        in_full = len(own) > len(keys) or keys[0].startswith("section_four.")
        if not own or (not in_full and 0 not in numbers):
            continue
        as_printed = _broken_sums(own, cells, keys, numbers)
        if as_printed or not in_full:
            most = (as_printed - 1) // 2 if in_full else as_printed
            if any(_broken_sums(own, cells, keys, other) <= most for other in _moved(own, cells, keys, numbers)):
                yield keys


def doubtful_by_count(
    rows: Sequence[Sequence[str]], headless: Collection[str], form_key: str, cells: Mapping[str, Cell]
) -> Sequence[Sequence[str]]:
    """Those rows of a table with a lost head, settled by the count of their values, that may be read wrongly.

    All of them, where as many have sums that do not hold as have sums that tell their order. Where no total has a
    head (``headless`` are the cells whose column has none) the totals may be printed first: a sum that holds in
    that order, too, tells nothing, and without one that tells, all rows but those of one number are in doubt.
    """
    totals_lost = all(key in headless for keys in rows for key in keys if key.endswith(".total"))
    telling = broken = 0
    for identity in printed(form_key, cells):
        if identity.rule not in ("T3-03", "T4-01") or not any(identity.terms.keys() <= set(keys) for keys in rows):
            continue
        numbers = [_number(cells[key]) for key in identity.terms if key in cells]
        if any(numbers) and len(numbers) == len(identity.terms) and None not in numbers:
            first, *others = (number or 0 for number in numbers)
            if _lack(identity, cells, {}):
                broken += 1
            elif not totals_lost or first != sum(others):
                telling += 1
    if broken and broken >= telling:
        return rows
    if totals_lost and not telling:
        return [keys for keys in rows if len({cells[key].value for key in keys if key in cells}) > 1]
    return ()


def _rows(cells: Mapping[str, Cell]) -> list[tuple[str, ...]]:
    """The rows of numbers of tables three and four as printed: the cells of one line from left to right."""
    rows: dict[tuple[object, ...], list[tuple[int, str]]] = {}
    for key, cell in cells.items():
        if not key.startswith("section_two.") and cell.at and cell.at.table and cell.at.column:
            rows.setdefault((cell.at.table, cell.at.row), []).append((cell.at.column, key))
    standing = (CellState.REPORTED, CellState.BLANK)
    return [
        tuple(key for _, key in sorted(row))
        for row in rows.values()
        if len(row) > 1 and all(cells[key].state in standing for _, key in row)
    ]


def _number(cell: Cell) -> Number | None:
    return cell.value if cell.state is CellState.REPORTED else None


def _stands(identity: Identity, cells: Mapping[str, Cell]) -> bool:
    """Whether a sum can be added up."""
    standing = (CellState.REPORTED, CellState.BLANK)
    return all(key in cells and cells[key].state in standing for key in identity.terms)


def _lack(identity: Identity, cells: Mapping[str, Cell], instead: Mapping[str, Number | None]) -> Number:
    lack: Number = 0
    for key, sign in identity.terms.items():
        value = instead[key] if key in instead else cells[key].value
        lack += sign * (value or 0)
    return lack


def _broken_sums(
    sums: Sequence[Identity], cells: Mapping[str, Cell], keys: Sequence[str], numbers: Sequence[Number | None]
) -> int:
    instead = dict(zip(keys, numbers, strict=True))
    return sum(1 for identity in sums if _lack(identity, cells, instead))


def _moved(
    sums: Sequence[Identity], cells: Mapping[str, Cell], keys: Sequence[str], numbers: Sequence[Number | None]
) -> Iterator[list[Number | None]]:
    """What a row may have been before it lost a number and gained one of its blanks.

    The lost number is what a sum of the row needs it to be, by each sum that it is part of.
    """
    for blank, lost in itertools.permutations(range(len(numbers)), 2):
        if numbers[blank] is not None:
            continue
        rest = [*numbers[:blank], *numbers[blank + 1 :]]
        before: list[Number | None] = [*rest[:lost], None, *rest[lost:]]
        instead = dict(zip(keys, before, strict=True))
        for identity in sums:
            if keys[lost] in identity.terms:
                needed = -identity.terms[keys[lost]] * _lack(identity, cells, instead)
                if needed >= 0:
                    yield [*before[:lost], needed, *before[lost + 1 :]]
