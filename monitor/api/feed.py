"""The alerts of a county as a feed (Atom 1.0, RFC 4287) that any reader of feeds can follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Path, Query, Request
from lxml import etree
from starlette.responses import Response

from monitor.access import listing
from monitor.access.listing import FeedEntry
from monitor.api.answers import described, marked, refusals
from monitor.api.asking import Audience, Caller, County, Parameters
from monitor.language import N_, translate
from monitor.spreadsheets import without_controls

MEDIA_TYPE = "application/atom+xml"
MOST = 100
_ATOM = "http://www.w3.org/2005/Atom"
_TITLE = N_("{county}年度报告提醒")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class FeedParameters(Parameters):
    """Which alerts."""

    audience: Audience | None = None


router = APIRouter(responses=refusals(401, 404, 422, 429, 503))


@router.get(
    "/counties/{code}/alerts.atom",
    responses=described(None, content={MEDIA_TYPE: {"schema": {"type": "string"}}}),
)
def alerts(
    request: Request,
    access: Caller,
    code: Annotated[County, Path()],
    asked: Annotated[FeedParameters, Query()],
) -> Response:
    """The alerts of a county that changed last, as an Atom feed."""
    county, entries = listing.feed(access, code, MOST, asked.audience)
    title = translate(_TITLE, access.language, {"county": county.name})
    base = access.settings.web.address.rstrip("/")
    updated = max((entry.updated_at for entry in entries), default=county.assessed_at or _NEVER)
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", "zh-CN" if access.language == "zh" else "en")
    _add(feed, "id", _identity(f"county {code}"))
    _add(feed, "title", title)
    _add(feed, "updated", updated.isoformat(timespec="seconds"))
    _add(_add(feed, "author"), "name", "Nianbao")
    _add(feed, "link", rel="self", type=MEDIA_TYPE, href=f"{base}{request.url.path}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{base}/counties/{code}")
    for entry in entries:
        _entry(feed, entry, base)
    body = etree.tostring(feed, xml_declaration=True, encoding="UTF-8")
    return marked(request, body, MEDIA_TYPE)


def _entry(feed: etree._Element, entry: FeedEntry, base: str) -> None:
    alert = entry.alert
    made = _add(feed, "entry")
    _add(made, "id", _identity(f"alert {alert.id} {alert.opened_at.isoformat()}"))
    _add(made, "title", f"{entry.kind}：{alert.organ}" if alert.organ else entry.kind)
    _add(made, "published", alert.opened_at.isoformat(timespec="seconds"))
    _add(made, "updated", entry.updated_at.isoformat(timespec="seconds"))
    _add(made, "link", rel="alternate", type="text/html", href=f"{base}/alerts/{alert.id}")
    _add(made, "category", term=alert.kind, label=entry.kind)
    _add(made, "category", term=alert.state, label=entry.state)
    _add(made, "summary", alert.summary, type="text")


def _identity(what: str) -> str:
    """The same for the same thing for ever, and of no other installation's."""
    return uuid5(NAMESPACE_URL, f"nianbao {what}").urn


def _add(parent: etree._Element, name: str, text: str = "", **values: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    for key, value in values.items():
        made.set(key, without_controls(value))
    if text:
        made.text = without_controls(text)
    return made
