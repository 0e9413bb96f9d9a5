"""A clock for tests that stands."""

from datetime import datetime
from typing import ClassVar

from crawler.clock import Clock


class SetClock(Clock):
    """A clock that stands at the moment of its class until that is set to another.

    A module that sets it makes a class of its own, so that modules do not move each other's.
    """

    moment: ClassVar[datetime]

    def now(self) -> datetime:
        """The set moment."""
        return type(self).moment
