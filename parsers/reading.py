"""From a document's bytes to a :class:`parsers.schema.Report`.

Lints, beside the ids ``L-01`` to ``L-05`` of domain.md 4.6, have these codes, each with its place:

``unknown-row``
    a row of a table whose label is no row of the form; rows of the form missing at its place are unreadable.
``unknown-column``
    a column head that is none of the form.
``number-in-group-head``
    a number beside a label that only groups rows (（三）不予公开).
``duplicate-row``
    a cell printed twice with different values; it is unreadable.
``second-table``
    a second table of a section, captioned as another year's, that was left out.
``unreadable-cell``
    a cell whose print is no number, or no evidence of one: a footnote mark in it, an entry field, a picture.
``table-not-read``
    a table of the form is there in a shape that cannot be read; its cells are unreadable, not absent.
``picture-for-table``
    a section that should hold a table holds a picture and no table.
``hidden-text``
    a part of the report that the page does not show when it is opened (behind a tab), read all the same.
``read-as-zero``
    无 or 零 in a cell, read as 0.
``restarted-numbering``
    headings inside a section are numbered 一、二、… like the six sections themselves.
``empty-heading``
    a numbered heading without anything under it.
``stray-title-line``
    a line after the title that repeats its last characters.
``repeated-title-word``
    a word printed twice running in the title.
``encoding``
    bytes that could not be decoded.
``unsure-number``
    a number of a scan that was recognised without full confidence and stands in a sum that does not hold
    (:mod:`parsers.confidence`); it is unreadable.
``second-reading-differs``, ``second-reading-impossible``
    a cell of a sum that does not hold was read otherwise, or could not be read, a second time
    (:mod:`parsers.second_reading`, for PDF :mod:`parsers.second_look`); it is unreadable.
``font-differs``
    a font of a PDF says other digits than it draws; numbers that were not seen as they were read are unreadable.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from parsers import front
from parsers.confidence import doubted
from parsers.documents.archive import read_archive
from parsers.documents.container import media_type_of, pictures_of, reader_of
from parsers.documents.encoding import Decoded, decode
from parsers.documents.html import looks_like_html, read_html
from parsers.documents.image_header import sizes
from parsers.documents.model import HTML, PDF, TEXT, ZIP, Block, Document, Grid, Paragraph, Picture
from parsers.documents.scan import read_scan
from parsers.documents.text import read_text
from parsers.forms import LEGACY, Form, form_for_year, load_form
from parsers.kinds import finer_kind, is_challenge
from parsers.labels import label_key, plain
from parsers.narrative import read_narrative
from parsers.nested import PICTURES, placed_in, under
from parsers.organs import organ_kind
from parsers.schema import (
    Cell,
    CellState,
    DocumentKind,
    FinerKind,
    Lint,
    Place,
    Report,
    Section,
    UnreadableDocument,
)
from parsers.second_look import confirm_print
from parsers.second_reading import confirm
from parsers.sections import Outline, outline, unfold
from parsers.tables import Tables, read_tables, vocabulary
from parsers.tables.line_tables import with_tables_of_lines
from parsers.titles import Title, TitleKind, cannot_be_the_report, read_title, repeated_word

PARSER = "4"
"""Version of the parser: raised whenever the same bytes may give another report."""

# A page with the title of a report and this much prose is a report even without the form's headings.
SHORTEST_REPORT = 300
SHORTEST_PROSE_LINE = 40
# Pictures that are smaller, in pixels, are emblems and stamps.
SMALLEST_PAGE = 400
FEWEST_SECTIONS = 3
FEWEST_LABELS = 3
FEWEST_NUMBERS = 5
SHORTEST_TELLING_LABEL = 3
WHOLE_REPORT_SECTIONS = 5
LAST_LEGACY_YEAR = 2018
LONGEST_STRAY_LINE = 3

_PERIOD = re.compile(r"(20\d{2})年1月1日(?:0时)?(?:起)?[至到—\-~～]{0,2}(20\d{2})年12月31日")
_END_OF_YEAR = re.compile(r"[1１]\s*[2２]\s*月\s*[3３]\s*[1１]")
_YEAR_IN_TEXT = re.compile(r"(?<!\d)(20\d{2})年")
_OTHER_YEAR_BEFORE = re.compile(r"(?:较|比|比上|相比|同比|对比|与|自|从|〔|\[|\(|印发|公布|发布)$")
_OTHER_YEAR_AFTER = re.compile(r"(?:年)?(?:将|计划|拟|度?(?:财政)?预算|\d{1,2}月\d{1,2}日)")
_LEGACY_TABLE = re.compile("政府信息公开情况统计表|统计指标")
_SIGNED_ON = re.compile(r"\s*[12二２][\d〇零○０-９一二三四五六七八九]{3}\s*年.{1,6}月.{1,6}日\s*")
_PIECES = re.compile(r"[\s|,，│┃]+")
_BEFORE_NUMBER = re.compile(r"([\u4e00-\u9fff]{4,12})[:为是]?\d")
_WORD = re.compile(r"[\u4e00-\u9fff]{2}")
_ENDS_SENTENCE = re.compile(r"[。；：，！？.;:,]\s*$")


def parse(
    data: bytes, *, name: str | None = None, media_type: str | None = None, charset: str | None = None
) -> Report:
    """Parse one document.

    ``charset`` is what the server declared and is used only where the bytes do not tell. The kind of file is told
    by its content; ``name`` and ``media_type`` decide nothing. A page that is no report (a look-alike, a list, a
    challenge page) gives a Report of kind OTHER with title and dates at most.

    Raises UnreadableDocument, with one readable line, for an empty file and for bytes that are no text.
    """
    del name, media_type
    if not data:
        raise UnreadableDocument("文件为空，没有可读的内容；请重新下载")
    kind = media_type_of(data)
    if kind == ZIP:
        return read_archive(data, lambda member, file: parse(member, name=file), read_report)
    reader = reader_of(kind)
    if reader is not None:
        document = reader(data)
    elif kind != TEXT:
        raise UnreadableDocument(f"暂不能读取这种文件（{kind}）")
    else:
        decoded = decode(data, charset)
        document = read_html(decoded.text) if looks_like_html(decoded.text) else read_text(decoded.text)
        document = replace(document, lints=(*document.lints, *_encoding_lints(decoded)))
    report = read_report(document) if document.blocks or document.title else None
    if (report is None or report.kind is DocumentKind.OTHER) and kind == TEXT and is_challenge(data, document):
        return Report(DocumentKind.OTHER, document.media_type, document_kind=FinerKind.CHALLENGE_PAGE)
    if report is None or report.kind is DocumentKind.OTHER:
        report = _shown_in_pictures(data, kind, document, report)
    if report is None:
        raise UnreadableDocument("页面没有任何文字内容；请确认文件完整")
    if reader is None and document.media_type == HTML:
        return confirm(report, decoded.text, read_report)
    return confirm_print(report, data) if kind == PDF else report


def read_report(document: Document) -> Report:
    """The report that a document holds, or what it is instead. Pure: the same for every container."""
    found_blocks, line_lints = with_tables_of_lines(document.blocks)
    blocks = unfold(found_blocks)
    cut = outline(blocks)
    outside = (*cut.before, *cut.after)
    from_tables, from_lines = front.metadata(outside)
    found = front.find_title(document, blocks, {**from_lines, **from_tables}, len(cut.before))
    title = found.title
    published = front.publication(document, outside, from_tables)
    grids, between = _grids(blocks)
    body = [block for number in cut.bodies for block in cut.bodies[number]]
    year, year_from, period = _report_year(title, cut)
    tables = read_tables(grids, _form_to_assume(year), between=between, report_year=year)
    kept = {**front.kept_meta(document), **from_tables, **from_lines}
    if not _is_report(title, cut, tables, blocks):
        return Report(
            kind=DocumentKind.OTHER,
            media_type=document.media_type,
            title=title.text if title else None,
            published_on=published.day,
            published_from=published.source,
            lints=document.lints,
            metadata=kept,
            document_kind=finer_kind(title, blocks, document.media_type),
        )
    sections, signature = _without_signature(cut.sections)
    form = tables.form or (LEGACY if _is_legacy(year, cut, blocks) else None)
    cells, table_lints = _all_cells(form, year, tables, cut, body if body else blocks)
    preface, stray = _preface(cut, found, title)
    return Report(
        kind=DocumentKind.REPORT,
        media_type=document.media_type,
        title=title.text if title else None,
        organ=title.organ if title else None,
        report_year=year,
        report_year_from=year_from,
        form=form,
        published_on=published.day,
        published_from=published.source,
        preface=preface,
        sections=sections,
        cells=cells,
        narrative=read_narrative(sections, year),
        lints=(
            *document.lints,
            *_title_lints(title, found, cut, stray),
            *cut.lints,
            *line_lints,
            *tables.lints,
            *table_lints,
        ),
        metadata={**kept, **period, **signature},
        organ_kind=organ_kind(title.organ) if title else None,
    )


def _shown_in_pictures(data: bytes, kind: str, document: Document, report: Report | None) -> Report | None:
    """The report that a text document shows as pictures, scanned pages pasted into it; else what it is by words.

    Asked only where the words are few and are no look-alike's. Raises UnreadableDocument where there are pictures
    of a page's size and they cannot be recognised.
    """
    words = sum(len(block.text) for block in document.blocks if isinstance(block, Paragraph))
    if words >= SHORTEST_REPORT or not any(isinstance(block, Picture) for block in document.blocks):
        return report
    if report and report.title and read_title(report.title).kind is TitleKind.LOOK_ALIKE:
        return report
    pages = [picture for picture in pictures_of(data, kind) if _is_of_page_size(picture)]
    if not pages:
        return report
    shown = read_scan(pages, kind)
    inner = read_report(shown) if shown.blocks else None
    if inner is None or inner.kind is not DocumentKind.REPORT:
        return report or inner
    return under(report, inner, PICTURES) if report else placed_in(inner, PICTURES)


def _is_of_page_size(picture: bytes) -> bool:
    return any(min(size) >= SMALLEST_PAGE for size in sizes(picture))


def _grids(blocks: Sequence[Block]) -> tuple[list[Grid], list[list[Paragraph]]]:
    """The tables, the paragraphs that stand before each, down from the table before it, and those behind all."""
    grids: list[Grid] = []
    between: list[list[Paragraph]] = [[]]
    for block in blocks:
        if isinstance(block, Grid):
            grids.append(block)
            between.append([])
        elif isinstance(block, Paragraph):
            between[-1].append(block)
    return grids, between


# --- what it is --------------------------------------------------------------------------------------------


def _is_report(title: Title | None, cut: Outline, tables: Tables, blocks: Sequence[Block]) -> bool:
    """Whether the document is a report: by its title and by what stands in it.

    The title of a look-alike is overruled only by a whole report under it, filled in: a notice that prints the
    report it announces is the report. A half-year, a quarter or a draft is never the report of the year.
    The title of a report alone is not enough: a page may hold a link only.
    """
    present = sum(1 for section in cut.sections.values() if section.present)
    filled = sum(1 for cell in tables.cells.values() if cell.state is CellState.REPORTED)
    whole = present >= WHOLE_REPORT_SECTIONS and filled * 4 > len(tables.cells) > 0
    if title and title.kind is TitleKind.LOOK_ALIKE:
        return whole and not cannot_be_the_report(title.text)
    if present >= FEWEST_SECTIONS or tables.sections:
        return True
    return title is not None and title.kind is TitleKind.REPORT and _prose(blocks) >= SHORTEST_REPORT


def _prose(blocks: Sequence[Block]) -> int:
    """How many characters stand in paragraphs that are prose: lists of links and menus have none."""
    return sum(
        len(block.text)
        for block in blocks
        if isinstance(block, Paragraph)
        and not block.linked
        and len(block.text) >= SHORTEST_PROSE_LINE
        and "。" in block.text
    )


def _is_legacy(year: int | None, cut: Outline, blocks: Sequence[Block]) -> bool:
    """A report of the old Regulation: of a year up to 2018, or with its table of statistics."""
    if year is not None:
        return year <= LAST_LEGACY_YEAR
    present = any(section.present for section in cut.sections.values())
    return not present and any(
        isinstance(block, Paragraph) and len(block.text) < SHORTEST_PROSE_LINE and _LEGACY_TABLE.search(block.text)
        for block in blocks
    )


# --- year ----------------------------------------------------------------------------------------------------


def _report_year(title: Title | None, cut: Outline) -> tuple[int | None, str | None, dict[str, str]]:
    """The report year, whether title, period or text gave it, and the period as metadata."""
    prose = [block.text for block in cut.before if isinstance(block, Paragraph)]
    prose += [section.text for section in cut.sections.values()]
    period_year: int | None = None
    period: dict[str, str] = {}
    for text in prose:
        match = _PERIOD.search(plain(text)) if _END_OF_YEAR.search(text) else None
        if match:
            period = {"统计期限": f"{match[1]}-01-01/{match[2]}-12-31"}
            if match[1] == match[2]:
                period_year = int(match[1])
            break
    if title and title.year:
        return title.year, "title", period
    if period_year:
        return period_year, "period", period
    year = _year_of_prose("\n".join(section.text for section in cut.sections.values()))
    return year, "text" if year else None, period


def _year_of_prose(text: str) -> int | None:
    """The year that the prose speaks of most; comparisons, plans, budgets and document numbers do not count."""
    compact = plain(text)
    counts: Counter[int] = Counter()
    for match in _YEAR_IN_TEXT.finditer(compact):
        if _OTHER_YEAR_BEFORE.search(compact[max(0, match.start() - 4) : match.start()]):
            continue
        if _OTHER_YEAR_AFTER.match(compact, match.end()):
            continue
        counts[int(match[1])] += 1
    ranking = counts.most_common(2)
    if not ranking or (len(ranking) > 1 and ranking[0][1] == ranking[1][1]):
        return None
    return ranking[0][0]


def _form_to_assume(year: int | None) -> str | None:
    form = form_for_year(year) if year else None
    return form if form != LEGACY else None


# --- prose ---------------------------------------------------------------------------------------------------


def _preface(cut: Outline, found: front.FoundTitle, title: Title | None) -> tuple[str, Paragraph | None]:
    """The prose between the title and section one, and a stray line of the title in it."""
    after_title = max((position for position in found.positions if position < len(cut.before)), default=-1)
    lines: list[str] = []
    stray: Paragraph | None = None
    for block in cut.before[after_title + 1 :]:
        if not isinstance(block, Paragraph) or block.linked or not cut.holds(block):
            continue
        text = plain(block.text)
        if stray is None and title and len(text) <= LONGEST_STRAY_LINE and plain(title.text).endswith(text):
            stray = block
        if after_title >= 0 or len(block.text) >= SHORTEST_PROSE_LINE:
            lines.append(block.text)
    return "\n".join(lines), stray


def _without_signature(sections: Mapping[int, Section]) -> tuple[dict[int, Section], dict[str, str]]:
    """Take the signature (organ and date) off the end of the last section."""
    present = [number for number, section in sections.items() if section.present]
    kept = dict(sections)
    if not present:
        return kept, {}
    last = kept[max(present)]
    lines = last.text.split("\n")
    signature: dict[str, str] = {}
    if len(lines) > 1 and _SIGNED_ON.fullmatch(lines[-1]):
        signature["落款日期"] = plain(lines.pop())
        if (
            len(lines) > 1
            and len(plain(lines[-1])) <= front.LONGEST_ORGAN_LINE
            and not _ENDS_SENTENCE.search(lines[-1])
        ):
            signature["落款"] = plain(lines.pop())
        kept[last.number] = Section(last.number, True, last.heading, "\n".join(lines), last.at)
    return kept, signature


def _title_lints(
    title: Title | None, found: front.FoundTitle, cut: Outline, stray: Paragraph | None
) -> list[Lint]:
    lints: list[Lint] = []
    first = next(
        (cut.before[position] for position in sorted(found.positions) if position < len(cut.before)), None
    )
    place = first.place if isinstance(first, Paragraph) else None
    word = repeated_word(title.text) if title else None
    if word:
        lints.append(Lint("repeated-title-word", f"标题中“{word}”连着印了两次", place))
    if stray:
        lints.append(Lint("stray-title-line", f"标题之后多出一行“{stray.text.strip()}”", stray.place))
    return lints


def _encoding_lints(decoded: Decoded) -> list[Lint]:
    if not decoded.broken:
        return []
    return [Lint("encoding", f"有 {decoded.broken} 处文字不能按 {decoded.encoding} 解码")]


# --- cells ---------------------------------------------------------------------------------------------------


def _all_cells(
    form_key: str | None, year: int | None, tables: Tables, cut: Outline, blocks: Sequence[Block]
) -> tuple[dict[str, Cell], list[Lint]]:
    """Every cell of the form: those found, unreadable ones of tables that are there unread, the rest absent."""
    key = form_key or _form_to_assume(year)
    if key is None or key == LEGACY:
        return {}, []
    form = load_form(key)
    found = dict(tables.cells)
    lints = _odd_blanks(found)
    for section in (2, 3, 4):
        if section in tables.sections:
            continue
        own = cut.bodies.get(section, ())
        place = _place_of_labels(section, form, blocks, own) or _place_of_bare_numbers(own)
        prefix = f"section_{('two', 'three', 'four')[section - 2]}."
        if place is not None and not any(cell.startswith(prefix) for cell in found):
            lints.append(Lint("table-not-read", f"表{'二三四'[section - 2]}的排版无法识别，未读取", place))
            for cell in form.cells:
                if cell.startswith(prefix):
                    found[cell] = Cell(cell, CellState.UNREADABLE, at=place)
        elif place is None:
            picture = next((block for block in cut.bodies.get(section, ()) if isinstance(block, Picture)), None)
            if picture:
                lints.append(
                    Lint("picture-for-table", f"第{'二三四'[section - 2]}部分只有图片，没有表格", picture.place)
                )
    cells = {cell: found.get(cell) or Cell(cell, CellState.ABSENT) for cell in form.cells}
    foreign = {cell: found[cell] for cell in form.foreign_cells if cell in found}
    believed, doubts = doubted({**cells, **foreign}, key)
    return believed, [*lints, *doubts]


def _place_of_labels(section: int, form: Form, blocks: Sequence[Block], own: Sequence[Block]) -> Place | None:
    """Where the labels of a section's table stand as lines of text, which no known layout explains; else None.

    In the section's ``own`` blocks sentences that say a label's number count, too.
    """
    sentences = {id(block) for block in own}
    words = vocabulary(form.key)
    labels = {
        2: {*words.heads_two, *words.corners_two},
        3: {*words.rows_three, *words.heads_three},
        4: {*words.heads_four, *words.blocks_four},
    }[section]
    labels = {label for label in labels if len(label) > SHORTEST_TELLING_LABEL}
    found: dict[str, Place] = {}
    for block in blocks:
        if isinstance(block, Paragraph):
            for comparable in _labels_in_line(block.text, id(block) in sentences):
                if comparable in labels:
                    found.setdefault(comparable, block.place)
        elif isinstance(block, Grid):
            for row in block.rows:
                for cell in row.own:
                    comparable = label_key(cell.text)
                    if comparable in labels:
                        found.setdefault(comparable, block.place(cell))
    return next(iter(found.values())) if len(found) >= FEWEST_LABELS else None


def _labels_in_line(text: str, is_own: bool) -> Iterator[str]:
    """What may be labels in a line: its pieces, and in the section's own lines what is right before a number."""
    if len(text) < SHORTEST_PROSE_LINE * 2 or "。" not in text:
        yield label_key(text)
        for piece in _PIECES.split(text):
            yield label_key(piece)
    for match in _BEFORE_NUMBER.finditer(plain(text)) if is_own else ():
        yield label_key(match[1])


def _place_of_bare_numbers(body: Sequence[Block]) -> Place | None:
    """Where a section holds a table of numbers without a single word, else None."""
    for block in body:
        if isinstance(block, Grid):
            texts = [cell.text for row in block.rows for cell in row.own if cell.text.strip()]
            if len(texts) >= FEWEST_NUMBERS and not any(_WORD.search(text) for text in texts):
                return block.place(block.rows[0].cells[0]) if block.rows[0].cells else Place(block.number)
    return None


def _odd_blanks(cells: Mapping[str, Cell]) -> list[Lint]:
    """Blanks that a conversion left beside numbers (L-05), said once."""
    odd = [
        cell for cell in cells.values() if cell.value is not None and ("\xa0" in cell.raw or "\u3000" in cell.raw)
    ]
    if not odd:
        return []
    return [Lint("L-05", f"有 {len(odd)} 个数字旁带不间断空格或全角空格", odd[0].at)]
