"""Files made to kill a reader: each costs one readable line or gives a sound report, and none reaches outside.

Where a limit on time or memory has to act, the file is read in a worker as the command line reads it.
"""

from __future__ import annotations

import io
import socket
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.cli.files import LARGEST, PRELOADED, Entry, FileTask, read_file
from monitor.workers import Limits, Trouble, WorkerPool
from parsers.documents import office as office_program
from parsers.reading import parse
from parsers.schema import Report, UnreadableDocument
from tests.monitor.cli.command import nianbao
from tests.parsers import office
from tests.parsers.damage.make import VALUES, whole

GOLDEN = Path(__file__).parent / "containers"
NAME = "numbered_2022"
CONTAINERS = ("docx", "doc", "rtf", "odt", "xlsx", "xls", "ods", "pdf")
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "年年年年年年年年年年">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = "http://192.0.2.1/outside"


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever asks for a connection or a name fails the test, whatever is made of the error."""
    asked: list[object] = []

    def refuse(*arguments: object, **named: object) -> None:
        asked.append(arguments)
        raise AssertionError(f"a document reached for the network: {arguments}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield
    assert not asked


def golden(kind: str) -> bytes:
    return (GOLDEN / f"{NAME}.{kind}").read_bytes()


def with_member(kind: str, name: str, change: Callable[[bytes], bytes | str]) -> bytes:
    """A golden package with one member changed."""
    with zipfile.ZipFile(io.BytesIO(golden(kind))) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    return office.packed({**members, name: change(members[name])})


def with_entities(kind: str, name: str) -> bytes:
    """A golden package whose text is an entity that grows to a hundred million times."""
    return with_member(kind, name, lambda xml: ENTITIES + _without_declaration(xml).replace(">", ">&i;", 3))


def _without_declaration(xml: bytes) -> str:
    text = xml.decode()
    return text.partition("?>")[2] if text.startswith("<?xml") else text


def refused(data: bytes) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(UnreadableDocument) as raised:
        parse(data)
    line = str(raised.value)
    assert line
    assert len(line.splitlines()) == 1
    return line


def read_or_refused(data: bytes) -> Report | None:
    """The report, or None where one line says why there is none."""
    try:
        return parse(data)
    except UnreadableDocument as problem:
        line = str(problem)
    assert len(line.splitlines()) == 1
    return None


def refused_or_sound(data: bytes, expected: dict[str, int] | None = None) -> None:
    """One line, or a report that prints no number that is not its own."""
    report = read_or_refused(data)
    if report is None:
        return
    numbers = expected if expected is not None else {
        key: cell.value for key, cell in parse(golden("html")).cells.items()
    }  # fmt: skip
    assert {key: cell.value for key, cell in report.cells.items() if cell.value not in (None, numbers[key])} == {}


# --- bombs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"),
    [("docx", "word/document.xml"), ("odt", "content.xml"), ("xlsx", "xl/workbook.xml"), ("ods", "content.xml")],
)
def test_an_entity_bomb_is_named(kind: str, name: str) -> None:
    assert "实体" in refused(with_entities(kind, name))


@pytest.mark.parametrize("name", ["OFD.xml", "Doc_0/Document.xml"])
def test_an_entity_bomb_in_an_ofd(name: str) -> None:
    parts: dict[str, str | bytes] = {
        "OFD.xml": '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml'
        "</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": '<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"/>',
    }
    parts[name] = ENTITIES + str(parts[name]).replace("/>", "></ofd:Document>").replace(">", ">&i;", 1)
    assert "实体" in refused(office.packed(parts))


@pytest.mark.parametrize(
    ("kind", "name"), [("docx", "word/document.xml"), ("odt", "content.xml"), ("xlsx", "xl/worksheets/sheet1.xml")]
)
def test_a_part_that_unpacks_to_very_much_is_refused(kind: str, name: str) -> None:
    assert "12 MB" in refused(with_member(kind, name, lambda xml: xml + b" " * 60_000_000))


def test_a_zip_of_bombs_is_refused() -> None:
    assert "压缩" in refused(office.packed({"年报.html": b"0" * 200_000_000}))


def test_a_member_that_lies_about_its_size_is_no_way_around() -> None:
    """The size in the directory is small, the stream behind it is not."""
    data = office.packed({"年报.txt": b"0" * 60_000_000})
    true = struct.pack("<I", 60_000_000)
    assert data.count(true) == 2
    refused(data.replace(true, struct.pack("<I", 1000)))


@pytest.mark.parametrize(
    "name", ["../../../../tmp/年报.html", "/etc/年报.html", "C:\\Windows\\年报.html", "..\\年报.html"]
)
def test_a_path_out_of_the_archive_leads_nowhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a" / "b" / "c" / "d" / "e"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    report = parse(office.packed({name: whole()}))
    assert report.metadata["压缩包内文件"].endswith("年报.html")
    assert ".." not in report.metadata["压缩包内文件"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --- depth and size -------------------------------------------------------------------------------------------


def nested_docx(depth: int) -> bytes:
    inner = office.paragraph("1")
    return office.docx("<w:tbl><w:tr><w:tc>" * depth + inner + "</w:tc></w:tr></w:tbl>" * depth)


def nested_odt(depth: int) -> bytes:
    opened = "<table:table><table:table-row><table:table-cell>" * depth
    return office.odf(
        opened + "<text:p>1</text:p>" + "</table:table-cell></table:table-row></table:table>" * depth
    )


def nested_rtf(depth: int) -> bytes:
    return ("{\\rtf1 " + "{\\trowd " * depth + "1" + "\\cell\\row}" * depth + "}").encode()


def nested_html(depth: int) -> bytes:
    return ("<html><body>" + "<table><tr><td>" * depth + whole() + "</table>" * depth).encode()


@pytest.mark.parametrize("made", [nested_docx, nested_odt, nested_rtf, nested_html])
def test_ten_thousand_tables_in_one_another(made: Callable[[int], bytes]) -> None:
    refused_or_sound(made(10_000), {key: int(value) for key, value in VALUES.items()})


def test_a_span_over_a_million_columns() -> None:
    page = whole().replace("<td>", "<td colspan=999999 rowspan=999999>", 50)
    refused_or_sound(page.encode(), {key: int(value) for key, value in VALUES.items()})


def test_spans_of_office_files_are_bounded() -> None:
    spans = '<w:gridSpan w:val="999999"/>'
    rows = "".join(office.row(*(office.cell("1", spans) for _ in range(20))) for _ in range(50))
    refused_or_sound(office.docx(office.table(rows)), {})
    cell = '<table:table-cell table:number-columns-repeated="999999"><text:p>1</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="999999">{cell}</table:table-row>'
    for kind in ("text", "spreadsheet"):
        refused_or_sound(office.odf(f"<table:table>{row}</table:table>", kind=kind), {})


def long_pdf(pages: int) -> bytes:
    """A PDF of many pages that all show the same."""
    kids = " ".join(f"{number + 10} 0 R" for number in range(pages))
    objects = {
        1: "<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Count {pages}/Kids[{kids}]>>",
        3: "<</Length 44>>\nstream\nBT /F 12 Tf 50 700 Td (1234567890123456) Tj ET\nendstream",
        4: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    } | {
        number
        + 10: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
        for number in range(pages)
    }
    out = bytearray(b"%PDF-1.4\n")
    places: dict[int, int] = {}
    for number, content in objects.items():
        places[number] = len(out)
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    start = len(out)
    out += b"xref\n"
    for number, place in places.items():
        out += f"{number} 1\n{place:010} 00000 n \n".encode()
    out += f"trailer<</Size {pages + 10}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)


def test_a_pdf_of_five_thousand_pages_is_refused_by_its_number_of_pages() -> None:
    assert "5000" in refused(long_pdf(5000))


# --- locked and cut off ---------------------------------------------------------------------------------------


def test_a_locked_pdf_is_named() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("geheim", ownerPassword="x", canPrint=0))
    canvas.drawString(100, 700, "1")
    canvas.save()
    assert "密码" in refused(out.getvalue())


def test_a_locked_package_of_office_is_named() -> None:
    """An OLE file with the two streams of an encrypted .docx, written by hand."""
    assert "密码" in refused(ole_file(("EncryptionInfo", "EncryptedPackage")))


def ole_file(streams: tuple[str, ...], *, loop: bool = False) -> bytes:
    """A small OLE file: header, one sector of chains, one of the directory, one for all streams."""
    free, end, chains = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 0, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack("<128I", chains, 1 if loop else end, 2 if loop else end, *[free] * 125)
    directory = b""
    for number, name in enumerate(("Root Entry", *streams)):
        encoded = name.encode("utf-16-le") + b"\0\0"
        child = 1 if number == 0 else free
        right = number + 1 if 0 < number < len(streams) else free
        kind = 5 if number == 0 else 2
        directory += encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, free, right, child)
        directory += bytes(36) + struct.pack("<IQ", 2 if number else end, 4096 if number else 0)
    return header + table + directory.ljust(512, b"\0") + bytes(512)


@pytest.mark.parametrize("stream", ["WordDocument", "Workbook", "Contents"])
def test_a_loop_in_an_ole_file_ends(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other program is asked to read it."""
    monkeypatch.setattr(office_program, "PROGRAMS", ())
    refused(ole_file((stream,), loop=True))
    refused(ole_file((stream,)))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
@pytest.mark.parametrize("kind", [*CONTAINERS, "html"])
def test_a_download_that_broke_off(kind: str, share: float) -> None:
    data = golden(kind)
    refused_or_sound(data[: int(len(data) * share)])


# --- the world outside ----------------------------------------------------------------------------------------


def outward_docx() -> bytes:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="r{number}" TargetMode="External" Target="{OUTSIDE}" Type="http://schemas.openxmlformats.org/'
            f'officeDocument/2006/relationships/{kind}"/>'
            for number, kind in enumerate(
                ("attachedTemplate", "image", "styles", "numbering", "aFChunk", "subDocument")
            )
        )
        + "</Relationships>"
    )
    body = office.paragraph("1") + '<w:altChunk r:id="r4"/><w:subDoc r:id="r5"/>'
    return office.docx(body, more={"word/_rels/document.xml.rels": relations})


def outward_html() -> bytes:
    page = (
        f'<html><head><link rel=stylesheet href="{OUTSIDE}.css"><style>@import url({OUTSIDE});</style>'
        f'<script src="{OUTSIDE}.js"></script><base href="{OUTSIDE}"></head><body><img src="{OUTSIDE}.png">'
        f'<iframe src="{OUTSIDE}"></iframe><object data="{OUTSIDE}"></object>'
    )
    return (page + whole()).encode()


def outward_xml(kind: str, name: str) -> bytes:
    declared = (
        f'<?xml version="1.0"?><!DOCTYPE a SYSTEM "{OUTSIDE}.dtd" [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    )
    return with_member(kind, name, lambda xml: declared + _without_declaration(xml).replace(">", ">&x;", 1))


def outward_rtf() -> bytes:
    field = f'{{\\field{{\\*\\fldinst INCLUDEPICTURE "{OUTSIDE}" }}{{\\fldrslt 1}}}}{{\\*\\template {OUTSIDE}}}'
    return golden("rtf").replace(b"{\\rtf1", b"{\\rtf1" + field.encode(), 1)


def outward_odt() -> bytes:
    frame = f'<draw:frame><draw:image xlink:href="{OUTSIDE}"/></draw:frame>'
    return office.odf(
        f'<text:p>1{frame}</text:p><text:section><text:section-source xlink:href="{OUTSIDE}"/></text:section>'
    )


@pytest.mark.parametrize(
    "made",
    [
        outward_docx,
        outward_html,
        outward_rtf,
        outward_odt,
        lambda: outward_xml("docx", "word/document.xml"),
        lambda: outward_xml("odt", "content.xml"),
        lambda: outward_xml("xlsx", "xl/workbook.xml"),
    ],
    ids=["docx", "html", "rtf", "odt", "docx dtd", "odt dtd", "xlsx dtd"],
)
def test_nothing_outside_is_fetched(made: Callable[[], bytes]) -> None:
    """The guard of this module fails the test on any attempt to connect."""
    read_or_refused(made())


# --- limits ---------------------------------------------------------------------------------------------------


def _failed(task: tuple[int, FileTask], trouble: Trouble) -> Entry:
    return Entry("unreadable", problem=trouble.in_words())


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., dict[str, Entry]]:
    """Reads files in one worker, as the command does."""

    def run(limits: Limits, **files: bytes) -> dict[str, Entry]:
        tasks: list[tuple[int, FileTask]] = []
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
            tasks.append((len(tasks), FileTask(tmp_path / name, True, "zh")))
        with WorkerPool(read_file, _failed, preloaded=PRELOADED, workers=1, limits=limits) as pool:
            return {task.file.name: entry for (_, task), entry in pool.run(tasks)}

    return run


def test_a_table_of_forty_megabytes_harms_no_other_file(
    read: Callable[..., dict[str, Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # a worker is reached by a socket
    row = "<tr>" + "<td>1234567</td>" * 10 + "</tr>"
    table = ("<table>" + row * (40_000_000 // len(row)) + "</table>").encode()
    answers = read(Limits(), huge=table, sound=whole().encode())
    assert answers["huge"].problem
    assert len(answers["huge"].problem.splitlines()) == 1
    assert answers["sound"].kind == "report"


def test_what_takes_more_memory_than_allowed_costs_one_line(
    read: Callable[..., dict[str, Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    huge = ("<p>" + "<b>1</b>" * 2_000_000).encode()
    answers = read(Limits(memory=150 * 1024 * 1024), huge=huge, sound=whole().encode())
    assert answers["huge"].problem
    assert answers["sound"].kind == "report"


def test_a_table_of_half_a_gigabyte_is_refused_unread(tmp_path: Path) -> None:
    """The file is sparse: its size alone says what it is."""
    huge = tmp_path / "huge.html"
    with huge.open("wb") as file:
        file.truncate(500 * 1024 * 1024)
    said = nianbao("parse", huge)
    assert said.status == 1
    assert f"{LARGEST // 1024 // 1024} MB" in said.problem
