"""List pages of Epoint（新点）."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

EPOINT = Family("epoint", read_generic_list, no_marks)
