"""`nianbao completeness`: what one hands on."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, Literal

import typer

from monitor.cli.frame import WRONG_USAGE, CommandError, Situation, command, help_text
from monitor.language import N_

PANEL = N_("查看")


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    command(app, "completeness", N_("各县区公布情况：应公布、按时、逾期、未公布、无法核实"), panel=PANEL)(
        completeness
    )


def completeness(
    situation: Situation,
    year: Annotated[
        int | None, typer.Option("--year", metavar="Y", help=help_text(N_("报告年度；默认为上一年")))
    ] = None,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只看这一县区")))
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help=help_text(N_("截至何时（ISO 8601）；默认现在")))
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help=help_text(N_("整改情况自何时起；默认截至时间前30天"))),
    ] = None,
    format: Annotated[
        Literal["table", "json", "csv", "xlsx", "html"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
    rows: Annotated[
        Literal["organs", "problems"],
        typer.Option("--rows", help=help_text(N_("csv 每行为一个单位，或问题清单的一个问题"))),
    ] = "organs",
    anew: Annotated[
        bool, typer.Option("--anew", help=help_text(N_("不取当时出具的存档，按现有记录重新计算")))
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help=help_text(N_("写到文件，而不是标准输出")))
    ] = None,
) -> None:
    """The completeness report per county."""
    from monitor.completeness.keeping import keep, report_as_of, report_now
    from monitor.present import present
    from monitor.settings import FIRST_YEAR, LAST_YEAR
    from monitor.store.database import StoreError

    at = situation.moment(as_of) if as_of else present(situation.database, situation.clock)
    if format == "xlsx" and output is None and sys.stdout.isatty():
        raise CommandError(situation.say(N_("xlsx 不能写到终端；请用 --output 指定文件")), WRONG_USAGE)
    situation.check_county(county)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise CommandError(
            situation.say(
                N_("没有 {year} 年度的报告；年度应在 {first} 至 {last} 之间"),
                year=year,
                first=FIRST_YEAR,
                last=LAST_YEAR,
            ),
            WRONG_USAGE,
        )
    begun = situation.moment(since) if since else None
    if begun is not None and begun >= at:
        raise CommandError(
            situation.say(
                N_("--since {since} 不早于截至时间 {as_of}；请给出更早的时间"),
                since=begun.isoformat(timespec="seconds"),
                as_of=at.isoformat(timespec="seconds"),
            ),
            WRONG_USAGE,
        )
    portals = (*situation.portals, *situation.unread_portals)
    of = year if year is not None else at.year - 1
    if as_of:
        report = report_as_of(
            situation.database,
            portals,
            situation.settings,
            at,
            year=of,
            county=county,
            since=begun,
            anew=anew,
        )
    else:
        report = report_now(
            situation.database, portals, situation.settings, at, year=of, county=county, since=begun
        )
        try:
            keep(situation.database, situation.settings, report, county=county, since=begun)
        except StoreError as problem:
            # Who may only read the record gets the report all the same.
            situation.complain(N_("报告没有存档，以后不能按此时刻原样再现：{problem}"), problem=problem)
    _tell_unwatched(situation, report)
    language = situation.language
    if format == "table" and output is None:
        from monitor.completeness.table import to_tables

        situation.show(to_tables(report, language))
        return
    data = _encoded(situation, report, format, rows)
    if output is None:
        situation.write_bytes(data)
    else:
        write_whole(output, data)
        situation.complain(N_("已写出 {file}"), file=output)


def _tell_unwatched(situation: Situation, report: Any) -> None:
    """Says which counties do not watch the year, and how they would."""
    from monitor.settings import CONFIGURATION_NAME
    from monitor.standings import NOT_WATCHED

    names = [one.name for one in report.counties if any(each.reason == NOT_WATCHED for each in one.standings)]
    if names:
        situation.complain(
            N_(
                "{counties}没有监测 {year} 年度，没有见到的报告不算未公布；"
                "要监测，请在 {file} 的 [watch] 中加上该年度"
            ),
            counties=situation.say(N_("、")).join(names),
            year=report.year,
            file=CONFIGURATION_NAME,
        )


def _encoded(situation: Situation, report: Any, format: str, rows: str) -> bytes:
    import json

    from monitor.completeness import page, table, workbook

    language = situation.language
    if format == "json":
        return (json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    if format == "csv":
        return (workbook.problems_to_csv if rows == "problems" else workbook.to_csv)(report, language)
    if format == "xlsx":
        return workbook.to_workbook(report, language)
    if format == "html":
        return page.to_page(report, language, web=situation.settings.web.address).encode("utf-8")
    from rich.console import Console

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(file=nowhere, width=160, record=True)
        console.print(table.to_tables(report, language))
        return console.export_text().encode("utf-8")


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that it is the old one or the whole new one at any moment. Raises OSError."""
    with whole_file(path) as target:
        target.write(data)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that takes the place of ``path`` when all is written, and else leaves it as it was.

    Raises OSError.
    """
    if path.is_dir():
        raise IsADirectoryError(21, os.strerror(21), str(path))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as problem:
        raise type(problem)(problem.errno, problem.strerror, str(path)) from None
    try:
        with open(handle, "wb") as target:  # noqa: PTH123 - a descriptor, not a path
            yield target
            target.flush()
            os.fsync(target.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
