"""The mail of one pass: what was found, what came back, what is over, by county and organ, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from monitor.alerts.states import Step
from monitor.alerts.wording import SEVERITY_NAMES, STEP_NAMES, kind_name, moment_in_words, say
from monitor.language import N_, translate
from monitor.settings import ChannelSettings

_TONES = {"error": "#b3261e", "warning": "#8a5300"}
_TONE_OF_END = "#1b6e3c"
_COUNTED = (
    (Step.OPENED, N_("新发现 {number} 项")),
    (Step.REOPENED, N_("再次出现 {number} 项")),
    (Step.WORSENED, N_("加重 {number} 项")),
    (Step.ESCALATED, N_("升级 {number} 项")),
    (Step.RESOLVED, N_("已解决 {number} 项")),
)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default_for_string=True, default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(payload: Mapping[str, Any], channel: ChannelSettings) -> tuple[str, str, str]:
    """Subject, HTML and text of a digest, in the channel's language. Text from portals is escaped in the HTML."""
    language = channel.language

    def _(text: str, **values: Any) -> str:
        return say(text, values, language)

    counted = ("，" if language == "zh" else ", ").join(
        _(text, number=payload["counts"][step.value])
        for step, text in _COUNTED
        if payload["counts"].get(step.value)
    )
    shown = {
        "_": _,
        "language": "zh-CN" if language == "zh" else "en",
        "heading": _flat(_heading(payload, channel, language)),
        "counted": counted,
        "as_of": moment_in_words(datetime.fromisoformat(payload["as_of"]), language),
        "counties": [
            {
                "name": _flat(county) or _(N_("未归入县区")),
                "items": [_flat(_shown(item, language)) for item in items],
            }
            for county, items in groupby(payload["items"], key=lambda item: item["county"])
        ],
        "left_out": payload["left_out"],
        "channel": channel.name,
        "oversight": channel.audience == "oversight",
    }
    subject = _(N_("{heading}：{counted}"), heading=shown["heading"], counted=counted)
    environment = _templates()
    return (
        subject,
        environment.get_template("digest.html").render(shown),
        environment.get_template("digest.txt").render(shown).strip() + "\n",
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


def _shown(item: Mapping[str, Any], language: str) -> dict[str, Any]:
    """One alert as the templates need it."""
    alert = item["alert"]
    over = item["step"] == Step.RESOLVED.value
    return {
        "number": alert["id"],
        "over": over,
        "tone": _TONE_OF_END if over else _TONES[alert["severity"]],
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
    """Text in one line each, so that no text from a portal can pass for a line of ours."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return [_flat(each) for each in value]
    if isinstance(value, dict):
        return {name: _flat(each) for name, each in value.items()}
    return value
