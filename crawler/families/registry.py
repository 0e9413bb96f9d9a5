"""The readers of all families."""

from __future__ import annotations

from crawler.families.anhui import ANHUI
from crawler.families.epoint import EPOINT
from crawler.families.family import Family
from crawler.families.generic import GENERIC
from crawler.families.gkmlpt import GKMLPT
from crawler.families.hanweb import HANWEB
from crawler.families.hanweb_disclosure import HANWEB_DISCLOSURE
from crawler.families.hanweb_query import HANWEB_QUERY
from crawler.families.jpaas import JPAAS
from crawler.families.trs import TRS
from crawler.families.ucap import UCAP
from crawler.families.vsb import VSB

FAMILIES: dict[str, Family] = {
    family.id: family
    for family in (TRS, HANWEB, HANWEB_DISCLOSURE, HANWEB_QUERY, JPAAS, UCAP, ANHUI, GKMLPT, VSB, EPOINT, GENERIC)
}
"""Every family by its id, the most telling marks first; ``generic`` is the last resort and comes last."""
