"""How many portals are found from one address without editing by hand: every family, every entrance.

    python -m tests.benchmarks.discovery [NAME…]

A portal counts as found where the discovered definition crawls to the same reports as the right one: none
missing, none invented, every column whole. Wanted: 90 %. Ends with status 1 below that, or where a wrong
definition was proposed with high or medium confidence.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import monotonic

from crawler.discovery.proposing import Proposal
from crawler.discovery.survey import EntranceError
from crawler.records import CaptureRole
from crawler.sandbox.families.portals import FAMILY_SITES, ServedPortal, family_site, served
from tests.crawler.crawling import crawled
from tests.crawler.discovery.finding import compared, definition_of, discovered

ENTRANCES = ("home", "disclosure", "column", "report")
WANTED = 0.9


def measure(names: list[str]) -> int:
    """Print the table; the exit status."""
    right = wrong_and_sure = total = 0
    print(f"{'portal':26}{'entrance':12}{'found as':20}{'confidence':12}{'reports':>9}{'pages':>7}{'seconds':>9}")
    for entrance, name in ((entrance, name) for entrance in ENTRANCES for name in names):
        with served(family_site(name)) as portal:
            began = monotonic()
            total += 1
            try:
                proposal = discovered(portal, entrance)
            except EntranceError as problem:
                print(f"{name:26}{entrance:12}{problem}")
                continue
            seconds = monotonic() - began
            same, count = _is_right(portal, proposal)
            right += same
            wrong_and_sure += bool(not same and proposal.columns and proposal.confidence != "low")
            print(
                f"{name:26}{entrance:12}{proposal.family:20}{proposal.confidence:12}"
                f"{count:>9}{proposal.survey.pages:>7}{seconds:>9.1f}{'' if same else '   not the same'}",
                flush=True,
            )
    print(f"without editing by hand: {right} of {total} ({right / total:.0%})")
    print(f"wrong and sure of it: {wrong_and_sure}")
    return 0 if right >= WANTED * total and not wrong_and_sure else 1


def _is_right(portal: ServedPortal, proposal: Proposal) -> tuple[bool, str]:
    """Whether a crawl by the proposal brings the portal's reports, and how many of how many."""
    wanted = len(portal.site.content.reports)
    if not proposal.columns:
        return False, f"0/{wanted}"
    with tempfile.TemporaryDirectory(prefix="nianbao-discovery-") as folder:
        log = crawled(definition_of(proposal), Path(folder))
    addresses = {one.address for one in log.captures if one.role is CaptureRole.DOCUMENT and not one.problem}
    result = compared(portal, addresses)
    return result.same and log.finished.outcome.whole, f"{len(result.found & result.wanted)}/{wanted}"


if __name__ == "__main__":
    sys.exit(measure(sys.argv[1:] or list(FAMILY_SITES)))
