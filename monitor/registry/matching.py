"""Whose report it is: from what the column, the page and the list name, to an organ of the register.

The key is the code. A name is compared inside its county only, and a suffix such as 镇, 乡, 街道 is never cut
off: 口泉乡 and 口泉街道 are two organs. A name that leaves a doubt belongs to nobody; such a report is kept and
keeps the organs it might be of from being called missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz.distance import Levenshtein

from monitor.registry.lineage import Lineage
from monitor.rules.base import OrganKind
from monitor.rules.organs import compact, core_name
from monitor.store.register import RegisteredOrgan

LONG_NAME = 6
"""From this length on one wrong character leaves enough of a name to be sure of it."""
NEAR_IN_CODE = 24
"""Characters so near in Unicode share their radical and nearly the number of strokes."""

_GRASSROOTS = re.compile(r"(?:镇|乡|街道|苏木)$")
_SETTLED_KINDS = frozenset({OrganKind.TOWNSHIP, OrganKind.SUBDISTRICT})
TERRITORIES = frozenset({OrganKind.COUNTY, OrganKind.PREFECTURE, OrganKind.PROVINCE})
"""Organs that are the government of a territory."""
_ORGANISATION_CODE = 9
_LEVEL = re.compile(r"^(?:本|我)?[省市县区旗州](?=.{2,})")
_HEADQUARTERS = re.compile(r"(?:人民政府|政府)$")


class How(StrEnum):
    """How a report was given to an organ.

    ``name``: the printed name is the organ's, with or without the places above it and the word 政府.
    ``alias``: a name from the register's aliases. ``short``: an abbreviation that fits no other organ of the
    county. ``similar``: one slip away, and nothing else is near. ``code``: the list gives the organ's code.
    ``column``: its column belongs to the organ. ``list``: the list names the organ beside the title.
    ``accepted``: a person said that the printed name is the organ's. ``formerly``: it bears the name of an organ
    that had gone over to this one by then. ``later``: it bears the name that the body got afterwards.
    """

    COLUMN = "column"
    CODE = "code"
    LIST = "list"
    NAME = "name"
    ALIAS = "alias"
    SHORT = "short"
    SIMILAR = "similar"
    ACCEPTED = "accepted"
    FORMERLY = "formerly"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Match:
    """The organ and how it was found."""

    organ_code: str
    how: How


@dataclass(frozen=True, slots=True)
class Listed:
    """What a column's list says of a document: its title, and organ, organ code and report year beside it."""

    title: str | None = None
    organ: str | None = None
    code: str | None = None
    year: int | None = None


@dataclass(frozen=True)
class CountyRegister:
    """The organs among which names are looked up: those of one county."""

    organs: tuple[RegisteredOrgan, ...]
    _names: dict[str, list[tuple[RegisteredOrgan, How]]] = field(init=False, repr=False, default_factory=dict)
    _places: tuple[str, ...] = field(init=False, repr=False, default=())
    _accepted: dict[str, set[str]] = field(init=False, repr=False, default_factory=dict)
    _refused: dict[str, set[str]] = field(init=False, repr=False, default_factory=dict)
    lineage: Lineage = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lineage", Lineage(self.organs))
        places = {
            place
            for organ in self.organs
            for place in (organ.county, organ.prefecture, organ.province)
            if place and len(place) >= 2
        }
        object.__setattr__(self, "_places", tuple(sorted(places, key=len, reverse=True)))
        for organ in self.organs:
            for name, how in ((organ.name, How.NAME), *((alias, How.ALIAS) for alias in organ.aliases)):
                forms = {_whole(name), self.without_places(_whole(name))}
                if organ.kind in TERRITORIES:  # the report of 某县 is that of its government
                    forms.add(core_name(name))
                for form in forms:
                    self._names.setdefault(form, []).append((organ, how))
            for said, kept in ((organ.accepted, self._accepted), (organ.refused, self._refused)):
                for form in {form for name in said for form in self._forms(name)}:
                    kept.setdefault(form, set()).add(organ.code)

    def key(self, name: str) -> str:
        """The name in one way of writing, without the places above."""
        return self.without_places(_whole(name))

    def _forms(self, name: str) -> set[str]:
        return {_whole(name), self.key(name)}

    def refuses(self, printed: str, organ_code: str) -> bool:
        """Whether a person said that this printed name is not the organ's."""
        return any(organ_code in self._refused.get(form, ()) for form in self._forms(printed))

    def of_year(self, match: Match | None, report_year: int | None) -> Match | None:
        """The organ whose report of a year it is: of an organ that was no more, or not yet, the one that was.

        See :meth:`monitor.registry.lineage.Lineage.reporter`.
        """
        if match is None or report_year is None:
            return match
        code = self.lineage.reporter(match.organ_code, report_year)
        if code == match.organ_code:
            return match
        return Match(code, How.FORMERLY if code in self.lineage.after(match.organ_code) else How.LATER)

    def remembered(self, printed: str) -> Match | None:
        """The organ of which a person said that this printed name is its own."""
        found = {code for form in self._forms(printed) for code in self._accepted.get(form, ())}
        return Match(found.pop(), How.ACCEPTED) if len(found) == 1 else None

    def without_places(self, name: str) -> str:
        """The name without province, prefecture and county of the register before it."""
        rest = name
        for _ in range(3):
            place = next(
                (place for place in self._places if rest.startswith(place) and len(rest) > len(place) + 1), None
            )
            if place is None:
                return rest
            rest = rest[len(place) :]
        return rest

    def find(self, printed: str | None, on: date | None = None) -> Match | None:
        """The organ of a printed name, or None where there is none or more than one.

        ``on`` is the due day of the report: of two organs of one name, the one that existed then is meant.
        """
        if not printed:
            return None
        return self.exact(printed, on) or self._short(printed, on) or self._similar(printed, on)

    def exact(self, printed: str | None, on: date | None = None) -> Match | None:
        """The organ that bears this name or alias, or to which a person gave it, without any guessing."""
        return (self._exact(printed, on) or self.remembered(printed)) if printed else None

    def with_code(self, code: str | None) -> RegisteredOrgan | None:
        """The organ of an official code as lists print it, or None where there is none or more than one.

        Marks around the code do not count (``11532323015172622Y-``). A bare organisation code of nine characters
        is found as the part of the 统一社会信用代码 that it is (GB 32100: characters 9 to 17).
        """
        bare = re.sub(r"[^0-9A-Z]", "", (code or "").upper())
        found = [organ for organ in self.organs if bare and bare == organ.code]
        if not found and len(bare) == _ORGANISATION_CODE:
            found = [organ for organ in self.organs if len(organ.code) == 18 and organ.code[8:17] == bare]
        return found[0] if len(found) == 1 else None

    def is_bare_place(self, printed: str, match: Match) -> bool:
        """Whether a name that was matched is that of a place, and does not say that its government is meant."""
        organ = next((organ for organ in self.organs if organ.code == match.organ_code), None)
        return organ is not None and organ.kind in TERRITORIES and not _HEADQUARTERS.search(compact(printed))

    def may_be(self, printed: str | None, organ: RegisteredOrgan) -> bool:
        """Whether a report under this printed name (None: no name) may be the organ's: False only without doubt.

        Township and office are told apart, and a name that is surely another organ's is not this one's.
        """
        if not printed:
            return True
        match = self.exact(printed)
        if match is not None:
            return match.organ_code == organ.code
        if self.refuses(printed, organ.code):
            return False
        name = _whole(printed)
        if organ.kind in _SETTLED_KINDS or organ.kind is OrganKind.DEPARTMENT:
            return bool(_GRASSROOTS.search(name)) == bool(_GRASSROOTS.search(_whole(organ.name)))
        return True

    def _exact(self, printed: str, on: date | None) -> Match | None:
        name = _whole(printed)
        rest = self.without_places(name)
        for form in (name, rest, _LEVEL.sub("", rest)):
            found = self._names.get(form)
            if found:
                several = len({organ.code for organ, _ in found}) > 1
                return _only(self._not_refused(printed, found) if several else found, on)
        return None

    def signs(self, printed: str, listed: Listed | None, column_organ: str | None) -> Iterator[tuple[Match, int]]:
        """What speaks for which organ where a name is not sure, each with how many others it speaks for too."""
        for claim in _claims(self, column_organ, listed, None):
            yield claim, 0
        bearing = [each for form in self._forms(printed) for each in self._names.get(form, ())]
        for found in (bearing, self._short_for(printed), self._similar_to(printed)):
            organs = {organ.code: Match(organ.code, how) for organ, how in self._not_refused(printed, found)}
            for sign in organs.values():
                yield sign, len(organs) - 1

    def _short(self, printed: str, on: date | None) -> Match | None:
        return _only(self._not_refused(printed, self._short_for(printed)), on)

    def _short_for(self, printed: str) -> list[tuple[RegisteredOrgan, How]]:
        """An office's abbreviation: its characters in their order, first and last the same (发改局)."""
        short = _LEVEL.sub("", self.without_places(_whole(printed)))
        if len(short) < 3 or _GRASSROOTS.search(short):
            return []
        fitting = []
        for organ in self.organs:
            long = self.without_places(_whole(organ.name))
            if (
                organ.kind not in _SETTLED_KINDS
                and long[:1] == short[:1]
                and long[-1:] == short[-1:]
                and len(long) > len(short)
                and _is_within(short, long)
            ):
                fitting.append((organ, How.SHORT))
        return fitting

    def _not_refused(
        self, printed: str, found: Iterable[tuple[RegisteredOrgan, How]]
    ) -> list[tuple[RegisteredOrgan, How]]:
        return [(organ, how) for organ, how in found if not self.refuses(printed, organ.code)]

    def _similar(self, printed: str, on: date | None) -> Match | None:
        return _only(self._not_refused(printed, self._similar_to(printed)), on)

    def _similar_to(self, printed: str) -> list[tuple[RegisteredOrgan, How]]:
        return [
            (organ, How.SIMILAR)
            for organ in self.organs
            if any(
                is_slip(_LEVEL.sub("", self.without_places(form(printed))), self.without_places(form(organ.name)))
                for form in (_whole, compact)
            )
        ]


def match(
    register: CountyRegister,
    *,
    column_organ: str | None,
    printed: Sequence[str | None],
    listed: Listed | None = None,
    publisher: str | None = None,
    on: date | None = None,
) -> Match | None:
    """Whose report it is.

    ``printed`` are the names to try in their order (of the page's title, of the list's): what a document says of
    itself decides, whatever list or column it stands in, so that a stray or a predecessor's report goes to the
    organ it names. Only where no name is an organ's do the list's organ code, the organ of the column
    (``column_organ``) and the organ that the list names beside the title count, each unless the printed name is
    surely not that organ's. ``publisher`` is whom the page names as its publisher, which counts last, only where
    it is exactly an organ's name and no title names any: one office publishes for many.

    A bare place (某县2023年…) names its government only where column and code say nothing else: offices leave
    their own name out.
    """
    named = [name for name in printed if name]
    claims = list(_claims(register, column_organ, listed, on))
    for name in named:
        found = register.exact(name, on)
        if found:
            sure = next((each for each in claims if each.how is not How.LIST), found)
            return sure if found.how is not How.ACCEPTED and register.is_bare_place(name, found) else found
    for name in named:
        found = register.find(name, on)
        if found:
            return found
    for claimed in claims:
        organ = next((organ for organ in register.organs if organ.code == claimed.organ_code), None)
        if organ is None or not named or register.may_be(named[0], organ):
            return claimed
    return register.exact(publisher, on) if not named else None


def _claims(
    register: CountyRegister, column_organ: str | None, listed: Listed | None, on: date | None
) -> Iterator[Match]:
    """What list and column say, the surest first."""
    coded = register.with_code(listed.code) if listed else None
    if coded is not None:
        yield Match(coded.code, How.CODE)
    if column_organ is not None:
        yield Match(column_organ, How.COLUMN)
    beside = register.exact(listed.organ, on) if listed else None
    if beside is not None:
        yield Match(beside.organ_code, How.LIST)


def is_slip(printed: str, name: str) -> bool:
    """Whether a printed name is one slip away from a name: of the same length and the same last character.

    In a short name every differing character must be one that is taken for the right one, by the table of
    look-alikes or, for a single one, by its radical; a long name may have any one character wrong.
    """
    if printed == name or not printed or not name or printed[-1] != name[-1]:
        return False
    if bool(_GRASSROOTS.search(printed)) != bool(_GRASSROOTS.search(name)):
        return False
    if min(len(printed), len(name)) >= LONG_NAME and Levenshtein.distance(printed, name, score_cutoff=1) == 1:
        return True
    if len(printed) != len(name) or len(name) < 3:
        return False
    wrong = [(one, other) for one, other in zip(printed, name, strict=True) if one != other]
    if all(_look_alike(one, other) for one, other in wrong):
        return True
    return len(wrong) == 1 and abs(ord(wrong[0][0]) - ord(wrong[0][1])) <= NEAR_IN_CODE


def likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1; characters that are taken for each other differ by a quarter."""
    if not one or not other:
        return 0.0
    row = [float(place) for place in range(len(other) + 1)]
    for left in one:
        above, row[0] = row[0], row[0] + 1
        for place, right in enumerate(other, 1):
            change = 0.0 if left == right else 0.25 if _look_alike(left, right) else 1.0
            above, row[place] = row[place], min(above + change, row[place] + 1, row[place - 1] + 1)
    return 1 - row[-1] / max(len(one), len(other))


def county_registers(organs: Iterable[RegisteredOrgan]) -> dict[str, CountyRegister]:
    """The registers of all counties by code."""
    by_county: dict[str, list[RegisteredOrgan]] = {}
    for organ in organs:
        by_county.setdefault(organ.county_code, []).append(organ)
    return {code: CountyRegister(tuple(found)) for code, found in by_county.items()}


def _only(found: Iterable[tuple[RegisteredOrgan, How]], on: date | None) -> Match | None:
    """The one organ among these, of those that existed on a day where there are several."""
    organs: dict[str, tuple[RegisteredOrgan, How]] = {}
    for organ, how in found:
        organs.setdefault(organ.code, (organ, how))
    if len(organs) > 1 and on is not None:
        there = {code: each for code, each in organs.items() if each[0].existed(on)}
        organs = there or organs
    if len(organs) != 1:
        return None
    organ, how = next(iter(organs.values()))
    return Match(organ.code, how)


def _whole(name: str) -> str:
    """A name in one way of writing. A county's own government keeps the word that tells it from its county."""
    text = compact(name)
    if _HEADQUARTERS.search(text) and re.search(r"[省市县区旗州盟](?:人民政府|政府)$", text):
        return re.sub(r"(?:人民政府|政府)$", "人民政府", text)
    return core_name(text)


def _is_within(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)


@cache
def _groups() -> dict[str, frozenset[int]]:
    data = yaml.safe_load((Path(__file__).parent / "lookalikes.yaml").read_text(encoding="utf-8"))
    groups: dict[str, set[int]] = {}
    for number, group in enumerate(data["groups"]):
        for character in group:
            groups.setdefault(character, set()).add(number)
    return {character: frozenset(numbers) for character, numbers in groups.items()}


def _look_alike(one: str, other: str) -> bool:
    groups = _groups()
    return bool(groups.get(one, frozenset()) & groups.get(other, frozenset()))
