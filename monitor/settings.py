"""Settings: defaults, then ``nianbao.toml``, then environment variables ``NIANBAO_<SECTION>__<NAME>``.

The nearer one wins, setting by setting: a variable for one name of a section leaves the file's other names alone.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, time, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentSettingsError

from crawler.clock import SHANGHAI, Clock
from monitor.language import N_, spoken_language, translate
from monitor.system_words import reason_of

CONFIGURATION_VARIABLE = "NIANBAO_CONFIG"
CONFIGURATION_NAME = "nianbao.toml"
PREFIX = "NIANBAO_"
DELIMITER = "__"


class SettingsError(ValueError):
    """The configuration cannot be used; ``problems`` are readable lines that name the setting and the remedy."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_STORE = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]+)*")


def _store_address(address: str) -> str:
    """The address of a bucket or a folder in it, without a slash at its end. Raises ValueError."""
    address = address.rstrip("/")
    if address and not _STORE.fullmatch(address):
        raise ValueError(_say(N_("应为 s3://桶/前缀，例如 s3://nianbao/captures；留空则存放在 captures 目录")))
    return address


def _service_address(address: str) -> str:
    """The address of a storage service. Raises ValueError where it is none, or holds a key."""
    parts = urlsplit(address)
    if address and (
        parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query
    ):
        raise ValueError(_say(N_("应为存储服务的地址，例如 https://s3.example.org；密钥请写在 bodies_key_file")))
    return address.rstrip("/")


class StoreSettings(_Section):
    """Where the record lies. A relative path is relative to the configuration file's folder.

    ``bodies``: the S3-compatible store of what was fetched, ``s3://bucket/prefix``; empty: under ``captures`` too.
    Its key stands in ``bodies_key_file`` or in the environment, never here (crawler.stores).
    """

    database: str = "sqlite:///var/nianbao.sqlite"
    captures: Path = Path("var/captures")
    bodies: Annotated[str, AfterValidator(_store_address)] = ""
    bodies_endpoint: Annotated[str, AfterValidator(_service_address)] = ""
    bodies_key_file: Path | None = None
    bodies_naming: Literal["path", "host"] = "path"


class CrawlSettings(_Section):
    """How portals are visited. ``request_interval`` in seconds, for each host. Backing off: monitor.backoff.

    ``interval_days``: how often, where not `nianbao serve` but something else sees to it (None: by the season).
    """

    portals: Path = Path("portals")
    request_interval: Annotated[float, Field(ge=0)] = 1.0
    user_agent: str = "Nianbao/0.1 (+https://example.org/nianbao; disclosure-report monitor)"
    contact: str = ""
    portals_at_once: Annotated[int, Field(ge=1, le=1000)] = 40
    run_seconds: Annotated[float, Field(gt=0)] = 3600
    request_seconds: Annotated[float, Field(gt=0)] = 30
    largest_document: Annotated[int, Field(gt=0)] = 64 * 1024 * 1024
    obey_robots: bool = True
    allow_private_addresses: bool = False
    interval_days: Annotated[float, Field(gt=0)] | None = None
    backoff_days: list[Annotated[float, Field(ge=0)]] = Field(default_factory=lambda: [0.0, 0.0, 2.0, 4.0, 7.0])
    backoff_near_due_days: Annotated[int, Field(ge=0)] = 21
    recheck_days: Annotated[int, Field(ge=0, le=365)] = 180

    @property
    def interval_in_season(self) -> timedelta:
        """How often portals are visited when reports come out: the margin within which dates are compared.

        What is held against an organ rests on passes that were made, never on this alone.
        """
        return timedelta(days=self.interval_days or 1)


class ParseSettings(_Section):
    """What reading one document may take: seconds, and megabytes beyond what a process starts with.

    Scans, and files that may turn out to be scans, have limits of their own. ``processes`` 0: one a processor.
    """

    seconds: Annotated[float, Field(gt=0)] = 30
    scan_seconds: Annotated[float, Field(gt=0)] = 120
    memory_megabytes: Annotated[int, Field(ge=64)] = 1024
    scan_memory_megabytes: Annotated[int, Field(ge=64)] = 2048
    processes: Annotated[int, Field(ge=0, le=256)] = 0


def _crontab(expression: str) -> str:
    """The expression, if it is a crontab expression. Raises ValueError."""
    # Imported where times are set: every other command would wait for it in vain.
    from apscheduler.triggers.cron import CronTrigger

    try:
        CronTrigger.from_crontab(expression, timezone=SHANGHAI)
    except ValueError:
        raise ValueError(_say(N_("不是五段的 crontab 表达式；例如 30 6 * * * 为每天 6:30"))) from None
    return expression


FIRST_YEAR, LAST_YEAR = 2008, 2099
"""Report years that can be asked about: from the first that the Regulation asks for."""
_Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
_CountyCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
_Crontab = Annotated[str, AfterValidator(_crontab)]


class WatchSettings(_Section):
    """Which report years are watched; ``counties`` gives other years for single county codes.

    ``missing_days`` and ``removed_passes``: how often it must have been seen before a report counts as missing, or
    as removed (monitor.publication.Patience).
    And how Nianbao itself is watched: when a stage counts as silent (None: half a day later than
    ``crawl.interval_days``), and the sign of life after each main job.
    """

    years: list[_Year] = Field(default_factory=list)
    counties: dict[_CountyCode, list[_Year]] = Field(default_factory=dict)
    due_rules: Path | None = None
    missing_days: Annotated[int, Field(ge=2, le=60)] = 2
    removed_passes: Annotated[int, Field(ge=1, le=60)] = 2
    silent_hours: Annotated[float, Field(gt=0)] | None = None
    undelivered_hours: Annotated[float, Field(gt=0)] = 24
    watchdog_file: Path = Path("var/watchdog.json")
    heartbeat_file: Path = Path("var/heartbeat.json")
    heartbeat_url: str = ""
    heartbeat_method: Literal["GET", "POST"] = "POST"
    heartbeat_allow_private_addresses: bool = False


_MailDomain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class MailSettings(_Section):
    """The SMTP server. Without ``host`` no mail channel works. The password may come from a file.

    Users may subscribe to digests with addresses at the domains ``subscribers``; without any nobody may.
    """

    host: str = ""
    port: int = 25
    sender: str = ""
    user: str = ""
    password: str = ""
    password_file: Path | None = None
    security: Literal["none", "starttls", "tls"] = "none"
    seconds: float = 20
    subscribers: list[_MailDomain] = Field(default_factory=list)


_RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{2}(\d{2}){0,2}$")]
_Kind = Literal[
    "missing",
    "late",
    "inconsistent",
    "wrong_form",
    "changed",
    "removed",
    "backdated",
    "similar",
    "misplaced",
    "portal_unreachable",
    "portal_blocked",
    "portal_changed",
    "parse_failed",
    "stale",
]
MOST_ITEMS: Mapping[str, int] = {"mail": 200, "webhook": 200, "chat": 10}
"""So many alerts are told in one message where a destination does not say; the rest is counted."""


def _quiet_hours(text: str) -> str:
    """The stretch, if it is one. Raises ValueError."""
    if text and quiet_stretch(text) is None:
        raise ValueError(_say(N_("应为 时:分-时:分，例如 22:00-07:00，起止不能相同")))
    return text


def quiet_stretch(text: str) -> tuple[time, time] | None:
    """``22:00-07:00`` as two times of day; None where it is no such stretch."""
    first, _, last = text.partition("-")
    try:
        begin, end = time.fromisoformat(first.strip()), time.fromisoformat(last.strip())
    except ValueError:
        return None
    # A time with a zone (22:00-08:00-07:00 reads as one) is no time of day in China.
    return None if begin == end or begin.tzinfo or end.tzinfo else (begin, end)


_QuietHours = Annotated[str, AfterValidator(_quiet_hours)]


class ChannelSettings(_Section):
    """One destination: where messages go, which matters it hears of, and when (docs/alerts.md)."""

    name: str
    kind: Literal["mail", "webhook", "chat"]
    audience: Literal["oversight", "operator"] = "oversight"
    counties: list[_RegionCode] = Field(default_factory=list)
    kinds: list[_Kind] = Field(default_factory=list)
    severities: tuple[Literal["error", "warning"], ...] = ("error", "warning")
    language: Literal["zh", "en"] = "zh"
    to: list[str] = Field(default_factory=list)
    address: str = ""
    address_file: Path | None = None
    secret: str = ""
    allow_private_addresses: bool = False
    schedule: Literal["at_once", "daily", "weekly"] = "at_once"
    at: time = time(8, 30)
    weekday: Annotated[int, Field(ge=1, le=7)] = 1
    errors_at_once: bool = False
    quiet_hours: _QuietHours = ""
    working_days_only: bool = False
    group_by: Literal["all", "county", "report"] = "all"
    most_items: Annotated[int, Field(ge=1)] | None = None
    escalation_after_days: Annotated[int, Field(ge=1)] | None = None

    @field_validator("at", mode="before")
    @classmethod
    def _of_the_day(cls, at: object) -> object:
        if not isinstance(at, str | time) or (isinstance(at, str) and ":" not in at):
            raise ValueError(_say(N_("应为一天中的时刻，例如 08:30")))
        return at

    @field_validator("at")
    @classmethod
    def _to_the_second(cls, at: time) -> time:
        return at.replace(tzinfo=None, microsecond=0)

    @property
    def cap(self) -> int:
        """So many alerts are told in one message at most."""
        return self.most_items or MOST_ITEMS[self.kind]


class NotifySettings(_Section):
    """Delivery: how long a message is tried again (pauses grow from the first to the last), and to whom.

    It is given up after ``give_up_after_hours``, or after ``attempts`` where that is set.
    """

    channels: list[ChannelSettings] = Field(default_factory=list)
    attempts: Annotated[int, Field(ge=1)] | None = None
    give_up_after_hours: Annotated[float, Field(gt=0)] = 72
    first_pause_seconds: Annotated[float, Field(gt=0)] = 60
    longest_pause_seconds: Annotated[float, Field(gt=0)] = 6 * 3600
    working_days: Path | None = None

    @field_validator("channels")
    @classmethod
    def _names_differ(cls, channels: list[ChannelSettings]) -> list[ChannelSettings]:
        names = [channel.name for channel in channels]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(_say(N_("有两个收件方都叫“{name}”；各收件方的 name 要不同"), name=name))
        return channels


SHORTEST_SECRET = 32
"""So many characters a secret must have at least."""


def _web_address(address: str) -> str:
    """The address without a slash at its end. Raises ValueError where it is none that people can open."""
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError(_say(N_("不是网页地址；请写成 https://nianbao.example.org 这样的形式")))
    return address.rstrip("/")


def _long_secret(secret: str) -> str:
    if secret and len(secret) < SHORTEST_SECRET:
        raise ValueError(_say(N_("至少要 {number} 个字符"), number=SHORTEST_SECRET))
    return secret


def _issuer(address: str) -> str:
    """The issuer as it is written: it is compared letter by letter. Raises ValueError."""
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError(_say(N_("不是统一登录的发行者地址；请写成 https://login.example.org/realm 这样的形式")))
    return address


def _network(text: str) -> str:
    """An IP address, or a network of them. Raises ValueError."""
    try:
        return str(ip_network(text)) if "/" in text else str(ip_address(text))
    except ValueError:
        raise ValueError(_say(N_("不是 IP 地址或网段；请写成 10.0.0.5 或 10.0.0.0/24 这样的形式"))) from None


class WebSettings(_Section):
    """The web pages of `nianbao serve`. ``address`` is where people reach them; without it mails hold no links.

    The secret signs the links; it comes from a file that only the owner can read where it is not given.
    ``metrics_token``: who shows it may read /metrics; without one only this machine may.
    ``api_requests_per_minute``: so often one token may ask the API, 0: as often as it likes. ``proxies``: the
    addresses of reverse proxies (or their networks); who asks through one is known by its X-Forwarded-For.
    """

    address: Annotated[str, AfterValidator(_web_address)] = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8470
    secret: Annotated[str, AfterValidator(_long_secret)] = ""
    secret_file: Path = Path("var/web-secret")
    link_days: Annotated[float, Field(gt=0, le=366)] = 30
    metrics_token: Annotated[str, AfterValidator(_long_secret)] = ""
    api_requests_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 600
    proxies: list[Annotated[str, AfterValidator(_network)]] = ["127.0.0.1", "::1"]


_Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]


class SignOnSettings(_Section):
    """Single sign-on by OpenID Connect; without ``issuer`` there is none (docs/operations.md).

    ``label``: what stands on the button. ``user_claim``: which claim of the identity token is the name of our
    user; the e-mail address counts only where the provider verified it. ``algorithms``: by which an identity token
    may be signed; none with a shared secret can be named.
    """

    issuer: Annotated[str, AfterValidator(_issuer)] = ""
    client_id: str = ""
    client_secret: str = ""
    client_secret_file: Path | None = None
    label: Annotated[str, StringConstraints(max_length=40)] = ""
    user_claim: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")] = "preferred_username"
    scopes: list[Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,100}$")]] = ["openid", "profile"]
    algorithms: Annotated[list[_Algorithm], Field(min_length=1)] = ["RS256", "ES256"]
    allow_private_addresses: bool = False


class ScheduleSettings(_Section):
    """When `nianbao serve` has what done: crontab, in Asia/Shanghai.

    ``main_job``: what was captured is parsed and judged, and what follows told. ``seasons``: a file that says when
    portals are visited (None: monitor/jobs/seasons.yaml). With PostgreSQL ``workers`` processes of this machine
    take jobs (0: none, others do), each ``jobs_at_once`` of them. A job that no worker held on to for
    ``lost_seconds`` is done by another.
    """

    main_job: _Crontab = "30 6 * * *"
    delivery: _Crontab = "*/10 * * * *"
    watchdog: _Crontab = "20 * * * *"
    seasons: Path | None = None
    workers: Annotated[int, Field(ge=0, le=64)] = 1
    jobs_at_once: Annotated[int, Field(ge=1, le=200)] = 4
    lost_seconds: Annotated[float, Field(ge=1)] = 30


class RetentionSettings(_Section):
    """After how many days what may be taken away by `nianbao prune`; None: never (monitor.retention)."""

    list_pages_days: Annotated[int, Field(ge=90)] | None = None
    run_logs_days: Annotated[int, Field(ge=90)] | None = None
    completeness_days: Annotated[int, Field(ge=30)] | None = None
    messages_days: Annotated[int, Field(ge=90)] | None = None
    jobs_days: Annotated[int, Field(ge=7)] | None = None

    @property
    def keeps_everything(self) -> bool:
        """Whether nothing is ever taken away."""
        return all(value is None for value in self.model_dump().values())


class LogSettings(_Section):
    """What goes to standard error beside the lines for people: as text, or all as JSON (docs/operations.md)."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "warning"


class PeopleSettings(_Section):
    """How the command speaks to people."""

    language: Literal["zh", "en"] = "zh"


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
    parse: ParseSettings = Field(default_factory=ParseSettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)
    mail: MailSettings = Field(default_factory=MailSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    web: WebSettings = Field(default_factory=WebSettings)
    sign_on: SignOnSettings = Field(default_factory=SignOnSettings)
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    people: PeopleSettings = Field(default_factory=PeopleSettings)
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

    @field_validator("sign_on")
    @classmethod
    def _sign_on_is_whole(cls, sign_on: SignOnSettings, others: ValidationInfo) -> SignOnSettings:
        if not sign_on.issuer:
            return sign_on
        web = others.data.get("web")
        if not sign_on.client_id or not (sign_on.client_secret or sign_on.client_secret_file):
            raise ValueError(_say(N_("写了 issuer，就还要 client_id 和 client_secret（或 client_secret_file）")))
        if sign_on.issuer.startswith("http://") and not sign_on.allow_private_addresses:
            raise ValueError(_say(N_("issuer 要以 https:// 开头；只有内网试用才可以设 allow_private_addresses")))
        if web is not None and not web.address:
            raise ValueError(_say(N_("统一登录要把人送回本站：请在 [web] address 中写明本站的地址")))
        return sign_on

    def make_clock(self) -> Clock:
        """The clock to go by."""
        return Clock.showing(self.clock.now) if self.clock.now else Clock()

    def path(self, relative: Path) -> Path:
        """A path of the configuration, made absolute against the configuration file's folder."""
        return relative if relative.is_absolute() else self.folder / relative

    @property
    def secrets(self) -> frozenset[str]:
        """The texts that nobody may read: passwords, secrets, tokens, addresses that hold a key.

        Those that stand in files are among them where the files can be read.
        """
        found = {self.mail.password, self.web.secret, self.web.metrics_token, self.watch.heartbeat_url}
        password = _password_of(self.store.database)
        found |= {password, unquote(password)}
        found |= {os.environ.get(name, "") for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
        found |= _secrets_in(self.path(self.store.bodies_key_file) if self.store.bodies_key_file else None)
        found.add(self.sign_on.client_secret)
        files = [self.mail.password_file, self.web.secret_file, self.sign_on.client_secret_file]
        for channel in self.notify.channels:
            found |= {channel.address, channel.secret}
            files.append(channel.address_file)
        for file in files:
            with suppress(OSError, UnicodeDecodeError):
                found.add(self.path(file).read_text(encoding="utf-8").strip() if file else "")
        return frozenset(found - {""})


def _secrets_in(key_file: Path | None) -> set[str]:
    """The secrets in a file as the tools of AWS write it, where it can be read."""
    if key_file is None:
        return set()
    with suppress(OSError, UnicodeDecodeError):
        lines = key_file.read_text(encoding="utf-8").splitlines()
        return {
            value.strip()
            for name, _, value in (line.partition("=") for line in lines)
            if "secret" in name or "token" in name
        }
    return set()


def _password_of(address: str) -> str:
    """The password as it stands in a database address, also where it is a parameter; empty where there is none."""
    place, _, query = address.partition("?")
    user, at, _ = place.partition("://")[2].rpartition("@")
    if at and ":" in user:
        return user.partition(":")[2]
    return next(
        (value for name, _, value in (part.partition("=") for part in query.split("&")) if name == "password"), ""
    )


SECTIONS = tuple(name for name in Settings.model_fields if name != "folder")


def configuration_path(path: Path | None = None) -> Path | None:
    """The file to use: ``path``, else that of ``NIANBAO_CONFIG``, else ./nianbao.toml if it exists, else none."""
    if path is not None:
        return path
    if os.environ.get(CONFIGURATION_VARIABLE):
        return Path(os.environ[CONFIGURATION_VARIABLE])
    usual = Path(CONFIGURATION_NAME)
    return usual if usual.exists() else None


def load_settings(path: Path | None = None) -> Settings:
    """The settings of the configuration file ``path`` (see :func:`configuration_path`) under the environment's.

    Relative paths in them are relative to the file's folder, or to the working directory without a file.
    Raises :class:`SettingsError` with one line for each problem.
    """
    file = configuration_path(path)
    content = _read(file) if file else {}
    unknown = _unknown_variables()
    if unknown:
        raise SettingsError(*unknown)
    folder = (file.parent if file else Path.cwd()).resolve()
    try:
        return Settings(**content).model_copy(update={"folder": folder})
    except EnvironmentSettingsError as problem:
        raise SettingsError(
            _say(
                N_("环境变量 {name} 不是合法的 JSON；列表和表格请写成 JSON，例如 [2023, 2024]"),
                name=_variable_meant(problem),
            )
        ) from None
    except ValidationError as problem:
        raise SettingsError(*(_explain(error, file, content) for error in problem.errors())) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(
            _say(N_("找不到配置文件 {file}；请用 --config 指定，或运行 nianbao init 新建一份"), file=file)
        ) from None
    except IsADirectoryError:
        raise SettingsError(_say(N_("配置文件 {file} 是一个目录；请指定其中的 nianbao.toml"), file=file)) from None
    except UnicodeDecodeError:
        raise SettingsError(_say(N_("配置文件 {file} 不是 UTF-8 文本；请另存为 UTF-8 编码"), file=file)) from None
    except OSError as problem:
        raise SettingsError(
            _say(N_("读不了配置文件 {file}（{problem}）；请检查文件权限"), file=file, problem=reason_of(problem))
        ) from None
    except tomllib.TOMLDecodeError as problem:
        raise SettingsError(
            _say(
                N_("配置文件 {file} 不是合法的 TOML（{problem}）；请改正这一处"),
                file=file,
                problem=_one_line(problem),
            )
        ) from None
    unknown = [name for name in content if name not in SECTIONS]
    if unknown:
        raise SettingsError(
            *(
                _say(
                    N_("配置文件 {file} 中没有 [{name}] 这一节；可用的是 {sections}"),
                    file=file,
                    name=name,
                    sections="、".join(SECTIONS),
                )
                for name in unknown
            )
        )
    return content


def _variable_meant(problem: BaseException) -> str:
    """The variable that pydantic-settings could not decode: its message names none, but its cause has the text."""
    text = getattr(problem.__cause__, "doc", None)
    return next((name for name, value in os.environ.items() if name.startswith(PREFIX) and value == text), PREFIX)


def _unknown_variables() -> list[str]:
    """A line for each variable that was surely meant as a setting and is none."""
    problems = []
    for name in os.environ:
        if not name.upper().startswith(PREFIX) or name == CONFIGURATION_VARIABLE:
            continue
        rest = name[len(PREFIX) :].lower()
        section = rest.split(DELIMITER)[0]
        if section in SECTIONS:
            continue
        meant = next((known for known in SECTIONS if rest.startswith(known + "_")), None)
        if meant:
            right = f"{PREFIX}{meant}{DELIMITER}{rest[len(meant) :].lstrip('_')}".upper()
            problems.append(
                _say(
                    N_("环境变量 {name} 不是设置项；是否应为 {right}（节与名之间是两个下划线）？"),
                    name=name,
                    right=right,
                )
            )
        elif DELIMITER in rest:
            problems.append(
                _say(
                    N_("环境变量 {name} 指的节 {section} 不存在；可用的是 {sections}"),
                    name=name,
                    section=section,
                    sections="、".join(SECTIONS),
                )
            )
    return problems


_EXPECTED: Mapping[str, str] = {
    "extra_forbidden": N_("没有这个设置项；请检查拼写，或对照 nianbao init 写出的说明"),
    "missing": N_("缺少这个设置项；请补上"),
    "int_parsing": N_("应为整数；请改正"),
    "int_type": N_("应为整数；请改正"),
    "int_from_float": N_("应为整数；请改正"),
    "float_parsing": N_("应为数字；请改正"),
    "float_type": N_("应为数字；请改正"),
    "bool_parsing": N_("应为 true 或 false；请改正"),
    "bool_type": N_("应为 true 或 false；请改正"),
    "string_type": N_("应为文字（加引号）；请改正"),
    "path_type": N_("应为路径（加引号）；请改正"),
    "list_type": N_("应为列表，例如 [2023, 2024]；请改正"),
    "tuple_type": N_("应为列表；请改正"),
    "dict_type": N_("应为表格（一节 [名称] 或 JSON 对象）；请改正"),
    "model_type": N_("应为一节设置；请改正"),
    "model_attributes_type": N_("应为一节设置；请改正"),
    "datetime_parsing": N_("应为 ISO 8601 时间，例如 2024-02-05T09:00:00；请改正"),
    "datetime_from_date_parsing": N_("应为 ISO 8601 时间，例如 2024-02-05T09:00:00；请改正"),
    "datetime_type": N_("应为 ISO 8601 时间，例如 2024-02-05T09:00:00；请改正"),
    "time_parsing": N_("应为一天中的时刻，例如 08:30；请改正"),
    "time_type": N_("应为一天中的时刻，例如 08:30；请改正"),
    "greater_than": N_("应大于 {gt}；请改正"),
    "greater_than_equal": N_("不应小于 {ge}；请改正"),
    "less_than": N_("应小于 {lt}；请改正"),
    "less_than_equal": N_("不应大于 {le}；请改正"),
    "string_pattern_mismatch": N_("应为六位数字的县级代码，例如 410526；请改正"),
    "region_pattern": N_("应为县级、市级或省级代码（六位、四位或两位数字），例如 410526、4105、41；请改正"),
    "literal_error": N_("应为 {expected} 之一；请改正"),
}


def _listed(error: ErrorDetails) -> dict[str, str]:
    """What may stand there, as people list it: pydantic says 'a', 'b' or 'c'."""
    expected = error.get("ctx", {}).get("expected")
    if not isinstance(expected, str):
        return {}
    return {"expected": _say(N_("、")).join(re.findall(r"'([^']*)'", expected)) or expected}


def _explain(error: ErrorDetails, file: Path | None, content: Mapping[str, Any]) -> str:
    """One line on one wrong setting: where it stands, what was given, what is expected."""
    place = [str(part) for part in error["loc"]]
    variable = next(
        (name for name in os.environ if name.upper() == PREFIX + DELIMITER.join(place).upper()),
        next((name for name in os.environ if name.upper() == PREFIX + DELIMITER.join(place[:2]).upper()), None),
    )
    regions = error["type"] == "string_pattern_mismatch" and place[:2] == ["notify", "channels"]
    expected = _EXPECTED.get("region_pattern" if regions else error["type"])
    remedy = (
        _say(expected, **{"expected": "", **error.get("ctx", {}), **_listed(error)})
        if expected
        else _say(N_("{problem}；请改正"), problem=_one_line(error["msg"].removeprefix("Value error, ")))
    )
    if variable:
        where = _say(N_("环境变量 {name}"), name=variable)
    else:
        where = _say(
            N_("配置文件 {file} 的 [{section}] {name}"),
            file=file or CONFIGURATION_NAME,
            section=place[0],
            name=".".join(part for part in place[1:] if part != "[key]"),
        )
    given = error.get("input")
    secret = any(word in place[-1] for word in ("password", "secret", "address", "token", "endpoint", "bodies"))
    shown = "" if secret or isinstance(given, dict | list | BaseModel) else f"（{_one_line(given)}）"
    return _say(N_("{where}{shown}：{remedy}"), where=where, shown=shown, remedy=remedy)


def _say(template: str, **values: Any) -> str:
    return translate(template, spoken_language(), values)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:200]
