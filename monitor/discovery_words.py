"""What a discovery found, in words for a terminal or a page; ``say`` brings them into the user's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from crawler.discovery.survey import EntranceError, Stop
from crawler.families import NAMES
from crawler.outcomes import in_words
from crawler.records import Outcome
from monitor.discovering import Matched, Say, plain, same_site, tried
from monitor.jobs.lines import OUTCOME_NAMES
from monitor.language import N_

if TYPE_CHECKING:
    from crawler.discovery.proposing import LeftOut, Proposal
    from crawler.portals.definition import PortalDefinition

ENTRANCE = {
    "no_address": N_("{url} 不是网址；请写完整，以 http:// 或 https:// 开头"),
    "file": N_("{url} 是一个文件，不是网页；请给出首页、公开专栏、年报栏目或某份年报的网页地址"),
    "empty": N_("{url} 是一个空白页面，可能由脚本生成；请换信息公开专栏或某份年报的网址再试"),
    "other_site": N_("{url} 转到了另一个网站 {detail}，没有跟去；如果那是对的，请用那个网址再试"),
}
_PROBLEM = N_("{url} 打不开：{problem}{status}；没有写任何文件，请核对网址后再试")
_STOPS = {
    Stop.PAGES: N_("看了 {pages} 个网页，到了上限，还有 {left} 处没有看；可以换更靠近年报栏目的网址再试"),
    Stop.TIME: N_("到了时限，还有 {left} 处没有看；可以换更靠近年报栏目的网址再试"),
    Stop.REFUSED: N_("网站连续拒绝访问，没有再看，还有 {left} 处没有看"),
}
_CONFIDENCE = {"high": N_("高"), "medium": N_("中"), "low": N_("低")}
_LISTED = 12
"""So many things of one kind are told one by one, the others counted."""
NAMED = 5
"""So many organs of a column are named, the others counted."""

NOTHING_FOUND = N_(
    "从 {url} 看了 {pages} 个网页，没有找到能读出报告的年报栏目，没有写任何文件；"
    "请换年报栏目或某份年报的网址再试，或按 docs/portals.md 手写"
)


def entrance_problem(say: Say, url: str, problem: EntranceError) -> str:
    """Why nothing can be found from an address, in one line."""
    template = ENTRANCE.get(problem.reason)
    if template is not None:
        return say(template, url=url, detail=problem.detail)
    status = f"（{problem.detail}）" if problem.detail else ""
    return say(_PROBLEM, url=url, problem=say(in_words(problem.reason)), status=status)


def found(say: Say, matched: Matched) -> Iterator[str]:
    """What was found: software, columns with their organs, years, confidence."""
    proposal = matched.proposal
    comma = say(N_("、"))
    yield say(
        N_("软件：{name}；看了 {pages} 个网页，栏目 {columns} 个，把握：{confidence}"),
        name=say(NAMES[proposal.family]),
        pages=proposal.survey.pages,
        columns=len(proposal.columns),
        confidence=say(_CONFIDENCE[proposal.confidence]),
    )
    for column in proposal.columns:
        yield f"　　{plain(column.definition.name)}：{column.definition.address}"
        organs = matched.columns[column.definition.id]
        line = tried(column, say)
        names = [organ.name for organ in organs.proven]
        if names:
            shown = comma.join(names[:NAMED])
            whose = say(N_("对到 {number} 个单位：{names}"), number=len(names), names=shown)
            line += f"；{whose}{' …' if len(names) > NAMED else ''}"
        else:
            line += "；" + say(N_("没有对到名录中的单位，不据此认定任何单位未公布"))
        yield f"　　　　{line}"
    if matched.registered:
        yield say(
            N_("名录中该县区 {registered} 个单位，对到 {seen} 个；年度 {years}"),
            registered=matched.registered,
            seen=matched.seen,
            years=comma.join(str(year) for year in proposal.years) or "–",
        )


def to_look_at(say: Say, proposal: Proposal) -> Iterator[str]:
    """What a person should look at, one line each."""
    survey = proposal.survey
    if survey.stop in _STOPS:
        yield say(_STOPS[survey.stop], pages=survey.pages, left=survey.left)
    left_out: list[LeftOut] = proposal.left_out
    for one in left_out[:_LISTED]:
        yield say(
            N_("没有收入：{name} {address}（{reason}）"),
            name=plain(one.name) or say(N_("（无名栏目）")),
            address=one.address,
            reason=reason_in_words(say, one.reason),
        )
    if len(left_out) > _LISTED:
        yield say(N_("另有 {number} 处没有收入"), number=len(left_out) - _LISTED)
    for host, address in list(survey.other_hosts.items())[:_LISTED]:
        yield say(
            N_("还链到别的主机 {host}，没有访问：{address}；如属本县，请另行添加"), host=host, address=address
        )
    if proposal.sample_failed:
        problems = say(N_("、")).join(say(in_words(word)) for word in proposal.sample_failed)
        yield say(
            N_("抽看 {sampled} 份报告，{failed} 份打不开：{problems}"),
            sampled=proposal.sampled,
            failed=proposal.sample_failed.total(),
            problems=problems,
        )


def reason_in_words(say: Say, reason: str) -> str:
    """Why a page was left out."""
    word, _, detail = reason.partition(":")
    if word == "family" and detail == "generic":
        return say(N_("没有所用软件的特征，也许是空栏目或目录页；请打开看看，如有年报请手写进定义"))
    if word == "family":
        return say(N_("是另一种软件：{name}；请另写一个门户定义"), name=say(NAMES[detail]))
    if word == "layout":
        return say(N_("页面上认不出列表；如果列表由脚本生成，可以手写定义并写明 render"))
    if word == "file":
        return say(N_("是文件"))
    if word in tuple(Outcome):
        return say(OUTCOME_NAMES[Outcome(word)])
    return say(in_words(reason))


def _others(say: Say, proposal: Proposal, portals: Iterable[PortalDefinition]) -> Iterator[str]:
    others = same_site(proposal, portals)
    for portal in others:
        yield say(
            N_("门户 {id} 也采集这个网站；同一栏目不要写两遍，旧定义不再用时请写 valid_to 和 successor"),
            id=portal.id,
        )


def _unseen(say: Say, matched: Matched) -> Iterator[str]:
    comma = say(N_("、"))
    if matched.unseen and matched.registered:
        names = comma.join(organ.name for organ in matched.unseen[:_LISTED])
        yield say(
            N_("在这些栏目中没有见到报告的单位 {number} 个：{names}"),
            number=len(matched.unseen),
            names=names + (" …" if len(matched.unseen) > _LISTED else ""),
        )
    if matched.unmatched:
        names = comma.join(plain(name) for name in matched.unmatched[:_LISTED])
        yield say(
            N_("名录中没有的署名 {number} 个：{names}"),
            number=len(matched.unmatched),
            names=names + (" …" if len(matched.unmatched) > _LISTED else ""),
        )


def everything_to_look_at(say: Say, matched: Matched, portals: Iterable[PortalDefinition]) -> list[str]:
    """All that a person should look at: other definitions of the site, what was left out, who was not seen."""
    proposal = matched.proposal
    return [*_others(say, proposal, portals), *to_look_at(say, proposal), *_unseen(say, matched)]
