"""Reads the register of organs from a CSV file and brings the database in line with it.

A line that cannot be used is rejected with its reason and the others still count. Nothing is ever taken out of
the register: an organ that was dissolved gets its ``valid_to``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.language import N_
from monitor.registry.csv_files import RegisterFileError as RegisterFileError
from monitor.registry.csv_files import lines_of, rows_of, say, unusable
from monitor.registry.succession_file import Impossible, filled_in
from monitor.rules.base import OrganKind
from monitor.store import register
from monitor.store.register import RegisteredOrgan
from monitor.store.successions import Succession, all_successions

if TYPE_CHECKING:
    from monitor.store.database import Database

NEEDED_COLUMNS = ("code", "name", "kind", "county_code", "county", "prefecture")
FURTHER_COLUMNS = ("province", "valid_from", "valid_to", "aliases", "listed_by_county")
"""The columns of the contract; the further ones may be missing or empty."""

_CODE = re.compile(r"[0-9A-Z]{6,18}")
_COUNTY_CODE = re.compile(r"\d{6}")
_DIVISION_CODE = re.compile(r"\d{9}(\d{3})?")
"""The code of a township or village, which begins with that of its county; other codes say nothing of a place."""
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SEPARATORS = re.compile(r"[;；、|]")
_YES = frozenset({"", "true", "yes", "1", "y", "是"})
_NO = frozenset({"false", "no", "0", "n", "否"})


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many organs were added, changed, unchanged; ``rejected`` are line numbers (from 1) with the reason."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: tuple[tuple[int, str], ...] = ()


class _Rejected(Exception):
    """A line that cannot be used, with the reason."""


def import_organs(database: Database, path: Path) -> ImportResult:
    """Registers the organs of a CSV file (UTF-8 with or without mark, or GB18030).

    Dates that the file leaves empty and a succession says are filled in; a line that contradicts one is rejected.

    Raises RegisterFileError, with nothing registered, where the file or its header cannot be used.
    """
    lines, rejected = _read_lines(path)
    with database.begin() as session:
        organs = []
        by_organ = _by_organ(all_successions(session))
        for number, organ in lines:
            try:
                organs.append(filled_in(organ, by_organ.get(organ.code, ())))
            except Impossible as reason:
                rejected.append((number, str(reason)))
        known = {organ.code: organ for organ in register.all_organs(session)}
        counties = register.counties(session)
        # A province that the file leaves empty is not taken away: the list of divisions may have filled it.
        organs = [
            replace(organ, province=organ.province or counties.get(organ.county_code, (None, None, None))[2])
            for organ in organs
        ]
        register.put_counties(
            session, {organ.county_code: (organ.county, organ.prefecture, organ.province) for organ in organs}
        )
        added = [organ for organ in organs if organ.code not in known]
        there = [organ for organ in organs if organ.code in known]
        changed = [organ for organ in there if known[organ.code] != organ]
        register.put_organs(session, added, changed)
    return ImportResult(len(added), len(changed), len(there) - len(changed), tuple(sorted(rejected)))


def _by_organ(successions: Iterable[Succession]) -> dict[str, list[Succession]]:
    """The successions at either end of which an organ stands."""
    found: dict[str, list[Succession]] = {}
    for one in successions:
        for code in (one.predecessor, one.successor):
            if code is not None:
                found.setdefault(code, []).append(one)
    return found


def _read_lines(path: Path) -> tuple[list[tuple[int, RegisteredOrgan]], list[tuple[int, str]]]:
    """The organs of a CSV file with their line numbers, and the rejected lines with their reasons."""
    rows = rows_of(path, NEEDED_COLUMNS)
    _, header = next(rows, (1, []))
    columns = [name.strip().lower() for name in header]
    _check_header(path, columns)
    lines, rejected = lines_of(rows, columns, (*NEEDED_COLUMNS, *FURTHER_COLUMNS))
    times = Counter(values["code"] for _, values in lines)
    organs: list[tuple[int, RegisteredOrgan]] = []
    counties: dict[str, tuple[str, str, str]] = {}
    for number, line in lines:
        try:
            organ = _organ(line, times)
            _check_county(line, counties)
        except _Rejected as reason:
            rejected.append((number, str(reason)))
            continue
        organs.append((number, organ))
    return organs, rejected


def _check_header(path: Path, columns: Sequence[str]) -> None:
    missing = [name for name in NEEDED_COLUMNS if name not in columns]
    unknown = [name for name in columns if name not in (*NEEDED_COLUMNS, *FURTHER_COLUMNS)]
    doubled = [name for name, times in Counter(columns).items() if times > 1]
    problems = [
        say(text, names="、".join(name or "（空）" for name in names))
        for text, names in (
            (N_("缺少 {names}"), missing),
            (N_("不认识 {names}"), unknown),
            (N_("重复 {names}"), doubled),
        )
        if names
    ]
    if problems:
        raise unusable(
            N_("{file} 的表头不对：{problems}；应为 {needed}，另可有 {further}；没有登记任何单位"),
            path,
            problems="；".join(problems),
            needed=",".join(NEEDED_COLUMNS),
            further=",".join(FURTHER_COLUMNS),
        )


def _organ(values: Mapping[str, str], times: Mapping[str, int]) -> RegisteredOrgan:
    for name in NEEDED_COLUMNS:
        if not values[name]:
            raise _Rejected(say(N_("缺少 {name}"), name=name))
    code = values["code"]
    if not _CODE.fullmatch(code):
        raise _Rejected(say(N_("code “{code}”不是 6 至 18 位的数字或大写字母"), code=code))
    if times[code] > 1:
        raise _Rejected(say(N_("code {code} 在文件中出现 {times} 次"), code=code, times=times[code]))
    if values["kind"] not in set(OrganKind):
        raise _Rejected(
            say(N_("kind “{kind}”不认识；可用 {known}"), kind=values["kind"], known="、".join(OrganKind))
        )
    if not _COUNTY_CODE.fullmatch(values["county_code"]):
        raise _Rejected(say(N_("county_code “{code}”不是六位数字"), code=values["county_code"]))
    if _DIVISION_CODE.fullmatch(code) and not code.startswith(values["county_code"]):
        raise _Rejected(
            say(
                N_("code {code} 不在县区 {county_code} 之内；区划代码应以 county_code 开头"),
                code=code,
                county_code=values["county_code"],
            )
        )
    valid_from, valid_to = _date(values, "valid_from"), _date(values, "valid_to")
    if valid_from and valid_to and valid_to < valid_from:
        raise _Rejected(say(N_("valid_to 早于 valid_from")))
    aliases = [alias.strip() for alias in _SEPARATORS.split(values["aliases"])]
    return RegisteredOrgan(
        code=code,
        name=values["name"],
        kind=OrganKind(values["kind"]),
        county_code=values["county_code"],
        county=values["county"],
        prefecture=values["prefecture"],
        province=values["province"] or None,
        valid_from=valid_from,
        valid_to=valid_to,
        aliases=tuple(dict.fromkeys(alias for alias in aliases if alias and alias != values["name"])),
        listed_by_county=_listed(values["listed_by_county"]),
    )


def _check_county(values: Mapping[str, str], counties: dict[str, tuple[str, str, str]]) -> None:
    """The names of a county must be the same on all lines."""
    named = (values["county"], values["prefecture"], values["province"])
    first = counties.setdefault(values["county_code"], named)
    if first != named:
        raise _Rejected(
            say(
                N_("县区 {code} 前面写作“{first}”，这里写作“{named}”"),
                code=values["county_code"],
                first=" ".join(filter(None, first)),
                named=" ".join(filter(None, named)),
            )
        )


def _date(values: Mapping[str, str], name: str) -> date | None:
    text = values[name]
    if not text:
        return None
    match = _DATE.fullmatch(text.replace("/", "-"))
    try:
        if match is None:
            raise ValueError
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise _Rejected(say(N_("{name} “{text}”不是日期；请写成 2024-01-31"), name=name, text=text)) from None


def _listed(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _Rejected(say(N_("listed_by_county “{text}”应为 true 或 false"), text=text))
