"""The sheet of an evidence bundle: what was seen, when, where, by which rule, and how to check it, in plain
Chinese.

Written for whoever has to decide and was not there. Everything from portals is text here and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crawler.clock import SHANGHAI
from crawler.records import Capture
from monitor.alerts.conditions import AlertKind
from monitor.alerts.details import details
from monitor.alerts.states import AlertState
from monitor.alerts.wording import KIND_NAMES, SEVERITY_NAMES, STATE_NAMES, day_in_words
from monitor.evidence.screenshot import Screenshot
from monitor.pages import pages_of
from monitor.rules.base import Cause
from monitor.rules.catalogue import RULES
from monitor.rules.timeliness import TIMELINESS_RULES, ThreeDates, three_dates
from monitor.store.evidence import Passed


@dataclass(frozen=True, slots=True)
class Body:
    """A file of the bundle that holds captured bytes, with their digest."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One capture as the sheet tells it.

    ``listed``: whether a list page had a row for the report (None: no list, or its run's log is not here).

    ``whole``: it belongs to a pass in which the column was read whole.
    """

    capture: Capture
    run_id: str
    body: Body | None
    listed: bool | None
    whole: bool

    def to_json(self) -> dict[str, Any]:
        """What the bundle's captures.json says of it."""
        capture = self.capture
        return {
            "run": self.run_id,
            "sequence": capture.sequence,
            "role": capture.role.value,
            "method": capture.method,
            "address": capture.address,
            "final_address": capture.final_address,
            "request_body": capture.request_body,
            "fetched_at": capture.fetched_at.isoformat(),
            "status": capture.status,
            "problem": capture.problem,
            "media_type": capture.media_type,
            "rendered": capture.rendered,
            "headers": dict(capture.headers),
            "size": capture.size,
            "sha256": capture.sha256,
            "file": self.body.file if self.body else None,
            "lists_the_report": self.listed,
            "column_read_whole": self.whole,
        }


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule as it is cited."""

    id: str
    title: str
    basis: str


_CITED = {
    **{rule.id: _Rule(rule.id, rule.title, rule.basis) for rule in RULES},
    **{rule.id: _Rule(rule.id, rule.title, rule.basis) for rule in TIMELINESS_RULES},
}
# What has no rule of its own in the catalogue: matters of publication, by the kind of alert.
_OF_KIND = {
    AlertKind.MISSING: _Rule("D-01", "期限之内公布年度报告", "《条例》第四十九条、第五十条；该单位的期限依据见上"),
    AlertKind.LATE: _Rule("D-02", "公布日期不晚于期限", "《条例》第四十九条；该单位的期限依据见上"),
    AlertKind.REMOVED: _Rule("D-06", "公布后应保持可查", "《条例》第四十九条、第五十条（年度报告应当向社会公布）"),
    AlertKind.CHANGED: _Rule("D-07", "公布后内容有改动", "没有统一规定，仅作提示；各版本均已留存"),
    AlertKind.MISPLACED: _Rule("I-04", "报告应在本单位的栏目", "机关名录与栏目归属"),
}


def to_sheet(
    alert: Mapping[str, Any],
    *,
    seen: Sequence[Seen],
    passes: Sequence[Passed],
    shots: Sequence[tuple[str, Screenshot]],
    parses: Sequence[str],
    digests: Mapping[str, str],
    made_at: datetime,
    county: str,
    dates: ThreeDates | None = None,
) -> str:
    """The sheet as an HTML page that needs nothing else and prints on A4. ``alert`` as listing.show_alert gives
    it."""
    evidence = alert["evidence"]
    cause = Cause.from_json(evidence["cause"]) if evidence.get("cause") else None
    expected = {cell.cell: cell.value for cell in cause.should_read} if cause else {}
    whole = [one for one in passes if one.whole]
    # An alert on what a report says rests on no date; when it was published is told all the same.
    known = three_dates(dates) | ({"first_seen_at": dates.first_seen_at.isoformat()} if dates else {})
    pages = pages_of("monitor.evidence")
    return pages.get_template("sheet.html").render(
        alert=alert,
        kind=KIND_NAMES[AlertKind(alert["kind"])],
        severity=SEVERITY_NAMES.get(alert["severity"], alert["severity"]),
        state=STATE_NAMES[AlertState(alert["state"])],
        county=county,
        due=evidence.get("due"),
        rule=_rule(alert),
        shown=details(evidence),
        cells=[
            {
                "name": cell["name"],
                "raw": cell["raw"] if str(cell["raw"]).strip() else "（空白）",
                "expected": expected.get(cell["key"]),
                "suspect": bool(cell.get("suspect")),
                "place": _place(cell["at"]),
            }
            for cell in evidence.get("cells") or ()
        ],
        lists=[one for one in seen if one.listed is not None or one.capture.role.value == "list"],
        documents=[one for one in seen if one.capture.role.value != "list"],
        watched=_watched(whole),
        not_whole=len(passes) - len(whole),
        shots=shots,
        reasons=_REASONS,
        parses=parses,
        digests=digests,
        made_at=made_at,
        dates=_dates(evidence if evidence.get("first_seen_at") else {**evidence, **known}),
        opened=_moment(datetime.fromisoformat(alert["opened_at"])),
        moment=_moment,
    )


_REASONS = {
    "no_extra": "本机没有安装截图所需的组件（安装时加 browser）",
    "no_browser": "本机没有浏览器（chromium）",
    "failed": "浏览器没有画出这个页面",
    "not_html": "留存的文件不是网页，请直接打开留存的文件",
    "no_page": "没有可截图的网页",
}


def _rule(alert: Mapping[str, Any]) -> _Rule | None:
    """The rule that an alert cites, None where it is a matter of the due date or our own."""
    if alert["rule"] in _CITED:
        return _CITED[alert["rule"]]
    return _OF_KIND.get(AlertKind(alert["kind"]))


def _place(at: Mapping[str, Any]) -> str:
    from monitor.alerts.wording import place_in_words

    return place_in_words(at)


def _watched(whole: Sequence[Passed]) -> dict[str, Any] | None:
    """How long and how often the columns were read whole."""
    if not whole:
        return None
    days = {one.at.astimezone(SHANGHAI).date() for one in whole}
    return {"first": whole[0].at, "last": whole[-1].at, "times": len(whole), "days": len(days)}


def _dates(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The three dates, and the time between the last pass without the report and the first with it, in words."""

    def in_words(name: str) -> str | None:
        text = evidence.get(name)
        return day_in_words(date.fromisoformat(text)) if text else None

    before, seen = evidence.get("last_without_at"), evidence.get("first_seen_at")
    hours = None
    if before and seen:
        hours = round((datetime.fromisoformat(seen) - datetime.fromisoformat(before)).total_seconds() / 3600)
    return {
        "shown": in_words("shown_on"),
        "address": evidence.get("address_date"),
        "address_precision": {"month": "只到月", "second": "到秒"}.get(evidence.get("address_precision") or ""),
        "seen": _moment(datetime.fromisoformat(seen)) if seen else None,
        "before": _moment(datetime.fromisoformat(before)) if before else None,
        "hours": hours,
        "last_seen": _moment(datetime.fromisoformat(evidence["last_seen_at"]))
        if evidence.get("last_seen_at")
        else None,
        "gone": _moment(datetime.fromisoformat(evidence["gone_at"])) if evidence.get("gone_at") else None,
    }


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
