"""Portals of TRS WCM (拓尔思): static lists with zero-based paging."""

from crawler.lists.trs import read_trs_list
from crawler.spiders.base import PortalSpider


class TrsSpider(PortalSpider):
    """Reads columns of TRS portals."""

    name = "trs"
    read = staticmethod(read_trs_list)
