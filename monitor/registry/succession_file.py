"""Reads how organs follow each other from a CSV file, and keeps it with the dates that follow from it.

A line that cannot be used is rejected with its reason and the others still count. The dates of both ends are
filled where the register leaves them empty, and checked where it has them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from monitor.language import N_
from monitor.registry.csv_files import lines_of, rows_of, say, unusable
from monitor.store import register
from monitor.store.marks import Kind, mark
from monitor.store.register import RegisteredOrgan
from monitor.store.successions import (
    Reorganisation,
    Succession,
    all_successions,
    put_successions,
    remove_successions,
)

if TYPE_CHECKING:
    from monitor.store.database import Database

NEEDED_COLUMNS = ("predecessor", "successor", "day", "how", "source")
FURTHER_COLUMNS = ("note",)

HOW_NAMES: Mapping[Reorganisation, str] = {
    Reorganisation.RENAMED: N_("更名"),
    Reorganisation.CHANGED_KIND: N_("改设"),
    Reorganisation.MERGED: N_("合并"),
    Reorganisation.ABSORBED: N_("并入"),
    Reorganisation.SPLIT: N_("分设"),
    Reorganisation.TRANSFERRED: N_("划出"),
    Reorganisation.ABOLISHED: N_("撤销"),
}
"""How each kind is called; both words and ids may stand in a file."""
_BY_WORD = {name: how for how, name in HOW_NAMES.items()} | {how.value: how for how in Reorganisation}
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


@dataclass(frozen=True, slots=True)
class DatedOrgan:
    """An organ of which the import filled in the first or the last day."""

    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many successions were added, changed, unchanged; dates filled in; rejected line numbers with reasons."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    dated: tuple[DatedOrgan, ...] = ()
    rejected: tuple[tuple[int, str], ...] = ()


class Impossible(Exception):
    """A succession that cannot be, with the reason."""


@dataclass
class _Known:
    """The organs and the successions among them, as they grow line by line."""

    organs: dict[str, RegisteredOrgan]
    successions: dict[tuple[str, str | None, date], Succession]
    dated: dict[str, DatedOrgan] = field(default_factory=dict)

    def take(self, one: Succession) -> None:
        """Adds a succession, or replaces that of the same key. Raises Impossible, with nothing changed."""
        others = [other for other in self.successions.values() if other.key != one.key]
        _check_beside(one, others, self.organs)
        before = self.organs[one.predecessor]
        changed = [_ended(before, one) if one.how.ends else _there(before, one)]
        if one.successor is not None:
            after = self.organs[one.successor]
            changed.append(_begun(after, one) if one.how.founds else _there(after, one))
        for organ in changed:
            known = self.organs[organ.code]
            if organ != known:
                filled = self.dated.get(organ.code, DatedOrgan(organ.code, organ.name))
                self.dated[organ.code] = replace(
                    filled,
                    valid_from=organ.valid_from if organ.valid_from != known.valid_from else filled.valid_from,
                    valid_to=organ.valid_to if organ.valid_to != known.valid_to else filled.valid_to,
                )
                self.organs[organ.code] = organ
        self.successions[one.key] = one


def import_successions(database: Database, path: Path) -> ImportResult:
    """Keeps the successions of a CSV file (UTF-8 or GB18030) and fills in the dates that follow from them.

    The same file twice changes nothing. Raises RegisterFileError, with nothing kept, where the file or its header
    cannot be used.
    """
    lines, rejected = _read(path)
    with database.begin() as session:
        organs = {organ.code: organ for organ in register.all_organs(session)}
        before = {one.key: one for one in all_successions(session)}
        known = _Known(organs, dict(before))
        taken: dict[tuple[str, str | None, date], Succession] = {}
        for number, values in lines:
            try:
                one = _succession(values, organs)
                if one.key in taken:
                    raise Impossible(say(N_("与前面一行重复")))
                known.take(one)
            except Impossible as reason:
                rejected.append((number, str(reason)))
                continue
            taken[one.key] = one
        added = [one for key, one in taken.items() if key not in before]
        changed = [one for key, one in taken.items() if key in before and before[key] != one]
        put_successions(session, [*added, *changed])
        register.put_organs(session, (), [known.organs[code] for code in known.dated])
        _mark(session, [*added, *changed], organs)
    return ImportResult(
        len(added),
        len(changed),
        len(taken) - len(added) - len(changed),
        tuple(known.dated.values()),
        tuple(sorted(rejected)),
    )


def remove(database: Database, predecessor: str, successor: str | None) -> list[Succession]:
    """Takes the successions between two organs away (None: all of the predecessor), and gives them.

    The dates in the register stay: they are put right by importing the organs again.
    """
    with database.begin() as session:
        gone = [
            one
            for one in all_successions(session)
            if one.predecessor == predecessor and successor in (None, one.successor)
        ]
        remove_successions(session, gone)
        _mark(session, gone, {organ.code: organ for organ in register.all_organs(session)})
    return gone


def _mark(session: Session, changed: Iterable[Succession], organs: Mapping[str, RegisteredOrgan]) -> None:
    """What was said of the organs' counties rests on other successions now."""
    codes = {code for one in changed for code in (one.predecessor, one.successor) if code in organs}
    mark(session, Kind.COUNTY, {organs[code].county_code for code in codes if code is not None})


def filled_in(organ: RegisteredOrgan, successions: Iterable[Succession]) -> RegisteredOrgan:
    """The organ with the dates that its successions say. Raises Impossible where it says others."""
    for one in successions:
        if one.predecessor == organ.code and one.how.ends:
            organ = _ended(organ, one)
        if one.successor == organ.code and one.how.founds:
            organ = _begun(organ, one)
    return organ


def _read(path: Path) -> tuple[list[tuple[int, Mapping[str, str]]], list[tuple[int, str]]]:
    rows = rows_of(path, NEEDED_COLUMNS)
    _, header = next(rows, (1, []))
    columns = [name.strip().lower() for name in header]
    doubled = [name for name, times in Counter(columns).items() if times > 1]
    wrong = [name for name in NEEDED_COLUMNS if name not in columns]
    wrong += [name for name in columns if name not in (*NEEDED_COLUMNS, *FURTHER_COLUMNS)]
    if wrong or doubled:
        raise unusable(
            N_("{file} 的表头不对（{names}）；应为 {needed}，另可有 {further}；没有登记任何沿革"),
            path,
            names="、".join(name or "（空）" for name in (*wrong, *doubled)),
            needed=",".join(NEEDED_COLUMNS),
            further=",".join(FURTHER_COLUMNS),
        )
    return lines_of(rows, columns, (*NEEDED_COLUMNS, *FURTHER_COLUMNS))


def _succession(values: Mapping[str, str], organs: Mapping[str, RegisteredOrgan]) -> Succession:
    for name in ("predecessor", "day", "how", "source"):
        if not values[name]:
            raise Impossible(say(N_("缺少 {name}"), name=name))
    how = _BY_WORD.get(values["how"])
    if how is None:
        known = "、".join(f"{each.value}（{name}）" for each, name in HOW_NAMES.items())
        raise Impossible(say(N_("how “{how}”不认识；可用 {known}"), how=values["how"], known=known))
    match = _DATE.fullmatch(values["day"])
    try:
        if match is None:
            raise ValueError
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        text = N_("{name} “{text}”不是日期；请写成 2024-01-31")
        raise Impossible(say(text, name="day", text=values["day"])) from None
    before, after = values["predecessor"], values["successor"] or None
    for code in (before, after):
        if code is not None and code not in organs:
            raise Impossible(say(N_("名录中没有代码为 {code} 的单位；请先登记它"), code=code))
    if before == after:
        raise Impossible(say(N_("单位 {code} 不能承接它自己"), code=before))
    if how is Reorganisation.ABOLISHED and after is not None:
        raise Impossible(say(N_("撤销没有承接单位；有承接单位的请写 merged、absorbed、split 等")))
    if how is not Reorganisation.ABOLISHED and after is None:
        raise Impossible(say(N_("缺少 successor；没有承接单位的请写 abolished（撤销）")))
    return Succession(before, after, day, how, values["source"], values["note"])


def _check_beside(one: Succession, others: Sequence[Succession], organs: Mapping[str, RegisteredOrgan]) -> None:
    """Whether a succession can be beside the others. Raises Impossible."""
    name = _name(organs, one.predecessor)
    if one.how.ends:
        for other in others:
            if other.predecessor != one.predecessor or not other.how.ends:
                continue
            if not (one.how is other.how is Reorganisation.SPLIT and one.day == other.day):
                raise Impossible(
                    say(
                        N_("{name}已登记为 {day} {how}；一个单位只能结束一次（分设的各行应为同一天）"),
                        name=name,
                        day=other.day,
                        how=say(HOW_NAMES[other.how]),
                    )
                )
        if one.successor is not None and _leads(one.successor, one.predecessor, others):
            raise Impossible(
                say(N_("成了循环：{after}又由{name}承接而来"), after=_name(organs, one.successor), name=name)
            )
    if one.how.same_body and any(other.successor == one.successor and other.how.same_body for other in others):
        raise Impossible(
            say(
                N_("{after}已登记为另一单位更名或改设而来；几个单位合成的请写 merged（合并）或 absorbed（并入）"),
                after=_name(organs, one.successor or ""),
            )
        )


def _leads(start: str, target: str, successions: Sequence[Succession]) -> bool:
    """Whether ``target`` came out of ``start``, over any number of steps."""
    waiting, seen = [start], {start}
    while waiting:
        current = waiting.pop()
        if current == target:
            return True
        for one in successions:
            if one.predecessor == current and one.how.ends and one.successor and one.successor not in seen:
                seen.add(one.successor)
                waiting.append(one.successor)
    return False


def _ended(organ: RegisteredOrgan, one: Succession) -> RegisteredOrgan:
    """The predecessor, whose last day is that before."""
    if organ.valid_to not in (None, one.last_day):
        text = N_("{name}在名录中有效到 {valid_to}，应为 {day} 的前一天；请更正其中之一")
        raise Impossible(say(text, name=organ.name, valid_to=organ.valid_to, day=one.day))
    if organ.valid_from is not None and organ.valid_from > one.last_day:
        text = N_("{name}在名录中自 {valid_from} 起才有效，不能在 {day} 已经结束；请更正其中之一")
        raise Impossible(say(text, name=organ.name, valid_from=organ.valid_from, day=one.day))
    return replace(organ, valid_to=one.last_day)


def _begun(organ: RegisteredOrgan, one: Succession) -> RegisteredOrgan:
    """The successor, whose first day it is."""
    if organ.valid_from not in (None, one.day):
        text = N_(
            "{name}在名录中自 {valid_from} 起有效，与 {day} 不符；请更正其中之一，"
            "早已存在的单位承接请写 absorbed（并入）"
        )
        raise Impossible(say(text, name=organ.name, valid_from=organ.valid_from, day=one.day))
    if organ.valid_to is not None and organ.valid_to < one.day:
        text = N_("{name}在名录中有效到 {valid_to}，早于 {day}；请更正其中之一")
        raise Impossible(say(text, name=organ.name, valid_to=organ.valid_to, day=one.day))
    return replace(organ, valid_from=one.day)


def _there(organ: RegisteredOrgan, one: Succession) -> RegisteredOrgan:
    """An organ that was there before and goes on; its dates stay."""
    if not (organ.existed(one.day) and organ.existed(one.day - timedelta(days=1))):
        text = N_("{name}在 {day} 前后并不一直有效（名录中为 {valid_from} 至 {valid_to}）；请更正其中之一")
        raise Impossible(
            say(
                text,
                name=organ.name,
                day=one.day,
                valid_from=organ.valid_from or "…",
                valid_to=organ.valid_to or "…",
            )
        )
    return organ


def _name(organs: Mapping[str, RegisteredOrgan], code: str) -> str:
    return organs[code].name if code in organs else code
