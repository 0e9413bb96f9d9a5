"""Consoles for people: styles are ours alone, what portals wrote is text."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from crawler.text import without_controls


class PlainConsole(Console):
    """A console that shows text without signs that would steer the terminal (escape sequences and the like)."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As Console does; the controls that rich itself gives out stay."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=without_controls(segment.text))
