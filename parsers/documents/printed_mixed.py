"""Documents some of whose pages are text and some are pictures: each kind read its own way, then put together."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import groupby

from parsers.documents.model import Block, Document, Grid, GridRow, Picture
from parsers.documents.printed import PrintedPage, read_pages
from parsers.schema import Lint, Place


def read_mixed(pages: Sequence[PrintedPage | bytes], media_type: str) -> Document:
    """The document of pages in their order; the bytes are the picture of a page (PNG or another image).

    Raises UnreadableDocument where there are pictures and they cannot be recognised: the extra is not installed.
    """
    blocks: list[Block] = []
    lints: list[Lint] = []
    first = tables = 0
    for is_picture, group in groupby(pages, key=lambda page: isinstance(page, bytes)):
        members = list(group)
        if is_picture:
            # Loaded here only: recognition is an extra, and its libraries are large.
            scan = import_module("parsers.documents.scan")
            part: Document = scan.read_scan([page for page in members if isinstance(page, bytes)], media_type)
            blocks += _moved(part.blocks, first, tables)
            lints += [
                replace(lint, at=_further(lint.at, first, tables) if lint.at else None) for lint in part.lints
            ]
        else:
            part = read_pages([page for page in members if isinstance(page, PrintedPage)], media_type)
            blocks += _moved(part.blocks, 0, tables)
        first += len(members)
        tables = max([block.number for block in blocks if isinstance(block, Grid)], default=0)
    return Document(media_type, tuple(blocks), lints=tuple(lints))


def _moved(blocks: Sequence[Block], pages: int, tables: int) -> Iterator[Block]:
    """The blocks with their pages and tables counted from the beginning of the whole document."""
    for block in blocks:
        if isinstance(block, Grid):
            yield Grid(
                block.number + tables, tuple(_row(row, pages) for row in block.rows), block.exact, block.counted
            )
        elif isinstance(block, Picture):
            yield Picture(_further(block.place, pages, tables))
        else:
            yield replace(block, place=_further(block.place, pages, tables))


def _row(row: GridRow, pages: int) -> GridRow:
    if not pages:
        return row
    return GridRow(
        row.number,
        tuple(cell._replace(page=cell.page + pages) if cell.page else cell for cell in row.cells),
    )


def _further(place: Place, pages: int, tables: int) -> Place:
    return place._replace(
        page=place.page + pages if place.page else None, table=place.table + tables if place.table else None
    )


def grey_png(pixels: bytes, width: int, height: int, stride: int) -> bytes:
    """Grey pixels, a byte each, as a PNG; rows begin every ``stride`` bytes."""
    rows = b"".join(b"\0" + pixels[row * stride : row * stride + width] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
