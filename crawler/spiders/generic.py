"""Portals of software we do not know: lists found by the features of their links."""

from crawler.lists.generic import read_generic_list
from crawler.spiders.base import PortalSpider


class GenericSpider(PortalSpider):
    """Reads columns of any portal that shows its list in the page."""

    name = "generic"
    read = staticmethod(read_generic_list)
