"""The command line as a whole: which commands there are, in the order in which one meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor import __version__
from monitor.cli import (
    alerts,
    captures,
    differences,
    due,
    files,
    findings,
    jobs,
    keeping,
    main_job,
    names,
    reports,
    rules,
    setting_up,
    similar,
    tokens,
    users,
    watching,
)
from monitor.cli.frame import ConfigOption, VerboseOption, help_text
from monitor.cli.helping import Group
from monitor.language import N_, spoken_language, translate


def application() -> typer.Typer:
    """The Typer application with all commands of the contract, part 3."""
    app = typer.Typer(
        cls=Group,
        help=help_text(N_("年报：监测政府信息公开工作年度报告，指出逾期、未公布和前后矛盾的报告。")),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    @app.callback()
    def common(
        config: ConfigOption = None,
        verbose: VerboseOption = False,
        version: Annotated[
            bool,
            typer.Option(
                "--version",
                is_eager=True,
                callback=_say_version,
                show_default=False,
                help=translate(N_("显示版本号"), spoken_language()),
            ),
        ] = False,
    ) -> None:
        """Common options may stand before the command too; the commands look them up."""

    for module in (
        setting_up,
        main_job,
        jobs,
        reports,
        differences,
        similar,
        alerts,
        findings,
        names,
        captures,
        files,
        due,
        rules,
        watching,
        users,
        tokens,
        keeping,
    ):
        module.register(app)
    return app


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"nianbao {__version__}")
        raise typer.Exit
