"""A filled dashboard to walk through: an example address of every route, and somebody of each role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute, Route

from monitor.access import organs, portals, reports
from monitor.access.base import Record
from monitor.accounts.roles import Right, Role
from monitor.accounts.scope import Scope
from monitor.alerts.links import Invitation, token_of
from monitor.registry.doubtful import doubtful_names
from monitor.settings import NotifySettings, SignOnSettings, load_settings
from monitor.store import accounts, trials
from monitor.web.application import routes
from tests.monitor.alerts.support import mail_channel, webhook_channel
from tests.monitor.api.office import NOW, OTHER_COUNTY, fill
from tests.monitor.record.making import COUNTY, TOWN, organ, shown
from tests.monitor.web.dashboard import SECRET, access_of, add_user, dashboard, record_of

EXAMPLES: Mapping[str, str] = {
    "/log-in": "/log-in",
    "/sign-on": "/sign-on",
    "/sign-on/back": "/sign-on/back",
    "/account": "/account",
    "/": "/",
    "/alerts": "/alerts?state=every",
    "/alerts/{number:int}": "/alerts/{alert}",
    "/search": "/search?q=云溪",
    "/portals": "/portals",
    "/portals/{id}": "/portals/dongling",
    "/portals/{id}/runs/{run}": "/portals/dongling/runs/{run}",
    "/trials/{id:int}": "/trials/{trial}",
    "/discoveries": "/discoveries",
    "/administration": "/administration",
    "/administration/users": "/administration/users",
    "/administration/users/{id:int}": "/administration/users/{user}",
    "/administration/tokens": "/administration/tokens",
    "/administration/due": "/administration/due",
    "/administration/rules": "/administration/rules",
    "/administration/channels": "/administration/channels",
    "/administration/jobs": "/administration/jobs",
    "/administration/audit": "/administration/audit",
    "/names": "/names",
    "/organs/{code}": "/organs/{organ}",
    "/reports/{version:int}": "/reports/{report}",
    "/reports/{version:int}/cells/{key}": "/reports/{report}/cells/section_three.total_results.total",
    "/evidence/{alert:int}": "/evidence/{alert}?pictures=no",
    "/captures/{capture:int}": "/captures/{capture}?version={report}&cell=section_three.total_results.total",
    "/captures/{capture:int}/original": "/captures/{capture}/original",
    "/captured/{capture:int}": "/captured/{capture}",
    "/counties/{code}": "/counties/{county}",
    "/counties/{code}/report": "/counties/{county}/report?year=2023",
    "/counties/{code}/report.{format:path}": "/counties/{county}/report.csv?year=2023",
    "/compare": "/compare?first={earlier}&second={report}",
    "/answer/{token}": "/answer/{answer}",
    "/healthz": "/healthz",
    "/readyz": "/readyz",
    "/metrics": "/metrics",
}
"""An address of every route that is read, with what :attr:`Site.things` holds."""
MORE = ("/search?text=政府信息&in=云溪镇", "/search?q=没有", "/alerts?state=resolved&year=1999")
"""Addresses under which a page looks otherwise than at its example."""
FILES = frozenset(
    {
        "/evidence/{alert:int}",
        "/captures/{capture:int}/original",
        "/captured/{capture:int}",
        "/counties/{code}/report.{format:path}",
        "/healthz",
        "/readyz",
        "/metrics",
    }
)
"""Routes whose answer is no page; a captured original is shown in a frame, where no script runs, nor axe."""
REFUSED: Mapping[str, int] = {"/sign-on": 503, "/sign-on/back": 400}
"""What routes answer that do more than show something: here no provider answers, and nobody was on the way."""
CHANGES: Mapping[str, str] = {
    "/counties/{code}/subscription": "/counties/{county}/subscription",
    "/alerts/{number:int}/steps": "/alerts/{alert}/steps",
    "/portals/{id}/trial": "/portals/dongling/trial",
    "/trials/{id:int}/write": "/trials/{trial}/write",
    "/administration/users/{id:int}/change": "/administration/users/{user}/change",
    "/administration/users/{id:int}/password": "/administration/users/{user}/password",
    "/administration/users/{id:int}/mail": "/administration/users/{user}/mail",
    "/administration/users/{id:int}/close": "/administration/users/{user}/close",
    "/administration/tokens/{id:int}/withdraw": "/administration/tokens/{token}/withdraw",
    "/names/{id}/accept": "/names/{name}/accept",
    "/names/{id}/reject": "/names/{name}/reject",
    "/names/{id}/forget": "/names/{name}/forget",
    "/reports/{version:int}/findings/{reference}/dismiss": "/reports/{report}/findings/{finding}/dismiss",
    "/reports/{version:int}/findings/{reference}/restore": "/reports/{report}/findings/{finding}/restore",
}
"""The same for every route with a part to fill in that changes something."""
_NO_PROVIDER = SignOnSettings(issuer="http://127.0.0.1:9", client_id="x", allow_private_addresses=True)
PEOPLE = {role.value: (role, ()) for role in Role} | {"outsider": (Role.ADMINISTRATOR, (OTHER_COUNTY,))}


@dataclass(frozen=True)
class Site:
    """A dashboard; ``things`` are what its example addresses name, all of the first county."""

    address: str
    record: Record
    things: Mapping[str, Any]

    def example(self, route: Route) -> str:
        """An address of a route. AssertionError where nobody gave it one."""
        known = EXAMPLES if "GET" in (route.methods or ()) else CHANGES
        assert route.path in known, f"name an example of {route.path} in {__file__}"
        return known[route.path].format_map(self.things)


def read_routes() -> list[Route]:
    """Every route of the pages that is read, those of the API and of styles not."""
    return [route for route in _routes(routes()) if "GET" in (route.methods or ())]


def routes_with_parts() -> list[Route]:
    """Every route with a part to fill in that asks who is there, whether it is read or changes something."""
    return [route for route in _routes(routes()) if "{" in route.path and right_of(route) is not None]


def right_of(route: Route) -> Right | None:
    """What a reader must be allowed to do; None where nobody is asked."""
    return getattr(route.endpoint, "right", None)


def _routes(found: list[BaseRoute]) -> list[Route]:
    return [route for route in found if isinstance(route, Route)]


@contextmanager
def walked(folder: Path) -> Iterator[Site]:
    """The dashboard over two counties, of which one has a report with an error that was changed, for a block."""
    world = fill(folder)
    signed = organ(TOWN.code, "云溪新镇", "云溪新镇人民政府")
    world.crawl(NOW, shown(signed, 2022, NOW.date(), path="/nb/other.html"))
    world.ingest()
    channels = [webhook_channel(), mail_channel()]
    settings = load_settings(world.configure(NOW)).model_copy(
        update={"notify": NotifySettings(channels=channels), "sign_on": _NO_PROVIDER}
    )
    for name, (role, places) in PEOPLE.items():
        add_user(world.database, name, role, *places, at=NOW)
    record = record_of(world.database, lambda: NOW, folder / "portals", settings)
    try:
        with dashboard(record) as address:
            yield Site(address, record, _things(record))
    finally:
        world.database.close()


def _things(record: Record) -> dict[str, Any]:
    everything = access_of(record)
    years = {one.report_year: one for one in organs.show(everything, TOWN.code).years}
    earlier, report = (one.id for one in years[2023].versions[:2])
    told = reports.show(everything, report)
    assert told.capture is not None
    with record.database.begin() as session:
        user = accounts.user_named(session, Role.OFFICER.value)
        assert user is not None
        token = accounts.add_token(
            session, "0" * 64, "ours", Scope.of((COUNTY,)), by="tester", at=NOW, expires_at=NOW + timedelta(days=9)
        )
        trial = trials.add(session, "check", "dongling", COUNTY, "dongling", "tester", NOW)
    alert = next(int(str(one["id"])) for one in told.alerts)
    (name,) = doubtful_names(record.database, list(everything.portals()))
    invitation = Invitation((alert,), "mail", "clerk@office.example", NOW, NOW + timedelta(days=9))
    return {
        "county": COUNTY,
        "organ": TOWN.code,
        "earlier": earlier,
        "report": report,
        "capture": told.capture.id,
        "finding": told.judged.matters[0].findings[0].reference,
        "alert": alert,
        "run": portals.portal_page(everything, "dongling").runs[0].run.id,
        "user": user[0].id,
        "token": token.id,
        "trial": trial,
        "name": name.reference,
        "answer": token_of(invitation, SECRET),
    }
