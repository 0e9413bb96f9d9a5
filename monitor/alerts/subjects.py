"""The subject of a mail: county, organ, matter and days for one matter, counts by matter for many. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from crawler.clock import SHANGHAI
from monitor.alerts.conditions import AlertKind
from monitor.alerts.states import Step
from monitor.alerts.wording import kind_name, say
from monitor.language import N_, translate

LONGEST = 120
"""So many characters of a matter's own words go into a subject; lists of mails show fewer still."""
_AGAIN = {"escalated", "reminded"}

_ONE: Mapping[AlertKind, str] = {
    AlertKind.WRONG_FORM: N_("格式版本不对"),
    AlertKind.CHANGED: N_("公布后有改动"),
    AlertKind.REMOVED: N_("公布后被撤下"),
    AlertKind.BACKDATED: N_("疑似倒签，需要核对"),
    AlertKind.SIMILAR: N_("与别的报告雷同"),
    AlertKind.MISPLACED: N_("放错栏目"),
}
_MISSING, _STILL_MISSING = N_("逾期{days}天未公布"), N_("逾期{days}天仍未公布")
_LATE = N_("逾期{days}天公布")
_WRONG, _DOUBTFUL = N_("有 {number} 处错误"), N_("有 {number} 处需要核对")
_WRONG_AND_DOUBTFUL = N_("有 {number} 处错误、{more} 处需要核对")
_MIXED = N_("有 {number} 处问题")
_MANY: Mapping[AlertKind, str] = {
    AlertKind.MISSING: N_("{number} 个单位未公布"),
    AlertKind.LATE: N_("{number} 个单位逾期公布"),
    AlertKind.INCONSISTENT: N_("{number} 份报告有误"),
    AlertKind.WRONG_FORM: N_("{number} 份报告格式不对"),
    AlertKind.CHANGED: N_("{number} 份报告有改动"),
    AlertKind.REMOVED: N_("{number} 份报告被撤下"),
    AlertKind.BACKDATED: N_("{number} 份报告疑似倒签"),
    AlertKind.SIMILAR: N_("{number} 份报告雷同"),
    AlertKind.MISPLACED: N_("{number} 份报告放错栏目"),
    AlertKind.PORTAL_UNREACHABLE: N_("{number} 处门户无法访问"),
    AlertKind.PORTAL_BLOCKED: N_("{number} 处门户拒绝采集"),
    AlertKind.PORTAL_CHANGED: N_("{number} 处门户版面已变"),
    AlertKind.PARSE_FAILED: N_("{number} 个文件无法解析"),
    AlertKind.STALE: N_("{number} 个门户久未完整采集"),
}
_MANY_OF_ONE: Mapping[AlertKind, str] = {
    AlertKind.MISSING: N_("{number} 份报告未公布"),
    AlertKind.LATE: N_("{number} 份报告逾期公布"),
}
_DOUBTFUL_REPORTS = N_("{number} 份报告需要核对")
_UNSURE_NUMBERS = N_("{number} 份报告有数字未能可靠识读")


def subject(payload: Mapping[str, Any], audience: str, language: str = "zh") -> str:
    """The subject of a digest. Texts in it are as the portals gave them: the mail takes out line ends."""

    def tell(text: str, **values: Any) -> str:
        return say(text, values, language)

    items: Sequence[Mapping[str, Any]] = payload["items"]
    live = [item for item in items if item["step"] != Step.RESOLVED.value]
    over = [item for item in items if item["step"] == Step.RESOLVED.value]
    where = _where(payload, audience, language)
    if payload.get("left_out"):
        total = len(items) + payload["left_out"]
        return tell(N_("{where}：共 {number} 项"), where=where, number=total)
    if live and not over:
        about_one = _one_report(live, where, payload["as_of"], language)
        if about_one:
            return about_one
    if len(over) == 1 and not live:
        return _one_over(over[0], language)
    organs = {_organ(item) for item in items}
    of_one = organs.pop() if len(organs) == 1 else ""
    parts = _counted(live, language, one_organ=bool(of_one))
    if over:
        parts.append(tell(N_("{number} 项已解决"), number=len(over)))
    where = of_one or where
    return tell(N_("{where}：{what}"), where=where, what=tell(N_("、")).join(parts))


def _where(payload: Mapping[str, Any], audience: str, language: str) -> str:
    counties = [name for name in payload["counties"] if name]
    if audience == "operator" or not counties:
        return translate(N_("年报监测"), language)
    if len(counties) == 1:
        return str(counties[0])
    return say(N_("{county}等 {number} 个县区"), {"county": counties[0], "number": len(counties)}, language)


def _organ(item: Mapping[str, Any]) -> str:
    """County and organ as people would write it; empty where no organ is known."""
    organ, county = item["alert"]["organ"] or "", item["county"]
    return organ if not organ or organ.startswith(county) else f"{county} {organ}"


def _one_report(live: Sequence[Mapping[str, Any]], where: str, as_of: str, language: str) -> str | None:
    """The subject where everything is about one report, or one matter; None where it is about more."""
    first = live[0]
    organ, year = _organ(first), first["alert"]["report_year"]
    if len(live) == 1 and not organ:
        return say(
            N_("{where}：{what}"), {"where": where, "what": _shortened(first["alert"]["summary"])}, language
        )
    if not organ or any((_organ(item), item["alert"]["report_year"]) != (organ, year) for item in live):
        return None
    values = {"organ": organ, "year": year, "matter": _matter(live, as_of, language)}
    template = N_("{organ}：{year}年度报告{matter}") if year else N_("{organ}：一份报告{matter}")
    return say(template, values, language)


def _matter(live: Sequence[Mapping[str, Any]], as_of: str, language: str) -> str:
    kinds = {AlertKind(item["alert"]["kind"]) for item in live}
    kind = next(iter(kinds))
    if len(kinds) > 1:
        return say(_MIXED, {"number": len(live)}, language)
    if kind is AlertKind.MISSING and (days := days_overdue(live[0], as_of)):
        again = live[0]["step"] in _AGAIN
        return say(_STILL_MISSING if again else _MISSING, {"days": days}, language)
    if kind is AlertKind.LATE and (days := days_late(live[0])):
        return say(_LATE, {"days": days}, language)
    if kind in _ONE:
        return translate(_ONE[kind], language)
    if kind is AlertKind.INCONSISTENT:
        errors = sum(item["alert"]["severity"] == "error" for item in live)
        if 0 < errors < len(live):
            return say(_WRONG_AND_DOUBTFUL, {"number": errors, "more": len(live) - errors}, language)
        return say(_WRONG if errors else _DOUBTFUL, {"number": len(live)}, language)
    return translate(kind_name(kind, live[0]["alert"]["rule"]), language)


def _counted(live: Sequence[Mapping[str, Any]], language: str, *, one_organ: bool) -> list[str]:
    """How many of each kind, in words."""
    parts = []
    for kind in _MANY:
        of_kind = [item for item in live if item["alert"]["kind"] == kind.value]
        for text, number in _numbers(kind, of_kind, one_organ=one_organ):
            if number:
                parts.append(say(text, {"number": number}, language))
    return parts


def _numbers(kind: AlertKind, items: Sequence[Mapping[str, Any]], *, one_organ: bool) -> Iterator[tuple[str, int]]:
    """Organs where organs are meant; reports, for one report may have several matters; portals and files."""
    reports = {_report(item) for item in items}
    if kind in _MANY_OF_ONE:
        yield (
            (_MANY_OF_ONE[kind], len(items)) if one_organ else (_MANY[kind], len({_organ(item) for item in items}))
        )
    elif kind is AlertKind.INCONSISTENT:
        # A report that only raises a doubt is not told to be wrong.
        wrong = {_report(item) for item in items if item["alert"]["severity"] == "error"}
        yield _MANY[kind], len(wrong)
        yield _DOUBTFUL_REPORTS, len(reports - wrong)
    elif kind is AlertKind.PARSE_FAILED:
        unsure = sum(item["alert"]["rule"] is not None for item in items)
        yield _MANY[kind], len(items) - unsure
        yield _UNSURE_NUMBERS, unsure
    else:
        yield _MANY[kind], len(items) if kind.audience == "operator" else len(reports)


def _one_over(item: Mapping[str, Any], language: str) -> str:
    alert = item["alert"]
    values = {
        "organ": _organ(item),
        "year": alert["report_year"],
        "kind": translate(kind_name(alert["kind"], alert["rule"]), language),
        "summary": _shortened(alert["summary"]),
    }
    if values["organ"] and values["year"]:
        return say(N_("已解决：{organ}{year}年度报告（{kind}）"), values, language)
    return say(N_("已解决：{kind}：{summary}"), values, language)


def _report(item: Mapping[str, Any]) -> tuple[Any, ...]:
    alert = item["alert"]
    settled = alert["organ_code"] and alert["report_year"]
    return (alert["organ_code"], alert["report_year"]) if settled else (item["details"].get("link"), alert["id"])


def days_overdue(item: Mapping[str, Any], as_of: str) -> int | None:
    """Days from the due date of a missing report to the moment of the mail; None where that is not known."""
    due = item["details"].get("due")
    if not due:
        return None
    days = (datetime.fromisoformat(as_of).astimezone(SHANGHAI).date() - date.fromisoformat(due["on"])).days
    return days if days > 0 else None


def days_late(item: Mapping[str, Any]) -> int | None:
    """Days from the due date to that of publication; None where either is unknown."""
    due, published = item["details"].get("due"), item["details"].get("published_on")
    if not due or not published:
        return None
    days = (date.fromisoformat(published) - date.fromisoformat(due["on"])).days
    return days if days > 0 else None


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
