"""Due-date rules, read-only: they are files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.administration import due_dates
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.completeness.figures import KIND_NAMES
from monitor.language import N_
from monitor.registry.due import BASIS_NAMES
from monitor.web.handling import for_readers
from monitor.web.rendering import page


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """The rules, and what holds in a county."""
    return page(
        request,
        "administration_due.html",
        title=N_("公布期限"),
        found=due_dates.due_dates(access, request.query_params.get("county", "").strip()),
        basis_names=BASIS_NAMES,
        kind_names=KIND_NAMES,
    )


ROUTES = [Route("/administration/due", show, methods=["GET"])]
