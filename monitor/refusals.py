"""What cannot be done as it was asked for: one readable line, on the page or on the command line."""

from __future__ import annotations

from typing import Any

from monitor.language import N_, translate


class NotPossible(ValueError):
    """It cannot be done; ``template`` (Chinese) and ``values`` say why, in one line."""

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template)
        self.template, self.values = template, values


_TOO_LONG = N_("最多 {most} 个字，现在有 {number} 个；没有办，写下的还在，请缩短后再提交")


def too_long(text: str, most: int, language: str) -> str:
    """The line that refuses what somebody wrote for its length; empty where it is not too long."""
    return translate(_TOO_LONG, language, {"most": most, "number": len(text)}) if len(text) > most else ""
