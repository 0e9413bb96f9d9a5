"""What a dry pass says of a portal, in words for a terminal or a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crawler.families import NAMES
from crawler.outcomes import in_words
from monitor.checking import Change, ChangeKind
from monitor.discovering import Say
from monitor.discovery_words import NAMED
from monitor.jobs.lines import OUTCOME_NAMES
from monitor.language import N_
from monitor.visits import PortalCheck, organs_of

if TYPE_CHECKING:
    from crawler.portals.definition import ColumnDefinition, PortalDefinition
    from monitor.store.register import RegisteredOrgan

DRY_ONLY = "too_many_pages"
_CHANGES = {
    ChangeKind.HOST: N_("　　{column}：已转到没有登记的主机 {detail}，没有跟去；网站可能搬了家"),
    ChangeKind.ADDRESS: N_("　　{column}：网址已改为 {detail}"),
    ChangeKind.GONE: N_("　　{column}：{detail} 已不存在；栏目可能搬了家"),
    ChangeKind.SOFTWARE: N_("　　{column}：网站软件变了，页面现在像是 {detail}"),
    ChangeKind.YEARS: N_("　　{column}：已分出 {detail} 年的文件夹，定义中没有"),
}


def check_in_words(say: Say, check: PortalCheck, organs: Sequence[RegisteredOrgan] = ()) -> list[str]:
    """What a dry pass says of a portal: one line; for each column how it was read and whose it counts as."""
    verdict = N_("{portal}：定义有效") if check.works else N_("{portal}：需要检查")
    lines = [say(verdict, portal=f"{check.portal.name}（{check.portal.id}）")]
    columns = {column.id: column for column in check.portal.columns}
    for column in check.columns:
        readable = column.outcome.whole or column.problem == DRY_ONLY
        line = say(
            N_("　　{column}：{word}，{pages} 页 {entries} 条"),
            column=columns[column.column_id].name,
            word=say(N_("可读")) if readable else say(OUTCOME_NAMES[column.outcome]),
            pages=column.pages,
            entries=column.entries,
        )
        if column.problem == DRY_ONLY:
            line += say(N_("（列表更长，试抓只读前几页）"))
        elif column.problem:
            line += f"；{say(in_words(column.problem))}"
        lines.append(line)
        if organs:
            lines.append("　　　　" + _counted(say, check.portal, columns[column.column_id], organs))
    if not check.columns and check.run.problem:
        lines.append("　　" + say(in_words(check.run.problem)))
    return lines


def _counted(
    say: Say, portal: PortalDefinition, column: ColumnDefinition, organs: Sequence[RegisteredOrgan]
) -> str:
    """Whose column it is taken to be: those who would be told to be missing if their report is not there."""
    counted = organs_of(portal, column, organs)
    if not counted:
        return say(N_("该栏目没有对应名录中的任何单位；请检查 organ、covers 和 county_code"))
    names = say(N_("、")).join(organ.name for organ in counted[:NAMED])
    if len(counted) > NAMED:
        names = say(N_("{names} 等"), names=names)
    if column.organ is not None:
        return say(N_("该栏目被视为 {names} 的年报栏目"), names=names)
    return say(
        N_("该栏目被视为 {number} 个单位的年报栏目：{names}；在别处公布的单位请用 covers 排除"),
        number=len(counted),
        names=names,
    )


def changes_in_words(say: Say, changes: Sequence[Change]) -> Iterator[str]:
    """One line for each change of the site."""
    for change in changes:
        detail = change.detail
        if change.kind is ChangeKind.SOFTWARE:
            detail = say(NAMES[detail])
        yield say(_CHANGES[change.kind], column=change.column.name, detail=detail)
