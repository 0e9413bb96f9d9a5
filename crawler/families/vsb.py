"""List pages of VSB（博达）."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

VSB = Family("vsb", read_generic_list, no_marks)
