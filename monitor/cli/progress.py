"""How the main job is told on the command line: progress bars on a terminal, one line for each run and stage."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.clock import SHANGHAI
from crawler.outcomes import in_words
from monitor.cli.frame import Situation, echo
from monitor.jobs.lines import OUTCOME_NAMES
from monitor.language import N_

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from crawler.portals.definition import PortalDefinition
    from crawler.runner import Progress
    from monitor.alerts.sender import NotifyResult
    from monitor.assess import AssessResult
    from monitor.ingest import IngestResult
    from monitor.pipeline import OnProgress, PortalRun
    from monitor.store.register import RegisteredOrgan
    from monitor.visits import PortalCheck

STAGE_NAMES = {"ingest": N_("解析"), "assess": N_("检查")}


@contextmanager
def counting(situation: Situation, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, on a terminal only; what is given is called with how many more are done."""
    with _bars(situation) as bars:
        task = bars.add_task(situation.say(what), total=total, note="")
        yield lambda more: bars.advance(task, more)


@contextmanager
def counting_pages(situation: Situation, address: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for a look around a site: told how many pages were looked at and how many columns were found."""
    with _bars(situation) as bars:
        task = bars.add_task(address, total=None, note="")

        def on_progress(pages: int, columns: int) -> None:
            note = situation.say(N_("栏目 {columns}"), columns=columns)
            bars.update(task, completed=pages, total=None, note=note)

        yield on_progress


@contextmanager
def _bars(situation: Situation) -> Iterator[Bars]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=situation.err,
        transient=True,
        disable=not situation.err.is_terminal,
    ) as bars:
        yield bars


class CommandReporter:
    """Tells a situation's standard output what happened; bars go to standard error, on a terminal only."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation

    @contextmanager
    def crawling(self, portals: Sequence[PortalDefinition]) -> Iterator[Progress]:
        """A bar for each portal: captures made, of the entries listed so far."""
        with _bars(self.situation) as bars:
            tasks = {portal.id: bars.add_task(portal.name, total=None, note="") for portal in portals}

            def on_progress(portal_id: str, captures: int, listed: int) -> None:
                note = self.situation.say(N_("列出 {listed} 条"), listed=listed)
                bars.update(tasks[portal_id], completed=captures, total=max(captures, listed) or None, note=note)

            yield on_progress

    @contextmanager
    def working(self, stage: str) -> Iterator[OnProgress]:
        """A bar for a stage."""
        with _bars(self.situation) as bars:
            task = bars.add_task(self.situation.say(STAGE_NAMES[stage]), total=None, note="")
            told = 0.0

            def on_progress(done: int, total: int | None) -> None:
                nonlocal told
                now = time.monotonic()
                if now - told > 0.05 or done == total:
                    told = now
                    bars.update(task, completed=done, total=total)

            yield on_progress

    def crawled(self, runs: Sequence[PortalRun]) -> None:
        """One line for each run: portal, outcome, how much."""
        for run in runs:
            echo(self.run_line(run))

    def run_line(self, run: PortalRun) -> str:
        """The outcome of a run in one line."""
        say = self.situation.say
        where = f"{run.portal.name}（{run.portal.id}）"
        finished = run.finished
        if run.left_out_until is not None:
            return say(
                N_(
                    "{portal}：一再失败，暂不访问，{until:%Y-%m-%d %H:%M} 起再去"
                    "（立即去：nianbao crawl --portal {id}）"
                ),
                portal=where,
                until=run.left_out_until.astimezone(SHANGHAI),
                id=run.portal.id,
            )
        if finished is None:
            return say(N_("{portal}：另一个进程正在抓取这个门户，这次没有抓"), portal=where)
        counts = finished.counts
        line = say(
            N_("{portal}：{outcome} {word}，文件 {documents}，新增或变更 {changed}，失败 {failed}"),
            portal=where,
            outcome=finished.outcome.value,
            word=say(OUTCOME_NAMES[finished.outcome]),
            documents=counts.get("documents", 0),
            changed=counts.get("changed", 0),
            failed=counts.get("failed", 0),
        )
        return f"{line}；{say(in_words(finished.problem))}" if finished.problem else line

    def checked(self, check: PortalCheck, organs: Sequence[RegisteredOrgan] = ()) -> list[str]:
        """What a dry pass says of a portal: one line; for each column how it was read and whose it counts as."""
        from monitor.check_words import check_in_words

        return check_in_words(self.situation.say, check, organs)

    def damaged(self, problems: Sequence[str]) -> None:
        """A line on standard error for each damaged log."""
        from monitor.archive_words import archive_in_words

        for problem in problems:
            echo(archive_in_words(problem, self.situation.language), err=True)

    def ingested(self, result: IngestResult) -> None:
        """What became of the captured documents."""
        self.situation.tell(
            N_(
                "解析：文件 {documents}，其中报告 {reports}，读不了 {unreadable}；"
                "没有变化的地址 {unchanged}；新版本 {versions}"
            ),
            documents=result.documents,
            reports=result.reports,
            unreadable=result.unreadable,
            unchanged=result.unchanged,
            versions=result.versions,
        )
        if result.lost:
            from monitor.archive_words import archive_in_words

            self.situation.complain(
                N_(
                    "有 {number} 份原件从归档中读不出来，先前读到的内容照旧有效，修复后会自动再读；"
                    "请检查归档目录的权限和磁盘。第一份：{first}"
                ),
                number=len(result.lost),
                first=archive_in_words(result.lost[0], self.situation.language),
            )
        if result.unmatched:
            self.situation.tell(
                N_(
                    "　　有 {unmatched} 份报告尚不能确定是哪个单位、哪个年度的；"
                    "请用 nianbao match list 查看，或在名录中补充单位"
                ),
                unmatched=result.unmatched,
            )

    def assessed(self, result: AssessResult) -> None:
        """How the obligations stand, what was judged, and what became of the alerts."""
        from monitor.completeness.figures import STATE_NAMES

        say = self.situation.say
        states = say(N_("，")).join(
            f"{say(name)} {result.states[state]}"
            for state, name in STATE_NAMES.items()
            if result.states.get(state)
        )
        self.situation.tell(
            N_("检查：应公布的报告 {obligations} 份（{states}）；检查 {judged} 份，{unchanged} 份没有变化"),
            obligations=result.obligations,
            states=states or say(N_("无")),
            judged=result.judged,
            unchanged=result.unchanged,
        )
        self._moved(result)
        alerts = result.alerts
        self.situation.tell(
            N_("提醒：新开 {opened}，更新 {updated}，了结 {resolved}，重开 {reopened}；待送消息 {messages} 条"),
            opened=len(alerts.opened),
            updated=len(alerts.updated),
            resolved=len(alerts.resolved),
            reopened=len(alerts.reopened),
            messages=alerts.messages,
        )
        for problem in result.problems:
            echo(problem, err=True)

    def _moved(self, result: AssessResult) -> None:
        """Once, that due dates are other ones than before, and by which rules."""
        from monitor.discovery_words import NAMED

        if not result.moved:
            return
        say = self.situation.say
        rules = Counter((one.rule_before, one.rule) for one in result.moved).most_common()
        told = [f"{before} → {after}" if before != after else after for (before, after), _ in rules[:NAMED]]
        self.situation.tell(
            N_("{number} 项义务的期限有变化：{rules}"),
            number=len(result.moved),
            rules=say(N_("；")).join(told) + (" …" if len(rules) > NAMED else ""),
        )

    def notified(self, result: NotifyResult) -> None:
        """What was delivered and what still is not; each problem is a line on standard error."""
        from monitor.store.deliveries import outstanding

        with self.situation.database.reading() as session:
            left = outstanding(session)
        pending = str(left.pending)
        if left.next_at is not None:
            pending = self.situation.say(
                N_("{pending}（下次 {at:%Y-%m-%d %H:%M}）"), pending=left.pending, at=left.next_at
            )
        self.situation.tell(
            N_("送达：已发 {sent}，待送 {pending}，放弃 {given_up}"),
            sent=result.sent,
            pending=pending,
            given_up=result.given_up,
        )
        if result.waiting and result.waiting_until is not None:
            self.situation.tell(
                N_("　　等候汇总或免打扰时段结束：{number} 项（最早 {at:%Y-%m-%d %H:%M}）"),
                number=result.waiting,
                at=result.waiting_until,
            )
        if left.given_up:
            self.situation.tell(N_("　　已放弃 {number} 条，nianbao notify --again 可重发"), number=left.given_up)
        for problem in result.problems:
            echo(problem, err=True)
