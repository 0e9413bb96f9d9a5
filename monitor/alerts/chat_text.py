"""What a chat message says: a title and a few lines of plain text, short enough for every service. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.alerts.digest import Links
from monitor.alerts.states import Step
from monitor.alerts.subjects import subject
from monitor.alerts.wording import SEVERITY_NAMES, STEP_NAMES, moment_in_words, say
from monitor.language import N_, translate
from monitor.settings import ChannelSettings

MOST_BYTES = 1900
"""So long a text may be: 企业微信 takes 2,048 bytes and cuts off the rest."""
LONGEST_SUMMARY = 160
"""So many characters of one matter are shown; all of it stands on the page it links to."""
_ITEM = N_("{number}. 【{tag}】{summary}")
# In these brackets services read commands: to call everybody in a group, to show a link under another name.
_BRACKETS = str.maketrans({"<": "＜", ">": "＞"})


def chat_text(
    payload: Mapping[str, Any], channel: ChannelSettings, delivery_id: str, links: Links | None = None
) -> tuple[str, str]:
    """Title and text of a digest (or of a notice of ours). The text never exceeds MOST_BYTES with its title.

    ``delivery_id`` is shown in part: a message that comes twice after a crash can be told from news. Beside it
    stands our name, so that a robot that takes only messages with a keyword has one to go by.
    """
    language = channel.language
    mark = say(N_("（年报监测，消息 {id}）"), {"id": delivery_id.removeprefix("msg_")[:8]}, language)
    if "notice" in payload:
        title = _plain(payload["notice"]["title"])
        return title, _cut([_plain(line) for line in payload["notice"]["lines"]], [mark], title)
    title = _plain(subject(payload, channel.audience, language))
    items: Sequence[Mapping[str, Any]] = payload["items"]
    # More can never fit, however many a destination asks for.
    entries = [_entry(number, item, language) for number, item in enumerate(items[: MOST_BYTES // 10], 1)]
    for shown in range(len(entries), -1, -1):
        end = [*_end(payload, items[:shown], len(items) - shown, language, links), mark]
        text = "\n".join([*entries[:shown], *end])
        if _size(title, text) <= MOST_BYTES:
            return title, text
    return title[:LONGEST_SUMMARY], mark


def _entry(number: int, item: Mapping[str, Any], language: str) -> str:
    alert = item["alert"]
    over = item["step"] == Step.RESOLVED.value
    tags = [] if over else [translate(SEVERITY_NAMES[alert["severity"]], language)]
    if item["step"] != Step.OPENED.value:
        tags.append(translate(STEP_NAMES[item["step"]], language))
    summary = _plain(alert["summary"])
    if len(summary) > LONGEST_SUMMARY:
        summary = summary[: LONGEST_SUMMARY - 1] + "…"
    said = say(_ITEM, {"number": number, "tag": translate("·", language).join(tags), "summary": summary}, language)
    address = item["details"].get("link")
    return said if over or not address else f"{said}\n{_plain(address)}"


def _end(
    payload: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], cut: int, language: str, links: Links | None
) -> Iterator[str]:
    more = payload["left_out"] + cut
    if more:
        yield say(N_("另有 {number} 项。"), {"number": more}, language)
    if payload.get("settled"):
        yield say(N_("另有 {number} 项在发送前已自行解决，不再列出。"), {"number": payload["settled"]}, language)
    live = [item["alert"]["id"] for item in shown if item["step"] != Step.RESOLVED.value]
    if links is not None and links.answer is not None and live:
        yield say(N_("查看并接手：{address}"), {"address": links.answer(live)}, language)
    moment = moment_in_words(datetime.fromisoformat(payload["as_of"]), language)
    yield say(N_("截至 {moment}（北京时间）。请打开原文核对。"), {"moment": moment}, language)


def _cut(lines: Sequence[str], end: Sequence[str], title: str) -> str:
    for shown in range(len(lines), -1, -1):
        text = "\n".join([*lines[:shown], *end])
        if _size(title, text) <= MOST_BYTES:
            return text
    return "\n".join(end)


def _size(title: str, text: str) -> int:
    return len(f"{title}\r\n{text}".encode())


def _plain(text: str) -> str:
    """One line of printable characters that no service takes for a command."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split()).translate(_BRACKETS)
