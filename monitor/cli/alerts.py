"""`nianbao alerts`: the matters that staff handle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from monitor.alerts.conditions import AlertKind
from monitor.alerts.states import AlertState
from monitor.cli.frame import (
    WRONG_USAGE,
    CommandError,
    Situation,
    account_name,
    command,
    echo,
    group_of,
    help_text,
)
from monitor.language import N_

NARROW = 120
"""On a terminal of fewer columns alerts are told in lines, not in a table."""
Number = Annotated[int, typer.Argument(metavar="ID", help=help_text(N_("提醒的编号")))]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help=help_text(N_("说明，记入经过")))]
Format = Annotated[Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))]


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("查看和处理提醒"))
    command(group, "list", N_("列出提醒"))(list_alerts)
    command(group, "show", N_("一条提醒的依据、建议和经过"))(show)
    command(group, "evidence", N_("一条提醒的证据包：原件、列表页、截图、摘要和说明"))(evidence)
    command(group, "ack", N_("接手处理"))(ack)
    command(group, "mute", N_("静音：到期前不再通知"))(mute)
    command(group, "resolve", N_("了结：事实不变就不再打开"))(resolve)
    app.add_typer(group, name="alerts", rich_help_panel=help_text(N_("查看")))


def list_alerts(
    situation: Situation,
    state: Annotated[
        AlertState | None,
        typer.Option("--state", help=help_text(N_("只列这一状态"))),
    ] = None,
    kind: Annotated[AlertKind | None, typer.Option("--kind", help=help_text(N_("只列这一类")))] = None,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只列这一县区")))
    ] = None,
    format: Format = "table",
) -> None:
    """The alerts, errors first."""
    from monitor.alerts import listing
    from monitor.store import register

    situation.check_county(county)
    found = listing.list_alerts(
        situation.database,
        state=state.value if state else None,
        kind=kind.value if kind else None,
        county=county,
        language=situation.language,
    )
    if format == "json":
        situation.write_json(found)
    elif found:
        with situation.database.reading() as session:
            counties = {code: names[0] for code, names in register.counties(session).items()}
        if situation.out.width >= NARROW:
            situation.show(alerts_table(situation, found, counties))
            return
        for alert in found:
            echo("\n".join(alert_lines(situation, alert, counties)))
    else:
        situation.tell(N_("没有符合条件的提醒"))


def alerts_table(situation: Situation, alerts: list[dict[str, Any]], counties: Mapping[str, str]) -> Any:
    """A table of alerts in the contract's shape (3.3); names break in their columns, so that nothing is lost."""
    from rich.table import Table
    from rich.text import Text

    from monitor.alerts.wording import SEVERITY_NAMES, STATE_NAMES, kind_name

    table = Table(show_lines=True)
    table.add_column(situation.say(N_("编号")), justify="right", no_wrap=True)
    for head in (N_("程度"), N_("类别"), N_("状态"), N_("县区"), N_("单位")):
        table.add_column(situation.say(head), overflow="fold")
    table.add_column(situation.say(N_("年度")), no_wrap=True)
    table.add_column(situation.say(N_("内容")), ratio=1, overflow="fold")
    for alert in alerts:
        county = alert["county_code"]
        table.add_row(
            str(alert["id"]),
            Text(
                situation.say(SEVERITY_NAMES[alert["severity"]]),
                style="bold red" if alert["severity"] == "error" else "yellow",
            ),
            situation.say(kind_name(alert["kind"], alert["rule"])),
            situation.say(STATE_NAMES[AlertState(alert["state"])]),
            Text(counties.get(county, county) if county else "—"),
            Text(alert["organ"] or "—"),
            str(alert["report_year"] or "—"),
            Text(alert["summary"]),
        )
    return table


def alert_lines(situation: Situation, alert: dict[str, Any], counties: Mapping[str, str]) -> list[str]:
    """An alert where a table finds no room: what it is about, and below it what there is to say."""
    from monitor.alerts.wording import SEVERITY_NAMES, STATE_NAMES, kind_name

    county = alert["county_code"]
    heads = (
        str(alert["id"]),
        situation.say(SEVERITY_NAMES[alert["severity"]]),
        situation.say(kind_name(alert["kind"], alert["rule"])),
        situation.say(STATE_NAMES[AlertState(alert["state"])]),
        counties.get(county, county),
        alert["organ"],
        str(alert["report_year"] or ""),
    )
    return ["　".join(head for head in heads if head), f"　　{alert['summary']}"]


def show(situation: Situation, number: Number, format: Format = "table") -> None:
    """One alert with its evidence and history."""
    from monitor.alerts import listing

    alert = listing.show_alert(situation.database, number, language=situation.language)
    if format == "json":
        situation.write_json(alert)
        return
    _tell(situation, alert)
    for line in alert["details"]:
        echo(f"  {line}")
    if ended := alert["ended"]:
        situation.tell(N_("何时、因何解决：{at}，{why}"), at=ended["at"], why=ended["why"])
    else:
        situation.tell(N_("建议：{advice}"), advice=alert["advice"])
    situation.tell(N_("经过："))
    for event in alert["history"]:
        at = datetime.fromisoformat(event["at"])
        note = f"　{event['note']}" if event["note"] else ""
        given = f"　→ {event['assigned_to']}" if event["assigned_to"] else ""
        echo(f"  {at:%Y-%m-%d %H:%M}　{event['step']}　{event['by']}{given}{note}")


def evidence(
    situation: Situation,
    number: Number,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help=help_text(N_("写到哪个文件；默认 alert-<编号>.zip"))),
    ] = None,
    picture: Annotated[bool, typer.Option("--picture/--no-picture", help=help_text(N_("要不要截图")))] = True,
) -> None:
    """One zip file with all that an alert rests on, for others to check."""
    from monitor.cli.reports import whole_file
    from monitor.evidence.bundle import write_bundle
    from monitor.present import present

    file = output or Path(f"alert-{number}.zip")
    as_of = present(situation.database, situation.clock)
    with whole_file(file) as out:
        made = write_bundle(
            out,
            situation.database,
            situation.archive,
            situation.portals,
            situation.settings,
            number,
            as_of,
            pictures=picture,
        )
    text = (
        N_("已写出 {file}：{files} 个文件，{pictures} 张截图")
        if made.pictures
        else N_("已写出 {file}：{files} 个文件，没有截图，原因见其中的 sheet.html")
    )
    situation.complain(text, file=file, files=len(made.files), pictures=made.pictures)
    if made.lost:
        raise CommandError(
            situation.say(
                N_("有 {number} 份原件已不在留存中，没有写入：{digest}…；请从备份恢复后重新导出"),
                number=len(made.lost),
                digest=made.lost[0][:16],
            )
        )


def ack(situation: Situation, number: Number, note: Note) -> None:
    """Staff have taken the matter up."""
    from monitor.alerts import listing

    now = situation.clock.now()
    alert = listing.acknowledge(
        situation.database,
        number,
        note=_written(situation, note),
        by=account_name(),
        at=now,
        language=situation.language,
    )
    _tell(situation, alert)


def mute(
    situation: Situation,
    number: Number,
    note: Note,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help=help_text(N_("静音到这一天（含）；不给则直到事情了结"))),
    ] = None,
) -> None:
    """No message until the end of that day."""
    from monitor.alerts import listing

    now = situation.clock.now()
    end = situation.moment(until, latest=MAXYEAR) if until else None
    if until and end and "T" not in until and " " not in until:
        end = listing.end_of_day(end.date())
    if end and end <= now:
        raise CommandError(
            situation.say(N_("静音期限 {until} 已经过去；请给一个将来的日期"), until=until), WRONG_USAGE
        )
    alert = listing.mute(
        situation.database,
        number,
        until=end,
        note=_written(situation, note),
        by=account_name(),
        at=now,
        language=situation.language,
    )
    _tell(situation, alert)
    if end is None:
        situation.tell(N_("静音没有期限，直到事情了结；要定期限请用 --until"))


def resolve(situation: Situation, number: Number, note: Note) -> None:
    """Staff have settled the matter."""
    from monitor.alerts import listing
    from monitor.alerts.subscriptions import destinations
    from monitor.working_days import working_days

    with situation.database.reading() as session:
        channels = destinations(session, situation.settings)
    alert = listing.resolve(
        situation.database,
        number,
        note=_written(situation, note),
        by=account_name(),
        at=situation.clock.now(),
        channels=channels,
        language=situation.language,
        calendar=working_days(situation.settings),
    )
    _tell(situation, alert)


def _tell(situation: Situation, alert: dict[str, Any]) -> None:
    from monitor.alerts.wording import STATE_NAMES, kind_name

    situation.tell(
        N_("{id}　{kind}　{state}　{summary}"),
        id=alert["id"],
        kind=situation.say(kind_name(alert["kind"], alert["rule"])),
        state=situation.say(STATE_NAMES[AlertState(alert["state"])]),
        summary=alert["summary"],
    )


def _written(situation: Situation, note: str) -> str:
    """The note, which must say something. Raises CommandError."""
    if not note.strip():
        raise CommandError(situation.say(N_("--note 是空的；请写明理由，它会记入经过")), WRONG_USAGE)
    return note.strip()
