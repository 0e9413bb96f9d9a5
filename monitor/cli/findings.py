"""`nianbao findings`: what is wrong with the reports that stand, and what staff dismiss of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.frame import (
    WRONG_USAGE,
    CommandError,
    Situation,
    account_name,
    command,
    echo,
    group_of,
    help_text,
    refused,
)
from monitor.language import N_
from monitor.severities import SEVERITY_NAMES

if TYPE_CHECKING:
    from monitor.decisions.dismissals import Dismissal
    from monitor.decisions.findings import ListedFinding

NARROW = 120
"""On a terminal of fewer columns findings are told in lines, not in a table."""

Reference = Annotated[str, typer.Argument(metavar="ID", help=help_text(N_("问题的编号（findings list 第一列）")))]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text(N_("理由，随决定一起保存")))]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", show_default=False, help=help_text(N_("谁决定的；默认是当前账户"))),
]


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("报告中的问题"))
    command(group, "list", N_("列出现行报告中的问题及其编号"))(list_findings)
    command(group, "dismiss", N_("经核实不算问题：排除它，所据的数字和文字不变就一直不算"))(dismiss)
    command(group, "restore", N_("收回一次排除"))(restore)
    app.add_typer(group, name="findings", rich_help_panel=help_text(N_("查看")))


def list_findings(
    situation: Situation,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只列这一县区")))
    ] = None,
    organ: Annotated[
        str | None, typer.Option("--organ", metavar="CODE", help=help_text(N_("只列这一单位")))
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", metavar="YEAR", help=help_text(N_("只列这一报告年度")))
    ] = None,
    rule: Annotated[str | None, typer.Option("--rule", metavar="ID", help=help_text(N_("只列这条规则的")))] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=help_text(N_("连同提示、已排除的和规则已停用的")))
    ] = False,
    dismissed: Annotated[
        bool, typer.Option("--dismissed", help=help_text(N_("列出历次排除，连同已收回的")))
    ] = False,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """The findings that count among errors and warnings; or all of them; or the dismissals there ever were."""
    from monitor.decisions.findings import findings
    from monitor.rules.base import Severity

    situation.check_county(county)
    if rule is not None:
        check_rule(situation, rule)
    if dismissed:
        _list_dismissals(situation, county, organ, year, rule, as_json=format == "json")
        return
    found = findings(situation.database, county=county, organ=organ, year=year, rule=rule)
    if not everything:
        found = [one for one in found if one.counts and one.weighs is not Severity.NOTICE]
    if format == "json":
        situation.write_json([_as_json(situation, one) for one in found])
    elif not found:
        situation.tell(N_("没有这样的问题"))
    elif situation.out.width >= NARROW:
        situation.show(_table(situation, found))
    else:
        for one in found:
            echo("\n".join(_lines(situation, one)))


def dismiss(situation: Situation, reference: Reference, reason: Reason, by: By = None) -> None:
    """The finding is none."""
    from monitor.decisions import findings

    one = findings.dismiss(
        situation.database,
        reference,
        by=who(situation, by),
        at=moment(situation),
        reason=written(situation, reason),
    )
    situation.tell(
        N_("已排除：{id}　{rule}　{message}"),
        id=one.reference,
        rule=one.rule,
        message=_message(situation, one),
    )
    situation.tell(
        N_("统计和清单立即生效，提醒在下次 nianbao assess（或 run）时撤回；所据的数字、文字一变就重新提出")
    )


def restore(situation: Situation, reference: Reference, reason: Reason, by: By = None) -> None:
    """A dismissal is taken back; it stays in the list of dismissals."""
    from monitor.decisions import findings

    for one in findings.restore(
        situation.database,
        reference,
        by=who(situation, by),
        at=moment(situation),
        reason=written(situation, reason),
    ):
        situation.tell(
            N_("已收回排除：{id}　{rule}　{message}"),
            id=one.reference,
            rule=one.rule,
            message=_message(situation, one),
        )


def check_rule(situation: Situation, rule: str) -> None:
    """Raises CommandError unless there is such a rule."""
    from monitor.decisions import switching

    with refused(situation):
        switching.check_rule(rule)


def written(situation: Situation, reason: str) -> str:
    """The reason, which must say something. Raises CommandError."""
    if not reason.strip():
        raise CommandError(situation.say(N_("--reason 是空的；请写明理由，它随决定一起保存")), WRONG_USAGE)
    return " ".join(reason.split())


def who(situation: Situation, by: str | None) -> str:
    """Who decides: the name given, else that of the account. Raises CommandError for an empty one."""
    if by is None:
        return account_name()
    if not by.strip():
        raise CommandError(situation.say(N_("--by 是空的；请写明是谁决定的，或不写这个选项")), WRONG_USAGE)
    return " ".join(by.split())


def moment(situation: Situation) -> datetime:
    """When something is decided: to the second, so that whoever asks in the same second sees it."""
    return situation.clock.now().replace(microsecond=0)


def _message(situation: Situation, dismissal: Dismissal) -> str:
    from monitor.rules.base import Finding

    return Finding.from_json(dismissal.finding).message(situation.language)


def _state(situation: Situation, one: ListedFinding) -> str:
    """Why a finding does not count; empty for one that does."""
    from monitor.decisions.deciding import Withheld
    from monitor.decisions.wording import because_in_words

    if one.counts:
        return ""
    return because_in_words(Withheld(one.finding, one.matter, one.because), situation.language)


def _as_json(situation: Situation, one: ListedFinding) -> dict[str, Any]:
    from monitor.decisions.dismissals import Dismissal
    from monitor.decisions.switches import Switch

    because = one.because
    return {
        "id": one.reference,
        "organ_code": one.organ_code,
        "organ": one.organ,
        "county_code": one.county_code,
        "report_year": one.report_year,
        "rule": one.finding.rule,
        "severity": one.severity.value,
        "severity_of_the_rule": one.finding.severity.value,
        "matter": one.matter,
        "message": one.finding.message(situation.language),
        "cells": list(one.finding.cells),
        "sections": list(one.finding.sections),
        "quote": one.finding.quote,
        "values": dict(one.finding.values),
        "url": one.address,
        "counts": one.counts,
        "dismissed": _taken(because) if isinstance(because, Dismissal) else None,
        "switched_off": _taken(because) | {"place": because.place} if isinstance(because, Switch) else None,
    }


def _taken(decision: Any) -> dict[str, Any]:
    return {"by": decision.by, "at": decision.at.isoformat(), "reason": decision.reason}


def _table(situation: Situation, found: Sequence[ListedFinding]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    table.add_column(situation.say(N_("编号")), no_wrap=True)
    table.add_column(situation.say(N_("单位")), overflow="fold")
    table.add_column(situation.say(N_("年度")), no_wrap=True)
    table.add_column(situation.say(N_("规则")), no_wrap=True)
    table.add_column(situation.say(N_("程度")), no_wrap=True)
    table.add_column(situation.say(N_("问题")), ratio=1, overflow="fold")
    for one in found:
        state = _state(situation, one)
        message = one.finding.message(situation.language)
        table.add_row(
            one.reference,
            Text(one.organ),
            str(one.report_year or "—"),
            one.finding.rule,
            situation.say(SEVERITY_NAMES[one.severity.value]) if one.counts else situation.say(N_("不计")),
            Text(f"{message}\n{state}" if state else message),
        )
    return table


def _lines(situation: Situation, one: ListedFinding) -> list[str]:
    severity = situation.say(SEVERITY_NAMES[one.severity.value]) if one.counts else situation.say(N_("不计"))
    heads = (one.reference, one.organ, str(one.report_year or "—"), one.finding.rule, severity)
    state = _state(situation, one)
    return [
        "　".join(heads),
        f"　　{one.finding.message(situation.language)}",
        *([f"　　{state}"] if state else []),
    ]


def _list_dismissals(
    situation: Situation,
    county: str | None,
    organ: str | None,
    year: int | None,
    rule: str | None,
    *,
    as_json: bool,
) -> None:
    from monitor.decisions.wording import dismissal_in_words
    from monitor.store import decisions

    with situation.database.reading() as session:
        found = [
            one
            for one in decisions.dismissals(session, restored=True)
            if county in (None, one.county_code)
            and rule in (None, one.rule)
            and (organ is None or one.report_key.startswith(f"{organ}/"))
            and (year is None or one.report_key.endswith(f"/{year}"))
        ]
    if as_json:
        situation.write_json(
            [
                {
                    "id": one.reference,
                    "report": one.report_key,
                    "county_code": one.county_code,
                    "rule": one.rule,
                    "message": _message(situation, one),
                    "dismissed": _taken(one),
                    "restored": {
                        "by": one.restored_by,
                        "at": one.restored_at.isoformat(),
                        "reason": one.restored_reason,
                    }
                    if one.restored_at
                    else None,
                }
                for one in found
            ]
        )
        return
    if not found:
        situation.tell(N_("还没有排除过问题"))
    for one in found:
        echo(f"{one.reference}　{one.report_key}　{one.rule}　{_message(situation, one)}")
        echo(f"　　{dismissal_in_words(one, situation.language)}")
        if one.restored_at:
            line = situation.say(
                N_("{at} 由 {by} 收回：{reason}"),
                at=f"{one.restored_at:%Y-%m-%d %H:%M}",
                by=one.restored_by,
                reason=one.restored_reason,
            )
            echo(f"　　{line}")
