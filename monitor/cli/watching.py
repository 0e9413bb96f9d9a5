"""`nianbao watchdog`: for cron or a systemd timer, beside whatever runs the main job."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.frame import FAILED, Situation, command, complain, help_text
from monitor.language import N_


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    from monitor.cli.main_job import SERVICE

    command(app, "watchdog", N_("查看各环节和各门户多久没有成功，停顿的告知运维人员"), panel=SERVICE)(watchdog)


def watchdog(
    situation: Situation,
    quiet: Annotated[
        bool, typer.Option("--quiet", help=help_text(N_("没有停顿时什么也不说（用于定时任务）")))
    ] = False,
) -> None:
    """What is stale makes the status 1, one line each; operators are told of each matter once a day."""
    from monitor.watchdog import watch

    watched = watch(situation.database, situation.settings, situation.clock, situation.portals)
    for one in watched.stale:
        complain(one.message(situation.language))
    for problem in watched.problems:
        complain(problem)
    if watched.told:
        situation.tell(N_("已告知 {number} 个渠道"), number=watched.told)
    if watched.stale or watched.problems:
        raise typer.Exit(FAILED)
    if not quiet:
        situation.tell(N_("没有停顿：各环节、各门户都按时成功过，消息都已送到"))
