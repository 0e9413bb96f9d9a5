"""`nianbao rules off|on|severity|reset` and `nianbao findings list|dismiss|restore`, through the real command."""

import shutil
from pathlib import Path

import pytest

from monitor.assess import assess
from tests.monitor.cli.command import Said, nianbao
from tests.monitor.record.making import COUNTY, TOWN, World, at, shown
from tests.monitor.record.test_decisions import report

REASON = ("--reason", "县里已核实", "--by", "李四")
HERE = ("--county", COUNTY)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a record with one wrong report, judged, with its configuration."""
    world = World(tmp_path_factory.mktemp("judged"))
    world.crawl(at(1, 20), shown(TOWN, 2023, data=report()))
    world.ingest()
    world.configure(at(1, 21))
    assess(world.database, [world.portal], world.settings, at(1, 20, 12))
    world.database.close()
    return world.folder


@pytest.fixture
def config(judged: Path, tmp_path: Path) -> Path:
    """The configuration of a copy of that record."""
    shutil.copytree(judged, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "nianbao.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(str(judged), str(tmp_path)), encoding="utf-8")
    return file


def run(config: Path, *arguments: str) -> Said:
    """A command over the record."""
    return nianbao(*arguments, "--config", config)


def listed(config: Path, *arguments: str) -> list[dict[str, object]]:
    """The findings as data."""
    found: list[dict[str, object]] = run(config, "findings", "list", "--format", "json", *arguments).json
    return found


def one(config: Path) -> str:
    """The id of one finding."""
    return str(next(each["id"] for each in listed(config) if each["rule"] == "T3-01"))


def test_findings_are_listed_with_an_id_and_narrowed(config: Path) -> None:
    assert {each["rule"] for each in listed(config)} == {"T3-01", "T3-02", "T3-03", "N-02"}
    assert listed(config, "--rule", "T3-01", *HERE, "--organ", TOWN.code, "--year", "2023")[0]["counts"] is True
    assert listed(config, "--year", "2022") == []
    said = run(config, "findings", "list", "--rule", "T3-01")
    assert one(config) in said.out
    assert "云溪镇" in said.out


def test_a_finding_is_dismissed_shown_as_such_and_restored(config: Path) -> None:
    id = one(config)
    said = run(config, "findings", "dismiss", id, *REASON)
    assert said.status == 0
    assert f"已排除：{id}　T3-01" in said.out
    assert id not in {each["id"] for each in listed(config)}
    (now,) = [each for each in listed(config, "--all") if each["id"] == id]
    assert now["counts"] is False
    assert now["dismissed"] == {"by": "李四", "at": "2024-01-21T09:00:00+08:00", "reason": "县里已核实"}
    assert "经核实排除（李四，2024-01-21）：县里已核实" in run(config, "findings", "list", "--all").out
    assert run(config, "findings", "restore", id, "--reason", "核实有误", "--by", "王五").status == 0
    assert id in {each["id"] for each in listed(config)}
    history = run(config, "findings", "list", "--dismissed")
    assert "经核实排除（李四，2024-01-21）：县里已核实" in history.out
    assert "由 王五 收回：核实有误" in history.out
    (kept,) = run(config, "findings", "list", "--dismissed", "--format", "json").json
    assert kept["restored"]["by"] == "王五"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("findings", "dismiss", "1-000000", "--reason", "无"), "没有编号为 1-000000 的问题"),
        (("findings", "dismiss", "abc", "--reason", "无"), "“abc”不是问题的编号"),
        (("findings", "restore", "1-000000", "--reason", "无"), "没有编号为 1-000000 的排除"),
        (("findings", "list", "--county", "123456"), "没有县区代码 123456"),
        (("findings", "list", "--rule", "Q-01"), "没有规则 Q-01"),
        (("rules", "off", "Q-01", "--all-counties", "--reason", "无"), "没有规则 Q-01"),
        (("rules", "off", "N-01", "--reason", "无"), "二者取一"),
        (("rules", "off", "N-01", *HERE, "--all-counties", "--reason", "无"), "二者取一"),
        (("rules", "off", "N-01", "--county", "41", "--reason", "无"), "没有代码以 41 开头的县区"),
        (("rules", "off", "N-01", "--county", "4105", "--reason", "无"), "没有代码以 4105 开头的县区"),
        (("rules", "off", "N-01", "--county", "99030", "--reason", "无"), "没有县区代码 99030"),
        (("rules", "off", "N-01", *HERE, "--reason", "  "), "--reason 是空的"),
        (("rules", "off", "N-01", *HERE, "--reason", "无", "--by", " "), "--by 是空的"),
        (("rules", "off", "L-06", *HERE, "--reason", "无"), "不能停用"),
        (("rules", "severity", "L-01", "error", *HERE, "--reason", "无"), "不能加重"),
        (("rules", "severity", "D-03", "warning", *HERE, "--reason", "无"), "不能加重"),
        (("rules", "reset", "N-01", *HERE, "--reason", "无"), "单独调整"),
        (("rules", "list", "--county", "123456"), "没有县区代码 123456"),
    ],
)
def test_what_cannot_be_decided_is_one_line_with_the_remedy(
    config: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = run(config, *arguments)
    assert ended.status in (1, 2)
    assert said in ended.problem


def test_a_reason_must_be_given(config: Path) -> None:
    assert run(config, "rules", "off", "N-01", *HERE).status == 2
    assert run(config, "findings", "dismiss", one(config)).status == 2


def test_a_rule_is_switched_shown_and_reset(config: Path) -> None:
    assert run(config, "rules", "off", "T3-01", "--county", "9903", *REASON).status == 0
    assert "T3-01" not in {each["rule"] for each in listed(config)}
    (off,) = [each for each in listed(config, "--all") if each["rule"] == "T3-01"]
    assert off["switched_off"] == {
        "by": "李四",
        "at": "2024-01-21T09:00:00+08:00",
        "reason": "县里已核实",
        "place": "9903",
    }
    assert run(config, "rules", "severity", "T3-01", "warning", *HERE, *REASON).status == 0
    (now,) = listed(config, "--rule", "T3-01")
    assert (now["severity"], now["severity_of_the_rule"]) == ("warning", "error")
    here = {each["id"]: each for each in run(config, "rules", "list", *HERE, "--format", "json").json}
    assert here["T3-01"]["severity"] == "error"
    assert here["T3-01"]["here"] == {
        "county_code": COUNTY,
        "switched_on": True,
        "severity": "warning",
        "set": {
            "rule": "T3-01",
            "place": COUNTY,
            "setting": "warning",
            "by": "李四",
            "at": "2024-01-21T09:00:00+08:00",
            "reason": "县里已核实",
        },
    }
    assert here["N-01"]["here"]["set"] is None
    assert here["S-13"]["here"]["switched_on"] is False
    assert run(config, "rules", "reset", "T3-01", *HERE, "--reason", "恢复").status == 0
    assert listed(config, "--rule", "T3-01") == [], "what holds for the prefecture holds again"
    history = run(config, "rules", "list", "--history", *HERE)
    assert "代码 9903 开头的县区：规则 T3-01 停用（李四，2024-01-21）：县里已核实" in history.out
    assert "撤销或改动：恢复" in history.out
    assert [each["setting"] for each in run(config, "rules", "list", "--history", "--format", "json").json] == [
        "off",
        "warning",
    ]


def test_for_all_counties_and_on_again_for_one(config: Path) -> None:
    assert run(config, "rules", "off", "N-02", "--all-counties", *REASON).status == 0
    assert "N-02" not in {each["rule"] for each in listed(config)}
    assert run(config, "rules", "on", "N-02", *HERE, *REASON).status == 0
    assert "N-02" in {each["rule"] for each in listed(config)}
    said = run(config, "rules", "list", *HERE)
    assert f"县区 {COUNTY} 的调整" in said.out
    assert "启用" in said.out


def test_a_second_setting_for_a_place_replaces_the_first(config: Path) -> None:
    for weight in ("warning", "notice"):
        assert run(config, "rules", "severity", "T3-01", weight, *HERE, *REASON).status == 0
    assert run(config, "rules", "reset", "T3-01", *HERE, "--reason", "恢复").status == 0
    (now,) = listed(config, "--rule", "T3-01")
    assert now["severity"] == "error"


def test_on_a_narrow_terminal_findings_are_told_in_lines(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.cli.findings.NARROW", 10_000)
    said = run(config, "findings", "list", "--rule", "T3-01")
    assert f"{one(config)}　云溪镇　2023　T3-01　错误" in said.out


def test_everything_is_said_in_english_too(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_PEOPLE__LANGUAGE", "en")
    assert "switched off" in run(config, "rules", "off", "T3-01", *HERE, *REASON).out
    left = str(listed(config)[0]["id"])
    assert f"Dismissed: {left}" in run(config, "findings", "dismiss", left, *REASON).out
    assert "verified and dismissed" in run(config, "findings", "list", "--dismissed").out
