"""Which visits have fallen due, and asking for them. Asking twice, or by two at once, asks once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.jobs.kinds import Kind, Task
from monitor.jobs.queue import JobQueue
from monitor.jobs.seasons import Seasons, seasons_of
from monitor.registry.due import DueRules, load_due_rules
from monitor.store import jobs as store

if TYPE_CHECKING:
    from monitor.pipeline import Work


def visits_due(
    portals: Sequence[PortalDefinition],
    seasons: Seasons,
    rules: DueRules,
    last: Mapping[str, datetime],
    now: datetime,
) -> dict[str, datetime]:
    """The portals, by id, that are to be visited, each with the slot for which it is.

    ``last``: the slot that was used last, or the last visit, of each portal that had one. Pure.
    """
    today = now.astimezone(SHANGHAI).date()
    due_days = {
        county: rules.days_about(county, today.year) for county in {portal.county_code for portal in portals}
    }
    slots = {
        portal.id: seasons.last_slot(now, due_days[portal.county_code], last.get(portal.id))
        for portal in portals
        if portal.valid_on(today)
    }
    return {portal_id: slot for portal_id, slot in slots.items() if slot is not None}


def ask_for_visits(work: Work, queue: JobQueue, further: Sequence[Task] = ()) -> int:
    """Asks for the visits that have fallen due, and for ``further`` tasks behind them; how many visits that are.

    A portal that keeps failing and is left out for a while keeps its slot until then. Which slots are used is
    written in one step with the jobs. Raises StoreError, SeasonError and DueRuleError.
    """
    from monitor.pipeline import left_out

    now = work.clock.now()
    seasons = seasons_of(work.settings)
    file = work.settings.watch.due_rules
    rules = load_due_rules(work.settings.path(file) if file else None)
    with work.database.reading() as session:
        due = visits_due(work.portals, seasons, rules, store.last_slots(session), now)
    resting = left_out(work, [portal for portal in work.portals if portal.id in due], now) if due else {}
    with work.database.begin() as session:
        # Somebody else may have asked since.
        last = store.last_slots(session)
        slots = {
            portal_id: slot
            for portal_id, slot in due.items()
            if portal_id not in resting and (portal_id not in last or last[portal_id] < slot)
        }
        queue.put(session, [*(Task(Kind.CRAWL, portal_id) for portal_id in slots), *further], now)
        store.use_slots(session, slots)
    return len(slots)
