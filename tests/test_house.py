"""The rules of the house that a machine can check: one-way arrows, where SQL and the clock live, clean files."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("parsers", "crawler", "monitor")
MAY_NOT_IMPORT = {"parsers": {"crawler", "monitor"}, "crawler": {"monitor"}, "monitor": set[str]()}


def modules(room: str) -> Iterator[Path]:
    """Every Python file of a room."""
    return (ROOT / room).rglob("*.py")


def imported(path: Path) -> set[str]:
    """Full names of the modules a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


def tracked_files() -> list[Path]:
    """The text files under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if listing == [""]:
        pytest.skip("this is not a git checkout, so there is no list of tracked files")
    return [ROOT / name for name in listing if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imported(path)
        if name.split(".")[0] in MAY_NOT_IMPORT[room]
    ]
    assert not wrong


def test_parsers_have_no_network_database_or_settings() -> None:
    forbidden = {
        "socket",
        "http",
        "urllib.request",
        "sqlite3",
        "sqlalchemy",
        "scrapy",
        "httpx2",
        "pydantic_settings",
    }
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("parsers")
        for name in imported(path)
        if name in forbidden or name.split(".")[0] in forbidden
    ]
    assert not wrong


def test_only_the_clock_tells_the_time() -> None:
    asking = re.compile(r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(")
    wrong = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in modules(room)
        if path != ROOT / "crawler" / "clock.py" and asking.search(path.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_only_the_store_writes_sql() -> None:
    statements = {"select", "insert", "update", "delete", "text"}
    wrong = []
    for path in modules("monitor"):
        if path.is_relative_to(ROOT / "monitor" / "store"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                found = statements & {alias.name for alias in node.names}
                if found:
                    wrong.append(f"{path.relative_to(ROOT)} imports {sorted(found)} from {node.module}")
    assert not wrong


def test_pages_and_api_read_the_record_through_the_access_layer_alone() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for room in ("web", "api")
        for path in modules(f"monitor/{room}")
        for name in imported(path)
        if name.startswith("monitor.store")
    ]
    assert not wrong, "monitor.access asks the scope of the reader first"


def test_what_is_shared_by_a_module_for_both_databases_is_made_for_each() -> None:
    makes = re.compile(r'^@pytest\.fixture\(scope="module"\)\ndef (\w+)\((.*)\)', re.MULTILINE)
    wrong = [
        f"{path.relative_to(ROOT)}: {name} does not ask for engine"
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search("^pytestmark = .*both_databases", text := path.read_text(encoding="utf-8"), re.MULTILINE)
        for name, asked in makes.findall(text)
        if "tmp_path_factory" in asked and "engine" not in asked
    ]
    assert not wrong, "its tests on PostgreSQL would go on with the SQLite of those before them"


def test_tracked_files_name_no_machine_path_and_no_registry_host() -> None:
    pattern = re.compile(
        rb"(?<![A-Za-z0-9_.])/(?:"
        + rb"work|farm|opt"
        + rb")/|py"
        + rb"pi\.org|python"
        + rb"hosted|registry\.npm"
        + rb"js"
    )
    wrong = [str(path.relative_to(ROOT)) for path in tracked_files() if pattern.search(path.read_bytes())]
    assert not wrong


def test_locked_requirements_carry_hashes_and_no_address() -> None:
    for name in ("requirements.txt", "requirements-development.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, f"{name} names an address"
        packages = re.findall(r"^[a-z0-9][^\s=]*==", text, re.MULTILINE)
        assert packages, f"{name} locks nothing"
        assert text.count("--hash=sha256:") >= len(packages), f"{name} has a package without a hash"


def test_every_public_function_and_class_says_what_it_is() -> None:
    wrong = []
    for room in ROOMS:
        for path in modules(room):
            if "versions" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in [tree, *tree.body]:
                if isinstance(node, ast.Module):
                    if node.body and not ast.get_docstring(node):
                        wrong.append(f"{path.relative_to(ROOT)}: the module")
                elif (
                    isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                    and not node.name.startswith("_")
                    and not ast.get_docstring(node)
                ):
                    wrong.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert not wrong


def test_bandit_finds_nothing() -> None:
    """What it leaves out stands in pyproject.toml, each with its reason."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", *ROOMS]
    looked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert looked.returncode == 0, looked.stdout + looked.stderr
