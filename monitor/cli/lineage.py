"""`nianbao organs lineage`: how organs follow each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.frame import FAILED, WRONG_USAGE, CommandError, Situation, command, echo, group_of, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.store.register import RegisteredOrgan
    from monitor.store.successions import Succession

NARROW = 120
"""On a terminal of fewer columns successions are told in lines, not in a table."""


def register(organs: typer.Typer) -> None:
    """Adds the group of commands to that of the organs."""
    group = group_of(N_("机构沿革：合并、分设、更名、改设、撤销"))
    command(group, "import", N_("从 CSV 登记沿革，并补上两端单位的起止日期"))(import_lineage)
    command(group, "list", N_("列出已登记的沿革"))(list_lineage)
    command(group, "remove", N_("删去登记错的沿革"))(remove_lineage)
    organs.add_typer(group, name="lineage")


def import_lineage(
    situation: Situation,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help=help_text(N_("沿革，UTF-8 的 CSV")))],
) -> None:
    """Keeps the successions of a file; lines that cannot be used are named and the others still count."""
    from monitor.registry.succession_file import import_successions

    situation.check_csv_file(file)
    result = import_successions(situation.database, file)
    for line, reason in result.rejected:
        situation.complain(N_("{file} 第 {line} 行未登记：{reason}"), file=file, line=line, reason=reason)
    for organ in result.dated:
        name = f"{organ.name}（{organ.code}）"
        if organ.valid_from is not None:
            situation.tell(N_("{organ}：名录中补记自 {day} 起有效"), organ=name, day=organ.valid_from)
        if organ.valid_to is not None:
            situation.tell(N_("{organ}：名录中补记有效到 {day}"), organ=name, day=organ.valid_to)
    situation.tell(
        N_("沿革：新增 {added}，变更 {changed}，未变 {unchanged}，未登记 {rejected}"),
        added=result.added,
        changed=result.changed,
        unchanged=result.unchanged,
        rejected=len(result.rejected),
    )
    if result.rejected:
        raise typer.Exit(FAILED)


def list_lineage(
    situation: Situation,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只列这一县区")))
    ] = None,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """The successions, the oldest first."""
    from monitor.store import register
    from monitor.store.successions import all_successions

    situation.check_county(county)
    with situation.database.reading() as session:
        organs = {organ.code: organ for organ in register.all_organs(session)}
        found = all_successions(session)
    found = [
        one
        for one in found
        if county is None
        or any(code in organs and organs[code].county_code == county for code in (one.predecessor, one.successor))
    ]
    if format == "json":
        situation.write_json([_as_json(one, organs) for one in found])
    elif not found:
        situation.tell(N_("没有登记沿革"))
    elif situation.out.width < NARROW:
        for one in found:
            echo("  ".join(_row(situation, one, organs)))
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table()
        for head in (N_("日期"), N_("原单位"), N_("变动"), N_("承接单位"), N_("依据"), N_("说明")):
            table.add_column(situation.say(head))
        for one in found:
            table.add_row(*(Text(cell) for cell in _row(situation, one, organs)))
        situation.show(table)


def remove_lineage(
    situation: Situation,
    predecessor: Annotated[str, typer.Argument(metavar="PREDECESSOR", help=help_text(N_("原单位代码")))],
    successor: Annotated[
        str | None,
        typer.Argument(
            metavar="[SUCCESSOR]", show_default=False, help=help_text(N_("承接单位代码；不写则删去原单位的全部"))
        ),
    ] = None,
) -> None:
    """Takes successions away; the dates in the register are put right by importing the organs again."""
    from monitor.registry.succession_file import remove
    from monitor.store import register

    with situation.database.reading() as session:
        organs = {organ.code: organ for organ in register.all_organs(session)}
    gone = remove(situation.database, predecessor, successor)
    if not gone:
        raise CommandError(
            situation.say(
                N_("没有登记过单位 {code} 的这一沿革；已有的见 nianbao organs lineage list"), code=predecessor
            ),
            WRONG_USAGE,
        )
    for one in gone:
        situation.tell(N_("已删去：{row}"), row="  ".join(_row(situation, one, organs)))
    situation.tell(N_("两端单位的起止日期没有动；不对的请在名录中改正，再运行 nianbao organs import"))


def _row(situation: Situation, one: Succession, organs: dict[str, RegisteredOrgan]) -> list[str]:
    from monitor.registry.succession_file import HOW_NAMES

    return [
        str(one.day),
        _named(one.predecessor, organs),
        situation.say(HOW_NAMES[one.how]),
        _named(one.successor, organs) if one.successor else situation.say(N_("无")),
        one.source,
        one.note,
    ]


def _named(code: str, organs: dict[str, RegisteredOrgan]) -> str:
    return f"{organs[code].name}（{code}）" if code in organs else code


def _as_json(one: Succession, organs: dict[str, RegisteredOrgan]) -> dict[str, str | None]:
    return {
        "predecessor": one.predecessor,
        "predecessor_name": organs[one.predecessor].name if one.predecessor in organs else None,
        "successor": one.successor,
        "successor_name": organs[one.successor].name if one.successor in organs else None,
        "day": one.day.isoformat(),
        "how": one.how.value,
        "source": one.source,
        "note": one.note,
    }
