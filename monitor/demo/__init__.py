"""The demo: the whole main job against portals served on this machine, through a season."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def run_demo(port: int | None, stay: bool, console: Console) -> int:
    """Plays the demo and gives the exit status; see :func:`monitor.demo.story.play`."""
    from monitor.demo.story import play

    return play(port, stay, console)
