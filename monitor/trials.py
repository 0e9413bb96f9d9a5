"""Trial passes and discoveries that were asked for on the pages: done in a process of their own, told in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from crawler.addresses import host_of
from crawler.clock import SHANGHAI, Clock
from crawler.portals.definition import PortalDefinition
from monitor.language import LANGUAGES, N_, translate
from monitor.settings import Settings
from monitor.store.register import RegisteredOrgan

if TYPE_CHECKING:
    from monitor.discovering import Say

LOOK_AT = N_("请人工看一看：")
LOW = N_("把握不大，定义中已注明；请核对后再用它采集，或换一个网址再试")
NO_PORTAL = N_("门户定义已不在")
DIED = N_("没有做完：进程中途结束；请再试一次，或查看系统日志")


class TrialKind(StrEnum):
    """What is tried: whether a definition still works, or what can be found from an address."""

    CHECK = "check"
    DISCOVERY = "discovery"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be done. ``subject``: the id of a portal, or an address; ``portal_id``: an id wished for."""

    kind: TrialKind
    subject: str
    county_code: str
    portal_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it: lines for people by language and, of a discovery, the definition and its id."""

    works: bool
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    portal_id: str | None = None
    definition: str | None = None


def perform(
    trial: Trial,
    settings: Settings,
    clock: Clock,
    portals: Sequence[PortalDefinition],
    organs: Sequence[RegisteredOrgan],
) -> Found:
    """Does it, with all registered ``organs``. Nothing is kept of what is fetched, and no file is written."""
    if trial.kind is TrialKind.CHECK:
        return _check(trial, settings, clock, portals, organs)
    return _discover(trial, settings, clock, portals, organs)


def in_words(tell: Callable[[Say], Sequence[str]]) -> dict[str, list[str]]:
    """The same lines in each of our languages."""
    return {language: list(tell(_sayer(language))) for language in LANGUAGES}


def _check(
    trial: Trial,
    settings: Settings,
    clock: Clock,
    portals: Sequence[PortalDefinition],
    organs: Sequence[RegisteredOrgan],
) -> Found:
    from monitor.check_words import changes_in_words, check_in_words
    from monitor.checking import changes_of
    from monitor.visits import dry_pass

    portal = next((one for one in portals if one.id == trial.subject), None)
    if portal is None:
        return Found(False, in_words(lambda say: [say(NO_PORTAL)]))
    (check,) = dry_pass(settings, clock, [portal])
    changes = changes_of(check, clock.now().astimezone(SHANGHAI).date())
    return Found(
        check.works and not changes,
        in_words(lambda say: [*check_in_words(say, check, organs), *changes_in_words(say, changes)]),
    )


def _discover(
    trial: Trial,
    settings: Settings,
    clock: Clock,
    portals: Sequence[PortalDefinition],
    organs: Sequence[RegisteredOrgan],
) -> Found:
    from crawler.discovery.looking import Looker
    from crawler.discovery.proposing import discover
    from crawler.discovery.survey import EntranceError
    from monitor.discovering import as_yaml, id_from_host, match_organs
    from monitor.discovery_words import NOTHING_FOUND, entrance_problem, everything_to_look_at, found, to_look_at
    from monitor.visits import crawl_options

    try:
        proposal = discover(trial.subject, Looker(crawl_options(settings), clock))
    except EntranceError as problem:
        reason = problem
        return Found(False, in_words(lambda say: [entrance_problem(say, trial.subject, reason)]))
    if not proposal.columns:
        pages = proposal.survey.pages
        return Found(
            False,
            in_words(lambda say: [say(NOTHING_FOUND, url=trial.subject, pages=pages), *to_look_at(say, proposal)]),
        )
    matched = match_organs(proposal, [one for one in organs if one.county_code == trial.county_code])

    def tell(say: Say) -> list[str]:
        looks = everything_to_look_at(say, matched, portals)
        lines = [*found(say, matched), *([say(LOW)] if proposal.confidence == "low" else [])]
        return [*lines, say(LOOK_AT), *(f"　　{line}" for line in looks)] if looks else lines

    folder = settings.path(settings.crawl.portals)
    taken = {portal.id for portal in portals} | {path.stem for path in folder.glob("*.y*ml")}
    chosen = trial.portal_id or id_from_host(host_of(trial.subject), taken)
    name = proposal.survey.site_name or chosen
    day = str(clock.now().astimezone(SHANGHAI).date())
    text = as_yaml(matched, chosen, name, trial.county_code, _sayer(settings.people.language), day)
    return Found(proposal.confidence != "low", in_words(tell), chosen, text)


def _sayer(language: str) -> Say:
    def say(text: str, /, **values: object) -> str:
        return translate(text, language, values)

    return say
