"""What the demo plays on: the moments of the season, and the folder with configuration, portals and register."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from crawler.clock import SHANGHAI
from crawler.sandbox.sandbox import Sandbox
from crawler.sandbox.season import REPORT_YEARS
from crawler.sandbox.seeds import SEEDS
from monitor.language import N_, spoken_language
from monitor.settings import CONFIGURATION_NAME, Settings

REGISTER_NAME = "organs.csv"


@dataclass(frozen=True, slots=True)
class Moment:
    """One pass of the demo: when it is, what it is called, and what it shows."""

    at: datetime
    name: str
    shows: str


def _at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=SHANGHAI)


MOMENTS = (
    Moment(
        _at(1, 20),
        N_("期限之前"),
        N_("期限是 1 月 31 日，还没有到：先看已经公布的报告有没有问题。"),
    ),
    Moment(
        _at(2, 2),
        N_("期限之后"),
        N_("期限已过，有的单位没有公布。现在只能说“无法核实”：要在两个不同的日子完整抓取过栏目，才能说未公布。"),
    ),
    Moment(
        _at(2, 3),
        N_("再过一天"),
        N_("第二个日子也完整抓取了栏目：没有公布的单位可以确认。"),
    ),
    Moment(
        _at(2, 3, 15),
        N_("同一天再运行一遍"),
        N_("什么都没有变：不再有新的提醒，也不再发邮件。"),
    ),
    Moment(
        _at(3, 5),
        N_("一个月以后"),
        N_("补交、倒签、撤下、改动的都显现出来；补交和更正了的，提醒自动了结。"),
    ),
)


class DemoSettings(Settings):
    """Settings that do not look at the environment: the demo never touches the real record."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given."""
        return (init_settings,)


def demo_configuration(
    mail_port: int, webhook_address: str, secret: str, web: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The content of the demo's ``nianbao.toml`` at one moment; ``web`` is its section of that name."""
    office = {"name": "office", "kind": "mail", "audience": "oversight", "to": ["office@example.org"]}
    operators = {"name": "operators", "kind": "mail", "audience": "operator", "to": ["operators@example.org"]}
    desk = {
        "name": "desk",
        "kind": "webhook",
        "audience": "oversight",
        "address": webhook_address,
        "secret": secret,
        "allow_private_addresses": True,
    }
    return {
        "crawl": {"request_interval": 0.0, "allow_private_addresses": True},
        "watch": {
            "years": list(REPORT_YEARS),
            "counties": {seed.organ.county_code: [seed.report_year] for seed in SEEDS},
            # A month passes between the last two passes: what is gone then has no second one to be missed in.
            "removed_passes": 1,
        },
        "mail": {"host": "127.0.0.1", "port": mail_port, "sender": "nianbao@example.org"},
        "notify": {"channels": [office, operators, desk]},
        "web": web,
        "people": {"language": spoken_language()},
        "clock": {"now": now},
    }


def _toml_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml_value(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def as_toml(configuration: dict[str, Any]) -> str:
    """Sections of plain values as TOML. Text is written as JSON writes it, which TOML reads alike."""
    sections = []
    for section, values in configuration.items():
        lines = [f"{name} = {_toml_value(value)}" for name, value in values.items()]
        sections.append("\n".join([f"[{section}]", *lines]))
    return "\n\n".join(sections) + "\n"


def set_up(folder: Path, sandbox: Sandbox) -> None:
    """Writes the portal definitions and the register of the sandbox into the folder."""
    sandbox.write_portals(folder / "portals")
    (folder / REGISTER_NAME).write_text(sandbox.organs_csv(), encoding="utf-8")


def settings_of(folder: Path, configuration: dict[str, Any]) -> DemoSettings:
    """The settings that a configuration in the folder gives."""
    return DemoSettings(**configuration).model_copy(update={"folder": folder.resolve()})


def configure(folder: Path, configuration: dict[str, Any]) -> DemoSettings:
    """Writes ``nianbao.toml`` into the folder, for whoever wants to look closer, and gives the same settings."""
    (folder / CONFIGURATION_NAME).write_text(as_toml(configuration), encoding="utf-8")
    return settings_of(folder, configuration)
