"""The front page: the season at a glance, by province, prefecture or county, whichever can be taken in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access import counties
from monitor.access.base import Access, NotFound
from monitor.access.counties import CountyLine, Ground, Overview
from monitor.alerts.wording import KIND_NAMES, kind_name
from monitor.figures import Figures
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page
from monitor.web.words import STATES, asked_year, rate_in_words

MOST_LINES = 60
"""Of more counties than these the prefectures are shown, and of more prefectures the provinces."""
_LEVELS = (6, 4, 2)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a county (``place`` of six digits), or the counties of a prefecture or province together."""

    place: str
    name: str
    figures: Figures
    ground: Ground
    opened: int
    over: int
    assessed_at: datetime | None

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"/counties/{self.place}" if len(self.place) == 6 else f"/?place={self.place}"


@for_readers()
def show(request: Request, access: Access) -> Response:
    """The overview of the reader's counties, or of those of one province or prefecture among them."""
    place = request.query_params.get("place", "")
    if place and not (place.isascii() and place.isdigit() and len(place) in (2, 4)):
        raise NotFound(place)
    found = counties.overview(access, asked_year(request), place)
    if place and not found.counties:
        raise NotFound(place)
    return page(
        request,
        "overview.html",
        title=N_("总览"),
        overview=found,
        place=place,
        no_portals=not access.portals(),
        trail=trail_of(found.counties, place),
        lines=lines_of(found.counties, place),
        states=STATES,
        rate=rate_in_words(found.totals, access.language),
        news=news_of(found, access),
        kind_names={kind.value: name for kind, name in KIND_NAMES.items()},
    )


def lines_of(every: Sequence[CountyLine], place: str = "") -> list[Line]:
    """The rows for these counties: counties where they are few, else the prefectures or provinces they are in."""
    for length in _LEVELS:
        if length <= len(place):
            break
        codes = {one.code[:length] for one in every}
        if len(codes) <= MOST_LINES or length == len(place) + 2:
            return [_line(code, [one for one in every if one.code.startswith(code)]) for code in sorted(codes)]
    return []


def _line(place: str, inside: Sequence[CountyLine]) -> Line:
    first = inside[0]
    name = {6: first.name, 4: first.prefecture, 2: first.province}[len(place)]
    moments = [one.assessed_at for one in inside if one.assessed_at is not None]
    return Line(
        place,
        name or place,
        together(one.figures for one in inside),
        Ground(sum(one.ground.columns for one in inside), sum(one.ground.whole for one in inside)),
        sum(one.opened for one in inside),
        sum(one.over for one in inside),
        min(moments, default=None),
    )


def together(every: Iterable[Figures]) -> Figures:
    """The figures of several counties as those of one."""
    some = tuple(every)
    return Figures(*(sum(getattr(one, field.name) for one in some) for field in fields(Figures)))


def trail_of(every: Sequence[CountyLine], place: str) -> list[tuple[str, str]]:
    """The places above these, with their addresses."""
    if not place or not every:
        return []
    first = every[0]
    names = {2: first.province, 4: first.prefecture}
    return [
        (f"/?place={place[:length]}", names[length] or place[:length]) for length in (2, 4) if length <= len(place)
    ]


def news_of(found: Overview, access: Access) -> list[dict[str, object]]:
    """The newest alerts with the names of their kinds."""
    return [{**alert, "kind_name": kind_name(str(alert["kind"]), alert["rule"])} for alert in found.news.newest]


ROUTES = [Route("/", show, methods=["GET"], name="overview")]
