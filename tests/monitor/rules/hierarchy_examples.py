"""Examples for the rules that compare reports of different organs: H-01 to H-05, P-03, P-06."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from monitor.rules.base import CountyReport, Members, OrganFacts, OrganKind, Peers, Subject, Twin
from monitor.rules.hierarchy import (
    IN_FORCE,
    KEY_CELLS,
    NEW_RECEIVED,
    spread_of,
)
from parsers.schema import Number
from tests.monitor.rules.building import COUNTY, DEPARTMENT, TOWN, Changes, Examples, build_report, prose, subject

OFFICE = OrganFacts("990101302", "云岭县人民政府办公室", OrganKind.DEPARTMENT, "990101", "云岭县")
TAX = OrganFacts("990101303", "国家税务总局云岭县税务局", OrganKind.DEPARTMENT, "990101", "云岭县")


def member(organ: OrganFacts = TOWN, **numbers: Number | None) -> CountyReport:
    """A report of an organ of the county, every key cell 0 but these: ``row__column=value`` of section three.

    ``in_force`` is that of normative documents, ``reviews`` the total of reviews.
    """
    names = {"in_force": IN_FORCE, "reviews": "section_four.review.total"}
    given = {names.get(name) or f"section_three.{name}.total": number for name, number in numbers.items()}
    return CountyReport(organ, "2021", {**dict.fromkeys(KEY_CELLS, 0), **given})


def towns(number: int) -> tuple[OrganFacts, ...]:
    """So many towns of the county."""
    return tuple(
        OrganFacts(f"990101{100 + each}", f"第{each}镇", OrganKind.TOWNSHIP, "990101", "云岭县")
        for each in range(number)
    )


def county(
    changes: Changes,
    *members: CountyReport,
    expected: int | None = None,
    before: tuple[CountyReport, ...] = (),
    text: str = "",
) -> Subject:
    """The county government's report, with those of its organs."""
    words = {1: prose(2023)[1] + text}
    return subject(
        build_report(changes=changes, text=words, organ="云岭县人民政府"),
        organ=COUNTY,
        members=Members(len(members) if expected is None else expected, members, before),
    )


def among_peers(now: int, others: tuple[int, ...]) -> Subject:
    """A town that received so many applications, among others."""
    spread = spread_of(others)
    assert spread is not None
    return subject(build_report(changes={NEW_RECEIVED: now}), organ=TOWN, peers=Peers({NEW_RECEIVED: spread}))


def twin(
    similarity: float = 0.99, *, earlier: bool | None = True, known: bool = True, organ: OrganFacts = DEPARTMENT
) -> Twin:
    """Another organ's report with the same text."""
    return Twin(organ, 2023, similarity, 420, date(2024, 1, 12), earlier, known)


OTHER_TOWNS = tuple(range(4, 24))
SUMMED_UP: Mapping[str, int] = {NEW_RECEIVED: 5, "section_three.total_results.total": 5}
BOTH = (member(TOWN, new_received=2, total_results=2), member(DEPARTMENT, new_received=3, total_results=3))
NAMES_TWO = "本报告汇总2个单位的数据编制而成。"

HIERARCHY_EXAMPLES: dict[str, Examples] = {
    "H-01": Examples(
        county({NEW_RECEIVED: 5}, member(new_received=5)),
        county({NEW_RECEIVED: 4}, member(new_received=5)),
        replace(county({NEW_RECEIVED: 4}, member(new_received=5)), organ=TOWN),
    ),
    "H-02": Examples(
        county(SUMMED_UP, *BOTH),
        county({**SUMMED_UP, NEW_RECEIVED: 15}, *BOTH),
        county({**SUMMED_UP, NEW_RECEIVED: 15}, *BOTH, expected=3),
    ),
    "H-03": Examples(
        county({}, member(carried_over=2), before=(member(carried_forward=2),)),
        county({}, member(carried_over=3), before=(member(carried_forward=2),)),
        county({}, member(carried_over=3)),
    ),
    "H-04": Examples(
        county({}, member(), member(DEPARTMENT), text=NAMES_TWO),
        county({}, *(member(each) for each in towns(9)), text=NAMES_TWO),
        county({}, member()),
    ),
    "H-05": Examples(
        county({IN_FORCE: 4}, member(in_force=4)),
        county({IN_FORCE: 3}, member(in_force=4)),
        county({IN_FORCE: 3}),
    ),
    "P-03": Examples(
        among_peers(40, OTHER_TOWNS),
        among_peers(400, OTHER_TOWNS),
        among_peers(400, OTHER_TOWNS[:19]),
    ),
    "P-06": Examples(
        subject(organ=TOWN, twins=()),
        subject(organ=TOWN, twins=(twin(),)),
        subject(organ=TOWN),
    ),
}
