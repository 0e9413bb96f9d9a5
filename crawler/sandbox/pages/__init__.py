"""The pages of the sandbox's portals, as templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, auto_reload=False)


def render(template: str, *, body: str = "", **values: Any) -> str:
    """A page from its template; ``body`` is put in as the HTML it is, everything else is escaped."""
    return _environment().get_template(template).render(body=Markup(body), **values)
