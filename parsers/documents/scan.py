"""Scans and pictures of reports into the plain model; needs the extra that holds the recogniser.

Each page is read by :mod:`parsers.documents.scan_page`; :func:`parsers.documents.printed.read_pages` makes the
document of them, as it does for PDF and OFD.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from parsers.documents.container import media_type_of
from parsers.documents.image_header import MOST_PAGES as MOST_TIFF_PAGES
from parsers.documents.image_header import sizes
from parsers.documents.model import JPEG, OTHER_IMAGE, PNG, Block, Document, Grid, GridCell, GridRow
from parsers.documents.printed import PrintedPage, read_pages
from parsers.schema import Box, Place, UnreadableDocument

if TYPE_CHECKING:
    from parsers.documents.scan_page import View

# A sheet of A3 at 600 dots an inch; more is not needed to read a page, and hostile files declare it.
MOST_PIXELS = 75_000_000
SMALLEST_SIDE = 16
MOST_PAGES = 100
_NEEDS = ("numpy", "cv2", "onnxruntime", "rapidocr")


def can_read_scans() -> bool:
    """Whether the extra that reads scans is installed."""
    return all(find_spec(name) for name in _NEEDS)


def read_image(data: bytes) -> Document:
    """Read one image file (PNG, JPEG, TIFF, BMP, GIF, WEBP); the pages of a TIFF are the pages of the document.

    Raises UnreadableDocument for what is damaged, too large, or cannot be read without the extra.
    """
    return read_scan([data], media_type_of(data))


def read_scan(images: Sequence[bytes], media_type: str) -> Document:
    """Read pages from their pictures, in the order given: image files that together are one document.

    Raises UnreadableDocument as :func:`read_image` does, and for more pages than a report has.
    """
    if not can_read_scans():
        raise UnreadableDocument("这是扫描件或图片，识别需要另装组件；请运行 script/setup --scans")
    from parsers.documents.scan_image import decode
    from parsers.documents.scan_page import read_page

    _check(images)
    pages: list[PrintedPage] = []
    views: dict[int, View] = {}
    for data in images:
        kind = media_type_of(data)
        many = data[:4] in (b"II*\x00", b"MM\x00*")
        pictures = decode(data, transparent=kind == PNG or (kind == OTHER_IMAGE and not many), many=many)
        if not pictures:
            raise UnreadableDocument("图片已损坏或不完整，无法解码；请重新下载")
        for picture in pictures:
            page, view = read_page(picture, len(pages) + 1)
            pages.append(page)
            views[page.number] = view
    document = read_pages(pages, media_type)
    return replace(document, blocks=tuple(_on_picture(block, views) for block in document.blocks))


def _on_picture(block: Block, views: Mapping[int, View]) -> Block:
    """A block with its boxes on the pictures as given, not on the pages as turned to be read."""
    if isinstance(block, Grid):
        rows = tuple(
            GridRow(row.number, tuple(cell._replace(box=_box(cell, views)) for cell in row.cells))
            for row in block.rows
        )
        return replace(block, rows=rows)
    return replace(block, place=block.place._replace(box=_box(block.place, views)))


def _box(place: Place | GridCell, views: Mapping[int, View]) -> Box | None:
    return views[place.page].on_picture(place.box) if place.page and place.box else None


def _check(images: Sequence[bytes]) -> None:
    """Refuse, by their headers alone, pictures that are none, too small, too large or too many."""
    pages = 0
    for data in images:
        if media_type_of(data) not in (PNG, JPEG, OTHER_IMAGE):
            raise UnreadableDocument("不是可以识别的图片")
        declared = sizes(data)
        if not declared:
            raise UnreadableDocument("图片已损坏或不完整，读不出尺寸；请重新下载")
        pages += len(declared)
        if pages > MOST_PAGES or len(declared) > MOST_TIFF_PAGES:
            raise UnreadableDocument(f"扫描件超过 {MOST_PAGES} 页，未读取；请只提供年报本身")
        for width, height in declared:
            if width * height > MOST_PIXELS:
                raise UnreadableDocument(f"图片尺寸过大（{width}×{height} 像素），未读取；请降低分辨率")
            if min(width, height) < SMALLEST_SIDE:
                raise UnreadableDocument(f"图片尺寸过小（{width}×{height} 像素），没有可读的内容")
