"""Reports of the sandbox with slips of known kinds, for measuring what is named as wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from crawler.sandbox.generator import SandboxOrgan, official_form, true_numbers
from monitor.rules.cells import BLOCKS, COLUMNS, OUTCOMES, key, rows_of_three
from parsers.forms import load_form
from parsers.identities import failing, printed
from parsers.schema import Cell, CellState, Number, Place

KINDS = ("township", "subdistrict", "department", "county")
YEARS = range(2019, 2026)
PLACE = Place(table=1, row=1, column=1)


@dataclass(frozen=True)
class Misprinted:
    """A report whose sums do not hold: its cells, its form, and the cells that are not as they should be."""

    form: str
    cells: Mapping[str, Cell]
    wrong: frozenset[str]
    slips: int
    true: Mapping[str, Number]


def misprinted(count: int, seed: int = 1) -> Iterator[Misprinted]:
    """So many reports with one to three slips; those whose sums hold all the same are left out."""
    random = Random(f"misprints/{seed}")
    number = made = 0
    while made < count:
        number += 1
        organ = SandboxOrgan(
            f"9901{number:05}",
            f"第{number}镇",
            KINDS[number % 4],
            "990101",
            "云岭县",
            "示例市",
            "示例省",
            busy=True,
        )
        year = YEARS[number % len(YEARS)]
        form = official_form(year)
        true = {
            name: value
            for name, value in true_numbers(organ, year, seed=seed).items()
            if not name.startswith("section_two.")
        }
        slips = 1 + number % 3
        prints = slipped(true, slips, random)
        cells = as_cells(form, prints)
        if failing(printed(form, cells), cells):
            made += 1
            wrong = frozenset(name for name in true if prints[name] != true[name])
            yield Misprinted(form, cells, wrong, slips, true)


def as_cells(form: str, prints: Mapping[str, Number]) -> dict[str, Cell]:
    """Cells of the form with these prints; those of section two are 0."""
    return {
        name: Cell(name, CellState.REPORTED, prints.get(name, 0), str(prints.get(name, 0)), PLACE)
        for name in load_form(form).cells
    }


def slipped(true: Mapping[str, Number], slips: int, random: Random) -> dict[str, Number]:
    """The numbers with so many slips, each in other cells."""
    prints = dict(true)
    rows = [[name for column in COLUMNS if (name := key(row, column)) in true] for row in _rows(true)]
    rows += [[f"section_four.{block}.{column}" for block in BLOCKS for column in (*OUTCOMES, "total")]]
    beside = _neighbours(rows)
    touched: set[str] = set()
    while slips:
        slip = random.choice(SLIPS)
        free = [name for name in sorted(beside) if name not in touched]
        random.shuffle(free)
        for name in free:
            changed = slip(
                int(prints[name]), name, prints, [each for each in beside[name] if each in free], random
            )
            changed = {each: value for each, value in changed.items() if prints[each] != value}
            if changed:
                prints |= changed
                touched |= changed.keys()
                slips -= 1
                break
    return prints


def _rows(true: Mapping[str, Number]) -> tuple[str, ...]:
    form = "2019" if key("other", "total") in true else "2021"
    return rows_of_three(as_cells(form, true))


def _neighbours(rows: list[list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, names in enumerate(rows):
        for place, name in enumerate(names):
            found[name] = [names[near] for near in (place - 1, place + 1) if 0 <= near < len(names)]
            if len(names) == len(COLUMNS):
                found[name] += [
                    rows[near][place]
                    for near in (number - 1, number + 1)
                    if 0 <= near < len(rows) and len(rows[near]) == len(COLUMNS)
                ]
    return found


Changed = dict[str, Number]
Prints = Mapping[str, Number]


def digit_changed(value: int, name: str, prints: Prints, beside: list[str], random: Random) -> Changed:
    """One digit is another."""
    digits = str(value)
    place = random.randrange(len(digits))
    other = random.choice([digit for digit in "0123456789" if digit != digits[place]])
    return {name: int(digits[:place] + other + digits[place + 1 :])}


def digits_swapped(value: int, name: str, prints: Prints, beside: list[str], random: Random) -> Changed:
    """Two digits beside one another have changed places."""
    digits = str(value)
    if len(digits) < 2:
        return {}
    place = random.randrange(len(digits) - 1)
    return {name: int(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :])}


def digit_dropped(value: int, name: str, prints: Prints, beside: list[str], random: Random) -> Changed:
    """A digit is missing."""
    digits = str(value)
    place = random.randrange(len(digits))
    return {name: int(digits[:place] + digits[place + 1 :])} if len(digits) > 1 else {}


def digit_added(value: int, name: str, prints: Prints, beside: list[str], random: Random) -> Changed:
    """A digit too many."""
    digits = str(value)
    place = random.randrange(len(digits) + 1)
    return {name: int(digits[:place] + random.choice("0123456789") + digits[place:])} if value else {}


def zero_for_number(value: int, name: str, prints: Prints, beside: list[str], random: Random) -> Changed:
    """0 was left standing."""
    return {name: 0} if value else {}


def neighbour_copied(value: int, name: str, prints: Prints, beside: list[str], random: Random) -> Changed:
    """The number of a cell beside it."""
    filled = [prints[each] for each in beside if prints[each] and prints[each] != value]
    return {name: random.choice(filled)} if filled else {}


def moved(value: int, name: str, prints: Prints, beside: list[str], random: Random) -> Changed:
    """The number stands in the cell beside its own."""
    return {name: 0, random.choice(beside): value} if value and beside else {}


SLIPS: tuple[Callable[[int, str, Prints, list[str], Random], Changed], ...] = (
    digit_changed,
    digits_swapped,
    digit_dropped,
    digit_added,
    zero_for_number,
    neighbour_copied,
    moved,
)
