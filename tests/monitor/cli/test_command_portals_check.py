"""`nianbao portals check` of sites that have changed: what it says, and what it proposes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from crawler.portals.definition import read_portal
from crawler.sandbox.families.portals import family_site, served
from tests.crawler.website import Answers, Reply, Website, report_page, trs_list
from tests.monitor.cli.command import nianbao


@pytest.fixture(autouse=True)
def configured(folder: Path) -> None:
    (folder / "nianbao.toml").write_text(
        "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n"
        '[clock]\nnow = "2024-03-01T09:00:00+08:00"\n',
        encoding="utf-8",
    )
    (folder / "portals").mkdir()


def define(folder: Path, address: str, **fields: object) -> Path:
    """A definition of one column at an address."""
    host = address.split("/")[2]
    column = {"id": "nb", "name": "年报栏目", "address": address, "covers": ["none"]}
    given = {
        "id": "qh",
        "name": "青禾县",
        "county_code": "990101",
        "family": "trs",
        "hosts": [host],
        "columns": [column],
    }
    file = folder / "portals" / "qh.yaml"
    file.write_text(yaml.safe_dump({**given, **fields}, allow_unicode=True), encoding="utf-8")
    return file


def row(year: int, folder: str = ".") -> tuple[str, str, str]:
    """A row of a town's report."""
    link = f"{folder}/{year + 1}01/t{year + 1}0115_{year}.html"
    return link, f"甲镇{year}年政府信息公开工作年度报告", f"{year + 1}-01-15"


def pages(*rows: tuple[str, str, str], at: str = "/nb/") -> dict[str, Answers]:
    """A column of these rows with their reports."""
    found: dict[str, Answers] = {at: trs_list(list(rows))}
    return found | {at + link.removeprefix("./"): report_page(title) for link, title, _ in rows}


@pytest.mark.parametrize("name", ["epoint", "jpaas", "ucap_search", "gkmlpt"])
def test_software_that_lists_nothing_on_its_first_pages_is_not_told_to_have_changed(
    name: str, folder: Path
) -> None:
    with served(family_site(name)) as portal:
        right = {"id": "qh", **portal.site.definition(portal.host)}
        (folder / "portals" / "qh.yaml").write_text(yaml.safe_dump(right, allow_unicode=True), encoding="utf-8")
        said = nianbao("portals", "check")
    assert said.status == 0, said.out
    assert "认不出" not in said.out


def test_a_site_as_it_was_has_no_changes(folder: Path) -> None:
    with Website(pages(row(2022), row(2021))) as site:
        define(folder, f"{site.address}/nb/")
        said = nianbao("portals", "check")
    assert said.status == 0
    assert "定义有效" in said.out
    assert "建议" not in said.out


def test_a_site_that_moved_to_another_host_is_told_and_not_followed(folder: Path) -> None:
    with Website(pages(row(2022))) as new, Website() as old:
        old.pages["/nb/"] = Reply(status=301, headers={"Location": f"{new.address}/nb/"})
        file = define(folder, f"{old.address}/nb/")
        before = file.read_text(encoding="utf-8")
        said = nianbao("portals", "check", "qh")
        assert new.seen == []
        assert said.status == 1
        assert f"已转到没有登记的主机 {new.address}/nb/" in said.out
        assert f"nianbao portals add {new.address}/nb/ --county 990101 --id qh-2" in said.out
        assert "successor: qh-2" in said.out
        # What it says to do works.
        assert nianbao("portals", "add", f"{new.address}/nb/", "--county", "990101", "--id", "qh-2").status == 0
    assert file.read_text(encoding="utf-8") == before


def test_a_column_that_moved_on_the_site_is_found_again(folder: Path) -> None:
    with Website(pages(row(2022), row(2021), at="/new/zfxxgknb/")) as site:
        site.pages["/nb/"] = Reply(status=301, headers={"Location": "/new/zfxxgknb/"})
        file = define(folder, f"{site.address}/nb/")
        before = file.read_text(encoding="utf-8")
        said = nianbao("portals", "check", "--write")
    assert said.status == 1
    assert f"网址已改为 {site.address}/new/zfxxgknb/" in said.out
    proposed = folder / "portals" / "qh.yaml.proposed"
    (folder / "new.yaml").write_text(proposed.read_text(encoding="utf-8"), encoding="utf-8")
    portal = read_portal(folder / "new.yaml")
    assert [column.address for column in portal.columns] == [f"{site.address}/new/zfxxgknb/"]
    assert file.read_text(encoding="utf-8") == before
    assert "建议" not in nianbao("portals", "list").out


def test_a_site_with_other_software_is_told_with_the_new_definition(folder: Path) -> None:
    with served(family_site("ucap")) as portal:
        define(folder, portal.address(portal.site.entrances()["column"]))
        said = nianbao("portals", "check")
    assert said.status == 1
    assert "网站软件变了，页面现在像是 UCAP（开普）" in said.out
    assert "family: ucap" in said.out


def test_a_column_split_into_folders_of_years_is_told(folder: Path) -> None:
    menu = (
        "<ul class='years'><li><a href='/nb/2023n/'>2023年</a></li><li><a href='/nb/2022n/'>2022年</a></li></ul>"
    )
    site_pages = pages(row(2021), row(2020))
    listed = site_pages["/nb/"]
    assert isinstance(listed, str)
    site_pages["/nb/"] = listed.replace("<body>", f"<body>{menu}")
    site_pages |= pages(row(2023), at="/nb/2023n/")
    site_pages |= pages(row(2022), at="/nb/2022n/")
    with Website(site_pages) as site:
        # Software of which nobody knows that it has such folders: the list alone is read.
        define(folder, f"{site.address}/nb/", family="ucap")
        said = nianbao("portals", "check")
    assert said.status == 1
    assert "已分出 2022、2023 年的文件夹" in said.out
    proposed = yaml.safe_load(said.out.partition("旁边）：\n")[2])
    # The software is TRS after all, which follows its folders of years by itself, those of years to come too.
    assert proposed["family"] == "trs"
    assert [column["address"] for column in proposed["columns"]] == [f"{site.address}/nb/"]
    assert "2020–2023" in said.out


def test_a_blocked_site_has_not_changed_as_far_as_we_know(folder: Path) -> None:
    with Website({"/nb/": Reply(b"<html><script>x</script></html>", status=412)}) as site:
        define(folder, f"{site.address}/nb/")
        said = nianbao("portals", "check")
    assert said.status == 1
    assert "网站拒绝访问" in said.out
    assert "建议" not in said.out
