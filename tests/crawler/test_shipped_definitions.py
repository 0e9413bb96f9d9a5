"""The definitions that come with the software: they load, promise nothing, and name attested hosts only."""

from __future__ import annotations

import csv

import pytest

from crawler.addresses import host_of
from crawler.portals.definition import COVERS_NOBODY, PortalDefinition, load_portals
from crawler.portals.shipped import FOLDER
from tests.shared import SHARED, needs_shared

SEEDS = {"410526", "371312", "411325", "410329"}
ELSEWHERE = {
    # Hosts that stand in public references, not in the collection of addresses.
    "www.hedong.gov.cn",
    "www.neixiang.gov.cn",
    "www.yichuan.gov.cn",
    "www.ahjinzhai.gov.cn",
    "www.luoshan.gov.cn",
    "www.chongyang.gov.cn",
}
PORTALS = load_portals(FOLDER)


def test_the_counties_of_the_seeds_and_more_than_ten_others_are_there() -> None:
    counties = {portal.county_code for portal in PORTALS}
    assert counties >= SEEDS
    assert len(counties - SEEDS) >= 15
    assert len(PORTALS) == len(list(FOLDER.glob("*.yaml")))


@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.id)
def test_what_nobody_has_verified_accuses_nobody(portal: PortalDefinition) -> None:
    text = (FOLDER / f"{portal.id}.yaml").read_text(encoding="utf-8")
    assert portal.verified is None
    assert "# not yet verified against the live site" in text
    assert portal.id.endswith(portal.county_code)
    for column in portal.columns:
        assert column.covers == (COVERS_NOBODY,)
        assert column.organ is None
    # A comment before each column says where its address comes from.
    before = [one.splitlines()[-1].strip() for one in text.split("  - id: ")[:-1]]
    assert all(line.startswith("# ") for line in before)


@needs_shared
def test_every_host_is_one_that_really_stood_somewhere() -> None:
    with (SHARED / "real" / "addresses.csv").open(encoding="utf-8") as source:
        addresses = [row["address"] for row in csv.DictReader(source)]
    attested = {host_of(address.split()[0]).removeprefix("www.") for address in addresses} | {
        host.removeprefix("www.") for host in ELSEWHERE
    }
    hosts = {host.removeprefix("www.") for portal in PORTALS for host in portal.hosts}
    assert hosts <= attested
