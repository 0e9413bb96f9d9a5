"""Zip files that hold a report among other files: which member it is, read in memory and never written to disk.

Lints beside those of :mod:`parsers.reading`:

``same-report-twice``
    the report stands there in several files; the one that was read and the others are named.
``same-report-differs``
    several files of one report print different numbers.
``unreadable-member``
    a file beside the report that could not be read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module

from parsers.documents.container import media_type_of, reader_of
from parsers.documents.model import (
    DOC,
    DOCX,
    HTML,
    JPEG,
    MHTML,
    ODS,
    ODT,
    OFD,
    OTHER_IMAGE,
    PDF,
    PNG,
    RTF,
    TEXT,
    XLS,
    XLSX,
    ZIP,
    Document,
)
from parsers.documents.package import PASSWORD, Package
from parsers.nested import placed_in
from parsers.schema import CellState, DocumentKind, Lint, Report, UnreadableDocument
from parsers.titles import TitleKind, read_title

MOST_FILES = 200
LARGEST_TOTAL = 256 * 1024 * 1024
MOST_NAMED = 3
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_NO_DOCUMENT = re.compile(r"(?:^|/)(?:__MACOSX/|Thumbnails/|\.|~\$|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
# What a saved web page brings along, and what only programs read.
_NO_TEXT = (
    ".css",
    ".js",
    ".json",
    ".ico",
    ".svg",
    ".woff",
    ".woff2",
    ".ttf",
    ".map",
    ".exe",
    ".dll",
    ".lnk",
    ".url",
)
_IMAGES = frozenset((PNG, JPEG, OTHER_IMAGE))
# Of several files of one report the first that says most plainly what it holds.
_RANK = {
    **dict.fromkeys((DOCX, ODT, HTML, MHTML), 0),
    **dict.fromkeys((XLSX, ODS), 1),
    **dict.fromkeys((DOC, RTF, XLS, TEXT), 2),
    **dict.fromkeys((PDF, OFD), 3),
}
_LEAST_RANK = 4

Parse = Callable[[bytes, str], Report]
ReadReport = Callable[[Document], Report]


def read_archive(data: bytes, parse: Parse, read_report: ReadReport) -> Report:
    """The report among the members of a zip file; every place in it names the member.

    ``parse`` reads one member by bytes and name, ``read_report`` pictures that were read as one document. Without
    a report the result is of kind OTHER, with the title of the member that has the best one.

    Raises UnreadableDocument for an encrypted, damaged or hostile file, for one with several different reports,
    and where no member, or not the one that may be the report, can be read.
    """
    members = _Members()
    found = _Findings()
    for member in sorted(members.of(Package(data), ""), key=lambda member: member.is_slow):
        if member.kind in _IMAGES:
            found.pictures.append(member)
        elif member.problem:
            found.problems.append((member.name, member.problem))
        elif not found.knows(member):
            try:
                found.take(member, parse(member.data, member.name))
            except UnreadableDocument as problem:
                found.problems.append((member.name, str(problem)))
    if not found.reports and found.pictures:
        found.read_pictures(read_report)
    if found.reports:
        return found.report()
    if found.problems:
        name, why = found.problems[0]
        if any(reason == PASSWORD for _, reason in found.problems):
            raise UnreadableDocument("压缩文件有密码保护，无法读取；请发布机关提供未加密的文件")
        raise UnreadableDocument(f"压缩文件里的“{_short(name)}”无法读取：{why}")
    if not found.others:
        raise UnreadableDocument("压缩文件里没有能读取的文件；请检查文件是否完整")
    return found.best_titled()


# --- members --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Member:
    """One file of the archive, or of an archive in it; ``problem`` says why it cannot be read."""

    name: str
    data: bytes = b""
    kind: str = ""
    problem: str = ""

    @property
    def is_slow(self) -> bool:
        """Whether reading it may mean recognising pictures: read what is sure first."""
        return self.kind in (PDF, OFD)


@dataclass(slots=True)
class _Members:
    """Unpacks the files, with a limit on their number and on all bytes together, archives in the archive too."""

    files: int = 0
    total: int = 0

    def of(self, package: Package, folder: str) -> Iterator[_Member]:
        for info in package.members:
            name = name_of(info)
            if info.is_dir() or not info.file_size or _NO_DOCUMENT.search(name) or name.lower().endswith(_NO_TEXT):
                continue
            self.files += 1
            self.total += info.file_size
            if self.files > MOST_FILES:
                raise UnreadableDocument(f"压缩文件里的文件超过 {MOST_FILES} 个，不予读取；请解压后只保留年报")
            if self.total > LARGEST_TOTAL:
                raise UnreadableDocument(
                    f"压缩文件解压后超过 {LARGEST_TOTAL // 1024 // 1024} MB，不予读取；请解压后只保留年报"
                )
            yield from self._member(package, info, folder + name, depth=folder.count("\0"))

    def _member(self, package: Package, info: zipfile.ZipInfo, name: str, *, depth: int) -> Iterator[_Member]:
        shown = name.replace("\0", "/")
        if info.flag_bits & _ENCRYPTED:
            yield _Member(shown, problem=PASSWORD)
            return
        try:
            data = package.unpack(info)
            kind = media_type_of(data)
            if kind != ZIP:
                yield _Member(shown, data, kind)
            elif depth:
                raise UnreadableDocument("压缩文件里套了不止一层压缩文件；请解压后再读取")
            else:
                yield from self.of(Package(data), f"{name}\0")
        except UnreadableDocument as problem:
            if self.files > MOST_FILES or self.total > LARGEST_TOTAL:
                raise
            yield _Member(shown, problem=str(problem))


def name_of(info: zipfile.ZipInfo) -> str:
    """The name of a member as it was meant: Chinese programs write GBK and say nothing of it.

    Steps up and out of the folder, drives and control characters are taken out: it is shown, never opened.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            raw = b""
        for encoding in ("utf-8", "gb18030") if raw else ():
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    name = re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/"))
    steps = [
        step for step in name.split("/") if step not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", step)
    ]
    return "/".join(steps) or "未命名"


# --- what the members are -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Findings:
    """What was read of the members."""

    reports: list[tuple[_Member, Report]] = field(default_factory=list)
    others: list[tuple[_Member, Report]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[_Member] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)

    def take(self, member: _Member, report: Report) -> None:
        """What a member was read as."""
        (self.reports if report.kind is DocumentKind.REPORT else self.others).append((member, report))

    def knows(self, member: _Member) -> bool:
        """Whether a PDF is by its name a report that was read from another file: its pages need no recognising."""
        if not member.is_slow:
            return False
        stem = _stem(member.name)
        title = read_title(stem)
        for other, report in self.reports:
            is_same = (
                title.kind is TitleKind.REPORT
                and title.organ
                and title.year
                and _same((title.organ, title.year), (report.organ, report.report_year))
            )
            if _stem(other.name) == stem or is_same:
                self.copies.append(member.name)
                return True
        return False

    def read_pictures(self, read_report: ReadReport) -> None:
        """Read all pictures, by their names' order, as the pages of one document."""
        pictures = sorted(self.pictures, key=lambda member: _natural(member.name))
        if reader_of(pictures[0].kind) is None:
            self.problems.append((pictures[0].name, "暂不能读取图片"))
            return
        try:
            read_scan = import_module("parsers.documents.scan").read_scan
            report = read_report(read_scan([member.data for member in pictures], pictures[0].kind))
        except UnreadableDocument as problem:
            self.problems.append((pictures[0].name, str(problem)))
            return
        self.take(replace(pictures[0], data=b""), report)

    def report(self) -> Report:
        """The one report. Raises UnreadableDocument where there are different ones."""
        reports = sorted(self.reports, key=_preference)
        chosen, read = reports[0]
        different = _different(reports)
        if len(different) > 1:
            names = "、".join(_short(member.name) for member in different[:MOST_NAMED])
            more = "等" if len(different) > MOST_NAMED else ""
            raise UnreadableDocument(
                f"压缩文件里有 {len(different)} 份不同的年报（{names}{more}）；请解压后分别读取"
            )
        lints: list[Lint] = []
        placed = placed_in(read, chosen.name)
        files = [member.name for member, _ in reports[1:]]
        if not _has_tables(read) and len(reports) > 1:
            tables = next(((member, report) for member, report in reports[1:] if _has_tables(report)), None)
            if tables:
                # The prose in one file and the tables in another are one report.
                other = placed_in(tables[1], tables[0].name)
                placed = replace(placed, form=other.form, cells=other.cells, lints=(*placed.lints, *other.lints))
                files.remove(tables[0].name)
        if files or self.copies:
            names = "、".join(_short(name) for name in (*files, *self.copies)[:MOST_NAMED])
            lints.append(Lint("same-report-twice", f"同一份年报另有文件{names}，读取的是{_short(chosen.name)}"))
        count = max([_differences(placed, other) for _, other in reports[1:]], default=0)
        if count:
            lints.append(Lint("same-report-differs", f"同一份年报的几个文件有 {count} 处数字不同"))
        lints += [
            Lint("unreadable-member", f"“{_short(name)}”无法读取：{problem}") for name, problem in self.problems
        ]
        metadata = {**placed.metadata, "压缩包内文件": chosen.name}
        return replace(placed, lints=(*placed.lints, *lints), metadata=metadata)

    def best_titled(self) -> Report:
        """What the archive is without a report: its member with the title most like one."""

        def preference(entry: tuple[_Member, Report]) -> tuple[bool, bool, int]:
            member, report = entry
            kind = read_title(report.title).kind if report.title else TitleKind.OTHER
            return kind is TitleKind.OTHER, not report.title, _RANK.get(member.kind, _LEAST_RANK)

        member, report = min(self.others, key=preference)
        return placed_in(replace(report, metadata={**report.metadata, "压缩包内文件": member.name}), member.name)


def _preference(entry: tuple[_Member, Report]) -> tuple[int, int, str]:
    member, report = entry
    rank = _RANK.get(report.media_type, _LEAST_RANK)
    return rank, -sum(1 for cell in report.cells.values() if cell.state is CellState.REPORTED), member.name


def _different(reports: list[tuple[_Member, Report]]) -> list[_Member]:
    """One file of each different report; what names organ and year comes first, so that nothing joins two."""
    found: list[tuple[_Member, Report]] = []
    for member, report in sorted(reports, key=lambda entry: (not entry[1].organ) + (not entry[1].report_year)):
        if not any(_is_same_report(report, other) for _, other in found):
            found.append((member, report))
    return [member for member, _ in found]


def _is_same_report(one: Report, other: Report) -> bool:
    if not _same((one.organ, one.report_year), (other.organ, other.report_year)):
        return False
    # Without a name only equal numbers tell that two files are one report.
    return bool(one.organ and other.organ) or not _differences(one, other)


def _same(one: tuple[str | None, int | None], other: tuple[str | None, int | None]) -> bool:
    """Whether two reports may be one: of the same organ and year as far as both say."""
    if one[1] and other[1] and one[1] != other[1]:
        return False
    if not one[0] or not other[0]:
        return True
    first, second = (name.removesuffix("人民政府") for name in (one[0], other[0]))
    return first.endswith(second) or second.endswith(first)


def _has_tables(report: Report) -> bool:
    return any(cell.state is not CellState.ABSENT for cell in report.cells.values())


def _differences(one: Report, other: Report) -> int:
    """How many cells both report, with different values."""
    return sum(
        1
        for key, cell in one.cells.items()
        if cell.value is not None
        and (beside := other.cells.get(key)) is not None
        and beside.value is not None
        and beside.value != cell.value
    )


def _stem(name: str) -> str:
    return re.sub(r"\.[A-Za-z]{2,5}$", "", name.rpartition("/")[2]).strip()


def _short(name: str) -> str:
    shown = name.rpartition("/")[2]
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _natural(name: str) -> list[tuple[int, str]]:
    """A key by which 第2页 stands before 第10页."""
    pieces = re.findall(r"[0-9]{1,9}|[^0-9]+|[0-9]+", name)
    return [(int(piece), "") if piece.isdecimal() and len(piece) < 10 else (0, piece) for piece in pieces]
