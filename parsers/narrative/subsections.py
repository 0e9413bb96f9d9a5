"""The subsections of a section of prose (（一）主动公开…, （二）依申请公开…) with what stands under each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a subsection is about, as far as reading its sentences depends on it."""

    APPLICATIONS = "applications"
    PROACTIVE = "proactive"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of prose: its text without a heading at its start, and where the line belongs.

    ``printed`` is the whole line. ``heading`` is the heading that begins on this line, else None. ``deep`` marks
    a heading of the third level (1、), which stays inside its subsection. ``topic`` is that of the subsection.
    """

    heading: str | None
    deep: bool
    text: str
    topic: Topic
    printed: str


@dataclass(frozen=True, slots=True)
class Subsection:
    """A heading of the second level with all the prose under it.

    ``body`` has the headings under it without their numbers; ``printed`` is the same as it stands in the report.
    """

    heading: str
    topic: Topic
    body: str
    printed: str


_ORNAMENT = r"[\s*#　]*"
_HEADING = re.compile(
    rf"{_ORNAMENT}(?:(?P<outer>[（(]\s*[一二三四五六七八九十]{{1,3}}\s*[)）]\s*[、.．]?|[一二三四五六七八九十]{{1,3}}\s*、)"
    rf"|(?P<deep>[（(]?\s*[0-9０-９]{{1,2}}\s*(?:[)）、．]|\.(?![0-9]))))"
    r"[\s*]*(?P<title>[^。：:；;\n]{2,32}?)[\s*]*(?:[。：:；;]\**|$)"
)
_UNNUMBERED = re.compile(
    rf"{_ORNAMENT}(?P<title>(?:主动公开|依申请公开|政府信息管理|(?:政府)?信息公开平台建设|平台建设|监督保障)"
    r"(?:政府信息|政务信息)?(?:工作|办理)?(?:开展|落实|推进)?(?:情况|方面|工作)?)[\s*]*(?:[。：:]\**|$)"
)
_APPLICATIONS = re.compile(r"依\s*申\s*请|申请公开")
# A title that itself says the number is a sentence, not a heading.
_SENTENCE = re.compile(r"[0-9０-９]+\s*[件条份篇]|未收到|没有收到|[，,].*[，,]")


def lines(text: str) -> Iterator[Line]:
    """The non-empty lines of ``text`` with their headings cut off and their topics."""
    outer = topic = Topic.OTHER
    for raw in text.split("\n"):
        if not raw.strip():
            continue
        found = _HEADING.match(raw)
        deep = bool(found and found["deep"])
        found = found or _UNNUMBERED.match(raw)
        if not found or _SENTENCE.search(found["title"]):
            yield Line(None, False, raw, topic, raw)
            continue
        topic = _topic_of(found["title"])
        if not deep:
            outer = topic
        elif topic is Topic.OTHER:
            topic = outer
        yield Line(found["title"].strip(), deep, raw[found.end() :], topic, raw)


def subsections(text: str) -> tuple[Subsection, ...]:
    """The subsections of ``text``; prose before the first heading belongs to none.

    Where only headings of the third level stand (1、 2、), they are the subsections.
    """
    parts = tuple(lines(text))
    only_deep = not any(line.heading is not None and not line.deep for line in parts)
    found: list[tuple[str, Topic, list[str], list[str]]] = []
    for line in parts:
        below = line.heading is not None and line.deep and not only_deep
        if line.heading is not None:
            if not below:
                found.append((line.heading, line.topic, [], []))
            elif found:
                found[-1][2].append(line.heading)
        if found and line.text.strip():
            found[-1][2].append(line.text)
        if found and (below or line.text.strip()):
            found[-1][3].append(line.printed if below else line.text)
    return tuple(
        Subsection(heading, topic, "\n".join(body), "\n".join(printed)) for heading, topic, body, printed in found
    )


def _topic_of(title: str) -> Topic:
    if _APPLICATIONS.search(title):
        # 「主动公开和依申请公开」 is about both; nothing may be read from its place alone.
        return Topic.OTHER if "主动公开" in title else Topic.APPLICATIONS
    return Topic.PROACTIVE if "主动公开" in title else Topic.OTHER
