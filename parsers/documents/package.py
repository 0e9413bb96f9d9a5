"""Zip files opened with care: Office packages and archives, with a limit on all that they unpack."""

from __future__ import annotations

import io
import zipfile
import zlib

from lxml import etree

from parsers.schema import UnreadableDocument

LARGEST_PART = 64 * 1024 * 1024
# All XML of one file together: trees take fifty times the bytes of a file that is all small elements, and the text
# of a report is under one MB.
LARGEST_XML = 12 * 1024 * 1024
# Deflate cannot do more than about a thousand to one; the tables of Word, full of repeated words, do fifty.
LARGEST_RATIO = 200
SMALL_PART = 1024 * 1024
LARGEST_PICTURE = 32 * 1024 * 1024
LARGEST_PICTURES = 8 * LARGEST_PICTURE
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".webp")
MOST_MEMBERS = 10_000
_ENCRYPTED = 0x1
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))

PASSWORD = "文件有密码保护，无法读取；请发布机关提供未加密的文件"  # nosec B105: what staff are told
_ENTITIES = "文件内部声明了 XML 实体（疑似恶意文件），不予读取"
TOO_MANY_PICTURES = "文件里的图片总量过大，不予读取；请检查文件是否正常"
BROKEN = "文件已损坏或不完整；请重新下载"


class Package:
    """The members of a zip file by name, unpacked one by one in memory; nothing is ever written to disk.

    Raises UnreadableDocument where the file is no whole zip or has too many members.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError) as problem:
            raise UnreadableDocument(BROKEN) from problem
        members = self._file.infolist()
        if len(members) > MOST_MEMBERS:
            raise UnreadableDocument(f"压缩文件里有 {len(members)} 个文件，超过 {MOST_MEMBERS} 个，不予读取")
        self.members = tuple(members)
        self._xml_left = LARGEST_XML
        self._by_name = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in members}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._by_name

    def names(self) -> list[str]:
        """The names of all members in lower case, with forward slashes."""
        return list(self._by_name)

    def part(self, name: str, limit: int = LARGEST_PART) -> bytes | None:
        """The bytes of a member, its name taken without regard to case; None where there is none.

        Raises UnreadableDocument for an encrypted, damaged or too large one.
        """
        info = self._by_name.get(name.lower())
        return None if info is None else self.unpack(info, limit)

    def unpack(self, info: zipfile.ZipInfo, limit: int = LARGEST_PART) -> bytes:
        """The bytes of a member; raises as :meth:`part` does."""
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableDocument(PASSWORD)
        if info.compress_type not in _METHODS:
            raise UnreadableDocument("压缩文件用了不常见的压缩方法，无法读取；请用普通的 ZIP 方式重新压缩")
        if info.file_size > limit:
            raise UnreadableDocument(f"文件解压后超过 {limit // 1024 // 1024} MB，不予读取；请检查文件是否正常")
        if info.file_size > SMALL_PART and info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
            raise UnreadableDocument("文件的压缩比异常（疑似压缩炸弹），不予读取；请检查文件是否正常")
        try:
            with self._file.open(info) as member:
                return member.read(limit + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            OSError,
            ValueError,
            EOFError,
        ) as problem:
            raise UnreadableDocument(BROKEN) from problem

    def xml(self, name: str) -> etree._Element | None:
        """The root of a member that is XML; None where there is none. Raises as :meth:`part` does."""
        info = self._by_name.get(name.lower())
        if info is None:
            return None
        if info.file_size > self._xml_left:
            raise UnreadableDocument(
                f"文件里的文字部分超过 {LARGEST_XML // 1024 // 1024} MB，不予读取；请检查文件是否正常"
            )
        data = self.unpack(info)
        self._xml_left -= len(data)
        return read_xml(data)


def read_xml(data: bytes) -> etree._Element:
    """The root of an XML document. Nothing outside is ever fetched and no entity is expanded.

    Raises UnreadableDocument where it is damaged, nested too deep, or declares entities (no office program does).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        if "entity" in str(problem).lower():
            raise UnreadableDocument(_ENTITIES) from problem
        if "depth" in str(problem).lower():
            raise UnreadableDocument("文件内部嵌套过深，不予读取；请另存为普通文档后再试") from problem
        raise UnreadableDocument("文件内部的 XML 已损坏；请重新下载，或用办公软件打开后另存") from problem
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableDocument(_ENTITIES)
    return root
