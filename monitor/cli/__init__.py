"""The ``nianbao`` command. Everything heavy is imported inside the commands, so that ``--help`` comes at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from monitor.language import N_, spoken_language, translate


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of ``nianbao``: runs one command line and gives its exit status (contract, part 3).

    0: done; 1: something failed and was reported; 2: wrong usage or configuration; 130: broken off by Ctrl-C.
    """
    import typer

    from monitor.cli.application import application
    from monitor.cli.frame import complain

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = application()(args=arguments, prog_name="nianbao", standalone_mode=False)
    except typer.TyperException as wrong:
        message = " ".join(wrong.format_message().split())
        if message:
            template = N_("{message} 用 nianbao --help 查看用法")
            complain(translate(template, spoken_language(), {"message": message}))
        return wrong.exit_code
    except typer.Abort:
        complain(translate(N_("已中断"), spoken_language()))
        return 130
    return status if isinstance(status, int) else 0
