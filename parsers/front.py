"""What stands before and around a report: title, dates, the table of metadata (portals.md parts 3 and 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from parsers.dates import find_date
from parsers.documents.model import Block, Document, Grid, Paragraph
from parsers.titles import Title, TitleKind, is_report_name, is_report_title, read_title

LONGEST_TITLE = 80
LONGEST_ORGAN_LINE = 30
FEWEST_OF_A_LIST = 3

# Names of the fields that portals show beside a document. A date of writing (成文日期) is no date of publication.
METADATA_NAMES = frozenset((
    "索引号", "信息索引", "信息索引号", "索引码", "信息索引码",
    "主题分类", "信息分类", "分类", "主题词", "关键词", "体裁分类", "服务对象",
    "发布机构", "发文机关", "发文机构", "公开机构", "信息来源", "公开责任部门", "责任部门", "公开主体",
    "成文日期", "生成日期", "生效日期", "发布日期", "发布时间", "公开日期", "公开时间", "发文日期", "发文时间",
    "名称", "标题", "信息名称", "文件名称", "文号", "发文字号", "文件编号", "有效性", "时效", "效力状态",
    "公开方式", "公开范围", "公开时限", "公开程序", "公开形式", "内容概述", "文件下载", "语种",
))  # fmt: skip
INDEX_NUMBER = "索引号"
# Under what name a field is kept that portals call by several.
_ONE_NAME = dict.fromkeys(("信息索引", "信息索引号", "索引码", "信息索引码"), INDEX_NUMBER)
# Words that stand alone on many pages: a label only with a colon behind them.
_WEAK_NAMES = frozenset((
    "名称", "标题", "分类", "主题词", "关键词", "体裁分类", "服务对象", "时效", "语种", "信息分类", "文号",
))  # fmt: skip
_PUBLICATION_NAMES = ("发布日期", "发布时间", "公开日期", "公开时间", "发文日期", "发文时间")
_TITLE_NAMES = ("名称", "标题", "信息名称", "文件名称")
_SHOWN = re.compile(
    r"(?<![\u4e00-\u9fff])(发布日期|发布时间|公开日期|公开时间|发文日期|发文时间|发表时间|发表日期|日期|时间)"
    r"\s*[】\]）)]?\s*[:：]?\s*"
    r"(?=[12１２]|二|\[)"
)
_SHOWN_LABEL = re.compile(
    r"[\[【(（]?(发布日期|发布时间|公开日期|公开时间|发文日期|发文时间|发表时间|日期|时间)[:：]?[\]】)）]?"
)
_SHOWN_ORDER = (
    "发布日期",
    "发布时间",
    "公开日期",
    "公开时间",
    "发表时间",
    "发表日期",
    "发文日期",
    "发文时间",
    "时间",
    "日期",
)
_DATE_FIRST = re.compile(r"\s*[\[（(]?\s*(?:[12１２]|二)")
_LONGEST_LINE_OF_FIELDS = 300
_NAME = "|".join(r"\s*".join(name) for name in sorted(METADATA_NAMES, key=len, reverse=True))
_LABEL = re.compile(
    rf"(?:^|(?<=[\s|｜;；,，】\]）)]))(?:[【\[（(]\s*({_NAME})\s*[】\]）)]\s*[:：]?|({_NAME})\s*[:：])"
)
_LONE_LABEL = re.compile(rf"[【\[（(]?\s*({_NAME})\s*(?:[】\]）)]\s*[:：]?|([:：]))?\s*")
# Where a value ends that another field follows, of a name that is not known (浏览次数：) or in brackets.
_VALUE_ENDS = re.compile(r"[|｜【]|[\s;；][\u4e00-\u9fff][\u4e00-\u9fff\s]{1,10}[:：]")
_PUBDATE = "pubdate"
_META_KEPT = {"contentsource": "ContentSource", "sitename": "SiteName", "columnname": "ColumnName"}


@dataclass(frozen=True, slots=True)
class Publication:
    """A date of publication and where it was read: ``shown``, ``meta`` or ``metadata_table``."""

    day: date | None
    source: str | None


@dataclass(frozen=True, slots=True)
class FoundTitle:
    """The title, and the positions of the blocks that print it."""

    title: Title | None
    positions: frozenset[int]


def metadata(blocks: Iterable[Block]) -> tuple[dict[str, str], dict[str, str]]:
    """The fields shown beside a report, by their names: from tables, and from lines of text.

    ``blocks`` are those outside the report's body. A field without a value is left out; the number of the
    portal's index is always under :data:`INDEX_NUMBER`.
    """
    from_tables: dict[str, str] = {}
    from_lines: dict[str, str] = {}
    waiting: str | None = None
    for block in blocks:
        if isinstance(block, Grid):
            fields = list(_fields_of(block))
            if len({name for name, _ in fields}) > 1:
                for name, value in fields:
                    if value:
                        from_tables.setdefault(_ONE_NAME.get(name, name), value)
            waiting = None
        elif isinstance(block, Paragraph):
            text = block.text
            if len(text) > _LONGEST_LINE_OF_FIELDS:
                waiting = None
                continue
            label = _label_alone(text)
            fields = [] if label else list(_fields_in(text))
            is_value = not (label or fields or block.linked) and not text.rstrip().endswith((":", "："))
            if waiting and is_value and len(text) < LONGEST_TITLE:
                from_lines.setdefault(waiting, text.strip())
            for name, value in fields:
                if value:
                    from_lines.setdefault(_ONE_NAME.get(name, name), value)
            waiting = _ONE_NAME.get(label, label) if label else None
    return from_tables, from_lines


def _label_alone(text: str) -> str | None:
    """The field whose label is all that stands in a paragraph, or None."""
    match = _LONE_LABEL.fullmatch(text)
    if match is None:
        return None
    name = "".join(match[1].split())
    return name if match[2] or name not in _WEAK_NAMES or not text.strip().startswith(match[1]) else None


def _fields_in(text: str) -> Iterator[tuple[str, str]]:
    """The fields of one line (``索引号：… 发布机构：…``), each with its value, empty where none stands."""
    if not (":" in text or "：" in text or "】" in text or "]" in text):
        return
    labels = list(_LABEL.finditer(text))
    ends = [*(label.start() for label in labels), len(text)][1:]
    for label, following in zip(labels, ends, strict=True):
        value = text[label.end() : following]
        end = _VALUE_ENDS.search(value)
        value = (value[: end.start()] if end else value).strip(" \t\u3000\xa0|｜;；,，")
        yield "".join((label[1] or label[2]).split()), value if len(value) <= LONGEST_TITLE else ""


def kept_meta(document: Document) -> dict[str, str]:
    """The meta tags worth keeping: they name the site, the column and the source, and identify no organ."""
    return {shown: document.meta[name] for name, shown in _META_KEPT.items() if name in document.meta}


def publication(document: Document, outside: Sequence[Block], tables: Mapping[str, str]) -> Publication:
    """The date of publication: shown on the page, else meta PubDate, else the table of metadata.

    ``outside`` are the blocks that are not of the report's body: dates in the prose are of other things.
    """
    day = _shown(outside)
    if day:
        return Publication(day, "shown")
    day = find_date(document.meta.get(_PUBDATE, ""))
    if day:
        return Publication(day, "meta")
    for name in _PUBLICATION_NAMES:
        day = find_date(tables.get(name, ""))
        if day:
            return Publication(day, "metadata_table")
    return Publication(None, None)


def find_title(document: Document, blocks: Sequence[Block], fields: Mapping[str, str], end: int) -> FoundTitle:
    """The title, from the meta tag ArticleTitle, a heading, the ``fields`` of the metadata, a line before the
    first section (``end`` is its position), or ``<title>``; in plain text from the first lines.

    A title that is a report's or a look-alike's wins over a bare name of reports; without any the page's own.
    """
    sources: list[str] = [document.meta.get("articletitle", "")]
    sources += [block.text for block in blocks if isinstance(block, Paragraph) and block.heading]
    sources += [fields[name] for name in _TITLE_NAMES if name in fields]
    lines = _title_lines(blocks, end)
    bare: str | None = None
    for text in (*sources, None, document.title):
        if text is None:
            if lines:
                return _with_organ_line(blocks, *lines)
            continue
        title = read_title(text)
        if title.kind is not TitleKind.OTHER:
            positions = _positions_of(blocks, title.text)
            if title.organ is None and positions:
                return _with_organ_line(blocks, title.text, positions)
            return FoundTitle(title, positions)
        if bare is None and is_report_name(text):
            bare = text
    if bare is None:
        bare = next((text for text in (*sources, document.title) if text), None)
        if bare is None:
            bare = next((block.text for block in blocks if isinstance(block, Paragraph)), None)
    if bare is None:
        return FoundTitle(None, frozenset())
    return FoundTitle(read_title(bare), _positions_of(blocks, bare))


def _title_lines(blocks: Sequence[Block], end: int) -> tuple[str, frozenset[int]] | None:
    """The first line before the first section that is a report's title, or two lines that are one together.

    Where many different titles stand, the page is a list and none of them is its own.
    """
    lines = [
        (position, block)
        for position, block in enumerate(blocks[:end])
        if isinstance(block, Paragraph) and not block.linked and len(block.text) <= LONGEST_TITLE
    ]
    titles = [(position, block.text) for position, block in lines if is_report_title(block.text)]
    if len({"".join(text.split()) for _, text in titles}) >= FEWEST_OF_A_LIST:
        return None
    if titles:
        return titles[0][1], frozenset((titles[0][0],))
    for (position, block), (following, after) in pairwise(lines):
        if following == position + 1 and is_report_title(block.text + after.text):
            return block.text + after.text, frozenset((position, following))
    return None


def _with_organ_line(blocks: Sequence[Block], text: str, positions: frozenset[int]) -> FoundTitle:
    """A title without its organ takes the line above it, where that line together with it names one."""
    title = read_title(text)
    above = blocks[min(positions) - 1] if min(positions) > 0 else None
    if title.organ is None and isinstance(above, Paragraph) and not above.linked:
        organ = above.text.strip()
        together = read_title(organ + text)
        if (
            len(organ) <= LONGEST_ORGAN_LINE
            and together.organ == "".join(organ.split())
            and _ORGAN_LINE.search(organ)
        ):
            return FoundTitle(together, positions | {min(positions) - 1})
    return FoundTitle(title, positions)


_ORGAN_LINE = re.compile(
    r"(?:局|委|委员会|办|办公室|中心|政府|镇|乡|街道|办事处|管委会|厅|署|院|会|公司|大队|支队|站|所|社)$"
)


def _positions_of(blocks: Sequence[Block], text: str) -> frozenset[int]:
    wanted = "".join(text.split())
    return frozenset(
        position
        for position, block in enumerate(blocks)
        if isinstance(block, Paragraph) and not block.linked and "".join(block.text.split()) == wanted
    )


def _shown(blocks: Iterable[Block]) -> date | None:
    found: dict[str, date] = {}
    waiting: str | None = None
    for block in blocks:
        if not isinstance(block, Paragraph):
            waiting = None
            continue
        text = block.text
        if not waiting and "日期" not in text and "时间" not in text:
            # Every label is one of the two words: most lines need not be looked through.
            continue
        if waiting and len(text) < LONGEST_ORGAN_LINE and _DATE_FIRST.match(text):
            day = find_date(text)
            if day:
                found.setdefault(waiting, day)
        label = _SHOWN_LABEL.fullmatch(text.strip())
        waiting = label[1] if label else None
        if len(text) > 400:
            continue
        for match in _SHOWN.finditer(text):
            day = find_date(text[match.end() : match.end() + 24])
            if day:
                found.setdefault(match[1], day)
    return next((found[name] for name in _SHOWN_ORDER if name in found), None)


def _fields_of(grid: Grid) -> Iterator[tuple[str, str]]:
    """The fields of a table, label and value in two cells or in one; an empty value where none stands."""
    for row in grid.rows:
        cells = row.own
        for index, cell in enumerate(cells):
            if cell.text.isascii():
                continue
            name = "".join(cell.text.split()).strip(":：【】[]")
            if name in METADATA_NAMES:
                if index + 1 < len(cells):
                    value = " ".join(cells[index + 1].text.split())
                    yield name, "" if "".join(value.split()).rstrip(":：") in METADATA_NAMES else value
                continue
            if len(cell.text) < LONGEST_TITLE and (":" in cell.text or "：" in cell.text):
                yield from _fields_in(" ".join(cell.text.split()))
