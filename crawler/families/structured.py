"""Answers in JSON, and pages named in scripts: read without trusting their shape.

Interfaces of portals leave fields out, give null, and put JSON into strings (portals.md part 4). Nothing here
raises for what a server sent; what cannot be read is None or empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bs4 import BeautifulSoup

from crawler.addresses import normalise
from crawler.clock import SHANGHAI
from crawler.families.family import ListAnswer
from crawler.families.page import MOST_PAGES, ListPage, PageRequest, Row, kind_of_title
from crawler.records import EntryKind
from parsers.dates import find_date

_CALL = re.compile(r"[\w.$]+\s*\((.*)\)\s*;?\s*$", re.DOTALL)
_MEMBER = re.compile(r"[\"']?([A-Za-z_]\w*)[\"']?\s*:\s*(\[[^\]]*\]|'[^']*'|\"[^\"]*\"|-?[\w.]+)")
_CODES = ("code", "status", "errcode", "errCode", "errorCode", "resultCode")
_GOOD_CODES = frozenset({"", "0", "1", "00", "0000", "00000", "200", "ok", "success", "true", "none", "null"})
_IN_QUOTES = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_ORGAN_KEYS = ("publisher", "publishorg", "publishorgan", "publishunit", "puborg", "writtendepartment", "fbjg",
               "发布机构", "公开机构", "发文机关")  # fmt: skip


def read_json(text: str) -> object | None:
    """The value a JSON text holds, also where a call is written around it (JSONP); None where it is none."""
    text = text.strip().removeprefix("\ufeff")
    called = _CALL.match(text)
    try:
        value: object = json.loads(called[1] if called else text)
    except (ValueError, RecursionError):
        return None
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """A JSON object, also one written into a string; empty for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = read_json(value)
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """A JSON array; empty for anything else."""
    return value if isinstance(value, list) else []


def words(value: object) -> str:
    """The words of a text, without the tags that interfaces leave in titles; empty for anything else."""
    return " ".join(re.sub(r"<[^>]*>", "", value).split()) if isinstance(value, str) else ""


def addressed(
    listed: Iterable[Any], row_of: Callable[[Any], Row | None], title_of: Callable[[Mapping[str, Any]], str]
) -> tuple[tuple[Row, ...], list[str]]:
    """The rows of a list, one for each address, and the titles of what has no address (or "" without title)."""
    rows: dict[str, Row] = {}
    lost = []
    for one in listed:
        row = row_of(one)
        if row is not None:
            rows.setdefault(row.address, row)
        else:
            lost.append(title_of(one) if isinstance(one, Mapping) else "")
    return tuple(rows.values()), lost


def refused(answer: object) -> bool:
    """Whether a JSON answer says of itself that it failed: ``success: false``, or a code of an error.

    Interfaces then give an empty list with a total of 0, and status 200.
    """
    fields = mapping(answer)
    if fields.get("success") in (False, "false"):
        return True
    for name in _CODES:
        value = fields.get(name)
        if isinstance(value, dict):
            if refused(value):
                return True
        elif value is not None and str(value).strip().lower() not in _GOOD_CODES:
            return True
    return False


def words_of(value: object) -> str:
    """The text of a field without mark-up; empty for null and whatever is no text."""
    if not isinstance(value, str) or value.strip().lower() == "null":
        return ""
    if "<" in value or "&" in value:
        value = BeautifulSoup(value, "lxml").get_text()
    return " ".join(value.encode("utf-8", "replace").decode("utf-8").split())


def number_of(value: object) -> int | None:
    """A count: a whole number not below zero, also written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return int(value)
    return value if isinstance(value, int) and 0 <= value < 10**9 else None


def first_number(fields: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """The first of the named fields that holds a count."""
    return next((found for name in names if (found := number_of(fields.get(name))) is not None), None)


def day_of(value: object) -> date | None:
    """A day: of a text with a full date, or of milliseconds since 1970 (a day in China)."""
    milliseconds = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str):
        if not re.fullmatch(r"\d{12,13}", value.strip()):
            return find_date(value)
        milliseconds = int(value)
    if milliseconds is None or milliseconds < 10**11:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, SHANGHAI).date()
    except (OverflowError, OSError, ValueError):
        return None


def organ_in(fields: Iterable[tuple[str, object]]) -> str | None:
    """The organ among named fields: that of a publisher, not of a source, which is free text (portals.md 3)."""
    found = {key.lower().replace("_", ""): words_of(value) for key, value in fields}
    return next((found[key] for key in _ORGAN_KEYS if found.get(key)), None)


@dataclass(frozen=True, slots=True)
class Item:
    """One member of a JSON list, before it is known whether it is a row."""

    title: str
    address: str | None
    shown_on: date | None
    organ: str | None = None


def list_of_items(
    items: Sequence[Item | None], total: int | None, number: int, pages: tuple[PageRequest, ...]
) -> ListPage:
    """A page of a list from its members; None for a member that cannot be read.

    A member that is lost must not pass unseen: where no ``total`` tells of it the page is not proven. An empty
    page proves an empty list where the total is 0, and the end of a list where no total is told.
    """
    rows: dict[str, Row] = {}
    unaddressed: list[str] = []
    lost = False
    for item in items:
        if item is None or not item.title:
            lost = True
        elif item.address is not None:
            kind = kind_of_title(item.title)
            rows.setdefault(item.address, Row(item.address, item.title, kind, item.shown_on, item.organ))
        elif kind_of_title(item.title) is EntryKind.REPORT:
            unaddressed.append(item.title)
        else:
            lost = True
    proof = "rows" if rows or unaddressed else None
    if lost and total is None:
        proof = None
    if not items and total == 0:
        proof = "declared_zero"
    elif not items and total is None and number > 1:
        proof = "says_empty"
    return ListPage(proof, tuple(rows.values()), pages, total, unaddressed=tuple(unaddressed))


def further_pages(number: int, total: int | None, got: int, asked: int) -> range:
    """The numbers of the pages to ask for beside page ``number``, counted from 1.

    With a ``total`` the first page names all others; a server may give fewer rows a page than were ``asked``
    for. Without one, or with one that tells of no such page, each full page names the next.
    """
    if total is None or total <= (number - 1) * min(got, asked):
        return range(number + 1, number + 2) if got and got >= asked else range(0)
    if number != 1 or not got:
        return range(0)
    return range(2, min(-(-total // got), MOST_PAGES) + 1)


def column_of(answer: ListAnswer) -> str:
    """The address of the column that an answer to an interface belongs to: links are relative to it."""
    return dict(answer.request.headers).get("referer") or answer.address


def address_in(value: object, base: str) -> str | None:
    """The web address that a field holds, made absolute; None for an empty one and for scripts."""
    text = words_of(value)
    return normalise(text, base) if text and not text.startswith("#") else None


def fields_of(request: PageRequest) -> dict[str, str]:
    """The fields of a request: of its query and, where there is one, of its form."""
    fields = dict(parse_qsl(urlsplit(request.address).query, keep_blank_values=True))
    return fields | dict(parse_qsl(request.body or "", keep_blank_values=True))


def with_field(text: str, name: str, value: str) -> str:
    """A query or form with one field set anew; as it is where the field is not in it."""
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(key, value if key == name else old) for key, old in pairs])


def with_query_field(address: str, name: str, value: str) -> str:
    """An address with one field of its query set, or added."""
    parts = urlsplit(address)
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*pairs, (name, value)])))


def literal(source: str) -> dict[str, list[str]]:
    """The plain members of an object written in a script: each value as a list of texts.

    ``{current: 1, webSiteCode: ['a', 'b']}`` gives ``{"current": ["1"], "webSiteCode": ["a", "b"]}``.
    """
    found: dict[str, list[str]] = {}
    for name, value in _MEMBER.findall(source):
        if value.startswith("["):
            found[name] = [one or other for one, other in _IN_QUOTES.findall(value)] or _bare(value)
        else:
            found[name] = [value[1:-1] if value[:1] in "\"'" else value]
    return found


def _bare(value: str) -> list[str]:
    return [part.strip() for part in value.strip("[]").split(",") if part.strip()]
