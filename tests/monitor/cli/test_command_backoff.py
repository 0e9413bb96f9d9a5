"""A portal that keeps failing, through the command: left out, told until when, and visited at once when named."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.crawler.website import Reply, Website, trs_site
from tests.monitor.cli.command import Said, nianbao

PORTAL = """id: {id}
name: {id}县人民政府
county_code: "990101"
family: trs
hosts: ["{host}"]
request_interval: 0
columns:
  - id: nb
    name: 年报
    address: {address}/nb/
    covers: [township]
"""


def on(folder: Path, day: date, *arguments: str, more: str = "") -> Said:
    """A command at nine o'clock of a day."""
    (folder / "nianbao.toml").write_text(
        f"[crawl]\nallow_private_addresses = true\n{more}\n[clock]\nnow = {day}T09:00:00\n", encoding="utf-8"
    )
    return nianbao(*arguments)


def line_of(said: Said, portal: str) -> str:
    """What the command said of a portal."""
    (line,) = [line for line in said.out.splitlines() if f"（{portal}）" in line]
    return line


@pytest.mark.parametrize(
    ("first", "left_out"), [(date(2024, 6, 3), True), (date(2024, 1, 29), False)], ids=["usual", "near a due date"]
)
def test_a_portal_that_keeps_failing_is_left_out_and_told(folder: Path, first: date, left_out: bool) -> None:
    with Website({"/nb/": Reply(b"no", 403)}) as bad, Website(trs_site([1])) as good:
        (folder / "portals").mkdir()
        for id, site in (("bad", bad), ("good", good)):
            text = PORTAL.format(id=id, host=site.host, address=site.address)
            (folder / "portals" / f"{id}.yaml").write_text(text, encoding="utf-8")
        assert on(folder, first, "init").status == 0
        for day in range(3):
            said = on(folder, first + timedelta(days=day), "crawl")
            assert "blocked" in line_of(said, "bad")
        bad.seen.clear()
        good.seen.clear()
        fourth = on(folder, first + timedelta(days=3), "crawl")
        assert fourth.status == 1
        assert good.seen
        assert ("暂不访问" in line_of(fourth, "bad")) == left_out == (not bad.seen)
        if left_out:
            assert "2024-06-07 09:00" in line_of(fourth, "bad")
            at_once = on(folder, first + timedelta(days=3), "crawl", "--portal", "bad")
            assert "blocked" in line_of(at_once, "bad")
            assert bad.seen
            bad.seen.clear()
            assert "暂不访问" in line_of(on(folder, first + timedelta(days=4), "run"), "bad")
            always = on(folder, first + timedelta(days=4), "crawl", more="backoff_days = []")
            assert "blocked" in line_of(always, "bad")
            # Its next visit is well, and so it is visited at every pass again.
            bad.pages = trs_site([1])
            assert "collected" in line_of(on(folder, first + timedelta(days=5), "crawl", "--portal", "bad"), "bad")
            assert "unchanged" in line_of(on(folder, first + timedelta(days=6), "crawl"), "bad")
