"""Families of portal software: reading list pages, one module for each, and the registry of them all."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import GENERIC
from crawler.families.trs import TRS

FAMILIES: dict[str, Family] = {family.id: family for family in (TRS, GENERIC)}
"""Every family by its id, the most telling marks first; ``generic`` is the last resort and comes last."""
