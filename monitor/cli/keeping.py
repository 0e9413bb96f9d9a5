"""`nianbao backup`, `nianbao restore`, `nianbao prune`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.frame import FAILED, WRONG_USAGE, CommandError, Situation, account_name, command, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.retention.pruning import Pruned

_NAMED = 5
"""So many damaged captures are named, the others counted."""


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    from monitor.cli.main_job import SERVICE

    command(app, "backup", N_("把数据库、抓取原件和定义备份到一个目录"), panel=SERVICE)(backup)
    command(app, "restore", N_("把备份恢复到空的数据库和空的归档目录"), panel=SERVICE)(restore)
    command(app, "prune", N_("按 [retention] 的期限清除不再需要的内容"), panel=SERVICE)(prune)


def backup(
    situation: Situation,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help=help_text(N_("备份目录；再次备份只添加新的")))],
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help=help_text(N_("连同配置文件和密钥文件；请妥善保管备份")))
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help=help_text(N_("不备份，只逐一核对目录中已有的备份")))
    ] = False,
) -> None:
    """A backup into a folder. What could not be kept makes the status 1; everything else is in it."""
    from monitor.backup import layout, taking
    from monitor.settings import configuration_path

    if check:
        manifest, _ = layout.check(target)
        situation.tell(
            N_("备份完整：{at} 所备，{rows} 行，{captures} 个原件，{files} 个文件，均与摘要相符"),
            at=manifest.made_at,
            rows=sum(manifest.rows.values()),
            captures=manifest.captures,
            files=manifest.files,
        )
        return
    taken = taking.take(
        target,
        situation.database,
        situation.archive,
        situation.settings,
        situation.clock,
        configuration_path(situation.config),
        with_secrets=with_secrets,
    )
    manifest = taken.manifest
    situation.tell(
        N_("已备份到 {folder}：{rows} 行，{captures} 个原件（新增 {added}），{files} 个文件"),
        folder=target,
        rows=sum(manifest.rows.values()),
        captures=manifest.captures,
        added=taken.added,
        files=manifest.files,
    )
    if not with_secrets:
        situation.tell(
            N_("配置文件 {file} 和其中所指的密钥文件没有备份；请另行保管，或用 --with-secrets"),
            file=manifest.settings_file or situation.say(N_("（无）")),
        )
    for digest in taken.damaged[:_NAMED]:
        situation.complain(N_("原件 {digest} 已损坏，不在备份中"), digest=digest)
    if len(taken.damaged) > _NAMED:
        situation.complain(N_("另有 {number} 个原件已损坏，不在备份中"), number=len(taken.damaged) - _NAMED)
    if taken.lost:
        situation.complain(
            N_("记录所依据的 {number} 个原件不在归档目录中，备份里也没有；请检查 [store] captures"),
            number=taken.lost,
        )
    if taken.damaged or taken.lost:
        raise typer.Exit(FAILED)


def restore(
    situation: Situation,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help=help_text(N_("nianbao backup 写过的目录")))],
) -> None:
    """A backup into an empty place. Nothing that stands there is written over."""
    from monitor.backup import restoring
    from monitor.backup.layout import NotVacant

    try:
        done = restoring.restore(source, situation.database, situation.archive, situation.settings)
    except NotVacant as problem:
        raise CommandError(str(problem), WRONG_USAGE) from None
    situation.tell(
        N_("已恢复 {at} 的备份：{rows} 行，{captures} 个原件，{files} 个文件"),
        at=done.manifest.made_at,
        rows=sum(done.rows.values()),
        captures=done.manifest.captures,
        files=done.manifest.files,
    )
    for place, kept in done.left_alone.items():
        situation.tell(N_("{place} 已在而内容不同，未改动；备份中的是 {kept}"), place=place, kept=kept)
    if done.by_hand:
        situation.tell(N_("备份中的配置文件是 {kept}；没有改动现有的配置"), kept=done.by_hand)


def prune(
    situation: Situation,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=help_text(N_("只说会清除什么，什么都不动")))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=help_text(N_("确实清除；不能撤销")))] = False,
) -> None:
    """What is beyond its time; one of the two options must say whether it is meant."""
    from monitor.retention import pruning

    if dry_run == yes:
        raise CommandError(
            situation.say(N_("请用 --dry-run 看会清除什么，或用 --yes 确实清除；二者选一")), WRONG_USAGE
        )
    if situation.settings.retention.keeps_everything:
        situation.tell(N_("[retention] 没有设任何期限：一切都保留，没有清除什么"))
        return
    done = pruning.prune(
        situation.database,
        situation.archive,
        situation.settings,
        situation.clock.now(),
        really=yes,
        portals=situation.portals,
    )
    if yes:
        _note(situation, done)
    lines = (
        (N_("列表页原件 {number} 个，{size} MB"), done.list_pages, done.list_bytes),
        (N_("采集记录文件 {number} 个，{size} MB"), done.run_logs, done.log_bytes),
        (N_("公布情况报表 {number} 份"), done.completeness, 0),
        (N_("消息 {number} 条"), done.messages, 0),
        (N_("任务 {number} 个"), done.jobs, 0),
    )
    situation.tell(N_("已清除：") if yes else N_("会清除（现在什么都没有动）："))
    for text, number, size in lines:
        situation.tell(text, number=number, size=f"{size / 1e6:.1f}")
    for portal_id in done.busy:
        situation.complain(N_("门户 {id} 正在采集，这次没有清理；请稍后再运行"), id=portal_id)
    if done.busy:
        raise typer.Exit(FAILED)


def _note(situation: Situation, done: Pruned) -> None:
    """What was taken away is told in the log of changes."""
    from monitor.accounts.users import AuditEntry
    from monitor.store import accounts

    taken = {name: number for name, number in asdict(done).items() if number and name != "busy"}
    entry = AuditEntry(situation.clock.now(), account_name(), "record.pruned", "[retention]", None, taken)
    with situation.database.begin() as session:
        accounts.add_audit(session, entry)
