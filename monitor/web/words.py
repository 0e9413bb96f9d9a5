"""Words and small choices that several pages share."""

from __future__ import annotations

from starlette.requests import Request

from monitor.access.base import NotFound
from monitor.completeness.figures import STATE_NAMES
from monitor.figures import Figures
from monitor.language import N_, translate
from monitor.publication import PublicationState
from monitor.settings import FIRST_YEAR, LAST_YEAR

STATES = tuple(
    (state.value, STATE_NAMES[state])
    for state in (
        PublicationState.ON_TIME,
        PublicationState.LATE,
        PublicationState.MISSING,
        PublicationState.UNVERIFIED,
        PublicationState.NOT_DUE,
    )
)
"""The states that are counted, with their names, in the order in which they are told."""
_FROM_TO = N_("{low:.1%} 至 {high:.1%}")
_NOT_YET = N_("尚无到期")


def asked_year(request: Request) -> int | None:
    """The report year of ``?year=``; None where none is asked for. Raises NotFound where it is no year."""
    text = request.query_params.get("year", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise NotFound(text)
    return int(text)


def rate_in_words(figures: Figures, language: str) -> str:
    """The share of reports on time; from and to where some could not be verified."""
    rate = figures.on_time_rate
    if rate is None:
        return translate(_NOT_YET, language)
    low, high = rate
    return f"{low:.1%}" if low == high else translate(_FROM_TO, language, {"low": low, "high": high})
