"""`nianbao due list`: which rule holds for whom, with source and reason."""

import json
from pathlib import Path

import pytest

from tests.monitor.cli.command import nianbao

ORGANS = (
    "code,name,kind,county_code,county,prefecture\n"
    "431202101,云溪镇,township,431202,鹤城区,怀化市\n"
    "431202102,石桥镇,township,431202,鹤城区,怀化市\n"
    "431202,鹤城区人民政府,county,431202,鹤城区,怀化市\n"
    "11431202000000001X,鹤城区财政局,department,431202,鹤城区,怀化市\n"
)
RULES = """
rules:
  - {id: own, places: ["431202"], due: [1, 20], severity: warning, name: 本区要求, source: 区政府办通知}
  - {id: late, organs: ["431202102"], due: [2, 20], severity: warning, name: 迁址展期, source: 区政府办批复}
"""


@pytest.fixture(autouse=True)
def record(folder: Path) -> None:
    """A record with the organs of a county, and rules of its own."""
    assert nianbao("init").status == 0
    (folder / "organs.csv").write_text(ORGANS, encoding="utf-8")
    assert nianbao("organs", "import", folder / "organs.csv").status == 0


def own_rules(folder: Path, text: str = RULES) -> None:
    """The rules named in the settings."""
    (folder / "due.yaml").write_text(text, encoding="utf-8")
    settings = folder / "nianbao.toml"
    found = settings.read_text(encoding="utf-8")
    settings.write_text(found.replace("[watch]", '[watch]\ndue_rules = "due.yaml"'), encoding="utf-8")


def test_one_line_for_each_kind_and_each_organ_that_a_rule_names(folder: Path) -> None:
    own_rules(folder)
    rows = json.loads(nianbao("due", "list", "--year", "2023", "--format", "json").out)
    told = {(row["kind"], row["organ_code"]): (row["due"], row["rule"], row["basis"]) for row in rows}
    assert told == {
        ("county", None): ("2024-03-31", "governments", "statute"),
        ("department", None): ("2024-01-31", "departments", "statute"),
        ("township", None): ("2024-01-20", "own", "local"),
        ("township", "431202102"): ("2024-02-20", "late", "local"),
    }
    (office,) = (row for row in rows if row["kind"] == "department")
    assert (office["beside"]["rule"], office["beside"]["on"], office["beside"]["earlier"]) == (
        "own",
        "2024-01-20",
        True,
    )
    (one,) = (row for row in rows if row["organ_code"])
    assert (one["organ"], one["over"]) == ("石桥镇", ["own", "grassroots"])


def test_what_people_read(folder: Path) -> None:
    own_rules(folder)
    out = nianbao("due", "list", "--year", "2021", "--county", "431202", "--kind", "county").out
    assert all(
        word in out
        for word in ("鹤城区（431202）", "2022-03-31", "法定", "第四十九条第二款", "2022-01-20", "不算逾期")
    )
    assert "部门" not in out


def test_without_organs_the_rules_for_everywhere(folder: Path) -> None:
    (folder / "empty").mkdir()
    for line in nianbao("due", "list", "--year", "2023", "--kind", "zone").out.splitlines():
        assert "全国" in line
    assert nianbao("due", "list", "--year", "1999").status == 2
    assert nianbao("due", "list", "--county", "990399").status == 2
    assert nianbao("due", "list", "--kind", "village").status == 2


def test_a_contradiction_is_one_line_with_both_ids(folder: Path) -> None:
    own_rules(folder, RULES.replace('organs: ["431202102"]', 'places: ["431202"]'))
    said = nianbao("due", "list")
    assert said.status == 2
    (line,) = said.err.splitlines()
    assert "“own”和“late”" in line
