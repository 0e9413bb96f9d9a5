"""The fork server that crawling and parsing processes come from: what it has loaded, they need not load again."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext


def fork_server(modules: Sequence[str]) -> ForkServerContext:
    """The fork server of this process, started with ``modules`` loaded where it is not running yet.

    There is one for each process and it keeps what it was started with, so a caller that will need the modules
    of several kinds of work starts it first, with all of them.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    forkserver.ensure_running()
    return context
