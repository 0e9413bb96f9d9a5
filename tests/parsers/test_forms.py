"""The forms as data: every key once, every label for one key only, names for people."""

import pytest

from parsers.forms import FORM_KEYS, Label, form_for_year, load_form, lookup


@pytest.mark.parametrize(("key", "cells", "section_two"), [("2021", 200, 10), ("2019", 198, 22)])
def test_number_of_cells(key: str, cells: int, section_two: int) -> None:
    form = load_form(key)
    assert len(form.cells) == len(set(form.cells)) == cells
    assert len(form.section_two_cells) == section_two


@pytest.mark.parametrize("key", FORM_KEYS)
def test_no_wording_stands_for_two_things(key: str) -> None:
    form = load_form(key)
    for labels in (
        form.section_two_rows,
        form.section_two_columns,
        form.section_three_rows,
        form.section_three_columns,
        form.section_four_blocks,
        form.section_four_columns,
    ):
        assert {entry for entry, _ in lookup(labels.values()).values()} == set(labels)


def test_doubled_wordings_are_refused() -> None:
    with pytest.raises(ValueError, match="stands for both"):
        lookup([Label("a", "1.其他"), Label("b", "其他")])


@pytest.mark.parametrize(
    ("form", "cell", "name"),
    [
        ("2021", "section_two.normative_documents.issued", "表二 行政规范性文件 · 本年制发件数"),
        ("2019", "section_two.central_procurement.amount_wan", "表二 政府集中采购 · 采购总金额"),
        ("2021", "section_three.total_results.natural_person", "表三 （七）总计 · 自然人"),
        ("2021", "section_three.denied_state_secret.total", "表三 （三）不予公开 1.属于国家秘密 · 总计"),
        ("2021", "section_three.other.total", "表三 （六）其他处理 · 总计"),
        ("2021", "section_three.new_received", "表三 一、本年新收政府信息公开申请数量"),
        ("2019", "section_four.review.upheld", "表四 行政复议 · 结果维持"),
    ],
)
def test_names_for_people(form: str, cell: str, name: str) -> None:
    assert load_form(form).describe(cell) == name


@pytest.mark.parametrize("key", FORM_KEYS)
def test_every_cell_has_a_name(key: str) -> None:
    form = load_form(key)
    names = [form.describe(cell) for cell in (*form.cells, *form.foreign_cells)]
    assert len(set(names)) == len(names)
    with pytest.raises(KeyError):
        form.describe("section_nine.nothing")


def test_years_in_force() -> None:
    assert [form_for_year(year) for year in (2010, 2018, 2019, 2020, 2021, 2031)] == [
        "legacy", "legacy", "2019", "2019", "2021", "2021",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        load_form("legacy")
