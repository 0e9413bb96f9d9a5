"""What portals write reaches a terminal as text: no escape sequence of theirs is obeyed."""

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from crawler.records import Capture
from monitor.assess import assess
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import TOWN, Shown, World, at, page

OWNED = "\x1b]0;owned\x07\x9b31m\u202e"
SIGNS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


class HostileWorld(World):
    """Whose server writes escape sequences into its headers."""

    def capture(self, sequence: int, one: Shown, moment: datetime) -> Capture:
        return replace(super().capture(sequence, one, moment), headers={"server": f"nginx{OWNED}"})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A report whose cells and title hold escape sequences."""
    world = HostileWorld(tmp_path_factory.mktemp("terminal"))
    text = page(TOWN, 2023, date(2024, 4, 20)).decode()
    text = re.sub(r"(?<=>)(\d+)(?=</td>)", rf"7\1{OWNED}", text)
    text = text.replace("云溪镇人民政府", f"云溪镇人民政府{OWNED}")
    title = f"云溪镇{OWNED}2023年政府信息公开工作年度报告"
    world.crawl(at(4, 20), Shown("/nb/1.html", text.encode(), title))
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(4, 21), workers=1)
    world.configure(at(4, 21))
    return world


def test_no_command_hands_a_terminal_what_portals_wrote_to_steer_it(world: World) -> None:
    config = ("--config", world.folder / "nianbao.toml")
    alerts = nianbao("alerts", "list", "--format", "json", *config).json
    captures = nianbao("captures", "list", "--format", "json", *config).json
    assert alerts
    assert captures
    told = [
        *(nianbao("alerts", "show", str(alert["id"]), *config) for alert in alerts),
        nianbao("alerts", "list", *config),
        *(nianbao("captures", "show", str(one["id"]), *config) for one in captures),
        *(nianbao("captures", "show", str(one["id"]), "--format", "json", *config) for one in captures),
        nianbao("captures", "list", *config),
        nianbao("completeness", "--year", "2023", *config),
    ]
    said = "".join(one.out + one.err for one in told)
    assert "nginx" in said
    assert "owned" in said
    assert not SIGNS.findall(said)
    # What is for programs says all of it.
    headers = nianbao("captures", "show", str(captures[0]["id"]), "--format", "json", *config).json["headers"]
    assert headers == {"server": f"nginx{OWNED}"}
