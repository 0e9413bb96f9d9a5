"""`nianbao users`: who may log in to the web pages. The first administrator is made here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.frame import (
    FAILED,
    WRONG_USAGE,
    CommandError,
    Situation,
    account_name,
    command,
    echo,
    group_of,
    help_text,
    refused,
)
from monitor.language import N_

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitor.accounts.managing import Manager
    from monitor.accounts.scope import Scope
    from monitor.accounts.users import User

Name = Annotated[str, typer.Argument(metavar="NAME", help=help_text(N_("用户名")))]
RoleOption = Annotated[
    Literal["viewer", "officer", "administrator"] | None,
    typer.Option(
        "--role", show_default=False, help=help_text(N_("viewer 只看；officer 经办；administrator 管理"))
    ),
]
Counties = Annotated[
    list[str] | None,
    typer.Option(
        "--county",
        metavar="CODE",
        show_default=False,
        help=help_text(N_("能看到的地区：县区代码，或省、市代码的前两位、前四位；可写多次，不写就是全部")),
    ),
]
_NONE = N_("没有名为“{name}”的用户；已有的用 nianbao users list 查看")


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("网页的用户"))
    command(group, "add", N_("新增一个用户；密码在终端输入，或从标准输入读一行"))(add)
    command(group, "list", N_("列出用户"))(list_users)
    command(group, "change", N_("改身份、地区或邮箱"))(change)
    command(group, "password", N_("重设密码，并退出该用户的所有登录"))(set_password)
    command(group, "close", N_("停用一个用户；姓名仍留在历史记录中"))(close)
    app.add_typer(group, name="users", rich_help_panel=help_text(N_("运行")))


def add(
    situation: Situation,
    name: Name,
    role: RoleOption = None,
    county: Counties = None,
    without_password: Annotated[
        bool,
        typer.Option("--without-password", help=help_text(N_("不设密码，只能由单位统一登录进来"))),
    ] = False,
) -> None:
    """A new user; the first one is an administrator unless said otherwise."""
    from monitor.accounts import managing, passwords
    from monitor.accounts.roles import Role
    from monitor.store import accounts

    scope = scope_of(situation, county)
    with situation.database.reading() as session, refused(situation):
        name = managing.must_be_free(session, name)
        first = not accounts.users(session)
    chosen = Role(role) if role else Role.ADMINISTRATOR if first else Role.VIEWER
    kept = None if without_password else passwords.hashed(_new_password(situation, name))
    with situation.database.begin() as session, refused(situation):
        managing.add_user(session, manager(situation), name, chosen, scope, kept)
    situation.tell(N_("已新增用户 {name}（{role}）"), name=name, role=chosen.value)


def list_users(
    situation: Situation,
    closed: Annotated[bool, typer.Option("--all", help=help_text(N_("连同已停用的")))] = False,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """All users."""
    from monitor.store import accounts

    with situation.database.reading() as session:
        users = accounts.users(session, closed=closed)
    if format == "json":
        import orjson

        echo(orjson.dumps([_as_json(user) for user in users]).decode())
        return
    if not users:
        situation.tell(N_("还没有用户；用 nianbao users add 新增第一个管理员"))
    for user in users:
        places = situation.say(N_("、")).join(user.scope.places) or situation.say(N_("全部地区"))
        state = situation.say(N_("（已停用）")) if user.closed_at else ""
        echo(f"{user.name}  {user.role.value}  {places}{state}")


def change(
    situation: Situation,
    name: Name,
    role: RoleOption = None,
    county: Counties = None,
    mail: Annotated[
        str | None,
        typer.Option(
            "--mail",
            metavar="ADDRESS",
            show_default=False,
            help=help_text(N_('邮箱：该用户订阅的汇总只发到这里；写 "" 为没有')),
        ),
    ] = None,
) -> None:
    """Another role, other places, another address of mail; what is not said stays."""
    from monitor.accounts import managing
    from monitor.accounts.roles import Role
    from monitor.accounts.scope import Scope

    if role is None and county is None and mail is None:
        raise CommandError(
            situation.say(N_("请用 --role、--county 或 --mail 说明要改什么；--county all 为全部地区")), WRONG_USAGE
        )
    wanted = Scope() if county == ["all"] else scope_of(situation, county)
    with situation.database.begin() as session, refused(situation, FAILED):
        user = _user(situation, session, name)
        new_role = Role(role) if role else user.role
        new_scope = user.scope if county is None else wanted
        if role is not None or county is not None:
            managing.change_user(session, manager(situation), user, new_role, new_scope)
        if mail is not None:
            managing.set_mail(session, manager(situation), user, mail)
    situation.tell(N_("已修改用户 {name}"), name=name)


def set_password(situation: Situation, name: Name) -> None:
    """A new password."""
    from monitor.accounts import managing, passwords

    with situation.database.reading() as session:
        _user(situation, session, name)
    kept = passwords.hashed(_new_password(situation, name))
    with situation.database.begin() as session:
        managing.set_password(session, manager(situation), _user(situation, session, name), kept)
    situation.tell(N_("已重设 {name} 的密码"), name=name)


def close(situation: Situation, name: Name) -> None:
    """No longer a user."""
    from monitor.accounts import managing

    with situation.database.begin() as session, refused(situation, FAILED):
        managing.close_user(session, manager(situation), _user(situation, session, name))
    situation.tell(N_("已停用用户 {name}；重设密码即重新启用"), name=name)


def manager(situation: Situation) -> Manager:
    """Who runs the command manages everything."""
    from monitor.accounts.managing import Manager
    from monitor.accounts.scope import Scope

    return Manager(account_name(), Scope(), situation.clock.now())


def scope_of(situation: Situation, places: Sequence[str] | None) -> Scope:
    """The scope of the places that were named. Raises CommandError."""
    from monitor.accounts.scope import Scope, WrongPlace

    try:
        return Scope.of(places or ())
    except WrongPlace as wrong:
        raise CommandError(
            situation.say(N_("“{place}”不是六位的县区代码，也不是省、市代码的前两位或前四位"), place=wrong.place),
            WRONG_USAGE,
        ) from None


def _user(situation: Situation, session: Session, name: str) -> User:
    from monitor.store import accounts

    found = accounts.user_named(session, name.strip())
    if found is None:
        raise CommandError(situation.say(_NONE, name=name), WRONG_USAGE)
    return found[0]


def _new_password(situation: Situation, name: str) -> str:
    """Asked for twice on a terminal; otherwise the first line of standard input. Raises CommandError."""
    from monitor.accounts.passwords import WeakPassword, check

    if sys.stdin.isatty():
        password = getpass(situation.say(N_("新密码：")))
        if getpass(situation.say(N_("再输一次："))) != password:
            raise CommandError(situation.say(N_("两次输入的密码不一样，没有改动")), FAILED)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    try:
        check(password, name)
    except WeakPassword as weak:
        raise CommandError(situation.say(weak.template, number=weak.number), FAILED) from None
    return password


def _as_json(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        "places": list(user.scope.places),
        "created_at": user.created_at.isoformat(timespec="seconds"),
        "last_seen_at": user.last_seen_at.isoformat(timespec="seconds") if user.last_seen_at else None,
        "closed_at": user.closed_at.isoformat(timespec="seconds") if user.closed_at else None,
    }
