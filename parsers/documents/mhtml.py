"""A page saved as one file (.mht, Word's 单个文件网页, often named .doc): a MIME message that holds it.

Pictures and style sheets in the message are not read.
"""

from __future__ import annotations

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from parsers.documents.encoding import decode
from parsers.documents.html import read_html
from parsers.documents.model import Document
from parsers.schema import UnreadableDocument

_FAR_INTO_THE_FILE = 4096
_HEADER = re.compile(rb"\s*(?:\xef\xbb\xbf)?[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]")
_MULTIPART = re.compile(
    rb"^Content-Type:\s*multipart/(?:related|alternative|mixed)\b", re.IGNORECASE | re.MULTILINE
)
_MIME = re.compile(rb"^\s*(?:\xef\xbb\xbf)?MIME-Version:", re.IGNORECASE | re.MULTILINE)
_PAGE_TYPES = ("text/html", "application/xhtml+xml")


def is_mhtml(data: bytes) -> bool:
    """Whether bytes are a message with several parts: they begin with a header that says so."""
    if not _HEADER.match(data):
        return False
    head = data[:_FAR_INTO_THE_FILE]
    return _MIME.search(head) is not None and _MULTIPART.search(head) is not None


def read_mhtml(data: bytes) -> Document:
    """Read the page that a message holds, its first. Raises UnreadableDocument where it holds none."""
    try:
        message = BytesParser(EmailMessage, policy=policy.compat32).parsebytes(data.lstrip(b"\xef\xbb\xbf \t\r\n"))
        pages = [part for part in message.walk() if part.get_content_type() in _PAGE_TYPES]
        page = pages[0].get_payload(decode=True) if pages else None
        charset = pages[0].get_content_charset() if pages else None
    except (RecursionError, ValueError, LookupError, AssertionError) as problem:
        raise UnreadableDocument(f"单个文件网页已损坏（{type(problem).__name__}）；请重新下载") from None
    if not isinstance(page, bytes) or not page.strip():
        raise UnreadableDocument("单个文件网页（.mht）里没有网页；请重新下载，或请发布机关提供 .docx 文件")
    return read_html(decode(page, charset).text)
