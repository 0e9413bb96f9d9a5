"""Charts: the same bytes for the same figures, text as text, letters beside patterns, a table behind each."""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

from monitor.completeness.charts import LETTERS, charts
from monitor.completeness.course import OrganState, YearStates
from monitor.publication import PublicationState

SVG = "{http://www.w3.org/2000/svg}"


def states(year: int, *, organs: int = 5) -> YearStates:
    """The five states one after the other."""
    each = list(LETTERS)
    return YearStates(
        year,
        tuple(
            OrganState(
                f"990301{number:03d}",
                f"东岭县单位{number}",
                each[number % 5],
                date(year + 1, 1, 31),
                date(year + 1, 1, 20 + number % 10)
                if number % 5 == 0
                else date(year + 1, 2, 3)
                if number % 5 == 1
                else None,
            )
            for number in range(organs)
        ),
    )


def test_each_chart_is_well_formed_with_text_that_can_be_read_and_nothing_from_elsewhere() -> None:
    found = charts("990301", "东岭县", [states(2022), states(2023)], date(2024, 2, 10))
    assert [chart.title for chart in found] == ["各单位历年公布情况", "历年按时公布率", "公布进度与公布期限"]
    for chart in found:
        for svg in chart.svgs:
            root = ElementTree.fromstring(svg)
            assert root.attrib["role"] == "img"
            assert not [element for element in root.iter() if element.tag in (f"{SVG}script", f"{SVG}image")]
            assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
        assert chart.rows
        assert all(len(row) == len(chart.heads) for row in chart.rows)


def test_the_map_says_each_state_by_a_letter_and_names_organs_without_the_county() -> None:
    (svg,) = charts("990301", "东岭县", [states(2023)], date(2024, 2, 10))[0].svgs
    texts = [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert [text for text in texts if text in LETTERS.values()] == ["按", "逾", "缺", "疑", "待"]
    (late,) = [each for each in ElementTree.fromstring(svg).iter(f"{SVG}g") if each.attrib["class"] == "late"]
    assert any("url(#late-990301-0)" in each.attrib.get("fill", "") for each in late)
    assert "单位3" in texts
    assert charts("990301", "东岭县", [states(2023)], date(2024, 2, 10))[0].rows[2] == ("单位2", "未公布")


def test_the_same_figures_give_the_same_bytes_and_a_name_from_outside_stays_text() -> None:
    years = [states(2022), states(2023)]
    assert charts("990301", "东岭县", years, date(2024, 2, 10)) == charts(
        "990301", "东岭县", years, date(2024, 2, 10)
    )
    hostile = replace(years[1].organs[0], name='<script>"x"&')
    drawn = charts("990301", "东岭县", [replace(years[1], organs=(hostile,))], date(2024, 2, 10))
    assert "<script" not in "".join(svg for chart in drawn for svg in chart.svgs)


def test_more_than_sixty_organs_make_a_second_map() -> None:
    assert len(charts("990301", "东岭县", [states(2023, organs=61)], date(2024, 2, 10))[0].svgs) == 2


def test_a_rate_that_is_not_proven_is_told_from_to() -> None:
    rates = charts("990301", "东岭县", [states(2022), states(2023)], date(2024, 2, 10))[1]
    assert rates.rows[1] == ("2023", "4", "1", "25.0%～50.0%")
    assert 'class="unverified"' in rates.svgs[0]


def test_the_curve_counts_published_reports_only() -> None:
    curve = charts("990301", "东岭县", [states(2022), states(2023)], date(2024, 2, 10))[2]
    assert curve.rows == (("2024-01-20", "1", "1"), ("2024-02-03", "1", "2"))
    found_late = replace(states(2023).organs[3], state=PublicationState.UNVERIFIED, published_on=date(2024, 2, 5))
    more = replace(states(2023), organs=(*states(2023).organs, found_late))
    assert charts("990301", "东岭县", [states(2022), more], date(2024, 2, 10))[2].rows == curve.rows


def test_nothing_expected_makes_no_chart_and_nothing_published_no_curve() -> None:
    assert charts("990301", "东岭县", [YearStates(2023, ())], date(2024, 2, 10)) == ()
    empty = replace(states(2023), organs=states(2023).organs[2:])
    assert [chart.title for chart in charts("990301", "东岭县", [empty], date(2024, 2, 10))] == [
        "各单位历年公布情况"
    ]
