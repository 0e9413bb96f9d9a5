"""Where messages go, and test sends."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access.administration import destinations
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page


def _page(request: Request, access: Access, problem: str = "") -> Response:
    return page(
        request,
        "administration_channels.html",
        title=N_("消息渠道"),
        channels=destinations.channels(access),
        problem=problem,
        sent=request.query_params.get("done") == "sent",
    )


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """The channels with their routes and times."""
    return _page(request, access)


@for_readers(Right.ADMINISTER, again=_page)
def test(request: Request, access: Access) -> Response:
    """One message that says it is a test."""
    destinations.send_a_test(access, request.state.form.get("name", ""), access.settings.make_clock())
    return RedirectResponse("/administration/channels?done=sent", status_code=303)


ROUTES = [
    Route("/administration/channels", show, methods=["GET"]),
    Route("/administration/channels/test", test, methods=["POST"]),
]
