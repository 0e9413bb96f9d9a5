"""Pages whose report is an attachment, a viewer or pictures: what a page refers to, and what comes of it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from parsers.attachments import parse_page
from parsers.documents.links import LinkKind, links_of
from parsers.forms import load_form
from parsers.schema import CellState, DocumentKind, Report
from tests.parsers.pages import article, numbered, page

CONTAINERS = Path(__file__).parent / "containers"
FORM = load_form("2021")
TITLE = "清溪镇2022年政府信息公开工作年度报告"


def cover(body: str, title: str = TITLE) -> bytes:
    """A page with a title, a date and metadata, and this body."""
    return (
        f"<html><head><meta name='ArticleTitle' content='{title}'><meta name='PubDate' content='2023-01-18 09:00'>"
        f"<meta name='ContentSource' content='清溪镇'></head><body><h1>{title}</h1>{body}</body></html>"
    ).encode()


def read(body: str, files: Mapping[str, bytes], title: str = TITLE) -> Report:
    return parse_page(cover(body, title), files.get)


def container(name: str) -> bytes:
    return (CONTAINERS / name).read_bytes()


@pytest.mark.parametrize(
    ("body", "href"),
    [
        ('<p>见附件</p><a href="./P020230118.docx">附件1</a>', "./P020230118.docx"),
        ('<iframe src="/pdfjs/web/viewer.html?file=/files/a.pdf"></iframe>', "/files/a.pdf"),
        ('<iframe src="../files/b.pdf"></iframe>', "../files/b.pdf"),
        ('<embed src="c.pdf" type="application/pdf">', "c.pdf"),
        ('<object data="d.pdf"></object>', "d.pdf"),
        ("<a href=\"javascript:void(0)\" onclick=\"window.open('/down/e.wps')\">年报.wps</a>", "/down/e.wps"),
        ('<a href="/module/download/downfile.jsp?classid=0&filename=f.doc">年报</a>',
         "/module/download/downfile.jsp?classid=0&filename=f.doc"),
        ('<a href="/system/_content/download.jsp?wbfileid=77">附件【年报.doc】.doc</a>',
         "/system/_content/download.jsp?wbfileid=77"),
    ],
)  # fmt: skip
def test_what_a_page_refers_to(body: str, href: str) -> None:
    assert [(link.href, link.kind) for link in links_of(body)] == [(href, LinkKind.FILE)]


def test_pictures_count_and_decoration_does_not() -> None:
    found = links_of(
        '<img src="/images/logo.png"><img src="W020230118.jpg"><img src="s.png" width="32">'
        '<a href="/index.html">首页</a>'
        '<img src="data:image/png;base64,AAAA"><a href="mailto:x@example.org">信</a>'
        '<img src="/i/2.png" width="100%">'
    )
    assert [(link.href, link.kind) for link in found] == [
        ("W020230118.jpg", LinkKind.PICTURE),
        ("/i/2.png", LinkKind.PICTURE),
    ]


@pytest.mark.parametrize("kind", ["docx", "doc", "rtf", "odt", "pdf", "xlsx"])
def test_the_report_of_an_attachment_under_the_pages_title_and_date(kind: str) -> None:
    name = f"P020230118.{kind}"
    report = read(f'<p>见附件</p><a href="{name}">附件1</a>', {name: container(f"numbered_2022.{kind}")})
    assert report.kind is DocumentKind.REPORT
    assert (report.title, report.organ, report.report_year) == (TITLE, "清溪镇", 2022)
    assert (report.published_on, report.published_from) == (date(2023, 1, 18), "meta")
    assert report.metadata["附件"] == name
    assert report.metadata["ContentSource"] == "清溪镇"
    cell = report.cells["section_two.regulations.issued"]
    assert (cell.value, cell.at.file if cell.at else None) == (1000, name)


def test_the_pages_own_report_wins() -> None:
    own = page(TITLE, article(FORM, numbered(FORM))).replace("</body>", '<a href="a.docx">附件</a></body>')
    report = parse_page(own.encode(), {"a.docx": container("department_2023.docx")}.get)
    assert report.report_year == 2022
    assert "附件" not in report.metadata


def test_a_page_with_sections_but_no_tables_gives_way_to_its_attachment() -> None:
    titles = (section.title for section in FORM.sections)
    body = "".join(f"<p>{'一二三四五六'[n]}、{title}</p><p>详见附件。</p>" for n, title in enumerate(titles))
    alone = read(body, {})
    assert {cell.state for cell in alone.cells.values()} <= {CellState.ABSENT}
    report = read(body + '<a href="a.pdf">附件</a>', {"a.pdf": container("numbered_2022.pdf")})
    assert report.cells["section_two.regulations.issued"].value == 1000


def test_the_fullest_of_several_attachments_is_taken_and_unreadable_ones_are_told() -> None:
    files = {"a.docx": b"PK\x03\x04 broken", "b.docx": container("numbered_2022.docx"), "c.txt": "说明".encode()}
    report = read("".join(f'<a href="{name}">{name}</a>' for name in files), files)
    assert report.metadata["附件"] == "b.docx"
    assert [lint.code for lint in report.lints if lint.code == "unreadable-attachment"]


def test_an_attachment_of_another_year_keeps_what_it_says_itself() -> None:
    report = read('<a href="a.docx">附件</a>', {"a.docx": container("department_2023.docx")})
    assert report.report_year == 2023
    assert report.title != TITLE
    assert "title-differs-from-page" in {lint.code for lint in report.lints}


def test_without_the_files_the_page_is_no_report() -> None:
    report = read('<p>见附件</p><a href="a.docx">附件1</a>', {})
    assert report.kind is DocumentKind.OTHER
    assert report.title == TITLE
