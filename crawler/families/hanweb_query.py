"""List pages of Hanweb queryList（大汉，江西）."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

HANWEB_QUERY = Family("hanweb_query", read_generic_list, no_marks)
