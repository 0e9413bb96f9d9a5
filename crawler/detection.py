"""What an answer of a portal is worth: a document, or a challenge, a soft 404, a cut-off page.

Challenges are recognised to be reported, never to be worked around (portals.md part 3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser

from crawler.addresses import leads_up, normalise
from crawler.records import CaptureRole
from crawler.text import charset_of, decode_page
from parsers.documents.links import is_file_name
from parsers.kinds import CHALLENGE_SOURCE, CHALLENGE_WORDS, FAR_INTO_THE_SOURCE, FEW_WORDS, MISSING_WORDS

_REFUSALS = frozenset({401, 403, 405, 406, 407, 412, 418, 444, 451, 521, 567})
_GONE = frozenset({404, 410})
_REFRESH = re.compile(rb"<meta[^>]+http-equiv\s*=\s*[\"']?refresh[^>]*>", re.IGNORECASE)
_REFRESH_TARGET = re.compile(r"url\s*=\s*[\"']?([^\"'>\s;]+)", re.IGNORECASE)
_SMALL_PAGE = 40_000
_ASCII = bytes(range(128))
_MANY_BYTES = 3 * 2 * FEW_WORDS
_HOLDING = tuple(
    (re.compile(rb"<%s\b" % name, re.IGNORECASE), re.compile(rb"</%s\b" % name, re.IGNORECASE))
    for name in (b"ul", b"table", b"script", b"a")
)
_END = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)


def problem_of_answer(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    requested: str,
    final: str,
    role: CaptureRole,
    cut_short: bool = False,
) -> str | None:
    """The problem word of an answer (crawler.records.Capture), or None where it is what was asked for.

    ``headers`` have lower-case names. ``cut_short``: the transfer told no length, so a page that ends without
    its closing tag may be half a page.
    """
    problem = _problem_of_status(status, body)
    if problem or status == 304:
        return problem
    if not body.strip():
        return "broken"
    if final != requested and leads_up(requested, final):
        return "soft_404"
    if not is_html(headers.get("content-type"), final, body):
        # A page under the name and type of a file is a challenge or a notice, never the file.
        return _problem_of_page(headers, body, requested, final, role) if _starts_as_page(body) else None
    if _ends_early(body, cut_short):
        return "cut_off"
    return _problem_of_page(headers, body, requested, final, role)


def is_html(content_type: str | None, address: str, body: bytes) -> bool:
    """Whether an answer is a web page, by its type, else by its first bytes."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type in ("text/html", "application/xhtml+xml"):
        return True
    if media_type and media_type not in ("application/octet-stream", "text/plain"):
        return False
    return _starts_as_page(body)


def _starts_as_page(body: bytes) -> bool:
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<script"))


def _ends_early(body: bytes, no_length: bool) -> bool:
    """Whether a page was cut off: one without its closing tag, where the transfer told no length or other tags
    stand open too. Careless templates leave out ``</html>``, but not in the middle of a list.
    """
    if _END.search(body[-2048:]):
        return False
    if no_length:
        return True
    if not _starts_as_page(body):
        return False
    if body.rfind(b"<") > body.rfind(b">"):
        return True
    return any(len(opened.findall(body)) > len(closed.findall(body)) for opened, closed in _HOLDING)


def visible_text(html: str) -> str:
    """The words a reader sees on a page, without scripts and styles."""
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "noscript", "template"])
    return " ".join(tree.body.text(separator=" ").split()) if tree.body else ""


def _problem_of_status(status: int, body: bytes) -> str | None:
    if status in _GONE:
        return "gone"
    if status == 429:
        return "rate_limited"
    if status in _REFUSALS:
        return "blocked"
    if status >= 500:
        return "blocked" if CHALLENGE_SOURCE.search(body, 0, FAR_INTO_THE_SOURCE) else "unreachable"
    if status in (200, 202, 203, 304):
        return None
    return "broken"


def _problem_of_page(
    headers: Mapping[str, str], body: bytes, requested: str, final: str, role: CaptureRole
) -> str | None:
    if len(body.translate(None, _ASCII)) > _MANY_BYTES:
        # So much Chinese stands on no challenge and on no notice of a missing page.
        return None
    challenge = CHALLENGE_SOURCE.search(body, 0, FAR_INTO_THE_SOURCE) is not None
    refresh = _REFRESH.search(body[:4096])
    expects_file = role is CaptureRole.ATTACHMENT and is_file_name(requested)
    if not challenge and not refresh and not expects_file and len(body) > _SMALL_PAGE:
        return None
    html = decode_page(body, charset_of(headers.get("content-type")))
    if not challenge and not refresh and not expects_file and not _suspicious(html):
        return None
    words = visible_text(html)
    if len(words) > FEW_WORDS:
        return None
    if challenge or CHALLENGE_WORDS.search(html):
        return "blocked"
    if refresh and _leads_away(refresh[0].decode("ascii", "ignore"), final):
        return "soft_404"
    if expects_file or MISSING_WORDS.search(_title(html) + " " + words):
        return "soft_404"
    return None


def _suspicious(html: str) -> bool:
    return bool(MISSING_WORDS.search(html) or CHALLENGE_WORDS.search(html))


def _title(html: str) -> str:
    node = LexborHTMLParser(html).css_first("title")
    return node.text() if node else ""


def _leads_away(meta: str, final: str) -> bool:
    target = _REFRESH_TARGET.search(meta)
    return target is not None and normalise(target[1], final) != final
