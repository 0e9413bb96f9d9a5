"""The lists of the API: each of them by page, as JSON or CSV, narrowed by its parameters."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from starlette.responses import Response

from monitor.access import listing
from monitor.access.listing import Wanted
from monitor.alerts.conditions import AlertKind
from monitor.alerts.states import AlertState
from monitor.api.answers import JSON, Page, as_json, described, listed, marked, next_link, refusals, told
from monitor.api.asking import (
    LARGEST_NUMBER,
    Audience,
    Caller,
    County,
    ListParameters,
    OrganCode,
    Parameters,
    Year,
    read_cursor,
    write_cursor,
)
from monitor.publication import PublicationState
from monitor.rules.base import Severity
from parsers.schema import OrganKind

router = APIRouter(responses=refusals(401, 422, 429, 503))
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]


def _within_the_calendar(moment: datetime) -> datetime:
    """The moment; raises ValueError beside the ends of the calendar, where it has no day in another zone."""
    if not 1 < moment.year < 9999:
        raise ValueError(moment)
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_within_the_calendar)]


class OrganParameters(ListParameters):
    """Which organs."""

    county: County | None = None
    kind: OrganKind | None = None


class ObligationParameters(ListParameters):
    """Which obligations."""

    county: County | None = None
    organ: OrganCode | None = None
    year: Year | None = None
    state: PublicationState | None = None


class ReportParameters(ListParameters):
    """Which versions of reports."""

    county: County | None = None
    organ: OrganCode | None = None
    year: Year | None = None
    stands: Annotated[
        bool | None, Field(description="Only those on which the state of their obligation rests, or only others.")
    ] = None


class FindingParameters(ListParameters):
    """Which findings."""

    county: County | None = None
    organ: OrganCode | None = None
    year: Year | None = None
    rule: Annotated[str | None, Field(pattern=r"^[A-Z][A-Z0-9]{0,3}-[0-9]{2}$", description="Id of a rule.")] = (
        None
    )


class AlertParameters(ListParameters):
    """Which alerts."""

    county: County | None = None
    organ: OrganCode | None = None
    year: Year | None = None
    state: AlertState | None = None
    kind: AlertKind | None = None
    severity: Severity | None = None
    audience: Audience | None = None
    updated_since: Annotated[Moment | None, Field(description="Only what changed then or later.")] = None


class RunParameters(ListParameters):
    """Which runs."""

    county: County | None = None
    portal: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] = None
    outcome: Annotated[str | None, Field(pattern=r"^[a-z_]{1,32}$", description="How the run ended.")] = None


class PortalParameters(ListParameters):
    """Which portals."""

    county: County | None = None


class CompletenessParameters(Parameters):
    """Which completeness report."""

    year: Year
    county: County | None = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many counties at most.")] = 20
    cursor: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,400}$")] = None


class Completeness(BaseModel):
    """Counties of a completeness report: the shape of ``nianbao completeness --format json``."""

    year: int
    as_of: Annotated[datetime | None, Field(description="The last assessment of these counties.")]
    counties: list[listing.CompleteCounty]
    next: Annotated[str | None, Field(description="Cursor of the next page; null on the last one.")]


@router.get("/counties", responses=described(Page[listing.County], as_csv=True, lists=True))
def counties(request: Request, access: Caller, asked: Annotated[ListParameters, Query()]) -> Response:
    """Counties, in the order of their codes."""
    return listed(request, listing.counties(access, asked.wanted(str)), listing.County, asked.format)


@router.get("/organs", responses=described(Page[listing.Organ], as_csv=True, lists=True))
def organs(request: Request, access: Caller, asked: Annotated[OrganParameters, Query()]) -> Response:
    """Organs that must publish reports, in the order of their codes."""
    return listed(request, listing.organs(access, asked.wanted(str), **asked.only()), listing.Organ, asked.format)


@router.get("/organs/{code}", responses={**described(listing.Organ), **refusals(404)})
def organ(
    request: Request, access: Caller, code: Annotated[OrganCode, Path()], asked: Annotated[Parameters, Query()]
) -> Response:
    """One organ."""
    return told(request, listing.organ(access, code))


@router.get("/obligations", responses=described(Page[listing.Obligation], as_csv=True, lists=True))
def obligations(request: Request, access: Caller, asked: Annotated[ObligationParameters, Query()]) -> Response:
    """Obligations and how they stood at the last assessment, in the order of counties, years and organs."""
    found = listing.obligations(access, asked.wanted(str, int, str), **asked.only())
    return listed(request, found, listing.Obligation, asked.format)


@router.get("/reports", responses=described(Page[listing.ReportVersion], as_csv=True, lists=True))
def reports(request: Request, access: Caller, asked: Annotated[ReportParameters, Query()]) -> Response:
    """Versions of reports, in the order of their numbers."""
    found = listing.reports(access, asked.wanted(int), **asked.only())
    return listed(request, found, listing.ReportVersion, asked.format)


@router.get("/findings", responses=described(Page[listing.FoundFinding], as_csv=True, lists=True))
def findings(request: Request, access: Caller, asked: Annotated[FindingParameters, Query()]) -> Response:
    """Findings of the reports that stand, in the order of counties, years and organs."""
    found = listing.findings(access, asked.wanted(str, int, str, int), **asked.only())
    return listed(request, found, listing.FoundFinding, asked.format)


@router.get("/alerts", responses=described(Page[listing.Alert], as_csv=True, lists=True))
def alerts(request: Request, access: Caller, asked: Annotated[AlertParameters, Query()]) -> Response:
    """Alerts, the newest first."""
    return listed(request, listing.alerts(access, asked.wanted(int), **asked.only()), listing.Alert, asked.format)


@router.get("/alerts/{number}", responses={**described(listing.Alert), **refusals(404)})
def alert(request: Request, access: Caller, number: Number, asked: Annotated[Parameters, Query()]) -> Response:
    """One alert."""
    return told(request, listing.alert(access, number))


@router.get("/runs", responses=described(Page[listing.Run], as_csv=True, lists=True))
def runs(request: Request, access: Caller, asked: Annotated[RunParameters, Query()]) -> Response:
    """Crawl runs, the newest first."""
    return listed(request, listing.runs(access, asked.wanted(str), **asked.only()), listing.Run, asked.format)


@router.get("/portals", responses=described(Page[listing.Portal], as_csv=True, lists=True))
def portals(request: Request, access: Caller, asked: Annotated[PortalParameters, Query()]) -> Response:
    """Portals and how their last runs went, in the order of their ids."""
    found = listing.portals(access, asked.wanted(str), **asked.only())
    return listed(request, found, listing.Portal, asked.format)


@router.get("/completeness", responses=described(Completeness, lists=True))
def completeness(request: Request, access: Caller, asked: Annotated[CompletenessParameters, Query()]) -> Response:
    """A report year county by county, as of the last assessment of each."""
    wanted = Wanted(asked.limit, read_cursor(asked.cursor, (str,)) if asked.cursor else None)
    found = listing.completeness(access, wanted, asked.year, asked.county)
    cursor = write_cursor(found.next)
    data = {"year": found.year, "as_of": found.as_of, "counties": found.counties, "next": cursor}
    return marked(request, as_json(data), JSON, next_link(request, cursor))
