"""The log of every change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.administration import audit_log
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.accounts.users import NO_USER
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """A page of the log."""
    before, who = request.query_params.get("before", ""), request.query_params.get("who", "").strip()
    return page(
        request,
        "administration_audit.html",
        title=N_("操作记录"),
        who=who,
        found=audit_log.audit_page(
            access, who=who, before=int(before) if before.isdecimal() and len(before) < 10 else None
        ),
        words=audit_log.WORDS,
        no_user=NO_USER,
        in_line=_in_line,
    )


ROUTES = [Route("/administration/audit", show, methods=["GET"])]


def _in_line(values: Mapping[str, Any]) -> str:
    """What a change was made with, as data in one line."""
    return json.dumps(values, ensure_ascii=False) if values else ""
