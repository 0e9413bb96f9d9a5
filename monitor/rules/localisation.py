"""Which cells are wrong where the sums of a report do not hold: the smallest set whose change repairs all of them.

After Fellegi and Holt. The numbers of a table are fixed by few sums, and one wrong number breaks exactly the sums
it is part of. In section three every detail cell stands in the sum of its row (T3-03) and in one sum of its column
(T3-01, T3-02), so a set of wrong cells is a set of edges between rows and columns, and it repairs the table
exactly where it carries what each row and column lacks. The smallest sets are then those that part the broken sums
into as many groups as possible that cancel out; the cells of （七）总计, which stand in three sums, are tried
first. Cells of section four stand in one sum only, so each of them may be the wrong one.

Sets of equal size are ranked by how well known slips explain the print: a zero for a number, a neighbour copied,
digits swapped, dropped or added, one digit another; a total rather than its parts. A blank counts as 0 where the
rule reads it so; a cell that is absent or unreadable leaves its sums out, and is never blamed. What is named has
to be a whole number and not negative.

The rules of section two are inequalities in cells of no sum; they name their own cells and are not searched here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import combinations, islice, product
from typing import Any

from monitor.rules.cells import (
    APPLICANTS,
    BLOCKS,
    COLUMNS,
    FORMS_WITH_TABLES,
    OUTCOMES,
    add,
    add_rows,
    key,
    result_rows,
    rows_of_three,
)
from monitor.rules.thresholds import thresholds
from parsers.schema import Cell, CellState, Number


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that is taken to be wrong: what is printed (None: blank), and what it should read."""

    key: str
    printed: Number | None
    value: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A smallest set of wrong cells; ``score`` is the logarithm (base 10) of how likely it is, against others."""

    changes: tuple[Change, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Localisation:
    """What may be wrong in one part of a report whose sums do not hold.

    ``part`` is ``section_three`` or a block of section four (``section_four.review``). ``candidates`` are sets of
    equal, smallest size, the likeliest first, without those that are clearly less likely than the first. None at
    all says that there are too many mistakes to tell, or no repair by whole numbers.
    """

    part: str
    candidates: tuple[Candidate, ...]

    @property
    def answer(self) -> Candidate | None:
        """The set that is clearly likelier than every other one, if there is one."""
        return self.candidates[0] if len(self.candidates) == 1 else None

    @property
    def named(self) -> tuple[str, ...]:
        """The cells of all candidates, each once."""
        return tuple(dict.fromkeys(change.key for each in self.candidates for change in each.changes))


def localise(form: str | None, cells: Mapping[str, Cell]) -> tuple[Localisation, ...]:
    """For each part of a report whose sums do not hold, the smallest sets of cells whose change repairs them.

    Never raises; a report of no form with tables has no sums. What is printed is not changed.
    """
    if form not in FORMS_WITH_TABLES:
        return ()
    found = []
    table, prints = _Table.of(cells), _Prints(cells)
    if table.is_broken:
        found.append(_ranked("section_three", _repairs_of_three(table, prints), prints))
    for block in BLOCKS:
        repairs = _repairs_of_block(cells, block)
        if repairs is not None:
            found.append(_ranked(f"section_four.{block}", repairs, prints))
    return tuple(found)


# --- section four ------------------------------------------------------------------------------------------

Repair = Mapping[str, Number]
"""What the cells of a set change by, by key."""


def _repairs_of_block(cells: Mapping[str, Cell], block: str) -> list[Repair] | None:
    """Each cell of the block's one sum may be the wrong one; None where the sum holds or cannot be judged."""
    names = [f"section_four.{block}.{column}" for column in OUTCOMES]
    total = f"section_four.{block}.total"
    parts, whole = add(cells, names), add(cells, [total])
    if parts is None or whole is None or parts.value == whole.value:
        return None
    lack = whole.value - parts.value
    return [{total: -lack}, *({name: lack} for name in names)]


# --- section three: what is broken -------------------------------------------------------------------------

TOTALS_ROW = "total_results"


@dataclass(frozen=True)
class _Table:
    """Section three as sums. Each maps what can be judged to what it lacks; what is not in it is not judged.

    ``rows`` lack in their own sum (T3-03), ``results`` and ``flows`` in those of their column (T3-01, T3-02).
    """

    cells: Mapping[str, Cell]
    detail: tuple[str, ...]
    rows: Mapping[str, Number]
    results: Mapping[str, Number]
    flows: Mapping[str, Number]

    @classmethod
    def of(cls, cells: Mapping[str, Cell]) -> _Table:
        detail = result_rows(cells)
        rows: dict[str, Number] = {}
        for row in rows_of_three(cells):
            total = cells.get(key(row, "total"))
            parts = add(cells, [key(row, column) for column in APPLICANTS])
            if parts is not None and total is not None and total.value is not None:
                rows[row] = total.value - parts.value
        results: dict[str, Number] = {}
        flows: dict[str, Number] = {}
        for column in COLUMNS:
            answered = add_rows(cells, (TOTALS_ROW,), column)
            summed = add_rows(cells, detail, column)
            received = add_rows(cells, ("new_received", "carried_over"), column)
            done = add_rows(cells, (TOTALS_ROW, "carried_forward"), column)
            if answered is not None and summed is not None:
                results[column] = answered.value - summed.value
            if received is not None and done is not None:
                flows[column] = done.value - received.value
        return cls(cells, detail, rows, results, flows)

    @property
    def is_broken(self) -> bool:
        return any((*self.rows.values(), *self.results.values(), *self.flows.values()))

    def stands(self, name: str) -> bool:
        """Whether a cell is there to be blamed."""
        cell = self.cells.get(name)
        return cell is not None and cell.state in (CellState.REPORTED, CellState.BLANK)

    def printed(self, name: str) -> Number:
        return self.cells[name].value or 0


class _TooMany(Exception):
    """There are more ways to try than a report may take."""


@dataclass
class _Trials:
    """How many groups may still be tried."""

    left: int

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooMany


def _repairs_of_three(table: _Table, prints: _Prints) -> list[Repair]:
    """All smallest repairs of section three; none where there are too many mistakes to say."""
    limits = _limits()
    trials = _Trials(limits["most_trials"])
    inner = _Grid(table, prints, dict.fromkeys(table.detail, 1), trials)
    outer = _Grid(table, prints, {"new_received": 1, "carried_over": 1, "carried_forward": -1}, trials)
    least: int = limits["most_cells"]
    found: list[Repair] = []
    try:
        for totals in _changes_of_totals(table):
            left = least - len(totals)
            results = {column: lack + totals.get(column, 0) for column, lack in table.results.items()}
            flows = {column: lack + totals.get(column, 0) for column, lack in table.flows.items()}
            if left < inner.fewest(results) + outer.fewest(flows):
                continue
            first = inner.repairs(results, left - outer.fewest(flows))
            second = outer.repairs(flows, left - first[0]) if first else None
            if first is None or second is None:
                continue
            size = len(totals) + first[0] + second[0]
            if size < least:
                least, found = size, []
            own = {key(TOTALS_ROW, column): change for column, change in totals.items()}
            pairs = product(first[1], second[1])
            found += [{**own, **one, **other} for one, other in islice(pairs, _MOST_ALTERNATIVES)]
    except _TooMany:
        return []
    return [repair for repair in found if len(repair) == least]


def _changes_of_totals(table: _Table) -> Iterator[dict[str, Number]]:
    """What the cells of （七）总计 may be changed by, the fewest cells first, so that the row's own sum holds.

    A total of a column is changed by what one of the column's two sums lacks; one may be what the row lacks.
    """
    lack = table.rows.get(TOTALS_ROW)
    if not lack:
        yield {}
    suspects: dict[str, tuple[Number, ...]] = {}
    for column in COLUMNS:
        needs = {-each for each in (table.results.get(column), table.flows.get(column)) if each}
        free = (column not in table.results or column not in table.flows) and lack
        if (needs or free) and table.stands(key(TOTALS_ROW, column)):
            suspects[column] = tuple(sorted(needs))
    seen: set[tuple[tuple[str, Number], ...]] = set()
    for count in range(1, min(_MOST_TOTALS, len(suspects)) + 1):
        for columns in combinations(suspects, count):
            for changes in _of_columns(columns, suspects, lack):
                frozen = tuple(changes.items())
                if frozen in seen or not all(
                    _may_read(table, key(TOTALS_ROW, column), change) for column, change in frozen
                ):
                    continue
                seen.add(frozen)
                yield changes


def _of_columns(
    columns: Sequence[str], suspects: Mapping[str, Sequence[Number]], lack: Number | None
) -> Iterator[dict[str, Number]]:
    """The changes of these columns' totals. Where the row is judged, each in turn takes what the others leave."""
    if lack is None:
        for chosen in product(*(suspects[column] for column in columns)):
            yield dict(zip(columns, chosen, strict=True))
        return
    for last in columns:
        others = [column for column in columns if column != last]
        for chosen in product(*(suspects[column] for column in others)):
            changes = dict(zip(others, chosen, strict=True))
            left = lack - sum(_sign(column) * change for column, change in changes.items())
            if left:
                changes[last] = _sign(last) * left
                yield {column: changes[column] for column in columns}


def _sign(column: str) -> int:
    """How a column stands in the sum of its row."""
    return -1 if column == "total" else 1


def _may_read(table: _Table, name: str, change: Number) -> bool:
    """Whether a changed cell would hold what a count can be."""
    value = table.printed(name) + change
    return value >= 0 and value == int(value)


# --- section three: rows against columns -------------------------------------------------------------------

Node = tuple[str, str]
"""A sum, ``("row", key)`` or ``("column", key)``; the key ``*`` stands for all sums that are not judged."""
_ANY_ROW: Node = ("row", "*")
_ANY_COLUMN: Node = ("column", "*")
_MOST_TOTALS = 4
_LARGEST_GROUP = 5
_MOST_ALTERNATIVES = 400
_BEST_OF_A_GROUP = 12


class _Grid:
    """Some rows of section three against the columns: each cell stands in one sum of a row and one of a column.

    ``rows`` map each row to its sign in the column's sum. With the signs taken off, what rows lack and what
    columns lack add up to the same, and a change of a cell takes as much from its row as from its column.
    """

    def __init__(self, table: _Table, prints: _Prints, rows: Mapping[str, int], trials: _Trials) -> None:
        self.table = table
        self.prints = prints
        self.signs = rows
        self.trials = trials
        self.row_lacks = {row: sign * table.rows[row] for row, sign in rows.items() if row in table.rows}
        self.free_rows = [row for row in rows if row not in table.rows]
        self.columns: tuple[str, ...] = ()
        self.free_columns: list[str] = []
        self.lacks: dict[Node, Number] = {}
        self.known: dict[tuple[frozenset[Node], bool, tuple[tuple[Node, Number], ...]], list[Repair]] = {}

    def fewest(self, columns: Mapping[str, Number]) -> int:
        """At least so many cells must change: none can repair more than one row and one column."""
        return max(sum(1 for lack in self.row_lacks.values() if lack), sum(1 for lack in columns.values() if lack))

    def repairs(self, columns: Mapping[str, Number], most: int) -> tuple[int, list[Repair]] | None:
        """The size of the smallest repairs and these repairs, where ``most`` cells are enough; else None."""
        self.columns = tuple(columns)
        self.free_columns = [column for column in COLUMNS if column not in columns]
        self.lacks = {("row", row): lack for row, lack in self.row_lacks.items() if lack}
        self.lacks |= {("column", column): _sign(column) * lack for column, lack in columns.items() if lack}
        best: list[list[list[Repair]]] = []
        size = most

        def part(left: tuple[Node, ...], spent: int, groups: list[list[Repair]]) -> None:
            nonlocal size, best
            if not left:
                if spent < size:
                    size, best = spent, []
                best.append(list(groups))
                return
            for group, cost in self._groups(left, size - spent):
                rest = tuple(node for node in left if node not in group)
                least = spent + self._at_least(rest)
                if least + cost > size:
                    continue
                repairs = self._of_group(group, wider=False)
                if not repairs and least + cost < size:
                    cost += 1
                    repairs = self._of_group(group, wider=True)
                if repairs:
                    part(rest, spent + cost, [*groups, repairs])

        part(tuple(self.lacks), 0, [])
        if not best and self.lacks:
            return None
        found: list[Repair] = []
        for groups in best or [[]]:
            kept = groups if len(groups) < 2 else [each[:_BEST_OF_A_GROUP] for each in groups]
            for chosen in islice(product(*kept), _MOST_ALTERNATIVES):
                joined = {name: change for repair in chosen for name, change in repair.items()}
                found.append(joined)
        return (size if self.lacks else 0), found

    @staticmethod
    def _at_least(nodes: Sequence[Node]) -> int:
        rows = sum(1 for side, _ in nodes if side == "row")
        return max(rows, len(nodes) - rows)

    def _groups(self, left: tuple[Node, ...], most: int) -> Iterator[tuple[frozenset[Node], int]]:
        """The groups that hold the first node and can cancel out by themselves or with sums not judged."""
        first, others = left[0], left[1:]
        stars = ([_ANY_ROW] if self.free_rows else []) + ([_ANY_COLUMN] if self.free_columns else [])
        for count in range(min(_LARGEST_GROUP, len(left))):
            for more in combinations(others, count):
                nodes = (first, *more)
                rows = [node for node in nodes if node[0] == "row"]
                balance = sum(self.lacks[node] for node in rows) - sum(
                    self.lacks[node] for node in nodes if node[0] == "column"
                )
                one_sided = len(rows) in (0, len(nodes))
                if not balance and len(nodes) > 1 and len(nodes) - 1 + one_sided <= most:
                    yield frozenset(nodes), len(nodes) - 1 + one_sided
                for star in stars:
                    beside = all(side == star[0] for side, _ in nodes)
                    if len(nodes) + beside <= most and (len(nodes) == 1 or beside or not one_sided):
                        yield frozenset((*nodes, star)), len(nodes) + beside

    def _of_group(self, group: frozenset[Node], *, wider: bool) -> list[Repair]:
        """The repairs of one group by whole numbers not below 0, the likeliest first.

        A group of rows alone meets in a column that holds, and the reverse. ``wider`` lets another group take such
        a way too, where its own cells would have to fall below 0.
        """
        frozen = (group, wider, tuple((node, self.lacks.get(node, 0)) for node in sorted(group)))
        if frozen not in self.known:
            rows = sorted(node for node in group if node[0] == "row")
            columns = sorted(node for node in group if node[0] == "column")
            held_rows: list[Node] = [("row", row) for row, lack in self.row_lacks.items() if not lack]
            held_columns: list[Node] = [("column", c) for c in self.columns if ("column", c) not in self.lacks]
            found: list[Repair] = []
            if rows and columns and not wider:
                found += self._trees(rows, columns)
            if wider == bool(columns and rows):
                ways_of_rows = held_rows if columns and (wider or not rows) else []
                ways_of_columns = held_columns if rows and (wider or not columns) else []
                for node in ways_of_rows:
                    found += self._trees([*rows, node], columns)
                for node in ways_of_columns:
                    found += self._trees(rows, [*columns, node])
            found.sort(key=self.prints.score, reverse=True)
            self.known[frozen] = found
        return self.known[frozen]

    def _trees(self, rows: Sequence[Node], columns: Sequence[Node]) -> Iterator[Repair]:
        """The repairs along every tree between rows and columns: a tree leaves no choice of amounts."""
        edges = list(product(rows, columns))
        for tree in combinations(edges, len(rows) + len(columns) - 1):
            self.trials.take()
            flow = self._flow(tree)
            if flow is not None:
                yield from self._cells(flow)

    def _flow(self, tree: Sequence[tuple[Node, Node]]) -> dict[tuple[Node, Node], Number] | None:
        """What passes along each edge; None for edges that make no tree, and where nothing passes along one."""
        lacks = {node: self.lacks.get(node, 0) for edge in tree for node in edge}
        left = list(tree)
        flow: dict[tuple[Node, Node], Number] = {}
        while left:
            degrees: dict[Node, int] = {}
            for edge in left:
                for node in edge:
                    degrees[node] = degrees.get(node, 0) + 1
            leaf = next(
                ((edge, node) for edge in left for node in edge if degrees[node] == 1 and node[1] != "*"), None
            )
            if leaf is None:
                return None
            edge, node = leaf
            amount = lacks[node]
            if not amount:
                return None
            flow[edge] = amount
            for end in edge:
                lacks[end] -= amount
            left.remove(edge)
        if any(lack for node, lack in lacks.items() if node[1] != "*"):
            return None
        return flow

    def _cells(self, flow: Mapping[tuple[Node, Node], Number]) -> Iterator[Repair]:
        """The flow as changes of cells; an edge to what is not judged may be any cell there."""
        choices: list[list[tuple[str, Number]]] = []
        for (row, column), amount in flow.items():
            rows = self.free_rows if row == _ANY_ROW else [row[1]]
            columns = self.free_columns if column == _ANY_COLUMN else [column[1]]
            changes = [
                (name, self.signs[each] * _sign(other) * amount)
                for each in rows
                for other in columns
                if self.table.stands(name := key(each, other))
            ]
            choices.append([(name, change) for name, change in changes if _may_read(self.table, name, change)])
        for chosen in islice(product(*choices), _MOST_ALTERNATIVES):
            yield dict(chosen)


# --- which of them is likelier -----------------------------------------------------------------------------


@dataclass
class _Prints:
    """What is printed where, to say how likely a slip is."""

    cells: Mapping[str, Cell]
    known: dict[tuple[str, Number], float] = field(default_factory=dict)

    def score(self, repair: Repair) -> float:
        """The logarithm of how likely the slips are that a repair takes back.

        A number changed in a part and, by as much, in the total of its row is one slip: the total was added up. So
        is a number that stands in the cell beside its own. Every further slip makes a set less likely.
        """
        left = dict(repair)
        one_more, total = math.log10(_limits()["one_more_slip"]), 0.0
        for name, change in repair.items():
            beside = self._moved_to(name, change, left)
            if beside is not None:
                total += self._of_move(name, beside, repair) - one_more
                del left[name], left[beside]
        for name, change in left.items():
            row, _, column = name.rpartition(".")
            follows = column == "total" and any(
                other != name and other.startswith(row + ".") and each == change for other, each in left.items()
            )
            if not follows:
                total += self._of_cell(name, change) - one_more
        return total

    def _moved_to(self, name: str, change: Number, left: Repair) -> str | None:
        """The cell beside an empty one that holds the number missing in it, where both are repaired."""
        if name not in left or self.cells[name].value or change <= 0:
            return None
        for other in self._places.get(name, ()):
            if other in left and self.cells[other].value == change:
                return other
        return None

    def _of_move(self, name: str, beside: str, repair: Repair) -> float:
        change, right = repair[name], (self.cells[beside].value or 0) + repair[beside]
        likely = math.log10(_limits()["slips"]["moved_beside"])
        return likely + self._prior(name, change, 0) + self._prior(beside, right, self.cells[beside].value or 0)

    def _prior(self, name: str, right: Number, printed: Number) -> float:
        """How much likelier a detail cell holds one number than another: most hold 0, the greater the rarer."""
        if _is_total(name):
            return 0.0
        rare = math.log10(_limits()["number_rarer_than_zero"])
        return _rarity(printed, rare) - _rarity(right, rare)

    def change(self, name: str, change: Number) -> Change:
        """A change of a cell as print and right value."""
        cell = self.cells[name]
        return Change(name, cell.value, int((cell.value or 0) + change))

    def _of_cell(self, name: str, change: Number) -> float:
        known = self.known.get((name, change))
        if known is None:
            printed = self.cells[name].value
            right = int((printed or 0) + change)
            known = math.log10(_slip(right, printed, self._neighbours(name)))
            known += self._prior(name, right, printed or 0)
            if _is_total(name):
                known += math.log10(_limits()["total_rather_than_part"])
            self.known[name, change] = known
        return known

    def _neighbours(self, name: str) -> list[Number]:
        """The numbers printed beside, above and below a cell."""
        found = []
        for other in self._places.get(name, ()):
            cell = self.cells.get(other)
            if cell is not None and cell.value:
                found.append(cell.value)
        return found

    @cached_property
    def _places(self) -> dict[str, tuple[str, ...]]:
        rows = [[key(row, column) for column in COLUMNS] for row in rows_of_three(self.cells)]
        four = [[f"section_four.{block}.{column}" for block in BLOCKS for column in (*OUTCOMES, "total")]]
        places: dict[str, tuple[str, ...]] = {}
        for grid in (rows, four):
            for number, names in enumerate(grid):
                for place, name in enumerate(names):
                    beside = [names[near] for near in (place - 1, place + 1) if 0 <= near < len(names)]
                    beside += [grid[near][place] for near in (number - 1, number + 1) if 0 <= near < len(grid)]
                    places[name] = tuple(beside)
        return places


def _is_total(name: str) -> bool:
    """Whether a cell is the sum of others."""
    return name.endswith(".total") or f".{TOTALS_ROW}." in name


def _rarity(number: Number, rare: float) -> float:
    return rare + math.log10(number) if number > 0 else 0.0


def _slip(right: int, printed: Number | None, neighbours: Sequence[Number]) -> float:
    """How likely a number comes to be printed as it is, by all the slips that may have done it."""
    slips = _limits()["slips"]
    likely: float = slips["any_number"]
    if printed is None:
        return likely + float(slips["blank_for_number"])
    if printed != int(printed) or printed < 0:
        return likely
    if printed == 0:
        likely += slips["zero_for_number"]
    elif printed in neighbours:
        likely += slips["neighbour_copied"]
    true, seen = str(right), str(int(printed))
    if len(true) == len(seen) and sum(one != other for one, other in zip(true, seen, strict=True)) == 1:
        likely += slips["digit_changed"] / (9 * len(true))
    if len(true) > 1 and any(_swapped(true, place) == printed for place in range(len(true) - 1)):
        likely += slips["digits_swapped"] / (len(true) - 1)
    if len(true) > 1 and any(int(_without(true, place)) == printed for place in range(len(true))):
        likely += slips["digit_dropped"] / len(true)
    if any(_without(seen, place) == true for place in range(len(seen))):
        likely += slips["digit_added"] / (10 * len(seen))
    return likely


def _swapped(digits: str, place: int) -> int:
    return int(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :])


def _without(digits: str, place: int) -> str:
    return digits[:place] + digits[place + 1 :]


def _ranked(part: str, repairs: Iterable[Repair], prints: _Prints) -> Localisation:
    """The repairs by whole numbers, the likeliest first, without those that are clearly less likely."""
    scores: dict[tuple[Change, ...], float] = {}
    for repair in repairs:
        changes = tuple(prints.change(name, change) for name, change in sorted(repair.items()))
        if all(change.value >= 0 for change in changes):
            scores[changes] = prints.score(repair)
    ranked = sorted(scores.items(), key=lambda each: -each[1])
    least = ranked[0][1] - math.log10(_limits()["clearly_likelier"]) if ranked else 0.0
    return Localisation(part, tuple(Candidate(changes, score) for changes, score in ranked if score >= least))


@cache
def _limits() -> Mapping[str, Any]:
    limits: Mapping[str, Any] = thresholds()["localisation"]
    return limits
