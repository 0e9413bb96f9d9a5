"""The page behind a link in a mail: what the matters are, how they stand, and a button to take them up.

Opening it changes nothing, so that programs which follow the links in mails do no harm; only its form does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.alerts import answers
from monitor.alerts.answers import Matter, Now
from monitor.alerts.links import Expired, Invitation, NotOurs, read_token
from monitor.alerts.wording import SEVERITY_NAMES, kind_name, moment_in_words
from monitor.language import N_, translate
from monitor.refusals import too_long
from monitor.web.handling import read_form
from monitor.web.rendering import PARAMETER, language_of, page

if TYPE_CHECKING:
    from monitor.access.base import Record

LARGEST_ANSWER = 16 * 1024
_NOT_OURS = (
    N_("链接无效"),
    N_("这个链接不完整，或者密钥已经更换。请从邮件中重新打开，或复制完整的地址。"),
)
_EXPIRED = (
    N_("链接已过期"),
    N_("这个链接已超过有效期。问题若还在，之后的邮件里有新的链接；也可以请管理员代为登记。"),
)
_NONE_LEFT = (N_("没有可看的提醒"), N_("这个链接所指的提醒已不在记录中。"))


async def show(request: Request) -> Response:
    """The page: GET changes nothing."""
    pages: Record = request.app.state.pages
    invitation = _invitation(request, pages)
    if isinstance(invitation, Response):
        return invitation
    return await _page(request, pages, invitation)


async def _page(
    request: Request, pages: Record, invitation: Invitation, *, problem: str = "", name: str = "", note: str = ""
) -> Response:
    """The page; ``name`` and ``note`` are what was filled in where it could not be taken."""
    language = language_of(request)
    matters = await run_in_threadpool(answers.look, pages.database, invitation, language)
    if not matters:
        return page(request, "message.html", status=410, title=_NONE_LEFT[0], text=_NONE_LEFT[1])
    return page(
        request,
        "answer.html",
        title=N_("查看并接手"),
        who=invitation.who,
        shared=not invitation.recipient,
        until=moment_in_words(invitation.until, language),
        matters=[_shown(matter, language) for matter in matters],
        open=sum(matter.now is Now.OPEN for matter in matters),
        done=request.query_params.get("done") == "1",
        longest_name=answers.LONGEST_NAME,
        problem=problem,
        name=name,
        note=note,
    )


async def confirm(request: Request) -> Response:
    """What the form asks for; then the page again, so that loading it anew sends nothing twice."""
    pages: Record = request.app.state.pages
    invitation = _invitation(request, pages)
    if isinstance(invitation, Response):
        return invitation
    form = await read_form(request, LARGEST_ANSWER)
    name, note = form.get("name", ""), form.get("note", "")
    if problem := too_long(answers.one_line(note), answers.LONGEST_NOTE, language_of(request)):
        return await _page(request, pages, invitation, problem=problem, name=name, note=note)
    await run_in_threadpool(answers.take_up, pages.database, invitation, name=name, note=note, at=pages.now())
    return RedirectResponse(f"?done=1&{PARAMETER}={language_of(request)}", status_code=303)


def _invitation(request: Request, pages: Record) -> Invitation | Response:
    try:
        return read_token(request.path_params["token"], pages.secret, pages.now())
    except Expired:
        title, text = _EXPIRED
        return page(request, "message.html", status=410, title=title, text=text)
    except NotOurs:
        title, text = _NOT_OURS
        return page(request, "message.html", status=404, title=title, text=text)


def _shown(matter: Matter, language: str) -> dict[str, object]:
    alert = matter.alert
    return {
        **matter.details,
        "number": alert["id"],
        "organ": alert["organ"],
        "county": matter.county,
        "year": alert["report_year"],
        "rule": alert["rule"],
        "severity": alert["severity"],
        "severity_name": translate(SEVERITY_NAMES[alert["severity"]], language),
        "kind": translate(kind_name(alert["kind"], alert["rule"]), language),
        "summary": alert["summary"],
        "advice": matter.advice,
        "ended": matter.ended,
        "now": matter.now.value,
        "at": moment_in_words(matter.at, language) if matter.at else "",
        "by": matter.by or "",
    }
