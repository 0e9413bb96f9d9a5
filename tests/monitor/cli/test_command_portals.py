"""`nianbao portals`: the definitions, and the dry pass over real servers on loopback."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from crawler.sandbox.sandbox import Sandbox
from tests.monitor.cli.command import nianbao


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Portals on loopback, after the deadline; one of them answers a challenge page."""
    with Sandbox() as served:
        served.today = date(2024, 2, 5)
        yield served


@pytest.fixture
def portals(folder: Path, sandbox: Sandbox) -> Path:
    """A working folder with the sandbox's definitions."""
    (folder / "nianbao.toml").write_text(
        "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n", encoding="utf-8"
    )
    sandbox.write_portals(folder / "portals")
    return folder


def test_list_names_the_portals_with_their_columns(portals: Path, sandbox: Sandbox) -> None:
    said = nianbao("portals", "list")
    assert said.status == 0
    for portal in sandbox.portals:
        assert portal.id in said.out


def test_the_definitions_that_come_along_are_listed_with_how_to_use_them(portals: Path) -> None:
    said = nianbao("portals", "list", "--shipped")
    assert said.status == 0
    assert "410526  huaxian-410526  滑县人民政府  www.hnhx.gov.cn" in said.out
    assert f"复制到 {portals / 'portals'}" in said.out
    assert "chengxi" not in said.out


def test_check_says_of_each_portal_whether_it_still_works_and_keeps_nothing(portals: Path) -> None:
    said = nianbao("portals", "check")
    assert said.status == 1
    assert "没有名录" in said.problem
    assert "（chengxi）：定义有效" in said.out
    assert "（lanqiao）：需要检查" in said.out
    assert "网站拒绝访问" in said.out
    assert sorted(path.name for path in portals.iterdir()) == ["nianbao.toml", "portals"]


def test_check_of_one_that_works_is_status_0(portals: Path) -> None:
    said = nianbao("portals", "check", "chengxi")
    assert said.status == 0
    assert "lanqiao" not in said.out


def test_check_names_the_organs_that_a_column_would_accuse(portals: Path) -> None:
    header = "code,name,kind,county_code,county,prefecture\n"
    towns = [f"99010110{number},第{number}镇,township,990101,澄溪县,溪州市\n" for number in range(1, 8)]
    other = "990102101,外县镇,township,990102,外县,溪州市\n"
    (portals / "organs.csv").write_text(header + "".join(towns) + other, encoding="utf-8")
    assert nianbao("init").status == 0
    assert nianbao("organs", "import", portals / "organs.csv").status == 0
    said = nianbao("portals", "check", "chengxi")
    assert (said.status, said.err) == (0, "")
    assert "该栏目被视为 7 个单位的年报栏目：第1镇、第2镇、第3镇、第4镇、第5镇 等；在别处公布的单位" in said.out
    assert "没有对应名录中的任何单位" in said.out
    assert "外县镇" not in said.out


def test_an_unknown_portal_is_one_line_with_those_that_exist(portals: Path) -> None:
    said = nianbao("portals", "check", "atlantis")
    assert said.status == 2
    assert "atlantis" in said.problem
    assert "chengxi" in said.problem


def test_without_definitions_it_says_where_they_belong(folder: Path) -> None:
    for arguments in (("crawl",), ("run",), ("portals", "check")):
        said = nianbao(*arguments)
        assert said.status == 2
        assert str(folder / "portals") in said.problem
        assert "请先运行 nianbao portals add 网址 --county" in said.problem
    said = nianbao("portals", "list")
    assert (said.status, said.err) == (0, "")
    assert "nianbao portals add" in said.out


def test_a_broken_definition_is_named(portals: Path) -> None:
    (portals / "portals" / "broken.yaml").write_text("id: broken\n", encoding="utf-8")
    said = nianbao("portals", "list")
    assert said.status == 1
    assert "chengxi" in said.out
    assert all("broken.yaml" in line and "门户定义有错" in line for line in said.err.splitlines())
    assert "broken.yaml name：缺少这一项；请补上" in said.err
    for path in (portals / "portals").iterdir():
        path.write_text("id: broken\n", encoding="utf-8")
    for arguments in (("portals", "list"), ("portals", "check"), ("crawl",)):
        said = nianbao(*arguments)
        assert said.status in (1, 2)
        assert "broken.yaml" in said.err
        assert "Traceback" not in said.err
        assert "没有门户定义" not in said.out + said.err
