"""List pages of Hanweb（大汉）."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

HANWEB = Family("hanweb", read_generic_list, no_marks)
