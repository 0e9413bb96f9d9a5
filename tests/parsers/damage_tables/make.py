"""Makes the damaged tables of this folder: ``python -m tests.parsers.damage_tables.make``.

Each is one whole report in our own wording, every cell with another number, and one damage of its tables. Their
golden files are not made here: see :mod:`tests.parsers.golden`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from parsers.forms import Form, load_form
from tests.parsers.pages import article, balanced, page, section_four, section_three, section_two

FOLDER = Path(__file__).parent
FORM = load_form("2021")
FORM_2019 = load_form("2019")
VALUES = balanced(FORM)
VALUES_2019 = balanced(FORM_2019)
TITLE = "清溪镇2023年政府信息公开工作年度报告"
TITLE_2020 = "清溪镇2020年政府信息公开工作年度报告"
CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
APPLICANTS = tuple(label.text for label in FORM.section_three_columns.values())
RESULTS = tuple(label.text for label in FORM.section_four_columns.values())
BLOCKS = tuple(label.text for label in FORM.section_four_blocks.values())
FOUR_KEYS = tuple(key for key in FORM.cells if key.startswith("section_four."))
OTHER_ROWS = tuple(key for key in FORM.section_three if key.startswith("other_"))
Values = Mapping[str, str]

_WORD = re.compile(r'<td([^>]*?) style="[^"]*"><p class="MsoNormal"><span>(.*?)</span></p></td>')
_MAKERS: dict[str, Callable[[], str]] = {}


def damage(function: Callable[[], str]) -> Callable[[], str]:
    """Enter a maker: ``html_four_as_lines`` makes ``four_as_lines.html``."""
    suffix, _, name = function.__name__.partition("_")
    _MAKERS[f"{name}.{suffix}"] = function
    return function


def small(table: str) -> str:
    """A table without Word's markup."""
    return _WORD.sub(r"<td\1>\2</td>", table)


def td(text: str, rows: int = 1, columns: int = 1) -> str:
    """One cell."""
    spans = (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")
    return f"<td{spans}>{text}</td>"


def tr(*cells: str) -> str:
    """One row of finished cells."""
    return "<tr>" + "".join(cells) + "</tr>"


def table(*rows: str) -> str:
    """One table of finished rows."""
    return "<table>" + "".join(rows) + "</table>"


def plain_table(lines: Sequence[Sequence[str]]) -> str:
    """One table of texts."""
    return table(*(tr(*map(td, line)) for line in lines))


def rows_of(made: str) -> list[str]:
    """The finished rows of a table."""
    return re.findall(r"<tr>.*?</tr>", made, re.DOTALL)


TWO, THREE, FOUR = (small(make(FORM, VALUES)) for make in (section_two, section_three, section_four))
HEAD, DATA = rows_of(THREE)[:3], rows_of(THREE)[3:]


def at(key: str) -> int:
    """Where a row of section three stands."""
    return FORM.section_three.index(key)


def whole(two: str = TWO, three: str = THREE, four: str = FOUR, behind: str = "", title: str = TITLE) -> str:
    """The whole page with these tables; ``behind`` stands in section six."""
    body = article(FORM, VALUES, two=lambda *_: two, three=lambda *_: three, four=lambda *_: four)
    return page(
        title, body.replace("<p>本年度没有收取信息处理费。</p>", "<p>本年度没有收取信息处理费。</p>" + behind)
    )


def filled(form: Form, values: Values, title: str) -> str:
    """A whole page of a form with these prints in its cells."""
    return small(page(title, article(form, values)))


def odd(prints: Values) -> str:
    """A whole page of the form 2021 with other prints in some cells."""
    assert set(prints) <= set(VALUES)
    return filled(FORM, {**VALUES, **prints}, TITLE)


def odd_2019(prints: Values) -> str:
    """The same of the form 2019."""
    assert set(prints) <= set(VALUES_2019)
    return filled(FORM_2019, {**VALUES_2019, **prints}, TITLE_2020)


def three_rows(*rows: str) -> str:
    """The page with other rows under the heads of table three."""
    return whole(three=table(*HEAD, *rows))


def values_of(row: str) -> list[str]:
    """The seven numbers of a row of section three."""
    return [VALUES[f"section_three.{row}.{column}"] for column in FORM.section_three_columns]


def flat(row: str, label: str | None = None) -> str:
    """A row of section three whose label spans the three label columns."""
    return tr(td(label or FORM.section_three_rows[row].text, 1, 3), *map(td, values_of(row)))


# --- what stands in a cell -----------------------------------------------------------------------------------


@damage
def html_thousands_and_notes() -> str:
    return odd(
        {
            "section_two.regulations.issued": "1,000",
            "section_two.regulations.repealed": "1，001",
            "section_two.regulations.in_force": "1 002",
            "section_two.normative_documents.issued": "22（其中修订16件）",
            "section_two.normative_documents.repealed": "3件",
            "section_two.normative_documents.in_force": "（25）",
            "section_two.licensing.decisions": "1,23",
            "section_two.penalty.decisions": "1.234",
            "section_two.coercion.decisions": "12,345,678",
            "section_two.admin_fees.amount_wan": "1,073.5",
            "section_three.new_received.natural_person": "十",
            "section_three.new_received.business": "1 0",
            "section_three.new_received.research": "①",
            "section_three.new_received.ngo": "3²",
            "section_three.new_received.legal_service": "约5",
            "section_three.new_received.other_org": "5+3",
            "section_three.new_received.total": "5（上年3）",
        }
    )


@damage
def html_marks_for_nothing() -> str:
    return odd(
        {
            f"section_three.{row}.{column}": text
            for row, prints in {
                "granted": ("/", "—", "无", "零", "O", "", "o"),
                "partially_granted": ("——", "-", "－", "\\", "○", "〇", "О"),
                "denied_state_secret": ("&nbsp;", "　", "…", "*", "×", "√", "Ｏ"),
                "denied_law_prohibits": ("一", "、", ".", "…", "同上", "不适用", "未发生"),
                "denied_safety_stability": ("０", "0.0", "0件", "O件", "1O", "l0", "无0"),
            }.items()
            for column, text in zip(FORM.section_three_columns, prints, strict=True)
        }
    )


@damage
def html_amount_in_yuan() -> str:
    return odd({"section_two.admin_fees.amount_wan": "6805947.43元"})


@damage
def html_amount_in_wan() -> str:
    return odd({"section_two.admin_fees.amount_wan": "240万元"})


@damage
def html_changes_and_amount() -> str:
    return odd_2019(
        {
            "section_two.licensing.change": "+43",
            "section_two.other_services.change": "减38",
            "section_two.penalty.change": "增1558",
            "section_two.coercion.change": "－3",
            "section_two.admin_fees.change": "增加2项",
            "section_two.licensing.decisions": "1,113",
            "section_two.central_procurement.amount_wan": "251000元",
        }
    )


@damage
def html_doubtful_changes() -> str:
    return odd_2019(
        {
            "section_two.licensing.change": "+43/-1942",
            "section_two.other_services.change": "增1558/减38",
            "section_two.penalty.change": "增/减0",
            "section_two.coercion.change": "持平",
            "section_two.admin_fees.change": "增",
            "section_two.central_procurement.project_count": "增3",
            "section_two.central_procurement.amount_wan": "251000件",
        }
    )


@damage
def html_template_notes() -> str:
    """What a template says of a cell was left in it."""
    return odd(
        {
            "section_two.regulations.issued": "（填写数字）",
            "section_two.regulations.repealed": "0（没有填0）",
            "section_two.regulations.in_force": "XX",
            "section_two.normative_documents.issued": "**",
            "section_two.normative_documents.repealed": "____",
            "section_two.normative_documents.in_force": "（注：截至12月31日）8",
            "section_two.licensing.decisions": "填报单位：政务服务办 4",
            "section_two.penalty.decisions": "N",
            "section_two.admin_fees.amount_wan": "0.0000（保留4位小数）",
        }
    )


# --- tables over pages ---------------------------------------------------------------------------------------


@damage
def html_broken_without_heads() -> str:
    return whole(three=table(*HEAD, *DATA[:14]) + "<p>— 3 —</p>" + table(*DATA[14:]))


@damage
def html_broken_with_heads() -> str:
    return whole(three=table(*HEAD, *DATA[:14]) + "<p>— 3 —</p>" + table(*HEAD, *DATA[14:]))


@damage
def html_broken_inside_group_label() -> str:
    """（四）无法提供 is cut: 「（四）无」 on the one page, 「法提供」 on the next."""
    first = DATA[at("unable_no_info")].replace(td("（四）无法提供", 3), td("（四）无"))
    second = DATA[at("unable_needs_creation")].replace("<tr>", "<tr>" + td("", 13) + td("法提供", 2))
    before, behind = DATA[: at("unable_no_info")], DATA[at("unable_unclear") :]
    return whole(three=table(*HEAD, *before, first) + "<p>3</p>" + table(second, *behind))


@damage
def html_broken_inside_group_label_with_heads() -> str:
    first = DATA[at("unable_no_info")].replace(td("（四）无法提供", 3), td("（四）无"))
    second = DATA[at("unable_needs_creation")].replace(
        "<tr>", "<tr>" + td("三、本年度办理结果", 13) + td("法提供", 2)
    )
    before, behind = DATA[: at("unable_no_info")], DATA[at("unable_unclear") :]
    return whole(three=table(*HEAD, *before, first) + "<p>第3页</p>" + table(*HEAD, second, *behind))


@damage
def html_broken_inside_group_label_in_one_grid() -> str:
    """As above, joined to one table with the page number as a row of it."""
    first = DATA[at("unable_no_info")].replace(td("（四）无法提供", 3), td("（四）无"))
    second = DATA[at("unable_needs_creation")].replace("<tr>", "<tr>" + td("", 13) + td("法提供", 2))
    before, behind = DATA[: at("unable_no_info")], DATA[at("unable_unclear") :]
    first_page = [row.replace('rowspan="22"', 'rowspan="11"') for row in before]
    return whole(three=table(*HEAD, *first_page, first, tr(td("- 3 -", 1, 10)), second, *behind))


@damage
def html_broken_inside_row_label() -> str:
    """The row's label is cut over the break; its numbers stand on the first page."""
    key = at("unable_no_info")
    first = DATA[key].replace("1.本机关不掌握相关政府信息", "1.本机关不掌握相")
    rest = tr(td("", 13), td("", 3), td("关政府信息"), *[td("")] * 7)
    second = DATA[key + 1]
    return whole(three=table(*HEAD, *DATA[:key], first) + "<p>3</p>" + table(rest, second, *DATA[key + 2 :]))


@damage
def html_broken_inside_row_label_numbers_behind() -> str:
    """The row's label is cut over the break; its numbers stand on the second page."""
    key = at("unable_no_info")
    first = tr(td("（四）无法提供", 3), td("1.本机关不掌握相"), *[td("")] * 7)
    second = tr(td("", 13), td("", 3), td("关政府信息"), *map(td, values_of("unable_no_info")))
    return whole(
        three=table(*HEAD, *DATA[:key], first) + "<p>3</p>" + table(second, DATA[key + 1], *DATA[key + 2 :])
    )


@damage
def html_results_label_in_single_characters() -> str:
    """The vertical label 三、本年度办理结果 in single characters, repeated on the next page."""
    label = "<br/>".join("三、本年度办理结果")
    rows = [row.replace("三、本年度办理结果", label) for row in DATA]
    rows[14] = rows[14].replace("<tr>", "<tr>" + td(label, 11) + td("（五）不予处理", 4))
    rows[13] = rows[13].replace(td("（五）不予处理", 5), td("（五）不予处理"))
    rows[2] = rows[2].replace('rowspan="22"', 'rowspan="12"')
    return whole(three=table(*HEAD, *rows[:14], *rows[14:]))


@damage
def html_two_broken_over_pages() -> str:
    rows = rows_of(TWO)
    return whole(two=table(*rows[:7]) + "<p>- 2 -</p>" + table(*rows[7:]))


@damage
def html_four_broken_over_pages() -> str:
    rows = rows_of(FOUR)
    return whole(four=table(*rows[:3]) + "<p>- 5 -</p>" + table(*rows[3:]))


@damage
def html_four_broken_with_heads() -> str:
    rows = rows_of(FOUR)
    return whole(four=table(*rows[:3]) + "<p>- 5 -</p>" + table(*rows))


# --- heads ---------------------------------------------------------------------------------------------------


@damage
def html_head_cell_lost() -> str:
    return whole(three=THREE.replace(td("其他"), "", 1))


@damage
def html_head_cell_lost_and_blanks() -> str:
    three = THREE.replace(td("其他"), "", 1)
    for column in ("ngo", "total"):
        three = three.replace(td(VALUES[f"section_three.granted.{column}"]), td(""))
    return whole(three=three)


@damage
def html_head_labels_over_lines() -> str:
    """商业企业 and 社会公益组织 each in two cells, one over the other."""
    upper = tr(td("商业"), td("科研机构", 2), td("社会公"), td("法律服务机构", 2), td("其他", 2))
    lower = tr(td("企业"), td("益组织"))
    first = tr(td(CORNER, 4, 3), td("申请人情况", 1, 7))
    second = tr(td("自然人", 3), td("法人或其他组织", 1, 5), td("总计", 3))
    return whole(three=table(first, second, upper, lower, *DATA))


@damage
def html_corner_split() -> str:
    """The corner cell in three, one a line of the head."""
    parts = ("（本列数据的勾稽关系为：第一项加", "第二项之和，等于第三项加", "第四项之和）")
    rows = [row.replace(td(CORNER, 3, 3), "") for row in HEAD]
    return whole(
        three=table(
            *(row.replace("<tr>", "<tr>" + td(part, 1, 3)) for row, part in zip(rows, parts, strict=True)), *DATA
        )
    )


@damage
def html_corner_missing() -> str:
    """No corner at all: the heads begin in the first column."""
    return whole(three=table(HEAD[0].replace(td(CORNER, 3, 3), ""), *HEAD[1:], *DATA))


@damage
def html_corner_empty() -> str:
    return whole(three=THREE.replace(CORNER, ""))


@damage
def html_total_column_first() -> str:
    heads = [*APPLICANTS[-1:], *APPLICANTS[:-1]]
    return whole(
        three=table(
            tr(td("申请处理情况", 1, 3), *map(td, heads)),
            *(
                tr(
                    td(FORM.section_three_rows[key].text, 1, 3),
                    *map(td, values_of(key)[-1:] + values_of(key)[:-1]),
                )
                for key in FORM.section_three
            ),
        )
    )


@damage
def html_columns_permuted() -> str:
    """The columns under 法人或其他组织 in another order, heads and numbers alike."""
    order = (0, 3, 1, 4, 2, 5, 6)
    heads = [
        HEAD[0],
        HEAD[1],
        tr(*(td(APPLICANTS[place].replace("商业", "商业<br/>")) for place in order[1:-1])),
    ]
    rows = [
        re.sub(
            r"(?:<td>\d+</td>){7}",
            "".join(td(values_of(key)[place]) for place in order),
            DATA[at(key)],
        )
        for key in FORM.section_three
    ]
    return whole(three=table(*heads, *rows))


@damage
def html_columns_permuted_and_head_lost() -> str:
    """A head cell taken out of a table whose columns are permuted."""
    return html_columns_permuted().replace(td("科研机构"), "", 1)


@damage
def html_number_in_head() -> str:
    """A number beside 法人或其他组织 in the head."""
    return whole(three=THREE.replace("法人或其他组织", "法人或其他组织 6"))


@damage
def html_two_heads_a_cell_each() -> str:
    """The heads of section two, broken over two lines each."""
    return whole(
        two=TWO.replace("本年制发件数", "本年制<br/>发件数").replace("本年处理决定数量", "本年处理<br/>决定数量")
    )


# --- labels --------------------------------------------------------------------------------------------------


@damage
def html_labels_in_first_column() -> str:
    """The labels of four rows stand in the first column, empty cells behind them; no cell spans rows."""
    shifted = ("granted", "denied_third_party", "unable_unclear", "other_other")
    rows = []
    for key in FORM.section_three:
        label, values = td(FORM.section_three_rows[key].text), map(td, values_of(key))
        first = key in shifted or FORM.section_three_rows[key].part is None
        rows.append(tr(*([label, td(""), td("")] if first else [td(""), td(""), label]), *values))
    return three_rows(*rows)


@damage
def html_labels_flat() -> str:
    """No groups at all: each label spans the label columns."""
    return three_rows(*(flat(key) for key in FORM.section_three))


@damage
def html_numbering_lost() -> str:
    return three_rows(
        *(
            flat(key, re.sub(r"^（?[一二三四五六七\d]）?[、.]?", "", FORM.section_three_rows[key].text))
            for key in FORM.section_three
        )
    )


@damage
def html_row_order_changed() -> str:
    order = (
        *FORM.section_three[-2:],
        *FORM.section_three[12:15],
        *FORM.section_three[:12],
        *FORM.section_three[15:23],
    )
    return three_rows(*(flat(key) for key in order))


@damage
def html_group_captions() -> str:
    """Each group has a row of its own over its rows, without numbers."""
    return three_rows(*_with_captions(lambda _: [""] * 7))


@damage
def html_group_captions_with_zeros() -> str:
    return three_rows(*_with_captions(lambda _: ["0"] * 7))


@damage
def html_group_subtotals() -> str:
    """Each group has a row of its own with the sums of its rows."""
    return three_rows(*_with_captions(_sums))


@damage
def html_group_captions_merged() -> str:
    """Each group has a row of its own over the whole width."""
    rows: list[str] = []
    for row in _with_captions(lambda _: []):
        rows.append(row.replace('colspan="3"', 'colspan="10"') if row.count("<td") == 1 else row)
    return three_rows(*rows)


def _sums(part: str) -> list[str]:
    members = [key for key in FORM.section_three if FORM.section_three_rows[key].part == part]
    return [str(sum(map(int, column))) for column in zip(*map(values_of, members), strict=True)]


def _with_captions(values: Callable[[str], list[str]]) -> list[str]:
    rows: list[str] = []
    part = None
    for key in FORM.section_three:
        own = FORM.section_three_rows[key].part
        if own != part and own not in (None, "results"):
            rows.append(tr(td(FORM.section_three_parts[own], 1, 3), *map(td, values(own))))
        part = own
        rows.append(flat(key))
    return rows


@damage
def html_number_in_group_label() -> str:
    """A number in the label of a group itself."""
    return whole(three=THREE.replace("（三）不予公开", "（三）不予公开 5"))


@damage
def html_other_as_one_row() -> str:
    rows = (*(key for key in FORM.section_three[:-2] if key not in OTHER_ROWS), "other", *FORM.section_three[-2:])
    return whole(three=small(section_three(FORM, VALUES, rows)))


@damage
def html_other_as_three_rows_2019() -> str:
    values = VALUES_2019
    rows = (*(key for key in FORM_2019.section_three[:-3]), *OTHER_ROWS, *FORM_2019.section_three[-2:])
    return small(
        page(TITLE_2020, article(FORM_2019, values, three=lambda form, _: section_three(form, values, rows)))
    )


@damage
def html_regulations_left_out() -> str:
    rows = rows_of(TWO)
    return whole(two=table(*(row for row in rows if "<td>规章</td>" not in row)))


@damage
def html_form_2019_in_2022() -> str:
    return filled(FORM_2019, VALUES_2019, "清溪镇2022年政府信息公开工作年度报告")


@damage
def html_both_forms_mixed() -> str:
    """Section two of the form 2019, sections three and four of the form 2021."""
    two = small(section_two(FORM_2019, VALUES_2019))
    return whole(two=two)


@damage
def html_label_and_numbering_apart() -> str:
    """The numbers of the rows in a column of their own."""
    rows = []
    for key in FORM.section_three:
        match = re.match(r"(（?[一二三四五六七\d]）?[、.]?)(.*)", FORM.section_three_rows[key].text)
        assert match
        rows.append(tr(td(match[1]), td(match[2], 1, 2), *map(td, values_of(key))))
    return three_rows(*rows)


@damage
def html_spelling_errors() -> str:
    """Typing errors of one character in labels of all tables."""
    errors = {
        "行政规范性文件": "行政规范性文伴",
        "行政事业性收费": "行政事业性收废",
        "本年度办理结果": "本年度办里结果",
        "属于国家秘密": "属于国家秘蜜",
        "保护第三方合法权益": "保护第三方合法权宜",
        "本机关不掌握相关政府信息": "本机关不掌屋相关政府信息",
        "没有现成信息需要另行制作": "没有现成信息需要另行制做",
        "要求提供公开出版物": "要求提供公开岀版物",
        "无正当理由大量反复申请": "无正当理由大理反复申请",
        "结转下年度继续办理": "结转下年度继续办里",
        "法律服务机构": "法律服务机购",
    }
    text = whole()
    for right, printed in errors.items():
        assert right in text
        text = text.replace(right, printed)
    return text


# --- what is filled ------------------------------------------------------------------------------------------


@damage
def html_only_totals_filled() -> str:
    blank = {
        key: ""
        for key in VALUES
        if key.startswith(("section_three.", "section_four.")) and not key.endswith(".total")
    }
    return odd(blank)


@damage
def html_total_merged_over_rows() -> str:
    """The totals of two rows in one cell."""
    first, second = at("granted"), at("partially_granted")
    rows = list(DATA)
    rows[first] = rows[first].replace(td(values_of("granted")[-1]), td(values_of("granted")[-1], 2))
    rows[second] = rows[second].replace(td(values_of("partially_granted")[-1]), "")
    return three_rows(*rows)


@damage
def html_row_of_totals_merged() -> str:
    """（七）总计 with one number over all columns."""
    rows = list(DATA)
    rows[at("total_results")] = tr(td("（七）总计", 1, 2), td("9", 1, 7))
    return three_rows(*rows)


@damage
def html_extra_empty_columns() -> str:
    """An empty column before the numbers and one at the end."""
    rows = [re.sub(r"((?:<td>\d+</td>){7})", lambda match: td("") + match[1] + td(""), row) for row in DATA]
    return three_rows(*rows)


@damage
def html_labels_and_values_alternating() -> str:
    """Section two with labels and values in turn in one row."""
    form = FORM.section_two_rows
    rows = []
    for block in FORM.section_two:
        rows.append(tr(td(block.article, 1, 4)))
        for key in block.rows:
            cells = [td(form[key].text)]
            for column in block.columns:
                cells += [td(FORM.section_two_columns[column].text), td(VALUES[f"section_two.{key}.{column}"])]
            rows.append(tr(*cells))
    return whole(two=table(*rows))


@damage
def html_four_labels_and_values_alternating() -> str:
    rows = []
    for number, block in enumerate(BLOCKS):
        keys = FOUR_KEYS[number * 5 : number * 5 + 5]
        rows.append(tr(td(block), *(td(name) + td(VALUES[key]) for name, key in zip(RESULTS, keys, strict=True))))
    return whole(four=table(*rows))


# --- transposed ----------------------------------------------------------------------------------------------


@damage
def html_two_transposed() -> str:
    block = FORM.section_two[0]
    lines = [["信息内容", *(FORM.section_two_rows[key].text for key in block.rows)]]
    lines += [
        [FORM.section_two_columns[column].text, *(VALUES[f"section_two.{key}.{column}"] for key in block.rows)]
        for column in block.columns
    ]
    rest = rows_of(TWO)[4:]
    return whole(two=plain_table(lines) + table(*rest))


@damage
def html_three_transposed() -> str:
    """Applicants as rows."""
    lines = [["申请人情况", *(FORM.section_three_rows[key].text for key in FORM.section_three)]]
    lines += [
        [label.text, *(VALUES[f"section_three.{key}.{column}"] for key in FORM.section_three)]
        for column, label in FORM.section_three_columns.items()
    ]
    return whole(three=plain_table(lines))


@damage
def html_four_transposed() -> str:
    """Results as rows, blocks as columns."""
    lines = [["", *BLOCKS]]
    lines += [
        [label.text, *(VALUES[f"section_four.{block}.{column}"] for block in FORM.section_four_blocks)]
        for column, label in FORM.section_four_columns.items()
    ]
    return whole(four=plain_table(lines))


@damage
def html_four_blocks_as_rows() -> str:
    """One row a block, the results as columns."""
    lines = [["", *RESULTS]]
    lines += [
        [label.text, *(VALUES[f"section_four.{block}.{column}"] for column in FORM.section_four_columns)]
        for block, label in FORM.section_four_blocks.items()
    ]
    return whole(four=plain_table(lines))


# --- table four ----------------------------------------------------------------------------------------------


@damage
def html_four_as_one_row_of_heads() -> str:
    """Fifteen heads in one row, fifteen numbers in the next, no blocks."""
    return whole(four=plain_table([RESULTS * 3, [VALUES[key] for key in FOUR_KEYS]]))


@damage
def html_four_with_blocks_in_one_row() -> str:
    """The blocks in one row, fifteen heads in the next."""
    blocks = tr(*(td(block, 1, 5) for block in BLOCKS))
    return whole(four=table(blocks, tr(*map(td, RESULTS * 3)), tr(*(td(VALUES[key]) for key in FOUR_KEYS))))


@damage
def html_four_as_three_rows_of_a_table() -> str:
    """The three blocks one under another in one table, each with its heads."""
    rows = []
    for number, block in enumerate(BLOCKS):
        rows.append(tr(td(block, 1, 5)))
        rows.append(tr(*map(td, RESULTS)))
        rows.append(tr(*(td(VALUES[key]) for key in FOUR_KEYS[number * 5 : number * 5 + 5])))
    return whole(four=table(*rows))


@damage
def html_four_as_two_tables() -> str:
    """行政复议 and 行政诉讼 each in a table of its own."""
    review = table(
        tr(td("行政复议", 1, 5)), tr(*map(td, RESULTS)), tr(*(td(VALUES[key]) for key in FOUR_KEYS[:5]))
    )
    suits = table(
        tr(td("行政诉讼", 1, 10)),
        tr(td("未经复议直接起诉", 1, 5), td("复议后起诉", 1, 5)),
        tr(*map(td, RESULTS * 2)),
        tr(*(td(VALUES[key]) for key in FOUR_KEYS[5:])),
    )
    return whole(four=review + suits)


@damage
def html_four_as_pairs_in_lines() -> str:
    """A block a line: 结果维持 0 结果纠正 0 …"""
    lines = []
    for number, block in enumerate(BLOCKS):
        keys = FOUR_KEYS[number * 5 : number * 5 + 5]
        lines.append(
            f"<p>{block} "
            + " ".join(f"{name} {VALUES[key]}" for name, key in zip(RESULTS, keys, strict=True))
            + "</p>"
        )
    return whole(four="".join(lines))


@damage
def html_four_heads_and_numbers_in_lines() -> str:
    """All heads in a line, all numbers in the next."""
    return whole(
        four="<p>行政复议 行政诉讼</p><p>未经复议直接起诉 复议后起诉</p>"
        f"<p>{' '.join(RESULTS * 3)}</p><p>{' '.join(VALUES[key] for key in FOUR_KEYS)}</p>"
    )


@damage
def html_four_a_value_a_line() -> str:
    texts = (
        "行政复议",
        "行政诉讼",
        *RESULTS,
        *BLOCKS[1:],
        *RESULTS,
        *RESULTS,
        *(VALUES[key] for key in FOUR_KEYS),
    )
    return whole(four="".join(f"<p>{text}</p>" for text in texts))


@damage
def html_four_pairs_a_line() -> str:
    """A block's name, then a label and its value a line each."""
    lines: list[str] = []
    for number, block in enumerate(BLOCKS):
        lines.append(block)
        for name, key in zip(RESULTS, FOUR_KEYS[number * 5 : number * 5 + 5], strict=True):
            lines += [name, VALUES[key]]
    return whole(four="".join(f"<p>{line}</p>" for line in lines))


@damage
def html_four_one_number_missing() -> str:
    """Fourteen numbers for fifteen heads."""
    return whole(four=FOUR.replace(td(VALUES[FOUR_KEYS[7]]), ""))


@damage
def html_four_one_number_too_many() -> str:
    return whole(four=FOUR.replace(td(VALUES[FOUR_KEYS[7]]), td(VALUES[FOUR_KEYS[7]]) + td("0")))


@damage
def html_four_blocks_lost() -> str:
    """The names of the blocks are gone from the head: their cells stand empty."""
    four = FOUR
    for name in ("行政复议", "行政诉讼", *BLOCKS[1:]):
        four = four.replace(f">{name}<", "><")
    return whole(four=four)


@damage
def html_four_zeros_without_heads() -> str:
    """Fifteen zeros and no head: nothing proves that they are table four."""
    return whole(four=table(tr(*[td("0")] * 15)))


@damage
def html_four_one_total_without_heads() -> str:
    """Numbers that add up in more than one order."""
    return whole(four=table(tr(*map(td, ("1", "0", "0", "0", "1", *"0" * 10)))))


# --- rows that slipped ---------------------------------------------------------------------------------------


@damage
def html_row_slipped_by_one() -> str:
    """A row lost its first number and gained a blank at its end: it looks whole."""
    rows = list(DATA)
    printed = "".join(map(td, values_of("granted")))
    assert printed in rows[at("granted")]
    rows[at("granted")] = rows[at("granted")].replace(printed, "".join(map(td, values_of("granted")[1:])) + td(""))
    return three_rows(*rows)


@damage
def html_cell_lost_in_one_row() -> str:
    rows = list(DATA)
    rows[at("granted")] = rows[at("granted")].replace(td(values_of("granted")[2]), "")
    return three_rows(*rows)


@damage
def html_cell_gained_in_one_row() -> str:
    rows = list(DATA)
    cell = td(values_of("granted")[2])
    rows[at("granted")] = rows[at("granted")].replace(cell, cell + td("0"))
    return three_rows(*rows)


@damage
def html_total_left_blank() -> str:
    """Blank totals of single results, a habit of many: read as they are printed."""
    results = FORM.section_three[2:-2]
    return odd({f"section_three.{row}.total": "" for row in results})


# --- other tables --------------------------------------------------------------------------------------------


@damage
def html_two_years() -> str:
    """Last year's table three behind this year's, captioned."""
    other = re.sub(r"(?<=>)(\d{4})(?=<)", lambda match: str(int(match[1]) + 5000), THREE)
    return whole(three="<p>2023年度</p>" + THREE + "<p>2022年度</p>" + other)


@damage
def html_two_years_without_caption() -> str:
    other = re.sub(r"(?<=>)(\d{4})(?=<)", lambda match: str(int(match[1]) + 5000), THREE)
    return whole(three=THREE + "<p>对比情况如下。</p>" + other)


@damage
def html_fee_table() -> str:
    """A table of fees in section six: no table of the form."""
    fees = plain_table(
        [
            ["", "按件计收", "按量计收", "总计"],
            ["通知收取件数", "91", "92", "183"],
            ["通知收取金额(元)", "93", "94", "187"],
            ["实际收取金额(元)", "95", "96", "191"],
        ]
    )
    return whole(behind=fees)


@damage
def html_fee_table_with_words_of_the_form() -> str:
    """A table of fees whose heads are words of the form, too."""
    fees = plain_table(
        [
            ["项目", "自然人", "商业企业", "科研机构", "其他", "总计"],
            ["通知收取件数", "91", "92", "93", "94", "370"],
            ["行政事业性收费", "95", "96", "97", "98", "386"],
            ["本年新收政府信息公开申请数量", "9001", "9002", "9003", "9004", "9005"],
        ]
    )
    return whole(behind=fees)


def main() -> None:
    """Write every document."""
    for name, make in _MAKERS.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
