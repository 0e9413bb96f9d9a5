"""`nianbao portals add` against portals on loopback: what is written, what is said, and what is refused."""

from __future__ import annotations

from _thread import interrupt_main
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.portals.definition import read_portal
from crawler.sandbox.families.content import Content
from crawler.sandbox.families.portals import ServedPortal, family_site, served
from tests.crawler.website import Reply, Seen, Website
from tests.monitor.cli.command import nianbao

COUNTY = "990101"
HEADER = "code,name,kind,county_code,county,prefecture,province\n"


def register(folder: Path, content: Content, *further: str) -> None:
    """A record with the organs of a portal in its register."""
    lines = [
        f"{organ.code},{organ.name},{organ.kind},{COUNTY},{organ.county},云山市,示例省\n"
        for organ in content.organs
    ]
    (folder / "organs.csv").write_text(HEADER + "".join(lines) + "".join(further), encoding="utf-8")
    assert nianbao("init").status == 0
    assert nianbao("organs", "import", folder / "organs.csv").status == 0


@pytest.fixture(autouse=True)
def configured(folder: Path) -> None:
    """Settings for portals on this machine, in the year after the newest reports of the sandbox."""
    (folder / "nianbao.toml").write_text(
        "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n"
        '[clock]\nnow = "2024-03-01T09:00:00+08:00"\n',
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def trs() -> Iterator[ServedPortal]:
    with served(family_site("trs")) as portal:
        yield portal


@pytest.mark.parametrize("entrance", ["home", "report"])
def test_a_portal_is_added_from_one_address_and_crawls_to_all_its_reports(
    folder: Path, trs: ServedPortal, entrance: str
) -> None:
    content = trs.site.content
    register(folder, content, f"{COUNTY}999,无报告镇,township,{COUNTY},{content.county},云山市,示例省\n")
    said = nianbao("portals", "add", trs.address(trs.site.entrances()[entrance]), "--county", COUNTY, "--id", "qh")
    assert (said.status, said.err) == (0, "")
    file = folder / "portals" / "qh.yaml"
    portal = read_portal(file)
    assert (portal.family, portal.hosts, portal.county_code) == ("trs", (trs.host,), COUNTY)
    assert portal.verified is None
    towns = {organ.code for organ in content.organs if organ.kind == "township"}
    own = {organ.code for organ in content.organs if organ.kind != "township"}
    assert {column.organ for column in portal.columns if column.organ} == own
    (flat,) = [column for column in portal.columns if not column.organ]
    assert set(flat.covers) == towns
    # Whoever publishes elsewhere is not accused, and a person is told of it.
    assert "没有见到报告的单位 1 个：无报告镇" in said.out
    assert f"对到 {len(towns) + len(own)} 个" in said.out
    assert "软件：TRS WCM（拓尔思）" in said.out
    text = file.read_text(encoding="utf-8")
    assert "尚未有人核对" in text
    assert all(organ.name in text for organ in content.organs)
    assert nianbao("crawl").status == 0
    assert nianbao("ingest").status == 0
    found = nianbao("completeness", "--year", "2022", "--format", "json").json
    states = {organ["name"]: organ["state"] for county in found["counties"] for organ in county["organs"]}
    assert states.pop("无报告镇") == "unverified"
    assert len(states) == len(content.organs)


def test_a_trial_leaves_nothing_in_the_record(folder: Path, trs: ServedPortal) -> None:
    said = nianbao("portals", "add", trs.address("/"), "--county", COUNTY)
    assert said.status == 0
    assert "没有名录" in said.problem
    assert [path.name for path in (folder / "portals").iterdir()] == [
        f"{trs.host.replace('.', '-').replace(':', '-')}.yaml"
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["nianbao.toml", "portals"]
    # Without a register nothing is proven of anybody.
    (file,) = (folder / "portals").iterdir()
    assert {column.covers for column in read_portal(file).columns} == {("none",)}


def test_an_existing_definition_is_never_touched(folder: Path, trs: ServedPortal) -> None:
    (folder / "portals").mkdir()
    file = folder / "portals" / "qh.yaml"
    file.write_text("my notes", encoding="utf-8")
    asked = len(trs.server.requests)
    said = nianbao("portals", "add", trs.address("/"), "--county", COUNTY, "--id", "qh")
    assert said.status in (1, 2)
    assert "qh" in said.err
    assert "Traceback" not in said.err
    assert file.read_text(encoding="utf-8") == "my notes"
    assert len(trs.server.requests) == asked


CHALLENGE = Reply(b"<html><script src='/4QbVtADbnLVIc/d.js'></script></html>", status=412)
FILE = Reply(b"%PDF-1.4 not a page", media_type="application/pdf")
EMPTY = Reply(b"<html><head></head><body></body></html>")
NEWS = "<html><head><title>要闻</title></head><body><ul>{}</ul></body></html>".format(
    "".join(f"<li><a href='/news/{number}.html'>今日要闻第{number}号</a></li>" for number in range(9))
)


@pytest.mark.parametrize(
    ("path", "reply", "told"),
    [
        ("/gone", Reply(b"<h1>404</h1>", status=404), "页面不存在（404）"),
        ("/", CHALLENGE, "被拦截或拒绝（412）"),
        ("/a.pdf", FILE, "是一个文件，不是网页"),
        ("/", EMPTY, "空白页面"),
        ("/", Reply(status=302, headers={"Location": "http://www.example.org/"}), "转到了另一个网站"),
        ("/", Reply(status=302, headers={"Location": "http://169.254.169.254/latest/"}), "转到了另一个网站"),
        ("/", Reply(status=302, headers={"Location": "/"}), "打不开"),
        ("/", NEWS, "没有找到能读出报告的年报栏目"),
    ],
)
def test_an_odd_entrance_is_one_clear_line_and_nothing_is_written(
    folder: Path, path: str, reply: Reply | str, told: str
) -> None:
    with Website({path: reply}) as site:
        said = nianbao("portals", "add", site.address + path, "--county", COUNTY)
    last = said.err.splitlines()[-1]
    assert said.status == 1
    assert told in last
    assert "Traceback" not in said.err
    assert [line for line in said.err.splitlines()[:-1] if "没有名录" not in line] == []
    assert not (folder / "portals").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("www.example.org", "--county", COUNTY), "不是网址"),
        (("http://www.example.org/", "--county", "9901"), "不是县区代码"),
        (("http://www.example.org/", "--county", COUNTY, "--id", "../etc"), "不能作编号"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_fetched(
    folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    said = nianbao("portals", "add", *arguments)
    assert said.status == 2
    assert told in said.problem


def test_a_private_address_is_refused_unless_the_operator_allowed_it(folder: Path) -> None:
    (folder / "nianbao.toml").write_text("[crawl]\nrequest_interval = 0\n", encoding="utf-8")
    with Website({"/": NEWS}) as site:
        said = nianbao("portals", "add", site.address + "/", "--county", COUNTY)
        assert site.seen == []
    assert said.status == 1
    assert "地址在内网" in said.err.splitlines()[-1]


def test_breaking_off_says_that_nothing_was_written(folder: Path) -> None:
    def interrupt(seen: Seen) -> Reply:
        interrupt_main()
        return Reply(b"<html><body>...</body></html>", pause=1.0)

    with Website({"/": interrupt}) as site:
        said = nianbao("portals", "add", site.address + "/", "--county", COUNTY, "--id", "off")
    assert said.status == 130
    assert "已中断；没有写任何文件" in said.err
    assert not (folder / "portals" / "off.yaml").exists()
