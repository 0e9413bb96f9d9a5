"""Reads public lists of divisions (统计用区划代码) and brings counties, and on request towns, in line with them.

Such lists have a code and a name on each line, in one file for all levels or one file for each; the code alone
says the level and what lies above. Codes come in 2, 4, 6, 9 or 12 digits, with or without zeros at the end.
Nothing is ever taken out of the register.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from monitor.language import N_
from monitor.registry.csv_files import rows_of, say, unusable
from monitor.registry.matching import CountyRegister
from monitor.rules.base import OrganKind
from monitor.rules.organs import compact, core_name
from monitor.store import register
from monitor.store.register import RegisteredOrgan

if TYPE_CHECKING:
    from monitor.store.database import Database

ORGAN_MARKS = {"kind", "countycode"}
"""Columns that a register of organs has, and a list of divisions has not."""
CODE_COLUMNS = (
    "code", "id", "代码", "区划代码", "行政区划代码", "统计用区划代码", "编码", "adcode", "regioncode",
    "streetcode", "towncode", "areacode", "countycode", "citycode", "provincecode",
)  # fmt: skip
NAME_COLUMNS = (
    "extname", "name", "名称", "区划名称", "行政区划名称", "单位名称", "regionname",
    "streetname", "townname", "areaname", "countyname", "cityname", "provincename",
)  # fmt: skip
"""What public lists call their columns, without blanks and underscores; the first that is there counts.

``ext_name`` is the full name where ``name`` is cut short (东城 for 东城区).
"""
PARENT_COLUMNS = ("pid", "pcode", "parent", "parentcode", "parentid", "上级代码", "父级代码")

_LENGTHS = (2, 4, 6, 9, 12)
"""Digits of the code of a province, prefecture, county, township, village (GB/T 2260, GB/T 10114)."""
PROVINCE, PREFECTURE, COUNTY, TOWN, VILLAGE = range(5)
_PLACEHOLDER = re.compile(r"市辖区|县|(?:省|自治区)直辖县级行政(?:区划|单位)")
"""Names that stand in the list for a level that is not there."""
_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
_SUBDISTRICT = re.compile(r"街道(?:办|办事处)?$|地区(?:办事处)?$")
_TOWNSHIP = re.compile(r"[镇乡]$|苏木$|[镇乡](?:人民)?政府$")
_ZONE = re.compile(
    r"(?:开发区|园区|管委会|管理委员会|管理区|示范区|新区|试验区|保税区|度假区|风景区|风景名胜区|工业区|产业园|工业园|"
    r"科技园|经济区|高新区|合作区|集聚区|集中区)$"
)


class Division(NamedTuple):
    """One division of a list: its code without zeros at the end of a level, and where it was read."""

    code: str
    level: int
    name: str
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many were added, changed, unchanged."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class DivisionsResult:
    """What became of the counties and organs of a list.

    ``organs`` is None where none were asked for. ``villages`` were passed over; ``others`` are the names of
    divisions of the fourth level that are no organ by their name (farms and the like). ``rejected``: file, line
    (from 1) and reason.
    """

    counties: Counts
    organs: Counts | None
    villages: int
    others: tuple[str, ...]
    rejected: tuple[tuple[Path, int, str], ...]


class _List:
    """The divisions of some files, by code, and the lines that cannot be used."""

    def __init__(self) -> None:
        self.divisions: dict[str, Division] = {}
        self.villages = 0
        self.rejected: list[tuple[Path, int, str]] = []

    def read(self, path: Path) -> None:
        """Adds a file. Raises RegisterFileError where it cannot be used as a whole."""
        rows = rows_of(path, ("code", "name"))
        line, first = next(rows, (1, []))
        columns = [re.sub(r"[\s_]", "", cell).lower() for cell in first]
        if set(columns) >= ORGAN_MARKS:
            # Its county governments would be read as counties of their names.
            raise unusable(N_("{file} 是单位名录，不是区划；请用 nianbao organs import 登记，区划没有改动"), path)
        code_at, name_at, parent_at = (
            _place(columns, known) for known in (CODE_COLUMNS, NAME_COLUMNS, PARENT_COLUMNS)
        )
        if code_at is None or name_at is None:
            if len(first) < 2 or not re.fullmatch(r"[0-9]{2,12}", first[0].strip()) or not first[1].strip():
                raise unusable(N_("{file} 的第一行没有代码列和名称列（例如 code,name）；没有登记任何内容"), path)
            code_at, name_at, parent_at = 0, 1, None
            self._add(path, line, first, code_at, name_at, None)
        for line, cells in rows:
            if any(cell.strip() for cell in cells):
                self._add(path, line, cells, code_at, name_at, parent_at)

    def _add(
        self, path: Path, line: int, cells: Sequence[str], code_at: int, name_at: int, parent_at: int | None
    ) -> None:
        code, name = (compact(cells[at]) if at < len(cells) else "" for at in (code_at, name_at))
        parent = compact(cells[parent_at]) if parent_at is not None and parent_at < len(cells) else ""
        reason = self._put(path, line, code, name, parent)
        if reason:
            self.rejected.append((path, line, reason))

    def _put(self, path: Path, line: int, printed: str, name: str, parent: str) -> str | None:
        """Adds a division; the reason where that cannot be."""
        read = read_code(printed)
        if read is None:
            return say(N_("代码“{code}”不是 2、4、6、9 或 12 位数字；电子表格请把代码列设为文本"), code=printed)
        code, level = read
        if not name:
            return say(N_("代码 {code} 没有名称"), code=printed)
        if parent.isdigit() and not code.startswith(_without_zeros(parent)):
            return say(N_("代码 {code} 不在其上级 {parent} 之内"), code=printed, parent=parent)
        if level == VILLAGE:
            self.villages += 1
            return None
        first = self.divisions.setdefault(code, Division(code, level, name, path, line))
        if first.name != name:
            return say(
                N_("代码 {code} 前面写作“{first}”，这里写作“{name}”"), code=printed, first=first.name, name=name
            )
        return None

    def county(self, code: str) -> tuple[str, str | None, str | None] | None:
        """Name, prefecture and province of a county by its six digits; None where the list does not have it.

        A prefecture without counties (东莞市, 441900) is the county of its towns.
        """
        found = self.divisions.get(code) or (self.divisions.get(code[:4]) if code[4:] == "00" else None)
        if found is None or _PLACEHOLDER.fullmatch(found.name):
            return None
        province, prefecture = (self.divisions.get(code[:length]) for length in (2, 4))
        above = prefecture.name if prefecture else None
        if above is not None and _PLACEHOLDER.fullmatch(above):
            # Districts of a municipality are counted among themselves; a county under a province has none above.
            above = province.name if province and code[:2] in _MUNICIPALITIES else None
        return found.name, above, province.name if province else None


def import_divisions(
    database: Database, paths: Sequence[Path], *, organs: bool = False, places: Collection[str] = ()
) -> DivisionsResult:
    """Fills in counties with prefecture and province, and with ``organs`` registers towns and subdistricts.

    ``places``: beginnings of codes; only what lies there is registered (empty: everything). Zones are registered
    as not listed by the county: the list also names areas that have no committee of their own, and nobody is to be
    called missing because of it. Raises RegisterFileError, with nothing registered, where a file cannot be used.
    """
    read = _List()
    for path in paths:
        read.read(path)
    wanted = [one for one in read.divisions.values() if _is_within(one.code, places)]
    towns = [one for one in wanted if one.level == TOWN]
    rejected = read.rejected
    with database.begin() as session:
        known = register.counties(session)
        named = {}
        for code in {one.code for one in wanted if one.level == COUNTY} | {one.code[:6] for one in towns}:
            if (found := read.county(code)) is not None:
                before = known.get(code, (None, None, None))
                named[code] = (found[0], found[1] or before[1], found[2] or before[2])
        register.put_counties(session, named)
        counties = _counts(named, known)
        there = known | named
        homeless = [one for one in towns if one.code[:6] not in there]
        rejected += [
            (
                one.file,
                one.line,
                say(N_("{name}所在的县区 {code} 不在名单中，也未登记"), name=one.name, code=one.code[:6]),
            )
            for one in homeless
        ]
        registered, others = None, []
        if organs:
            put = _Organs(register.all_organs(session), there)
            for town in towns:
                if town.code[:6] not in there:
                    continue
                if (kind := kind_of(town.name)) is None:
                    others.append(town.name)
                elif (reason := put.put(town, kind)) is not None:
                    rejected.append((town.file, town.line, reason))
            register.put_organs(session, put.added, put.changed)
            registered = Counts(len(put.added), len(put.changed), put.unchanged)
    order = {path: number for number, path in enumerate(paths)}
    rejected.sort(key=lambda one: (order[one[0]], one[1]))
    return DivisionsResult(counties, registered, read.villages, tuple(others), tuple(rejected))


def read_code(printed: str) -> tuple[str, int] | None:
    """A code without the zeros that only fill it up, and its level; None where it is none.

    Zeros inside stay: 441900003 is a town straight under the prefecture 4419.
    """
    if not re.fullmatch(r"[0-9]+", printed) or len(printed) not in _LENGTHS or printed.startswith("00"):
        return None
    bare = _without_zeros(printed)
    level = next(level for level, length in enumerate(_LENGTHS) if len(bare) <= length)
    return bare, level


def kind_of(name: str) -> OrganKind | None:
    """The kind of organ that a name of the fourth level tells by its ending; None where it is none."""
    if _SUBDISTRICT.search(name):
        return OrganKind.SUBDISTRICT
    if _TOWNSHIP.search(name):
        return OrganKind.TOWNSHIP
    return OrganKind.ZONE if _ZONE.search(name) else None


class _Organs:
    """The organs of the register beside which those of a list are put."""

    def __init__(
        self, known: Sequence[RegisteredOrgan], counties: dict[str, tuple[str, str | None, str | None]]
    ) -> None:
        self.counties = counties
        self.by_code = {organ.code: organ for organ in known}
        of_county: dict[str, list[RegisteredOrgan]] = defaultdict(list)
        for organ in known:
            if organ.valid_to is None:
                of_county[organ.county_code].append(organ)
        self.registers = {code: CountyRegister(tuple(found)) for code, found in of_county.items()}
        self.added: list[RegisteredOrgan] = []
        self.changed: list[RegisteredOrgan] = []
        self.unchanged = 0

    def put(self, town: Division, kind: OrganKind) -> str | None:
        """Adds or renames the organ of a division; the reason where that must not be."""
        organ = self.by_code.get(town.code) or self.by_code.get(f"{town.code}000")
        if organ is not None:
            self._rename(organ, town.name, kind)
            return None
        county = self.registers.get(town.code[:6])
        namesake = county.exact(town.name) if county else None
        if namesake is not None:
            return say(
                N_("{name}已以代码 {code} 登记在同一县区，没有另行登记；两个同名单位会使报告无法归属"),
                name=town.name,
                code=namesake.organ_code,
            )
        self.added.append(
            RegisteredOrgan(
                town.code,
                town.name,
                kind,
                town.code[:6],
                *self.counties[town.code[:6]],
                listed_by_county=kind is not OrganKind.ZONE,
            )
        )
        return None

    def _rename(self, organ: RegisteredOrgan, name: str, kind: OrganKind) -> None:
        """The name of the list is the organ's; the one it had stays as an alias, so that old reports are found.

        A name that means the same or is an alias already changes nothing, nor does a list say anything of an
        organ that was dissolved.
        """
        if organ.valid_to is not None or core_name(name) in map(core_name, (organ.name, *organ.aliases)):
            self.unchanged += 1
            return
        self.changed.append(replace(organ, name=name, kind=kind, aliases=(*organ.aliases, organ.name)))


def _counts(
    named: dict[str, tuple[str, str | None, str | None]], known: dict[str, tuple[str, str | None, str | None]]
) -> Counts:
    there = [code for code in named if code in known]
    changed = sum(named[code] != known[code] for code in there)
    return Counts(len(named) - len(there), changed, len(there) - changed)


def _without_zeros(code: str) -> str:
    """The code up to the last level that is not all zeros."""
    starts = (0, *_LENGTHS)
    for start, end in reversed(list(zip(starts, _LENGTHS, strict=False))):
        if code[start:end].strip("0"):
            return code[:end]
    return ""


def _is_within(code: str, places: Collection[str]) -> bool:
    return not places or code.startswith(tuple(places))


def _place(columns: Sequence[str], known: Sequence[str]) -> int | None:
    return next((columns.index(name) for name in known if name in columns), None)
