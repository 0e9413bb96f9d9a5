"""docs/judging.md says what the rules say: its tables are theirs, and it names every state, flag and rule."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.completeness.figures import FLAG_NAMES, STATE_NAMES
from monitor.rules.catalogue import RULES, TOLD_ELSEWHERE
from monitor.rules.timeliness import TIMELINESS_RULES
from tests.shared import SHARED

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "judging.md").read_text(encoding="utf-8")
IDS = [rule.id for rule in RULES] + [rule.id for rule in TIMELINESS_RULES]


def judging(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    return subprocess.run(
        [sys.executable, ROOT / "script" / "judging", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_tables_are_what_the_rules_say() -> None:
    checked = judging("--check")
    assert checked.returncode == 0, checked.stderr


def test_wrong_use_is_told() -> None:
    wrong = judging("--nonsense")
    assert (wrong.returncode, "usage" in wrong.stderr) == (2, True)


@pytest.mark.parametrize("state", STATE_NAMES)
def test_every_state_is_told_with_its_name(state: str) -> None:
    assert f"| `{state}` | {STATE_NAMES[state]} |" in PAGE  # type: ignore[index]


@pytest.mark.parametrize("flag", FLAG_NAMES)
def test_every_flag_is_told_with_its_name(flag: str) -> None:
    assert f"| `{flag}` | {FLAG_NAMES[flag]} |" in PAGE


def test_every_rule_stands_once_and_none_that_is_told_elsewhere() -> None:
    rows = re.findall(r"^\| ([A-Z]\d?-\d\d) \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted([*IDS, *TOLD_ELSEWHERE])


def test_every_check_of_the_catalogue_is_a_rule_or_told_elsewhere() -> None:
    catalogue = SHARED / "domain.md"
    if not catalogue.is_file():
        pytest.skip("the catalogue of checks is not here: no folder shared/ beside the project")
    text = catalogue.read_text(encoding="utf-8")
    part = text[text.index("# 4. CHECK CATALOGUE") : text.index("# 5. THE FIVE SEEDS")]
    named = set(re.findall(r"^\| ([A-Z]\d?-\d\d)", part, re.MULTILINE))
    assert len(named) > 80
    assert named <= {*IDS, *TOLD_ELSEWHERE}
