"""Settings: defaults, then ``nianbao.toml``, then environment variables ``NIANBAO_<SECTION>__<NAME>``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from crawler.clock import SHANGHAI, Clock


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(_Section):
    """Where the record lies. A relative path is relative to the configuration file's folder."""

    database: str = "sqlite:///var/nianbao.sqlite"
    captures: Path = Path("var/captures")


class CrawlSettings(_Section):
    """How portals are visited. ``request_interval`` in seconds, for each host."""

    portals: Path = Path("portals")
    request_interval: Annotated[float, Field(ge=0)] = 1.0
    user_agent: str = "Nianbao/0.1 (+https://example.org/nianbao; disclosure-report monitor)"
    contact: str = ""
    portals_at_once: Annotated[int, Field(ge=1, le=64)] = 4
    run_seconds: Annotated[float, Field(gt=0)] = 3600
    request_seconds: Annotated[float, Field(gt=0)] = 30
    largest_document: Annotated[int, Field(gt=0)] = 64 * 1024 * 1024
    obey_robots: bool = True
    allow_private_addresses: bool = False
    interval_days: Annotated[float, Field(gt=0)] = 1


class WatchSettings(_Section):
    """Which report years are watched; ``counties`` gives other years for single county codes."""

    years: list[int] = Field(default_factory=list)
    counties: dict[str, list[int]] = Field(default_factory=dict)
    due_rules: Path | None = None


class MailSettings(_Section):
    """The SMTP server. Without ``host`` no mail channel works. The password may come from a file."""

    host: str = ""
    port: int = 25
    sender: str = ""
    user: str = ""
    password: str = ""
    password_file: Path | None = None
    security: Literal["none", "starttls", "tls"] = "none"
    seconds: float = 20


class ChannelSettings(_Section):
    """One way to tell somebody: mail addresses or a webhook, for an audience, counties and severities."""

    name: str
    kind: Literal["mail", "webhook"]
    audience: Literal["oversight", "operator"] = "oversight"
    counties: list[str] = Field(default_factory=list)
    severities: tuple[Literal["error", "warning"], ...] = ("error", "warning")
    language: Literal["zh", "en"] = "zh"
    to: list[str] = Field(default_factory=list)
    address: str = ""
    secret: str = ""
    allow_private_addresses: bool = False


class NotifySettings(_Section):
    """Delivery: how often and how long a message is tried again (pauses grow from the first to the last)."""

    channels: list[ChannelSettings] = Field(default_factory=list)
    attempts: Annotated[int, Field(ge=1)] = 8
    first_pause_seconds: Annotated[float, Field(gt=0)] = 60
    longest_pause_seconds: Annotated[float, Field(gt=0)] = 6 * 3600

    @field_validator("channels")
    @classmethod
    def _names_differ(cls, channels: list[ChannelSettings]) -> list[ChannelSettings]:
        names = [channel.name for channel in channels]
        if len(set(names)) != len(names):
            raise ValueError("two channels have the same name")
        return channels


class ScheduleSettings(_Section):
    """When `nianbao serve` runs the main job: a crontab expression, in Asia/Shanghai."""

    main_job: str = "30 6 * * *"


class ClockSettings(_Section):
    """For the demo and trials only: the moment that counts as now."""

    now: datetime | None = None

    @field_validator("now")
    @classmethod
    def _in_shanghai(cls, moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=SHANGHAI) if moment and moment.tzinfo is None else moment


class Settings(BaseSettings):
    """All settings. Build them with :func:`load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix="NIANBAO_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=None
    )

    folder: Path = Field(default_factory=Path.cwd, exclude=True)
    store: StoreSettings = Field(default_factory=StoreSettings)
    crawl: CrawlSettings = Field(default_factory=CrawlSettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)
    mail: MailSettings = Field(default_factory=MailSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings)
    clock: ClockSettings = Field(default_factory=ClockSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file."""
        return (env_settings, init_settings)

    def make_clock(self) -> Clock:
        """The clock to go by."""
        return Clock.showing(self.clock.now) if self.clock.now else Clock()

    def path(self, relative: Path) -> Path:
        """A path of the configuration, made absolute against the configuration file's folder."""
        return relative if relative.is_absolute() else self.folder / relative
