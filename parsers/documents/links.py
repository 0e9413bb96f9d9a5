"""What an HTML page refers to: files it links, frames or opens, and the pictures it shows (portals.md part 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

FILE_ENDINGS = (
    ".txt", ".doc", ".docx", ".pdf", ".wps", ".ofd", ".xls", ".xlsx", ".rtf", ".zip", ".rar", ".odt", ".ods",
    ".et", ".mht",
)  # fmt: skip
"""Ends of the names of files that reports are attached as."""
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
SMALLEST_PICTURE = 200

_OPENED = re.compile(
    r"""(?:window\.open|location(?:\.href)?\s*=|downloadFile|download)\s*\(?\s*['"]([^'"]{1,500})['"]"""
)
_VIEWED = frozenset(("file", "url", "src", "fileurl"))
_DECORATION = re.compile(
    r"logo|icon|/ico|banner|qrcode|ewm|erweima|button|btn|arrow|share|weixin|wechat|beian|conac|bg\d?\.", re.I
)
_SIZE = re.compile(r"\s*(\d{1,5})")


class LinkKind(StrEnum):
    """How a page refers to something."""

    FILE = "file"
    FRAME = "frame"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Link:
    """One reference: the address as the page prints it (it may be relative), the words on it, how it refers."""

    href: str
    words: str
    kind: LinkKind


def is_file_name(name: str) -> bool:
    """Whether an address or a name ends like a file that a report may be attached as, also in its query."""
    parts = urlsplit(name.strip().lower())
    return parts.path.endswith(FILE_ENDINGS) or any(pair.endswith(FILE_ENDINGS) for pair in parts.query.split("&"))


def links_of(html: str) -> tuple[Link, ...]:
    """The files and pictures of a page in the order of print, each address once; what only decorates is left out.

    A viewer (``viewer.html?file=x.pdf``) gives the file that it shows, and a frame without a file's name itself.
    Nothing is fetched.
    """
    found: dict[str, Link] = {}
    for node in LexborHTMLParser(html).css(
        "a, iframe[src], frame[src], embed[src], object[data], img[src], [onclick]"
    ):
        for link in _links(node):
            found.setdefault(link.href, link)
    return tuple(found.values())


def _links(node: LexborNode) -> list[Link]:
    attributes = node.attributes
    words = " ".join(node.text(deep=True).split())
    found: list[Link] = []
    opened = _OPENED.search(attributes.get("onclick") or "")
    if opened and (is_file_name(opened[1]) or is_file_name(words)):
        found.append(Link(opened[1].strip(), words, LinkKind.FILE))
    if node.tag == "img":
        return found + _picture(attributes)
    target = (attributes.get("href") or attributes.get("src") or attributes.get("data") or "").strip()
    if not target or target.startswith(("#", "data:", "mailto:")):
        return found
    if target.lower().startswith("javascript:"):
        opened = _OPENED.search(target)
        return (
            [*found, Link(opened[1].strip(), words, LinkKind.FILE)]
            if opened and is_file_name(opened[1])
            else found
        )
    viewed = _viewed(target)
    if viewed:
        found.append(Link(viewed, words, LinkKind.FILE))
    elif is_file_name(target) or (is_file_name(words) and "download" in target.lower()):
        found.append(Link(target, words, LinkKind.FILE))
    elif node.tag in ("iframe", "frame", "embed", "object"):
        found.append(Link(target, words, LinkKind.FRAME))
    elif node.tag == "a" and urlsplit(target).path.lower().endswith(PICTURE_ENDINGS):
        found.append(Link(target, words, LinkKind.PICTURE))
    return found


def _viewed(target: str) -> str | None:
    """The file that a viewer's address names in its query, None where it is no viewer."""
    parts = urlsplit(target)
    if parts.path.lower().endswith(FILE_ENDINGS):
        return None
    for name, value in parse_qsl(parts.query):
        if name.lower() in _VIEWED and urlsplit(value.lower()).path.endswith(FILE_ENDINGS):
            return value
    return None


def _picture(attributes: dict[str, str | None]) -> list[Link]:
    source = (attributes.get("src") or attributes.get("data-src") or "").strip()
    if not source or source.startswith("data:") or _DECORATION.search(source):
        return []
    for name in ("width", "height"):
        size = _SIZE.match(attributes.get(name) or "")
        if size and "%" not in (attributes.get(name) or "") and int(size[1]) < SMALLEST_PICTURE:
            return []
    return [Link(source, attributes.get("alt") or "", LinkKind.PICTURE)]
