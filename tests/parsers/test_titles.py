"""Titles: organ, year, and look-alikes."""

import pytest

from parsers.titles import TitleKind, is_report_name, read_title, repeated_word


@pytest.mark.parametrize(
    ("text", "organ", "year"),
    [
        ("清溪镇2021年政府信息公开工作年度报告", "清溪镇", 2021),
        ("云山县清溪镇 2021 年政府信息公开 公开工作年度报告", "云山县清溪镇", 2021),
        ("清溪镇人民政府 2023 年政府信息公开工作年度报告", "清溪镇人民政府", 2023),
        ("清溪镇政府信息公开工作年度报告", "清溪镇政府", None),
        ("云山县水利局政府信息公开工作年度报告", "云山县水利局", None),
        ("城南街道政府信息公开工作年度报告", "城南街道", None),
        ("2023年度云山县水利局政府信息公开工作年度报告", "云山县水利局", 2023),
        ("云山县水利局政府信息公开工作2022年度报告", "云山县水利局", 2022),
        ("2022年政府信息公开工作年度报告", None, 2022),
        ("关于报送《云山县水利局2015年政府信息公开年度报告》的函", "云山县水利局", 2015),
        ("云山县水利局关于公布2014年度政府信息公开工作年度报告的公告", "云山县水利局", 2014),
        ("云山县2023年度政府信息公开工作年度报告_政府信息公开年报_云山县人民政府", "云山县", 2023),
        ("云山县水利局2023年政府信息公开年度报告-云山县水利局", "云山县水利局", 2023),
        ("云山县教育局2022年度政府信息公开工作年度报告 - 云山县人民政府", "云山县教育局", 2022),
        ("云山县二〇二二年政府信息公开工作年度报告", "云山县", 2022),
        ("云山县２０２２年政府信息公开工作年度报告（文字版）", "云山县", 2022),
        ("云山县司法局2022年政务公开工作年度报告", "云山县司法局", 2022),
        ("云山县水利局2022年信息公开年报", "云山县水利局", 2022),
        ("清溪镇2019年政府信息公开工作报告", "清溪镇", 2019),
        ("2024年公布云山县2023年政府信息公开工作年度报告", "云山县", 2023),
        ("清溪镇2021年政府信息公开工作年度报告清溪镇2021年政府信息公开工作年度报告", "清溪镇", 2021),
        ("2023年云山县产业集聚区政府信息公开年度报告", "云山县产业集聚区", 2023),
    ],
)
def test_titles_of_reports(text: str, organ: str | None, year: int | None) -> None:
    title = read_title(text)
    assert (title.kind, title.organ, title.year) == (TitleKind.REPORT, organ, year)


@pytest.mark.parametrize(
    "text",
    [
        "云山县人民政府办公室关于做好2023年政府信息公开工作年度报告编制发布工作的通知",
        "一图读懂云山县2023年政府信息公开工作年度报告",
        "图解：云山县2023年政府信息公开工作年度报告",
        "云山县2023年政府信息公开工作年度报告解读",
        "2021年度政府信息公开年度报告公布情况",
        "政府信息公开制度",
        "云山县2023年政务公开工作要点",
        "云山县2023年政务公开工作要点落实情况",
        "云山县水利局2023年法治政府建设年度报告",
        "2023年政府信息公开工作年度报告格式",
    ],
)
def test_look_alikes(text: str) -> None:
    assert read_title(text).kind is TitleKind.LOOK_ALIKE


@pytest.mark.parametrize(
    "text", ["政府信息公开年报", "云山县水利局2023年度部门决算", "云山县政府工作报告", "乡镇年报", "", "首页"]
)
def test_other_titles(text: str) -> None:
    assert read_title(text).kind is TitleKind.OTHER


def test_a_bare_name_is_still_a_report_name() -> None:
    assert is_report_name("政府信息公开工作年度报告")
    assert not is_report_name("政府信息公开工作年度报告解读")
    assert not is_report_name("政府信息公开指南")


def test_repeated_word() -> None:
    assert repeated_word("清溪镇 2021 年政府信息公开 公开工作年度报告") == "公开"
    assert repeated_word("清溪镇2021年政府信息公开工作年度报告") is None
