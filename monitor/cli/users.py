"""`nianbao users`: who may log in to the web pages. The first administrator is made here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.frame import FAILED, WRONG_USAGE, CommandError, Situation, account_name, command, echo, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

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
    group = typer.Typer(help=help_text(N_("网页的用户")), no_args_is_help=True)
    command(group, "add", N_("新增一个用户；密码在终端输入，或从标准输入读一行"))(add)
    command(group, "list", N_("列出用户"))(list_users)
    command(group, "change", N_("改身份或地区"))(change)
    command(group, "password", N_("重设密码，并退出该用户的所有登录"))(set_password)
    command(group, "close", N_("停用一个用户；姓名仍留在历史记录中"))(close)
    app.add_typer(group, name="users", rich_help_panel=help_text(N_("运行")))


def add(situation: Situation, name: Name, role: RoleOption = None, county: Counties = None) -> None:
    """A new user; the first one is an administrator unless said otherwise."""
    from monitor.accounts import passwords
    from monitor.accounts.roles import Role
    from monitor.store import accounts

    name, scope = _name(situation, name), _scope(situation, county)
    with situation.database.reading() as session:
        _must_be_free(situation, session, name)
        first = not accounts.users(session)
    chosen = Role(role) if role else Role.ADMINISTRATOR if first else Role.VIEWER
    kept = passwords.hashed(_new_password(situation, name))
    with situation.database.begin() as session:
        _must_be_free(situation, session, name)
        user = accounts.add_user(session, name, chosen, scope, kept, situation.clock.now())
        _note(situation, session, "user.added", user, role=chosen.value, places=list(scope.places))
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


def change(situation: Situation, name: Name, role: RoleOption = None, county: Counties = None) -> None:
    """Another role or other places; what is not said stays."""
    from monitor.accounts.roles import Role
    from monitor.accounts.scope import Scope
    from monitor.store import accounts

    if role is None and county is None:
        raise CommandError(
            situation.say(N_("请用 --role 或 --county 说明要改什么；--county all 为全部地区")), WRONG_USAGE
        )
    wanted = Scope() if county == ["all"] else _scope(situation, county)
    with situation.database.begin() as session:
        user = _user(situation, session, name)
        new_role = Role(role) if role else user.role
        new_scope = user.scope if county is None else wanted
        accounts.change_user(session, user.id, role=new_role.value, scope=new_scope)
        _note(situation, session, "user.changed", user, role=new_role.value, places=list(new_scope.places))
    situation.tell(N_("已修改用户 {name}"), name=name)


def set_password(situation: Situation, name: Name) -> None:
    """A new password."""
    from monitor.accounts import passwords
    from monitor.store import accounts

    with situation.database.reading() as session:
        _user(situation, session, name)
    kept = passwords.hashed(_new_password(situation, name))
    with situation.database.begin() as session:
        user = _user(situation, session, name)
        accounts.change_user(session, user.id, password=kept, closed_at=None)
        accounts.end_sessions_of(session, user.id)
        accounts.forget_failures(session, user.name, situation.clock.now())
        _note(situation, session, "user.password", user)
    situation.tell(N_("已重设 {name} 的密码"), name=name)


def close(situation: Situation, name: Name) -> None:
    """No longer a user."""
    from monitor.store import accounts

    with situation.database.begin() as session:
        user = _user(situation, session, name)
        accounts.change_user(session, user.id, closed_at=situation.clock.now())
        accounts.end_sessions_of(session, user.id)
        _note(situation, session, "user.closed", user)
    situation.tell(N_("已停用用户 {name}；重设密码即重新启用"), name=name)


def _name(situation: Situation, name: str) -> str:
    from monitor.accounts.users import WrongName, checked_name

    try:
        return checked_name(name)
    except WrongName:
        raise CommandError(
            situation.say(N_("用户名“{name}”不行：用 2 到 64 个字母、汉字、数字或 . _ @ -"), name=name),
            WRONG_USAGE,
        ) from None


def _scope(situation: Situation, places: Sequence[str] | None) -> Scope:
    from monitor.accounts.scope import Scope, WrongPlace

    try:
        return Scope.of(places or ())
    except WrongPlace as wrong:
        raise CommandError(
            situation.say(N_("“{place}”不是六位的县区代码，也不是省、市代码的前两位或前四位"), place=wrong.place),
            WRONG_USAGE,
        ) from None


def _must_be_free(situation: Situation, session: Session, name: str) -> None:
    from monitor.store import accounts

    if accounts.user_named(session, name) is not None:
        raise CommandError(
            situation.say(
                N_("已有名为“{name}”的用户；改身份或地区用 users change，重设密码用 users password"), name=name
            ),
            WRONG_USAGE,
        )


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


def _note(situation: Situation, session: Session, what: str, user: User, **values: object) -> None:
    from monitor.accounts.users import AuditEntry
    from monitor.store import accounts

    accounts.add_audit(session, AuditEntry(situation.clock.now(), account_name(), what, user.name, None, values))


def _as_json(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        "places": list(user.scope.places),
        "created_at": user.created_at.isoformat(timespec="seconds"),
        "last_seen_at": user.last_seen_at.isoformat(timespec="seconds") if user.last_seen_at else None,
        "closed_at": user.closed_at.isoformat(timespec="seconds") if user.closed_at else None,
    }
