"""Cells of a PDF file as they look: the page is drawn and what is seen at their places is recognised.

Needs the extra that reads scans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from parsers.documents.pdf import upright_picture
from parsers.documents.recognition import Image, Text, recognise
from parsers.schema import Place

# A cell's own share of its box: what is left out at each side is its rules, in pixels.
_RULE = 4
_DARK = 128
# Lines of print are at least so far apart, and so high, in pixels at the resolution of a scan.
_GAP, _LOWEST = 3, 8
_MARGIN = 8


def seen(data: bytes, places: Mapping[str, Place]) -> dict[str, Text]:
    """What is seen at each place, lines joined; '' with full confidence where nothing is printed.

    Places are those of the tables of :func:`parsers.documents.pdf.read_pdf`; one without page and box is left out.
    """
    by_page: dict[int, list[str]] = {}
    for key, place in places.items():
        if place.page and place.box:
            by_page.setdefault(place.page, []).append(key)
    lines: list[tuple[str, Image]] = []
    found: dict[str, Text] = {}
    for number, keys in by_page.items():
        raster = upright_picture(data, number)
        rows = np.frombuffer(raster.pixels, np.uint8)[: raster.height * raster.stride]
        page = rows.reshape(raster.height, raster.stride)[:, : raster.width]
        for key in keys:
            found[key] = Text("", 1.0)
            lines += [(key, line) for line in _lines(_cut(page, places[key]))]
    for (key, _), text in zip(lines, recognise([line for _, line in lines]), strict=True):
        found[key] = Text(found[key].text + text.text, min(found[key].confidence, text.confidence))
    return found


def _cut(page: Image, place: Place) -> Image:
    height, width = page.shape[:2]
    left, top, right, bottom = place.box or (0.0, 0.0, 0.0, 0.0)
    return page[
        round(top * height) + _RULE : max(round(bottom * height) - _RULE, 0),
        round(left * width) + _RULE : max(round(right * width) - _RULE, 0),
    ]


def _lines(cell: Image) -> Iterator[Image]:
    """The lines of print in a cell, with a margin around each, as pictures in colour."""
    if not cell.size:
        return
    dark = cell < _DARK
    for top, bottom in _runs(np.flatnonzero(dark.any(axis=1))):
        if bottom - top < _LOWEST:
            continue
        columns = np.flatnonzero(dark[top:bottom].any(axis=0))
        line = cell[top:bottom, columns[0] : columns[-1] + 1]
        framed = np.pad(line, _MARGIN, constant_values=255)
        yield np.repeat(framed[:, :, None], 3, axis=2)


def _runs(rows: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Where stretches of rows begin and end; gaps of a few rows do not part them."""
    if not rows.size:
        return []
    ends = [int(at) for at in np.flatnonzero(np.diff(rows) > _GAP)] + [rows.size - 1]
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [(int(rows[start]), int(rows[end]) + 1) for start, end in zip(starts, ends, strict=True)]
