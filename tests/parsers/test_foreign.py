"""Files that cannot be read say what they are and what to do, in one line."""

import pytest

from parsers.reading import parse
from parsers.schema import DocumentKind, UnreadableDocument
from tests.parsers.office import packed

MAIL = b"Return-Path: <a@example.org>\r\nReceived: from b\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def tar() -> bytes:
    return b"report.doc".ljust(257, b"\0") + b"ustar\x0000" + bytes(1000)


@pytest.mark.parametrize(
    ("data", "name", "remedy"),
    [
        (b"Rar!\x1a\x07\x01\x00" + bytes(99), "是 RAR 压缩包", "请解压后再解析"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(99), "是 7z 压缩包", "请解压后再解析"),
        (b"\x1f\x8b\x08" + bytes(99), "gzip", "请解压"),
        (tar(), "是 tar 打包文件", "请解压"),
        (b"Founder CEB\x00" + bytes(99), "是方正 CEB 版式文件", "PDF"),
        (b"Founder CEB 2.99D\x00" + bytes(99), "是方正 CEB 版式文件", "PDF"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(99), "HEIC 图片", "JPEG"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(99), "视频", "文字版"),
        (packed({"xl/workbook.bin": b""}), "xlsb", ".xlsx"),
        (packed({"ppt/presentation.xml": b""}), "演示文稿", "PDF"),
        (packed({"uof.xml": b""}), "UOF", ".docx"),
        (b'<?xml version="1.0"?><uof:UOF xmlns:uof="http://schemas.uof.org/cn/2003/uof">', "UOF", ".docx"),
        (MAIL + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b', "电子邮件", "附件"),
    ],
)
def test_what_it_is_and_what_to_do(data: bytes, name: str, remedy: str) -> None:
    for given in (data, packed({"清溪镇2022年政府信息公开工作年度报告": data})):
        with pytest.raises(UnreadableDocument, match=name) as caught:
            parse(given)
        assert remedy in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_text_that_speaks_of_such_files_is_a_text() -> None:
    text = "标题: 通知\nTo: 各乡镇\n年报打成 Rar! 压缩包报送，<UOF> 格式不收。"
    assert parse(text.encode()).kind is DocumentKind.OTHER
