"""Reports with the same text as one matter: who is in it, which was published first, what they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from monitor.rules.base import OrganFacts
from monitor.similarity.comparing import Organs, known_templates, trusted_day
from monitor.store import comparisons, register, versions
from monitor.store.comparisons import PairRow, Published


@dataclass(frozen=True, slots=True)
class Member:
    """One report of a group. ``template_known``: what most organs of its county share was left out."""

    version_id: int
    organ: OrganFacts
    report_year: int
    published: Published
    template_known: bool

    @property
    def day(self) -> date | None:
        """The day that its page or list names, None without one that is trusted."""
        return trusted_day(self.published)

    @property
    def name(self) -> str:
        """County and organ in one, as people would write it."""
        organ = self.organ
        return organ.name if organ.name.startswith(organ.county) else organ.county + organ.name

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "organ_code": self.organ.code,
            "organ": self.organ.name,
            "county_code": self.organ.county_code,
            "county": self.organ.county,
            "report_year": self.report_year,
            "published_on": self.day.isoformat() if self.day else None,
            "first_seen_at": self.published.first_seen_at.isoformat(timespec="seconds"),
            "url": self.published.address,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Reports of which each has the same text as at least one other; ``pairs`` say which, the most alike first.

    The members stand in the order in which they were published, as far as that is known.
    """

    members: tuple[Member, ...]
    pairs: tuple[PairRow, ...]

    @property
    def first(self) -> Member | None:
        """The report that was published before all others; None where a day is missing or not the earliest."""
        days = [member.day for member in self.members]
        known = sorted(day for day in days if day is not None)
        if len(known) < len(days) or known[0] == known[1]:
            return None
        return next(member for member in self.members if member.day == known[0])

    @property
    def anchor(self) -> Member:
        """The member that was there first, as we saw it: who joins later leaves it what it is."""
        return min(
            self.members,
            key=lambda one: (one.published.first_seen_at, one.organ.code, one.report_year),
        )

    @property
    def template_known(self) -> bool:
        """Whether the sentences that most organs share were left out of all its texts."""
        return all(member.template_known for member in self.members)

    def to_json(self) -> dict[str, Any]:
        """Plain data; ``published_first`` is the report that was published before all others, where one was."""
        place = {member.version_id: f"{member.organ.code}/{member.report_year}" for member in self.members}
        return {
            "reports": [member.to_json() for member in self.members],
            "pairs": [
                {
                    "reports": [place[pair.first_id], place[pair.second_id]],
                    "similarity": round(pair.similarity, 4),
                    "characters": pair.characters,
                }
                for pair in self.pairs
            ],
            "published_first": place[self.first.version_id] if self.first else None,
            "template_known": self.template_known,
        }

    def likest(self, version_id: int) -> tuple[Member, PairRow]:
        """The member whose text is most like that of one of them, and how alike the two are."""
        pair = next(one for one in self.pairs if version_id in (one.first_id, one.second_id))
        other = pair.second_id if pair.first_id == version_id else pair.first_id
        return next(member for member in self.members if member.version_id == other), pair


def groups(session: Session, *, only_known: bool = False, organs: Organs | None = None) -> list[Group]:
    """All groups of reports with the same text, the largest first.

    ``only_known``: only of texts from which the templates of their counties were left out. The others may be alike
    because a template is, so nobody is accused of them.
    """
    pairs = comparisons.all_pairs(session)
    if not pairs:
        return []
    organs = organs or Organs(session)
    ids = {one for pair in pairs for one in (pair.first_id, pair.second_id)}
    rows = comparisons.texts(session, ids)
    papers = comparisons.published(session, ids)
    known = known_templates(session)
    members: dict[int, Member] = {}
    for version_id, row in rows.items():
        facts = organs.facts(row)
        if facts is not None:
            is_known = known(row.county_code, row.report_year)
            members[version_id] = Member(version_id, facts, row.report_year, papers[version_id], is_known)
    return together(pairs, {key: one for key, one in members.items() if one.template_known or not only_known})


def member_of(session: Session, organ_code: str, report_year: int) -> Member | None:
    """The report of an organ on a year as it stands now, whether it is like another or not; None without one."""
    version_id = versions.current_version_id(session, organ_code, report_year)
    organ = next(iter(register.organs_by_code(session, [organ_code])), None)
    if version_id is None or organ is None:
        return None
    known = known_templates(session)(organ.county_code, report_year)
    paper = comparisons.published(session, [version_id])[version_id]
    return Member(version_id, organ.facts, report_year, paper, known)


def together(pairs: Iterable[PairRow], members: Mapping[int, Member]) -> list[Group]:
    """The groups that pairs make of members; pairs with anybody else are left out. Pure."""
    kept = [pair for pair in pairs if pair.first_id in members and pair.second_id in members]
    leader = {key: key for pair in kept for key in (pair.first_id, pair.second_id)}

    def led_by(key: int) -> int:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for pair in kept:
        leader[led_by(pair.first_id)] = led_by(pair.second_id)
    found: dict[int, list[PairRow]] = defaultdict(list)
    for pair in kept:
        found[led_by(pair.first_id)].append(pair)
    made = [_group(together, members) for together in found.values()]
    return sorted(made, key=lambda group: (-len(group.members), _order(group.members[0])))


def _group(pairs: list[PairRow], members: Mapping[int, Member]) -> Group:
    ids = {key for pair in pairs for key in (pair.first_id, pair.second_id)}
    return Group(
        tuple(sorted((members[key] for key in ids), key=_order)),
        tuple(sorted(pairs, key=lambda pair: (-pair.similarity, pair.first_id, pair.second_id))),
    )


def _order(member: Member) -> tuple[date, str, int]:
    return member.day or date.max, member.organ.code, member.report_year
