"""What the tests of alerts share: a real database, organs of our own, standings, versions and portals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from crawler.records import Outcome
from monitor.alerts import from_standings
from monitor.alerts.conditions import AlertKind, Condition, Grounds, JudgedVersion, PortalHealth, PrintedCell
from monitor.publication import Due, PublicationState, Standing
from monitor.rules.base import Cause, Finding, Matter, OrganFacts, OrganKind, Severity, ShouldRead
from monitor.settings import ChannelSettings
from monitor.store.database import Database
from monitor.store.tables import Alert, AlertEvent, County, Delivery, Organ
from tests.databases import migrated_in

MORNING = datetime(2024, 2, 3, 9, 0, tzinfo=SHANGHAI)
COUNTY = "999901"
TOWN = OrganFacts("999901101", "云溪镇", OrganKind.TOWNSHIP, COUNTY, "东岭县")
OTHER_TOWN = OrganFacts("999901102", "石桥乡", OrganKind.TOWNSHIP, COUNTY, "东岭县")
BUREAU = OrganFacts("999901201", "东岭县民政局", OrganKind.DEPARTMENT, COUNTY, "东岭县")
STATUTE = Due(date(2024, 1, 31), "条例第四十九条第一款", "政府信息公开条例（国务院令第711号）", "error")
PRACTICE = Due(date(2024, 1, 31), "乡镇、街道惯例：1月31日", "各地通知", "warning")
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvbmx5ISEh"


class TrialDatabase(Database):
    """The real database in a folder of the test's own, with a county and three organs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(make_url(migrated_in(folder, "alerts")))
        self.migrate()
        with self.begin() as session:
            session.add(County(code=COUNTY, name="东岭县", prefecture="某市", province="某省"))
            session.flush()
            for organ in (TOWN, OTHER_TOWN, BUREAU):
                self.add_organ(session, organ)

    def add_organ(self, session: Session, organ: OrganFacts) -> None:
        """Registers an organ."""
        session.add(
            Organ(
                code=organ.code,
                name=organ.name,
                kind=organ.kind.value,
                county_code=organ.county_code,
                valid_from=None,
                valid_to=None,
                aliases=[],
                listed_by_county=True,
            )
        )

    def alerts(self) -> list[Alert]:
        """All alerts, detached."""
        with self.begin() as session:
            found = list(session.scalars(select(Alert).order_by(Alert.id)))
            session.expunge_all()
            return found

    def events(self) -> list[tuple[int, str]]:
        """(alert, what) of the whole history."""
        with self.begin() as session:
            return [(event.alert_id, event.what) for event in session.scalars(select(AlertEvent))]

    def deliveries(self) -> list[Delivery]:
        """The outbox, detached."""
        with self.begin() as session:
            found = list(session.scalars(select(Delivery).order_by(Delivery.created_at, Delivery.dedup)))
            session.expunge_all()
            return found


def standing(
    state: PublicationState, *, organ: OrganFacts = TOWN, due: Due = PRACTICE, year: int = 2023, **known: Any
) -> Standing:
    """A standing with the rest as it would be."""
    return Standing(organ, year, due, state, **known)


def missing(organ: OrganFacts = TOWN, due: Due = PRACTICE) -> Standing:
    """A report proven missing by two passes on two days after the due date."""
    proof = (
        datetime(2024, 2, 1, 6, 30, tzinfo=SHANGHAI),
        datetime(2024, 2, 2, 6, 30, tzinfo=SHANGHAI),
    )
    return standing(PublicationState.MISSING, organ=organ, due=due, proof=proof)


def finding(rule: str = "T3-01", severity: Severity = Severity.ERROR, **known: Any) -> Finding:
    """A finding on two cells of section three."""
    fields: dict[str, Any] = {
        "template": "{column}：各项结果之和 {left}，（七）总计印的是 {right}",
        "values": {"column": "自然人", "left": 1, "right": 0},
        "cells": ("section_three.granted.natural_person", "section_three.total_results.natural_person"),
    }
    return Finding(rule, severity, **(fields | known))


def matter(*findings: Finding, key: str = "section_three.total_results", cause: str | None = None) -> Matter:
    """A matter of one mistake."""
    found = findings or (finding(),)
    right = ShouldRead("section_three.total_results.natural_person", "表三 （七）总计 · 自然人", 0, 1)
    return Matter(key, found[0].severity, found, Cause(cause, {}, ((right,),)) if cause else None)


def version(*matters: Matter, organ: OrganFacts | None = TOWN, **known: Any) -> JudgedVersion:
    """A judged version whose cells are printed as the findings say."""
    fields: dict[str, Any] = {
        "version_id": 7,
        "organ": organ,
        "report_year": 2023,
        "county_code": COUNTY,
        "portal_id": "dongling",
        "address": "http://portal.example/nb/7.html",
        "sha256": "ab" * 32,
        "form": "2021",
        "published_on": date(2024, 1, 20),
        "matters": matters,
        "cells": {
            "section_three.granted.natural_person": PrintedCell(
                "section_three.granted.natural_person", "1", "reported", {"table": 2, "row": 6, "column": 4}
            ),
            "section_three.total_results.natural_person": PrintedCell(
                "section_three.total_results.natural_person", "0", "reported", {"table": 2, "row": 27, "column": 4}
            ),
        },
        "title": "云溪镇2023年政府信息公开工作年度报告",
    }
    return JudgedVersion(**(fields | known))


def portal(outcome: Outcome | None = Outcome.UNCHANGED, **known: Any) -> PortalHealth:
    """A portal whose last run was this morning."""
    fields: dict[str, Any] = {
        "portal_id": "dongling",
        "name": "东岭县人民政府",
        "county_code": COUNTY,
        "last_outcome": outcome,
        "last_run_at": MORNING - timedelta(hours=2),
        "last_whole_at": MORNING - timedelta(hours=2),
        "first_run_at": MORNING - timedelta(days=300),
    }
    return PortalHealth(**(fields | known))


def condition(number: int = 1, severity: str = "warning", **known: Any) -> Condition:
    """A condition with nothing in it but its identity."""
    fields: dict[str, Any] = {
        "identity": f"late/{TOWN.code}/{2000 + number}",
        "kind": AlertKind.LATE,
        "severity": severity,
        "template": "第 {number} 项",
        "values": {"number": number},
        "organ_code": TOWN.code,
        "county_code": COUNTY,
        "report_year": 2000 + number,
    }
    return Condition(**(fields | known))


def mail_channel(**known: Any) -> ChannelSettings:
    """A mail channel for oversight staff."""
    return ChannelSettings.model_validate(
        {"name": "staff", "kind": "mail", "to": ["staff@office.example"]} | known
    )


def webhook_channel(**known: Any) -> ChannelSettings:
    """A webhook channel to this machine."""
    fields = {"name": "hook", "kind": "webhook", "secret": SECRET, "allow_private_addresses": True}
    return ChannelSettings.model_validate(fields | known)


def conditions(
    standings: Iterable[Standing],
    judged: Iterable[JudgedVersion],
    portals: Iterable[PortalHealth],
    as_of: datetime,
    *,
    interval: timedelta = timedelta(days=1),
) -> list[Condition]:
    """All that an assessment finds wrong, with reports and with portals; ``interval`` lies between two passes."""
    portals = tuple(portals)
    return [
        *from_standings.conditions(standings, judged, as_of),
        *from_standings.run_conditions(portals, as_of, interval=interval),
        *from_standings.unread_conditions(portals),
    ]


def grounds(
    standings: Iterable[Standing], judged: Iterable[JudgedVersion], portals: Iterable[PortalHealth]
) -> Grounds:
    """What such an assessment could judge."""
    return replace(from_standings.grounds(standings, judged), portals=from_standings.settled_portals(portals))


LATE = standing(
    PublicationState.LATE,
    organ=BUREAU,
    due=STATUTE,
    published_on=MORNING.date(),
    published_from="shown",
    first_seen_at=MORNING,
    address="http://portal.example/nb/3.html",
)
"""A report three days after the statute's day."""
