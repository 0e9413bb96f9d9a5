"""`nianbao tokens`: what other programs show to read the API (docs/api.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.frame import WRONG_USAGE, CommandError, Situation, command, echo, group_of, help_text, refused
from monitor.cli.users import Counties, manager, scope_of
from monitor.language import N_

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.accounts.users import ApiToken


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("其他系统读接口用的令牌"))
    command(group, "add", N_("生成一个令牌；只显示这一次，请立即存好"))(add)
    command(group, "list", N_("列出令牌"))(list_tokens)
    command(group, "withdraw", N_("停用一个令牌，立即生效"))(withdraw)
    app.add_typer(group, name="tokens", rich_help_panel=help_text(N_("运行")))


def add(
    situation: Situation,
    name: Annotated[str, typer.Argument(metavar="NAME", help=help_text(N_("给谁用的，如“市平台”")))],
    county: Counties = None,
    days: Annotated[int, typer.Option("--days", help=help_text(N_("几天后过期")))] = 365,
) -> None:
    """A new token on standard output, and nothing else there; what it is goes to standard error."""
    from monitor.accounts import managing

    scope = scope_of(situation, county)
    with situation.database.begin() as session, refused(situation):
        token, secret = managing.add_token(session, manager(situation), name, scope, days)
    situation.complain(
        N_("已生成令牌 {id}（{name}），{until} 过期；下面这一行只显示一次，请立即存好"),
        id=token.id,
        name=token.name,
        until=f"{token.expires_at:%Y-%m-%d}",
    )
    echo(secret)


def list_tokens(
    situation: Situation,
    all_of_them: Annotated[bool, typer.Option("--all", help=help_text(N_("连同过期和停用的")))] = False,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """All tokens, never their secrets."""
    from monitor.accounts import managing

    now = situation.clock.now()
    with situation.database.reading() as session:
        found = managing.tokens_of(session, manager(situation))
    if not all_of_them:
        found = [token for token in found if token.withdrawn_at is None and token.expires_at > now]
    if format == "json":
        situation.write_json([_as_json(token) for token in found])
        return
    if not found:
        situation.tell(N_("没有令牌；用 nianbao tokens add 生成"))
    for token in found:
        places = situation.say(N_("、")).join(token.scope.places) or situation.say(N_("全部地区"))
        used = f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else situation.say(N_("从未"))
        situation.tell(
            N_("{id}  {name}  {places}  {until} 过期  上次使用 {used}{state}"),
            id=token.id,
            name=token.name,
            places=places,
            until=f"{token.expires_at:%Y-%m-%d}",
            used=used,
            state=_state(situation, token, now),
        )


def withdraw(
    situation: Situation,
    number: Annotated[int, typer.Argument(metavar="ID", help=help_text(N_("令牌的编号，见 nianbao tokens list")))],
) -> None:
    """Ends a token."""
    from monitor.accounts import managing

    try:
        with situation.database.begin() as session:
            token = managing.withdraw_token(session, manager(situation), number)
    except managing.Unknown:
        raise CommandError(
            situation.say(N_("没有编号为 {id} 的令牌；用 nianbao tokens list 查看编号"), id=number), WRONG_USAGE
        ) from None
    situation.tell(N_("令牌 {id}（{name}）已停用"), id=token.id, name=token.name)


def _state(situation: Situation, token: ApiToken, now: datetime) -> str:
    if token.withdrawn_at is not None:
        return situation.say(N_("（已停用）"))
    return situation.say(N_("（已过期）")) if token.expires_at <= now else ""


def _as_json(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "places": list(token.scope.places),
        "created_at": token.created_at.isoformat(),
        "created_by": token.created_by,
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "withdrawn_at": token.withdrawn_at.isoformat() if token.withdrawn_at else None,
    }
