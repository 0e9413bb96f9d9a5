"""`nianbao rules`: the checks there are, what each rests on, and which are switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.frame import Situation, command, help_text
from monitor.language import N_, translate

if TYPE_CHECKING:
    from monitor.rules.base import Rule

_SEVERITIES = {"error": N_("错误"), "warning": N_("警告"), "notice": N_("提示")}
_LAST_YEAR = 2099
"""Rules whose years end here have no end."""


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = typer.Typer(help=help_text(N_("检查规则")), no_args_is_help=True)
    command(group, "list", N_("列出全部检查规则及其依据"))(list_rules)
    app.add_typer(group, name="rules", rich_help_panel=help_text(N_("查看")))


def list_rules(
    situation: Situation,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """All rules in the order of the catalogue. Needs neither settings nor record."""
    from monitor.rules.catalogue import RULES, TOLD_ELSEWHERE

    if format == "json":
        situation.write_json([rule_as_json(rule) for rule in RULES])
        return
    situation.show(_table(situation, RULES))
    for rule, told in TOLD_ELSEWHERE.items():
        situation.tell(N_("{rule} 不单列：{told}"), rule=rule, told=situation.say(told))


def rule_as_json(rule: Rule) -> dict[str, Any]:
    """Plain data of a rule; ``years`` with ``to`` null where there is no end, ``forms`` empty for any form."""
    return {
        "id": rule.id,
        "title": rule.title,
        "title_en": translate(rule.title, "en"),
        "basis": rule.basis,
        "years": _years(rule),
        "forms": list(rule.forms),
        "severity": rule.severity.value,
        "needs": [need.value for need in rule.needs],
        "switched_on": _switched_on(rule),
    }


def _years(rule: Rule) -> dict[str, int | None] | None:
    if rule.years is None:
        return None
    return {"from": rule.years.start, "to": None if rule.years[-1] >= _LAST_YEAR else rule.years[-1]}


def _switched_on(rule: Rule) -> bool:
    from monitor.rules.thresholds import thresholds

    return rule.id not in thresholds()["switched_off"]


def _table(situation: Situation, rules: tuple[Rule, ...]) -> Any:
    from rich.table import Table
    from rich.text import Text

    from monitor.rules.base import NEED_TEXTS

    table = Table()
    table.add_column(situation.say(N_("编号")), no_wrap=True)
    table.add_column(situation.say(N_("要求")), ratio=3, overflow="fold")
    table.add_column(situation.say(N_("程度")), no_wrap=True)
    table.add_column(situation.say(N_("报告年度")), no_wrap=True)
    table.add_column(situation.say(N_("格式")), no_wrap=True)
    table.add_column(situation.say(N_("依据")), ratio=2, overflow="fold")
    table.add_column(situation.say(N_("另需")), ratio=1, overflow="fold")
    comma = situation.say(N_("、"))
    for rule in rules:
        severity = situation.say(_SEVERITIES[rule.severity.value])
        table.add_row(
            rule.id,
            Text(situation.say(rule.title)),
            severity if _switched_on(rule) else situation.say(N_("{severity}（未启用）"), severity=severity),
            _years_in_words(situation, rule),
            comma.join(rule.forms) or situation.say(N_("不限")),
            Text(rule.basis),
            comma.join(situation.say(NEED_TEXTS[need]) for need in rule.needs) or "—",
        )
    return table


def _years_in_words(situation: Situation, rule: Rule) -> str:
    years = _years(rule)
    if years is None:
        return situation.say(N_("不限"))
    if years["to"] is None:
        return situation.say(N_("{year}年起"), year=years["from"])
    return f"{years['from']}–{years['to']}"
