"""Names in reports that are no organ's with certainty: the queue, and answers to it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access import names
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.language import N_
from monitor.registry.doubtful import SIGNS
from monitor.web.handling import for_readers
from monitor.web.rendering import page


def _done() -> Response:
    return RedirectResponse("/names?done=1", status_code=303)


def _page(request: Request, access: Access, problem: str = "") -> Response:
    return page(
        request,
        "names.html",
        title=N_("待定署名"),
        found=names.names(access),
        signs=SIGNS,
        problem=problem,
        done="done" in request.query_params,
    )


@for_readers(Right.HANDLE)
def show(request: Request, access: Access) -> Response:
    """What waits, and what was answered."""
    return _page(request, access)


@for_readers(Right.HANDLE, again=_page)
def accept(request: Request, access: Access) -> Response:
    """The name is the organ's."""
    form = request.state.form
    names.accept(access, request.path_params["id"], form.get("organ", ""), form.get("note", ""))
    return _done()


@for_readers(Right.HANDLE, again=_page)
def reject(request: Request, access: Access) -> Response:
    """The name is not the organ's."""
    form = request.state.form
    names.reject(access, request.path_params["id"], form.get("organ", ""), form.get("note", ""))
    return _done()


@for_readers(Right.HANDLE, again=_page)
def forget(request: Request, access: Access) -> Response:
    """The answers on a name are taken back."""
    names.forget(access, request.path_params["id"], request.state.form.get("note", ""))
    return _done()


ROUTES = [
    Route("/names", show, methods=["GET"], name="names"),
    Route("/names/{id}/accept", accept, methods=["POST"]),
    Route("/names/{id}/reject", reject, methods=["POST"]),
    Route("/names/{id}/forget", forget, methods=["POST"]),
]
