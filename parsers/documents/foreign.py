"""Files that are published and cannot be read, told by their content: what they are, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Collection

from parsers.schema import UnreadableDocument

_UNPACK = "请解压后再解析"
_AS_PDF = "请用相应的阅读软件转换为 PDF 后再解析"
_AS_DOCX = "请用 WPS 或 Word 另存为 .docx 后再解析"
_AS_JPEG = "请转换为 JPEG 或 PNG 后再解析"
_SLIDES = ("演示文稿", "请另存为 PDF 后再解析")
_MARKS = (
    (0, b"Rar!\x1a\x07", "RAR 压缩包", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "7z 压缩包", _UNPACK),
    (0, b"\x1f\x8b\x08", "gzip 压缩包", _UNPACK),
    (0, b"BZh", "bzip2 压缩包", _UNPACK),
    (0, b"\xfd7zXZ\x00", "xz 压缩包", _UNPACK),
    (257, b"ustar", "tar 打包文件", _UNPACK),
    (0, b"Founder CEB", "方正 CEB 版式文件", _AS_PDF),
    (0, b"CAJ\x00", "CAJ 文件", _AS_PDF),
    (0, b"AT&TFORM", "DjVu 文件", _AS_PDF),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "HEIC 图片"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF 图片"),
}
_FAR_INTO_THE_FILE = 4096
_MAIL = re.compile(rb"^(?:Received|Return-Path|Delivered-To|To):[ \t]", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(rb"\s*(?:\xef\xbb\xbf)?[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]")
_SUBJECT = re.compile(rb"^(?:Subject|MIME-Version):[ \t]", re.IGNORECASE | re.MULTILINE)
_UOF = re.compile(rb"<(?:uof:)?UOF[\s>]|schemas\.uof\.org")


def refuse_foreign(data: bytes) -> None:
    """Raise UnreadableDocument for bytes of a kind that is known and not read."""
    for at, mark, name, remedy in _MARKS:
        if data[at : at + len(mark)] == mark:
            _refuse(name, remedy)
    if data[4:8] == b"ftyp":
        brand = data[8:12].lower()
        if brand in _BRANDS:
            _refuse(_BRANDS[brand], _AS_JPEG)
        _refuse("视频或音频文件", "请提供年报的文字版")
    head = data[:_FAR_INTO_THE_FILE]
    if _HEADER.match(head) and _SUBJECT.search(head):
        headers = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
        if _MAIL.search(headers):
            _refuse("电子邮件", "请把其中的附件或正文另存后再解析")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") and _UOF.search(head):
        _refuse("标文通（UOF）文件", _AS_DOCX)


def refuse_members(names: Collection[str]) -> None:
    """Raise UnreadableDocument for a zip package, by its members' names in lower case, of a known kind."""
    if "xl/workbook.bin" in names and "xl/workbook.xml" not in names:
        _refuse("二进制工作簿（.xlsb）", "请另存为 .xlsx 后再解析")
    if "ppt/presentation.xml" in names:
        _refuse(*_SLIDES)
    if "uof.xml" in names:
        _refuse("标文通（UOF）文件", _AS_DOCX)
    if "fixeddocseq.fdseq" in names or "fixeddocumentsequence.fdseq" in names:
        _refuse("XPS 文件", _AS_PDF)


def refuse_streams(names: Collection[str]) -> None:
    """Raise UnreadableDocument for an OLE file, by the names of its streams in lower case, of a known kind."""
    if "powerpoint document" in names:
        _refuse(*_SLIDES)
    if "__properties_version1.0" in names:
        _refuse("Outlook 邮件", "请把其中的附件或正文另存后再解析")


def _refuse(name: str, remedy: str) -> None:
    raise UnreadableDocument(f"是{'' if name[0] > chr(0x2E80) else ' '}{name}，不能读取；{remedy}")
