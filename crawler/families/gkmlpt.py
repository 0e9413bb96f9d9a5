"""List pages of 广东集约化平台."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

GKMLPT = Family("gkmlpt", read_generic_list, no_marks)
