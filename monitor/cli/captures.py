"""`nianbao captures`: what was fetched, as it was: listed, shown, and exported for others to check."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.frame import FAILED, WRONG_USAGE, CommandError, Situation, command, echo, group_of, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.evidence.selection import Selection
    from monitor.store.evidence import KeptCapture

MOST = 50
SHORTEST_DIGEST = 8
"""So many characters of a digest name a capture, if no other begins so."""
Organ = Annotated[str, typer.Option("--organ", metavar="CODE", help=help_text(N_("单位代码")))]
Year = Annotated[int, typer.Option("--year", metavar="Y", help=help_text(N_("报告年度")))]
AllLists = Annotated[
    bool, typer.Option("--all-lists", help=help_text(N_("每一次采集的列表页都要，而不只是能说明问题的几次")))
]
Format = Annotated[Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))]


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("查看和导出采集留存的原件"))
    command(group, "list", N_("列出留存的原件"))(list_captures)
    command(group, "show", N_("一份原件的来历；用 --output 按原样取出"))(show)
    command(group, "export", N_("把一个单位一个年度的全部原件导出为 WARC 文件"))(export)
    app.add_typer(group, name="captures", rich_help_panel=help_text(N_("查看")))


def export(
    situation: Situation,
    organ: Organ,
    year: Year,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help=help_text(N_("写到哪个文件；默认 <单位代码>-<年度>.warc.gz"))
        ),
    ] = None,
    all_lists: AllLists = False,
) -> None:
    """A WARC 1.1 file with everything that was captured for one obligation."""
    from crawler.warc import write_warc
    from monitor.cli.reports import whole_file
    from monitor.evidence.selection import from_logs

    selection = _selection(situation, organ, year, all_lists=all_lists)
    if not selection.captures:
        raise CommandError(
            situation.say(
                N_("没有 {organ} {year} 年度的留存：没有采集到报告，也没有采集过栏目；请先运行 nianbao run"),
                organ=organ,
                year=year,
            ),
            FAILED,
        )
    file = output or Path(f"{organ}-{year}.warc.gz")
    logged = from_logs(situation.archive, selection.captures)
    with whole_file(file) as out:
        written = write_warc(
            out,
            situation.archive,
            logged,
            filename=file.name,
            # Not the time of the export: the same record gives the same file.
            made_at=max(one.capture.fetched_at for one in logged),
            about={"isPartOf": f"organ {organ}, report year {year}"},
        )
    situation.complain(
        N_("已写出 {file}：{captures} 次采集，其中原文 {responses}，与前相同 {revisits}，没有取到 {failures}"),
        file=file,
        captures=written.captures,
        responses=written.responses,
        revisits=written.revisits,
        failures=written.failures,
    )
    if written.lost:
        raise CommandError(
            situation.say(
                N_("有 {number} 份原件已不在留存中，没有写入：{digest}…；请从备份恢复后重新导出"),
                number=len(set(written.lost)),
                digest=written.lost[0][:16],
            ),
            FAILED,
        )


def list_captures(
    situation: Situation,
    organ: Annotated[str | None, typer.Option("--organ", metavar="CODE", help=help_text(N_("单位代码")))] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="Y", help=help_text(N_("报告年度")))] = None,
    portal: Annotated[
        str | None, typer.Option("--portal", metavar="ID", help=help_text(N_("只列这一门户")))
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="URL", help=help_text(N_("只列这一网址")))
    ] = None,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, max=1_000_000, help=help_text(N_("最多列多少份")))
    ] = MOST,
    all_lists: AllLists = False,
    format: Format = "table",
) -> None:
    """Captures, the newest first: those of an obligation (as exported), of a portal, of an address."""
    from monitor.store import evidence

    if (organ is None) != (year is None):
        raise CommandError(situation.say(N_("--organ 和 --year 要一起给")), WRONG_USAGE)
    if organ is not None and year is not None:
        chosen = _selection(situation, organ, year, all_lists=all_lists).captures
        found = [
            one
            for one in sorted(chosen, key=lambda one: (one.capture.fetched_at, one.id), reverse=True)
            if portal in (None, one.portal_id) and address in (None, one.capture.address)
        ][:most]
    else:
        with situation.database.reading() as session:
            found = evidence.captures_in_order(session, portal_id=portal, address=address, most=most)
    if format == "json":
        situation.write_json([_as_json(one) for one in found])
    elif found:
        situation.show(_table(situation, found))
    else:
        situation.tell(N_("没有符合条件的留存"))


def show(
    situation: Situation,
    which: Annotated[
        str, typer.Argument(metavar="ID|SHA", help=help_text(N_("编号，或 SHA-256 摘要（前 8 位以上）")))
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help=help_text(N_("把原件按原样写到文件（不会打开或运行它）"))),
    ] = None,
    format: Format = "table",
) -> None:
    """Where and when a capture was made; its bytes go to a file and nowhere else."""
    from monitor.cli.reports import write_whole
    from monitor.evidence.selection import from_logs

    found = _which(situation, which)
    (logged,) = from_logs(situation.archive, [found])
    capture = logged.capture
    if output is not None and capture.sha256 is None:
        raise CommandError(
            situation.say(
                N_("编号 {id} 的采集没有取到内容（{problem}）"), id=found.id, problem=capture.problem or "—"
            ),
            FAILED,
        )
    if output is not None and output.exists():
        raise CommandError(
            situation.say(N_("{file} 已经存在，不会覆盖；请换一个文件名"), file=output), WRONG_USAGE
        )
    data = {
        **_as_json(found),
        "final_address": capture.final_address,
        "parent_address": capture.parent_address,
        "method": capture.method,
        "request_headers": dict(capture.request_headers),
        "request_body": capture.request_body,
        "headers": dict(capture.headers),
    }
    if format == "json":
        situation.write_json(data)
    else:
        for name, value in data.items():
            if value not in (None, "", {}):
                echo(f"{name}: {' '.join(str(value).split())}")
    if output is not None and capture.sha256 is not None:
        write_whole(output, situation.archive.get(capture.sha256))
        situation.complain(N_("已写出 {file}"), file=output)


def _selection(situation: Situation, organ: str, year: int, *, all_lists: bool) -> Selection:
    """The captures of an obligation. Raises CommandError for an organ that the register does not have."""
    from monitor.evidence.selection import of_obligation
    from monitor.present import present
    from monitor.settings import FIRST_YEAR, LAST_YEAR
    from monitor.store import register

    if register.organ_facts(situation.database, organ) is None:
        raise CommandError(
            situation.say(N_("名录中没有代码为 {organ} 的单位；请核对代码，或先导入名录"), organ=organ),
            WRONG_USAGE,
        )
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CommandError(
            situation.say(
                N_("没有 {year} 年度的报告；年度应在 {first} 至 {last} 之间"),
                year=year,
                first=FIRST_YEAR,
                last=LAST_YEAR,
            ),
            WRONG_USAGE,
        )
    as_of = present(situation.database, situation.clock)
    return of_obligation(
        situation.database, situation.portals, situation.settings, organ, year, as_of, all_lists=all_lists
    )


def _which(situation: Situation, text: str) -> KeptCapture:
    """The capture of a number, or the first one of a digest. Raises CommandError."""
    from monitor.store import evidence

    with situation.database.reading() as session:
        if text.isascii() and text.isdigit() and len(text) < SHORTEST_DIGEST:
            found = evidence.capture_with_id(session, int(text))
            if found is not None:
                return found
        elif len(text) >= SHORTEST_DIGEST and set(text.lower()) <= set("0123456789abcdef"):
            several = evidence.captures_with_digest(session, text.lower())
            digests = {one.capture.sha256 for one in several}
            if len(digests) > 1:
                raise CommandError(
                    situation.say(N_("以 {text} 开头的摘要不止一个；请多给几位"), text=text), WRONG_USAGE
                )
            if several:
                return several[0]
    raise CommandError(
        situation.say(N_("没有编号或摘要为 {text} 的留存；用 nianbao captures list 查看"), text=text), WRONG_USAGE
    )


def _as_json(one: KeptCapture) -> dict[str, Any]:
    capture = one.capture
    return {
        "id": one.id,
        "role": capture.role.value,
        "address": capture.address,
        "fetched_at": capture.fetched_at.isoformat(timespec="seconds"),
        "status": capture.status,
        "sha256": capture.sha256,
        "size": capture.size,
        "media_type": capture.media_type,
        "problem": capture.problem,
        "portal": one.portal_id,
        "column": capture.column_id,
        "run": one.run_id,
        "sequence": capture.sequence,
    }


_ROLES = {"list": N_("列表页"), "document": N_("网页"), "attachment": N_("附件")}


def _table(situation: Situation, found: list[KeptCapture]) -> Any:
    from rich.text import Text

    from monitor.tables import WholeTable

    table = WholeTable()
    table.add_column(situation.say(N_("编号")), justify="right", no_wrap=True)
    for head in (N_("类别"), N_("时间"), N_("状态")):
        table.add_column(situation.say(head), no_wrap=True)
    table.add_column(situation.say(N_("摘要")), no_wrap=True)
    table.add_column(situation.say(N_("网址")), ratio=1, overflow="fold")
    for one in found:
        capture = one.capture
        at: datetime = capture.fetched_at
        table.add_row(
            str(one.id),
            situation.say(_ROLES[capture.role.value]),
            f"{at:%Y-%m-%d %H:%M:%S}",
            Text(str(capture.status or capture.problem or "—")),
            (capture.sha256 or "—")[:12],
            Text(capture.address),
        )
    return table
