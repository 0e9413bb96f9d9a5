"""The ``nianbao`` command. Everything heavy is imported inside the commands, so that ``--help`` comes at once."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from monitor.language import N_, spoken_language, translate

# What the library for command lines says in English, and how we say it.
_SAID = (
    (
        re.compile(
            r"Invalid value for '(?P<option>[^']+)': (?:Value error, )?'(?P<value>.*)' is not one of (?P<known>.+)"
        ),
        N_("{option} 不能是“{value}”；可以是 {known}。"),
    ),
    (
        re.compile(r"Invalid value for '(?P<option>[^']+)': Input should be a valid integer.*"),
        N_("{option} 应是整数。"),
    ),
    (re.compile(r"No such option: (?P<option>\S+).*"), N_("没有选项 {option}。")),
    (re.compile(r"No such command '(?P<command>.*)'.*"), N_("没有命令“{command}”。")),
    (re.compile(r"Missing (?:argument|option|parameter) '(?P<name>[^']+)'.*"), N_("缺少 {name}。")),
    (re.compile(r"Option '(?P<option>[^']+)' requires an argument.*"), N_("{option} 后面缺少内容。")),
)


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
        message = _in_words(" ".join(wrong.format_message().split()))
        if message:
            template = N_("{message} 用 nianbao --help 查看用法")
            complain(translate(template, spoken_language(), {"message": message}))
        return wrong.exit_code
    except typer.Abort:
        complain(translate(N_("已中断"), spoken_language()))
        return 130
    return status if isinstance(status, int) else 0


def _in_words(message: str) -> str:
    """What is wrong with a command line, in the language of the environment where we have words for it."""
    for pattern, template in _SAID:
        if found := pattern.fullmatch(message):
            said = {name: value.rstrip(".") for name, value in found.groupdict().items()}
            if "known" in said:
                said["known"] = translate(N_("、"), spoken_language()).join(
                    re.findall(r"'([^']*)'", said["known"])
                )
            return translate(template, spoken_language(), said)
    return message
