"""List pages of UCAP（开普）."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

UCAP = Family("ucap", read_generic_list, no_marks)
