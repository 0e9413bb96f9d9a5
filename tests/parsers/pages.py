"""Reports in HTML for the tests, in our own wording: a whole page, and its tables to damage one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from parsers.forms import Form, load_form

Values = Mapping[str, str]


def numbered(form: Form) -> dict[str, str]:
    """A different value for every cell, so that a value in a wrong cell cannot hide."""
    return {cell: str(1000 + position) for position, cell in enumerate((*form.cells, *form.foreign_cells))}


def balanced(form: Form) -> dict[str, str]:
    """A different value for nearly every cell, and every sum holds: nothing gives cause for a second look."""
    values = numbered(form)
    # Only a ministry or a province issues 规章: a number there gives cause, too.
    values.update({f"section_two.regulations.{column}": "0" for column in form.columns_of("regulations")})
    columns = tuple(form.section_three_columns)
    outside = ("new_received", "carried_over", "total_results", "carried_forward")
    results = [key for key in form.section_three if key not in outside]
    chance = Random(2021)
    numbers = iter(chance.sample(range(1000, 9000), 400))
    table: dict[tuple[str, str], int] = {}
    for column in columns[:-1]:
        for key in (*results, "carried_over", "carried_forward"):
            table[key, column] = next(numbers)
        table["total_results", column] = sum(table[key, column] for key in results)
        table["new_received", column] = (
            table["total_results", column] + table["carried_forward", column] - table["carried_over", column]
        )
    for key in form.section_three:
        table[key, columns[-1]] = sum(table[key, column] for column in columns[:-1])
    values.update({f"section_three.{key}.{column}": str(value) for (key, column), value in table.items()})
    for block in form.section_four_blocks:
        parts = {part: next(numbers) for part in form.section_four_columns if part != "total"}
        values.update({f"section_four.{block}.{part}": str(value) for part, value in parts.items()})
        values[f"section_four.{block}.total"] = str(sum(parts.values()))
    return values


def row(*cells: str) -> str:
    """One row of finished cells."""
    return "<tr>" + "".join(cells) + "</tr>"


def cell(text: str, rows: int = 1, columns: int = 1) -> str:
    """One cell as Word pastes it."""
    spans = (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")
    return f'<td{spans} style="border:1px solid windowtext"><p class="MsoNormal"><span>{text}</span></p></td>'


def section_two(form: Form, values: Values) -> str:
    """The small tables of section two in one table."""
    columns = form.section_two_columns
    rows: list[str] = []
    for block in form.section_two:
        wide = 3 if len(block.columns) == 1 else 1
        rows.append(row(cell(block.article, 1, 4)))
        rows.append(row(cell("信息内容"), *(cell(columns[key].text, 1, wide) for key in block.columns)))
        rows += [
            row(
                cell(form.section_two_rows[key].text),
                *(cell(values[f"section_two.{key}.{column}"], 1, wide) for column in block.columns),
            )
            for key in block.rows
        ]
    return "<table>" + "".join(rows) + "</table>"


def head_three() -> list[str]:
    """The three head lines of section three."""
    return [
        row(
            cell("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
            cell("申请人情况", 1, 7),
        ),
        row(cell("自然人", 2), cell("法人或其他组织", 1, 5), cell("总计", 2)),
        row(*(cell(text) for text in ("商业<br/>企业", "科研机构", "社会公益组织", "法律服务机构", "其他"))),
    ]


def data_three(form: Form, values: Values, rows: tuple[str, ...] | None = None) -> list[str]:
    """The rows of section three with their groups spanned as in the official file."""
    keys = rows or form.section_three
    labels = form.section_three_rows
    printed: list[str] = []
    under_results = [key for key in keys if labels[key].part is not None]
    seen: set[str] = set()
    for key in keys:
        label = labels[key]
        cells: list[str] = []
        if label.part is None:
            cells.append(cell(label.text, 1, 3))
        else:
            if "results" not in seen:
                seen.add("results")
                cells.append(cell("三、本年度办理结果", len(under_results)))
            if label.part == "results":
                cells.append(cell(label.text, 1, 2))
            else:
                if label.part not in seen:
                    seen.add(label.part)
                    members = sum(1 for other in keys if labels[other].part == label.part)
                    cells.append(cell(form.section_three_parts[label.part], members))
                cells.append(cell(label.text))
        cells += [cell(values[f"section_three.{key}.{column}"]) for column in form.section_three_columns]
        printed.append(row(*cells))
    return printed


def section_three(form: Form, values: Values, rows: tuple[str, ...] | None = None) -> str:
    """The table of section three."""
    return "<table>" + "".join((*head_three(), *data_three(form, values, rows))) + "</table>"


def section_four(form: Form, values: Values) -> str:
    """The table of section four."""
    names = [label.text for label in form.section_four_columns.values()]
    return (
        "<table>"
        + row(cell("行政复议", 1, 5), cell("行政诉讼", 1, 10))
        + row(*(cell(name, 2) for name in names), cell("未经复议直接起诉", 1, 5), cell("复议后起诉", 1, 5))
        + row(*(cell(name) for name in (*names, *names)))
        + row(*(cell(values[key]) for key in form.cells if key.startswith("section_four.")))
        + "</table>"
    )


def page(
    title: str,
    body: str,
    *,
    meta: str = "",
    above: str = "",
    charset: str = "utf-8",
) -> str:
    """A portal's page around an article, with menu, crumbs and foot."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}">{meta}'
        f"<title>{title}_政府信息公开年报_云山县人民政府</title>"
        "<style>td{border:1px solid}</style><script>var x='<td>9</td>';</script></head><body>"
        '<div class="top"><ul><li><a href="/">首页</a></li><li><a href="/xxgk/">政府信息公开</a></li></ul></div>'
        '<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/nb/">政府信息公开年报</a></div>'
        f'<div class="article"><h1>{title}</h1>{above}<div class="content">{body}</div></div>'
        '<div class="foot"><p>主办单位：云山县人民政府办公室</p><p>网站标识码：0000000000</p></div></body></html>'
    )


def article(
    form: Form,
    values: Values,
    *,
    two: Callable[[Form, Values], str] = section_two,
    three: Callable[[Form, Values], str] = section_three,
    four: Callable[[Form, Values], str] = section_four,
    prose: str = "本年度严格按照要求推进公开工作，主动公开政府信息12条。",
) -> str:
    """The six sections of a report."""
    return (
        f"<p>一、总体情况</p><p>{prose}</p>"
        f"<p>二、主动公开政府信息情况</p>{two(form, values)}"
        f"<p>三、收到和处理政府信息公开申请情况</p>{three(form, values)}"
        f"<p>四、政府信息公开行政复议、行政诉讼情况</p>{four(form, values)}"
        "<p>五、存在的主要问题及改进情况</p><p>存在公开不够及时的问题，下一步将加强培训，改进工作。</p>"
        "<p>六、其他需要报告的事项</p><p>本年度没有收取信息处理费。</p>"
    )


def report_page(year: int = 2023, padding: int = 0) -> str:
    """A whole report, every value different; ``padding`` is the least number of bytes, filled with prose."""
    form = load_form("2021" if year >= 2021 else "2019")
    whole = page(f"清溪镇{year}年政府信息公开工作年度报告", article(form, numbered(form)))
    missing = padding - len(whole.encode())
    if missing <= 0:
        return whole
    line = "</p><p>围绕群众关心的事项，及时更新公开栏目内容，回应社会关切。"
    prose = "本年度推进公开工作。" + line * (missing // len(line.encode()) + 1)
    return page(f"清溪镇{year}年政府信息公开工作年度报告", article(form, numbered(form), prose=prose))
