"""`nianbao match`: names in reports that are no organ's with certainty, and what a person says of them."""

from __future__ import annotations

from collections.abc import Sequence
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
)
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.registry.doubtful import Candidate, DoubtfulName
    from monitor.store.names import Answer
    from monitor.store.register import RegisteredOrgan

NARROW = 120
"""On a terminal of fewer columns names are told in lines, not in a table."""
Reference = Annotated[str, typer.Argument(metavar="ID", help=help_text(N_("待定名称的编号（match list 第一列）")))]
Organ = Annotated[
    str | None,
    typer.Argument(metavar="[ORGAN]", show_default=False, help=help_text(N_("单位代码"))),
]
Format = Annotated[Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help=help_text(N_("理由，随答复一起保存")))]


def register(app: typer.Typer) -> None:
    """Adds the group of commands to the application."""
    group = group_of(N_("确认报告署名属于哪个单位"))
    command(group, "list", N_("列出不能确定单位的署名及候选单位"))(list_names)
    command(group, "accept", N_("署名就是该单位；以后同名的报告都归它"))(accept)
    command(group, "reject", N_("署名不是该单位；不写单位时：已推定的否定推定，否则不是本县区任何单位"))(reject)
    command(group, "forget", N_("收回对一个署名的全部答复"))(forget)
    app.add_typer(group, name="match", rich_help_panel=help_text(N_("查看")))


def list_names(
    situation: Situation,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只列这一县区")))
    ] = None,
    answered: Annotated[
        bool, typer.Option("--answered", help=help_text(N_("列出已作的答复，连同已收回的")))
    ] = False,
    format: Format = "table",
) -> None:
    """The names nobody has answered for, with candidates; or the answers."""
    from monitor.registry.doubtful import doubtful_names
    from monitor.store import names, register

    situation.check_county(county)
    with situation.database.reading() as session:
        organs = {organ.code: organ for organ in register.all_organs(session)}
        answers = [one for one in names.answers(session, forgotten=True) if county in (None, one.county_code)]
    if answered:
        _list_answers(situation, answers, organs, as_json=format == "json")
        return
    found = doubtful_names(situation.database, situation.portals, county)
    if format == "json":
        situation.write_json([_as_json(one, organs) for one in found])
    elif not found:
        situation.tell(N_("没有待定的署名"))
    elif situation.out.width >= NARROW:
        situation.show(_table(situation, found, organs))
    else:
        for one in found:
            echo("\n".join(_lines(situation, one, organs)))


def accept(situation: Situation, reference: Reference, note: Note, organ: Organ = None) -> None:
    """The name is the organ's."""
    from monitor.registry import doubtful

    answer = doubtful.accept(
        situation.database,
        situation.portals,
        reference,
        organ,
        by=account_name(),
        at=situation.clock.now(),
        note=_written(situation, note),
    )
    situation.tell(
        N_("已记下：“{name}”是 {organ}；下次 nianbao ingest（或 run）起生效"),
        name=answer.name,
        organ=_organ_name(situation, answer.organ_code),
    )


def reject(situation: Situation, reference: Reference, note: Note, organ: Organ = None) -> None:
    """The name is not the organ's, or no organ's of the county."""
    from monitor.registry import doubtful

    answer = doubtful.reject(
        situation.database,
        situation.portals,
        reference,
        organ,
        by=account_name(),
        at=situation.clock.now(),
        note=_written(situation, note),
    )
    if answer.organ_code is None:
        situation.tell(N_("已记下：“{name}”不是本县区任何单位；下次 ingest、assess 起生效"), name=answer.name)
        return
    situation.tell(
        N_("已记下：“{name}”不是 {organ}；下次 ingest、assess 起生效"),
        name=answer.name,
        organ=_organ_name(situation, answer.organ_code),
    )


def forget(situation: Situation, reference: Reference, note: Note) -> None:
    """All answers on the name are taken back; they stay in the list of answers."""
    from monitor.registry import doubtful

    taken = doubtful.forget(
        situation.database,
        reference,
        by=account_name(),
        at=situation.clock.now(),
        note=_written(situation, note),
    )
    situation.tell(
        N_("已收回对“{name}”的 {number} 条答复；下次 ingest、assess 起生效"), name=taken[0].name, number=len(taken)
    )


def _written(situation: Situation, note: str) -> str:
    """The note, which must say something. Raises CommandError."""
    if not note.strip():
        raise CommandError(situation.say(N_("--note 是空的；请写明理由，它随答复一起保存")), WRONG_USAGE)
    return note.strip()


def _organ_name(situation: Situation, code: str | None) -> str:
    from monitor.store import register

    facts = register.organ_facts(situation.database, code or "")
    return f"{facts.name}（{facts.code}）" if facts else code or ""


def _as_json(one: DoubtfulName, organs: dict[str, RegisteredOrgan]) -> dict[str, Any]:
    return {
        "id": one.reference,
        "county_code": one.county_code,
        "county": one.county,
        "name": one.name,
        "state": "guessed" if one.given else "open",
        "organ_code": one.given,
        "organ": organs[one.given].name if one.given in organs else None,
        "reports": [
            {
                "portal": report.portal_id,
                "url": report.address,
                "title": report.title,
                "report_year": report.report_year,
            }
            for report in one.reports
        ],
        "candidates": [
            {
                "organ_code": candidate.organ.code,
                "organ": candidate.organ.name,
                "kind": candidate.organ.kind.value,
                "how": candidate.how.value if candidate.how else "alike",
                "confidence": round(candidate.confidence, 2),
            }
            for candidate in one.candidates
        ],
    }


def _candidate(situation: Situation, one: Candidate) -> str:
    from monitor.registry.doubtful import SIGNS

    return situation.say(
        N_("{organ}（{code}）{share}%：{sign}"),
        organ=one.organ.name,
        code=one.organ.code,
        share=round(one.confidence * 100),
        sign=situation.say(SIGNS[one.how.value if one.how else "alike"]),
    )


def _given(situation: Situation, one: DoubtfulName, organs: dict[str, RegisteredOrgan]) -> str:
    if one.given is None:
        return situation.say(N_("无归属"))
    name = organs[one.given].name if one.given in organs else one.given
    return situation.say(N_("已推定为{organ}"), organ=name)


def _seen(situation: Situation, one: DoubtfulName) -> str:
    first = one.reports[0]
    text = N_("{title}　{url}") if len(one.reports) == 1 else N_("{title}　{url}　等 {number} 份")
    return situation.say(text, title=first.title or "—", url=first.address, number=len(one.reports))


def _table(situation: Situation, found: Sequence[DoubtfulName], organs: dict[str, RegisteredOrgan]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=True)
    table.add_column(situation.say(N_("编号")), no_wrap=True)
    for head in (N_("县区"), N_("署名"), N_("归属")):
        table.add_column(situation.say(head), overflow="fold")
    for head in (N_("报告"), N_("候选单位")):
        table.add_column(situation.say(head), overflow="fold", ratio=1)
    for one in found:
        table.add_row(
            one.reference,
            Text(one.county),
            Text(one.name),
            Text(_given(situation, one, organs)),
            Text(_seen(situation, one)),
            Text("\n".join(_candidate(situation, each) for each in one.candidates) or "—"),
        )
    return table


def _lines(situation: Situation, one: DoubtfulName, organs: dict[str, RegisteredOrgan]) -> list[str]:
    head = f"{one.reference}　{one.county}　{one.name}　{_given(situation, one, organs)}"
    return [
        head,
        f"　　{_seen(situation, one)}",
        *(f"　　{_candidate(situation, each)}" for each in one.candidates),
    ]


def _list_answers(
    situation: Situation, answers: Sequence[Answer], organs: dict[str, RegisteredOrgan], *, as_json: bool
) -> None:
    if as_json:
        situation.write_json(
            [
                {
                    "id": one.reference,
                    "county_code": one.county_code,
                    "name": one.name,
                    "answer": "accepted" if one.accepted else "rejected",
                    "organ_code": one.organ_code,
                    "organ": organs[one.organ_code].name if one.organ_code in organs else None,
                    "at": one.at.isoformat(),
                    "by": one.by,
                    "note": one.note,
                    "forgotten_at": one.forgotten_at.isoformat() if one.forgotten_at else None,
                    "forgotten_by": one.forgotten_by,
                    "forgotten_note": one.forgotten_note,
                }
                for one in answers
            ]
        )
        return
    if not answers:
        situation.tell(N_("还没有答复"))
    for one in answers:
        organ = organs[one.organ_code].name if one.organ_code in organs else situation.say(N_("本县区任何单位"))
        text = N_("{id}　{at}　{by}　“{name}”是{organ}　{note}")
        if not one.accepted:
            text = N_("{id}　{at}　{by}　“{name}”不是{organ}　{note}")
        when = f"{one.at:%Y-%m-%d %H:%M}"
        line = situation.say(text, id=one.reference, at=when, by=one.by, name=one.name, organ=organ, note=one.note)
        if one.forgotten_at:
            line += "　" + situation.say(
                N_("（{at} 由 {by} 收回：{note}）"),
                at=f"{one.forgotten_at:%Y-%m-%d %H:%M}",
                by=one.forgotten_by,
                note=one.forgotten_note,
            )
        echo(line)
