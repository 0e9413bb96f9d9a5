"""Reports that do not stand in the page itself: in an attachment, in a viewer, as pictures.

The page gives title, dates and metadata; the attachment gives what stands in the report. Who fetches decides which
files come along; nothing is fetched here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from parsers.documents.container import media_type_of
from parsers.documents.encoding import decode
from parsers.documents.html import looks_like_html
from parsers.documents.links import Link, LinkKind, links_of
from parsers.documents.model import HTML, JPEG, OTHER_IMAGE, PNG, TEXT
from parsers.reading import parse, read_report
from parsers.schema import Cell, CellState, DocumentKind, Lint, Place, Report, Section, UnreadableDocument
from parsers.titles import TitleKind, read_title

IMAGES = frozenset((PNG, JPEG, OTHER_IMAGE))
MOST_LINKS = 200
_TABLE_WORDS = re.compile("社会公益组织|结果维持|现行有效件|对外公开总数量")
_TITLE_WORDS = re.compile(
    "总体情况|主动公开政府信息|收到和处理政府信息公开申请|行政复议、?行政诉讼|存在的(?:主要)?问题|其他需要报告"
)
PICTURES = "pictures"
"""What places in pictures name as their file; the page of the place says which picture it is."""


def page_links(data: bytes, charset: str | None = None) -> tuple[Link, ...]:
    """What a page refers to; nothing for bytes that are no HTML page."""
    if media_type_of(data) != TEXT:
        return ()
    text = decode(data, charset).text
    return links_of(text) if looks_like_html(text) else ()


def shows_report(html: str) -> bool:
    """Whether the source of a page holds words of a report's tables or at least two of its section titles.

    A page that does not may show its report as pictures.
    """
    return bool(_TABLE_WORDS.search(html)) or len(set(_TITLE_WORDS.findall(html))) > 1


def is_picture(data: bytes) -> bool:
    """Whether bytes are a picture, by their content."""
    try:
        return media_type_of(data) in IMAGES
    except UnreadableDocument:
        return False


def needs_attachment(report: Report) -> bool:
    """Whether what was read of a page may stand in an attachment: it is no report, or has no table of one."""
    return report.kind is not DocumentKind.REPORT or not any(
        cell.state is not CellState.ABSENT for cell in report.cells.values()
    )


Fetched = Callable[[str], bytes | None]
"""Gives the bytes behind an address as the page prints it; None where they are not there."""


def parse_page(
    data: bytes,
    fetched: Fetched,
    *,
    name: str | None = None,
    media_type: str | None = None,
    charset: str | None = None,
) -> Report:
    """Parse a document and, where it is a page that has no report of its own, the files that it refers to.

    The page's own report wins. Where it has none, or none of the tables, the attachment that holds the fullest
    report gives it, and where no file does, the pictures of the page in their order, read as one document.
    An attachment that cannot be read is told by a lint. Raises UnreadableDocument where the document is none.
    """
    page = parse(data, name=name, media_type=media_type, charset=charset)
    if page.media_type != HTML or not needs_attachment(page):
        return page
    lints: list[Lint] = []
    best: tuple[int, Report, str] | None = None
    pictures: list[bytes] = []
    for link in page_links(data, charset)[:MOST_LINKS]:
        if (content := fetched(link.href)) is None:
            continue
        if is_picture(content):
            if link.kind is LinkKind.PICTURE:
                pictures.append(content)
            continue
        try:
            read = parse(content, name=link.href)
        except UnreadableDocument as problem:
            if link.kind is LinkKind.FILE:
                lints.append(Lint("unreadable-attachment", f"附件“{link.words or link.href}”：{problem}"))
            continue
        weight = _weight(read)
        if weight and (best is None or weight > best[0]):
            best = (weight, read, link.href)
    if best is None and pictures and page.kind is not DocumentKind.REPORT:
        try:
            read = parse_pictures(pictures)
        except UnreadableDocument as problem:
            lints.append(Lint("unreadable-attachment", f"网页上的图片：{problem}"))
        else:
            best = (_weight(read), read, PICTURES) if _weight(read) else None
    if best is not None and best[0] > _weight(page):
        page = under(page, best[1], best[2])
    return replace(page, lints=(*page.lints, *lints))


def parse_pictures(pictures: list[bytes]) -> Report:
    """Parse pictures, in their order, as the pages of one document. Raises UnreadableDocument."""
    from parsers.documents.scan import read_scan

    return read_report(read_scan(pictures, media_type_of(pictures[0])))


def under(page: Report, inner: Report, file: str) -> Report:
    """The report of an attachment with what its page tells: title, date of publication, metadata.

    The page's title is taken where it is a report's and does not contradict the attachment's own; otherwise a lint
    says that they differ, and what the report itself says stands. Every place names the file.
    """
    title, organ, year, year_from = inner.title, inner.organ, inner.report_year, inner.report_year_from
    lints = list(inner.lints)
    outer = read_title(page.title) if page.title else None
    if outer is not None and outer.kind is TitleKind.REPORT:
        if (year and outer.year and year != outer.year) or (
            organ and outer.organ and not _same_organ(organ, outer.organ)
        ):
            lints.append(Lint("title-differs-from-page", f"网页标题“{page.title}”与附件标题“{inner.title}”不一致"))
        else:
            if not (organ and inner.title):
                title, organ = page.title, outer.organ or organ
            if year is None and outer.year:
                year, year_from = outer.year, "title"
    return replace(
        inner,
        title=title or page.title,
        organ=organ,
        report_year=year,
        report_year_from=year_from,
        published_on=page.published_on or inner.published_on,
        published_from=page.published_from if page.published_on else inner.published_from,
        sections={number: _section_in(section, file) for number, section in inner.sections.items()},
        cells={key: _cell_in(cell, file) for key, cell in inner.cells.items()},
        lints=tuple(replace(lint, at=_in(lint.at, file)) for lint in lints),
        metadata={**inner.metadata, **page.metadata, "附件": file},
    )


def _same_organ(one: str, other: str) -> bool:
    """Whether one name may be the other, longer or shorter: 清溪镇, 清溪镇人民政府, 某县清溪镇."""
    return one.removesuffix("人民政府") in other or other.removesuffix("人民政府") in one


def _weight(report: Report) -> int:
    """How much of a report stands there: nothing for what is none."""
    if report.kind is not DocumentKind.REPORT:
        return 0
    read = sum(1 for cell in report.cells.values() if cell.state is not CellState.ABSENT)
    return 1 + read + sum(1 for section in report.sections.values() if section.present)


def _in(place: Place | None, file: str) -> Place | None:
    return place._replace(file=f"{file}/{place.file}" if place.file else file) if place else None


def _cell_in(cell: Cell, file: str) -> Cell:
    return replace(cell, at=_in(cell.at, file)) if cell.at else cell


def _section_in(section: Section, file: str) -> Section:
    return replace(section, at=_in(section.at, file)) if section.at else section
