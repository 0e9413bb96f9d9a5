"""An organ's key numbers over the years as small bar charts in SVG, each with its table.

A year whose report prints no number there has no bar but a dash: a blank is never drawn as 0. The same numbers
give the same bytes; colours come from the page's style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import drawsvg
from markupsafe import Markup

from monitor.access.organs import KEY_CELLS, NumberOfYear
from monitor.alerts.wording import CELL_STATES
from monitor.language import N_, translate
from monitor.web.cells import printed
from parsers.schema import Cell, Number

NAMES = dict(
    zip(
        KEY_CELLS,
        (
            N_("新收政府信息公开申请"),
            N_("办理结果总计"),
            N_("结转下年度"),
            N_("行政复议"),
            N_("行政诉讼（未经复议直接起诉）"),
            N_("行政诉讼（复议后起诉）"),
        ),
        strict=True,
    )
)
_BAR, _GAP, _HEIGHT, _TOP, _BASE = 34, 14, 90, 18, 20
_NO_FORM = N_("没有表格")


@dataclass(frozen=True, slots=True)
class Point:
    """One year of a chart: the number, None where there is none, and what is said of it."""

    report_year: int
    version_id: int
    value: Number | None
    text: str


@dataclass(frozen=True, slots=True)
class SmallChart:
    """A chart with its title, and the table behind it."""

    key: str
    title: str
    svg: Markup
    points: tuple[Point, ...]


def charts(numbers: Sequence[NumberOfYear], language: str = "zh") -> tuple[SmallChart, ...]:
    """The charts of an organ's numbers, oldest year first; none where no report prints a number."""
    found = []
    for key, name in NAMES.items():
        points = tuple(_point(each, each.cells.get(key), language) for each in numbers)
        if any(point.value is not None for point in points):
            title = translate(name, language)
            found.append(SmallChart(key, title, _drawn(title, points, language), points))
    return tuple(found)


def _point(of: NumberOfYear, cell: Cell | None, language: str) -> Point:
    if cell is None:
        return Point(of.report_year, of.version_id, None, translate(_NO_FORM, language))
    return Point(of.report_year, of.version_id, cell.value, printed(cell, language))


def _drawn(title: str, points: Sequence[Point], language: str) -> Markup:
    most = max((abs(float(point.value)) for point in points if point.value is not None), default=0.0) or 1.0
    step = _BAR + _GAP
    width = len(points) * step + _GAP
    drawing = drawsvg.Drawing(
        width, _TOP + _HEIGHT + _BASE, class_="small-chart", role="img", aria_label=_told(title, points, language)
    )
    base = _TOP + _HEIGHT
    for number, point in enumerate(points):
        left = _GAP + number * step
        middle = left + _BAR / 2
        if point.value is not None:
            # A number that is not 0 has a bar that can be seen.
            tall = round(abs(float(point.value)) / most * _HEIGHT, 1)
            tall = max(tall, 2) if point.value else 0
            drawing.append(drawsvg.Rectangle(left, base - tall, _BAR, tall, class_="bar"))
            drawing.append(
                drawsvg.Text(str(point.value), 11, middle, base - tall - 4, class_="value", text_anchor="middle")
            )
        else:
            drawing.append(drawsvg.Rectangle(left, base - 16, _BAR, 16, class_="gap"))
            drawing.append(drawsvg.Text("—", 11, middle, base - 4, class_="value", text_anchor="middle"))
        drawing.append(
            drawsvg.Text(str(point.report_year), 11, middle, base + 14, class_="year", text_anchor="middle")
        )
    drawing.append(drawsvg.Line(_GAP / 2, base, width - _GAP / 2, base, class_="axis"))
    text = str(drawing.as_svg(header="", skip_js=True, skip_css=True))
    # Drawn from numbers and words of ours alone: nothing that a portal says is in it.
    return Markup(text.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', ""))  # nosec B704


def _told(title: str, points: Sequence[Point], language: str) -> str:
    """What a screen reader says: numbers, and words of ours where there is none."""
    colon, comma = (": ", "; ") if language == "en" else ("：", "；")
    states = [translate(state, language) for state in CELL_STATES.values()]
    said = []
    for point in points:
        word = str(point.value) if point.value is not None else next((s for s in states if s in point.text), "—")
        said.append(f"{point.report_year} {word}")
    return title + colon + comma.join(said)
