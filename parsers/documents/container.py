"""What kind of file some bytes are, told by their content alone, and the reader for it.

To add a container: a module in this folder whose function takes the bytes and gives a
:class:`parsers.documents.model.Document`, raising :class:`parsers.schema.UnreadableDocument` for what it cannot
read; its mark in :func:`media_type_of`; its line in :data:`_READERS`.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from importlib import import_module

from parsers.documents.foreign import refuse_foreign, refuse_members, refuse_streams
from parsers.documents.mhtml import is_mhtml
from parsers.documents.model import (
    DOC,
    DOCX,
    JPEG,
    MHTML,
    ODS,
    ODT,
    OFD,
    OTHER_IMAGE,
    PDF,
    PNG,
    RTF,
    TEXT,
    XLS,
    XLSX,
    ZIP,
    Document,
)
from parsers.schema import UnreadableDocument

_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# WordPerfect, Word for Windows 1 and 2, Works for DOS: the Word reader knows what to do with them.
_OLD_WRITER_MARKS = (b"\xffWPC", b"\xdb\xa5-\x00", b"\x9b\xa5!\x00", b"\x01\xfe\x32\x00")
_IMAGE_MARKS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", OTHER_IMAGE),
    (b"BM", OTHER_IMAGE),
    (b"II*\x00", OTHER_IMAGE),
    (b"MM\x00*", OTHER_IMAGE),
)
_FLAT_OFFICE = (
    b"schemas.microsoft.com/office/word/2003/wordml",
    b"schemas.microsoft.com/office/2006/xmlPackage",
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b"urn:oasis:names:tc:opendocument:xmlns:office",
)
# A PDF may have some bytes before its mark.
_FAR_INTO_A_PDF = 1024
_MOST_NAMES = 10_000
_OPEN_DOCUMENT = re.compile(rb"application/vnd\.oasis\.opendocument\.(?:text|spreadsheet)")
_WORD_PART = re.compile(r"word/document\d*\.xml")
_MAY_HOLD_PICTURES = frozenset((PDF, OFD, PNG, JPEG, OTHER_IMAGE, ZIP))

# The module and function that read each kind of file; they are loaded when the first such file comes.
_READERS: dict[str, tuple[str, str]] = {
    PDF: ("parsers.documents.pdf", "read_pdf"),
    OFD: ("parsers.documents.ofd", "read_ofd"),
    MHTML: ("parsers.documents.mhtml", "read_mhtml"),
    DOCX: ("parsers.documents.docx", "read_docx"),
    DOC: ("parsers.documents.doc", "read_doc"),
    RTF: ("parsers.documents.rtf", "read_rtf"),
    ODT: ("parsers.documents.odt", "read_odt"),
    XLSX: ("parsers.documents.spreadsheet", "read_xlsx"),
    XLS: ("parsers.documents.xls", "read_xls"),
    ODS: ("parsers.documents.spreadsheet", "read_ods"),
    PNG: ("parsers.documents.scan", "read_image"),
    JPEG: ("parsers.documents.scan", "read_image"),
    OTHER_IMAGE: ("parsers.documents.scan", "read_image"),
}

# The modules that give the pictures in a text: a report may be scanned pages pasted into it.
_PICTURES: dict[str, str] = {DOCX: "parsers.documents.docx", ODT: "parsers.documents.odt"}


def media_type_of(data: bytes) -> str:
    """The kind of file: a media type of :mod:`parsers.documents.model`; TEXT for text of every kind, HTML too.

    Bytes that bear no known mark are text; whether they can be read as text the decoder says. Raises
    UnreadableDocument for what is known and not read (:mod:`parsers.documents.foreign`), and for damaged packages.
    """
    if data.startswith(_ZIP_MARKS):
        return _kind_of_zip(data)
    if data.startswith(_OLE_MARK):
        return _kind_of_ole(data)
    if data.startswith(_OLD_WRITER_MARKS):
        return DOC
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:5] == b"{\\rtf":
        return RTF
    if b"%PDF-" in data[:_FAR_INTO_A_PDF]:
        return PDF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return OTHER_IMAGE
    for mark, kind in _IMAGE_MARKS:
        if data.startswith(mark) and (mark != b"BM" or data[6:10] == b"\x00\x00\x00\x00"):
            return kind
    refuse_foreign(data)
    _refuse_flat_office(data)
    return MHTML if is_mhtml(data) else TEXT


def may_be_scan(data: bytes) -> bool:
    """Whether reading the bytes may mean recognising pictures, which takes its time: image, PDF, OFD, zip, and a
    text document with pictures in it.

    Never raises: what cannot be told is none.
    """
    try:
        kind = media_type_of(data)
        return kind in _MAY_HOLD_PICTURES or (kind in _PICTURES and bool(pictures_of(data, kind)))
    except UnreadableDocument:
        return False


def reader_of(media_type: str) -> Callable[[bytes], Document] | None:
    """The reader for a kind of file that is not text and holds one document; None for all others."""
    named = _READERS.get(media_type)
    if named is None:
        return None
    module, function = named
    reader: Callable[[bytes], Document] = getattr(import_module(module), function)
    return reader


def pictures_of(data: bytes, media_type: str) -> list[bytes]:
    """The pictures in the text of a document, in the order of print; none for a kind that is not asked for them.

    Raises UnreadableDocument as the readers do.
    """
    named = _PICTURES.get(media_type)
    if named is None:
        return []
    found: list[bytes] = import_module(named).pictures_of(data)
    return found


def _refuse_flat_office(data: bytes) -> None:
    """Office documents as one XML file are text, but no page."""
    head = data[:_FAR_INTO_A_PDF]
    if b"<html" in head.lower():
        return
    if b"<?mso-application" in head or any(mark in head for mark in _FLAT_OFFICE):
        raise UnreadableDocument("Office 的单个 XML 文件暂不能读取；请用 Word 或 WPS 另存为 .docx")


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {
                info.filename.replace("\\", "/").lstrip("/").lower(): info
                for info in archive.infolist()[:_MOST_NAMES]
            }
            declared = ""
            if "mimetype" in members:
                # A few bytes only: what is declared to be larger is no kind of file.
                with archive.open(members["mimetype"]) as part:
                    declared = part.read(100).decode("ascii", "replace")
            elif "content.xml" in members and "meta-inf/manifest.xml" in members:
                # OpenDocument without its mark: the manifest names the kind too.
                with archive.open(members["meta-inf/manifest.xml"]) as part:
                    named = _OPEN_DOCUMENT.search(part.read(4096))
                    declared = named[0].decode("ascii") if named else ""
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        EOFError,
        zlib.error,
    ):
        raise UnreadableDocument("压缩格式的文件已损坏或不完整；请重新下载") from None
    if any(_WORD_PART.fullmatch(name) for name in members):
        return DOCX
    refuse_members(members)
    if "xl/workbook.xml" in members:
        return XLSX
    if "ofd.xml" in members:
        return OFD
    if declared.startswith(ODT):
        return ODT
    if declared.startswith(ODS):
        return ODS
    return ZIP


def _kind_of_ole(data: bytes) -> str:
    """An OLE file by its main stream; what is neither Word nor Excel is left to the Word reader to refuse."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            streams = {entry[0].lower() for entry in file.listdir() if len(entry) == 1}
    except Exception:  # noqa: BLE001 - olefile raises whatever a broken file makes it meet
        raise UnreadableDocument("文件已损坏或不完整；请重新下载") from None
    if "encryptedpackage" in streams:
        raise UnreadableDocument("文件有密码保护，无法读取；请发布机关提供未加密的文件")
    refuse_streams(streams)
    if streams & {"workbook", "book"} and "worddocument" not in streams:
        return XLS
    return DOC
