"""Writes OFD files for tests: printed pages as an OFD program would encode them, in several manners.

The writer and the reader come from one hand, so what they agree on is weak proof; the manners vary what the
standard (GB/T 33190) lets vary.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from parsers.documents.printed import PrintedPage
from parsers.documents.printed_lines import Glyph

MILLIMETRE = 72 / 25.4
ASCENT = 0.86
_SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


@dataclass(frozen=True, slots=True)
class Manner:
    """How to encode: lines of characters with steps or a character each, scaled by a CTM, rules in a template…"""

    by_line: bool = True
    grouped: bool = False
    scale: float = 1.0
    rules_in_template: bool = False
    filled_rules: bool = False
    absolute_paths: bool = False
    upper_names: bool = False
    backslashes: bool = False
    default_namespace: bool = False


def write_ofd(pages: Sequence[PrintedPage], manner: Manner | None = None, *, text: str | None = None) -> bytes:
    """The pages as an OFD file. ``text`` stands for every character instead of its own."""
    manner = manner or Manner()
    files: dict[str, str] = {}
    slash = "/Doc_0/" if manner.absolute_paths else ""
    templates = "".join(
        f'<ofd:TemplatePage ID="{900 + number}" BaseLoc="{slash}Tpls/Tpl_{number}/Content.xml"/>'
        for number in range(len(pages))
        if manner.rules_in_template
    )
    listed = "".join(
        f'<ofd:Page ID="{number + 1}" BaseLoc="{slash}Pages/Page_{number}/Content.xml"/>'
        for number in range(len(pages))
    )
    files["OFD.xml"] = (
        f'<ofd:OFD {_SPACE} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>'
        f"</ofd:DocInfo><ofd:DocRoot>{'/' if manner.absolute_paths else ''}Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>"
    )
    files["Doc_0/Document.xml"] = (
        f"<ofd:Document {_SPACE}><ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>{templates}"
        f"</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )
    for number, page in enumerate(pages):
        rules = _rules(page, manner)
        drawn = _texts(page.glyphs, manner, text)
        template = f'<ofd:Template TemplateID="{900 + number}"/>' if manner.rules_in_template else ""
        area = (
            f"<ofd:Area><ofd:PhysicalBox>0 0 {page.width / MILLIMETRE:.4f} {page.height / MILLIMETRE:.4f}"
            "</ofd:PhysicalBox></ofd:Area>"
        )
        if manner.rules_in_template:
            files[f"Doc_0/Tpls/Tpl_{number}/Content.xml"] = _page("", "", rules)
            rules = ""
        files[f"Doc_0/Pages/Page_{number}/Content.xml"] = _page(template, area, rules + drawn)
    return pack(files, manner)


def pack(files: Mapping[str, str | bytes], manner: Manner | None = None) -> bytes:
    """Named files as a zip."""
    manner = manner or Manner()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            stored = name.upper() if manner.upper_names else name
            info = zipfile.ZipInfo(stored)
            info.compress_type = zipfile.ZIP_DEFLATED
            if manner.backslashes:
                info.filename = stored.replace("/", "\\")
            if isinstance(content, str):
                if manner.default_namespace:
                    content = content.replace("xmlns:ofd", "xmlns").replace("ofd:", "")
                content = ('<?xml version="1.0" encoding="UTF-8"?>' + content).encode()
            archive.writestr(info, content)
    return out.getvalue()


def _page(template: str, area: str, content: str) -> str:
    return (
        f'<ofd:Page {_SPACE}>{template}{area}<ofd:Content><ofd:Layer ID="7" Type="Body">{content}'
        "</ofd:Layer></ofd:Content></ofd:Page>"
    )


def _rules(page: PrintedPage, manner: Manner) -> str:
    drawn = []
    for rule in page.rules:
        x0, x1 = sorted((rule.x0 / MILLIMETRE, rule.x1 / MILLIMETRE))
        y0, y1 = sorted((rule.y0 / MILLIMETRE, rule.y1 / MILLIMETRE))
        width, height = x1 - x0, y1 - y0
        if manner.filled_rules:
            width, height = max(width, 0.2), max(height, 0.2)
            path, paint = (
                f"M 0 0 L {width:.4f} 0 L {width:.4f} {height:.4f} L 0 {height:.4f} C",
                'Fill="true" Stroke="false"',
            )
        else:
            path, paint = f"M 0 0 L {width:.4f} {height:.4f}", 'LineWidth="0.18"'
        drawn.append(
            f'<ofd:PathObject ID="1" Boundary="{x0:.4f} {y0:.4f} {width:.4f} {height:.4f}" {paint}>'
            f"<ofd:AbbreviatedData>{path}</ofd:AbbreviatedData></ofd:PathObject>"
        )
    return "".join(drawn)


def _texts(glyphs: Iterable[Glyph], manner: Manner, text: str | None) -> str:
    runs: list[list[Glyph]] = []
    for glyph in glyphs:
        if glyph.text.isspace():
            continue
        last = runs[-1][-1] if runs else None
        if (
            manner.by_line
            and last
            and abs(last.y0 - glyph.y0) < 0.5
            and abs(last.y1 - glyph.y1) < 0.5
            and 0 < glyph.x0 - last.x0 < 40
        ):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return "".join(_run(run, manner, text) for run in runs)


def _run(run: Sequence[Glyph], manner: Manner, text: str | None) -> str:
    first = run[0]
    size = (first.y1 - first.y0) / MILLIMETRE
    left, top = first.x0 / MILLIMETRE, first.y0 / MILLIMETRE
    scale = manner.scale
    steps = [(after.x0 - before.x0) / MILLIMETRE / scale for before, after in pairwise(run)]
    delta = _grouped(steps) if manner.grouped else " ".join(f"{step:.4f}" for step in steps)
    ctm = f' CTM="{scale} 0 0 {scale} 0 0"' if scale != 1 else ""
    told = f" DeltaX={quoteattr(delta)}" if steps else ""
    letters = "".join(text or glyph.text for glyph in run)
    return (
        f'<ofd:TextObject ID="1" Boundary="{left:.4f} {top:.4f} {size * len(run):.4f} {size:.4f}" Font="3" '
        f'Size="{size / scale:.4f}"{ctm}><ofd:TextCode X="0" Y="{size * ASCENT / scale:.4f}"{told}>'
        f"{escape(letters)}</ofd:TextCode></ofd:TextObject>"
    )


def _grouped(steps: Sequence[float]) -> str:
    """Steps with equal ones as ``g n d``."""
    pieces: list[str] = []
    position = 0
    while position < len(steps):
        end = position
        while end < len(steps) and abs(steps[end] - steps[position]) < 0.01:
            end += 1
        pieces.append(
            f"g {end - position} {steps[position]:.4f}" if end - position > 1 else f"{steps[position]:.4f}"
        )
        position = end
    return " ".join(pieces)
