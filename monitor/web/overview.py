"""The front page: the season at a glance."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.base import Access
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page


@for_readers()
def show(request: Request, access: Access) -> Response:
    """The overview of the reader's counties."""
    return page(request, "overview.html", title=N_("总览"))


ROUTES = [Route("/", show, methods=["GET"], name="overview")]
