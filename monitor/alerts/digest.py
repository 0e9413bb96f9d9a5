"""What a mail says: what was found, what came back, what is over, by county and report, with the evidence.

One mistake is told once, and all that is wrong with one report stands together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from monitor.alerts.states import Step
from monitor.alerts.subjects import subject
from monitor.alerts.wording import SEVERITY_NAMES, STEP_NAMES, kind_name, moment_in_words, say
from monitor.language import N_, translate
from monitor.settings import ChannelSettings

MOST_AT_ONCE = 100
"""So many alerts can be taken up by one link."""
_TONE_OF_END = "over"
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COUNTED = (
    (Step.OPENED, N_("新发现 {number} 项")),
    (Step.REOPENED, N_("再次出现 {number} 项")),
    (Step.ESCALATED, N_("升级 {number} 项")),
    (Step.WORSENED, N_("加重 {number} 项")),
    (Step.REMINDED, N_("仍未解决 {number} 项")),
    (Step.RESOLVED, N_("已解决 {number} 项")),
)


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the web pages in messages.

    ``page``: the page of an alert, for who has an account; ``report``: that of a version of a report. ``answer``:
    where the alerts of these numbers are shown and taken up by whoever got the message; None where a message holds
    no such key.
    """

    answer: Callable[[Sequence[int]], str] | None
    page: Callable[[int], str]
    report: Callable[[int], str] | None = None


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True, default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    payload: Mapping[str, Any], channel: ChannelSettings, links: Links | None = None
) -> tuple[str, str, str]:
    """Subject, HTML and text of a message, in the channel's language. Text from portals is escaped in the HTML.

    ``links`` give the addresses of our pages; without them the mail holds none. A payload with
    ``notice`` is no digest but a few lines of ours (see :func:`notice`).
    """
    if "notice" in payload:
        return _render_notice(payload, channel)
    language = channel.language

    def _(text: str, **values: Any) -> str:
        return say(text, values, language)

    counted = ("，" if language == "zh" else ", ").join(
        _(text, number=payload["counts"][step.value])
        for step, text in _COUNTED
        if payload["counts"].get(step.value)
    )
    items = payload["items"]
    live = [item["alert"]["id"] for item in items if item["step"] != Step.RESOLVED.value]
    counties = [
        {"name": _flat(county) or _(N_("未归入县区")), "cards": [*_cards(list(of_county), links, language)]}
        for county, of_county in groupby(items, key=lambda item: item["county"])
    ]
    shown = {
        "_": _,
        "language": "zh-CN" if language == "zh" else "en",
        "heading": _flat(_heading(payload, channel, language)),
        "counted": counted,
        "as_of": moment_in_words(datetime.fromisoformat(payload["as_of"]), language),
        "counties": counties,
        "left_out": payload["left_out"],
        # Messages that were put into the outbox before this was counted do not have it.
        "settled": payload.get("settled", 0),
        "answer_all": links.answer(live) if links and links.answer and 1 < len(live) <= MOST_AT_ONCE else None,
        "number": len(live),
        "attached": bool(live),
        "channel": channel.name,
        "oversight": channel.audience == "oversight",
    }
    environment = _templates()
    return (
        _flat(subject(payload, channel.audience, language)),
        environment.get_template("digest.html").render(shown),
        environment.get_template("digest.txt").render(shown).strip() + "\n",
    )


def notice(title: str, lines: Sequence[str], at: datetime) -> dict[str, Any]:
    """The payload of a message of ours that tells of no alert: a test, or what the watchdog has to say."""
    return {"as_of": at.isoformat(), "notice": {"title": title, "lines": list(lines)}}


def _render_notice(payload: Mapping[str, Any], channel: ChannelSettings) -> tuple[str, str, str]:
    language = channel.language
    shown = {
        "_": lambda text, **values: say(text, values, language),
        "language": "zh-CN" if language == "zh" else "en",
        "heading": _flat(payload["notice"]["title"]),
        "lines": _flat(payload["notice"]["lines"]),
        "as_of": moment_in_words(datetime.fromisoformat(payload["as_of"]), language),
        "channel": channel.name,
    }
    environment = _templates()
    return (
        shown["heading"],
        environment.get_template("notice.html").render(shown),
        environment.get_template("notice.txt").render(shown).strip() + "\n",
    )


def _heading(payload: Mapping[str, Any], channel: ChannelSettings, language: str) -> str:
    counties = [name for name in payload["counties"] if name]
    if channel.audience == "operator":
        return translate(N_("年报监测运行情况"), language)
    if not counties:
        return translate(N_("年度报告监测"), language)
    if len(counties) == 1:
        return say(N_("{county}年度报告监测"), {"county": counties[0]}, language)
    values = {"county": counties[0], "number": len(counties)}
    return say(N_("{county}等 {number} 个县区年度报告监测"), values, language)


def _cards(items: Sequence[Mapping[str, Any]], links: Links | None, language: str) -> Iterator[dict[str, Any]]:
    """The matters of a county, those of one report together, in the order in which they come."""
    reports: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for item in items:
        reports.setdefault(_report(item), []).append(item)
    for (over, *_), matters in reports.items():
        shown = [_flat(_shown(item, links, language)) for item in matters]
        originals = {matter["link"] for matter in shown}
        kept = {(matter["gone"], matter["kept_page"]) for matter in shown}
        severities = {item["alert"]["severity"] for item in matters}
        yield {
            "over": over,
            "tone": _TONE_OF_END if over else "error" if "error" in severities else "warning",
            "organ": shown[0]["organ"],
            "year": shown[0]["year"],
            "matters": shown,
            "advice": list(dict.fromkeys(matter["advice"] for matter in shown)),
            **(_original(shown[0]) if len(originals) == len(kept) == 1 else _original({})),
            "answer": links.answer([matter["number"] for matter in shown])
            if links and links.answer and not over
            else None,
        }


def _original(matter: Mapping[str, Any]) -> dict[str, Any]:
    """Where the document is, whether it is gone from there, and the page of what is kept of it."""
    return {name: matter.get(name) for name in ("link", "gone", "kept_page")}


def _report(item: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is told together: over or not, and the organ's report of a year; a matter without them stands alone."""
    alert = item["alert"]
    over = item["step"] == Step.RESOLVED.value
    settled = alert["organ_code"] and alert["report_year"]
    return (over, alert["organ_code"], alert["report_year"]) if settled else (over, alert["id"])


def _shown(item: Mapping[str, Any], links: Links | None, language: str) -> dict[str, Any]:
    """One alert as the templates need it."""
    alert = item["alert"]
    over = item["step"] == Step.RESOLVED.value
    # Messages that were put into the outbox before this was kept do not have it.
    kept = item["details"].get("kept")
    return {
        "gone": kept is not None,
        "kept_page": links.report(kept) if links and links.report and kept is not None else None,
        "number": alert["id"],
        "page": links.page(alert["id"]) if links else None,
        "over": over,
        # Messages that were put into the outbox before this was kept do not have it.
        "note": item.get("note"),
        "ended": item.get("ended"),
        "tone": _TONE_OF_END if over else alert["severity"],
        "step": translate(STEP_NAMES[item["step"]], language),
        "severity": translate(SEVERITY_NAMES[alert["severity"]], language),
        "kind": translate(kind_name(alert["kind"], alert["rule"]), language),
        "organ": alert["organ"],
        "year": alert["report_year"],
        "rule": alert["rule"],
        "summary": alert["summary"],
        "advice": item["advice"],
        **item["details"],
    }


def _flat(value: Any) -> Any:
    """Text in one line each, so that no text from a portal can pass for a line of ours.

    Marks that turn the direction of writing would turn what we write behind them, numbers too.
    """
    if isinstance(value, str):
        return " ".join(_DIRECTIONS.sub("", value).split())
    if isinstance(value, list):
        return [_flat(each) for each in value]
    if isinstance(value, dict):
        return {name: _flat(each) for name, each in value.items()}
    return value
