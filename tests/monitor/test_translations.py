"""Every text for people has its English, and the compiled catalogue is that of the texts in the code."""

import subprocess
import sys
from pathlib import Path

from monitor.language import LOCALES, translate

ROOT = Path(__file__).parents[2]


def test_every_text_has_its_english_and_nothing_is_stale() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "script" / "translations", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert checked.returncode == 0, checked.stderr


def test_wrong_use_is_told() -> None:
    wrong = subprocess.run(
        [sys.executable, ROOT / "script" / "translations", "--nonsense"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert wrong.returncode == 2
    assert "usage" in wrong.stderr


def test_the_compiled_catalogue_speaks() -> None:
    assert (LOCALES / "en" / "LC_MESSAGES" / "nianbao.mo").is_file()
    assert translate("未公布", "en") == "Missing"
    assert translate("第 {number} 行", "en", {"number": 3}) == "row 3"
    assert translate("未公布") == "未公布"
    assert translate("这句话不在目录里", "en") == "这句话不在目录里"
