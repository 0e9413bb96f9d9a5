"""What cannot be done as it was asked for: one readable line, on the page or on the command line."""

from __future__ import annotations

from typing import Any


class NotPossible(ValueError):
    """It cannot be done; ``template`` (Chinese) and ``values`` say why, in one line."""

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template)
        self.template, self.values = template, values
