"""The form's own sums as evidence of where numbers belong. They choose a reading and never change a number.

A reading is believed only where its sums hold, at least one number of them is not zero, and no other reading of
the same numbers has sums that hold, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parsers.schema import Number

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
