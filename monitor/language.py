"""Text for people: Chinese first, English second, through gettext. The message ids are the Chinese texts."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("zh", "en")
LANGUAGE_VARIABLE = "NIANBAO_PEOPLE__LANGUAGE"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "zh":
        return gettext.NullTranslations()
    return gettext.translation("nianbao", LOCALES, languages=[language], fallback=True)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a text that is translated later
    """Marks a text for the catalogue and gives it back unchanged."""
    return text


def translate(text: str, language: str = "zh", values: Mapping[str, Any] | None = None) -> str:
    """``text`` (Chinese) in ``language`` (``zh`` or ``en``), its ``{places}`` filled from ``values``.

    A place ``{notes}`` takes a list of texts, which are themselves translated and filled.
    """
    translated = _catalogue(language).gettext(text) if text else ""
    if not values:
        return translated
    if isinstance(values.get("notes"), list):
        values = {
            **values,
            "notes": "".join(translate(note, language, _without_notes(values)) for note in values["notes"]),
        }
    return translated.format(**values)


def _without_notes(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "notes"}


def spoken_language() -> str:
    """The language for what is said before the settings are read: the variable's, else ``zh``."""
    language = os.environ.get(LANGUAGE_VARIABLE, "zh")
    return language if language in LANGUAGES else "zh"
