"""Names in reports that are no organ's with certainty: the queue, and answers to it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access import names
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.language import N_, translate
from monitor.refusals import NotPossible
from monitor.registry.doubtful import SIGNS
from monitor.web.handling import for_readers
from monitor.web.rendering import page


@for_readers(Right.HANDLE)
def show(request: Request, access: Access) -> Response:
    """What waits, and what was answered."""
    return _page(request, access)


@for_readers(Right.HANDLE)
def accept(request: Request, access: Access) -> Response:
    """The name is the organ's."""
    form = request.state.form
    return _answered(
        request, access, lambda id: names.accept(access, id, form.get("organ", ""), form.get("note", ""))
    )


@for_readers(Right.HANDLE)
def reject(request: Request, access: Access) -> Response:
    """The name is not the organ's."""
    form = request.state.form
    return _answered(
        request, access, lambda id: names.reject(access, id, form.get("organ", ""), form.get("note", ""))
    )


@for_readers(Right.HANDLE)
def forget(request: Request, access: Access) -> Response:
    """The answers on a name are taken back."""
    form = request.state.form
    return _answered(request, access, lambda id: names.forget(access, id, form.get("note", "")))


ROUTES = [
    Route("/names", show, methods=["GET"], name="names"),
    Route("/names/{id}/accept", accept, methods=["POST"]),
    Route("/names/{id}/reject", reject, methods=["POST"]),
    Route("/names/{id}/forget", forget, methods=["POST"]),
]


def _answered(request: Request, access: Access, answer: Callable[[str], None]) -> Response:
    try:
        answer(request.path_params["id"])
    except NotPossible as problem:
        return _page(request, access, translate(problem.template, access.language, problem.values))
    return RedirectResponse("/names?done=1", status_code=303)


def _page(request: Request, access: Access, problem: str = "") -> Response:
    return page(
        request,
        "names.html",
        status=400 if problem else 200,
        title=N_("待定署名"),
        found=names.names(access),
        signs=SIGNS,
        longest=names.LONGEST_NOTE,
        problem=problem,
        done="done" in request.query_params,
    )
