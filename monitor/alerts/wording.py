"""Alerts in words: Chinese first, English second.

What an alert says is stored as a template and plain values, so that it can be told in either language at any time.
A value may be a message of its own (:func:`message`) or a day (:func:`day`); both are JSON data.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from monitor import severities
from monitor.alerts.conditions import AlertKind
from monitor.alerts.states import AlertState
from monitor.language import N_, translate

KIND_NAMES: Mapping[AlertKind, str] = {
    AlertKind.MISSING: N_("未公布"),
    AlertKind.LATE: N_("逾期公布"),
    AlertKind.INCONSISTENT: N_("内容有误或前后不一"),
    AlertKind.WRONG_FORM: N_("格式版本不对"),
    AlertKind.CHANGED: N_("公布后有改动"),
    AlertKind.REMOVED: N_("公布后被撤下"),
    AlertKind.BACKDATED: N_("疑似倒签"),
    AlertKind.SIMILAR: N_("内容雷同"),
    AlertKind.MISPLACED: N_("放错栏目"),
    AlertKind.PORTAL_UNREACHABLE: N_("门户无法访问"),
    AlertKind.PORTAL_BLOCKED: N_("门户拒绝采集"),
    AlertKind.PORTAL_CHANGED: N_("门户版面已变"),
    AlertKind.PARSE_FAILED: N_("文件无法解析"),
    AlertKind.STALE: N_("久未完整采集"),
}
_UNSURE_NUMBERS = N_("有数字未能可靠识读")
STATE_NAMES: Mapping[AlertState, str] = {
    AlertState.OPEN: N_("待处理"),
    AlertState.ACKNOWLEDGED: N_("已接手"),
    AlertState.MUTED: N_("已静音"),
    AlertState.RESOLVED: N_("已解决"),
}
SEVERITY_NAMES: Mapping[str, str] = {name: severities.SEVERITY_NAMES[name] for name in ("error", "warning")}
"""Of alerts: notices never become one."""
STEP_NAMES: Mapping[str, str] = {
    "opened": N_("新发现"),
    "updated": N_("情况有更新"),
    "worsened": N_("加重"),
    "reminded": N_("仍未解决"),
    "escalated": N_("升级"),
    "acknowledged": N_("已接手"),
    "muted": N_("已静音"),
    "resolved": N_("已解决"),
    "reopened": N_("再次出现"),
    "assigned": N_("指定经办人"),
    "noted": N_("加了说明"),
}
ADVICE: Mapping[AlertKind, str] = {
    AlertKind.MISSING: N_(
        "请联系该单位，问明是否已公布。未公布的，督促其立即公布；已公布在别处的，请其补发到规定栏目，或告知网址以便登记。"
    ),
    AlertKind.LATE: N_("请核对所列日期并记入台账。该单位若能证明更早公布，请其更正页面日期，并回复提醒邮件说明。"),
    AlertKind.INCONSISTENT: N_(
        "请打开原文核对所列位置。属实的，通知该单位更正后重新公布；如我们读错，请回复提醒邮件说明。"
    ),
    AlertKind.WRONG_FORM: N_("请通知该单位改用该年度的格式重新填报并公布。"),
    AlertKind.CHANGED: N_("请比对前后版本，问明改动原因。各版本均已留存；首次公布的时间不因改动而改变。"),
    AlertKind.REMOVED: N_("请问明撤下原因，并督促恢复。撤下前的内容已留存。"),
    AlertKind.BACKDATED: N_("请向该单位核实实际公布时间。这里只说明看到的情况，不等于已认定倒签。"),
    AlertKind.SIMILAR: N_("请并排对照两份报告，判断是否照抄，必要时请该单位重写。"),
    AlertKind.MISPLACED: N_("请核对这份报告究竟属于哪个单位，通知发布方移到正确的栏目。"),
    AlertKind.PORTAL_UNREACHABLE: N_("请检查网络和门户地址。恢复之前，不会据此把任何单位判为未公布。"),
    AlertKind.PORTAL_BLOCKED: N_(
        "请与门户管理方商定采集办法，或放慢采集。恢复之前，不会据此把任何单位判为未公布。"
    ),
    AlertKind.PORTAL_CHANGED: N_(
        "请运行 nianbao portals check，对照门户现状修改定义文件。改好之前，不会据此把任何单位判为未公布。"
    ),
    AlertKind.PARSE_FAILED: N_(
        "请打开原文人工查看。文件已留存，解析程序改进后可用 nianbao ingest --reparse 重新解析。"
    ),
    AlertKind.STALE: N_("请查看最近几次采集的结果，排除故障后运行 nianbao crawl。"),
}
_UNSURE_ADVICE = N_(
    "请打开原文，人工核对所列各格。这是识读上的问题，不必通知该单位；"
    "解析程序改进后可用 nianbao ingest --reparse 重新解析。"
)
DATE_SOURCES: Mapping[str, str] = {
    "shown": N_("页面上写明的发布日期"),
    "meta": N_("网页元数据中的发布日期"),
    "metadata_table": N_("页面信息表中的发布日期"),
    "list": N_("栏目列表中的日期"),
    "address": N_("网址中的日期（网站搬迁后可能不准，请核对）"),
    "first_seen": N_("我们首次见到的日期（页面没有标明日期，实际公布可能更早，请核对）"),
}
_PLACE_PARTS: Mapping[str, str] = {
    "page": N_("第 {number} 页"),
    "table": N_("第 {number} 张表"),
    "row": N_("第 {number} 行"),
    "column": N_("第 {number} 列"),
    "line": N_("文本第 {number} 行"),
}
CELL_STATES: Mapping[str, str] = {"blank": N_("空白"), "absent": N_("缺格"), "unreadable": N_("无法辨认")}
"""Why a cell holds no number, in the words of a table."""
_CELL_REMARKS: Mapping[str, str] = {
    "blank": N_("（空白）"),
    "absent": N_("（文中没有这一格）"),
    "unreadable": N_("（无法可靠识读）"),
}
_ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def kind_name(kind: str, rule: str | None) -> str:
    """The heading of an alert (Chinese). A file that was read, but not in all its numbers, has one of its own."""
    return _UNSURE_NUMBERS if _is_unsure(kind, rule) else KIND_NAMES[AlertKind(kind)]


def advice(kind: str, rule: str | None) -> str:
    """What to do about an alert (Chinese)."""
    return _UNSURE_ADVICE if _is_unsure(kind, rule) else ADVICE[AlertKind(kind)]


def _is_unsure(kind: str, rule: str | None) -> bool:
    # Of files that cannot be read at all no rule tells.
    return kind == AlertKind.PARSE_FAILED and rule is not None


def message(text: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A message as a value inside another one: its Chinese template and its values, as JSON data."""
    return {"text": text, "values": dict(values or {})}


def day(value: date) -> dict[str, str]:
    """A day as a value inside a message, as JSON data."""
    return {"date": value.isoformat()}


def day_in_words(value: date, language: str = "zh") -> str:
    """``2024年1月31日`` or ``31 January 2024``."""
    if language == "en":
        return f"{value.day} {_ENGLISH_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def moment_in_words(value: datetime, language: str = "zh") -> str:
    """The day and the minute, in the zone the time carries."""
    return f"{day_in_words(value, language)} {value:%H:%M}"


def say(template: str, values: Mapping[str, Any], language: str = "zh") -> str:
    """A template with its values in ``language``; messages and days among the values are told as well."""
    filled = {name: _told(value, language) for name, value in values.items()}
    return translate(template, language, filled)


def _told(value: Any, language: str) -> Any:
    if isinstance(value, dict) and value.keys() == {"text", "values"}:
        return say(value["text"], value["values"], language)
    if isinstance(value, dict) and value.keys() == {"date"}:
        return day_in_words(date.fromisoformat(value["date"]), language)
    return value


def place_in_words(at: Mapping[str, Any], language: str = "zh") -> str:
    """Where a cell was read, for people; empty where nothing is known."""
    parts = {name: say(text, {"number": at[name]}, language) for name, text in _PLACE_PARTS.items() if name in at}
    if language == "en":
        return ", ".join(parts.values())
    line = parts.pop("line", None)
    return "，".join(filter(None, ("".join(parts.values()), line)))


def printed_in_words(raw: str, state: str, language: str = "zh") -> str:
    """What stands in a cell: the text as printed, or in brackets why there is none."""
    if state == "unreadable" and raw.strip():
        return f"{raw.strip()} {translate(_CELL_REMARKS[state], language)}"
    if state in _CELL_REMARKS:
        return f"{raw.strip()} {translate(_CELL_REMARKS[state], language)}".strip()
    return raw.strip()
