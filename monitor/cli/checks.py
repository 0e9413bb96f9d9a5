"""What `nianbao portals check` says of a site that has changed, and the new definition that it proposes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crawler.clock import SHANGHAI
from crawler.discovery.survey import EntranceError
from monitor.check_words import changes_in_words
from monitor.checking import Change, ChangeKind
from monitor.cli.frame import Situation, echo
from monitor.cli.progress import counting_pages
from monitor.discovering import as_yaml, match_organs
from monitor.language import N_

if TYPE_CHECKING:
    from crawler.portals.definition import PortalDefinition
    from monitor.store.register import RegisteredOrgan
    from monitor.visits import PortalCheck


def tell_changes(situation: Situation, check: PortalCheck, changes: Sequence[Change]) -> None:
    """One line for each change."""
    for line in changes_in_words(situation.say, changes):
        echo(line)


def propose_new(
    situation: Situation,
    portal: PortalDefinition,
    changes: Sequence[Change],
    organs: Sequence[RegisteredOrgan],
    *,
    write: bool,
) -> None:
    """Look around on the portal's own site and print a new definition; of another host only how to add it.

    ``write``: into a file beside the old one, under an ending that is not read as a definition.
    """
    from crawler.discovery.looking import Looker
    from crawler.discovery.proposing import discover
    from monitor.visits import crawl_options

    moved = [change.detail for change in changes if change.kind is ChangeKind.HOST]
    today = situation.clock.now().astimezone(SHANGHAI).date()
    if moved:
        situation.tell(
            N_(
                "　　如果新网址是对的：在 {id} 的定义中写 valid_to: {day} 和 successor: {id}-2，"
                "再运行 nianbao portals add {address} --county {county} --id {id}-2"
            ),
            id=portal.id,
            day=today,
            address=moved[0],
            county=portal.county_code,
        )
        return
    entrance = _entrance(portal, changes)
    looker = Looker(crawl_options(situation.settings), situation.clock, portal.request_interval)
    try:
        with counting_pages(situation, entrance) as on_progress:
            proposal = discover(entrance, looker, on_progress=on_progress)
    except EntranceError:
        proposal = None
    if proposal is None or not proposal.columns:
        situation.tell(N_("　　从 {address} 没有找到可以代替的栏目；请人工查看网站"), address=entrance)
        return
    matched = match_organs(proposal, [one for one in organs if one.county_code == portal.county_code])
    text = as_yaml(matched, portal.id, portal.name, portal.county_code, situation.say, str(today))
    if not write:
        situation.tell(N_("　　建议的新定义（没有写入文件，加 --write 可写在旧文件旁边）："))
        echo(text, nl=False)
        return
    folder = situation.settings.path(situation.settings.crawl.portals)
    file = folder / f"{portal.id}.yaml.proposed"
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        situation.complain(N_("{file} 已在，没有改动；请先移走它"), file=file)
        return
    situation.tell(N_("　　建议的新定义写在 {file}；核对后改名代替旧文件才会启用"), file=file)


def _entrance(portal: PortalDefinition, changes: Sequence[Change]) -> str:
    """Where the look around begins: a new address of a column, else a column still there, else the front page."""
    gone = {change.column.id for change in changes if change.kind is ChangeKind.GONE}
    for change in changes:
        if change.kind is ChangeKind.ADDRESS:
            return change.detail
    for column in portal.columns:
        if column.id not in gone and not column.by_year:
            return column.address
    scheme = portal.columns[0].address.partition("://")[0]
    return f"{scheme}://{portal.hosts[0]}/"
