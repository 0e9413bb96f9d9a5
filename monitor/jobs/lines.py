"""How jobs ended, in a line for people: kept as text and values, told in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crawler.clock import SHANGHAI
from crawler.outcomes import in_words
from crawler.records import Outcome
from monitor.jobs.kinds import Ending
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.alerts.sender import NotifyResult
    from monitor.assess import AssessResult
    from monitor.ingest import IngestResult
    from monitor.pipeline import PortalRun

OUTCOME_NAMES: Mapping[Outcome, str] = {
    Outcome.COLLECTED: N_("有新内容，已收齐"),
    Outcome.UNCHANGED: N_("没有变化"),
    Outcome.EMPTY_PROVEN: N_("列表可读，没有报告"),
    Outcome.PARTIAL: N_("部分未取到"),
    Outcome.BLOCKED: N_("网站拒绝访问"),
    Outcome.UNREACHABLE: N_("网站无法访问"),
    Outcome.LAYOUT_CHANGED: N_("列表认不出，可能改版"),
    Outcome.CRASHED: N_("抓取程序出错"),
    Outcome.TIMED_OUT: N_("超过时限"),
}

DIED = Ending(
    failed=True, line={"text": N_("进程一再中途结束，不再重试；请查看系统日志（内存是否不足）"), "values": {}}
)
NO_SUCH_PORTAL = Ending(failed=True, line={"text": N_("门户定义已不在，或今天不启用"), "values": {}})


def failure(problem: str) -> Ending:
    """A job that could not be done; ``problem`` is one readable line."""
    return Ending(failed=True, line=_line(N_("没有完成：{problem}"), problem=problem))


def ending_of_run(run: PortalRun) -> Ending:
    """How a visit ended."""
    if run.left_out_until is not None:
        until = f"{run.left_out_until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        return Ending(failed=False, line=_line(N_("一再失败，暂不访问，{until} 起再去"), until=until))
    if run.finished is None:
        return Ending(failed=True, line=_line(N_("另一个进程正在抓取这个门户，这次没有抓")))
    outcome, counts = run.finished.outcome, run.finished.counts
    values: dict[str, Any] = {
        "word": _line(OUTCOME_NAMES[outcome]),
        "documents": counts.get("documents", 0),
        "changed": counts.get("changed", 0),
        "failed": counts.get("failed", 0),
    }
    text = N_("{word}，文件 {documents}，新增或变更 {changed}，失败 {failed}")
    if run.finished.problem:
        text = N_("{word}，文件 {documents}，新增或变更 {changed}，失败 {failed}；{problem}")
        values["problem"] = _line(in_words(run.finished.problem))
    return Ending(failed=not outcome.whole, line=_line(text, **values))


def ending_of_ingest(result: IngestResult) -> Ending:
    """How an ingest ended; a document that cannot be read is no failure of it, one that the archive lost is."""
    text = N_("文件 {documents}，其中报告 {reports}，读不了 {unreadable}，新版本 {versions}")
    values: dict[str, object] = {
        "documents": result.documents,
        "reports": result.reports,
        "unreadable": result.unreadable,
        "versions": result.versions,
    }
    if result.lost:
        text = N_(
            "文件 {documents}，其中报告 {reports}，读不了 {unreadable}，新版本 {versions}；"
            "归档中读不出来的原件 {lost}：{first}"
        )
        values |= {"lost": len(result.lost), "first": result.lost[0]}
    return Ending(failed=bool(result.lost), line=_line(text, **values))


def ending_of_assess(result: AssessResult) -> Ending:
    """How an assessment ended."""
    text = N_("县区 {counties}（共 {all}），检查报告 {judged}，未能检查 {problems}")
    values = {"counties": result.counties, "all": result.of_counties, "judged": result.judged}
    return Ending(failed=bool(result.problems), line=_line(text, **values, problems=len(result.problems)))


def ending_of_notify(result: NotifyResult) -> Ending:
    """How a delivery ended."""
    text = N_("送达 {sent}，以后再试 {later}，放弃 {given_up}")
    later = result.retried_later + result.postponed
    line = _line(text, sent=result.sent, later=later, given_up=result.given_up)
    return Ending(failed=bool(result.problems), line=line)


def _line(text: str, **values: Any) -> dict[str, Any]:
    return {"text": text, "values": values}
