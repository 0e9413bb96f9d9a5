"""The evidence of an alert in words: what it rests on, cell by cell, with places and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from monitor.alerts.conditions import PrintedCell
from monitor.alerts.wording import (
    DATE_SOURCES,
    day_in_words,
    moment_in_words,
    place_in_words,
    printed_in_words,
    say,
)
from monitor.completeness.problems import basis_of, corrections, numbers_among
from monitor.language import N_, translate
from monitor.rules.base import Cause, Finding, Severity

CELLS_LEFT_OUT = N_("另有 {number} 格没有列出")
MOST_CELLS = 20
"""So many cells are shown with an alert."""
MOST_TIMES = 3
LATEST = "latest"
"""In what was looked at: when the latest whole pass began that was without the report (ISO 8601)."""
GONE = "gone"
"""That the report was taken down: what is kept of it can be shown, and its address leads nowhere."""
CAUSE = N_("可能原因")
SUSPECT = N_("很可能有误")
_NAMES_COLUMNS = "2021"
"""The form that names the columns of table three; they are called the same in both."""
_IN_BRACKETS = N_("（{what}）")
_STATUS = N_("HTTP 状态 {status}")
KEPT_FILE = N_("留存文件")
LOOKED_AT = N_("查看过的栏目")
_COLUMN = N_("{portal}“{column}”")
_AND_LATELY = N_("{times}；最近一次：{latest}")


def details(evidence: Mapping[str, Any], language: str = "zh") -> dict[str, Any]:
    """What is shown of the evidence, as JSON data.

    ``facts``: pairs of label and text. ``findings``: what else comes from the same mistake (the leading finding
    stands in the summary), or what was changed. ``cells``: name, printed text, place; ``cells_left_out``: how many
    more there are.
    ``problem``: a line of the 问题清单 (where it stands, what is printed, what it should read or stands against
    it, the basis); None where no rule on the content tells. ``due``, ``published_on``: the days that a
    publication is judged by (ISO 8601), with the basis of the former.
    ``quotes``: words of the report. ``looked_at``: columns that were read without the report, with their address
    and when: the first passes that prove it, and the latest. ``link``: the address of the document, None unless it
    is http or https (text from portals is never trusted). ``kept``: of a report that was taken down, the version
    that is kept of it.
    """
    findings = evidence.get("findings") or []
    cells = evidence.get("cells") or []
    changed = evidence.get("differences") or []
    return {
        "facts": [[translate(label, language), text] for label, text in _facts(evidence, language)],
        "findings": [
            *(say(finding["message"]["text"], finding["message"]["values"], language) for finding in findings[1:]),
            *(say(each["text"], each["values"], language) for each in changed[:MOST_CELLS]),
        ],
        "cells": [
            {
                "name": cell["name"],
                "printed": printed_in_words(cell["raw"], cell["state"], language),
                "place": place_in_words(cell["at"], language),
                "suspect": bool(cell.get("suspect")),
            }
            for cell in cells[:MOST_CELLS]
        ],
        "cells_left_out": max(0, len(cells) - MOST_CELLS),
        "digest": evidence.get("sha256"),
        "cause": _cause(evidence, language),
        "problem": _problem(evidence, language),
        "due": _due(evidence),
        "published_on": evidence.get("published_on"),
        "quotes": list(dict.fromkeys(finding["quote"] for finding in findings if finding["quote"])),
        "looked_at": [
            {
                "name": say(_COLUMN, {"portal": one["portal"], "column": one["column"]}, language),
                "address": one["address"],
                "link": link(one["address"]),
                "times": _looked(one, language),
            }
            for one in evidence.get("looked_at") or []
        ],
        "link": link(evidence.get("address")),
        "kept": evidence.get("version_id") if evidence.get(GONE) else None,
    }


def _due(evidence: Mapping[str, Any]) -> dict[str, str] | None:
    due = evidence.get("due")
    return {"on": due["on"], "basis": f"{due['rule']}（{due['source']}）"} if due else None


def _problem(evidence: Mapping[str, Any], language: str) -> dict[str, str] | None:
    findings = evidence.get("findings") or []
    if not findings:
        return None
    leading = findings[0]
    cells = {cell["key"]: cell for cell in evidence.get("cells") or []}
    cause = Cause.from_json(evidence["cause"]) if evidence.get("cause") else None
    finding = Finding(
        rule=leading["rule"],
        severity=Severity(leading["severity"]),
        template=leading["message"]["text"],
        values=leading["message"]["values"],
        cells=tuple(cells),
        sections=tuple(leading.get("sections", ())),
    )
    place, reported, expected = corrections(cause.should_read if cause else (), language) or numbers_among(
        finding,
        {key: PrintedCell.from_json(cell) for key, cell in cells.items()},
        lambda key: cells[key]["name"] if key in cells else key,
        _NAMES_COLUMNS,
        language,
    )
    basis = basis_of(finding.rule, language)
    return {"place": place, "reported": reported, "expected": expected, "basis": basis}


def _cause(evidence: Mapping[str, Any], language: str) -> str | None:
    """What is likely wrong, in words; alerts of earlier versions hold a finished sentence."""
    cause = evidence.get("cause")
    return Cause.from_json(cause).message(language) if cause else evidence.get("likely_cause")


def lines(evidence: Mapping[str, Any], language: str = "zh") -> list[str]:
    """The same for a terminal: one line for each piece of evidence, the link last."""
    shown = details(evidence, language)
    colon = ": " if language == "en" else "："
    told = [*shown["findings"]]
    if shown["cause"]:
        told.append(f"{translate(CAUSE, language)}{colon}{shown['cause']}")
    for cell in shown["cells"]:
        place = f" [{cell['place']}]" if cell["place"] else ""
        suspect = (
            f" {say(_IN_BRACKETS, {'what': translate(SUSPECT, language)}, language)}" if cell["suspect"] else ""
        )
        told.append(f"{cell['name']}{colon}{cell['printed']}{place}{suspect}")
    if shown["cells_left_out"]:
        told.append(say(CELLS_LEFT_OUT, {"number": shown["cells_left_out"]}, language))
    told += [f"“{quote}”" for quote in shown["quotes"]]
    told += [f"{label}{colon}{text}" for label, text in shown["facts"]]
    if shown["digest"]:
        told.append(f"{translate(KEPT_FILE, language)}{colon}SHA-256 {shown['digest'][:16]}…")
    looked = translate(LOOKED_AT, language)
    told += [f"{looked}{colon}{one['name']} {one['address']} {one['times']}" for one in shown["looked_at"]]
    return [" ".join(line.split()) for line in told] + ([shown["link"]] if shown["link"] else [])


def link(address: str | None) -> str | None:
    """The address if it may be linked to."""
    if not address:
        return None
    try:
        return address if urlsplit(address).scheme in ("http", "https") else None
    except ValueError:
        return None


def _facts(evidence: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    every = (basis_of(one["rule"], language) for one in evidence.get("findings") or ())
    bases = dict.fromkeys(basis for basis in every if basis)
    if bases:
        yield N_("依据"), ("; " if language == "en" else "；").join(bases)
    due = evidence.get("due")
    if due:
        yield N_("公布期限"), day_in_words(date.fromisoformat(due["on"]), language)
        yield N_("期限依据"), f"{due['rule']}；{due['source']}" if due["source"] else due["rule"]
    if evidence.get("published_on"):
        published = day_in_words(date.fromisoformat(evidence["published_on"]), language)
        source = DATE_SOURCES.get(evidence.get("published_from") or "")
        yield (
            N_("所据日期") if due else N_("公布日期"),
            say(N_("{date}，{source}"), {"date": published, "source": translate(source, language)}, language)
            if source
            else published,
        )
    yield from _dates(evidence, language)
    if evidence.get("unsure"):
        yield N_("识读情况"), evidence["unsure"]
    proof = evidence.get("proof")
    if proof and not evidence.get("looked_at"):
        yield N_("期限后完整查看"), _times(proof, language)
    if evidence.get("last_seen_at") and evidence.get("gone_at"):
        yield N_("最后见到"), _moment(evidence["last_seen_at"], language)
        yield N_("发现撤下"), _moment(evidence["gone_at"], language)
    if evidence.get("title"):
        yield N_("原文标题"), evidence["title"]
    answer = (evidence.get("checked") or {}).get("answer")
    if answer:
        status = say(_STATUS, {"status": answer["status"]}, language) if answer["status"] else None
        parts = filter(None, (status, answer["address"], _moment(answer["at"], language)))
        yield N_("网站的回答"), ("; " if language == "en" else "；").join(parts)
    if evidence.get("last_whole_at"):
        yield N_("最近一次完整采集"), _moment(evidence["last_whole_at"], language)


def _dates(evidence: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """The dates beside the one that the state rests on, and between which two passes the report appeared."""
    shown, source = evidence.get("shown_on"), evidence.get("published_from")
    if shown and (shown != evidence.get("published_on") or source != evidence.get("shown_from")):
        yield N_("页面或列表所示日期"), day_in_words(date.fromisoformat(shown), language)
    if evidence.get("address_date"):
        template = {"month": N_("{date}（只到月）"), "second": N_("{date}（到秒）")}.get(
            evidence.get("address_precision") or "", N_("{date}")
        )
        yield N_("网址中的日期"), say(template, {"date": evidence["address_date"]}, language)
    seen = evidence.get("first_seen_at")
    if seen:
        yield N_("首次见到"), _moment(seen, language)
    if seen and evidence.get("last_without_at"):
        template = N_("{before}完整查看时还没有，{after}首次见到")
        values = {"before": _moment(evidence["last_without_at"], language), "after": _moment(seen, language)}
        yield N_("出现的时段"), say(template, values, language)


def _times(moments: Sequence[str], language: str) -> str:
    """The first two times and the last."""
    passes = [*dict.fromkeys(_moment(moment, language) for moment in moments)]
    shown = passes if len(passes) <= MOST_TIMES else [*passes[:2], f"… {passes[-1]}"]
    return ("; " if language == "en" else "；").join(shown)


def _looked(one: Mapping[str, Any], language: str) -> str:
    """When a column was read: the passes that prove it, and the latest where it is known and is none of them."""
    times, latest = _times(one["at"], language), one.get(LATEST)
    if latest is None or latest <= max(one["at"], default=""):
        return times
    return say(_AND_LATELY, {"times": times, "latest": _moment(latest, language)}, language)


def _moment(text: str, language: str) -> str:
    return moment_in_words(datetime.fromisoformat(text), language)
