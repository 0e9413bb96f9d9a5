"""Brings what is compared between organs in line with the current reports, county by county.

Only what is new is read, masked and signed; a county's template that changed touches the county's texts alone; a
text is held against all others only when it is new or its county's template changed. The result is that of doing
everything anew (tests/monitor/similarity/test_comparing.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import islice
from types import TracebackType
from typing import Self

import zstandard
from sqlalchemy.orm import Session

from monitor.rules.base import CountyReport, Members, OrganFacts, OrganKind, Peers, Spread, Twin
from monitor.rules.cells import FORMS_WITH_TABLES, apart
from monitor.rules.hierarchy import KEY_CELLS, LEVELS, is_far, spread_of
from monitor.rules.masking import own_names
from monitor.rules.thresholds import thresholds
from monitor.similarity.pairs import Author, alike, may_be_alike, may_be_compared
from monitor.similarity.prose import Answer, Prose, Readers, Signed, pack_keys, prose_of, unpack_keys, unpacked
from monitor.similarity.signatures import candidates
from monitor.similarity.texts import made_by, own_text, template_is_known, template_of
from monitor.standings import Record
from monitor.store import comparisons, register, versions
from monitor.store.comparisons import PairRow, Place, Published, TemplateRow, TextRow
from monitor.store.database import Database, chunks
from monitor.store.marks import Kind, mark
from monitor.store.register import RegisteredOrgan
from parsers.schema import Number, number_from_json

FIRST_YEAR = 2019
"""From this report year on there is a form with the sections that are compared."""
_DATES_TO_TRUST = ("shown", "meta", "metadata_table", "list")
_PAIRS_AT_ONCE = 20_000
_DOCUMENTS_AT_ONCE = 500
_KEPT_TEXTS = 100_000


@dataclass(frozen=True, slots=True)
class Current:
    """The version that stands for an organ's report on a year now."""

    version_id: int
    organ_code: str
    report_year: int


@dataclass(frozen=True, slots=True)
class Batch:
    """All current reports of some counties, by county code, and their registers where these were read."""

    current: Mapping[str, Sequence[Current]]
    registers: Mapping[str, Mapping[str, RegisteredOrgan]] | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison did: texts ``made`` anew, ``pairs`` found with those that were held against all others.

    ``elsewhere`` are counties that were not asked for and in which something else is to be said now.
    """

    made: int = 0
    pairs: int = 0
    elsewhere: frozenset[str] = frozenset()


class Organs:
    """The register, county by county as it is asked for."""

    def __init__(self, session: Session, known: Mapping[str, Mapping[str, RegisteredOrgan]] | None = None) -> None:
        self._session = session
        self._counties: dict[str, Mapping[str, RegisteredOrgan]] = dict(known or {})

    def of(self, county_code: str) -> Mapping[str, RegisteredOrgan]:
        """The organs of a county by code."""
        if county_code not in self._counties:
            found = register.all_organs(self._session, county_code)
            self._counties[county_code] = {organ.code: organ for organ in found}
        return self._counties[county_code]

    def facts(self, row: TextRow | Place) -> OrganFacts | None:
        """Whose text it is."""
        organ = self.of(row.county_code).get(row.organ_code)
        return organ.facts if organ else None


def expected_organs(organs: Iterable[RegisteredOrgan], report_year: int) -> int:
    """How many organs of a county owe a report of their own on a year, its government not counted."""
    return sum(
        1
        for organ in organs
        if organ.listed_by_county
        and organ.kind is not OrganKind.COUNTY
        and (organ.valid_from is None or organ.valid_from <= date(report_year, 12, 31))
        and (organ.valid_to is None or organ.valid_to > date(report_year, 12, 31))
    )


class _Texts:
    """The sentences of versions that are no stock phrases, read as they are asked for and kept packed."""

    def __init__(self) -> None:
        self._kept: dict[int, bytes] = {}
        self._decompressor = zstandard.ZstdDecompressor()

    def keep(self, version_id: int, own: bytes) -> None:
        """Keeps the packed sentences of a version."""
        self._kept[version_id] = own

    def need(
        self, session: Session, organs: Organs, rows: Mapping[int, TextRow | Place], wanted: Iterable[int]
    ) -> None:
        """Reads those of some versions that are not kept."""
        missing = sorted(set(wanted) - self._kept.keys())
        if missing and len(self._kept) > _KEPT_TEXTS:
            self._kept.clear()
            missing = sorted(set(wanted))
        for part in chunks(missing, _DOCUMENTS_AT_ONCE):
            documents = versions.documents(session, part)
            organ_of = {key: organs.of(rows[key].county_code)[rows[key].organ_code] for key in documents}
            read = prose_of((document, own_names(organ_of[key].facts)) for key, document in documents.items())
            for version_id, prose in zip(documents, read, strict=True):
                self.keep(version_id, prose.own)

    def packed(self, version_id: int) -> bytes:
        """The packed sentences of a version that is kept."""
        return self._kept[version_id]

    def of(self, version_id: int) -> tuple[str, ...]:
        """The sentences of a version that is kept."""
        return unpacked(self._kept[version_id], self._decompressor)


class Comparison:
    """Brings what is compared in line with the current reports: first county by county, then across all.

    What is done is kept, so that a comparison that is broken off goes on where it was. ``workers``: processes for
    reading where there is much to read (None: one for each processor); they end with the comparison.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._readers = Readers(workers)
        self._texts = _Texts()
        self._scope: set[str] = set()
        self._gone: set[int] = set()
        self._made = 0

    def bring_up(self, session: Session, batch: Batch) -> None:
        """Makes and signs the texts of some counties."""
        organs = Organs(session, batch.registers)
        counties = [
            _County(session, organs, self._texts, county_code, batch.current[county_code])
            for county_code in sorted(batch.current)
        ]
        self._readers.expect(sum(county.made for county in counties))
        # Each asks before any waits, so that what is read for one county is read while another one is written.
        for county in counties:
            county.read(self._readers)
        for county in counties:
            county.sign(self._readers)
        # First, as one county may have taken an organ over from another one.
        comparisons.put_texts(session, (), {version_id for county in counties for version_id in county.gone})
        for county in counties:
            county.keep()
            self._scope.add(county.code)
            self._gone |= county.gone
            self._made += county.made

    def find(self, session: Session) -> Found:
        """Holds the texts that were not yet held against the others against them. Only reads."""
        organs = Organs(session)
        waiting = comparisons.to_compare(session)
        rows = comparisons.texts(session, waiting)
        return Found(rows, tuple(_pairs(session, organs, self._texts, waiting)))

    def is_idle(self, found: Found) -> bool:
        """Whether no county was brought up and no text had to be held against the others."""
        return not self._scope and not found.rows

    def keep(self, session: Session, found: Found) -> Compared:
        """Keeps the pairs that were found, marks the other counties that they concern, and tells of them."""
        before = comparisons.all_pairs(session)
        comparisons.replace_pairs(session, {*self._gone, *found.rows}, found.pairs)
        comparisons.put_compared(session, found.rows.values())
        rows = comparisons.texts(session, _ids([*before, *found.pairs]))
        now = []
        for pair in comparisons.all_pairs(session):
            if pair.first_id in rows and pair.second_id in rows:
                now.append(pair)
            else:
                comparisons.replace_pairs(session, {pair.first_id, pair.second_id} - rows.keys(), ())
        changed = set(_ids(set(before) ^ set(now))) | _put_twins(session, Organs(session), rows)
        concerned = _connected({*before, *now}, changed)
        elsewhere = frozenset(rows[key].county_code for key in concerned if key in rows) - self._scope
        mark(session, Kind.COUNTY, elsewhere)
        return Compared(self._made, len(found.pairs), elsewhere)

    def __enter__(self) -> Self:
        self._readers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._readers.__exit__(kind, error, trace)


@dataclass(frozen=True, slots=True)
class Found:
    """The texts that were held against all others, and the pairs in which they are."""

    rows: Mapping[int, TextRow]
    pairs: tuple[PairRow, ...]


def compare(database: Database, batches: Iterable[Batch], workers: int | None = None) -> Compared:
    """Compares the current reports of some counties, some at a time, with all others.

    Those of other counties are as they were when these were compared. What is kept of versions that are current
    no more goes. Nothing changes where nothing changed. ``workers``: see :class:`Comparison`.
    """
    with Comparison(workers) as comparison:
        for batch in batches:
            with database.begin() as session:
                comparison.bring_up(session, batch)
    with database.reading() as session:
        found = comparison.find(session)
    if comparison.is_idle(found):
        return Compared()
    with database.begin() as session:
        return comparison.keep(session, found)


def current_reports(record: Record) -> Batch:
    """The reports that stand for the obligations of the record's counties, by the county of their organ."""
    registers = {
        code: {organ.code: organ for organ in record.registers[code].organs} if code in record.registers else {}
        for code in record.counties or ()
    }
    found: dict[str, list[Current]] = {code: [] for code in registers}
    for (code, year), every in record.seen.items():
        standing = min(every, key=versions.precedence)
        found[record.county_of[code]].append(Current(standing.version_id, code, year))
    return Batch(found, registers)


def _ids(pairs: Iterable[PairRow]) -> set[int]:
    return {key for pair in pairs for key in (pair.first_id, pair.second_id)}


def _connected(pairs: Iterable[PairRow], some: Iterable[int]) -> set[int]:
    """All versions that pairs connect with some, those themselves too."""
    beside: dict[int, list[int]] = defaultdict(list)
    for pair in pairs:
        beside[pair.first_id].append(pair.second_id)
        beside[pair.second_id].append(pair.first_id)
    found: set[int] = set()
    left = list(some)
    while left:
        key = left.pop()
        if key not in found:
            found.add(key)
            left += beside[key]
    return found


class _County:
    """One county brought up, step by step: its texts are read, its templates found and texts signed, and all kept.

    ``made`` texts are made anew, ``gone`` are the versions that are compared no more.
    """

    def __init__(
        self, session: Session, organs: Organs, texts: _Texts, county_code: str, current: Sequence[Current]
    ) -> None:
        self._session, self._organs, self._texts, self.code = session, organs, texts, county_code
        registered = organs.of(county_code)
        self._current = {
            one.version_id: one
            for one in current
            if one.report_year >= FIRST_YEAR and one.organ_code in registered
        }
        self._before = comparisons.texts_of_county(session, county_code)
        self._templates = comparisons.templates_of_county(session, county_code)
        self.gone = self._before.keys() - self._current.keys()
        self._rows = {key: row for key, row in self._before.items() if key not in self.gone}
        self._made_by = cache(self._made_by_names_of)
        self._stale = [one for one in self._current.values() if self._is_stale(one)]
        self.made = len(self._stale)
        self._again = {one.version_id for one in self._stale}
        self._read: list[tuple[Sequence[Current], Answer[list[Prose]]]] = []
        self._signed: list[tuple[Sequence[int], Answer[list[Signed]]]] = []

    def read(self, readers: Readers) -> None:
        """Has the texts read that are to be made anew."""
        for part in chunks(self._stale, _DOCUMENTS_AT_ONCE):
            documents = versions.documents(self._session, [one.version_id for one in part])
            asked = [(documents[one.version_id], self._names(one.organ_code)) for one in part]
            self._read.append((part, readers.read(asked)))

    def sign(self, readers: Readers) -> None:
        """Finds the county's templates in what was read, and has signed what that changes."""
        for part, answer in self._read:
            for one, prose in zip(part, answer(), strict=True):
                self._make(one, prose)
        for year, unsigned in self._put_templates().items():
            self._texts.need(self._session, self._organs, self._rows, unsigned)
            for some in chunks(sorted(unsigned), _DOCUMENTS_AT_ONCE):
                packed = [self._texts.packed(key) for key in some]
                self._signed.append((some, readers.sign(packed, self.template(year))))

    def keep(self) -> None:
        """Keeps texts and grounds; those that are gone were taken away."""
        for some, answer in self._signed:
            for key, text in zip(some, answer(), strict=True):
                self._rows[key] = replace(self._rows[key], characters=text.characters, signature=text.signature)
        self._put_grounds()
        written = [row for key, row in self._rows.items() if self._before.get(key) != row]
        comparisons.put_texts(self._session, written)

    def _is_stale(self, one: Current) -> bool:
        row = self._rows.get(one.version_id)
        return (
            row is None
            or row.made_by != self._made_by(one.organ_code)
            or (row.organ_code, row.report_year) != (one.organ_code, one.report_year)
        )

    def _names(self, organ_code: str) -> tuple[str, ...]:
        return own_names(self._organs.of(self.code)[organ_code].facts)

    def _made_by_names_of(self, organ_code: str) -> str:
        return _digest([made_by(), KEY_CELLS, self._names(organ_code)])

    def _make(self, one: Current, prose: Prose) -> None:
        before = self._before.get(one.version_id)
        self._texts.keep(one.version_id, prose.own)
        self._rows[one.version_id] = TextRow(
            one.version_id,
            one.organ_code,
            one.report_year,
            self.code,
            self._made_by(one.organ_code),
            prose.sentences,
            0,
            None,
            prose.figures,
            prose.form,
            twins=before.twins if before else "",
        )

    def _put_templates(self) -> dict[int, set[int]]:
        """Brings the templates in line with the texts and the register; what is to be signed by that, by year."""
        unsigned: dict[int, set[int]] = defaultdict(set)
        for one in self._stale:
            unsigned[one.report_year].add(one.version_id)
        of_year: dict[int, dict[int, frozenset[int]]] = {year: {} for year in self._templates}
        for row in self._rows.values():
            of_year.setdefault(row.report_year, {})[row.version_id] = frozenset(unpack_keys(row.sentences))
        for year, keys in sorted(of_year.items()):
            before = self.template(year)
            difference = self._put_template(year, [found for found in keys.values() if found]) ^ before
            if difference:
                self._again |= set(keys)
                unsigned[year] |= {key for key, found in keys.items() if not difference.isdisjoint(found)}
        return unsigned

    def _put_template(self, year: int, texts: Sequence[frozenset[int]]) -> frozenset[int]:
        """Keeps the template of a year. Of too few texts nobody can tell template and copy apart: it is empty."""
        organs = expected_organs(self._organs.of(self.code).values(), year)
        template = template_of(texts) if template_is_known(len(texts), organs) else frozenset[int]()
        row = TemplateRow(self.code, year, len(texts), organs, pack_keys(sorted(template)))
        if row != self._templates.get(year):
            self._templates[year] = row
            comparisons.put_template(self._session, row)
        return template

    def template(self, year: int) -> frozenset[int]:
        """The keys of the sentences that most organs share in a year."""
        row = self._templates.get(year)
        return frozenset(unpack_keys(row.sentences)) if row else frozenset()

    def _put_grounds(self) -> None:
        view = CountyView(self.code, self._rows, self._templates, self._organs)
        for version_id, row in self._rows.items():
            compared = row.compared and version_id not in self._again
            self._rows[version_id] = replace(row, grounds=view.grounds(row), compared=compared)


class CountyView:
    """What the rules are given of a county: members, peers and shared sentences, from what is kept of it."""

    def __init__(
        self,
        county_code: str,
        rows: Mapping[int, TextRow],
        templates: Mapping[int, TemplateRow],
        organs: Organs,
    ) -> None:
        self._organs, self._code, self._templates = organs, county_code, templates
        self._of_year: dict[int, dict[str, TextRow]] = defaultdict(dict)
        for row in rows.values():
            self._of_year[row.report_year][row.organ_code] = row
        self._numbers = cache(self._numbers_of_level)
        self._ranges = cache(self._ranges_of_level)
        self._spreads: dict[tuple[int, str, str | None, str, str | None], Spread | None] = {}
        self._templates_read = cache(self._read_template)

    def shared(self, report_year: int) -> frozenset[int] | None:
        """The sentences that most organs share in a year; None where too few texts are known to tell."""
        return self._templates_read(report_year)

    def _read_template(self, report_year: int) -> frozenset[int] | None:
        row = self._templates.get(report_year)
        if row is None or not template_is_known(row.texts, row.organs):
            return None
        return frozenset(unpack_keys(row.sentences))

    def members(self, row: TextRow) -> Members | None:
        """The county's reports, for its government's; None for every other organ's."""
        organ = self._organs.of(self._code).get(row.organ_code)
        if organ is None or organ.kind is not OrganKind.COUNTY:
            return None
        expected = expected_organs(self._organs.of(self._code).values(), row.report_year)
        return Members(expected, self._reports(row.report_year), self._reports(row.report_year - 1))

    def _reports(self, report_year: int) -> tuple[CountyReport, ...]:
        found = []
        for code, row in sorted(self._of_year.get(report_year, {}).items()):
            organ = self._organs.of(self._code).get(code)
            if organ is None or organ.kind is OrganKind.COUNTY or row.form not in FORMS_WITH_TABLES:
                continue
            if organ.valid_to is not None and organ.valid_to <= date(report_year, 12, 31):
                continue  # who took over from it reports on the whole year
            found.append(
                CountyReport(organ.facts, row.form, figures_of(row), bool(row.figures[-1]), organ.listed_by_county)
            )
        return tuple(found)

    def peers(self, row: TextRow) -> Peers | None:
        """How the numbers of the organs of its level are spread, without its own; None where it has no level."""
        level = self._level(row)
        if level is None or row.form not in FORMS_WITH_TABLES:
            return None
        own = figures_of(row)
        return Peers(
            {
                name: spread
                for name in self._numbers(row.report_year, level, row.form)
                if (spread := self._spread_beside(row.report_year, level, row.form, name, own.get(name)))
            }
        )

    def grounds(self, row: TextRow) -> str:
        """A digest of what the judgement of a report rests on in its county, and of nothing more.

        The sentences shared by most count where the report or that of the year before has them, peers where a
        number is far from theirs: else every report would be judged anew with every other one.
        """
        shared = self.shared(row.report_year)
        before = self._of_year.get(row.report_year - 1, {}).get(row.organ_code)
        own = set(unpack_keys(row.sentences)) | (set(unpack_keys(before.sentences)) if before else set())
        members = self.members(row)
        facts = [
            None if shared is None else sorted(shared & own),
            self._far(row),
            members and [members.expected, *map(_of_members, (members.reports, members.before))],
        ]
        return _digest(facts)

    def _far(self, row: TextRow) -> list[object]:
        """Whether there are enough peers, and which numbers are far from theirs."""
        level = self._level(row)
        if level is None or row.form not in FORMS_WITH_TABLES:
            return []
        own = figures_of(row)
        limits = thresholds()["peers"]
        least, difference = limits["organs"], limits["difference"]
        ranges = self._ranges(row.report_year, level, row.form)
        found: list[object] = []
        for name, numbers in self._numbers(row.report_year, level, row.form).items():
            number = own.get(name)
            enough = len(numbers) > least or (len(numbers) == least and number is None)
            if number is None or not enough or ranges[name] < difference:
                found.append(enough)
                continue
            spread = self._spread_beside(row.report_year, level, row.form, name, number)
            if spread is not None and is_far(number, spread):
                found.append([name, spread.organs, str(spread.median), str(spread.deviation)])
        return found

    def _level(self, row: TextRow) -> str | None:
        organ = self._organs.of(self._code).get(row.organ_code)
        return LEVELS.get(organ.kind) if organ else None

    def _numbers_of_level(
        self, report_year: int, level: str, form: str | None
    ) -> dict[str, list[tuple[str, Number]]]:
        found: dict[str, list[tuple[str, Number]]] = defaultdict(list)
        for code, row in self._of_year.get(report_year, {}).items():
            if row.form != form or self._level(row) != level:
                continue
            for name, number in figures_of(row).items():
                if number is not None:
                    found[name].append((code, number))
        return dict(sorted(found.items()))

    def _spread_beside(
        self, report_year: int, level: str, form: str | None, name: str, own: Number | None
    ) -> Spread | None:
        """How a cell's numbers of a level are spread without one that reads ``own`` (None: with all of them).

        Whose number it is that is left out makes no difference, so organs with the same one share the answer.
        """
        key = (report_year, level, form, name, None if own is None else str(own))
        if key not in self._spreads:
            numbers = [number for _, number in self._numbers(report_year, level, form)[name]]
            if own is not None:
                del numbers[[str(number) for number in numbers].index(str(own))]
            self._spreads[key] = spread_of(numbers)
        return self._spreads[key]

    def _ranges_of_level(self, report_year: int, level: str, form: str | None) -> dict[str, Number]:
        """How far the greatest of the numbers of a level lies from the least, by cell."""
        of_cell = {
            name: [number for _, number in numbers]
            for name, numbers in self._numbers(report_year, level, form).items()
        }
        return {name: apart(max(numbers), min(numbers)) for name, numbers in of_cell.items()}


def figures_of(row: TextRow) -> dict[str, Number | None]:
    """The key numbers of a version, by cell; None for a blank."""
    return {
        name: number_from_json(value)
        for name, value in zip(KEY_CELLS, row.figures, strict=False)
        if value is not False
    }


def _pairs(session: Session, organs: Organs, texts: _Texts, again: Collection[int]) -> list[PairRow]:
    """The pairs with the same text of which one is among these versions."""
    known = dict(comparisons.signatures(session))
    new = {version_id: known[version_id] for version_id in again if version_id in known}
    found: list[PairRow] = []
    if not new:
        return found
    template = cache(lambda code, year: template_keys(session, code, year))
    places: dict[int, Place] = {}
    authors: dict[int, Author | None] = {}
    own: dict[int, str] = {}
    waiting = candidates(new, known.items())
    while part := list(islice(waiting, _PAIRS_AT_ONCE)):
        for version_id, place in comparisons.places(session, _of(part) - places.keys()).items():
            places[version_id], authors[version_id] = place, _author(organs, place)
        wanted = [
            (first, second)
            for first, second in part
            if (author := authors.get(first)) and (other := authors.get(second)) and may_be_compared(author, other)
        ]
        texts.need(session, organs, places, _of(wanted))
        if len(own) > _KEPT_TEXTS:
            own.clear()
        for version_id in _of(wanted) - own.keys():
            place = places[version_id]
            own[version_id] = own_text(texts.of(version_id), template(place.county_code, place.report_year))
        for first, second in wanted:
            # Most candidates are not alike at all: the template of the other county makes no difference to that.
            if not may_be_alike(own[first], own[second]):
                continue
            left, right = places[first], places[second]
            shared = template(left.county_code, left.report_year) | template(right.county_code, right.report_year)
            how = alike(texts.of(first), texts.of(second), shared)
            if how is not None:
                found.append(PairRow(first, second, how.similarity, how.characters))
    return found


def _of(pairs: Iterable[tuple[int, int]]) -> set[int]:
    return {key for pair in pairs for key in pair}


def template_keys(session: Session, county_code: str, report_year: int) -> frozenset[int]:
    """The sentences that most organs of a county share in a year, as far as that is known."""
    row = comparisons.templates_of_county(session, county_code).get(report_year)
    return frozenset(unpack_keys(row.sentences)) if row else frozenset()


def _author(organs: Organs, place: Place) -> Author | None:
    facts = organs.facts(place)
    return Author(facts, place.report_year, place.organ_printed) if facts else None


def _put_twins(session: Session, organs: Organs, rows: Mapping[int, TextRow]) -> set[int]:
    """Keeps a digest of the texts like each of these versions; gives those of which it is another one now."""
    twins = twins_of(session, organs, rows)
    found = {
        version_id: _digest([_of_twin(one) for one in twins[version_id]]) if version_id in twins else ""
        for version_id in rows
    }
    changed = {version_id: digest for version_id, digest in found.items() if digest != rows[version_id].twins}
    comparisons.put_twins(session, changed)
    return set(changed)


def _of_twin(twin: Twin) -> list[object]:
    return [
        twin.organ.code,
        twin.organ.name,
        twin.report_year,
        round(twin.similarity, 3),
        str(twin.published_on),
        twin.earlier,
        twin.templates_known,
    ]


def twins_of(session: Session, organs: Organs, rows: Mapping[int, TextRow]) -> dict[int, tuple[Twin, ...]]:
    """The reports of other organs with the same text as these, the most alike first, by version."""
    pairs = comparisons.pairs_of(session, rows)
    every = {**comparisons.texts(session, set(_ids(pairs)) - rows.keys()), **rows}
    papers = comparisons.published(session, _ids(pairs))
    known = known_templates(session)
    found: dict[int, list[Twin]] = defaultdict(list)
    for pair in pairs:
        for own, other in ((pair.first_id, pair.second_id), (pair.second_id, pair.first_id)):
            if own not in rows or other not in every:
                continue
            row = every[other]
            facts = organs.facts(row)
            if facts is None:
                continue
            day, own_day = trusted_day(papers[other]), trusted_day(papers[own])
            found[own].append(
                Twin(
                    facts,
                    row.report_year,
                    pair.similarity,
                    pair.characters,
                    day,
                    None if day is None or own_day is None or day == own_day else day < own_day,
                    known(row.county_code, row.report_year)
                    and known(every[own].county_code, every[own].report_year),
                )
            )
    return {
        key: tuple(sorted(twins, key=lambda one: (-one.similarity, one.organ.code, one.report_year)))
        for key, twins in found.items()
    }


def known_templates(session: Session) -> Callable[[str, int], bool]:
    """Whether the template of a county and year is known: as a function that looks it up once."""

    def is_known(county_code: str, report_year: int) -> bool:
        row = comparisons.templates_of_county(session, county_code).get(report_year)
        return row is not None and template_is_known(row.texts, row.organs)

    return cache(is_known)


def trusted_day(paper: Published) -> date | None:
    """The day on which a report was published as its page or list says; addresses and visits prove less."""
    return paper.published_on if paper.published_from in _DATES_TO_TRUST else None


def _of_members(reports: Iterable[CountyReport]) -> list[object]:
    return [
        [
            each.organ.code,
            each.organ.name,
            each.form,
            each.doubtful,
            each.listed,
            [[name, None if number is None else str(number)] for name, number in each.numbers.items()],
        ]
        for each in reports
    ]


def _digest(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
