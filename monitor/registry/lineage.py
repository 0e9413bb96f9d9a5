"""Organs through time: whose report stands for a body in a year, and whose it continues.

Towns merge and turn into subdistricts, bureaus are reorganised (domain.md 1.2; portals.md part 1, number 8). Pure:
all of it follows from the register's dates and from the successions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from monitor.rules.base import LAST_LEGACY_YEAR, Came, OrganKind, Reorganised
from monitor.store.register import RegisteredOrgan
from monitor.store.successions import Reorganisation, Succession, relatives

_GOVERNMENTS = frozenset({OrganKind.COUNTY, OrganKind.PREFECTURE, OrganKind.PROVINCE})


def usual_due_day(kind: OrganKind, report_year: int) -> date:
    """The day by which reports of a kind of organ are due in general; local rules are no part of it."""
    late = kind in _GOVERNMENTS or report_year <= LAST_LEGACY_YEAR
    return date(report_year + 1, 3 if late else 1, 31)


@dataclass(frozen=True, slots=True)
class Continued:
    """What the report of a year continues: the reports of the year before by these organs, and what lay between.

    ``steps`` are the reorganisations since, oldest first; empty where the organ just went on. ``same_body``: the
    one report before is the body's own, under whatever name. ``joined``: those of all organs together.
    Neither: nobody can say, because something was split.
    """

    organs: tuple[str, ...]
    steps: tuple[Succession, ...] = ()
    same_body: bool = True
    joined: bool = False

    @property
    def plain(self) -> bool:
        """Whether the organ just went on."""
        return not self.steps and self.same_body


class Lineage:
    """The successions among some organs."""

    def __init__(self, organs: Iterable[RegisteredOrgan]) -> None:
        self.organs = {organ.code: organ for organ in organs}
        self._out = {code: organ.successions for code, organ in self.organs.items() if organ.successions}
        self._into: dict[str, list[Succession]] = {}
        for passed in self._out.values():
            for one in passed:
                if one.successor is not None:
                    self._into.setdefault(one.successor, []).append(one)
        self._relatives = relatives([one for passed in self._out.values() for one in passed])

    def relatives(self, code: str) -> frozenset[str]:
        """The organs that came before and after this one, however far."""
        return self._relatives.get(code, frozenset())

    def after(self, code: str) -> frozenset[str]:
        """The organs into which this one passed, however far."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            steps = {one.successor for one in self.ending(waiting.pop()) if one.successor is not None} - found
            found |= steps
            waiting += steps
        return frozenset(found)

    def same_bodies(self, code: str) -> frozenset[str]:
        """The other names of the body itself: codes that it bore before and bears after this one."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            current = waiting.pop()
            steps = [each.predecessor for each in self._into.get(current, ()) if each.how.same_body]
            steps += [one.successor for one in self.ending(current) if one.how.same_body and one.successor]
            new = {each for each in steps if each != code} - found
            found |= new
            waiting += new
        return frozenset(found)

    def ending(self, code: str) -> tuple[Succession, ...]:
        """By what the organ came to its end; several where it was split."""
        return tuple(one for one in self._out.get(code, ()) if one.how.ends)

    def began(self, code: str) -> date | None:
        """The first day of the body, under whatever name or kind; None where it is not known."""
        same = self._same_before(code)
        if same is not None and same.predecessor in self.organs:
            return self.began(same.predecessor)
        organ = self.organs.get(code)
        return organ.valid_from if organ else None

    def owes(self, organ: RegisteredOrgan, report_year: int, due_on: date) -> bool:
        """Whether a report on a year is the organ's to publish.

        It must be there on the due day, and its body must have begun before the year ended. Whoever ended before
        the due day owes nothing; a new name or kind is no new body.
        """
        began = self.began(organ.code) if organ.code in self.organs else organ.valid_from
        return organ.existed(due_on) and (began is None or began <= date(report_year, 12, 31))

    def ended_before_due(self, organ: RegisteredOrgan, report_year: int, due_on: date) -> tuple[Succession, ...]:
        """How the organ ended, where it was there in the year and another one, or nobody, reports on it.

        Nothing for a body that goes on: its report is that of its later name.
        """
        ending = self.ending(organ.code)
        first, last = date(report_year, 1, 1), date(report_year, 12, 31)
        if (
            not ending
            or organ.valid_to is None
            or not first <= organ.valid_to < due_on
            or (organ.valid_from is not None and organ.valid_from > last)
            or any(one.how.same_body for one in ending)
        ):
            return ()
        return ending

    def reporter(self, code: str, report_year: int) -> str:
        """The organ whose report of a year it is when it bears the name of ``code``.

        An organ that was no more on the due day stands for its successor, where that is one: the same body under
        another name, or one into which it had gone before the year began. For the year in which organs merged, the
        name of one of them is no name of all. An organ that had not begun stands for what the same body was then.
        """
        organ = self.organs.get(code)
        if organ is None:
            return code
        due = usual_due_day(organ.kind, report_year)
        if organ.valid_to is not None and organ.valid_to < due:
            ending = self.ending(code)
            if len(ending) == 1 and ending[0].how.into_one and ending[0].successor in self.organs:
                step = ending[0]
                if step.how.same_body or step.day <= date(report_year, 1, 1):
                    return self.reporter(step.successor or code, report_year)
        elif organ.valid_from is not None and organ.valid_from > due:
            same = self._same_before(code)
            if same is not None and same.predecessor in self.organs:
                return self.reporter(same.predecessor, report_year)
        return code

    def continued(self, code: str, report_year: int) -> Continued:
        """Which reports of the year before the organ's report of a year continues."""
        organ = self.organs.get(code)
        if organ is None or not (self._into.get(code) or self._out.get(code)):
            return Continued((code,))
        return self._continued(code, report_year, usual_due_day(organ.kind, report_year))

    def reorganised(self, code: str, report_year: int) -> Reorganised | None:
        """What became of the organ since the report of the year before, for the rules; without any report."""
        continued = self.continued(code, report_year)
        if continued.plain:
            return None
        how = Came.RENAMED if continued.same_body else Came.JOINED if continued.joined else Came.PARTED
        names = tuple(self.organs[each].name for each in continued.organs if each in self.organs)
        return Reorganised(how, continued.steps[-1].day, names)

    def body_before(self, code: str, report_year: int, then: int) -> str | None:
        """As which organ the same body reported on an earlier year; None where it was joined or parted since."""
        for year in range(report_year, then, -1):
            continued = self.continued(code, year)
            if not continued.same_body:
                return None
            code = continued.organs[0]
        return code

    def _continued(self, code: str, report_year: int, until: date) -> Continued:
        """What the organ was when the report of the year before fell due, by all that happened up to ``until``.

        A body under a new name takes the report of the year before with it up to the due day; what joins or parts
        bodies changes the numbers of the year in which it happens.
        """
        organ = self.organs.get(code)
        since = usual_due_day(organ.kind, report_year - 1) if organ else date(report_year, 1, 1)

        def between(one: Succession) -> bool:
            if one.day > until:
                return False
            return one.day > since if one.how.same_body else one.day.year == report_year

        into = [one for one in self._into.get(code, ()) if between(one)]
        out = [one for one in self._out.get(code, ()) if between(one) and not one.how.ends]
        if out or any(one.how in (Reorganisation.SPLIT, Reorganisation.TRANSFERRED) for one in into):
            return Continued((), tuple(sorted([*into, *out], key=_day)), same_body=False)
        if not into:
            return Continued((code,))
        founded = any(one.how.founds for one in into)
        parts = [] if founded else [Continued((code,))]
        parts += [
            self._continued(one.predecessor, report_year, one.last_day)
            for one in sorted(into, key=lambda one: one.predecessor)
        ]
        if any(not part.same_body and not part.joined for part in parts):
            return Continued((), tuple(sorted({*into, *_steps(parts)}, key=_day)), same_body=False)
        steps = sorted({*into, *_steps(parts)}, key=_day)
        organs = tuple(dict.fromkeys(code for part in parts for code in part.organs))
        same = len(into) == 1 and into[0].how.same_body and parts[0].same_body
        return Continued(organs, tuple(steps), same_body=same, joined=not same)

    def _same_before(self, code: str) -> Succession | None:
        """The step by which the same body came to this name or kind."""
        return next((one for one in self._into.get(code, ()) if one.how.same_body), None)


def _steps(parts: Iterable[Continued]) -> Iterator[Succession]:
    return (step for part in parts for step in part.steps)


def _day(one: Succession) -> date:
    return one.day
