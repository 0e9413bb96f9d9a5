"""Tokens of other systems: the list, a new one (its secret is shown once), and withdrawing."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access.administration import tokens
from monitor.access.base import Access
from monitor.accounts.managing import LONGEST_VALID
from monitor.accounts.roles import Right
from monitor.language import N_
from monitor.web.handling import for_readers, form_of
from monitor.web.rendering import page


def _list(request: Request, access: Access, problem: str = "", *, secret: str = "") -> Response:
    form = form_of(request) if problem else {}
    return page(
        request,
        "administration_tokens.html",
        title=N_("接口令牌"),
        tokens=tokens.tokens(access),
        state_names=tokens.STATE_NAMES,
        problem=problem,
        secret=secret,
        withdrawn=request.query_params.get("done") == "withdrawn",
        name=form.get("name", ""),
        places=form.get("places", " ".join(access.scope.places)),
        everything="everything" in form,
        days=form.get("days", str(tokens.USUAL_DAYS)),
        longest=LONGEST_VALID.days,
    )


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """The list, with the form for a new token."""
    return _list(request, access)


@for_readers(Right.ADMINISTER, again=_list)
def add(request: Request, access: Access) -> Response:
    """A new token. The page that answers is the only one that ever shows the secret."""
    form = request.state.form
    _, secret = tokens.add(
        access,
        form.get("name", ""),
        form.get("places", ""),
        form.get("days", ""),
        everything="everything" in form,
    )
    return _list(request, access, secret=secret)


@for_readers(Right.ADMINISTER)
def withdraw(request: Request, access: Access) -> Response:
    """A token that counts no more."""
    tokens.withdraw(access, request.path_params["id"])
    return RedirectResponse("/administration/tokens?done=withdrawn", status_code=303)


ROUTES = [
    Route("/administration/tokens", show, methods=["GET"]),
    Route("/administration/tokens", add, methods=["POST"]),
    Route("/administration/tokens/{id:int}/withdraw", withdraw, methods=["POST"]),
]
