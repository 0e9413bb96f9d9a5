"""Logs as JSON, one object a line, for machines that collect them; chosen once, for all processes.

Everything here and in the libraries (Scrapy, APScheduler, Uvicorn) logs by the standard library, so one handler on
the root logger is enough in each process. What is secret is known by its text and never written.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from crawler.clock import SHANGHAI

HIDDEN = "***"
SHORTEST_HIDDEN = 6
"""Shorter texts are not looked for: they would stand in other words by chance."""
TEXT_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


@dataclass(frozen=True, slots=True)
class LogChoice:
    """How a process logs: as JSON or as text, from which level on, and the texts that must not be written."""

    as_json: bool = False
    level: int = logging.WARNING
    hidden: frozenset[str] = frozenset()


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time, level, logger, process, message, and an exception where there is one."""

    def __init__(self, hidden: Collection[str] = ()) -> None:
        super().__init__()
        # The longest first, so that nothing is left of a secret in which another one stands.
        self._hidden = sorted((text for text in hidden if len(text) >= SHORTEST_HIDDEN), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        content: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, SHANGHAI).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": self._masked(record.getMessage()),
        }
        if record.exc_info:
            content["exception"] = self._masked(self.formatException(record.exc_info))
        # Half a character has no bytes; escapes keep the rest in one line of plain text.
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")

    def _masked(self, text: str) -> str:
        for secret in self._hidden:
            text = text.replace(secret, HIDDEN)
        return text


class _ErrorStream(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to whatever standard error is at the moment."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


chosen = LogChoice()
"""How this process logs; handed on to the processes that it starts."""
_handler: logging.Handler | None = None


def begin(choice: LogChoice) -> None:
    """Logs as chosen from now on; again with another choice takes the place of the one before."""
    global chosen, _handler
    end()
    chosen = choice
    if not choice.as_json and choice.level >= logging.WARNING:
        return  # As Python does by itself: warnings and errors as they are.
    _handler = _ErrorStream()
    _handler.setLevel(choice.level)
    _handler.setFormatter(JsonFormatter(choice.hidden) if choice.as_json else logging.Formatter(TEXT_FORMAT))
    logging.getLogger().addHandler(_handler)
    logging.getLogger().setLevel(choice.level)


def end() -> None:
    """Logs no more than Python does by itself."""
    global chosen, _handler
    chosen = LogChoice()
    if _handler is not None:
        logging.getLogger().removeHandler(_handler)
        logging.getLogger().setLevel(logging.WARNING)
        _handler = None


def begin_in_child(choice: LogChoice) -> None:
    """The same in a process that was started; its text would stand between what is said to people."""
    if choice.as_json:
        begin(choice)
