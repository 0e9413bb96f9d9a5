"""What a document is, more finely than report or not."""

import pytest

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import DocumentKind, FinerKind, OrganKind, Report
from tests.parsers.pages import article, numbered, page

FORM = load_form("2021")
TITLE = "清溪镇2023年政府信息公开工作年度报告"
PROSE = "<p>" + "本年度严格按照要求推进公开工作，内容及时准确。" * 30 + "</p>"
LINKS = "".join(f"<li><a href='{y}.html'>清溪镇{y}年政府信息公开工作年度报告</a></li>" for y in range(2019, 2024))


def kind_of(text: str | bytes) -> FinerKind:
    report = parse(text if isinstance(text, bytes) else text.encode())
    assert (report.kind is DocumentKind.REPORT) == (report.document_kind is FinerKind.REPORT)
    assert report.to_json()["document_kind"] == report.document_kind.value
    assert Report.from_json(report.to_json()) == report
    return report.document_kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("一图读懂清溪镇2023年政府信息公开工作年度报告", FinerKind.INFOGRAPHIC),
        ("图解：清溪镇2023年政府信息公开工作年度报告", FinerKind.INFOGRAPHIC),
        ("清溪镇2023年政府信息公开工作年度报告图文解读", FinerKind.INFOGRAPHIC),
        ("清溪镇2023年政府信息公开工作年度报告解读", FinerKind.INTERPRETATION),
        ("文字解读：清溪镇2023年政府信息公开工作年度报告", FinerKind.INTERPRETATION),
        ("清溪镇2023年政府信息公开工作年度报告说明", FinerKind.INTERPRETATION),
        ("关于做好2023年政府信息公开工作年度报告编制工作的通知", FinerKind.NOTICE),
        ("2023年度政府信息公开工作年度报告公布情况", FinerKind.NOTICE),
        ("关于2023年政府信息公开工作年度报告发布情况的通报", FinerKind.NOTICE),
        ("云山县政府信息公开制度", FinerKind.OTHER),
        ("云山县2023年政务公开工作要点", FinerKind.OTHER),
        ("清溪镇2023年政府信息公开自查报告", FinerKind.OTHER),
        ("云山县水利局2023年法治政府建设年度报告", FinerKind.OTHER),
    ],
)
def test_look_alikes_by_their_titles(title: str, kind: FinerKind) -> None:
    assert kind_of(page(title, PROSE)) is kind
    assert kind_of(page(title, PROSE + LINKS)) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (page(TITLE, article(FORM, numbered(FORM))), FinerKind.REPORT),
        (page(TITLE, ""), FinerKind.EMPTY_SHELL),
        (page(TITLE, '<p>附件：<a href="a.docx">年度报告.docx</a></p>'), FinerKind.EMPTY_SHELL),
        (page(TITLE, f"<h4>相关链接</h4><ul>{LINKS}</ul>"), FinerKind.EMPTY_SHELL),
        (
            page("关于报送清溪镇2023年政府信息公开年度报告的函", "<p>县政府办：现将报告报送你办，请审阅。</p>"),
            FinerKind.COVERING_LETTER,
        ),
        (page(TITLE, "<p>县政府办公室：现将我镇2023年度报告报送你办，请查收。</p>"), FinerKind.COVERING_LETTER),
        (page(TITLE, "<p>现将本镇年度报告予以公布，全文见附件。</p>"), FinerKind.NOTICE),
        (page("政府信息公开年报", f"<ul>{LINKS}</ul>"), FinerKind.LIST_PAGE),
        (page("清溪镇人民政府", f"<ul>{LINKS}</ul>"), FinerKind.LIST_PAGE),
        (page("2023年政府信息公开年报", f"<ul>{LINKS}{LINKS.replace('清溪', '青石')}</ul>"), FinerKind.LIST_PAGE),
        (page("信息公开年报", "<p>共计 2 页 首页 | 上一页 1 | 2 | 下一页 尾页</p>"), FinerKind.LIST_PAGE),
        (page("首页", "<p>您访问的页面不存在</p>"), FinerKind.EMPTY_SHELL),
        (page("云山县人民政府", ""), FinerKind.EMPTY_SHELL),
        (page("云山县人民政府", PROSE), FinerKind.OTHER),
        ("<html><body><script>var _$ab=$_ts=1</script></body></html>", FinerKind.CHALLENGE_PAGE),
        ("<html><head><title>安全验证</title></head><body>请完成验证</body></html>", FinerKind.CHALLENGE_PAGE),
        ("<html><body><script>x()</script><p>正在检查您的浏览器</p></body></html>", FinerKind.CHALLENGE_PAGE),
    ],
)
def test_what_stands_on_the_page(text: str, kind: FinerKind) -> None:
    assert kind_of(text) is kind


def test_a_report_with_a_captcha_in_its_frame_is_the_report() -> None:
    form = "<script src='/js/initGeetest.js'></script><p>登录请输入图形验证码</p>"
    assert kind_of(page(TITLE, article(FORM, numbered(FORM)), above=form)) is FinerKind.REPORT


def test_the_kind_of_the_organ_is_told() -> None:
    report = parse(page(TITLE, article(FORM, numbered(FORM))).encode())
    assert report.organ_kind is OrganKind.TOWNSHIP
    assert report.to_json()["organ_kind"] == "township"


def test_versions_stored_before_there_were_finer_kinds_are_still_read() -> None:
    data = parse(page(TITLE, article(FORM, numbered(FORM))).encode()).to_json()
    del data["document_kind"], data["organ_kind"]
    report = Report.from_json(data)
    assert (report.document_kind, report.organ_kind) == (FinerKind.REPORT, None)
