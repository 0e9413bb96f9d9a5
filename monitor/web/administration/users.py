"""Users: the list, a new one, and what is changed of one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access.administration import users
from monitor.access.base import Access
from monitor.accounts.passwords import SHORTEST
from monitor.accounts.roles import ROLE_NAMES, Right, Role
from monitor.language import N_
from monitor.web.handling import for_readers, form_of
from monitor.web.rendering import page

_DONE = {
    "added": N_("已新增。"),
    "changed": N_("已修改。"),
    "password": N_("密码已重设，该用户在各处的登录都已退出。"),
    "closed": N_("已停用；重设密码即重新启用。"),
}


def _list(request: Request, access: Access, problem: str = "") -> Response:
    form = form_of(request)
    return page(
        request,
        "administration_users.html",
        title=N_("用户"),
        users=users.users(access),
        roles=ROLE_NAMES,
        problem=problem,
        name=form.get("name", ""),
        role=form.get("role", Role.VIEWER.value),
        places=form.get("places", " ".join(access.scope.places)),
        everything="everything" in form,
        shortest=SHORTEST,
    )


def _one(request: Request, access: Access, problem: str = "") -> Response:
    line = users.user(access, request.path_params["id"])
    form = form_of(request) if problem and request.url.path.endswith("/change") else None
    return page(
        request,
        "administration_user.html",
        title=N_("用户"),
        heading=line.user.name,
        line=line,
        roles=ROLE_NAMES,
        problem=problem,
        done=_DONE.get(request.query_params.get("done", ""), ""),
        role=form.get("role", "") if form else line.user.role.value,
        places=form.get("places", "") if form else " ".join(line.user.scope.places),
        everything="everything" in form if form else line.user.scope.everything,
        shortest=SHORTEST,
    )


def _done(user_id: int, what: str) -> Response:
    return RedirectResponse(f"/administration/users/{user_id}?done={what}", status_code=303)


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """The list, with the form for a new user."""
    return _list(request, access)


@for_readers(Right.ADMINISTER, again=_list)
def add(request: Request, access: Access) -> Response:
    """A new user."""
    form = request.state.form
    added = users.add(
        access,
        form.get("name", ""),
        form.get("role", ""),
        form.get("places", ""),
        form.get("password", ""),
        form.get("again", ""),
        everything="everything" in form,
    )
    return RedirectResponse(f"/administration/users/{added.id}?done=added", status_code=303)


@for_readers(Right.ADMINISTER)
def show_one(request: Request, access: Access) -> Response:
    """One user with the forms to change it."""
    return _one(request, access)


@for_readers(Right.ADMINISTER, again=_one)
def change(request: Request, access: Access) -> Response:
    """Another role and other places."""
    form, user_id = request.state.form, request.path_params["id"]
    users.change(access, user_id, form.get("role", ""), form.get("places", ""), everything="everything" in form)
    return _done(user_id, "changed")


@for_readers(Right.ADMINISTER, again=_one)
def set_password(request: Request, access: Access) -> Response:
    """A new password."""
    form, user_id = request.state.form, request.path_params["id"]
    users.set_password(access, user_id, form.get("password", ""), form.get("again", ""))
    return _done(user_id, "password")


@for_readers(Right.ADMINISTER, again=_one)
def set_mail(request: Request, access: Access) -> Response:
    """Another address of mail, or none."""
    user_id = request.path_params["id"]
    users.set_mail(access, user_id, request.state.form.get("mail", ""))
    return _done(user_id, "changed")


@for_readers(Right.ADMINISTER, again=_one)
def close(request: Request, access: Access) -> Response:
    """No longer a user."""
    user_id = request.path_params["id"]
    users.close(access, user_id)
    return _done(user_id, "closed")


ROUTES = [
    Route("/administration/users", show, methods=["GET"]),
    Route("/administration/users", add, methods=["POST"]),
    Route("/administration/users/{id:int}", show_one, methods=["GET"]),
    Route("/administration/users/{id:int}/change", change, methods=["POST"]),
    Route("/administration/users/{id:int}/password", set_password, methods=["POST"]),
    Route("/administration/users/{id:int}/mail", set_mail, methods=["POST"]),
    Route("/administration/users/{id:int}/close", close, methods=["POST"]),
]
