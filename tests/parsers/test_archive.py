"""Zip files: the one report in them is read, in memory, and nothing is guessed where there are several."""

import zipfile
from pathlib import Path

import pytest

from parsers.documents.archive import name_of
from parsers.reading import parse
from parsers.schema import DocumentKind, Report, UnreadableDocument
from tests.parsers.office import docx, packed, paragraph
from tests.parsers.test_containers import FOLDER
from tests.parsers.test_docx import BOMB

NOTICE_TITLE = "关于做好2023年政府信息公开工作年度报告编制工作的通知"
NOTICE = f"<html><title>{NOTICE_TITLE}</title><body><p>各单位：请做好。</p></body></html>"


def made(name: str) -> bytes:
    """One of our own reports."""
    return (FOLDER / name).read_bytes()


def codes(report: Report) -> list[str]:
    return [lint.code for lint in report.lints if lint.code.startswith(("same-", "unreadable-m"))]


def test_the_one_report_among_the_members_is_the_report() -> None:
    name = "年报/清溪镇2022年年报.docx"
    report = parse(packed({"说明.txt": "请查收附件。", name: made("numbered_2022.docx"), "__MACOSX/._a": b"\0"}))
    alone = parse(made("numbered_2022.docx"))
    assert report.kind is DocumentKind.REPORT
    assert {key: cell.value for key, cell in report.cells.items()} == {
        key: cell.value for key, cell in alone.cells.items()
    }
    places = [cell.at for cell in report.cells.values() if cell.at] + [
        section.at for section in report.sections.values() if section.at
    ]
    assert places
    assert all(place.file == name for place in places)
    assert all(lint.at.file == name for lint in report.lints if lint.at)
    assert report.metadata["压缩包内文件"] == name
    assert codes(report) == []


def test_the_same_report_in_several_files_is_read_from_the_plainest() -> None:
    members: dict[str, str | bytes] = {
        "年报.xlsx": made("town_2020.xlsx"),
        "甲/年报.odt": made("town_2020.odt"),
        "年报.pdf": b"%PDF-1.4 broken",
    }
    report = parse(packed(members))
    place = next(cell.at for cell in report.cells.values() if cell.at)
    assert place.file == "甲/年报.odt"
    assert codes(report) == ["same-report-twice"]


def test_files_of_one_report_that_differ_are_said_to() -> None:
    members: dict[str, str | bytes] = {"b.docx": made("odd_prints_2022.docx"), "a.odt": made("numbered_2022.odt")}
    report = parse(packed(members))
    assert codes(report) == ["same-report-twice", "same-report-differs"]


def test_different_reports_are_never_chosen_between() -> None:
    members: dict[str, str | bytes] = {"a.docx": made("town_2020.docx"), "b.docx": made("department_2023.docx")}
    with pytest.raises(UnreadableDocument, match=r"有 2 份不同的年报（.*\.docx.*请解压后分别读取"):
        parse(packed(members))


def test_a_report_without_a_name_joins_no_two_others() -> None:
    nameless = made("town_2020.html").replace("茶亭镇".encode(), b"")
    members: dict[str, str | bytes] = {
        "a.html": nameless,
        "b.docx": made("town_2020.docx"),
        "c.docx": made("department_2023.docx"),
    }
    with pytest.raises(UnreadableDocument, match="不同的年报"):
        parse(packed(members))


def test_a_zip_in_a_zip_is_read_and_one_in_that_is_not() -> None:
    inner = packed({"年报.docx": made("numbered_2022.docx")})
    report = parse(packed({"附件.zip": inner}))
    assert next(cell.at.file for cell in report.cells.values() if cell.at) == "附件.zip/年报.docx"
    with pytest.raises(UnreadableDocument, match="不止一层"):
        parse(packed({"b.zip": packed({"附件.zip": inner})}))


def test_without_a_report_it_is_what_its_best_titled_member_is() -> None:
    report = parse(packed({"a.txt": "联系电话如下。", "b.html": NOTICE}))
    assert report.kind is DocumentKind.OTHER
    assert report.title == NOTICE_TITLE
    assert report.metadata["压缩包内文件"] == "b.html"


def test_a_member_that_cannot_be_read_may_be_the_report() -> None:
    members: dict[str, str | bytes] = {"通知.html": NOTICE, "年报.docx": made("numbered_2022.docx")[:4000]}
    with pytest.raises(UnreadableDocument, match=r"“年报\.docx”无法读取：.*损坏"):
        parse(packed(members))
    report = parse(packed({**members, "年报2.docx": made("numbered_2022.docx")}))
    assert codes(report) == ["unreadable-member"]


def test_names_in_gbk_are_read() -> None:
    data = packed({"aaaaaaaa.docx": made("numbered_2022.docx")}).replace(
        b"aaaaaaaa.docx", "清溪年报.docx".encode("gbk")
    )
    report = parse(data)
    assert report.metadata["压缩包内文件"] == "清溪年报.docx"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/tmp/a.docx", "tmp/a.docx"),
        ("C:\\windows\\a.docx", "windows/a.docx"),
        ("..", "未命名"),
        ("甲\n乙.docx", "甲乙.docx"),
    ],
)  # fmt: skip
def test_names_that_lead_out_of_the_folder_lead_nowhere(name: str, shown: str) -> None:
    assert name_of(zipfile.ZipInfo(name)) == shown


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = parse(packed({"../../out.docx": made("numbered_2022.docx"), "/abs.txt": "说明"}))
    assert report.metadata["压缩包内文件"] == "out.docx"
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent.parent / "out.docx").exists()


def encrypted(data: bytes) -> bytes:
    """The same zip, its members marked as encrypted."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(changed)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (encrypted(packed({"a.txt": "年报"})), "密码"),
        (packed({f"{number}.txt": "年报" for number in range(201)}), "超过 200 个"),
        (packed({"a.txt": bytes(5_000_000)}), "压缩比"),
        (packed({"a.docx": packed({"word/document.xml": BOMB})}), "实体"),
        (packed({"年报.rar": b"Rar!\x1a\x07\x00"}), "RAR"),
        (packed({"年报.7z": b"7z\xbc\xaf\x27\x1c\x00"}), "7z"),
        (packed({}), "没有能读取的文件"),
        (packed({"a/": b"", "b.css": "a {}"}), "没有能读取的文件"),
        (packed({"a.txt": "年报" * 500})[:-60], "损坏"),
        (packed({"a.docx": docx(paragraph("甲"))[:-40]}), "损坏"),
    ],
    ids=["locked", "many", "ratio", "entity", "rar", "7z", "empty", "useless", "truncated", "inner"],
)
def test_a_hostile_archive_is_one_readable_line(data: bytes, word: str) -> None:
    with pytest.raises(UnreadableDocument, match=word) as caught:
        parse(data)
    assert "\n" not in str(caught.value)


def test_the_bytes_of_all_members_together_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsers.documents.archive.LARGEST_TOTAL", 3 * 1024 * 1024)
    inner = packed({"a.txt": b"x" * 2_000_000}, zipfile.ZIP_STORED)
    with pytest.raises(UnreadableDocument, match="解压后超过 3 MB"):
        parse(packed({"a.zip": inner, "b.zip": inner}, zipfile.ZIP_STORED))
