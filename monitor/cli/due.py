"""`nianbao due list`: which due-date rule holds for whom, where it stands, and why it is this one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from crawler.clock import SHANGHAI
from monitor.cli.frame import WRONG_USAGE, CommandError, Situation, command, echo, group_of, help_text
from monitor.language import N_
from parsers.schema import OrganKind

if TYPE_CHECKING:
    from monitor.registry.due import DueRules, Holding, Whose
    from monitor.store.register import RegisteredOrgan

NOWHERE = "000000"
"""Stands for a county where none is registered: only rules for everywhere apply."""
_NEAREST = N_("比 {others} 更具体或在前")


def register(app: typer.Typer) -> None:
    """Adds the group of commands."""
    group = group_of(N_("年度报告的公布期限"))
    command(group, "list", N_("列出各县区各类单位适用哪条期限规则、出处和理由"))(list_due)
    app.add_typer(group, name="due", rich_help_panel=help_text(N_("查看")))


def list_due(
    situation: Situation,
    year: Annotated[
        int | None, typer.Option("--year", metavar="YEAR", help=help_text(N_("报告年度；默认为监测的年度")))
    ] = None,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只列这一县区")))
    ] = None,
    kind: Annotated[
        OrganKind | None, typer.Option("--kind", metavar="KIND", help=help_text(N_("只列这一类单位")))
    ] = None,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help=help_text(N_("输出格式")))] = "text",
) -> None:
    """One line for each county, kind of organ and year; single organs that a rule names have their own."""
    from monitor.registry.due import load_due_rules
    from monitor.settings import FIRST_YEAR, LAST_YEAR
    from monitor.store import register

    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        text = N_("--year {year} 不在 {first} 至 {last} 之间")
        raise CommandError(situation.say(text, year=year, first=FIRST_YEAR, last=LAST_YEAR), WRONG_USAGE)
    situation.check_county(county)
    watch = situation.settings.watch
    rules = load_due_rules(situation.settings.path(watch.due_rules) if watch.due_rules else None)
    with situation.database.reading() as session:
        organs = [organ for organ in register.all_organs(session) if county in (None, organ.county_code)]
        names = {code: found[0] for code, found in register.counties(session).items()}
    last_year = situation.clock.now().astimezone(SHANGHAI).year - 1
    years = [year] if year is not None else sorted(watch.years or {last_year})
    rows = [
        _row(whose, each, rules.holding(whose, each), names, organs)
        for whose in _asked(organs, rules, county, kind)
        for each in years
    ]
    if format == "json":
        situation.write_json(rows)
    else:
        for row in rows:
            echo("  ".join(cell for cell in _cells(situation, row) if cell))


def _asked(
    organs: Iterable[RegisteredOrgan], rules: DueRules, county: str | None, kind: OrganKind | None
) -> list[Whose]:
    """Of whom it is told: the kinds of each county that has organs, and the single organs that rules name."""
    from monitor.registry.due import Whose

    organs = [organ for organ in organs if kind in (None, organ.kind)]
    kinds = sorted({(organ.county_code, organ.kind) for organ in organs})
    if not kinds:
        kinds = [(county or NOWHERE, each) for each in OrganKind if kind in (None, each)]
    named = [organ for organ in organs if organ.code in rules.named_organs]
    return [
        *(Whose(each, code) for code, each in kinds),
        *(Whose(organ.kind, organ.county_code, organ.code) for organ in named),
    ]


def _row(
    whose: Whose, year: int, holding: Holding, names: dict[str, str], organs: Iterable[RegisteredOrgan]
) -> dict[str, Any]:
    local = holding.beside
    return {
        "county_code": None if whose.county_code == NOWHERE else whose.county_code,
        "county": names.get(whose.county_code),
        "kind": whose.kind.value,
        "organ_code": whose.organ_code,
        "organ": next((organ.name for organ in organs if organ.code == whose.organ_code), None),
        "year": year,
        "due": holding.due.on.isoformat(),
        "basis": holding.due.basis,
        "severity": holding.due.severity,
        "rule": holding.rule.id,
        "name": holding.due.rule,
        "source": holding.due.source,
        "beside": {
            "rule": local.id,
            "name": local.name,
            "on": local.on(year).isoformat(),
            "source": local.source,
            "earlier": holding.due.local is not None,
        }
        if local
        else None,
        "over": [rule.id for rule in holding.over],
    }


def _cells(situation: Situation, row: dict[str, Any]) -> list[str]:
    from monitor.completeness.figures import KIND_NAMES
    from monitor.registry.due import BASIS_NAMES, EARLIER, LATER

    say = situation.say
    why = []
    if beside := row["beside"]:
        why.append(say(EARLIER if beside["earlier"] else LATER, name=beside["name"], on=beside["on"]))
    if row["over"]:
        why.append(say(_NEAREST, others=say(N_("、")).join(row["over"])))
    return [
        f"{row['county'] or say(N_('全国'))}（{row['county_code']}）" if row["county_code"] else say(N_("全国")),
        row["organ"] or say(KIND_NAMES[OrganKind(row["kind"])]),
        str(row["year"]),
        row["due"],
        say(BASIS_NAMES[row["basis"]]),
        f"{row['name']}（{row['rule']}）",
        row["source"],
        say(N_("；")).join(why),
    ]
