"""Runs `nianbao` in this process, through its real entry point, and keeps what it said."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.cli import main


@dataclass(frozen=True)
class Said:
    """How a command ended and what it wrote."""

    status: int
    out_bytes: bytes
    err: str

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.out_bytes.decode("utf-8")

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out_bytes)

    @property
    def problem(self) -> str:
        """The one line on standard error; fails where there is another number of lines, or a traceback."""
        (line,) = self.err.splitlines()
        assert "Traceback" not in line
        return line


def nianbao(*arguments: str | Path) -> Said:
    """One command line."""
    out, err = io.BytesIO(), io.BytesIO()
    with (
        io.TextIOWrapper(out, encoding="utf-8", write_through=True) as out_text,
        io.TextIOWrapper(err, encoding="utf-8", write_through=True) as err_text,
        redirect_stdout(out_text),
        redirect_stderr(err_text),
    ):
        status = main([str(argument) for argument in arguments])
        return Said(status, out.getvalue(), err.getvalue().decode("utf-8"))


@contextmanager
def working_in(folder: Path) -> Iterator[Path]:
    """``folder`` as the working directory, without settings from the environment."""
    before = Path.cwd()
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("NIANBAO_")}
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)
        os.environ.update(kept)
