"""The sign of life after each main job: a file with the time, and a request to a service that waits for it.

Whoever watches from outside needs no access to the record: when the file grows old, or the request stays away, the
main job does not come to its end any more. A crash, a full disk and a machine that is off all look the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.clock import Clock
from monitor.alerts.channels import NotDelivered
from monitor.alerts.channels.webhook import request_once
from monitor.alerts.wording import say
from monitor.language import N_, spoken_language
from monitor.settings import Settings
from monitor.store import stages
from monitor.store.database import Database
from monitor.system_words import reason_of


def beat(database: Database, settings: Settings, clock: Clock, *, failed: bool) -> tuple[str, ...]:
    """Writes the file and asks the address of the settings, if there is one; one line for each that did not work.

    ``failed``: the main job came to its end, but something in it failed and was reported.
    """
    with database.reading() as session:
        sign = _sign(clock.now(), stages.successes(session), failed=failed)
    problems = (_write(settings, sign), _ask(settings, sign))
    return tuple(problem for problem in problems if problem)


def _sign(now: datetime, successes: Mapping[str, datetime], *, failed: bool) -> dict[str, Any]:
    return {
        "at": now.isoformat(timespec="seconds"),
        "failed": failed,
        "stages": {stage: at.isoformat(timespec="seconds") for stage, at in sorted(successes.items())},
    }


def _write(settings: Settings, sign: Mapping[str, Any]) -> str | None:
    """Replaces the file in one step, so that nobody reads half of it."""
    file = settings.path(settings.watch.heartbeat_file)
    draft = file.with_name(file.name + ".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(sign, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError as problem:
        text = N_("写不了心跳文件 {file}（{reason}）；请检查 [watch] heartbeat_file")
        return _say(text, file=file, reason=reason_of(problem))
    return None


def _ask(settings: Settings, sign: Mapping[str, Any]) -> str | None:
    watch = settings.watch
    if not watch.heartbeat_url:
        return None
    try:
        request_once(
            watch.heartbeat_url,
            method=watch.heartbeat_method,
            body=json.dumps(sign).encode() if watch.heartbeat_method == "POST" else b"",
            headers={"User-Agent": settings.crawl.user_agent, "Content-Type": "application/json"},
            allow_private=watch.heartbeat_allow_private_addresses,
        )
    except NotDelivered as problem:
        return _say(N_("心跳没有发出：{problem}（[watch] heartbeat_url）"), problem=str(problem))
    return None


def _say(template: str, **values: Any) -> str:
    return say(template, values, spoken_language())
