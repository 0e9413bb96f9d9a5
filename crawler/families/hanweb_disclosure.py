"""List pages of Hanweb 信息公开模块（大汉）."""

from __future__ import annotations

from crawler.families.family import Family
from crawler.families.generic import no_marks, read_generic_list

HANWEB_DISCLOSURE = Family("hanweb_disclosure", read_generic_list, no_marks)
