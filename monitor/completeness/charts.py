"""The charts of the completeness report as inline SVG: nothing is loaded, text stays text, no colour is needed.

Every state has its letter and its pattern beside its colour, so that a black-and-white print says the same. The
same figures give the same bytes. Colours and fonts come from the page's style sheet by the names of the classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import drawsvg

from monitor.completeness.course import OrganState, YearStates
from monitor.completeness.summary import percent
from monitor.language import N_, translate
from monitor.publication import PublicationState

LETTERS: Mapping[PublicationState, str] = {
    PublicationState.ON_TIME: N_("按"),
    PublicationState.LATE: N_("逾"),
    PublicationState.MISSING: N_("缺"),
    PublicationState.UNVERIFIED: N_("疑"),
    PublicationState.NOT_DUE: N_("待"),
}
"""One letter for each state, in the heat map and in its legend."""
PUBLISHED = (PublicationState.ON_TIME, PublicationState.LATE)
MOST_COLUMNS = 60
"""So many organs stand beside each other at most; more of them make another map below."""
_CELL = 16
_GAP = 1
_NAME = 11
_YEAR_WIDTH = 44
_LONGEST_NAME = 14
_PATTERNS: Mapping[PublicationState, str] = {
    PublicationState.LATE: '<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5"/>',
    PublicationState.UNVERIFIED: '<circle cx="3" cy="3" r="1"/>',
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its title and, for those who do not see it, what it shows; the SVG; and the table behind it."""

    title: str
    description: str
    svgs: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def charts(
    county_code: str, county: str, years: Sequence[YearStates], as_of: date, language: str = "zh"
) -> tuple[Chart, ...]:
    """The charts of one county as of a day: none where nothing is expected of it.

    ``years`` are its states by report year, oldest first; the last is the report's own. ``county_code`` keeps the
    names within the SVG apart from those of other counties on the same page; ``county`` is its name.
    """
    if not years or not years[-1].organs:
        return ()
    found = [heat_map(county_code, county, years, language)]
    if len(years) > 1:
        found.append(rates(county_code, years, language))
    if _days(years[-1]):
        found.append(curve(years, as_of, language))
    return tuple(found)


# --- years and organs --------------------------------------------------------------------------------------


def heat_map(county_code: str, county: str, years: Sequence[YearStates], language: str = "zh") -> Chart:
    """The state of each organ in each year: a row a year, a column an organ, named without the county."""

    def say(text: str, **values: Any) -> str:
        return translate(text, language, values)

    latest: dict[str, str] = {}
    for states in years:
        latest |= {organ.code: organ.name.removeprefix(county) or organ.name for organ in states.organs}
    codes = sorted(latest)
    of = [{organ.code: organ for organ in states.organs} for states in years]
    parts = [codes[start : start + MOST_COLUMNS] for start in range(0, len(codes), MOST_COLUMNS)]
    title = say(N_("各单位历年公布情况"))
    return Chart(
        title,
        say(
            N_("{years}年度共{organs}家单位的公布情况，每格一个字：{letters}"),
            years=_span(years),
            organs=len(codes),
            letters=_legend(language),
        ),
        tuple(
            _map(f"{county_code}-{number}", part, latest, years, of, title, language)
            for number, part in enumerate(parts)
        ),
        (say(N_("单位")), *(str(states.year) for states in years)),
        tuple((latest[code], *(_state_name(each.get(code), language) for each in of)) for code in codes),
    )


def _map(
    name: str,
    codes: Sequence[str],
    names: Mapping[str, str],
    years: Sequence[YearStates],
    of: Sequence[Mapping[str, OrganState]],
    title: str,
    language: str,
) -> str:
    top = max(min(len(names[code]), _LONGEST_NAME) for code in codes) * (_NAME + 1) + 6
    width = _YEAR_WIDTH + len(codes) * _CELL + 2
    height = top + len(years) * _CELL + 2
    drawing = _drawing(width, height, "map", title)
    for state, pattern in _PATTERNS.items():
        drawing.append_def(
            drawsvg.Raw(
                f'<pattern id="{_pattern(name, state)}" class="{state.value}" width="6" height="6" '
                f'patternUnits="userSpaceOnUse">{pattern}</pattern>'
            )
        )
    for column, code in enumerate(codes):
        x = _YEAR_WIDTH + column * _CELL + _CELL / 2
        shown = names[code] if len(names[code]) <= _LONGEST_NAME else names[code][: _LONGEST_NAME - 1] + "…"
        drawing.append(
            drawsvg.Text(shown, _NAME, x, top - 4, class_="name", text_anchor="end", writing_mode="vertical-rl")
        )
    for row, (states, found) in enumerate(zip(years, of, strict=True)):
        y = top + row * _CELL
        year = drawsvg.Text(str(states.year), 12, _YEAR_WIDTH - 6, y + 12, class_="head", text_anchor="end")
        drawing.append(year)
        for state in LETTERS:
            columns = [column for column, code in enumerate(codes) if _is(found.get(code), state)]
            if columns:
                _cells(drawing, name, [_YEAR_WIDTH + column * _CELL for column in columns], y, state, language)
    return _text(drawing)


def _is(organ: OrganState | None, state: PublicationState) -> bool:
    return organ is not None and organ.state is state


def _cells(drawing: Any, name: str, left: Sequence[int], y: int, state: PublicationState, language: str) -> None:
    """The cells of one year in one state: one path for all of them, and one text with a place for each letter."""
    size = _CELL - _GAP
    boxes = "".join(f"M{x} {y}h{size}v{size}h-{size}z" for x in left)
    drawn = drawsvg.Group(class_=state.value)
    drawn.append(drawsvg.Path(boxes, class_="ground"))
    if state in _PATTERNS:
        drawn.append(drawsvg.Path(boxes, fill=f"url(#{_pattern(name, state)})"))
    letters = translate(LETTERS[state], language) * len(left)
    places = " ".join(f"{x + size / 2:g}" for x in left)
    drawn.append(drawsvg.Text(letters, 10, places, y + 11.5, class_="letter", text_anchor="middle"))
    drawing.append(drawn)


def _pattern(name: str, state: PublicationState) -> str:
    return f"{state.value}-{name}"


def _legend(language: str) -> str:
    from monitor.completeness.figures import STATE_NAMES

    pairs = (
        f"{translate(letter, language)} {translate(STATE_NAMES[state], language)}"
        for state, letter in LETTERS.items()
    )
    return translate(N_("、"), language).join(pairs)


def _state_name(organ: OrganState | None, language: str) -> str:
    from monitor.completeness.figures import STATE_NAMES

    return "—" if organ is None else translate(STATE_NAMES[organ.state], language)


# --- on-time rates -----------------------------------------------------------------------------------------

_BAR_HEIGHT = 20
_BAR_WIDTH = 360


def rates(county_code: str, years: Sequence[YearStates], language: str = "zh") -> Chart:
    """The on-time rate by year: a full bar for what is proven, hatched on to what it would be at most."""

    def say(text: str, **values: Any) -> str:
        return translate(text, language, values)

    title = say(N_("历年按时公布率"))
    drawing = _drawing(_YEAR_WIDTH + _BAR_WIDTH + 150, len(years) * (_BAR_HEIGHT + 8) + 24, "rates", title)
    name = f"rates-{county_code}"
    pattern = _PATTERNS[PublicationState.UNVERIFIED]
    drawing.append_def(
        drawsvg.Raw(
            f'<pattern id="{name}" class="unverified" width="6" height="6" patternUnits="userSpaceOnUse">'
            f"{pattern}</pattern>"
        )
    )
    rows = []
    for row, states in enumerate(years):
        y = row * (_BAR_HEIGHT + 8) + 4
        drawing.append(
            drawsvg.Text(str(states.year), 12, _YEAR_WIDTH - 6, y + 15, class_="head", text_anchor="end")
        )
        drawing.append(drawsvg.Rectangle(_YEAR_WIDTH, y, _BAR_WIDTH, _BAR_HEIGHT, class_="frame"))
        said = "—"
        if states.on_time is not None:
            low, high = states.on_time
            drawing.append(drawsvg.Rectangle(_YEAR_WIDTH, y, _round(low * _BAR_WIDTH), _BAR_HEIGHT, class_="bar"))
            if high > low:
                x, more = _YEAR_WIDTH + _round(low * _BAR_WIDTH), _round((high - low) * _BAR_WIDTH)
                drawing.append(drawsvg.Rectangle(x, y, more, _BAR_HEIGHT, class_="frame", fill=f"url(#{name})"))
            ends = (percent(low), percent(high))
            said = ends[0] if low == high else say(N_("{low}～{high}"), low=ends[0], high=ends[1])
        drawing.append(drawsvg.Text(said, 12, _YEAR_WIDTH + _BAR_WIDTH + 8, y + 15, class_="value"))
        rows.append((str(states.year), str(states.due), str(states.number(PublicationState.ON_TIME)), said))
    base = len(years) * (_BAR_HEIGHT + 8) + 16
    for share in (0, 50, 100):
        x = _YEAR_WIDTH + share * _BAR_WIDTH / 100
        drawing.append(drawsvg.Text(f"{share}%", 10, x, base, class_="tick", text_anchor="middle"))
    return Chart(
        title,
        say(N_("{years}年度的按时公布率；有单位无法核实的年度，点状部分到上限为止"), years=_span(years)),
        (_text(drawing),),
        (say(N_("年度")), say(N_("已到期")), say(N_("按时")), say(N_("按时公布率"))),
        tuple(rows),
    )


# --- publication dates -------------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 520, 190
_LEFT, _TOP, _RIGHT = 36, 30, 24


def curve(years: Sequence[YearStates], as_of: date, language: str = "zh") -> Chart:
    """How many reports were published by each day, against the due dates; the year before as a broken line.

    The days are those on which lateness rests; the year before is drawn on the same days of its own season.
    """

    def say(text: str, **values: Any) -> str:
        return translate(text, language, values)

    states = years[-1]
    last = min(as_of, max([*_days(states), *(organ.due_on for organ in states.organs)]) + timedelta(days=7))
    first = min([*_days(states), date(states.year + 1, 1, 1)])
    span = max((last - first).days, 1)
    most = len(states.organs)
    title = say(N_("公布进度与公布期限"))
    drawing = _drawing(_LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + 34, "curve", title)

    def x(day: date) -> float:
        return _round(_LEFT + (day - first).days / span * _WIDTH)

    def y(number: int) -> float:
        return _round(_TOP + _HEIGHT - number / most * _HEIGHT)

    drawing.append(drawsvg.Lines(_LEFT, _TOP, _LEFT, y(0), _LEFT + _WIDTH, y(0), class_="axis", fill="none"))
    for number in sorted({0, most // 2, most}):
        drawing.append(drawsvg.Text(str(number), 10, _LEFT - 5, y(number) + 3, class_="tick", text_anchor="end"))
        drawing.append(drawsvg.Line(_LEFT, y(number), _LEFT + _WIDTH, y(number), class_="guide"))
    for day in _ticks(first, last):
        drawing.append(drawsvg.Text(f"{day:%m-%d}", 10, x(day), y(0) + 14, class_="tick", text_anchor="middle"))
    for number, due in enumerate(sorted({organ.due_on for organ in states.organs})):
        if first <= due <= last:
            drawing.append(drawsvg.Line(x(due), _TOP - 6, x(due), y(0), class_="due"))
            label = say(N_("期限{day}"), day=f"{due:%m-%d}")
            drawing.append(
                drawsvg.Text(
                    label, 11, x(due), _TOP - 10 - 12 * (number % 2), class_="value", text_anchor="middle"
                )
            )
    before = years[-2] if len(years) > 1 and years[-2].year == states.year - 1 else None
    if before is not None and before.organs:
        shifted = [_next_year(day) for day in _days(before)]
        drawing.append(_steps([day for day in shifted if day <= last], first, last, x, y, "line before"))
    drawing.append(_steps(_days(states), first, last, x, y, "line"))
    drawing.append(
        drawsvg.Text(say(N_("{year}年度（实线）"), year=states.year), 11, _LEFT, y(0) + 30, class_="value")
    )
    if before is not None and before.organs:
        text = say(N_("{year}年度（虚线）"), year=before.year)
        drawing.append(drawsvg.Text(text, 11, _LEFT + 160, y(0) + 30, class_="value"))
    return Chart(
        title,
        say(
            N_("{year}年度报告自{first}至{last}的累计公布数，应公布{most}家；竖线为公布期限"),
            year=states.year,
            first=first,
            last=last,
            most=most,
        ),
        (_text(drawing),),
        (say(N_("公布日期")), say(N_("当日公布")), say(N_("累计公布"))),
        tuple(_counted(_days(states))),
    )


def _days(states: YearStates) -> list[date]:
    """The days of publication of those that are told to have published, on time or late."""
    published = (organ for organ in states.organs if organ.state in PUBLISHED)
    return sorted(organ.published_on for organ in published if organ.published_on is not None)


def _next_year(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 3, 1)


def _ticks(first: date, last: date) -> Iterable[date]:
    """At most eight days, a whole number of weeks or one day apart."""
    span = (last - first).days
    step = next(step for step in (1, 2, 7, 14, 28, 56, 112, 224, 10000) if span / step <= 8)
    return (first + timedelta(days=number) for number in range(0, span + 1, step))


def _steps(days: Sequence[date], first: date, last: date, x: Any, y: Any, kind: str) -> Any:
    points = [x(first), y(sum(1 for day in days if day < first))]
    for day, number in _cumulated(days):
        if first <= day <= last:
            points += [x(day), points[-1], x(day), y(number)]
    points += [x(last), points[-1]]
    return drawsvg.Lines(*points, class_=kind, fill="none")


def _cumulated(days: Sequence[date]) -> Iterable[tuple[date, int]]:
    return ((day, sum(1 for other in days if other <= day)) for day in sorted(set(days)))


def _counted(days: Sequence[date]) -> Iterable[tuple[str, ...]]:
    return ((day.isoformat(), str(days.count(day)), str(number)) for day, number in _cumulated(days))


# --- drawing -----------------------------------------------------------------------------------------------


def _drawing(width: int, height: int, kind: str, title: str) -> Any:
    """An empty drawing; ``title`` is what a screen reader says. It must be free of quotes: it is our own text."""
    return drawsvg.Drawing(width, height, class_=f"chart {kind}", role="img", aria_label=title)


def _text(drawing: Any) -> str:
    """The SVG as it stands in the page, without what only a file of its own needs."""
    return str(drawing.as_svg(header="", skip_js=True, skip_css=True)).replace(
        ' xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )


def _round(number: float) -> float:
    return round(number, 1)


def _span(years: Sequence[YearStates]) -> str:
    first, last = years[0].year, years[-1].year
    return str(first) if first == last else f"{first}—{last}"
