"""`nianbao rules`: the checks there are, what each rests on, and which are switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.findings import By, Reason, check_rule, moment, who, written
from monitor.cli.frame import WRONG_USAGE, CommandError, Situation, command, echo, group_of, help_text, refused
from monitor.language import N_, translate
from monitor.severities import SEVERITY_NAMES

if TYPE_CHECKING:
    from monitor.decisions.switches import Setting, Switch, Switches
    from monitor.rules.base import Rule
    from monitor.rules.timeliness import TimelinessRule

    AnyRule = Rule | TimelinessRule

_EFFECT = N_("统计和清单立即生效，提醒在下次 nianbao assess（或 run）时随之增减")
_LAST_YEAR = 2099
"""Rules whose years end here have no end."""


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("检查规则"))
    command(group, "list", N_("列出全部检查规则及其依据，以及各地的调整"))(list_rules)
    command(group, "off", N_("在一个县区或更大的地方停用一条规则"))(off)
    command(group, "on", N_("启用一条默认不启用、或在更大的地方停用了的规则"))(on)
    command(group, "severity", N_("在一个县区或更大的地方改变一条规则的程度"))(severity)
    command(group, "reset", N_("撤销一处的调整，恢复原来的规定"))(reset)
    app.add_typer(group, name="rules", rich_help_panel=help_text(N_("查看")))


RuleId = Annotated[str, typer.Argument(metavar="ID", help=help_text(N_("规则的编号，如 N-01")))]
Place = Annotated[
    str | None,
    typer.Option(
        "--county",
        metavar="CODE",
        show_default=False,
        help=help_text(N_("县区代码；写前 2 位或 4 位指全省、全市，范围最小的调整优先")),
    ),
]
AllCounties = Annotated[bool, typer.Option("--all-counties", help=help_text(N_("所有县区")))]


def list_rules(
    situation: Situation,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("这一县区实行的规定")))
    ] = None,
    history: Annotated[bool, typer.Option("--history", help=help_text(N_("列出历次调整，连同已撤销的")))] = False,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """All rules in the order of the catalogue. Without county and history it needs neither settings nor record."""
    from monitor.rules.catalogue import RULES, TOLD_ELSEWHERE
    from monitor.rules.timeliness import TIMELINESS_RULES

    rules: tuple[AnyRule, ...] = (*RULES, *TIMELINESS_RULES)
    if history:
        _list_history(situation, county, as_json=format == "json")
        return
    here = _switches(situation, county)
    if format == "json":
        situation.write_json(
            [rule_as_json(rule) | (_here_as_json(rule, county, here) if county and here else {}) for rule in rules]
        )
        return
    situation.show(_table(situation, rules, county, here))
    for rule, told in TOLD_ELSEWHERE.items():
        situation.tell(N_("{rule} 不单列：{told}"), rule=rule, told=situation.say(told))


def off(
    situation: Situation,
    rule: RuleId,
    reason: Reason,
    county: Place = None,
    everywhere: AllCounties = False,
    by: By = None,
) -> None:
    """What the rule finds there counts for nothing."""
    from monitor.decisions.switches import Setting

    _set(situation, rule, Setting.OFF, county, everywhere, reason, by)


def on(
    situation: Situation,
    rule: RuleId,
    reason: Reason,
    county: Place = None,
    everywhere: AllCounties = False,
    by: By = None,
) -> None:
    """The rule is asked there, and weighs as the catalogue says."""
    from monitor.decisions.switches import Setting

    _set(situation, rule, Setting.ON, county, everywhere, reason, by)


def severity(
    situation: Situation,
    rule: RuleId,
    weight: Annotated[
        Literal["error", "warning", "notice"], typer.Argument(metavar="error|warning|notice", show_default=False)
    ],
    reason: Reason,
    county: Place = None,
    everywhere: AllCounties = False,
    by: By = None,
) -> None:
    """The rule is asked there, and its findings weigh more or less."""
    from monitor.decisions.switches import Setting

    _set(situation, rule, Setting(weight), county, everywhere, reason, by)


def reset(
    situation: Situation,
    rule: RuleId,
    reason: Reason,
    county: Place = None,
    everywhere: AllCounties = False,
    by: By = None,
) -> None:
    """What was set for exactly this place is taken back; it stays in the history."""
    from monitor.decisions import switching
    from monitor.decisions.wording import place_in_words

    place = _place(situation, rule, county, everywhere)
    why, by = written(situation, reason), who(situation, by)
    with refused(situation), situation.database.begin() as session:
        at = moment(situation)
        switching.take_back(session, rule, place, by=by, at=at, reason=why, language=situation.language)
    situation.tell(
        N_("已撤销：{place}，规则 {rule} 恢复原来的规定"),
        rule=rule,
        place=place_in_words(place, situation.language),
    )
    situation.tell(_EFFECT)


def _set(
    situation: Situation,
    rule: str,
    setting: Setting,
    county: str | None,
    everywhere: bool,
    reason: str,
    by: str | None,
) -> None:
    """Keeps a switch in place of the one that there was for the same place."""
    from monitor.decisions import switching
    from monitor.decisions.switches import Switch
    from monitor.decisions.wording import switch_in_words

    place = _place(situation, rule, county, everywhere)
    switch = Switch(rule, place, setting, moment(situation), who(situation, by), written(situation, reason))
    with refused(situation), situation.database.begin() as session:
        switching.set_switch(session, switch)
    situation.tell(N_("已记下：{said}"), said=switch_in_words(switch, situation.language))
    situation.tell(_EFFECT)


def _place(situation: Situation, rule: str, county: str | None, everywhere: bool) -> str:
    """The place that is meant; the empty one for all counties. Raises CommandError."""
    from monitor.decisions import switching
    from monitor.decisions.switches import EVERYWHERE
    from monitor.store import register

    check_rule(situation, rule)
    if (county is None) != everywhere:
        raise CommandError(
            situation.say(N_("请写明在哪里：--county 加代码，或 --all-counties，二者取一")), WRONG_USAGE
        )
    if county is None:
        return EVERYWHERE
    if len(county) not in (2, 4) or not county.isascii() or not county.isdigit():
        return situation.check_county(county) or county
    known = {*register.county_codes(situation.database), *(portal.county_code for portal in situation.portals)}
    with refused(situation):
        switching.check_place(county, known)
    return county


def _switches(situation: Situation, county: str | None) -> Switches | None:
    from monitor.store import decisions

    if county is None:
        return None
    situation.check_county(county)
    with situation.database.reading() as session:
        return decisions.decisions(session).switches


def _here_as_json(rule: AnyRule, county: str, switches: Switches) -> dict[str, Any]:
    """What holds of a rule in a county, and by which switch."""
    switch = switches.holding(rule.id, county)
    return {
        "here": {
            "county_code": county,
            "switched_on": not switches.is_off(rule.id, county),
            "severity": switches.severity(rule.id, county, rule.severity).value,
            "set": _switch_as_json(switch) if switch else None,
        }
    }


def _switch_as_json(switch: Switch) -> dict[str, Any]:
    return {
        "rule": switch.rule,
        "place": switch.place,
        "setting": switch.setting.value,
        "by": switch.by,
        "at": switch.at.isoformat(),
        "reason": switch.reason,
    }


def _list_history(situation: Situation, county: str | None, *, as_json: bool) -> None:
    from monitor.decisions.wording import switch_in_words
    from monitor.store import decisions

    situation.check_county(county)
    with situation.database.reading() as session:
        found = [
            one
            for one in decisions.switches(session, withdrawn=True)
            if county is None or county.startswith(one.place)
        ]
    if as_json:
        situation.write_json(
            [
                _switch_as_json(one)
                | {
                    "withdrawn": {
                        "by": one.withdrawn_by,
                        "at": one.withdrawn_at.isoformat(),
                        "reason": one.withdrawn_reason,
                    }
                    if one.withdrawn_at
                    else None
                }
                for one in found
            ]
        )
        return
    if not found:
        situation.tell(N_("没有调整过规则"))
    for one in found:
        echo(switch_in_words(one, situation.language))
        if one.withdrawn_at:
            line = situation.say(
                N_("{at} 由 {by} 撤销或改动：{reason}"),
                at=f"{one.withdrawn_at:%Y-%m-%d %H:%M}",
                by=one.withdrawn_by,
                reason=one.withdrawn_reason,
            )
            echo(f"　　{line}")


def rule_as_json(rule: AnyRule) -> dict[str, Any]:
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


def _years(rule: AnyRule) -> dict[str, int | None] | None:
    if rule.years is None:
        return None
    return {"from": rule.years.start, "to": None if rule.years[-1] >= _LAST_YEAR else rule.years[-1]}


def _switched_on(rule: AnyRule) -> bool:
    from monitor.rules.catalogue import OFF_BY_DEFAULT

    return rule.id not in OFF_BY_DEFAULT


def _table(
    situation: Situation, rules: tuple[AnyRule, ...], county: str | None = None, here: Switches | None = None
) -> Any:
    from rich.text import Text

    from monitor.rules.base import NEED_TEXTS
    from monitor.tables import WholeTable

    table = WholeTable()
    table.add_column(situation.say(N_("编号")), no_wrap=True)
    table.add_column(situation.say(N_("要求")), ratio=3, overflow="fold")
    table.add_column(situation.say(N_("程度")), no_wrap=True)
    table.add_column(situation.say(N_("报告年度")), no_wrap=True)
    table.add_column(situation.say(N_("格式")), no_wrap=True)
    table.add_column(situation.say(N_("依据")), ratio=2, overflow="fold")
    table.add_column(situation.say(N_("另需")), ratio=1, overflow="fold")
    if county:
        table.add_column(situation.say(N_("县区 {code} 的调整"), code=county), ratio=2, overflow="fold")
    comma = situation.say(N_("、"))
    for rule in rules:
        severity = situation.say(SEVERITY_NAMES[rule.severity.value])
        table.add_row(
            rule.id,
            Text(situation.say(rule.title)),
            severity if _switched_on(rule) else situation.say(N_("{severity}（未启用）"), severity=severity),
            _years_in_words(situation, rule),
            comma.join(rule.forms) or situation.say(N_("不限")),
            Text(rule.basis),
            comma.join(situation.say(NEED_TEXTS[need]) for need in rule.needs) or "—",
            *([Text(_here_in_words(situation, rule, county, here))] if county and here is not None else []),
        )
    return table


def _here_in_words(situation: Situation, rule: AnyRule, county: str, switches: Switches) -> str:
    from monitor.decisions.wording import switch_in_words

    switch = switches.holding(rule.id, county)
    return switch_in_words(switch, situation.language) if switch else ""


def _years_in_words(situation: Situation, rule: AnyRule) -> str:
    years = _years(rule)
    if years is None:
        return situation.say(N_("不限"))
    if years["to"] is None:
        return situation.say(N_("{year}年起"), year=years["from"])
    return f"{years['from']}–{years['to']}"
