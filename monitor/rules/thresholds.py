"""The numbers that rules go by, from ``thresholds.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def thresholds() -> dict[str, Any]:
    """The numbers of ``thresholds.yaml``."""
    text = (Path(__file__).parent / "thresholds.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data
