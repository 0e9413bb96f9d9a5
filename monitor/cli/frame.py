"""What every command has in common: settings, record, clock, consoles, and how an error becomes one line."""

from __future__ import annotations

import inspect
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler import logs
from crawler.logs import LogChoice
from crawler.text import controls_escaped, without_controls
from monitor.cli.helping import Command, Group
from monitor.language import N_, spoken_language, translate

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from crawler.captures import Archive
    from crawler.clock import Clock
    from crawler.portals.definition import BrokenDefinition, PortalDefinition
    from monitor.settings import Settings
    from monitor.store.database import Database

FAILED, WRONG_USAGE, BROKEN_OFF = 1, 2, 130
_KNOWN_COUNTIES = 20
"""So many known counties are named where one is unknown: the whole country may be registered."""

# Errors that already are readable lines, by the exit status they lead to. By name, so that telling them
# apart imports nothing.
_READABLE = {
    "monitor.settings.SettingsError": WRONG_USAGE,
    "crawler.portals.definition.PortalError": WRONG_USAGE,
    "monitor.alerts.listing.NoSuchAlert": WRONG_USAGE,
    "monitor.alerts.states.ImpossibleStep": FAILED,
    "monitor.registry.due.DueRuleError": WRONG_USAGE,
    "monitor.jobs.seasons.SeasonError": WRONG_USAGE,
    "monitor.working_days.WorkingDaysError": WRONG_USAGE,
    "monitor.schedule.WrongTimesError": WRONG_USAGE,
    "monitor.schedule.ScheduleError": FAILED,
    "monitor.web.server.WebError": FAILED,
    "monitor.alerts.links.SecretError": FAILED,
    "monitor.workers.WorkerStartError": FAILED,
    "monitor.store.database.StoreError": FAILED,
    "crawler.captures.ArchiveError": FAILED,
    "monitor.backup.layout.BackupError": FAILED,
}


LOG_VARIABLE = "NIANBAO_LOG__FORMAT"
_logger = logging.getLogger("nianbao")


class CommandError(Exception):
    """A command cannot go on; the message is one readable line, ``status`` the exit status."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


class Situation:
    """What a command works with, each part made when it is first asked for."""

    def __init__(self, config: Path | None = None, verbose: bool = False) -> None:
        self.config = config
        self.verbose = verbose
        self.broken_portals: tuple[BrokenDefinition, ...] = ()

    @cached_property
    def settings(self) -> Settings:
        """The settings. Raises SettingsError."""
        from monitor.settings import load_settings

        settings = load_settings(self.config)
        self.begin_logging(settings)
        return settings

    def begin_logging(self, settings: Settings | None = None) -> None:
        """Logs as the settings say, and before they are read as the environment does."""
        if settings is None:
            as_json, level, hidden = os.environ.get(LOG_VARIABLE) == "json", logging.WARNING, frozenset[str]()
        else:
            as_json = settings.log.format == "json"
            level = logging.getLevelNamesMapping()[settings.log.level.upper()]
            hidden = settings.secrets
        logs.begin(LogChoice(as_json, min(level, logging.INFO) if self.verbose else level, hidden))

    @property
    def language(self) -> str:
        """The language of what is said: the settings' once they are read, the environment's before."""
        return self.settings.people.language if "settings" in self.__dict__ else spoken_language()

    @cached_property
    def clock(self) -> Clock:
        """The clock to go by."""
        return self.settings.make_clock()

    @cached_property
    def database(self) -> Database:
        """The record, opened and of this version. Raises StoreError."""
        from monitor.store.database import StoreError, open_database

        try:
            return open_database(self.settings.store.database, self.settings.folder)
        except StoreError as problem:
            # Nothing was opened yet: only the address can be wrong, and that is configuration.
            raise CommandError(str(problem), WRONG_USAGE) from None

    @cached_property
    def archive(self) -> Archive:
        """The archive of captures."""
        from monitor.archives import archive_of

        return archive_of(self.settings)

    @cached_property
    def portals(self) -> tuple[PortalDefinition, ...]:
        """The portal definitions that can be used; none where the folder does not exist yet.

        The others are told, one line for each error, and the command ends with :data:`FAILED`.
        """
        from crawler.portals.definition import read_portals
        from monitor.definition_words import errors_in_words

        portals, self.broken_portals = read_portals(self.settings.path(self.settings.crawl.portals))
        for broken in self.broken_portals:
            for error in errors_in_words(broken, self.language):
                self.complain(N_("门户定义有错，未使用：{error}"), error=error)
        return portals

    @cached_property
    def unread_portals(self) -> tuple[PortalDefinition, ...]:
        """Stand-ins for the definitions that cannot be used, so that nobody counts as missing because of them."""
        counties = {portal.county_code for portal in self.portals}
        if not self.broken_portals:
            return ()
        from monitor.store import register
        from monitor.visits import stand_in

        counties |= set(register.county_codes(self.database, with_organs=True))
        return tuple(
            stand_in(broken.path, county, self.say(N_("门户定义 {file} 有错"), file=broken.path.name))
            for broken in self.broken_portals
            for county in ([broken.county_code] if broken.county_code else sorted(counties))
        )

    @cached_property
    def out(self) -> Console:
        """Standard output for people; as wide as needed where it is no terminal."""
        from monitor.cli.consoles import PlainConsole

        return PlainConsole(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 160)

    @cached_property
    def err(self) -> Console:
        """Standard error for people."""
        from monitor.cli.consoles import PlainConsole

        return PlainConsole(stderr=True, highlight=False)

    def say(self, text: str, /, **values: Any) -> str:
        """``text`` (Chinese, with places) in the language of the situation."""
        return translate(text, self.language, values)

    def tell(self, text: str, /, **values: Any) -> None:
        """One line for people on standard output."""
        echo(self.say(text, **values))

    def show(self, what: RenderableType) -> None:
        """A table or the like on standard output."""
        self.out.print(what)

    def complain(self, text: str, /, **values: Any) -> None:
        """One line on standard error."""
        complain(self.say(text, **values))

    def write_json(self, data: Any, *, lines: bool = False) -> None:
        """JSON on standard output in UTF-8: one line where ``lines``, indented otherwise."""
        text = json.dumps(data, ensure_ascii=False, indent=None if lines else 2)
        self.write_bytes((controls_escaped(text) + "\n").encode("utf-8"))

    def write_bytes(self, data: bytes) -> None:
        """Bytes on standard output."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def moment(self, text: str, *, latest: int | None = None) -> datetime:
        """The ISO 8601 time that was given; without an offset it is one of Asia/Shanghai. Raises CommandError.

        Of the years in which there may be reports; ``latest`` is another last year.
        """
        from crawler.clock import SHANGHAI
        from monitor.settings import FIRST_YEAR, LAST_YEAR

        try:
            moment = datetime.fromisoformat(text)
            moment = moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        except (ValueError, OverflowError):
            raise CommandError(
                self.say(N_("“{text}”不是 ISO 8601 时间；请写成 2024-02-05 或 2024-02-05T09:00:00"), text=text),
                WRONG_USAGE,
            ) from None
        if not FIRST_YEAR <= moment.year <= (latest or LAST_YEAR):
            raise CommandError(
                self.say(
                    N_("没有“{text}”这一时间的记录；请给 {first} 年至 {last} 年之间的时间"),
                    text=text,
                    first=FIRST_YEAR,
                    last=latest or LAST_YEAR,
                ),
                WRONG_USAGE,
            )
        return moment

    def check_csv_file(self, file: Path) -> None:
        """Refuses what is no file. Raises CommandError."""
        if not file.exists():
            raise CommandError(self.say(N_("找不到文件 {file}；请检查路径"), file=file), WRONG_USAGE)
        if file.is_dir():
            raise CommandError(self.say(N_("{file} 是一个目录；请指定其中的 CSV 文件"), file=file), WRONG_USAGE)

    def check_county(self, code: str | None) -> str | None:
        """``code`` if some registered organ or some portal belongs to that county. Raises CommandError."""
        if code is None:
            return None
        from monitor.store import register

        known = set(register.county_codes(self.database)) | {portal.county_code for portal in self.portals}
        if code not in known:
            raise CommandError(
                self.say(
                    N_("没有县区代码 {code}：名录和门户定义中都没有；已有的是 {known}"),
                    code=code,
                    known=self.say(N_("、")).join(sorted(known)[:_KNOWN_COUNTIES])
                    + (" …" if len(known) > _KNOWN_COUNTIES else "")
                    or self.say(N_("（无）")),
                ),
                WRONG_USAGE,
            )
        return code

    def close(self) -> None:
        """Lets go of the database."""
        if "database" in self.__dict__:
            self.database.close()


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Text on standard output or error; what portals wrote into it to steer a terminal is taken out."""
    typer.echo(without_controls(text), err=err, nl=nl)


def complain(line: str) -> None:
    """One line on standard error; where logs are JSON, the line is a record like all others."""
    if logs.chosen.as_json:
        _logger.error("%s", without_controls(line))
    else:
        echo(line, err=True)


def account_name() -> str:
    """The name that histories keep for who did something: the account's."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "nianbao"


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", show_default=False, help=translate(N_("配置文件"), spoken_language())
    ),
]
VerboseOption = Annotated[
    bool,
    typer.Option("--verbose", show_default=False, help=translate(N_("显示过程与出错详情"), spoken_language())),
]


def help_text(text: str) -> str:
    """A help text in the language of the environment."""
    return translate(text, spoken_language())


def group_of(text: str) -> typer.Typer:
    """A group of commands; ``text`` is its help."""
    return typer.Typer(cls=Group, help=help_text(text), no_args_is_help=True)


def command(
    app: typer.Typer, name: str, text: str, *, panel: str | None = None, hidden: bool = False
) -> Callable[..., Callable[..., None]]:
    """Registers a function ``(situation, …)`` as a command, with the common options behind its own.

    ``text`` is its help; a ``hidden`` one is listed nowhere. Whatever goes wrong inside ends as one line on
    standard error and an exit status.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function, eval_str=True)
        own = list(signature.parameters.values())[1:]
        common = [
            inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ConfigOption),
            inspect.Parameter("verbose", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=VerboseOption),
        ]
        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)

        def run(context: typer.Context, config: Path | None, verbose: bool, **given: Any) -> None:
            before = context.find_root().params
            situation = Situation(config or before.get("config"), verbose or bool(before.get("verbose")))
            with guarded(situation):
                function(situation, **given)

        keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        run.__signature__ = inspect.Signature([context, *keyword_only, *common])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in (context, *own, *common)}
        app.command(
            name,
            cls=Command,
            help=help_text(text),
            rich_help_panel=help_text(panel) if panel else None,
            hidden=hidden,
        )(run)
        return function

    return register


@contextmanager
def guarded(situation: Situation) -> Iterator[None]:
    """Turns what is raised inside into one line on standard error and the exit status."""
    situation.begin_logging()
    try:
        yield
        if situation.broken_portals:
            raise typer.Exit(FAILED)
    except (typer.Exit, typer.TyperException):
        raise
    except KeyboardInterrupt:
        complain(situation.say(N_("已中断；已完成的部分都已保存，再次运行即可继续")))
        raise typer.Exit(BROKEN_OFF) from None
    except BrokenPipeError:
        # The reader (head, less) has gone: nothing is left to say, and the end must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except Exception as problem:
        status, lines = explain(problem, situation)
        if situation.verbose:
            _logger.error("%s", type(problem).__name__, exc_info=problem)
        for line in lines:
            complain(line)
        raise typer.Exit(status) from None
    finally:
        situation.close()
        logs.end()


@contextmanager
def refused(situation: Situation, status: int = WRONG_USAGE) -> Iterator[None]:
    """Says in one line that what was asked for cannot be done. Raises CommandError with the status."""
    from monitor.refusals import NotPossible

    try:
        yield
    except NotPossible as problem:
        raise CommandError(situation.say(problem.template, **problem.values), status) from None


def explain(problem: Exception, situation: Situation) -> tuple[int, list[str]]:
    """The exit status and the readable lines for an error."""
    if isinstance(problem, CommandError):
        return problem.status, [str(problem)]
    for kind in type(problem).__mro__:
        status = _READABLE.get(f"{kind.__module__}.{kind.__qualname__}")
        if status is not None:
            from monitor.archive_words import archive_in_words

            lines = [
                archive_in_words(translate(line, situation.language), situation.language)
                for line in str(problem).splitlines()
            ]
            return status, lines or [kind.__name__]
    if isinstance(problem, OSError) and problem.filename is not None:
        from monitor.system_words import reason_of

        text = N_("{file}：{reason}；请检查路径和权限")
        reason = reason_of(problem, situation.language)
        return FAILED, [situation.say(text, file=problem.filename, reason=reason)]
    what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}"
    return FAILED, [situation.say(N_("意外的错误（{what}）；加 --verbose 可看详情"), what=what)]
