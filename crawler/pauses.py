"""How long a host asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 10 * 365 * 86400.0


def seconds_asked(retry_after: str, now: datetime) -> float | None:
    """What a Retry-After header asks for, in seconds: a number or an HTTP date (RFC 9110, 10.2.3).

    None where it asks for nothing or cannot be read; a date that has passed is 0.
    """
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), _LONGEST)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST)
