"""CSV files of the register as people save them: their rows with line numbers, and what is wrong in one line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from monitor.language import N_, spoken_language, translate
from monitor.store.database import StoreError
from monitor.system_words import reason_of


class RegisterFileError(StoreError):
    """The file as a whole cannot be used, and nothing was registered; one line with the remedy."""


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row of a CSV file (UTF-8 or GB18030); the number is that of its first line.

    ``columns`` are those that the first line should have, for the words of an error. Raises RegisterFileError.
    """
    reader = csv.reader(io.StringIO(_text(path, columns), newline=""))
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as problem:
        raise unusable(
            N_("{file} 第 {line} 行不是合法的 CSV（{reason}）；请改正后再导入"), path, line=start, reason=problem
        ) from None


def lines_of(
    rows: Iterable[tuple[int, list[str]]], header: Sequence[str], columns: Sequence[str]
) -> tuple[list[tuple[int, Mapping[str, str]]], list[tuple[int, str]]]:
    """The lines below a header, each with its number and its text in every one of ``columns``, if only "".

    Also the numbers of the lines that hold more than the header, with the reason why they are rejected. Lines
    without any text are passed over.
    """
    lines: list[tuple[int, Mapping[str, str]]] = []
    rejected: list[tuple[int, str]] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            more = len(cells) - len(header)
            rejected.append((number, say(N_("比表头多出 {more} 列；含逗号的内容请加引号"), more=more)))
            continue
        values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        lines.append((number, dict.fromkeys(columns, "") | values))
    return lines, rejected


def _text(path: Path, columns: Sequence[str]) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise unusable(N_("找不到文件 {file}；请检查路径"), path) from None
    except IsADirectoryError:
        raise unusable(N_("{file} 是一个目录；请指定其中的 CSV 文件"), path) from None
    except OSError as problem:
        raise unusable(
            N_("读不了文件 {file}（{reason}）；请检查文件权限"), path, reason=reason_of(problem)
        ) from None
    if not data.strip():
        raise unusable(N_("{file} 是空文件；第一行应为 {columns}"), path, columns=",".join(columns))
    if b"\0" in data:
        raise unusable(N_("{file} 不是 CSV 文本；请在电子表格中另存为 CSV（UTF-8）"), path)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise unusable(N_("{file} 既不是 UTF-8 也不是 GB18030 文本；请在电子表格中另存为 CSV（UTF-8）"), path)


def unusable(text: str, path: Path, /, **values: object) -> RegisterFileError:
    """The error for a file; ``{file}`` in the text is its name."""
    return RegisterFileError(say(text, file=path, **values))


def say(text: str, /, **values: object) -> str:
    """The text in the language of the environment."""
    return translate(text, spoken_language(), values)
