"""Reports of our own making for the tests of rules: a whole, correct report, and changes to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.rules.base import OrganFacts, OrganKind, Subject
from parsers.forms import load_form
from parsers.schema import Cell, CellState, DocumentKind, Lint, Number, Place, Report, Section

Value = Number | CellState | Cell
Changes = Mapping[str, Value]

BLANK = CellState.BLANK
ABSENT = CellState.ABSENT
UNREADABLE = CellState.UNREADABLE

TOWN = OrganFacts("990101100", "柳溪镇", OrganKind.TOWNSHIP, "990101", "云岭县")
OTHER_TOWN = OrganFacts("990101101", "梅坪镇", OrganKind.TOWNSHIP, "990101", "云岭县")
COUNTY = OrganFacts("990101000", "云岭县人民政府", OrganKind.COUNTY, "990101", "云岭县")
DEPARTMENT = OrganFacts("990101301", "云岭县林业局", OrganKind.DEPARTMENT, "990101", "云岭县")
COUNTY_ORGANS = ("柳溪镇", "梅坪镇", "石门乡", "云岭县林业局", "云岭县人民政府")

TABLES = {"section_two": 1, "section_three": 2, "section_four": 3}
HEADINGS = {
    1: "一、总体情况",
    2: "二、主动公开政府信息情况",
    3: "三、收到和处理政府信息公开申请情况",
    4: "四、政府信息公开行政复议、行政诉讼情况",
    5: "五、存在的主要问题及改进情况",
    6: "六、其他需要报告的事项",
}


@dataclass(frozen=True)
class Examples:
    """One rule, three subjects: one that passes, one that fails, one that cannot be judged."""

    passing: Subject
    failing: Subject
    not_assessable: Subject


def prose(year: int) -> dict[int, str]:
    """Prose of our own for the three sections that have any: it breaks no rule."""
    return {
        1: (
            f"{year}年，柳溪镇认真执行条例。\n"
            "（一）主动公开\n"
            f"{year}年主动公开政府信息20条。\n"
            "（二）依申请公开\n"
            f"{year}年没有收到政府信息公开申请。\n"
            "（三）政府信息管理\n"
            "发布前逐条审查。\n"
            "（四）政府信息公开平台建设\n"
            "维护好县政府网站上的本镇专栏。\n"
            "（五）监督保障\n"
            "本年度社会评议结果为满意，没有发生责任追究。"
        ),
        5: "（一）存在的主要问题\n公开的内容还不够具体，人手不足。\n（二）改进情况\n下一年将增加人手，按月检查。",
        6: f"{year}年没有收取信息处理费。",
    }


def build_report(
    form: str = "2021",
    year: int | None = None,
    changes: Changes | None = None,
    *,
    text: Mapping[int, str] | None = None,
    absent_sections: tuple[int, ...] = (),
    lints: tuple[Lint, ...] = (),
    **fields: Any,
) -> Report:
    """A whole report in a form, every cell 0, that breaks no rule (P-05 apart), with changes.

    ``changes`` are cells: a number, a state, or a whole cell; ``section_three.total_results.*`` stands for a row.
    ``text`` replaces the prose of sections; ``fields`` are fields of :class:`Report`.
    """
    year = year or (2023 if form == "2021" else 2020)
    keys = load_form(form).cells
    cells = {name: _cell(name, 0) for name in keys}
    for name, value in (changes or {}).items():
        if name.endswith(".*"):
            foreign = load_form(form).foreign_cells if name.count(".") == 2 else ()
            known = [each for each in (*keys, *foreign) if each.startswith(name[:-1])]
            cells |= {each: _cell(each, value) for each in known}
        else:
            cells[name] = _cell(name, value)
    texts = prose(year) | dict(text or {})
    sections = {
        number: Section(
            number,
            number not in absent_sections,
            None if number in absent_sections else heading,
            "" if number in absent_sections else texts.get(number, ""),
            None if number in absent_sections else Place(line=number * 100),
        )
        for number, heading in HEADINGS.items()
    }
    report = Report(
        kind=DocumentKind.REPORT,
        media_type="text/html",
        title=f"柳溪镇{year}年政府信息公开工作年度报告",
        organ="柳溪镇",
        report_year=year,
        report_year_from="title",
        form=form,
        sections=sections,
        cells=cells,
        lints=lints,
    )
    return replace(report, **fields) if fields else report


def one_application(**changes: Value) -> dict[str, Value]:
    """Cells of one application by a natural person, granted; ``row__column`` arguments change them."""
    cells: dict[str, Value] = {
        f"section_three.{row}.{column}": 1
        for row in ("new_received", "granted", "total_results")
        for column in ("natural_person", "total")
    }
    return cells | {f"section_three.{name.replace('__', '.')}": value for name, value in changes.items()}


def subject(report: Report | None = None, **context: Any) -> Subject:
    """A subject without any context, unless it is given."""
    return Subject(report or build_report(), **context)


def _cell(name: str, value: Value) -> Cell:
    if isinstance(value, Cell):
        return value
    place = Place(table=TABLES[name.split(".")[0]], row=2, column=2)
    if isinstance(value, CellState):
        return Cell(name, value, None, "", None if value is ABSENT else place)
    unit = "万元" if name.endswith("amount_wan") else None
    return Cell(name, CellState.REPORTED, value, str(value), place, unit)


def printed_cell(name: str, raw: str, value: Number | None, unit: str | None = None) -> Cell:
    """A cell with a print of its own."""
    state = CellState.BLANK if value is None else CellState.REPORTED
    return Cell(name, state, value, raw, Place(table=TABLES[name.split(".")[0]], row=2, column=2), unit)
