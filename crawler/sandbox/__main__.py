"""Serves the sandbox from a process of its own: ``python -m crawler.sandbox [--reports N] [--port P]``.

Writes one JSON line to standard output when ready, then serves until standard input closes or it is interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from crawler.sandbox import Sandbox, SandboxPortal, organs_as_csv
from crawler.sandbox.loopback import LoopbackServer
from crawler.sandbox.volume import VolumeSite


def _say(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _wait() -> None:
    with suppress(KeyboardInterrupt):
        sys.stdin.read()


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m crawler.sandbox", description=__doc__)
    parser.add_argument("--reports", type=int, help="serve one portal with that many reports, for measuring")
    parser.add_argument("--port", type=int, default=0, help="first port (default: any free one)")
    parser.add_argument("--seeds", type=Path, help="folder of the seed reports, to be served too")
    parser.add_argument("--today", type=date.fromisoformat, help="the day it is on the portals")
    options = parser.parse_args(arguments)
    if options.reports is None:
        with Sandbox(options.port, options.seeds) as sandbox:
            if options.today:
                sandbox.today = options.today
            portals = [portal.definition(0.0) for portal in sandbox.portals]
            _say({"address": sandbox.address, "portals": portals, "organs": sandbox.organs_csv()})
            _wait()
        return 0
    site = VolumeSite(options.reports)
    with LoopbackServer(keep_log=False) as server:
        portal = SandboxPortal(site, f"127.0.0.1:{server.serve(site, options.port)}")
        portals = [portal.definition(0.0)]
        _say({"address": portal.address, "portals": portals, "organs": organs_as_csv(site.organs)})
        _wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
