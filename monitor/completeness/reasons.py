"""Why a state is as it is, in the reader's language: standings keep the Chinese sentence with its names."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from monitor import publication, standings
from monitor.language import translate

TEMPLATES = (*publication.REASONS, *standings.REASONS)
"""The sentences that hold names, days or titles."""


def reason_in_words(reason: str, language: str = "zh") -> str:
    """The reason of a standing in ``zh`` or ``en``; one that is no sentence of ours comes back as it is."""
    if language == "zh":
        return reason
    for template in TEMPLATES:
        found = _pattern(template).fullmatch(reason)
        if found:
            values = {name: translate(value, language) for name, value in found.groupdict().items()}
            return translate(template, language, values)
    return translate(reason, language)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = (
        re.escape(text) + (f"(?P<{name}>.*?)" if name else "") for text, name, _, _ in Formatter().parse(template)
    )
    return re.compile("".join(parts), re.DOTALL)
