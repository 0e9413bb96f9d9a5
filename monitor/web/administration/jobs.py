"""Jobs: what waits, runs, is done or failed."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.administration import jobs
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.jobs.kinds import KIND_NAMES, STATE_NAMES
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page

_BADGES = {"waiting": "notice", "running": "warning", "done": "over", "failed": "error"}


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """The latest jobs."""
    state = request.query_params.get("state", "")
    return page(
        request,
        "administration_jobs.html",
        title=N_("任务"),
        found=jobs.jobs(access, state),
        state=state,
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
        badges=_BADGES,
    )


ROUTES = [Route("/administration/jobs", show, methods=["GET"])]
