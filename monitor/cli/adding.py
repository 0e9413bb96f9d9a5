"""`nianbao portals add`: from a site's address to a definition, and what a person should look at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.clock import SHANGHAI
from crawler.discovery.survey import EntranceError
from monitor.cli.frame import BROKEN_OFF, FAILED, WRONG_USAGE, CommandError, Situation, echo
from monitor.cli.progress import counting_pages
from monitor.discovering import (
    IDENTIFIER,
    Matched,
    as_yaml,
    id_from_host,
    match_organs,
    write_definition,
)
from monitor.discovery_words import (
    ENTRANCE,
    NOTHING_FOUND,
    entrance_problem,
    everything_to_look_at,
    found,
    to_look_at,
)
from monitor.language import N_

if TYPE_CHECKING:
    from monitor.store.register import RegisteredOrgan


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
        raise CommandError(situation.say(ENTRANCE["no_address"], url=url), WRONG_USAGE)
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
        raise CommandError(entrance_problem(situation.say, url, problem)) from None
    except KeyboardInterrupt:
        raise CommandError(situation.say(N_("已中断；没有写任何文件")), BROKEN_OFF) from None
    if not proposal.columns:
        for line in to_look_at(situation.say, proposal):
            echo(f"　　{line}", err=True)
        raise CommandError(situation.say(NOTHING_FOUND, url=url, pages=proposal.survey.pages))
    matched = match_organs(proposal, organs)
    _write(situation, matched, file, chosen, county)
    for line in found(situation.say, matched):
        echo(line)
    looks = everything_to_look_at(situation.say, matched, situation.portals)
    if looks:
        situation.tell(N_("请人工看一看："))
        for line in looks:
            echo(f"　　{line}")
    if proposal.confidence == "low":
        situation.complain(N_("把握不大，{file} 中已注明；请核对后再用它采集，或删去它换一个网址再试"), file=file)
        raise typer.Exit(FAILED)


def _check_id(situation: Situation, id: str, file: Path, taken: set[str]) -> None:
    if not IDENTIFIER.fullmatch(id):
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
