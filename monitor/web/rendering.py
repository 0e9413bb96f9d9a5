"""Pages in the reader's language, from Jinja2 templates that escape whatever is put into them."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from monitor.language import LANGUAGES, translate

PARAMETER = "language"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("monitor.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page; ``title`` and ``text`` among the values are Chinese texts of ours and told in the language."""
    language = language_of(request)

    def _(text: str, **filled: Any) -> str:
        return translate(text, language, filled)

    other = "en" if language == "zh" else "zh"
    shown = {
        "_": _,
        "language": language,
        "other_language": other,
        "other_address": "?" + str(request.url.include_query_params(**{PARAMETER: other}).query),
        **values,
    }
    return HTMLResponse(_templates().get_template(template).render(shown), status_code=status)


def language_of(request: Request) -> str:
    """``?language=`` where it is given, else what the browser asks for, else the language of the settings."""
    asked = request.query_params.get(PARAMETER)
    if asked in LANGUAGES:
        return asked
    preferred = preferred_language(request.headers.get("accept-language", ""))
    return preferred or request.app.state.pages.settings.people.language


def preferred_language(header: str) -> str | None:
    """The first of our languages in an ``Accept-Language`` header by its weights; None where it names none."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        name, _, weight = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            wanted.append((-_weight(weight), place, language))
    return min(wanted)[2] if wanted else None


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
