"""The page of an organ: all its years, the versions of its reports, its alerts, its numbers over the years."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access import organs
from monitor.access.base import Access
from monitor.alerts.wording import DATE_SOURCES, SEVERITY_NAMES, day_in_words, kind_name
from monitor.alerts.wording import STATE_NAMES as ALERT_STATES
from monitor.completeness.figures import FLAG_NAMES, KIND_NAMES, STATE_NAMES
from monitor.completeness.reasons import reason_in_words
from monitor.language import N_
from monitor.registry.succession_file import HOW_NAMES
from monitor.web.handling import for_readers
from monitor.web.rendering import page


@for_readers()
def show(request: Request, access: Access) -> Response:
    """One organ, by its code."""
    from monitor.web.organ_charts import charts

    shown = organs.show(access, request.path_params["code"])
    return page(
        request,
        "organ.html",
        title=N_("单位"),
        heading=shown.organ.name,
        shown=shown,
        charts=charts(shown.numbers, access.language),
        kinds=KIND_NAMES,
        states=STATE_NAMES,
        flags=FLAG_NAMES,
        sources=DATE_SOURCES,
        hows=HOW_NAMES,
        severities=SEVERITY_NAMES,
        alert_states=ALERT_STATES,
        kind_name=kind_name,
        day=lambda value: day_in_words(value, access.language),
        reason=lambda value: reason_in_words(value, access.language),
    )


ROUTES = [Route("/organs/{code}", show, methods=["GET"], name="organ")]
