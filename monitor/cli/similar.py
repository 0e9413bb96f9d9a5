"""`nianbao similar`: reports with the same text as others', and any two side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.frame import WRONG_USAGE, CommandError, Situation, command, echo, group_of, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitor.similarity.groups import Group, Member
    from monitor.similarity.showing import SideBySide

_STYLES = {"same": "bold", "alike": "", "one_only": "dim"}


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("文字雷同的报告"))
    command(group, "list", N_("列出文字与其他单位相同或基本相同的报告，一组一组地列"))(list_groups)
    command(group, "show", N_("两份报告第一、五部分并排对照"))(show)
    app.add_typer(group, name="similar", rich_help_panel=help_text(N_("查看")))


def list_groups(
    situation: Situation,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只列有这一县区报告的组")))
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", metavar="Y", help=help_text(N_("只列有这一年度报告的组")))
    ] = None,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """The groups as the last assessment found them, the largest first."""
    from monitor.similarity.groups import groups

    situation.check_county(county)
    with situation.database.reading() as session:
        found = [
            group
            for group in groups(session)
            if any(
                county in (None, member.organ.county_code) and year in (None, member.report_year)
                for member in group.members
            )
        ]
    if format == "json":
        situation.write_json([group.to_json() for group in found])
    elif found:
        for number, group in enumerate(found, 1):
            _show_group(situation, number, group)
    else:
        situation.tell(N_("没有文字雷同的报告（以最近一次 nianbao assess 为准）"))


def show(
    situation: Situation,
    first: Annotated[str, typer.Argument(metavar="A", help=help_text(N_("单位代码/年度，如 410526111/2023")))],
    second: Annotated[str, typer.Argument(metavar="B", help=help_text(N_("另一份报告，写法相同")))],
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help=help_text(N_("另写成一个 HTML 文件")))
    ] = None,
) -> None:
    """Two current reports sentence by sentence; those that are the same are marked."""
    from monitor.cli.reports import write_whole
    from monitor.similarity.page import to_page
    from monitor.similarity.showing import compared

    with situation.database.reading() as session:
        left, right = (_member(situation, session, text) for text in (first, second))
        if left.version_id == right.version_id:
            raise CommandError(situation.say(N_("A 和 B 是同一份报告；请给出两份不同的报告")), WRONG_USAGE)
        shown = compared(session, left, right)
    if output is not None:
        write_whole(output, to_page(shown, situation.language).encode("utf-8"))
        situation.complain(N_("已写出 {file}"), file=output)
    if format == "json":
        situation.write_json(shown.to_json())
    elif output is None:
        _show_rows(situation, shown)


def _member(situation: Situation, session: Session, text: str) -> Member:
    from monitor.similarity.groups import member_of

    code, _, year = text.partition("/")
    if not code or not (year.isascii() and year.isdigit()):
        raise CommandError(
            situation.say(N_("“{text}”应写成 单位代码/年度，如 410526111/2023"), text=text), WRONG_USAGE
        )
    found = member_of(session, code, int(year))
    if found is None:
        raise CommandError(situation.say(N_("没有 {text} 的报告；请核对单位代码和年度"), text=text), WRONG_USAGE)
    return found


def _show_group(situation: Situation, number: int, group: Group) -> None:
    from monitor.similarity.page import head

    best = group.pairs[0]
    echo(
        situation.say(
            N_("第 {number} 组：{count} 份报告，相似度最高 {percent}%，比较了 {characters} 个字"),
            number=number,
            count=len(group.members),
            percent=int(best.similarity * 1000) / 10,
            characters=best.characters,
        )
    )
    first = group.first
    for member in group.members:
        mark = situation.say(N_("　所标日期最早")) if member is first else ""
        echo(f"  {member.organ.code}/{member.report_year}  {head(member, situation.language)}{mark}")
    if not group.template_known:
        situation.tell(N_("  有的县区报告太少，还不知道哪些是全县通用语句，未据此提醒"))
    one, other = (
        next(member for member in group.members if member.version_id == key)
        for key in (best.first_id, best.second_id)
    )
    situation.tell(
        N_("  并排对照：nianbao similar show {first} {second}"),
        first=f"{one.organ.code}/{one.report_year}",
        second=f"{other.organ.code}/{other.report_year}",
    )


def _show_rows(situation: Situation, shown: SideBySide) -> None:
    from rich.table import Table
    from rich.text import Text

    from monitor.similarity.page import ASIDES, SIGNS, head, summary

    table: Any = Table(show_lines=True)
    table.add_column(Text(head(shown.left, situation.language)), ratio=1, overflow="fold")
    table.add_column("", no_wrap=True, justify="center")
    table.add_column(Text(head(shown.right, situation.language)), ratio=1, overflow="fold")
    for row in shown.rows:
        aside = next((one.aside for one in (row.left, row.right) if one and one.aside), None)
        style = "dim" if aside else _STYLES[row.mark.value]
        table.add_row(
            Text(row.left.printed if row.left else "", style=style),
            situation.say(ASIDES[aside]) if aside else SIGNS[row.mark],
            Text(row.right.printed if row.right else "", style=style),
        )
    situation.show(table)
    echo(summary(shown, situation.language))
