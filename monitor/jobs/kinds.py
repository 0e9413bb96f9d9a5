"""What jobs there are: a visit to one portal, and the stages of the main job behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from monitor.language import N_


class Kind(StrEnum):
    """What is to be done. ``CRAWL`` is one visit to one portal; the others have no subject."""

    CRAWL = "crawl"
    INGEST = "ingest"
    ASSESS = "assess"
    NOTIFY = "notify"


class Queue(StrEnum):
    """Where jobs wait, so that a machine may take those it is fit for; a browser needs memory and a chromium."""

    CRAWL = "crawl"
    BROWSER = "browser"
    PARSE = "parse"
    JUDGE = "judge"


QUEUES: Mapping[Kind, Queue] = {Kind.INGEST: Queue.PARSE, Kind.ASSESS: Queue.JUDGE, Kind.NOTIFY: Queue.JUDGE}
NEXT: Mapping[Kind, Kind] = {Kind.CRAWL: Kind.INGEST, Kind.INGEST: Kind.ASSESS, Kind.ASSESS: Kind.NOTIFY}
"""What is asked for when a job of a kind is done."""


class JobState(StrEnum):
    """``FAILED`` is what ended badly and was told, or was begun too often; everything else is done again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.CRAWL: N_("采集"),
    Kind.INGEST: N_("解析"),
    Kind.ASSESS: N_("检查"),
    Kind.NOTIFY: N_("送达"),
}
STATE_NAMES: Mapping[JobState, str] = {
    JobState.WAITING: N_("等待"),
    JobState.RUNNING: N_("进行中"),
    JobState.DONE: N_("完成"),
    JobState.FAILED: N_("失败"),
}


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done, put once while the same waits. ``subject``: the portal of a visit."""

    kind: Kind
    subject: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for a visit without a portal, or another job with one."""
        if (self.kind is Kind.CRAWL) != bool(self.subject):
            raise ValueError(f"{self.kind} with the subject {self.subject!r}")

    @property
    def key(self) -> str:
        """The same for the same task."""
        return f"{self.kind}/{self.subject}"


@dataclass(frozen=True, slots=True)
class Job:
    """A task as the record has it. ``line`` says how it ended (text and values, as in alerts)."""

    id: int
    task: Task
    state: JobState
    attempts: int
    queued_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    worker: str | None = None
    line: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended."""

    failed: bool
    line: Mapping[str, Any] | None = None
