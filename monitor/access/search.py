"""Search: organs and places by name, pinyin and code, alerts by number, words in the reports of a county."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from monitor.access import alerts
from monitor.access.alerts import Row
from monitor.access.base import Access, NotFound
from monitor.language import N_, translate
from monitor.registry.spelling import folded
from monitor.store import register, searching
from monitor.store.searching import Found, Level, Prose

MOST_ORGANS, MOST_PLACES = 50, 30
MOST_WORDS, LONGEST = 5, 100
MOST_REPORTS = 600
"""So many reports are read for one search in their words: some 40 ms for each hundred."""
MOST_PASSAGES = 100
SHORTEST_PHRASE = 2
_AROUND = 40
_ALERT = re.compile(r"(?:提醒|编号|[#＃])?\s*(\d{1,9})")
_BODY_NAMES = ("人民政府", "政府", "办事处")
"""What people write behind a name that the register does not have there."""
_ABOVE = (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)
LEVEL_NAMES = {Level.PROVINCE: N_("省级"), Level.PREFECTURE: N_("地市级"), Level.COUNTY: N_("县级")}
_NO_PLACE = N_("没有找到“{place}”；请写一个县区或单位的名称或代码。")
_MANY_PLACES = N_("“{place}”不止一处；请从下面选一处，或写它的代码。")
_SHORT = N_("要找的话至少写 {number} 个字。")


@dataclass(frozen=True, slots=True)
class OrganHit:
    """An organ that was found, with the places it lies in; ``until``: its last day, where it is no more."""

    code: str
    name: str
    places: tuple[str, ...]
    county_code: str
    until: date | None


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place that was found, with those it lies in; ``code`` is the beginning of county codes."""

    code: str
    name: str
    level: str
    places: tuple[str, ...]
    is_county: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found; ``more``: there are more organs than are shown."""

    alert: Row | None = None
    places: tuple[PlaceHit, ...] = ()
    organs: tuple[OrganHit, ...] = ()
    more: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was found."""
        return not (self.alert or self.places or self.organs)


@dataclass(frozen=True, slots=True)
class Passage:
    """Where words stand in a report: the words before and after them."""

    version_id: int
    organ_code: str
    organ: str
    year: int
    section: int
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class Passages:
    """What was found in the words of reports: of how many, where, and whether some were left out.

    ``problem``: why nothing was looked at; ``choices``: what the place may mean.
    """

    passages: tuple[Passage, ...] = ()
    looked_at: int = 0
    place: str = ""
    reports_left_out: bool = False
    passages_left_out: bool = False
    problem: str = ""
    choices: tuple[PlaceHit | OrganHit, ...] = ()


def search(access: Access, text: str) -> Answer:
    """What the reader may see of what he looks for. Words are names, pinyin or initials of it, or codes."""
    text = text.strip()[:LONGEST]
    with access.reading() as session:
        words = _words(session, text)
        places = searching.search(session, access.scope, words, _ABOVE, MOST_PLACES)
        organs = searching.search(session, access.scope, words, (Level.ORGAN,), MOST_ORGANS + 1)
        if not organs and not places and (shorter := _without_body(words)):
            organs = searching.search(session, access.scope, shorter, (Level.ORGAN,), MOST_ORGANS + 1)
        return Answer(
            alert=_alert(access, text),
            places=_places(session, places),
            organs=_organs(session, organs[:MOST_ORGANS]),
            more=len(organs) > MOST_ORGANS,
        )


def passages(access: Access, phrase: str, place: str, year: int | None = None) -> Passages:
    """Where a phrase stands in the current reports of a county or an organ; blanks and line ends do not count."""
    phrase, place = "".join(phrase.split())[:LONGEST], place.strip()[:LONGEST]
    if len(phrase) < SHORTEST_PHRASE:
        return Passages(problem=translate(_SHORT, access.language, {"number": SHORTEST_PHRASE}))
    with access.reading() as session:
        found = _one_place(session, access, place)
        if len(found) != 1:
            return Passages(
                problem=translate(_MANY_PLACES if found else _NO_PLACE, access.language, {"place": place}),
                choices=(
                    *_places(session, [one for one in found if one.level is not Level.ORGAN]),
                    *_organs(session, [one for one in found if one.level is Level.ORGAN]),
                ),
            )
        (where,) = found
        organ = where.code if where.level is Level.ORGAN else None
        reports = searching.prose(session, where.county_code, organ, year, MOST_REPORTS + 1)
        names = searching.organ_names(session, {report.organ_code for report in reports})
        (hit,) = (*_organs(session, [where]),) if organ else (*_places(session, [where]),)
    read = reports[:MOST_REPORTS]
    every = [
        passage
        for report in read
        for passage in _in_report(report, names.get(report.organ_code, (report.organ_code, None))[0], phrase)
    ]
    return Passages(
        passages=tuple(every[:MOST_PASSAGES]),
        looked_at=len(read),
        place=hit.name,
        reports_left_out=len(reports) > MOST_REPORTS,
        passages_left_out=len(every) > MOST_PASSAGES,
    )


def _words(session: Session, text: str) -> list[str]:
    """The words as names are kept; a place that stands before a name without a blank is a word of its own."""
    words = [word for each in text.split() if (word := folded(each))][:MOST_WORDS]
    if len(words) == 1 and not words[0].isascii():
        return _parted(session, words[0])
    return words


def _parted(session: Session, word: str) -> list[str]:
    """``滑县焦虎镇`` as ``滑县 焦虎镇``: as many places as stand before, where something is left."""
    parts: list[str] = []
    while len(parts) < MOST_WORDS - 1:
        beginnings = [word[:length] for length in range(2, min(len(word), 13))]
        known = searching.named_exactly(session, beginnings)
        if not known:
            break
        place = max(known, key=len)
        parts.append(place)
        word = word[len(place) :]
    return [*parts, word]


def _without_body(words: Sequence[str]) -> list[str]:
    if words:
        for ending in _BODY_NAMES:
            if words[-1].endswith(ending) and len(words[-1]) > len(ending) + 1:
                return [*words[:-1], words[-1].removesuffix(ending)]
    return []


def _alert(access: Access, text: str) -> Row | None:
    number = _ALERT.fullmatch(text)
    if number is None:
        return None
    try:
        return alerts.one_alert(access, int(number[1])).row
    except NotFound:
        return None


def _organs(session: Session, found: Sequence[Found]) -> tuple[OrganHit, ...]:
    names = searching.organ_names(session, {one.code for one in found})
    counties = register.counties_named(session, {one.county_code for one in found})
    return tuple(
        OrganHit(
            one.code,
            names[one.code][0],
            tuple(filter(None, reversed(counties.get(one.county_code, ("", None, None))))),
            one.county_code,
            names[one.code][1],
        )
        for one in found
        if one.code in names
    )


def _places(session: Session, found: Sequence[Found]) -> tuple[PlaceHit, ...]:
    hits = []
    for one in found:
        named = register.names_around(session, one.code)
        above = tuple(filter(None, named[:-1]))
        hits.append(
            PlaceHit(
                one.code,
                named[-1] or one.code,
                LEVEL_NAMES[one.level],
                above,
                one.level is Level.COUNTY,
            )
        )
    return tuple(hits)


def _one_place(session: Session, access: Access, text: str) -> list[Found]:
    """The county or organ that a text means, or all that it may mean.

    A county rather than organs of it: its government may bear its code, and is looked into with it.
    """
    levels = (Level.COUNTY, Level.ORGAN)
    if text.isascii() and text.isalnum():
        exact = [
            one
            for one in searching.search(session, access.scope, [folded(text)], levels, MOST_PLACES)
            if one.code == text.upper()
        ]
        if exact:
            return _county_first(exact)
    words = _words(session, text)
    found = searching.search(session, access.scope, words, levels, MOST_PLACES)
    found = found or searching.search(session, access.scope, _without_body(words), levels, MOST_PLACES)
    if len(found) == 1 or not words:
        return found
    # What bears just this name is meant: the whole of it, or what stands after the name of a place.
    names = {one: searching.names_of(session, one) for one in found}
    for name in (folded("".join(text.split())), words[-1]):
        if named := [one for one in found if name in names[one]]:
            return _county_first(named)
    return found


def _county_first(found: list[Found]) -> list[Found]:
    counties = [one for one in found if one.level is Level.COUNTY]
    return counties if len(counties) == 1 else found


def _in_report(report: Prose, organ: str, phrase: str) -> Iterator[Passage]:
    for section, text in sorted(report.sections.items()):
        plain = "".join(text.split())
        for match in re.finditer(re.escape(phrase), plain, re.IGNORECASE):
            start, end = match.span()
            before, after = plain[max(0, start - _AROUND) : start], plain[end : end + _AROUND]
            yield Passage(
                report.version_id,
                report.organ_code,
                organ,
                report.report_year,
                section,
                ("…" if start > _AROUND else "") + before,
                match[0],
                after + ("…" if end + _AROUND < len(plain) else ""),
            )
