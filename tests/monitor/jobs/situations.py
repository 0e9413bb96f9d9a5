"""A record with two portals of one county, for the tests of jobs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from crawler.captures import Archive
from crawler.clock import Clock
from crawler.portals.definition import PortalDefinition
from monitor.pipeline import Work
from monitor.settings import Settings
from tests.databases import opened_in


def portal(name: str, *hosts: str, county: str = "990101", render: str | None = None) -> PortalDefinition:
    """A portal with one column."""
    hosts = hosts or (f"{name}.example.org",)
    return PortalDefinition.model_validate(
        {
            "id": name,
            "name": name,
            "county_code": county,
            "family": "trs",
            "hosts": hosts,
            "render": render,
            "columns": [{"id": "nb", "name": "年报", "address": f"http://{hosts[0]}/nb/", "covers": ["township"]}],
        }
    )


def made_work(folder: Path, now: datetime, *portals: PortalDefinition) -> Work:
    """What the stages work with: a new record, and a clock that shows ``now``."""
    database = opened_in(folder)
    return Work(
        settings=Settings().model_copy(update={"folder": folder}),
        database=database,
        archive=Archive(folder / "captures"),
        portals=portals or (portal("one"), portal("two")),
        clock=Clock.showing(now),
    )
