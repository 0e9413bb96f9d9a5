"""The full report in every format: golden paragraphs and JSON, sheets, the page on phone and desk and in print."""

import io
import json
import random
from dataclasses import replace
from pathlib import Path

import openpyxl
import pypdfium2 as pdfium
import pytest
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from monitor.assess import assess
from monitor.completeness.figures import CountyCompleteness
from monitor.completeness.keeping import _read, _written
from monitor.completeness.page import to_page
from monitor.completeness.ranking import rankings
from monitor.completeness.record import from_record
from monitor.completeness.summary import summary
from monitor.completeness.table import to_tables
from monitor.completeness.workbook import problems_to_csv, to_workbook
from monitor.decisions.findings import dismiss, findings
from monitor.marking import marked
from monitor.publication import PublicationState
from monitor.settings import Settings
from monitor.store.kept_reports import ReportKey
from tests.browser import chromium
from tests.monitor.completeness.examples import AS_OF, STANDINGS, full_example
from tests.monitor.record.making import at
from tests.monitor.similarity.making import Record, town
from tests.monitor.similarity.prose import narrative

GOLDEN = Path(__file__).parent / "golden"


def against(name: str, text: str) -> None:
    """Compare with the golden file; one that is missing is written and has to be reviewed."""
    golden = GOLDEN / name
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{name} was written: review it, then run again")
    assert text == golden.read_text(encoding="utf-8")


def cases() -> dict[str, CountyCompleteness]:
    """Counties with none, one and many in each state."""
    small, county = full_example().counties
    late, on_time, missing, unverified, _, not_due, _, _ = STANDINGS
    plain = replace(county, contents=(), corrections=None)

    def of(*standings: object) -> CountyCompleteness:
        return replace(plain, standings=standings)  # type: ignore[arg-type]

    clean = replace(on_time, flags=())
    corrections = county.corrections
    assert corrections is not None
    return {
        "nobody owes anything": of(),
        "nothing is due yet": of(not_due),
        "one, in time": of(clean),
        "many, all in time": of(clean, clean, clean),
        "one, missing": of(missing),
        "one, that nobody could verify": of(unverified),
        "one missing, one that nobody could verify": of(missing, unverified),
        "many late": of(replace(late, errors=0, warnings=0, flags=()), late),
        "every state and all blocks": county,
        "corrections only": replace(of(clean), corrections=replace(corrections, found=(), caught_up=())),
        "no correction, no problem": replace(of(clean), corrections=type(corrections)(corrections.since)),
        "another county": small,
    }


def test_the_paragraph_reads_well_with_none_one_and_many() -> None:
    blocks = [
        f"# {name}\n{summary(county, 2023)}\n{summary(county, 2023, 'en')}\n" for name, county in cases().items()
    ]
    against("paragraphs.txt", "\n".join(blocks))


def test_the_json_has_every_block() -> None:
    against("report.json", json.dumps(full_example().to_json(), ensure_ascii=False, indent=1) + "\n")


def test_a_report_that_was_kept_is_read_as_it_was() -> None:
    report = full_example()
    key = ReportKey(None, 2023, AS_OF, "zh", report.counties[1].corrections.since)  # type: ignore[union-attr]
    assert _read(AS_OF, _written(report), key) == report


def test_the_workbook_has_a_sheet_a_block_and_no_empty_one() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_workbook(full_example())))
    assert book.sheetnames == [
        "汇总", "单位清单", "问题清单", "内容完整性", "异常数字", "雷同报告", "两年对照", "整改情况", "排名",
    ]  # fmt: skip
    changes = [row[:3] for row in book["整改情况"].iter_rows(min_row=2, values_only=True)]
    assert changes == [("已更正", "滑县", "道口镇"), ("仍未更正", "滑县", "焦虎镇"), ("新发现", "滑县", "焦虎镇")]
    alike = [cell.value for cell in book["雷同报告"][2]]
    assert alike == [
        "滑县", "焦虎镇", "https://huaxian.example/a/1.html", "河东区 大王庄街道", "https://hedong.example/1.html",
        0.9871, 1234,
    ]  # fmt: skip
    assert book["内容完整性"]["F2"].number_format == "0.0%"
    empty = replace(full_example(), rankings=())
    assert "排名" not in openpyxl.load_workbook(io.BytesIO(to_workbook(empty))).sheetnames


def test_the_list_of_problems_as_csv() -> None:
    lines = problems_to_csv(full_example()).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("县区,单位,年度,问题,表格位置,报告数,应为/对照数,依据,链接")
    assert lines[1].startswith("滑县,焦虎镇,2023,（七）总计与各项之和不符，相差1件,表三 （七）总计 · 自然人,0,1,")


def test_the_terminal_tells_what_became_of_problems_and_the_place_among_counties() -> None:
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(to_tables(full_example()))
    text = console.export_text().replace("\n", "")
    assert "已更正1个问题，仍未更正1个，新发现1个" in text
    assert "安阳市各县区排名" in text
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(to_tables(replace(full_example(), counties=full_example().counties[1:])))
    text = console.export_text()
    assert "排名：应公布单位不足10家，不按比率排名" in text
    assert "河东区" not in text


def test_one_county_in_the_terminal_is_told_its_place_without_the_names_of_others() -> None:
    big = [
        replace(full_example(12).counties[1], code=code, name=name)
        for code, name in (("410526", "滑县"), ("410522", "安阳县"))
    ]
    report = replace(full_example(), counties=(replace(big[0], prefecture="安阳市"),), rankings=rankings(big))
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(to_tables(report))
    text = console.export_text()
    assert "安阳县" not in text
    assert "排名：" in text


def test_the_page_has_a_table_behind_each_chart_and_tells_the_lists_of_names() -> None:
    page = to_page(full_example())
    assert page.count("<svg ") == page.count("<details>") == 3
    for text in ("表格只有图片或附件", "雷同报告", "98.7%", "河东区", "补公布", "不足10家"):
        assert text in page
    assert "<script" not in page


def test_an_english_page_marks_what_is_chinese() -> None:
    told = to_page(full_example(2), "en")
    assert '<span lang="zh">' in told
    assert marked(told) == told, "nothing is left to be marked"
    assert '<span lang="zh">' not in to_page(full_example(2))


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_fits_phone_and_desk(tmp_path: Path, width: int, language: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(to_page(full_example(60), language), encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        rows = page.locator("[aria-labelledby^=ranking] tbody tr")
        assert rows.count()
        heights = rows.evaluate_all("rows => rows.map(row => row.clientHeight)")
        assert max(heights) < 110, "a remark stands a letter to the line"
        assert said == []


@pytest.mark.browser
def test_the_print_is_clean_a4_with_page_numbers_repeated_heads_and_nothing_cut(tmp_path: Path) -> None:
    path, print_path = tmp_path / "page.html", tmp_path / "print.pdf"
    path.write_text(to_page(full_example(60)), encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page()
        page.goto(path.as_uri())
        page.pdf(path=print_path, prefer_css_page_size=True)
        page.emulate_media(media="print")
        # 297 mm less the margins of 14 mm.
        page.set_viewport_size({"width": round(269 / 25.4 * 96), "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= round(269 / 25.4 * 96)
    document = pdfium.PdfDocument(print_path)
    width, height = document[0].get_size()
    assert (round(width), round(height)) == (842, 595)
    texts = [each.get_textpage().get_text_bounded().replace("\r\n", "\n") for each in document]
    assert len(texts) > 3
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text
    listed = [text for text in texts if "滑县第" in text and "部门" in text]
    assert len(listed) > 1
    assert all("首次发现" in text for text in listed)
    whole = "".join(texts)
    assert all(f"滑县第{number}局" in whole for number in range(57))


def test_what_only_a_full_report_tells_is_left_out_of_a_plain_one() -> None:
    report = replace(full_example(), full=False)
    assert "problems" not in report.to_json()["counties"][0]
    states = {one.state for one in STANDINGS}
    assert states == set(PublicationState)


def side_by_side(record: Record) -> list[set[str]]:
    """The names in each pair of the first county's report, after an assessment."""
    settings = Settings.model_validate({"watch": {"years": [2023]}})
    assess(record.database, record.portals, settings, at(2, 20), workers=1)
    report = from_record(
        record.database, record.portals, settings, at(2, 21), year=2023, county="990401", full=True
    )
    county = report.counties[0]
    assert f"雷同报告（{len(county.pairs)}）" in LexborHTMLParser(to_page(report)).text()
    assert all(pair.similarity >= 0.95 for pair in county.pairs)
    return [{pair.first.organ, pair.second.organ} for pair in county.pairs]


def test_reports_with_the_same_text_stand_side_by_side_from_the_record(tmp_path: Path) -> None:
    record = Record(tmp_path, counties=1)
    chance = random.Random(1)
    for number in range(8):
        record.put(town(1, number), narrative(chance))
    text = narrative(random.Random(9))
    for number in (0, 3):
        record.put(town(1, number), text)
    assert side_by_side(record) == [{"梅坪镇", "竹坪镇"}]
    for one in findings(record.database, rule="P-06"):
        dismiss(record.database, one.reference, by="李四", at=at(2, 20), reason="县里已核实")
    assert side_by_side(record) == []


def test_where_a_countys_template_is_not_known_nobody_is_told_to_have_copied(tmp_path: Path) -> None:
    record = Record(tmp_path, counties=1)
    text = narrative(random.Random(9))
    for number in (0, 3):
        record.put(town(1, number), text)
    assert side_by_side(record) == []
