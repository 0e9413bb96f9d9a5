"""Writes PDF files for tests: printed pages drawn anew by reportlab, in the manners that programs have.

Chinese is set in a font that every reader knows by name (not embedded), so no font file is needed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.colors import Color, black
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from parsers.documents.printed import PrintedPage
from parsers.documents.printed_lines import Glyph

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
Draw = Callable[[Canvas, PrintedPage], None]


def write_pdf(
    pages: Sequence[PrintedPage],
    *,
    rules: Draw | None = None,
    glyphs: Draw | None = None,
    before: Draw | None = None,
    after: Draw | None = None,
    finish: Callable[[Canvas], None] | None = None,
) -> bytes:
    """The pages as a PDF file; what draws rules and glyphs, and more under and over them, may be given."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1, invariant=1)
    for page in pages:
        canvas.setPageSize((page.width, page.height))
        for draw in (before, rules or stroked_rules, glyphs or plain_glyphs, after):
            if draw:
                draw(canvas, page)
        if finish:
            finish(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def stroked_rules(canvas: Canvas, page: PrintedPage) -> None:
    """Each rule as a stroked line."""
    canvas.setLineWidth(0.5)
    for rule in page.rules:
        canvas.line(rule.x0, page.height - rule.y0, rule.x1, page.height - rule.y1)


def filled_rules(canvas: Canvas, page: PrintedPage) -> None:
    """Each rule as a thin filled box."""
    for rule in page.rules:
        left, right = sorted((rule.x0, rule.x1))
        top, bottom = sorted((rule.y0, rule.y1))
        canvas.rect(left, page.height - bottom, max(right - left, 0.5), max(bottom - top, 0.5), stroke=0, fill=1)


def dotted_rules(canvas: Canvas, page: PrintedPage) -> None:
    """Each rule as a row of filled dots."""
    for rule in page.rules:
        length = max(abs(rule.x1 - rule.x0), abs(rule.y1 - rule.y0))
        steps = int(length / 2) + 1
        for step in range(steps + 1):
            x = rule.x0 + (rule.x1 - rule.x0) * step / steps
            y = rule.y0 + (rule.y1 - rule.y0) * step / steps
            canvas.rect(x - 0.4, page.height - y - 0.4, 0.8, 0.8, stroke=0, fill=1)


def plain_glyphs(canvas: Canvas, page: PrintedPage) -> None:
    """Each glyph by itself, black."""
    for glyph in page.glyphs:
        draw_glyph(canvas, page, glyph)


def draw_glyph(
    canvas: Canvas, page: PrintedPage, glyph: Glyph, *, mode: int = 0, shift: float = 0.0, colour: Color = black
) -> None:
    """One glyph where it stands; ``mode`` is the PDF text rendering mode."""
    if glyph.text.isspace():
        return
    font, width = ("Helvetica", 0.556) if glyph.text.isascii() else ("STSong-Light", 1.0)
    size = max((glyph.x1 - glyph.x0) / width, 1.0)
    middle = page.height - (glyph.y0 + glyph.y1) / 2
    text = canvas.beginText(glyph.x0 + shift, middle - 0.35 * size)
    text.setFont(font, size)
    text.setFillColor(colour)
    text.setTextRenderMode(mode)
    text.textOut(glyph.text)
    if mode:
        text.setTextRenderMode(0)
    canvas.drawText(text)


def picture_of_page(data: bytes, number: int) -> ImageReader:
    """A page of a PDF file as a picture."""
    import pypdfium2 as pdfium

    return ImageReader(pdfium.PdfDocument(data)[number].render(scale=1).to_pil())
