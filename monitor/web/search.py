"""Search: organs, places and alerts by one line of text; words in the reports of a county or organ."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access import search
from monitor.access.base import Access
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page


@for_readers()
def show(request: Request, access: Access) -> Response:
    """The search page with what was found."""
    names = ("q", "text", "in", "year")
    asked = {name: request.query_params.get(name, "").strip()[: search.LONGEST] for name in names}
    year = int(asked["year"]) if asked["year"].isdecimal() and len(asked["year"]) == 4 else None
    return page(
        request,
        "search.html",
        title=N_("查找"),
        asked=asked,
        answer=search.search(access, asked["q"]) if asked["q"] else None,
        passages=search.passages(access, asked["text"], asked["in"], year) if asked["text"] else None,
        longest=search.LONGEST,
    )


ROUTES = [Route("/search", show, methods=["GET"], name="search")]
