"""OFD files: every cell of the golden PDFs written as OFD in several manners; damage; hostile files."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.documents.model import OFD
from parsers.documents.ofd import read_ofd
from parsers.documents.pdf import pages_of
from parsers.documents.printed import PrintedPage
from parsers.reading import parse
from parsers.schema import CellState, UnreadableDocument
from tests.parsers.ofd_writer import Manner, pack, write_ofd

FOLDER = Path(__file__).parent / "containers"
PDFS = sorted(FOLDER.glob("*.pdf"))
MANNERS = {
    "lines": Manner(),
    "a character each": Manner(by_line=False),
    "groups of steps": Manner(grouped=True),
    "scaled by a CTM": Manner(scale=0.3527),
    "rules in a template": Manner(rules_in_template=True),
    "rules as filled boxes": Manner(filled_rules=True),
    "sloppy names": Manner(absolute_paths=True, upper_names=True, backslashes=True, default_namespace=True),
}


def printed(path: Path) -> list[PrintedPage]:
    return [page for page in pages_of(path.read_bytes()) if isinstance(page, PrintedPage)]


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.stem)
@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
def test_every_cell(path: Path, manner: Manner) -> None:
    report = parse(write_ofd(printed(path), manner))
    expected = json.loads(path.with_suffix(".cells.json").read_text(encoding="utf-8"), parse_float=Decimal)
    assert report.media_type == OFD
    found = {key: (cell.value, cell.state.value) for key, cell in report.cells.items()}
    assert found == {key: (value, state) for key, (_, value, state) in expected.items()}
    assert all(section.present for section in report.sections.values())


@pytest.mark.parametrize("placeholder", ["¤", "\ue001", "\ufffd"])
def test_glyphs_without_characters_are_no_numbers(placeholder: str) -> None:
    """A writer that knows only glyph numbers writes placeholders: nothing of it is reported."""
    pages = printed(PDFS[0])
    some = [
        PrintedPage(
            page.number,
            page.width,
            page.height,
            page.rules,
            [glyph._replace(text=placeholder) if glyph.text.isdigit() else glyph for glyph in page.glyphs],
        )
        for page in pages
    ]
    report = parse(write_ofd(some))
    assert report.cells
    assert not any(cell.state is CellState.REPORTED for cell in report.cells.values())
    assert any(cell.state is CellState.UNREADABLE for cell in report.cells.values())


def test_all_glyphs_without_characters() -> None:
    document = read_ofd(write_ofd(printed(PDFS[0]), text="\ue001"))
    assert all(
        cell.doubt
        for block in document.blocks
        if hasattr(block, "rows")
        for row in block.rows
        for cell in row.own
        if cell.text
    )


def test_hidden_and_white_text_is_no_number() -> None:
    made = write_ofd(printed(PDFS[0]))
    report = parse(made)
    key = "section_three.new_received.total"
    assert report.cells[key].state is CellState.REPORTED
    for paint in ('Visible="false"', 'Alpha="0"', 'Fill="false"'):
        hidden = parse(_with(made, "<ofd:TextObject ", f"<ofd:TextObject {paint} "))
        assert not any(cell.state is CellState.REPORTED for cell in hidden.cells.values()), paint
    white = _with(made, "<ofd:TextCode", '<ofd:FillColor Value="255 255 255"/><ofd:TextCode')
    assert not any(cell.state is CellState.REPORTED for cell in parse(white).cells.values())


def _with(data: bytes, old: str, new: str) -> bytes:
    """The file with a text in its pages replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return pack({name: archive.read(name).replace(old.encode(), new.encode()) for name in archive.namelist()})


@pytest.mark.parametrize(
    "data",
    [
        pack({"OFD.xml": "<OFD/>"}),
        pack({"OFD.xml": "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>"}),
        pack({"OFD.xml": "<OFD><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></OFD>"}),
        pack({"OFD.xml": "<OFD"}),
        pack({"OFD.xml": '<!DOCTYPE a [<!ENTITY b "c">]><OFD>&b;</OFD>'}),
        pack({"OFD.xml": "<OFD><DocRoot>D.xml</DocRoot></OFD>", "D.xml": "<Document/>"}),
        pack(
            {
                "OFD.xml": "<OFD><DocRoot>D.xml</DocRoot></OFD>",
                "D.xml": "<Document><Pages>" + '<Page BaseLoc="P.xml"/>' * 201 + "</Pages></Document>",
            }
        ),
        pack(
            {
                "OFD.xml": "<OFD><DocRoot>D.xml</DocRoot></OFD>",
                "D.xml": '<Document><Pages><Page BaseLoc="P.xml"/></Pages></Document>',
                "P.xml": "<Page>" + "<Content>" * 300 + "</Content>" * 300 + "</Page>",
            }
        ),
    ],
)
def test_broken_and_hostile_files(data: bytes) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        parse(data)
    assert "\n" not in str(caught.value)


def test_a_block_that_holds_itself_ends() -> None:
    files = {
        "OFD.xml": "<OFD><DocRoot>D.xml</DocRoot></OFD>",
        "D.xml": "<Document><CommonData><PublicRes>R.xml</PublicRes></CommonData>"
        '<Pages><Page BaseLoc="P.xml"/></Pages></Document>',
        "R.xml": '<Res><CompositeGraphicUnits><CompositeGraphicUnit ID="1"><Content>'
        + '<CompositeObject ResourceID="1" Boundary="0 0 1 1"/>' * 9
        + "</Content></CompositeGraphicUnit></CompositeGraphicUnits></Res>",
        "P.xml": '<Page><Content><Layer><CompositeObject ResourceID="1" Boundary="0 0 1 1"/></Layer></Content>'
        "</Page>",
    }
    with pytest.raises(UnreadableDocument):
        read_ofd(pack(files))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_files_cost_one_named_failure(data: st.DataObject) -> None:
    source = bytearray(_SMALL)
    for _ in range(data.draw(st.integers(1, 12))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 3))
    with suppress(UnreadableDocument):
        read_ofd(bytes(source[: len(source) // cut] if cut else source))


@settings(max_examples=60, deadline=None)
@given(
    st.text("MLQBACSmlg 0123456789.-eE", max_size=40),
    st.text("g 0123456789.-eEx", max_size=30),
    st.text("0123456789.- einfa", max_size=30),
)
def test_any_attribute_is_survived(path: str, steps: str, numbers: str) -> None:
    files = {
        "OFD.xml": "<OFD><DocRoot>D.xml</DocRoot></OFD>",
        "D.xml": '<Document><Pages><Page BaseLoc="P.xml"/></Pages></Document>',
        "P.xml": f"<Page><Area><PhysicalBox>{numbers}</PhysicalBox></Area><Content><Layer>"
        f'<PathObject Boundary="0 0 1 1" CTM="{numbers}"><AbbreviatedData>{path}</AbbreviatedData></PathObject>'
        f'<TextObject Boundary="1 1 9 9" Size="{numbers}"><TextCode X="{numbers}" DeltaX="{steps}">12345'
        "</TextCode></TextObject></Layer></Content></Page>",
    }
    read_ofd(pack(files))


_SMALL = write_ofd(printed(FOLDER / "numbered_2022.pdf")[1:])
