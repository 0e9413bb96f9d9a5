"""PDF files with a text layer into the plain model, by pypdfium2; pages that are pictures go to the scan reader.

Rules are what the page draws: strokes, edges of stroked rectangles, thin filled boxes. A character is believed
where it is visible and its font says what it means. Scripts, attachments and what forms compute are not looked at.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from parsers.documents.model import PDF, Document
from parsers.documents.printed import PrintedPage, Rule
from parsers.documents.printed_lines import COVERED_TEXT, HIDDEN, UNKNOWN_CHARACTER, Glyph, around
from parsers.documents.printed_mixed import grey_png, read_mixed
from parsers.documents.printed_paths import (
    IDENTITY,
    Matrix,
    Patch,
    band_of,
    by_height,
    has_ground,
    is_covered,
    lies_in,
    moved,
    product,
    shape_of,
    whole_pages,
)
from parsers.documents.printed_text import character, is_implausible, is_unknown
from parsers.schema import Box, UnreadableDocument

# Reports have up to thirty pages; a file of hundreds is none, and would cost minutes.
MOST_PAGES = 200
MOST_PICTURES = 60
MOST_OBJECTS = 200_000
MOST_SEGMENTS = 400_000
MOST_CHARACTERS = 400_000
DEEPEST_FORM = 8
# A picture that fills this share of the page is the page itself.
WHOLE_PAGE = 0.6
# A page with fewer characters beside its picture has no text layer but a stamp or a page number.
FEWEST_CHARACTERS = 30
SMALLEST_TEXT = 1.5
WHITE = 250
OPAQUE = 255
# Some fonts claim boxes of many times their size.
LARGEST_BOX = 2.0
# Where a character lies about the line it stands on, as a share of its size.
ASCENT = 0.86
# How wide digits are in most fonts, as a share of their size.
NARROW = 0.556
# Ink of this share of the size that no character of the text layer stands for is a glyph without a meaning.
LOST = 0.2
# Text that lies askew by more than this share of a quarter turn is a watermark.
SKEWED = 0.06
MOST_NOTES = 5_000
SCAN_DPI = 200
MOST_PIXELS = 16_000_000
WHITE_TEXT = "文字是白色"
_DAMAGED = "PDF 文件已损坏或不完整；请重新下载"

_INVISIBLE_MODES = frozenset((raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP))
_STROKED_MODES = frozenset((raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP))
_COVERING_NOTES = frozenset(
    (
        raw.FPDF_ANNOT_FREETEXT,
        raw.FPDF_ANNOT_WIDGET,
        raw.FPDF_ANNOT_STRIKEOUT,
        raw.FPDF_ANNOT_REDACT,
        raw.FPDF_ANNOT_INK,
    )
)
_QUARTER = math.pi / 2


class _Drawn(NamedTuple):
    """Something drawn on a page: where in the order of drawing, its object, and the matrix it is drawn under."""

    order: int
    item: Any
    kind: int
    matrix: Matrix


class _Look(NamedTuple):
    """How a text object looks: its order, its doubt, its size, whether it stands upright or lies askew."""

    order: int
    doubt: str
    em: float
    upright: bool
    skewed: bool


class Raster(NamedTuple):
    """A picture in grey, a byte a pixel; rows begin every ``stride`` bytes."""

    pixels: bytes
    width: int
    height: int
    stride: int


@dataclass(slots=True)
class _Budget:
    """How much may still be read of a file."""

    objects: int = MOST_OBJECTS
    segments: int = MOST_SEGMENTS
    characters: int = MOST_CHARACTERS

    def take(self, name: str, count: int = 1) -> None:
        """Take some away; raises UnreadableDocument where nothing is left."""
        left = getattr(self, name) - count
        if left < 0:
            raise UnreadableDocument("PDF 文件的内容过多，超过一份年度报告可能有的数量，未读取")
        setattr(self, name, left)


def read_pdf(data: bytes) -> Document:
    """Read a PDF file.

    Raises UnreadableDocument as :func:`pages_of` does, and where a page must be recognised and cannot be: the
    recogniser is not installed.
    """
    return read_mixed(pages_of(data), PDF)


def pages_of(data: bytes) -> list[PrintedPage | bytes]:
    """The pages of a PDF file; those without a text layer of their own as pictures, to be recognised.

    These are scans, also with hidden recognised text, and pages whose fonts do not say what their glyphs mean.
    Raises UnreadableDocument for a file that is damaged, needs a password, or has more pages or objects than a
    report can have.
    """
    document = _open(data)
    try:
        count = len(document)
        if count > MOST_PAGES:
            raise UnreadableDocument(f"PDF 文件有 {count} 页，超过 {MOST_PAGES} 页的上限，不像是一份年度报告")
        budget = _Budget()
        read = [_page(document, number, budget) for number in range(count)]
        pictures = read.count(None)
        if pictures > MOST_PICTURES:
            raise UnreadableDocument(f"PDF 文件有 {pictures} 页是图片，超过 {MOST_PICTURES} 页的上限，未识别")
        return [_picture(document, number) if page is None else page for number, page in enumerate(read)]
    except pdfium.PdfiumError:
        raise UnreadableDocument(_DAMAGED) from None
    finally:
        document.close()


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD:
            raise UnreadableDocument("PDF 文件有密码保护，无法读取；请发布机关提供未加密的文件") from None
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_SECURITY:
            raise UnreadableDocument("PDF 文件的加密方式不能识别，无法读取；请发布机关提供未加密的文件") from None
        raise UnreadableDocument(_DAMAGED) from None


def upright_picture(data: bytes, number: int) -> Raster:
    """A page of a file that was read, counted from 1, turned as the places on it are."""
    document = _open(data)
    try:
        page = document[number - 1]
        text = page.get_textpage()
        try:
            turns = _Sheet(page, text, number, _Budget()).frame.turns
        finally:
            text.close()
        return _raster(page, (turns * 90 - int(page.get_rotation())) % 360)
    except pdfium.PdfiumError:
        raise UnreadableDocument(_DAMAGED) from None
    finally:
        document.close()


def _picture(document: pdfium.PdfDocument, number: int) -> bytes:
    """A page as a grey picture (PNG) of the resolution that recognition likes best."""
    page = document[number]
    try:
        return grey_png(*_raster(page))
    finally:
        page.close()


def _raster(page: pdfium.PdfPage, rotation: int = 0) -> Raster:
    width, height = page.get_size()
    scale = min(SCAN_DPI / 72, math.sqrt(MOST_PIXELS / max(width * height, 1.0)))
    bitmap = page.render(scale=scale, rotation=rotation, grayscale=True, may_draw_forms=False)
    try:
        return Raster(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride)
    finally:
        bitmap.close()


def _page(document: pdfium.PdfDocument, number: int, budget: _Budget) -> PrintedPage | None:
    """A page by its text layer; None where that is not what is printed on the page."""
    page = document[number]
    try:
        text = page.get_textpage()
        try:
            return _Sheet(page, text, number + 1, budget).read()
        finally:
            text.close()
    finally:
        page.close()


class _Sheet:
    """One page being read."""

    def __init__(self, page: pdfium.PdfPage, text: pdfium.PdfTextPage, number: int, budget: _Budget) -> None:
        self.page, self.text, self.number, self.budget = page, text, number, budget
        self.drawn = list(self._objects())
        self.count = text.count_chars()
        budget.take("characters", self.count)
        self.frame = _Frame(page.get_bbox(), self._turns())
        self.rules: list[Rule] = []
        self.patches: list[Patch] = []
        self.outlines: list[Box] = []
        self._look_at_drawings()

    def read(self) -> PrintedPage | None:
        """The page by its text layer; None where that is not what is printed."""
        glyphs = list(self._glyphs())
        width, height = self.frame.size
        whole = any(whole_pages(self.patches, width, height, WHOLE_PAGE))
        shown = [glyph for glyph in glyphs if not glyph.doubt and not glyph.text.isspace()]
        hidden = sum(1 for glyph in glyphs if glyph.doubt in (HIDDEN, COVERED_TEXT))
        if whole and (len(shown) < FEWEST_CHARACTERS or hidden > len(shown)):
            return None
        if is_implausible([glyph.text for glyph in glyphs if glyph.doubt != HIDDEN]):
            return None
        if len(self.outlines) > max(FEWEST_CHARACTERS, 2 * len(shown)):
            return None
        pictures = [patch.box for patch in self.patches if patch.picture]
        return PrintedPage(
            self.number, width, height, self.rules, glyphs, pictures + self.outlines, list(self._notes())
        )

    def _objects(self) -> Iterator[_Drawn]:
        """What the page draws, in order, forms opened."""
        stack: list[tuple[Iterator[Any], Matrix]] = [(self._of_page(), IDENTITY)]
        order = 0
        while stack:
            items, matrix = stack[-1]
            item = next(items, None)
            if item is None:
                stack.pop()
                continue
            self.budget.take("objects")
            order += 1
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_FORM:
                if len(stack) <= DEEPEST_FORM:
                    stack.append((_of_form(item), product(_matrix_of(item), matrix)))
                continue
            yield _Drawn(order, item, kind, matrix)

    def _of_page(self) -> Iterator[Any]:
        for number in range(raw.FPDFPage_CountObjects(self.page.raw)):
            yield raw.FPDFPage_GetObject(self.page.raw, number)

    def _turns(self) -> int:
        """By how many quarters the page must be turned clockwise for most of its text to stand upright."""
        counts: Counter[int] = Counter()
        for drawn in self.drawn:
            if drawn.kind == raw.FPDF_PAGEOBJ_TEXT:
                a, b, *_ = product(_matrix_of(drawn.item), drawn.matrix)
                counts[round(math.atan2(b, a) / _QUARTER) % 4] += 1
        if not counts:
            return int(self.page.get_rotation()) // 90
        return counts.most_common(1)[0][0]

    def _look_at_drawings(self) -> None:
        """Sort what is drawn and no text: rules, filled boxes and pictures, outlines that may be letters."""
        for drawn in self.drawn:
            if drawn.kind == raw.FPDF_PAGEOBJ_IMAGE:
                box = self.frame.box(*_corners(product(_matrix_of(drawn.item), drawn.matrix)))
                self.patches.append(Patch(drawn.order, box, white=False, picture=True))
            elif drawn.kind == raw.FPDF_PAGEOBJ_PATH:
                self._look_at_path(drawn)

    def _look_at_path(self, drawn: _Drawn) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(drawn.item, fill, stroke)
        filled = fill.value != raw.FPDF_FILLMODE_NONE and _colour(raw.FPDFPageObj_GetFillColor, drawn.item)[3] > 0
        stroked = bool(stroke.value) and _colour(raw.FPDFPageObj_GetStrokeColor, drawn.item)[3] > 0
        if not filled and not stroked:
            return
        matrix = product(_matrix_of(drawn.item), drawn.matrix)
        colour = _colour(raw.FPDFPageObj_GetFillColor, drawn.item)
        for points, curved in self._subpaths(drawn.item, matrix):
            shape = shape_of(points, curved=curved, filled=filled, stroked=stroked)
            self.rules += shape.rules
            if shape.letter:
                self.outlines.append(shape.box)
            if shape.patch and colour[3] == OPAQUE and not raw.FPDFPageObj_HasTransparency(drawn.item):
                self.patches.append(Patch(drawn.order, shape.box, min(colour[:3]) >= WHITE, picture=False))

    def _subpaths(self, item: Any, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
        """The parts of a path as points on the page, and whether a part has curves."""
        points: list[tuple[float, float]] = []
        curved = False
        count = raw.FPDFPath_CountSegments(item)
        self.budget.take("segments", max(count, 0))
        x, y = ctypes.c_float(), ctypes.c_float()
        for number in range(count):
            segment = raw.FPDFPath_GetPathSegment(item, number)
            kind = raw.FPDFPathSegment_GetType(segment)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if len(points) > 1:
                    yield points, curved
                points, curved = [], False
            elif kind == raw.FPDF_SEGMENT_BEZIERTO:
                curved = True
            points.append(self.frame.point(*moved(matrix, x.value, y.value)))
            if raw.FPDFPathSegment_GetClose(segment) and points[0] != points[-1]:
                points.append(points[0])
        if len(points) > 1:
            yield points, curved

    def _glyphs(self) -> Iterator[Glyph]:
        """The characters of the text layer that lie on the page, those with a doubt too."""
        width, height = self.frame.size
        looks = {
            _address(drawn.item): self._look_of(drawn)
            for drawn in self.drawn
            if drawn.kind == raw.FPDF_PAGEOBJ_TEXT
        }
        inked: dict[int, list[Box]] = {}
        bands = by_height(self.patches, height)
        handle = self.text.raw
        high = 0
        for index in range(self.count):
            item = raw.FPDFText_GetTextObject(handle, index)
            look = looks.get(_address(item)) if item else None
            if look is None:
                continue
            code = raw.FPDFText_GetUnicode(handle, index)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if high and 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            high = 0
            box = self._box_of(index, look)
            inked.setdefault(_address(item), []).append(box)
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            if look.skewed or not (0 <= x <= width and 0 <= y <= height):
                continue
            text, doubt = character(code), look.doubt
            near = bands.get(band_of(y), ())
            if doubt == WHITE_TEXT:
                doubt = "" if has_ground(near, look.order, x, y) else HIDDEN
            if look.em < SMALLEST_TEXT:
                doubt = HIDDEN
            if not doubt and is_covered(near, look.order, x, y):
                doubt = COVERED_TEXT
            if not doubt and (is_unknown(text) or raw.FPDFText_HasUnicodeMapError(handle, index) == 1):
                text, doubt = "\ufffd", UNKNOWN_CHARACTER
            yield Glyph(text, *box, None, doubt)
        everything = [box for boxes in inked.values() for box in boxes]
        for drawn in self.drawn:
            if drawn.kind == raw.FPDF_PAGEOBJ_TEXT:
                look = looks[_address(drawn.item)]
                if not look.doubt and not look.skewed:
                    yield from self._lost(drawn, look, inked.get(_address(drawn.item)), everything)

    def _lost(
        self, drawn: _Drawn, look: _Look, boxes: Sequence[Box] | None, everything: Sequence[Box]
    ) -> Iterator[Glyph]:
        """What a text object paints and the text layer does not tell: it leaves out glyphs without a meaning."""
        sides = [ctypes.c_float() for _ in range(4)]
        if not raw.FPDFPageObj_GetBounds(drawn.item, *sides):
            return
        left, bottom, right, top = (side.value for side in sides)
        ink = self.frame.box(*_corners(product((right - left, 0, 0, top - bottom, left, bottom), drawn.matrix)))
        least = LOST * look.em
        if ink[2] - ink[0] < least and ink[3] - ink[1] < least:
            return
        rests: list[Box] = []
        if boxes is None:
            if not any(lies_in((ink[0] + ink[2]) / 2, (ink[1] + ink[3]) / 2, box) for box in everything):
                rests.append(ink)
        else:
            told = around(boxes)
            if look.upright:
                rests = [(ink[0], ink[1], told[0], ink[3]), (told[2], ink[1], ink[2], ink[3])]
                rests = [rest for rest in rests if rest[2] - rest[0] > least]
            else:
                rests = [(ink[0], ink[1], ink[2], told[1]), (ink[0], told[3], ink[2], ink[3])]
                rests = [rest for rest in rests if rest[3] - rest[1] > least]
        for rest in rests:
            yield Glyph("\ufffd", *rest, None, UNKNOWN_CHARACTER)

    def _box_of(self, index: int, look: _Look) -> Box:
        """The box of a character: by its font's measures, or by its ink where these are not to be trusted."""
        handle = self.text.raw
        if look.upright and not self.frame.turns:
            rectangle = raw.FS_RECTF()
            raw.FPDFText_GetLooseCharBox(handle, index, rectangle)
            left, bottom, right, top = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
            if 0 < top - bottom <= LARGEST_BOX * look.em and 0 <= right - left <= LARGEST_BOX * look.em:
                return self.frame.box(left, bottom, right, top)
        ink = [ctypes.c_double() for _ in range(4)]
        raw.FPDFText_GetCharBox(handle, index, *ink)
        left, right, bottom, top = (side.value for side in ink)
        box = self.frame.box(left, bottom, right, top)
        if look.upright and self.frame.turns:
            x, y = ctypes.c_double(), ctypes.c_double()
            raw.FPDFText_GetCharOrigin(handle, index, x, y)
            start, base = self.frame.point(x.value, y.value)
            width = look.em * (NARROW if raw.FPDFText_GetUnicode(handle, index) < 0x2E80 else 1.0)
            end = max(box[2], start + width)
            return min(box[0], start), base - ASCENT * look.em, end, base + (1 - ASCENT) * look.em
        return box

    def _look_of(self, drawn: _Drawn) -> _Look:
        """How a text object is painted: HIDDEN where it is not, WHITE_TEXT where it is white."""
        item = drawn.item
        a, b, c, d, *_ = product(_matrix_of(item), drawn.matrix)
        angle = math.atan2(b, a) / _QUARTER
        size = ctypes.c_float()
        raw.FPDFTextObj_GetFontSize(item, size)
        mode = raw.FPDFTextObj_GetTextRenderMode(item)
        paint = raw.FPDFPageObj_GetStrokeColor if mode in _STROKED_MODES else raw.FPDFPageObj_GetFillColor
        red, green, blue, alpha = _colour(paint, item)
        doubt = WHITE_TEXT if min(red, green, blue) >= WHITE else ""
        return _Look(
            drawn.order,
            HIDDEN if mode in _INVISIBLE_MODES or not alpha else doubt,
            abs(size.value) * max(math.hypot(a, b), math.hypot(c, d)),
            round(angle) % 4 == self.frame.turns,
            abs(angle - round(angle)) > SKEWED,
        )

    def _notes(self) -> Iterator[Box]:
        """The boxes of notes that change what is read on paper: entry fields, deletions, added text."""
        rectangle = raw.FS_RECTF()
        for number in range(min(raw.FPDFPage_GetAnnotCount(self.page.raw), MOST_NOTES)):
            note = raw.FPDFPage_GetAnnot(self.page.raw, number)
            if not note:
                continue
            if raw.FPDFAnnot_GetSubtype(note) in _COVERING_NOTES and raw.FPDFAnnot_GetRect(note, rectangle):
                yield self.frame.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
            raw.FPDFPage_CloseAnnot(note)


class _Frame:
    """From the coordinates of a PDF page to those of the page turned so that its text stands upright."""

    def __init__(self, box: Box, turns: int) -> None:
        self.left, self.bottom, self.right, self.top = box
        self.turns = turns
        width, height = max(self.right - self.left, 1.0), max(self.top - self.bottom, 1.0)
        self.size = (height, width) if turns % 2 else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point, from the top left corner."""
        if self.turns == 0:
            return x - self.left, self.top - y
        if self.turns == 1:
            return y - self.bottom, x - self.left
        if self.turns == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A box: left, top, right, bottom."""
        (x0, y0), (x1, y1) = self.point(left, bottom), self.point(right, top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _of_form(item: Any) -> Iterator[Any]:
    for number in range(raw.FPDFFormObj_CountObjects(item)):
        yield raw.FPDFFormObj_GetObject(item, number)


def _matrix_of(item: Any) -> Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, matrix):
        return IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _corners(matrix: Matrix) -> Box:
    """The box around a picture, which fills the unit square of its matrix."""
    points = [moved(matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _colour(ask: Callable[..., int], item: Any) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity that something is painted with; black where the library cannot tell."""
    parts = [ctypes.c_uint() for _ in range(4)]
    if not ask(item, *parts):
        return 0, 0, 0, OPAQUE
    red, green, blue, alpha = (part.value for part in parts)
    return red, green, blue, alpha


def _address(item: Any) -> int:
    return ctypes.addressof(item.contents)
