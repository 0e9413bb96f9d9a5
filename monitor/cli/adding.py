"""`nianbao portals add`: from a site's address to a definition, and what a person should look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.clock import SHANGHAI
from crawler.discovery.survey import EntranceError, Stop
from crawler.outcomes import in_words
from crawler.records import Outcome
from monitor.cli.frame import BROKEN_OFF, FAILED, WRONG_USAGE, CommandError, Situation, echo
from monitor.cli.progress import NAMED, counting_pages
from monitor.discovering import (
    Matched,
    as_yaml,
    id_from_host,
    match_organs,
    plain,
    same_site,
    tried,
    write_definition,
)
from monitor.jobs.lines import OUTCOME_NAMES
from monitor.language import N_

if TYPE_CHECKING:
    from crawler.discovery.proposing import LeftOut, Proposal
    from crawler.portals.definition import PortalDefinition
    from monitor.store.register import RegisteredOrgan

_ENTRANCE = {
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
_IDENTIFIER = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_LISTED = 12
"""So many things of one kind are told one by one, the others counted."""


def add(situation: Situation, url: str, county: str, id: str | None) -> None:
    """Look at the site, write its definition, and say what was found.

    Nothing is written where no column was read; a definition with a column that was not read whole is written
    with words that say so, and the status is 1. An existing file is never touched.
    """
    from crawler.addresses import host_of, normalise
    from crawler.discovery.looking import Looker
    from crawler.discovery.proposing import discover
    from monitor.visits import crawl_options

    if not re.fullmatch(r"\d{6}", county):
        raise CommandError(
            situation.say(N_("{county} 不是县区代码；请写六位数字，例如 410526"), county=county), WRONG_USAGE
        )
    address = normalise(url)
    if address is None or not url.strip().lower().startswith(("http://", "https://")):
        raise CommandError(situation.say(_ENTRANCE["no_address"], url=url), WRONG_USAGE)
    folder = situation.settings.path(situation.settings.crawl.portals)
    taken = {portal.id for portal in situation.portals} | {path.stem for path in folder.glob("*.y*ml")}
    chosen = id or id_from_host(host_of(address), taken)
    file = folder / f"{chosen}.yaml"
    _check_id(situation, chosen, file, taken)
    organs = _register(situation, county)
    looker = Looker(crawl_options(situation.settings), situation.clock)
    try:
        with counting_pages(situation, address) as on_progress:
            proposal = discover(address, looker, on_progress=on_progress)
    except EntranceError as problem:
        raise CommandError(_why(situation, url, problem)) from None
    except KeyboardInterrupt:
        raise CommandError(situation.say(N_("已中断；没有写任何文件")), BROKEN_OFF) from None
    if not proposal.columns:
        for line in to_look_at(situation, proposal):
            echo(f"　　{line}", err=True)
        raise CommandError(
            situation.say(
                N_(
                    "从 {url} 看了 {pages} 个网页，没有找到能读出报告的年报栏目，没有写任何文件；"
                    "请换年报栏目或某份年报的网址再试，或按 docs/portals.md 手写"
                ),
                url=url,
                pages=proposal.survey.pages,
            )
        )
    matched = match_organs(proposal, organs)
    _write(situation, matched, file, chosen, county)
    for line in found(situation, matched):
        echo(line)
    looks = [*_others(situation, proposal), *to_look_at(situation, proposal), *_unseen(situation, matched)]
    if looks:
        situation.tell(N_("请人工看一看："))
        for line in looks:
            echo(f"　　{line}")
    if proposal.confidence == "low":
        situation.complain(N_("把握不大，{file} 中已注明；请核对后再用它采集，或删去它换一个网址再试"), file=file)
        raise typer.Exit(FAILED)


def _check_id(situation: Situation, id: str, file: Path, taken: set[str]) -> None:
    if not _IDENTIFIER.fullmatch(id):
        raise CommandError(situation.say(N_("{id} 不能作编号；只用小写字母、数字、- 和 _"), id=id), WRONG_USAGE)
    if id in taken or file.exists():
        raise CommandError(
            situation.say(
                N_("编号 {id} 已有门户定义，没有改动；请用 --id 另取一个，或先移走 {file}"), id=id, file=file
            ),
            WRONG_USAGE,
        )


def _register(situation: Situation, county: str) -> list[RegisteredOrgan]:
    """The county's organs; none, and a line that says so, where there are none."""
    from monitor.store import register
    from monitor.store.database import StoreError

    try:
        with situation.database.reading() as session:
            organs = register.all_organs(session, county)
    except StoreError as problem:
        situation.complain(N_("没有名录，不能把栏目对到单位：{problem}"), problem=problem)
        return []
    if not organs:
        situation.complain(
            N_("名录中没有县区 {county} 的单位，不能把栏目对到单位；可以先用 nianbao organs import 登记"),
            county=county,
        )
    return organs


def _write(situation: Situation, matched: Matched, file: Path, id: str, county: str) -> None:
    today = situation.clock.now().astimezone(SHANGHAI).date()
    name = matched.proposal.survey.site_name or id
    text = as_yaml(matched, id, name, county, situation.say, str(today))
    try:
        write_definition(file, text)
    except FileExistsError:
        raise CommandError(
            situation.say(N_("{file} 已在，没有改动；请用 --id 另取一个编号"), file=file), WRONG_USAGE
        ) from None
    situation.tell(N_("已写出 {file}"), file=file)


def _why(situation: Situation, url: str, problem: EntranceError) -> str:
    template = _ENTRANCE.get(problem.reason)
    if template is not None:
        return situation.say(template, url=url, detail=problem.detail)
    status = f"（{problem.detail}）" if problem.detail else ""
    return situation.say(_PROBLEM, url=url, problem=situation.say(in_words(problem.reason)), status=status)


def found(situation: Situation, matched: Matched) -> Iterator[str]:
    """What was found: software, columns with their organs, years, confidence."""
    from crawler.families import NAMES

    say = situation.say
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


def to_look_at(situation: Situation, proposal: Proposal) -> Iterator[str]:
    """What a person should look at, one line each."""
    say = situation.say
    survey = proposal.survey
    if survey.stop in _STOPS:
        yield say(_STOPS[survey.stop], pages=survey.pages, left=survey.left)
    left_out: list[LeftOut] = proposal.left_out
    for one in left_out[:_LISTED]:
        yield say(
            N_("没有收入：{name} {address}（{reason}）"),
            name=plain(one.name) or say(N_("（无名栏目）")),
            address=one.address,
            reason=reason_in_words(situation, one.reason),
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


def reason_in_words(situation: Situation, reason: str) -> str:
    """Why a page was left out."""
    from crawler.families import NAMES

    say = situation.say
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


def _others(situation: Situation, proposal: Proposal) -> Iterator[str]:
    others: list[PortalDefinition] = same_site(proposal, situation.portals)
    for portal in others:
        yield situation.say(
            N_("门户 {id} 也采集这个网站；同一栏目不要写两遍，旧定义不再用时请写 valid_to 和 successor"),
            id=portal.id,
        )


def _unseen(situation: Situation, matched: Matched) -> Iterator[str]:
    comma = situation.say(N_("、"))
    if matched.unseen and matched.registered:
        names = comma.join(organ.name for organ in matched.unseen[:_LISTED])
        yield situation.say(
            N_("在这些栏目中没有见到报告的单位 {number} 个：{names}"),
            number=len(matched.unseen),
            names=names + (" …" if len(matched.unseen) > _LISTED else ""),
        )
    if matched.unmatched:
        names = comma.join(plain(name) for name in matched.unmatched[:_LISTED])
        yield situation.say(
            N_("名录中没有的署名 {number} 个：{names}"),
            number=len(matched.unmatched),
            names=names + (" …" if len(matched.unmatched) > _LISTED else ""),
        )
