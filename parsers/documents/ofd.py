"""OFD files (GB/T 33190) into the plain model: a zip of XML that says where each character and each line stands.

Read on lxml alone. Seals, signatures and notes are not looked at; a page that is a picture is left to the scan
reader.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from parsers.documents.model import OFD, Document
from parsers.documents.package import Package, read_xml
from parsers.documents.printed import PrintedPage, Rule
from parsers.documents.printed_lines import COVERED_TEXT, HIDDEN, UNKNOWN_CHARACTER, Glyph
from parsers.documents.printed_mixed import read_mixed
from parsers.documents.printed_paths import (
    IDENTITY,
    Matrix,
    Patch,
    Point,
    band_of,
    by_height,
    has_ground,
    is_covered,
    moved,
    product,
    shape_of,
    whole_pages,
)
from parsers.documents.printed_text import character, is_implausible, is_unknown
from parsers.schema import Box, UnreadableDocument

MOST_PAGES = 200
MOST_OBJECTS = 200_000
MOST_CHARACTERS = 400_000
DEEPEST_BLOCK = 16
LARGEST_XML = 16 * 1024 * 1024
MOST_XML = 64 * 1024 * 1024
# A picture that fills this share of the page is the page itself, unless this many characters stand on it.
WHOLE_PAGE = 0.6
FEWEST_CHARACTERS = 30
WHITE = 250
OPAQUE = 255
LARGEST_NUMBER = 1e6
POINTS = 72 / 25.4
# Where the box of a character lies about the line it stands on, and how wide it is, in shares of its size.
ASCENT, DESCENT = 0.86, 0.14
NARROW, WIDE = 0.56, 1.0
A4 = (210.0, 297.0)

BROKEN = "OFD 文件已损坏或不完整；请重新下载"
# What a writer puts where a glyph has no character.
_PLACEHOLDER = "¤"
_PATH_POINTS = {"S": 1, "M": 1, "L": 1, "Q": 2, "B": 3, "C": 0}
_PATH_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class _Placed(NamedTuple):
    """A character with its place in the order of drawing and how it is painted."""

    glyph: Glyph
    order: int
    white: bool


@dataclass(slots=True)
class _Files:
    """The package, and how much of it may still be read."""

    package: Package
    objects: int = MOST_OBJECTS
    characters: int = MOST_CHARACTERS
    size: int = MOST_XML

    def take(self, objects: int = 0, characters: int = 0, size: int = 0) -> None:
        """Count what is read; raises UnreadableDocument where it is more than a report can have."""
        self.objects -= objects
        self.characters -= characters
        self.size -= size
        if self.objects < 0 or self.characters < 0 or self.size < 0:
            raise UnreadableDocument("OFD 文件的内容过多，超过一份年度报告可能有的数量，未读取")

    def tree(self, name: str) -> etree._Element | None:
        """A member that is XML; None where there is none."""
        data = self.package.part(name, LARGEST_XML)
        if data is None:
            return None
        self.take(size=len(data))
        return read_xml(data)


@dataclass(slots=True)
class _Sheet:
    """What is drawn on a page, gathered object by object."""

    width: float
    height: float
    rules: list[Rule] = field(default_factory=list)
    placed: list[_Placed] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    outlines: list[Box] = field(default_factory=list)
    pictures: dict[int, str] = field(default_factory=dict)
    order: int = 0


def read_ofd(data: bytes) -> Document:
    """Read an OFD file.

    Raises UnreadableDocument for a file that is damaged, encrypted, or larger than a report can be, and where a
    page is a picture and the recogniser is not installed.
    """
    files = _Files(Package(data))
    root = files.tree("ofd.xml")
    location = _text_of(root, "DocRoot") if root is not None else ""
    if not location:
        raise UnreadableDocument(BROKEN)
    base = _resolved("", location)
    document = files.tree(base)
    if document is None:
        raise UnreadableDocument(BROKEN)
    resources = _Resources(files, base, document)
    pages = [page for page in document.iter() if _name(page) == "Page" and page.get("BaseLoc")]
    if len(pages) > MOST_PAGES:
        raise UnreadableDocument(f"OFD 文件有 {len(pages)} 页，超过 {MOST_PAGES} 页的上限，不像是一份年度报告")
    read = [_page(files, resources, page, number) for number, page in enumerate(pages, 1)]
    if not read:
        raise UnreadableDocument(BROKEN)
    return read_mixed(read, OFD)


class _Resources:
    """What pages refer to: templates, pictures, composite objects and drawing parameters by their ID."""

    def __init__(self, files: _Files, base: str, document: etree._Element) -> None:
        self.files, self.base = files, base
        common = _child(document, "CommonData")
        self.area = _child(common, "PageArea") if common is not None else None
        self.templates: dict[str, str] = {}
        self.media: dict[str, str] = {}
        self.composites: dict[str, etree._Element] = {}
        self.parameters: dict[str, etree._Element] = {}
        for element in common if common is not None else ():
            if _name(element) == "TemplatePage":
                self.templates[element.get("ID", "")] = _resolved(base, element.get("BaseLoc", ""))
            elif _name(element) in ("PublicRes", "DocumentRes"):
                self.load(_resolved(base, (element.text or "").strip()))

    def load(self, name: str) -> None:
        """Take in a file of resources; one that is not there or broken is as if empty."""
        try:
            root = self.files.tree(name)
        except UnreadableDocument:
            return
        if root is None:
            return
        folder = _resolved(name, root.get("BaseLoc", "")) + "/"
        for element in root.iter():
            key = element.get("ID", "")
            if _name(element) == "MultiMedia":
                self.media[key] = _resolved(folder, _text_of(element, "MediaFile"))
            elif _name(element) == "CompositeGraphicUnit":
                self.composites[key] = element
            elif _name(element) == "DrawParam":
                self.parameters[key] = element


def _page(files: _Files, resources: _Resources, page: etree._Element, number: int) -> PrintedPage | bytes:
    """A page by what is drawn on it, or its picture where it is one."""
    name = _resolved(resources.base, page.get("BaseLoc", ""))
    if name.rpartition("/")[2].find(".") < 0:
        name = name.rstrip("/") + "/content.xml"
    root = files.tree(name)
    if root is None:
        raise UnreadableDocument(BROKEN)
    for element in root:
        if _name(element) == "PageRes":
            resources.load(_resolved(name, (element.text or "").strip()))
    left, top, width, height = _page_box(root, resources)
    sheet = _Sheet(width * POINTS, height * POINTS)
    to_points: Matrix = (POINTS, 0.0, 0.0, POINTS, -left * POINTS, -top * POINTS)
    drawing = _Drawing(files, resources, sheet)
    templates = [element for element in root if _name(element) == "Template"]
    behind = [element for element in templates if element.get("ZOrder", "Background") != "Foreground"]
    for element in behind:
        drawing.template(element, to_points)
    drawing.content(root, to_points)
    for element in templates:
        if element not in behind:
            drawing.template(element, to_points)
    glyphs = list(_glyphs(sheet))
    shown = sum(1 for glyph in glyphs if not glyph.doubt)
    hidden = sum(1 for glyph in glyphs if glyph.doubt in (HIDDEN, COVERED_TEXT))
    whole = next(whole_pages(sheet.patches, sheet.width, sheet.height, WHOLE_PAGE), None)
    if whole and (shown < FEWEST_CHARACTERS or hidden > shown):
        picture = files.package.part(sheet.pictures[whole.order])
        if picture:
            return picture
    if is_implausible([glyph.text for glyph in glyphs if glyph.doubt != HIDDEN]):
        glyphs = [glyph._replace(doubt=UNKNOWN_CHARACTER) for glyph in glyphs]
    pictures = [patch.box for patch in sheet.patches if patch.picture]
    return PrintedPage(number, sheet.width, sheet.height, sheet.rules, glyphs, pictures + sheet.outlines)


def _page_box(root: etree._Element, resources: _Resources) -> Box:
    """The page as displayed, in millimetres: left, top, width, height."""
    for area in (_child(root, "Area"), resources.area):
        if area is None:
            continue
        for name in ("CropBox", "PhysicalBox", "ApplicationBox"):
            box = _numbers(_text_of(area, name))
            if len(box) == 4 and box[2] > 0 and box[3] > 0:
                return box[0], box[1], box[2], box[3]
    return 0.0, 0.0, *A4


def _glyphs(sheet: _Sheet) -> Iterator[Glyph]:
    """The characters that lie on the page, those that cannot be seen with that doubt."""
    bands = by_height(sheet.patches, sheet.height)
    for glyph, order, white in sheet.placed:
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
        if not (0 <= x <= sheet.width and 0 <= y <= sheet.height):
            continue
        doubt = glyph.doubt
        near = bands.get(band_of(y), ())
        if white and not has_ground(near, order, x, y):
            doubt = HIDDEN
        if not doubt and is_covered(near, order, x, y):
            doubt = COVERED_TEXT
        yield glyph._replace(doubt=doubt)


@dataclass(slots=True)
class _Drawing:
    """Goes over what a page draws, in order, and puts it on the sheet."""

    files: _Files
    resources: _Resources
    sheet: _Sheet

    def template(self, element: etree._Element, matrix: Matrix) -> None:
        """What a page's template draws."""
        name = self.resources.templates.get(element.get("TemplateID", ""))
        root = self.files.tree(name) if name else None
        if root is not None:
            self.content(root, matrix)

    def content(self, root: etree._Element, matrix: Matrix) -> None:
        """What the layers of a page draw: background, body, foreground."""
        content = _child(root, "Content")
        layers = [element for element in (content if content is not None else ()) if _name(element) == "Layer"]
        kinds = ("Background", "Body", "Foreground")
        for kind in kinds:
            for layer in layers:
                if layer.get("Type", "Body") == kind or (
                    kind == "Body" and layer.get("Type", "Body") not in kinds
                ):
                    self.block(layer, matrix, layer.get("DrawParam", ""), 0)

    def block(self, block: Iterable[etree._Element], matrix: Matrix, parameter: str, depth: int) -> None:
        """The objects of a layer, a block or a composite object."""
        if depth > DEEPEST_BLOCK:
            return
        for element in block:
            name = _name(element)
            self.files.take(objects=1)
            self.sheet.order += 1
            if element.get("Visible", "true").lower() == "false":
                continue
            if name == "PageBlock":
                self.block(element, matrix, parameter, depth + 1)
                continue
            boundary = _numbers(element.get("Boundary", ""))
            if len(boundary) != 4:
                continue
            own = product((1.0, 0.0, 0.0, 1.0, boundary[0], boundary[1]), matrix)
            inner = product(_matrix(element.get("CTM")), own)
            style = _Style(element, self.resources.parameters, parameter)
            if name == "TextObject":
                self.text(element, inner, style)
            elif name == "PathObject":
                self.path(element, inner, style)
            elif name == "ImageObject":
                self.image(element, boundary, matrix)
            elif name == "CompositeObject":
                unit = self.resources.composites.get(element.get("ResourceID", ""))
                content = _child(unit, "Content") if unit is not None else None
                if content is not None:
                    self.block(content, inner, parameter, depth + 1)

    def image(self, element: etree._Element, boundary: list[float], matrix: Matrix) -> None:
        """A picture: where it lies and the member that holds it."""
        (x0, y0), (x1, y1) = (
            moved(matrix, boundary[0], boundary[1]),
            moved(matrix, boundary[0] + boundary[2], boundary[1] + boundary[3]),
        )
        self.sheet.pictures[self.sheet.order] = self.resources.media.get(element.get("ResourceID", ""), "")
        self.sheet.patches.append(Patch(self.sheet.order, (x0, y0, x1, y1), white=False, picture=True))

    def path(self, element: etree._Element, matrix: Matrix, style: _Style) -> None:
        """A path: rules, a patch of colour, or a shape that may be a letter."""
        filled = element.get("Fill", "false").lower() == "true" and style.fill_alpha > 0
        stroked = element.get("Stroke", "true").lower() != "false" and style.stroke_alpha > 0
        if not filled and not stroked:
            return
        data = _text_of(element, "AbbreviatedData")
        for points, curved in _subpaths(data, matrix, self.files):
            shape = shape_of(points, curved=curved, filled=filled, stroked=stroked)
            self.sheet.rules += shape.rules
            if shape.letter:
                self.sheet.outlines.append(shape.box)
            if shape.patch and style.fill_alpha == OPAQUE:
                self.sheet.patches.append(Patch(self.sheet.order, shape.box, style.white, picture=False))

    def text(self, element: etree._Element, matrix: Matrix, style: _Style) -> None:
        """The characters of a text object, each where it stands."""
        size = _number(element.get("Size"), 0.0)
        a, b, c, d, *_ = matrix
        em = abs(size) * math.hypot(c, d)
        along = math.hypot(a, b) * abs(size) * _number(element.get("HScale"), 1.0)
        unseen = (
            element.get("Fill", "true").lower() == "false" and element.get("Stroke", "false").lower() != "true"
        ) or not style.fill_alpha
        x = y = 0.0
        for code in element:
            if _name(code) != "TextCode":
                continue
            x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
            text = (code.text or "").strip("\r\n\t")
            self.files.take(characters=len(text))
            over, down = _deltas(code.get("DeltaX"), len(text)), _deltas(code.get("DeltaY"), len(text))
            told = bool(over or down)
            right, low = x, y
            for number, letter in enumerate(text):
                left, base = moved(matrix, right, low)
                natural = (NARROW if letter.isascii() else WIDE) * (along or em)
                step = (over[number] if number < len(over) else 0.0) * math.hypot(a, b)
                width = min(natural, step) if step > 0 else natural
                doubt = HIDDEN if unseen else ""
                shown = character(ord(letter))
                if letter == _PLACEHOLDER or is_unknown(shown):
                    shown, doubt = "\ufffd", doubt or UNKNOWN_CHARACTER
                if not letter.isspace():
                    glyph = Glyph(shown, left, base - ASCENT * em, left + width, base + DESCENT * em, None, doubt)
                    self.sheet.placed.append(_Placed(glyph, self.sheet.order, style.white))
                if told:
                    right += over[number] if number < len(over) else 0.0
                    low += down[number] if number < len(down) else 0.0
                else:
                    right += natural / (math.hypot(a, b) or 1.0)


class _Style:
    """How an object is painted: by its own colours, else by those of its drawing parameters."""

    def __init__(self, element: etree._Element, parameters: Mapping[str, etree._Element], inherited: str) -> None:
        named = parameters.get(element.get("DrawParam", "") or inherited)
        self.alpha = _number(element.get("Alpha"), OPAQUE)
        fill, stroke = (
            next((found for owner in (element, named) if (found := _child(owner, name)) is not None), None)
            for name in ("FillColor", "StrokeColor")
        )
        self.fill_alpha = min(self.alpha, _number(fill.get("Alpha"), OPAQUE) if fill is not None else OPAQUE)
        self.stroke_alpha = min(self.alpha, _number(stroke.get("Alpha"), OPAQUE) if stroke is not None else OPAQUE)
        self.white = _is_white(fill)


def _is_white(colour: etree._Element | None) -> bool:
    """Whether a colour is white; by the number of its parts it is grey, RGB or CMYK. Black where none is given."""
    parts = _numbers(colour.get("Value", "")) if colour is not None else []
    if len(parts) == 4:
        return max(parts) <= 255 - WHITE
    return bool(parts) and min(parts) >= WHITE


def _subpaths(data: str, matrix: Matrix, files: _Files) -> Iterator[tuple[list[Point], bool]]:
    """The parts of a path as points on the page, and whether a part has curves."""
    tokens = _PATH_TOKEN.findall(data)
    files.take(objects=len(tokens) // 8)
    points: list[Point] = []
    curved = False
    position = 0
    while position < len(tokens):
        operator = tokens[position].upper()
        position += 1
        if operator == "C" and points:
            points.append(points[0])
            continue
        count = 7 if operator == "A" else _PATH_POINTS.get(operator, 0) * 2
        values = [float(token) for token in tokens[position : position + count] if not token.isalpha()]
        if len(values) != count or not count:
            continue
        position += count
        if operator in "SM":
            if len(points) > 1:
                yield points, curved
            points, curved = [], False
        curved = curved or operator in "QBA"
        points.append(moved(matrix, values[-2], values[-1]))
    if len(points) > 1:
        yield points, curved


def _deltas(text: str | None, most: int) -> list[float]:
    """The steps from character to character; ``g n d`` stands for n steps of d."""
    found: list[float] = []
    tokens = (text or "").split()
    position = 0
    while position < len(tokens) and len(found) < most:
        if tokens[position].lower() == "g":
            count = int(_number(tokens[position + 1] if position + 1 < len(tokens) else None, 0.0))
            step = _number(tokens[position + 2] if position + 2 < len(tokens) else None, 0.0)
            found += [step] * max(0, min(count, most))
            position += 3
        else:
            found.append(_number(tokens[position], 0.0))
            position += 1
    return found


def _matrix(text: str | None) -> Matrix:
    values = _numbers(text or "")
    if len(values) != 6:
        return IDENTITY
    return values[0], values[1], values[2], values[3], values[4], values[5]


def _number(text: str | None, default: float) -> float:
    """A number of an attribute; the default where there is none, or none that is finite and of a sane size."""
    match = _NUMBER.match((text or "").strip())
    value = float(match[0]) if match else default
    return value if abs(value) < LARGEST_NUMBER else default


def _numbers(text: str) -> list[float]:
    return [_number(token, 0.0) for token in text.split()]


def _resolved(base: str, location: str) -> str:
    """A location in the package, relative to the folder of ``base`` or from the root; slashes of both kinds."""
    location = location.strip().replace("\\", "/")
    whole = location if location.startswith("/") else f"{base.rpartition('/')[0]}/{location}"
    parts: list[str] = []
    for part in whole.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _name(element: etree._Element) -> str:
    """An element's name without its namespace; '' for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return next((child for child in (element if element is not None else ()) if _name(child) == name), None)


def _text_of(element: etree._Element, name: str) -> str:
    """The text of the first element of a name anywhere inside; '' where there is none."""
    found = next((child for child in element.iter() if _name(child) == name), None)
    return (found.text or "").strip() if found is not None else ""
