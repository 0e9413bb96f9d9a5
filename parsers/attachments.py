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
from parsers.nested import PICTURES, under
from parsers.reading import parse, read_report
from parsers.schema import CellState, DocumentKind, Lint, Report, UnreadableDocument

IMAGES = frozenset((PNG, JPEG, OTHER_IMAGE))
MOST_LINKS = 200
_TABLE_WORDS = re.compile("社会公益组织|结果维持|现行有效件|对外公开总数量")
_TITLE_WORDS = re.compile(
    "总体情况|主动公开政府信息|收到和处理政府信息公开申请|行政复议、?行政诉讼|存在的(?:主要)?问题|其他需要报告"
)


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


def _weight(report: Report) -> int:
    """How much of a report stands there: nothing for what is none."""
    if report.kind is not DocumentKind.REPORT:
        return 0
    read = sum(1 for cell in report.cells.values() if cell.state is not CellState.ABSENT)
    return 1 + read + sum(1 for section in report.sections.values() if section.present)
