"""What a discovery found, beside the register: whose reports stand in which column, and the definition as a file.

``organ`` and ``covers`` accuse: an organ that a column is said to hold and whose report is not there is told to be
missing. So both are written only where the trial pass saw a recent report of the organ in the column; a column
that proves nobody is written with ``covers: [none]``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crawler.addresses import host_of
from crawler.discovery.proposing import Proposal, ProposedColumn, year_of
from crawler.families import NAMES
from crawler.portals.definition import COVERS_NOBODY, PortalDefinition, read_portal
from crawler.records import Entry
from monitor.language import N_
from monitor.registry.matching import CountyRegister, How
from monitor.store.register import RegisteredOrgan
from parsers.titles import read_title

Say = Callable[..., str]
IDENTIFIER = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
"""What may be the id of a portal."""
RECENT_YEARS = 2
"""A report of one of so many newest years proves that an organ publishes in a column."""


@dataclass(frozen=True)
class ColumnOrgans:
    """Whose reports stand in a column.

    ``organ`` is set where the column is that organ's own. ``covers`` are the organs whose recent reports stand
    there; ``older`` those of which only older ones do. ``unmatched`` are names that the register does not know.
    ``placeless``: neither the site nor the column names the county, so names alone prove nobody (every county has
    a 统计局, many have a 城关镇).
    """

    organ: RegisteredOrgan | None = None
    covers: tuple[RegisteredOrgan, ...] = ()
    older: tuple[RegisteredOrgan, ...] = ()
    unmatched: tuple[str, ...] = ()
    placeless: bool = False

    @property
    def proven(self) -> tuple[RegisteredOrgan, ...]:
        """The organs that the column counts for."""
        return (self.organ,) if self.organ else self.covers


@dataclass(frozen=True)
class Matched:
    """A proposal with the organs of its columns, by the column's id, and those seen in none."""

    proposal: Proposal
    columns: Mapping[str, ColumnOrgans]
    unseen: tuple[RegisteredOrgan, ...]
    registered: int

    @property
    def seen(self) -> int:
        """How many organs were matched."""
        return len({organ.code for one in self.columns.values() for organ in one.proven})

    @property
    def unmatched(self) -> tuple[str, ...]:
        """All names that the register does not know."""
        return tuple(dict.fromkeys(name for one in self.columns.values() for name in one.unmatched))


@dataclass
class _Names:
    """What one column, or the folders of years of one column, say of organs."""

    years: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    unmatched: list[str] = field(default_factory=list)
    newest: int = 0


def match_organs(proposal: Proposal, organs: Sequence[RegisteredOrgan]) -> Matched:
    """Match the reports of a proposal's columns to the organs of the county's register."""
    register = CountyRegister(tuple(organs))
    by_code = {organ.code: organ for organ in organs}
    places = {stem for organ in organs if (stem := _stem(organ.county))}
    groups: dict[str, _Names] = defaultdict(_Names)
    for column in proposal.columns:
        names = groups[_group(column)]
        own = _own(column, register)
        for entry in column.reports:
            _note(names, entry, own, register, by_code)
    columns = {
        column.definition.id: _organs_of(column, groups[_group(column)], register, by_code)
        if _names_place(column, proposal.survey.site_name, places)
        or any(entry.organ_code in by_code for entry in column.reports)
        else ColumnOrgans(unmatched=tuple(groups[_group(column)].unmatched), placeless=True)
        for column in proposal.columns
    }
    seen = {organ.code for one in columns.values() for organ in (*one.proven, *one.older)}
    unseen = tuple(organ for organ in organs if organ.code not in seen and organ.valid_to is None)
    return Matched(proposal, columns, unseen, len(organs))


def _stem(county: str) -> str:
    """What names a county in texts: 青禾 of 青禾县; a name of two characters stands whole."""
    return county[:-1] if len(county) > 2 and county[-1] in "县区市旗" else county


def _names_place(column: ProposedColumn, site_name: str | None, places: Iterable[str]) -> bool:
    """Whether the site, the column or one of its reports names the county."""
    texts = [site_name, column.definition.name, column.organ_hint]
    texts += [text for entry in column.reports for text in (entry.title, entry.organ)]
    return any(place in text for text in texts if text for place in places)


def _group(column: ProposedColumn) -> str:
    """The columns for one year each, found on one page, are folders of one column."""
    return column.group if column.definition.years else column.definition.id


def _note(
    names: _Names,
    entry: Entry,
    own: str | None,
    register: CountyRegister,
    by_code: Mapping[str, RegisteredOrgan],
) -> None:
    year = year_of(entry) or 0
    names.newest = max(names.newest, year)
    code = entry.organ_code if entry.organ_code in by_code else None
    printed = read_title(entry.title).organ or entry.organ or own
    if code is None:
        code = _sure(register, printed)
    if code is not None:
        names.years[code].add(year)
    elif printed and printed not in names.unmatched:
        names.unmatched.append(printed)


def _own(column: ProposedColumn, register: CountyRegister) -> str | None:
    """Whose reports without a name are: the organ's whose page it seems to be, where no other's stand there."""
    hint = column.organ_hint
    owner = _sure(register, hint)
    named = (read_title(entry.title).organ or entry.organ for entry in column.reports)
    return hint if all(_sure(register, name) in (None, owner) for name in named) else None


def _sure(register: CountyRegister, printed: str | None) -> str | None:
    """The organ of a printed name, without guessing at slips of the pen."""
    found = register.find(printed)
    return found.organ_code if found is not None and found.how is not How.SIMILAR else None


def _organs_of(
    column: ProposedColumn, names: _Names, register: CountyRegister, by_code: Mapping[str, RegisteredOrgan]
) -> ColumnOrgans:
    recent = [code for code, years in names.years.items() if max(years) > names.newest - RECENT_YEARS]
    older = tuple(by_code[code] for code in names.years if code not in recent)
    unmatched = tuple(names.unmatched)
    own = _sure(register, column.organ_hint)
    coded = {entry.organ_code for entry in column.reports}
    alone = len(names.years) == 1 and not unmatched and recent
    if alone and (own == recent[0] or coded == {recent[0]}):
        return ColumnOrgans(by_code[recent[0]], older=older)
    return ColumnOrgans(None, tuple(by_code[code] for code in sorted(recent)), older, unmatched)


# --- the definition as a file ---------------------------------------------------------------------------------

_HEAD = N_("由 nianbao portals add 于 {day} 从 {entrance} 生成；尚未有人核对。格式见 docs/portals.md。")
_CHECKED = N_("核对过网站以后，把日期写在 verified: 后面，例如 verified: {day}")
_LOW = N_("把握不大：有栏目试抓没有读完整。请先看清下面各处说明，再用它采集。")
_FAMILY = N_("网站软件：{name}；依据：{marks}")
_NO_MARKS = N_("页面上没有任何一家软件的特征，按链接特征识读")
_HOSTS = N_("只访问这些主机")
_TRIED = N_("试抓：{pages} 页，报告 {reports} 份，年度 {years}")
_TRIED_EMPTY = N_("试抓：列表可读，今天没有报告")
_NOT_WHOLE = N_("试抓没有读完整：{problem}；请核对网址")
_OWN = N_("{name}")
_NOBODY = N_("没有哪个单位的近两年报告能与名录对上：照常采集，但不据此认定任何单位未公布")
_PLACELESS = N_("网站和栏目都没有写明属于哪个县，同名单位不能确定：照常采集，但不据此认定任何单位未公布")
_ALSO = N_("名录中没有的署名：{names}")
_OLDER = N_("只见到往年的报告，没有列入：{names}")
_YEARS_ONLY = N_("只含这些年度的报告")
_RENDER = N_("要用浏览器打开才有列表，费时费力；网站若有不用脚本的栏目，请改用那个网址")
_FIRST = N_("该软件没有列表，每年一页；最早一年")


def as_yaml(matched: Matched, id: str, name: str, county_code: str, say: Say, day: str) -> str:
    """The definition as a commented file. ``say`` brings texts into the user's language.

    ``name`` is put on one line; where nothing of it can be written, the ``id`` stands for it.
    """
    proposal = matched.proposal
    marks = say(N_("、")).join(proposal.marks) or say(_NO_MARKS)
    lines = [f"# {say(_HEAD, day=day, entrance=proposal.survey.entrance)}", f"# {say(_CHECKED, day=day)}"]
    if proposal.confidence == "low":
        lines.append(f"# {say(_LOW)}")
    lines += [
        f"id: {_scalar(id)}",
        f"name: {_scalar(plain(name, 200) or id)}",
        f'county_code: "{county_code}"',
        f"# {say(_FAMILY, name=NAMES[proposal.family], marks=marks)}",
        f"family: {proposal.family}",
        f"# {say(_HOSTS)}",
        "hosts:",
        *(f"  - {_scalar(host)}" for host in proposal.hosts),
        "columns:",
    ]
    for column in proposal.columns:
        lines += _column_lines(column, matched.columns[column.definition.id], say)
    return "\n".join(lines) + "\n"


def _column_lines(column: ProposedColumn, organs: ColumnOrgans, say: Say) -> list[str]:
    comma = say(N_("、"))
    definition = column.definition
    lines = [f"  # {tried(column, say)}"]
    lines += [
        f"  - id: {_scalar(definition.id)}",
        f"    name: {_scalar(definition.name)}",
        f"    address: {_scalar(definition.address)}",
    ]
    if definition.first_year is not None:
        lines += [f"    # {say(_FIRST)}", f"    first_year: {definition.first_year}"]
    if definition.years:
        lines += [f"    # {say(_YEARS_ONLY)}", f"    years: {list(definition.years)}"]
    if definition.parameters:
        lines.append("    parameters:")
        lines += [f"      {key}: {_scalar(value)}" for key, value in definition.parameters.items()]
    if definition.render is not None:
        lines += [f"    # {say(_RENDER)}", f"    render: {_scalar(definition.render)}"]
    if organs.organ is not None:
        lines.append(f'    organ: "{organs.organ.code}"  # {plain(organs.organ.name)}')
    elif organs.covers:
        lines.append("    covers:")
        lines += [f'      - "{organ.code}"  # {plain(organ.name)}' for organ in organs.covers]
    else:
        why = _PLACELESS if organs.placeless else _NOBODY
        lines += [f"    # {say(why)}", f"    covers: [{COVERS_NOBODY}]"]
    if organs.older:
        lines.append(f"    # {say(_OLDER, names=comma.join(plain(organ.name) for organ in organs.older))}")
    if organs.unmatched:
        lines.append(f"    # {say(_ALSO, names=comma.join(plain(name) for name in organs.unmatched))}")
    return lines


def tried(column: ProposedColumn, say: Say) -> str:
    """How the trial pass read a column, in one line."""
    from crawler.outcomes import in_words

    if not column.whole:
        return say(_NOT_WHOLE, problem=say(in_words(column.passed.problem or column.passed.outcome.value)))
    if not column.reports:
        return say(_TRIED_EMPTY)
    years = sorted({year for entry in column.reports if (year := year_of(entry))})
    return say(_TRIED, pages=column.passed.pages, reports=len(column.reports), years=_span(years))


def _span(years: Sequence[int]) -> str:
    """``2019–2023``, or the years one by one where some between are missing."""
    if not years:
        return "–"
    if len(years) == 1:
        return str(years[0])
    whole = years[-1] - years[0] + 1 == len(years)
    return f"{years[0]}–{years[-1]}" if whole else ",".join(str(year) for year in years)


def _scalar(value: Any) -> str:
    """A value as YAML writes it, in one line; signs that a line should not hold are escaped."""
    readable = not isinstance(value, str) or value.isprintable()
    return yaml.safe_dump(value, allow_unicode=readable, width=10_000).removesuffix("...\n").strip("\n")


def plain(text: str, most: int = 60) -> str:
    """Text that comes from a page, fit for a comment or a terminal: in one line, without control signs."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:most].strip()


def write_definition(path: Path, text: str) -> PortalDefinition:
    """Write a definition into a new file and read it back.

    Raises FileExistsError where the file is there: nothing is ever overwritten. Raises PortalError where the text
    is no definition; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(exist_ok=False)
    try:
        path.write_text(text, encoding="utf-8")
        return read_portal(path)
    except BaseException:
        path.unlink()
        raise


def id_from_host(host: str, taken: Iterable[str]) -> str:
    """An id for a portal from its host: ``www.x.gov.cn`` → ``x``; with a number where it is taken."""
    known = set(taken)
    name = host.partition(":")[0].removeprefix("www.")
    base = name.removesuffix(".gov.cn") if not name.replace(".", "").isdigit() else host
    base = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in base.lower())[:60].strip("-")
    base = base or "portal"
    candidate, number = base, 1
    while candidate in known:
        number += 1
        candidate = f"{base}-{number}"
    return candidate


def same_site(proposal: Proposal, portals: Iterable[PortalDefinition]) -> list[PortalDefinition]:
    """The portals that are defined already and visit one of the proposal's hosts."""
    hosts = set(proposal.hosts) or {host_of(proposal.survey.entrance)}
    return [portal for portal in portals if hosts & set(portal.hosts)]
