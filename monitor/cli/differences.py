"""`nianbao diff`: a report beside that of another year, or the versions of one report beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.frame import WRONG_USAGE, CommandError, Situation, command, echo, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.differences.cells import Comparison, Difference
    from monitor.differences.identities import Identity
    from monitor.differences.texts import SectionChange, SentenceChange
    from monitor.differences.versions import Change, MatterOf, Version
    from monitor.registry.lineage import Lineage
    from monitor.rules.base import OrganFacts
    from parsers.schema import Report

PANEL = N_("查看")
_ANSWERS = {"pass": N_("成立"), "fail": N_("不成立"), "not_assessable": N_("无法核对")}
_KINDS = {
    "numbers_only": N_("换了数字"),
    "changed": N_("改写"),
    "removed": N_("删去"),
    "added": N_("新增"),
}
_MARKS = {"removed": N_("【删：{text}】"), "added": N_("【增：{text}】")}
_STYLES = {"removed": "red", "added": "green"}


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    command(app, "diff", N_("一个单位两个年度的报告逐格对照，或同一份报告的各个版本"), panel=PANEL)(diff)


def diff(
    situation: Situation,
    organ: Annotated[str, typer.Argument(metavar="ORGAN", help=help_text(N_("单位代码")))],
    year: Annotated[int, typer.Argument(metavar="YEAR", help=help_text(N_("报告年度")))],
    against: Annotated[
        int | None, typer.Option("--against", metavar="YEAR", help=help_text(N_("与哪一年度对照；默认上一年")))
    ] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help=help_text(N_("改为对照同一年度报告公布后的各个版本")))
    ] = False,
    format: Annotated[
        Literal["table", "json"], typer.Option("--format", help=help_text(N_("输出格式")))
    ] = "table",
) -> None:
    """The current versions of both years beside each other, or the versions of one year."""
    from monitor.store import register as store

    facts = store.organ_facts(situation.database, organ)
    if facts is None:
        raise CommandError(
            situation.say(
                N_("名录中没有单位代码 {organ}；请用官方代码，并先以 nianbao organs import 登记"), organ=organ
            ),
            WRONG_USAGE,
        )
    if versions and against is not None:
        raise CommandError(situation.say(N_("--versions 与 --against 只能用一个；请去掉一个")), WRONG_USAGE)
    if against == year:
        raise CommandError(
            situation.say(N_("{year} 年度不能与自己对照；看各个版本请用 --versions"), year=year), WRONG_USAGE
        )
    if versions:
        _versions(situation, facts, year, format)
    else:
        _years(situation, facts, year, against if against is not None else year - 1, format)


def _years(situation: Situation, facts: OrganFacts, year: int, against: int, format: str) -> None:
    from monitor.differences.cells import compare
    from monitor.differences.identities import identities
    from monitor.differences.summary import Told, summary
    from monitor.differences.texts import compare_sections
    from monitor.rules.base import Subject

    lineage = _lineage(situation, facts.code)
    report, _ = _report(situation, facts, year, facts.code)
    before, code = _report(situation, facts, against, facts.code, lineage.body_before(facts.code, year, against))
    comparison = compare(report, before)
    sections = compare_sections(before, report)
    came = lineage.reorganised(facts.code, year)
    judged = Subject(report, organ=facts, previous=before, reorganised=came)
    in_a_row = identities(judged) if against == year - 1 else None
    paragraph = summary(Told(facts.name, year, against, comparison, sections, in_a_row), situation.language)
    describe = _describing(comparison.form)
    if format == "json":
        situation.write_json(
            {
                "organ_code": facts.code,
                "organ": facts.name,
                "against_organ_code": code,
                "year": year,
                "against": against,
                "form": comparison.form,
                "against_form": comparison.against_form,
                "compared": comparison.ground,
                "summary": paragraph,
                "cells": [difference.to_json(describe) for difference in comparison.differences],
                "identities": None
                if in_a_row is None
                else [identity.to_json(situation.language) for identity in in_a_row],
                "text": [section.to_json() for section in sections],
            }
        )
        return
    echo(f"{facts.name}（{facts.code}）")
    if code != facts.code:
        text = N_("{year} 年度的报告属于同一机关当时的名称：{organ}（{code}）")
        situation.tell(text, year=against, organ=lineage.organs[code].name, code=code)
    echo(paragraph)
    _show_ground(situation, comparison)
    if comparison.changed:
        _show_cells(situation, comparison.changed, str(against), str(year), describe)
        situation.tell(
            N_("可比 {all} 格，变化 {changed} 格"),
            all=len(comparison.differences),
            changed=len(comparison.changed),
        )
    elif comparison.differences:
        situation.tell(N_("可比的 {number} 格没有变化"), number=len(comparison.differences))
    if in_a_row:
        _show_identities(situation, in_a_row)
    _show_sections(situation, sections)


def _lineage(situation: Situation, code: str) -> Lineage:
    """The organ and all that came before and after it."""
    from monitor.registry.lineage import Lineage
    from monitor.store import register as store
    from monitor.store.successions import all_successions, relatives

    with situation.database.reading() as session:
        related = relatives(all_successions(session)).get(code, frozenset())
        return Lineage(store.organs_by_code(session, {code, *related}))


def _report(situation: Situation, facts: OrganFacts, year: int, *codes: str | None) -> tuple[Report, str]:
    """The organ's report of a year, under the first of these codes that has one, and that code."""
    from monitor.store import versions

    for code in codes:
        report = versions.current_report(situation.database, code, year) if code else None
        if report is not None and code is not None:
            return report, code
    raise CommandError(
        situation.say(
            N_("{organ}（{code}）没有 {year} 年度的报告；先运行 nianbao run，或换一个年度"),
            organ=facts.name,
            code=facts.code,
            year=year,
        )
    )


def _describing(form_key: str | None) -> Callable[[str], str]:
    """What staff call a cell of this form; its key where the form has no tables."""
    from parsers.forms import FORM_KEYS, load_form

    return load_form(form_key).describe if form_key in FORM_KEYS else str


def _show_ground(situation: Situation, comparison: Comparison) -> None:
    from monitor.differences.cells import GROUND_TEXTS

    situation.tell(
        GROUND_TEXTS[comparison.ground],
        form=comparison.form or situation.say(N_("未识别")),
        against_form=comparison.against_form or situation.say(N_("未识别")),
    )


def _show_cells(
    situation: Situation,
    differences: Sequence[Difference],
    before: str,
    after: str,
    describe: Callable[[str], str],
) -> None:
    from rich.text import Text

    from monitor.tables import WholeTable

    table = WholeTable()
    table.add_column(situation.say(N_("项目")))
    for head in (before, after, situation.say(N_("增减")), situation.say(N_("幅度"))):
        table.add_column(head, justify="right")
    for difference in differences:
        table.add_row(
            Text(describe(difference.key)),
            _printed(situation, difference.before),
            _printed(situation, difference.after),
            f"{difference.change:+}" if difference.change is not None else "—",
            f"{difference.percent:+}%" if difference.percent is not None else "—",
        )
    situation.show(table)


def _printed(situation: Situation, cell: Any) -> str:
    from monitor.alerts.wording import CELL_STATES

    return situation.say(CELL_STATES[cell.state.value]) if cell.value is None else str(cell.value)


def _show_identities(situation: Situation, found: Sequence[Identity]) -> None:
    from monitor.rules.base import Fail, NotAssessable

    situation.tell(N_("跨年核对："))
    for identity in found:
        situation.tell(
            N_("  {answer}：{rule} {title}"),
            answer=situation.say(_ANSWERS[identity.answer]),
            rule=identity.rule.id,
            title=situation.say(identity.rule.title),
        )
        if isinstance(identity.result, Fail):
            for finding in identity.result.findings:
                echo("      " + finding.message(situation.language))
        elif isinstance(identity.result, NotAssessable):
            echo("      " + situation.say(identity.result.reason))


def _show_sections(situation: Situation, sections: Sequence[SectionChange]) -> None:
    from rich.text import Text

    from monitor.differences.summary import section_name

    for section in sections:
        name = section_name(section.number, situation.language)
        if not section.shown:
            if section.sentences:
                situation.tell(N_("{section}：文字除年份外没有变化"), section=name)
            continue
        situation.tell(N_("{section}："), section=name)
        for sentence in section.shown:
            line = Text("  " + situation.say(N_("{kind}："), kind=situation.say(_KINDS[sentence.kind.value])))
            line.append_text(_marked(situation, sentence))
            situation.show(line)


def _marked(situation: Situation, sentence: SentenceChange) -> Text:
    """A sentence with what went and what came; the marks are read without colours too."""
    from rich.text import Text

    whole = sentence.before is None or sentence.after is None
    told = Text()
    for piece in sentence.pieces:
        mark = _MARKS.get(piece.mark.value)
        text = piece.text if whole or mark is None else situation.say(mark, text=piece.text)
        told.append(text, style=_STYLES.get(piece.mark.value, ""))
    return told


def _versions(situation: Situation, facts: OrganFacts, year: int, format: str) -> None:
    from monitor.differences.history import history

    found, changes = history(situation.database, facts.code, year)
    if not found:
        _report(situation, facts, year, facts.code)
    if format == "json":
        situation.write_json(
            {
                "organ_code": facts.code,
                "organ": facts.name,
                "year": year,
                "versions": [version.to_json() for version in found],
                "changes": [
                    change.to_json(_describing(change.cells.form), situation.language) for change in changes
                ],
            }
        )
        return
    situation.tell(N_("{organ}（{code}）{year} 年度报告"), organ=facts.name, code=facts.code, year=year)
    for version in found:
        _show_version(situation, version)
    for change in changes:
        _show_change(situation, change)
    if not changes:
        situation.tell(N_("公布后没有改动"))


def _show_version(situation: Situation, version: Version) -> None:
    from monitor.alerts.wording import moment_in_words

    language = situation.language
    situation.tell(
        N_("版本 {number}：首次见到 {first}，最后见到 {last}{gone}；{address}"),
        number=version.version_id,
        first=moment_in_words(version.first_seen_at, language),
        last=moment_in_words(version.last_seen_at, language),
        gone=situation.say(N_("，{at} 撤下"), at=moment_in_words(version.gone_at, language))
        if version.gone_at
        else "",
        address=version.address,
    )


def _show_change(situation: Situation, change: Change) -> None:
    from monitor.alerts.wording import moment_in_words

    echo("")
    situation.tell(
        N_("版本 {before} → 版本 {after}（{at} 首次见到改动）："),
        before=change.before.version_id,
        after=change.after.version_id,
        at=moment_in_words(change.after.first_seen_at, situation.language),
    )
    if change.title:
        situation.tell(
            N_("标题由“{before}”改为“{after}”"), before=change.title[0] or "", after=change.title[1] or ""
        )
    if change.cells.changed:
        labels = (str(change.before.version_id), str(change.after.version_id))
        _show_cells(situation, change.cells.changed, *labels, _describing(change.cells.form))
    _show_sections(situation, [section for section in change.sections if section.shown])
    if change.ended is None or change.brought is None:
        situation.tell(N_("其中一个版本尚未核查，不知道改动了结或带来了哪些问题；请运行 nianbao assess"))
        return
    for matter in change.ended:
        situation.tell(N_("已了结：{matter}"), matter=_matter(situation, matter))
    for matter in change.brought:
        situation.tell(N_("新出现：{matter}"), matter=_matter(situation, matter))


def _matter(situation: Situation, told: MatterOf) -> str:
    finding = told.matter.findings[0]
    said = f"{finding.rule} {finding.message(situation.language)}"
    return (
        said if told.alert_id is None else situation.say(N_("{said}（提醒 #{id}）"), said=said, id=told.alert_id)
    )
