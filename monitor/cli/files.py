"""`nianbao parse`: reads files and judges what stands in them, without database or network."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import typer

from monitor.cli.frame import BROKEN_OFF, FAILED, Situation, command, help_text
from monitor.cli.progress import counting
from monitor.language import N_, translate
from monitor.workers import Allow, Limits, Trouble, WorkerPool

if TYPE_CHECKING:
    from monitor.rules.catalogue import Judgement
    from parsers.schema import Report

# Larger files than any report are refused unread; the crawler's own limit is the same by default.
LARGEST = 64 * 1024 * 1024
LIMITS = Limits()

PRELOADED = ("monitor.cli.files", "monitor.rules.catalogue", "parsers.reading", "parsers.narrative")

# What a file is that is no report, in the words of parsers.schema.FinerKind.
_KIND_NAMES = {
    "interpretation": N_("报告的解读"),
    "infographic": N_("图解"),
    "notice": N_("通知、通报或公告"),
    "covering_letter": N_("报送报告的函"),
    "list_page": N_("列表页"),
    "challenge_page": N_("网站的验证页"),
    "empty_shell": N_("没有正文的空页"),
    "other": N_("别的内容"),
}

_REASONS = {
    errno.ELOOP: N_("链接指向它自己；请检查链接"),
    errno.ENAMETOOLONG: N_("文件名太长；请检查路径"),
    errno.EIO: N_("磁盘读取出错；请换一份文件再试"),
}

_logger = logging.getLogger(__name__)

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class FileTask:
    """One file to read, and how to tell what stands in it."""

    file: Path
    as_json: bool
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of one file: finished lines, or the reason why it cannot be read."""

    kind: str
    lines: tuple[str, ...] = ()
    problem: str | None = None


class UnreadableFile(Exception):
    """A file cannot be read at all; the message says why."""


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    command(app, "parse", N_("解析报告文件并检查，不用数据库和网络"), panel=N_("查看"))(parse)


def parse(
    situation: Situation,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help=help_text(
                N_("报告文件或目录，按内容识别： 网页、Word、WPS、PDF、OFD、Excel、 扫描件、图片、压缩包、文本等")
            ),
        ),
    ],
    format: Annotated[
        Literal["text", "json"],
        typer.Option("--format", help=help_text(N_("text：给人看的摘要；json：每个文件一行 JSON"))),
    ] = "text",
) -> None:
    """Each file in turn, a folder's in order of their names; one that cannot be parsed is told, the others come.

    Files are parsed in processes of their own, on every core, with the limits of :mod:`monitor.workers`.
    """
    kinds: Counter[str] = Counter()
    try:
        for file, entry in _entries(situation, files, as_json=format == "json"):
            kinds[entry.kind] += 1
            _tell(situation, file, entry, as_json=format == "json")
    except KeyboardInterrupt:
        # Nothing is kept of what was parsed, so nothing can be taken up again.
        situation.complain(N_("已中断；未读完的文件没有结果"))
        raise typer.Exit(BROKEN_OFF) from None
    if kinds.total() > len(files):
        situation.complain(
            N_("共 {all} 个文件：年度报告 {report}，其他文件 {other}，读不了 {unreadable}"),
            all=kinds.total(),
            report=kinds["report"],
            other=kinds["other"],
            unreadable=kinds["unreadable"],
        )
    if kinds["unreadable"]:
        raise typer.Exit(FAILED)


def _tell(situation: Situation, file: Path, entry: Entry, *, as_json: bool) -> None:
    if entry.problem is None:
        situation.write_bytes(("\n".join(entry.lines) + "\n").encode("utf-8"))
        return
    if as_json:
        situation.write_json({"file": str(file), "kind": "unreadable", "error": entry.problem}, lines=True)
    situation.complain(N_("{file}：{problem}"), file=file, problem=entry.problem)


def _entries(situation: Situation, files: Sequence[Path], *, as_json: bool) -> Iterator[tuple[Path, Entry]]:
    """What is said of each file, in the order they were named; a bar on a terminal says how far it is."""
    found = [file for named in files for file in _files_of(named)]
    ready = {place: entry for place, file in enumerate(found) if (entry := _at_once(situation, file))}
    tasks = {
        place: FileTask(file, as_json, situation.language)
        for place, file in enumerate(found)
        if place not in ready
    }
    pool: WorkerPool[tuple[int, FileTask], Entry] = WorkerPool(
        read_file, _failed, preloaded=PRELOADED, workers=min(len(tasks), os.cpu_count() or 1), limits=LIMITS
    )
    with counting(situation, N_("解析"), len(found)) as advance, pool:
        read = ((place, entry) for (place, _), entry in pool.run(tasks.items()))
        waiting: dict[int, Entry] = {}
        told = 0
        for place, entry in chain(ready.items(), read):
            waiting[place] = entry
            advance(1)
            while told in waiting:
                yield found[told], waiting.pop(told)
                told += 1


def _files_of(named: Path) -> list[Path]:
    """The file itself, or the files of a folder and the folders in it without hidden ones; an empty one itself.

    Links are followed, each folder is read once. With the files stand the folders that cannot be read and the
    links that lead nowhere: they are told, not passed over.
    """
    found: list[Path] = []
    known: set[str] = set()

    def closed(problem: OSError) -> None:
        found.append(Path(problem.filename))

    if not os.path.isdir(named):  # noqa: PTH112 - Path.is_dir raises where a folder above may not be entered
        return [named]
    for folder, inner, names in os.walk(named, onerror=closed, followlinks=True):
        place = os.path.realpath(folder)
        if place in known:
            inner.clear()
            continue
        known.add(place)
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    return sorted(found) or [named]


def _at_once(situation: Situation, file: Path) -> Entry | None:
    """What can be said of a file without reading it: that it is not there, no file, too large."""
    try:
        about = file.stat()
        if stat.S_ISDIR(about.st_mode):
            next(file.iterdir(), None)
            return Entry("unreadable", problem=situation.say(N_("是一个目录，里面没有文件；请检查路径")))
        if not stat.S_ISREG(about.st_mode):
            return Entry("unreadable", problem=situation.say(N_("不是普通文件，无法读取；请先另存为文件")))
        with file.open("rb"):
            pass
    except (FileNotFoundError, NotADirectoryError):
        if file.is_symlink():
            lost = N_("找不到这个文件：它是一个失效的链接；请检查链接")
            return Entry("unreadable", problem=situation.say(lost))
        return Entry("unreadable", problem=situation.say(N_("找不到这个文件；请检查路径")))
    except PermissionError:
        return Entry("unreadable", problem=situation.say(N_("没有读取权限；请检查权限")))
    except OSError as problem:
        return Entry("unreadable", problem=_not_read(situation.say, problem))
    if about.st_size > LARGEST:
        what = N_("超过 {size} MB，不像是报告；请只给年度报告本身的文件")
        return Entry("unreadable", problem=situation.say(what, size=LARGEST // 1024 // 1024))
    return None


def _not_read(say: Say, problem: OSError) -> str:
    """One line for a file that the system does not give."""
    if problem.errno in _REASONS:
        return say(_REASONS[problem.errno])
    return say(N_("读不了（{problem}）；请检查路径和磁盘"), problem=problem.strerror)


def read_file(numbered: tuple[int, FileTask], allow: Allow) -> Entry:
    """Read one file in a worker. What cannot be read is told in the entry; raises MemoryError alone."""
    from monitor.rules.base import Subject
    from monitor.rules.catalogue import judge
    from parsers.attachments import parse_page
    from parsers.documents.container import may_be_scan
    from parsers.schema import UnreadableDocument

    _, task = numbered
    say = partial(_say, task.language)
    try:
        data = task.file.read_bytes()
        allow(may_be_scan(data))

        def fetched(href: str) -> bytes | None:
            content = _beside(task.file, href)
            if content is not None and may_be_scan(content):
                allow(True)
            return content

        report = parse_page(data, fetched, name=task.file.name)
    except UnreadableDocument as problem:
        return Entry("unreadable", problem=" ".join(translate(str(problem), task.language).split()))
    except OSError as problem:
        return Entry("unreadable", problem=_not_read(say, problem))
    except RecursionError as problem:
        what = say(N_("文件结构过于复杂，无法解析（{kind}）"), kind=type(problem).__name__)
        return Entry("unreadable", problem=what)
    except MemoryError:
        raise
    except Exception as problem:
        # A mistake of ours at one file must not hide the others.
        _logger.info("%s", task.file, exc_info=problem)
        what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
        return Entry("unreadable", problem=say(N_("解析程序出错（{what}）；请报告此文件"), what=what))
    judgement = judge(Subject(report))
    if task.as_json:
        content = _as_json(task, data, report, judgement)
        return Entry(report.kind.value, (json.dumps(content, ensure_ascii=False),))
    return Entry(report.kind.value, tuple(_as_text(say, task.file, report, judgement, task.language)))


def _beside(page: Path, href: str) -> bytes | None:
    """The file that a saved page refers to, where it lies in the page's folder or in one below it, else None."""
    folder = page.resolve().parent
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path:
        return None
    try:
        file = (folder / unquote(parts.path)).resolve()
        if not file.is_relative_to(folder) or not file.is_file() or file.stat().st_size > LARGEST:
            return None
        return file.read_bytes()
    except (OSError, ValueError):
        return None


def _failed(numbered: tuple[int, FileTask], trouble: Trouble) -> Entry:
    return Entry("unreadable", problem=trouble.in_words(numbered[1].language))


def _say(language: str, text: str, /, **values: Any) -> str:
    return translate(text, language, values)


def _as_json(task: FileTask, data: bytes, report: Report, judgement: Judgement) -> dict[str, Any]:
    content = report.to_json()
    findings = [{**finding.to_json(), "message": finding.message(task.language)} for finding in judgement.findings]
    warnings = content.pop("warnings")
    return {
        "file": str(task.file),
        "sha256": hashlib.sha256(data).hexdigest(),
        **content,
        "matters": [matter.to_json(task.language) for matter in judgement.matters],
        "findings": findings,
        "warnings": warnings,
    }


def _organ_in_words(say: Say, report: Report) -> str | None:
    """The organ as printed, with its kind where the name tells it."""
    from monitor.completeness.figures import KIND_NAMES

    if report.organ is None or report.organ_kind is None:
        return report.organ
    return say(N_("{organ}（{kind}）"), organ=report.organ, kind=say(KIND_NAMES[report.organ_kind]))


def _as_text(say: Say, file: Path, report: Report, judgement: Judgement, language: str) -> list[str]:
    """What stands in the file, for people: whose, of which year, how complete, and what is wrong."""
    from monitor.severities import SEVERITY_NAMES
    from parsers.schema import CellState, DocumentKind

    unknown = say(N_("未识别"))
    lines = [str(file)]

    def add(text: str, /, **values: Any) -> None:
        lines.append("  " + say(text, **values))

    add(N_("标题：{title}"), title=report.title or unknown)
    if report.kind is not DocumentKind.REPORT:
        add(N_("这不是年度报告（{kind}），未作检查"), kind=say(_KIND_NAMES[report.document_kind.value]))
        return lines
    add(
        N_("单位：{organ}　年度：{year}　格式：{form}　公布日期：{date}"),
        organ=_organ_in_words(say, report) or unknown,
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
                message=finding.message(language),
                rule=finding.rule,
            )
        if matter.cause:
            add(N_("　　可能原因：{cause}"), cause=matter.cause.message(language))
    if report.lints:
        add(N_("识读时另有 {number} 处提示，用 --format json 可看"), number=len(report.lints))
    return lines
