"""The files in deploy/ name only what is there: sources, commands, settings, ports, units."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.cli.application import application
from monitor.settings import WebSettings, load_settings
from monitor.web.health import ROUTES
from tests.monitor.cli.command import working_in

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
UNITS = sorted((DEPLOY / "systemd").iterdir())
PORT = WebSettings().port


def commands() -> set[str]:
    """The commands of nianbao."""
    app = application()
    return {str(one.name) for one in app.registered_commands} | {str(one.name) for one in app.registered_groups}


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M).replace("\\\n", " ")
    found = [line.split(None, 1) for line in text.splitlines() if line.strip()]
    return [(name, arguments) for name, arguments in found]


def test_the_dockerfile_copies_what_is_there_and_what_is_not_ignored() -> None:
    sources = [source for name, given in instructions() if name == "COPY" for source in given.split()[:-1]]
    assert {"monitor", "crawler", "parsers", "pyproject.toml"} <= set(sources)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in sources:
        assert list(ROOT.glob(source)), f"{source} is not there"
        assert source in allowed, f"{source} is left out by .dockerignore"


def test_the_dockerfile_knows_only_docker_and_installs_by_digest() -> None:
    known = {"FROM", "ARG", "RUN", "COPY", "USER", "WORKDIR", "VOLUME", "ENV", "EXPOSE", "HEALTHCHECK"}
    known |= {"STOPSIGNAL", "ENTRYPOINT", "CMD"}
    found = instructions()
    assert {name for name, _ in found} <= known
    installs = [given for name, given in found if name == "RUN" and "pip install" in given]
    assert all("--require-hashes" in given or "--no-deps" in given for given in installs)
    order = [name for name, _ in found]
    assert order.index("USER") > max(place for place, name in enumerate(order) if name == "RUN")
    given = dict(found)
    assert given["ENTRYPOINT"] == '["nianbao"]'
    assert given["CMD"] == '["serve"]'
    assert given["EXPOSE"] == str(PORT)
    assert f"127.0.0.1:{PORT}{ROUTES[0].path}" in given["HEALTHCHECK"]
    default = next(given for name, given in found if name == "ARG" and given.startswith("REQUIREMENTS="))
    assert (ROOT / default.partition("=")[2]).exists()


def test_package_data_covers_every_file_of_the_rooms() -> None:
    """A container has what is installed, not the checkout: what is not declared would be missing there."""
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    listing = subprocess.run(["git", "ls-files", *declared], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("this is not a git checkout, so there is no list of files")
    left_out = []
    for name in listing.stdout.splitlines():
        room, _, inside = name.partition("/")
        if not inside.endswith(".py") and not any(
            Path(inside).match(pattern.removeprefix("**/")) for pattern in declared[room]
        ):
            left_out.append(name)
    assert left_out == []


def services() -> dict[str, Any]:
    """The services of the compose file."""
    content = yaml.safe_load((DEPLOY / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    found: dict[str, Any] = content["services"]
    return found


def test_the_services_run_commands_that_are_there_and_set_what_can_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(services()) == {"database", "init", "web", "worker"}
    for name, service in services().items():
        if name == "database":
            continue
        assert service["command"][0] in commands()
        assert (DEPLOY / "docker" / service["build"]["context"]).resolve() == ROOT
        assert ROOT / service["build"]["dockerfile"] == DOCKERFILE
        with working_in(tmp_path):
            for variable, value in service["environment"].items():
                filled = re.sub(r"\$\{\w+:\?[^}]*\}", "x" * 48, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))
                monkeypatch.setenv(variable, filled)
            settings = load_settings()
        assert settings.store.database.startswith("postgresql://nianbao:xxx")
    assert services()["web"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"], "only the proxy on this machine reaches it"


def test_every_variable_of_the_compose_file_stands_in_the_example() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", (DEPLOY / "docker" / "compose.yaml").read_text(encoding="utf-8")))
    example = (DEPLOY / "docker" / "example.env").read_text(encoding="utf-8")
    assert wanted == set(re.findall(r"^(\w+)=", example, re.M))


def started(unit: Path) -> Iterator[list[str]]:
    """The commands of a unit."""
    for line in re.findall(r"^ExecStart=(.+)$", unit.read_text(encoding="utf-8"), re.M):
        yield line.split()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_commands_that_are_there(unit: Path) -> None:
    if unit.suffix == ".timer":
        assert unit.with_suffix(".service") in UNITS
        return
    for program, command, *_ in started(unit):
        assert program == "/srv/nianbao/.venv/bin/nianbao"
        assert command in commands()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        # The programs are not where the units have them: systemd asks for one that can be run.
        text = unit.read_text(encoding="utf-8").replace("/srv/nianbao/.venv/bin/nianbao", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stderr.splitlines() if "nianbao" in line]
    assert (done.returncode, told) == (0, [])


def test_the_proxy_leads_to_the_pages_and_keeps_the_figures_in() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert f"proxy_pass http://127.0.0.1:{PORT};" in text
    assert re.search(r"location = /metrics \{\s*return 404;", text)
    assert text.count("{") == text.count("}")
