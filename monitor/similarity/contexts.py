"""What the rules that compare organs are given for the judgement of single reports, from what was compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from monitor.rules.base import Members, Peers, Twin
from monitor.similarity.comparing import CountyView, Organs, twins_of
from monitor.store import comparisons
from monitor.store.register import RegisteredOrgan


@dataclass(frozen=True, slots=True)
class Context:
    """The fields of :class:`monitor.rules.base.Subject` that tell of other organs; None where not known."""

    county_sentences: frozenset[int] | None = None
    members: Members | None = None
    peers: Peers | None = None
    twins: tuple[Twin, ...] | None = None


NO_CONTEXT = Context()


class Contexts:
    """The contexts of versions; what is read of a county is kept for the next ones."""

    def __init__(self, registers: Mapping[str, Mapping[str, RegisteredOrgan]] | None = None) -> None:
        self._registers = registers or {}
        self._views: dict[str, CountyView] = {}

    def of(self, session: Session, version_ids: Collection[int]) -> dict[int, Context]:
        """The contexts of those of some versions that were compared."""
        organs = Organs(session, self._registers)
        rows = comparisons.texts(session, version_ids)
        twins = twins_of(session, organs, rows)
        found = {}
        for version_id, row in rows.items():
            view = self._view(session, organs, row.county_code)
            found[version_id] = Context(
                view.shared(row.report_year),
                view.members(row),
                view.peers(row),
                twins.get(version_id, ()) if row.signature is not None else None,
            )
        return found

    def _view(self, session: Session, organs: Organs, county_code: str) -> CountyView:
        if county_code not in self._views:
            self._views[county_code] = CountyView(
                county_code,
                comparisons.texts_of_county(session, county_code),
                comparisons.templates_of_county(session, county_code),
                organs,
            )
        return self._views[county_code]
