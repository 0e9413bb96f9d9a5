"""The main job and its stages: `nianbao crawl`, `ingest`, `assess`, `notify`, `run`, `serve`, `worker`, `demo`."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.frame import FAILED, WRONG_USAGE, CommandError, Situation, command, complain, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.pipeline import Work

STAGES = N_("主任务")
SERVICE = N_("运行")


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    command(app, "run", N_("主任务一次：抓取、解析、检查、送达"), panel=STAGES)(run)
    command(app, "crawl", N_("抓取一遍，逐个报告结果"), panel=STAGES)(crawl)
    command(app, "ingest", N_("解析已抓取而未解析的文件"), panel=STAGES)(ingest)
    command(app, "assess", N_("核对期限、检查数据、打开和了结提醒"), panel=STAGES)(assess)
    command(app, "notify", N_("送出该送的消息"), panel=STAGES)(notify)
    command(app, "serve", N_("常驻：网页、接口，按时运行主任务"), panel=SERVICE)(serve)
    command(app, "demo", N_("在本机模拟的门户上完整演示主任务"), panel=SERVICE)(demo)


def work_of(situation: Situation) -> Work:
    """What the stages work with, from the situation."""
    from monitor.pipeline import Work

    return Work(
        settings=situation.settings,
        database=situation.database,
        archive=situation.archive,
        portals=situation.portals,
        clock=situation.clock,
        unread=situation.unread_portals,
    )


def run(situation: Situation) -> None:
    """The main job, once."""
    from monitor.cli.progress import CommandReporter
    from monitor.cli.setting_up import chosen_portals, portals_in_use
    from monitor.heartbeat import beat
    from monitor.pipeline import main_job

    portals_in_use(situation, chosen_portals(situation))
    failed = main_job(work_of(situation), CommandReporter(situation)).failed
    for problem in beat(situation.database, situation.settings, situation.clock, failed=failed):
        complain(problem)
    if failed:
        raise typer.Exit(FAILED)


def crawl(
    situation: Situation,
    county: Annotated[
        str | None, typer.Option("--county", metavar="CODE", help=help_text(N_("只抓这一县区")))
    ] = None,
    portal: Annotated[
        str | None, typer.Option("--portal", metavar="ID", help=help_text(N_("只抓这一门户")))
    ] = None,
    full: Annotated[bool, typer.Option("--full", help=help_text(N_("全部重取，不问是否有变化")))] = False,
) -> None:
    """One crawl pass; a run that is not whole makes the status 1. A portal named by its id is visited at once."""
    from monitor.cli.progress import CommandReporter
    from monitor.cli.setting_up import chosen_portals, portals_in_use
    from monitor.pipeline import crawl_stage

    chosen = chosen_portals(situation, portal_id=portal, county=county)
    portals = portals_in_use(situation, chosen)
    if portal is not None and not portals:
        raise typer.Exit(WRONG_USAGE)
    runs = crawl_stage(
        work_of(situation), portals, CommandReporter(situation), full=full, at_once=portal is not None
    )
    if not all(each.whole for each in runs):
        raise typer.Exit(FAILED)


def ingest(
    situation: Situation,
    reparse: Annotated[bool, typer.Option("--reparse", help=help_text(N_("全部重新解析")))] = False,
) -> None:
    """Parses what was captured; a document that cannot be read is kept and tried again with a new parser.

    What the archive could not give makes the status 1.
    """
    from monitor.cli.progress import CommandReporter
    from monitor.pipeline import ingest_stage

    if ingest_stage(work_of(situation), CommandReporter(situation), reparse=reparse).lost:
        raise typer.Exit(FAILED)


def assess(
    situation: Situation,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help=help_text(N_("截至何时（ISO 8601）；默认现在")))
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help=help_text(N_("全部重新检查，不管有没有变化；结果是一样的")))
    ] = False,
) -> None:
    """Obligations, checks, alerts."""
    from monitor.cli.progress import CommandReporter
    from monitor.pipeline import assess_stage

    moment = situation.moment(as_of) if as_of else None
    if moment is not None:
        _must_not_go_back(situation, moment)
    assess_stage(work_of(situation), CommandReporter(situation), moment, full=full)


def _must_not_go_back(situation: Situation, moment: datetime) -> None:
    """Alerts have one history: what was told later is not taken back by looking at an earlier moment."""
    from monitor.store import assessments

    with situation.database.reading() as session:
        last = assessments.last_assessed(session)
    if last is not None and moment < last:
        raise CommandError(
            situation.say(
                N_(
                    "已经按 {last} 检查过，不能再按更早的 {moment} 检查，否则提醒会倒退；"
                    "回看当时的情况请用 nianbao completeness --as-of"
                ),
                last=last.isoformat(timespec="seconds"),
                moment=moment.isoformat(timespec="seconds"),
            ),
            WRONG_USAGE,
        )


def notify(
    situation: Situation,
    again: Annotated[bool, typer.Option("--again", help=help_text(N_("先把已放弃的消息重新列为待送")))] = False,
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="NAME", help=help_text(N_("只向这个渠道发一条测试消息，看它是否可用"))),
    ] = None,
) -> None:
    """Delivers what is due; a message that could not be delivered makes the status 1 and is kept."""
    if test is not None:
        _send_test(situation, test, again=again)
        return
    from monitor.cli.progress import CommandReporter
    from monitor.pipeline import Work, notify_stage
    from monitor.store.deliveries import begin_again

    if again:
        with situation.database.begin() as session:
            begin_again(session, situation.clock.now())
    # No portals: delivery has nothing to do with them, and a broken definition is not told every ten minutes.
    work = Work(situation.settings, situation.database, situation.archive, (), situation.clock)
    if notify_stage(work, CommandReporter(situation)).problems:
        raise typer.Exit(FAILED)


def _send_test(situation: Situation, name: str, *, again: bool) -> None:
    """One message that says it is a test, to the destination of that name. Raises CommandError."""
    from monitor.alerts.channels import NotDelivered
    from monitor.alerts.notices import send_test

    if again:
        raise CommandError(situation.say(N_("--test 和 --again 不能一起用；请分两次运行")), WRONG_USAGE)
    channels = {channel.name: channel for channel in situation.settings.notify.channels}
    if name not in channels:
        known = situation.say(N_("、")).join(channels) or situation.say(N_("（无）"))
        raise CommandError(
            situation.say(N_("没有名为“{name}”的渠道；配置中已有的是 {known}"), name=name, known=known),
            WRONG_USAGE,
        )
    try:
        send_test(situation.settings, situation.clock, channels[name])
    except NotDelivered as problem:
        raise CommandError(
            situation.say(N_("渠道 {name} 没有收下测试消息：{problem}"), name=name, problem=str(problem))
        ) from None
    situation.tell(N_("渠道 {name} 已收下一条测试消息"), name=name)


def serve(situation: Situation) -> None:
    """The web pages, the scheduler and the workers of this machine, until SIGTERM or Ctrl-C."""
    with ExitStack() as beginning:
        beginning.enter_context(_all_stays())
        _serve(situation, beginning)


def _serve(situation: Situation, beginning: ExitStack) -> None:
    """Serves; ``beginning`` is over as soon as the pages are there."""
    from monitor.access.base import KnownPortals, Record
    from monitor.alerts.links import secret_of
    from monitor.jobs.children import Children
    from monitor.jobs.seasons import seasons_of
    from monitor.jobs.serving import Told
    from monitor.jobs.serving import serve as serve_all
    from monitor.settings import configuration_path
    from monitor.store import accounts
    from monitor.web.application import make_application
    from monitor.web.server import serving

    # Without any portal it serves all the same: the pages are where a first one is looked for.
    no_portals = not situation.portals
    seasons_of(situation.settings)
    _look_at_archive(situation)
    web = situation.settings.web
    trials = Children(configuration_path(situation.config))
    pages = Record(
        situation.database,
        situation.settings,
        situation.clock.now,
        secret_of(situation.settings),
        KnownPortals(situation.settings.path(situation.settings.crawl.portals)),
        trials.run,
    )

    with situation.database.reading() as session:
        nobody_may_log_in = not accounts.users(session)

    @contextmanager
    def serving_pages() -> Iterator[None]:
        try:
            with serving(make_application(pages), web.host, web.port, web.proxies) as address:
                situation.tell(N_("网页在 {address}；按时运行主任务。按 Ctrl-C 停止。"), address=address)
                if nobody_may_log_in:
                    situation.tell(N_("还没有用户，谁也不能登录；请用 nianbao users add NAME 新增第一个管理员"))
                if no_portals:
                    situation.tell(N_("还没有门户，什么也不会采集；登录后在“门户”页由一个网址添加"))
                beginning.close()
                yield
        finally:
            trials.end()

    def on_start(at: datetime) -> None:
        situation.tell(N_("下一次运行：{at:%Y-%m-%d %H:%M}（北京时间）"), at=at)
        if situation.settings.clock.now is not None:
            # The times of runs are the machine's; what they judge by is the clock that was set.
            situation.tell(
                N_(
                    "设了 [clock] now（只供试用）：何时运行仍按真实时间，判断期限和状态时则以 "
                    "{now:%Y-%m-%d %H:%M} 为现在；正式使用请删去这一项"
                ),
                now=situation.clock.now(),
            )

    def on_failure(problem: str) -> None:
        situation.complain(N_("定时任务没有顺利完成：{problem}"), problem=problem)

    def on_failed_pass(status: int) -> None:
        situation.complain(
            N_("主任务没有顺利完成（状态 {status}）；上面几行说明了原因，下一次照常运行"), status=status
        )

    def on_standby() -> None:
        situation.tell(N_("另一个进程在安排任务；它停下后由这个进程接替"))

    work = work_of(situation)
    serve_all(
        work,
        lambda: replace(work, portals=pages.portals()),
        configuration_path(situation.config),
        _scheduler_lock(situation),
        Told(on_start, on_failure, on_failed_pass, on_standby),
        serving_pages,
    )
    situation.tell(N_("已停止"))


@contextmanager
def _all_stays() -> Iterator[None]:
    """What is loaded in the block stays: to look through it again and again for waste takes long."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def demo(
    situation: Situation,
    exit: Annotated[bool, typer.Option("--exit", help=help_text(N_("演示完就结束，不留着页面")))] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help=help_text(N_("端口；默认任意空闲端口")))
    ] = None,
) -> None:
    """The main job against portals served on this machine."""
    from monitor.demo import run_demo

    status = run_demo(port=port, stay=not exit, console=situation.out)
    if status:
        raise typer.Exit(status)


def _look_at_archive(situation: Situation) -> None:
    """Tells at once where the captures are not the record's own; its pages are of use all the same."""
    from crawler.captures import ArchiveError
    from monitor.archives import make_sure

    try:
        make_sure(situation.database, situation.archive)
    except ArchiveError as problem:
        complain(str(problem))


def _scheduler_lock(situation: Situation) -> Path:
    """The lock of the scheduler: beside the captures, one for each database address."""
    address = situation.settings.store.database
    name = hashlib.sha256(address.encode("utf-8")).hexdigest()[:12]
    return situation.settings.path(situation.settings.store.captures) / f"scheduler-{name}.lock"
