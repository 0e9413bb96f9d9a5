"""Where the archive lies that the settings name."""

from __future__ import annotations

from crawler.captures import Archive, Place, StoreAddress
from monitor.settings import Settings


def archive_of(settings: Settings) -> Archive:
    """The archive: its folder, and the store of its bodies where the settings have one."""
    chosen = settings.store
    store = None
    if chosen.bodies:
        key_file = settings.path(chosen.bodies_key_file) if chosen.bodies_key_file else None
        store = StoreAddress(chosen.bodies, chosen.bodies_endpoint, key_file, chosen.bodies_naming)
    return Archive(Place(settings.path(chosen.captures), store))
