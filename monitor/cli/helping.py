"""The help of the commands, in the language of the environment and with nothing cut off.

The library's own speaks English, and where a line is full it cuts Chinese, which has no blanks to break at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperGroup

from monitor.language import N_, spoken_language, translate

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDEST_KIND = 28
"""A longer list of what a parameter may be goes into its text: beside it there would be no room for that."""
ARGUMENTS, OPTIONS, COMMANDS = N_("参数"), N_("选项"), N_("命令")
_USAGE = N_("用法：{usage}")
_REQUIRED = N_("（必填）")
_DEFAULT = N_("（默认 {value}）")
_RANGE = N_("（{least} 至 {most}）")
_AT_LEAST = N_("（不小于 {least}）")
_ONE_OF = N_("（可以是 {known}）")
_HELP = N_("显示这段说明")
_TYPES = {"<int>": N_("整数"), "<float>": N_("数")}


def _say(text: str, **values: object) -> str:
    return translate(text, spoken_language(), values)


class Command(TyperCommand):
    """A command with our help."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """As the library does, in our words."""
        return _usage(super().collect_usage_pieces(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the help to standard output."""
        _write(self, ctx, ())


class Group(TyperGroup):
    """A group of commands with our help."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """As the library does, in our words."""
        return _usage(super().collect_usage_pieces(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the help to standard output, and which commands there are."""
        known = (self.get_command(ctx, name) for name in self.list_commands(ctx))
        _write(self, ctx, [each for each in known if each is not None and not each.hidden])


def _usage(pieces: Iterable[str]) -> list[str]:
    ours = {"[OPTIONS]": f"[{_say(OPTIONS)}]", "COMMAND [ARGS]...": f"{_say(COMMANDS)} …"}
    return [ours.get(piece, piece.strip("{}")) for piece in pieces]


def _write(command: Any, ctx: Any, commands: Iterable[Any]) -> None:
    from rich.text import Text

    from monitor.cli.consoles import PlainConsole

    console = PlainConsole(highlight=False)
    usage = " ".join((ctx.command_path, *command.collect_usage_pieces(ctx)))
    console.print(Text(f" {_say(_USAGE, usage=usage)}\n", style="bold", overflow="fold"))
    if command.help:
        console.print(Text(f" {command.help}\n", overflow="fold"))
    shown = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    help_option = command.get_help_option(ctx)
    arguments = [one for one in shown if isinstance(one, TyperArgument)]
    options = [one for one in shown if not isinstance(one, TyperArgument)]
    for title, some in ((ARGUMENTS, arguments), (OPTIONS, options)):
        _panel(console, _say(title), [_row(one, ctx, is_help=one is help_option) for one in some])
    groups: dict[str, list[list[RenderableType]]] = {}
    for each in commands:
        groups.setdefault(getattr(each, "rich_help_panel", None) or _say(COMMANDS), []).append(
            [Text(each.name or "", style="bold cyan", no_wrap=True), Text(each.short_help or each.help or "")]
        )
    for panel, rows in groups.items():
        _panel(console, panel, rows)


def _panel(console: Console, title: str, rows: Iterable[list[RenderableType]]) -> None:
    from rich.panel import Panel
    from rich.table import Table

    rows = list(rows)
    if not rows:
        return
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for _ in rows[0][:-1]:
        table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for row in rows:
        table.add_row(*row)
    console.print(Panel(table, title=title, title_align="left", border_style="dim"))


def _row(one: Any, ctx: Any, *, is_help: bool) -> list[RenderableType]:
    from rich.text import Text

    options = sorted((*one.opts, *one.secondary_opts), key=lambda name: not name.startswith("--"))
    names = one.display_name_raw if isinstance(one, TyperArgument) else ",".join(options)
    kind = "" if getattr(one, "is_flag", False) else one.display_type_rich(ctx) or ""
    told = Text(_say(_HELP) if is_help else one.help or "")
    if len(kind) > WIDEST_KIND:
        told.append(_say(_ONE_OF, known=kind.strip("<>").replace("|", " | ")))
        kind = ""
    for text, style in _remarks(one, ctx, is_help=is_help):
        told.append(text, style=style)
    return [Text(names, style="bold cyan"), Text(_say(_TYPES.get(kind, kind)), style="bold yellow"), told]


def _remarks(one: Any, ctx: Any, *, is_help: bool) -> Iterator[tuple[str, str]]:
    """What else is to be known of a parameter, with its style: its range, its default, that it must be given."""
    least, most = getattr(one, "min", None), getattr(one, "max", None)
    if least is not None and most is not None:
        yield _say(_RANGE, least=least, most=most), "dim"
    elif least is not None:
        yield _say(_AT_LEAST, least=least), "dim"
    default = None if is_help or not getattr(one, "show_default", False) else one.get_default(ctx, call=False)
    if default is True and one.secondary_opts:
        yield _say(_DEFAULT, value=one.opts[0]), "dim"
    elif default not in (None, "", (), []) and not isinstance(default, bool):
        yield _say(_DEFAULT, value=getattr(default, "value", default)), "dim"
    if one.required:
        yield _say(_REQUIRED), "red"
