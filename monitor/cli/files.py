"""`nianbao parse`: reads files and judges what stands in them, without database or network."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.frame import FAILED, Situation, command, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.rules.catalogue import Judgement
    from parsers.schema import Report

# Larger files than any report are refused unread; the crawler's own limit is the same by default.
LARGEST = 64 * 1024 * 1024


_logger = logging.getLogger(__name__)


class UnreadableFile(Exception):
    """A file cannot be read at all; the message says why."""


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    command(app, "parse", N_("解析报告文件并检查，不用数据库和网络"), panel=N_("查看"))(parse)


def parse(
    situation: Situation,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=help_text(N_("报告文件（HTML 或文本）")))],
    format: Annotated[
        Literal["text", "json"],
        typer.Option("--format", help=help_text(N_("text：给人看的摘要；json：每个文件一行 JSON"))),
    ] = "text",
) -> None:
    """Each file in turn; one that cannot be parsed is told and the others still come."""
    failed = False
    for file in files:
        try:
            entry = _read(situation, file, as_json=format == "json")
        except UnreadableFile as problem:
            failed = True
            if format == "json":
                situation.write_json({"file": str(file), "kind": "unreadable", "error": str(problem)}, lines=True)
            situation.complain(N_("{file}：{problem}"), file=file, problem=problem)
            continue
        if isinstance(entry, dict):
            situation.write_json(entry, lines=True)
        else:
            typer.echo("\n".join(entry))
    if failed:
        raise typer.Exit(FAILED)


def _read(situation: Situation, file: Path, *, as_json: bool) -> dict[str, Any] | list[str]:
    from monitor.rules.base import Subject
    from monitor.rules.catalogue import judge
    from parsers import reading
    from parsers.schema import UnreadableDocument

    data = _bytes(situation, file)
    try:
        report = reading.parse(data, name=file.name)
    except UnreadableDocument as problem:
        raise UnreadableFile(" ".join(str(problem).split())) from None
    except (RecursionError, MemoryError) as problem:
        raise UnreadableFile(
            situation.say(N_("文件结构过于复杂，无法解析（{kind}）"), kind=type(problem).__name__)
        ) from None
    except Exception as problem:
        # A mistake of ours at one file must not hide the others.
        _logger.info("%s", file, exc_info=problem)
        what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
        raise UnreadableFile(situation.say(N_("解析程序出错（{what}）；请报告此文件"), what=what)) from None
    judgement = judge(Subject(report))
    if as_json:
        return _as_json(situation, file, data, report, judgement)
    return _as_text(situation, file, report, judgement)


def _bytes(situation: Situation, file: Path) -> bytes:
    try:
        if file.is_dir():
            raise UnreadableFile(situation.say(N_("是一个目录，不是文件；请指定其中的文件")))
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise UnreadableFile(situation.say(N_("找不到这个文件；请检查路径"))) from None
    except PermissionError:
        raise UnreadableFile(situation.say(N_("没有读取权限；请检查文件权限"))) from None
    except OSError as problem:
        raise UnreadableFile(situation.say(N_("读不了（{problem}）"), problem=problem.strerror)) from None
    if not data:
        raise UnreadableFile(situation.say(N_("是空文件；请重新下载")))
    if len(data) > LARGEST:
        raise UnreadableFile(situation.say(N_("超过 {size} MB，不像是报告"), size=LARGEST // 1024 // 1024))
    return data


def _as_json(
    situation: Situation, file: Path, data: bytes, report: Report, judgement: Judgement
) -> dict[str, Any]:
    content = report.to_json()
    findings = [
        {**finding.to_json(), "message": finding.message(situation.language)} for finding in judgement.findings
    ]
    warnings = content.pop("warnings")
    return {
        "file": str(file),
        "sha256": hashlib.sha256(data).hexdigest(),
        **content,
        "findings": findings,
        "warnings": warnings,
    }


def _as_text(situation: Situation, file: Path, report: Report, judgement: Judgement) -> list[str]:
    """What stands in the file, for people: whose, of which year, how complete, and what is wrong."""
    from monitor.completeness.figures import SEVERITY_NAMES
    from parsers.schema import CellState, DocumentKind

    say = situation.say
    unknown = say(N_("未识别"))
    lines = [str(file)]

    def add(text: str, /, **values: Any) -> None:
        lines.append("  " + say(text, **values))

    add(N_("标题：{title}"), title=report.title or unknown)
    if report.kind is not DocumentKind.REPORT:
        add(N_("这不是年度报告（可能是解读、通知、列表页或附函），未作检查"))
        return lines
    add(
        N_("单位：{organ}　年度：{year}　格式：{form}　公布日期：{date}"),
        organ=report.organ or unknown,
        year=report.report_year or unknown,
        form=report.form or unknown,
        date=report.published_on or say(N_("文中没有")),
    )
    absent = [str(number) for number, section in sorted(report.sections.items()) if not section.present]
    if absent:
        add(N_("缺少第 {numbers} 部分"), numbers=say(N_("、")).join(absent))
    else:
        add(N_("六个部分齐全"))
    states = Counter(cell.state for cell in report.cells.values())
    add(
        N_(
            "表格 {all} 格：有数 {reported}，空白 {blank}，缺格 {absent}，无法辨认 {unreadable}；"
            "正文中的数 {facts} 处"
        ),
        all=len(report.cells),
        reported=states[CellState.REPORTED],
        blank=states[CellState.BLANK],
        absent=states[CellState.ABSENT],
        unreadable=states[CellState.UNREADABLE],
        facts=len(report.narrative),
    )
    if not judgement.matters:
        add(N_("检查：没有发现问题"))
    for matter in judgement.matters:
        for place, finding in enumerate(matter.findings):
            add(
                N_("【{severity}】{message}（{rule}）")
                if place == 0
                else N_("　　同一处还涉及：{message}（{rule}）"),
                severity=say(SEVERITY_NAMES[finding.severity]),
                message=finding.message(situation.language),
                rule=finding.rule,
            )
        if matter.likely_cause:
            add(N_("　　可能原因：{cause}"), cause=say(matter.likely_cause))
    if report.lints:
        add(N_("识读时另有 {number} 处提示，用 --format json 可看"), number=len(report.lints))
    return lines
