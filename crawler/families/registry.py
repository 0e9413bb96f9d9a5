"""The readers of all families."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import GENERIC
from crawler.families.trs import TRS

FAMILIES: dict[str, Family] = {family.id: family for family in (TRS, GENERIC)}
"""Every family by its id, the most telling marks first; ``generic`` is the last resort and comes last."""
