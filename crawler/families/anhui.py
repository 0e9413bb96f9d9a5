"""List pages of 安徽政务公开（商网、龙讯）."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

ANHUI = Family("anhui", read_generic_list, no_marks)
