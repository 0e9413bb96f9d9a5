"""Makes the damaged documents of this folder: ``python -m tests.parsers.damage.make``.

Each is one whole report in our own wording, every cell with another number, and one damage. Their golden files are
not made here: see :mod:`tests.parsers.golden`.
"""

from __future__ import annotations

import base64
import html
import quopri
import re
from collections.abc import Callable
from pathlib import Path

from parsers.forms import load_form
from tests.parsers.pages import article, balanced, page, section_four, section_three, section_two

FOLDER = Path(__file__).parent
FORM = load_form("2021")
VALUES = balanced(FORM)
TITLE = "清溪镇2023年政府信息公开工作年度报告"
KINDS = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"

_WORD = re.compile(r'<td([^>]*?) style="[^"]*"><p class="MsoNormal"><span>(.*?)</span></p></td>')
_NUMBER = re.compile(r"<td([^>]*)>(\d{4,6})</td>")
_MAKERS: dict[str, Callable[[], str | bytes]] = {}


def damage(function: Callable[[], str | bytes]) -> Callable[[], str | bytes]:
    """Enter a maker: ``html_spans_in_numbers`` makes ``spans_in_numbers.html``."""
    suffix, _, name = function.__name__.partition("_")
    _MAKERS[f"{name}.{suffix}"] = function
    return function


def small(table: str) -> str:
    """A table without Word's markup."""
    return _WORD.sub(r"<td\1>\2</td>", table)


TWO, THREE, FOUR = (small(make(FORM, VALUES)) for make in (section_two, section_three, section_four))


def body(two: str = TWO, three: str = THREE, four: str = FOUR) -> str:
    """The six sections with these tables."""
    return article(FORM, VALUES, two=lambda *_: two, three=lambda *_: three, four=lambda *_: four)


def whole(two: str = TWO, three: str = THREE, four: str = FOUR, **frame: str) -> str:
    """The whole page with these tables."""
    return page(TITLE, body(two, three, four), **frame)


def each_number(change: Callable[[str], str]) -> str:
    """The whole page with every number printed another way."""
    return _NUMBER.sub(lambda match: f"<td{match[1]}>{change(match[2])}</td>", whole())


def rows(table: str) -> list[list[str]]:
    """What stands in the cells of a table as written, row by row."""
    return [
        [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", table)
    ]


def each_table(write: Callable[[list[list[str]]], str]) -> str:
    """The whole page with every table written another way."""
    return whole(*(write(rows(table)) for table in (TWO, THREE, FOUR)))


# Another state of the same report: every number another.
OLD = re.sub(r">(\d{4,6})<", r">9\1<", body())


# --- inside a cell -------------------------------------------------------------------------------------------


@damage
def html_spans_in_numbers() -> str:
    """One number in several runs of text: still one number."""
    return each_number(lambda number: f"<p><span>{number[:2]}</span><span lang=EN-US>{number[2:]}</span></p>")


@damage
def html_paragraphs_in_numbers() -> str:
    """One number over two paragraphs may be two numbers."""
    return each_number(lambda number: f"<p>{number[:2]}</p><p>{number[2:]}</p>")


@damage
def html_breaks_around_numbers() -> str:
    return each_number(lambda number: f"<br><p><br></p><p>{number}<br></p>&nbsp;<br>")


@damage
def html_breaks_in_labels() -> str:
    """Labels over several paragraphs and lines, with blanks between their characters."""
    return re.sub(
        r"<td([^>]*)>(?!\d+<)([^<]{4,})</td>",
        lambda match: f"<td{match[1]}><p>{match[2][:2]}</p><p>{match[2][2:4]}<br>&nbsp;{match[2][4:]}</p></td>",
        whole(),
    )


@damage
def html_office_paragraphs_and_blanks() -> str:
    return each_number(lambda number: f"<p>&nbsp;<o:p></o:p>　{number}&emsp;<o:p>&nbsp;</o:p></p>")


@damage
def html_full_width_digits() -> str:
    return each_number(lambda number: number.translate({48 + digit: 0xFF10 + digit for digit in range(10)}))


@damage
def html_thousands() -> str:
    return each_number(lambda number: f"{int(number):,}")


@damage
def html_blanks_inside_numbers() -> str:
    """「10 00」 may be two numbers."""
    return each_number(lambda number: f"{number[:2]} {number[2:]}")


@damage
def html_zero_width_characters() -> str:
    """What nobody sees: zero-width blanks and joiners, a byte order mark, a soft hyphen, a break that may be."""
    return each_number(
        lambda number: f"&#8203;{number[0]}&shy;{number[1]}<wbr>{number[2]}&#xFEFF;&zwj;&#8288;{number[3:]}&lrm;"
    )


@damage
def html_entities() -> str:
    """Digits as entities, decimal and hexadecimal, the last without its semicolon."""
    return each_number(
        lambda number: (
            "".join(f"&#{ord(digit)};" for digit in number[:2])
            + f"&#x{ord(number[2]):x};{number[3:-1]}&#{ord(number[-1])}"
        )
    )


@damage
def html_comments_in_numbers() -> str:
    return each_number(
        lambda number: (
            f"<!-- 9 -->{number[:2]}<!--[if gte mso 9]><xml>8</xml><![endif]-->{number[2:]}<![CDATA[7]]>"
            "<![if !supportEmptyParas]>&nbsp;<![endif]>"
        )
    )


@damage
def html_hidden_parts_by_class() -> str:
    """A number that the page's own style sheet hides is not printed."""
    shown = whole(meta="<style>.ghost { color:red; display: none !important } td span.away{display:none}</style>")
    return _NUMBER.sub(r'<td\1><b class="x ghost">77</b>\2<span class="away">88</span></td>', shown)


@damage
def html_hidden_cells_by_class() -> str:
    """A hidden cell takes no column."""
    shown = whole(meta="<style type='text/css'>/* a */ .ghost,.other{display:none;}\n@media print{.q{}}</style>")
    return _NUMBER.sub(r'<td class="ghost">99</td><td\1>\2</td>', shown)


@damage
def html_hidden_row_by_class() -> str:
    """A row that nobody sees tells nothing, and is no row that is not there."""
    shown = whole(meta="<style>tr.ghost{display:none}</style>")
    return shown.replace("<tr><td>（二）部分公开", '<tr class="ghost"><td>（二）部分公开').replace(
        '<tr><td colspan="2">（二）部分公开', '<tr class="ghost"><td colspan="2">（二）部分公开'
    )


@damage
def html_hidden_copy_of_the_tables() -> str:
    """An older state of the report stands hidden before the one that is shown."""
    return whole().replace('<div class="content">', f'<div style="display:none">{OLD}</div><div class="content">')


@damage
def html_hidden_copy_by_class() -> str:
    return whole(meta="<style>.old{display:none}</style>").replace(
        '<div class="content">', f'<div class="old">{OLD}</div><div class="content">'
    )


# --- the grid ------------------------------------------------------------------------------------------------


@damage
def html_unclosed_cells_and_rows() -> str:
    return whole(*(re.sub("</t[dr]>", "\n", table) for table in (TWO, THREE, FOUR)))


@damage
def html_unended_tables() -> str:
    """No table, row or cell is ever ended: for a browser each table lies in the last cell of the one before."""
    return re.sub("</(?:t[dr]|table)>", "\n", whole())


@damage
def html_unended_word_tables() -> str:
    """The same, with paragraphs in the cells."""
    return re.sub("</(?:t[dr]|table)>", "\n", page(TITLE, article(FORM, VALUES)))


@damage
def html_layout_tables_around() -> str:
    around = "<table><tr><td>&nbsp;</td><td><table><tr><td>{}</td></tr></table></td></tr></table>"
    return page(TITLE, around.format(body()))


@damage
def html_table_in_each_cell() -> str:
    """Each number is a table of its own inside its cell."""
    return each_number(lambda number: f"<table><tr><td>{number}</td></tr></table>")


@damage
def html_table_in_one_cell() -> str:
    """One cell of each table holds a table of two numbers: nobody can say which is its value."""
    shown = whole()
    for key in (
        "section_two.regulations.issued",
        "section_three.granted.business",
        "section_four.review.pending",
    ):
        shown = shown.replace(
            f"<td>{VALUES[key]}</td>", f"<td><table><tr><td>{VALUES[key]}</td><td>3</td></tr></table></td>"
        )
    return shown


@damage
def html_table_in_row() -> str:
    """A table between the cells of a row: browsers put it before the outer table."""
    inner = "<table><tr><td>填表说明</td><td>单位</td></tr></table>"
    return whole(three=THREE.replace("<tr><td>（二）", f"<tr>{inner}<td>（二）", 1))


@damage
def html_spans_as_empty_cells() -> str:
    """Every merged cell printed as one cell and empty ones behind and below it."""
    return whole(*(_filled(table) for table in (TWO, THREE, FOUR)))


def _filled(table: str) -> str:
    printed: list[dict[int, str]] = []
    lines = re.findall(r"<tr>(.*?)</tr>", table)
    taken: dict[tuple[int, int], str] = {}
    for number, line in enumerate(lines):
        column = 0
        for spans, text in re.findall(r"<td([^>]*)>(.*?)</td>", line):
            while (number, column) in taken:
                column += 1
            down = int(found[1]) if (found := re.search(r'rowspan="(\d+)"', spans)) else 1
            along = int(found[1]) if (found := re.search(r'colspan="(\d+)"', spans)) else 1
            for below in range(down):
                for beside in range(along):
                    taken[number + below, column + beside] = "" if below or beside else text
            column += along
        printed.append({column: text for (row, column), text in taken.items() if row == number})
    return (
        "<table>"
        + "".join(
            "<tr>" + "".join(f"<td>{line[column]}</td>" for column in sorted(line)) + "</tr>" for line in printed
        )
        + "</table>"
    )


@damage
def html_rowspans_too_long() -> str:
    """The group （三）不予公开 reaches one row too far."""
    return whole(three=THREE.replace('rowspan="8">（三）', 'rowspan="9">（三）'))


@damage
def html_rowspans_too_short() -> str:
    return whole(three=THREE.replace('rowspan="8">（三）', 'rowspan="7">（三）'))


@damage
def html_rowspan_zero_and_colspan_huge() -> str:
    """A rowspan of 0 reaches to the end of its group of rows; a colspan of 999999 is one of 1000."""
    three = re.sub(r'rowspan="\d+">三、', 'rowspan="0">三、', THREE)
    return whole(TWO.replace('colspan="4"', 'colspan="999999"', 1), three)


@damage
def html_foot_before_body() -> str:
    """The foot of a table is shown last wherever it is written, the caption above."""
    lines = re.findall(r"<tr>.*?</tr>", THREE)
    head, data, last = "".join(lines[:3]), "".join(lines[3:-1]), lines[-1]
    # Spans do not cross from the body into the foot, so the last row is one of its own.
    table = "<table><tfoot>{}</tfoot><caption>申请情况统计表</caption><thead>{}</thead><tbody>{}</tbody></table>"
    return whole(three=table.format(last, head, data))


@damage
def html_everything_in_one_table() -> str:
    """The whole report is one table: headings, prose and data in its rows."""
    lines = [f'<tr><td colspan="10">{TITLE}</td></tr>']
    for part in re.findall(r"<p>.*?</p>|<table>.*?</table>", body()):
        if part.startswith("<p>"):
            lines.append(f'<tr><td colspan="10">{part}</td></tr>')
        else:
            lines.append(part.removeprefix("<table>").removesuffix("</table>"))
    return page(TITLE, f"<table>{''.join(lines)}</table>")


@damage
def html_headings_and_prose_in_one_cell() -> str:
    """Heading and prose share one cell of the table that the whole report is."""
    text = body()
    for heading in ("二、", "三、收", "四、", "五、", "六、"):
        text = text.replace(f"<p>{heading}", f"</td></tr><tr><td><p>{heading}")
    return page(TITLE, f"<table><tr><td>{text}</td></tr></table>")


@damage
def html_heading_in_first_row() -> str:
    """The heading of each section is the first row of its table."""
    text = re.sub(r"<p>([二三四]、[^<]*)</p><table>", r'<table><tr><td colspan="10">\1</td></tr>', body())
    return page(TITLE, text)


@damage
def html_heading_as_caption() -> str:
    return page(TITLE, re.sub(r"<p>([二三四]、[^<]*)</p><table>", r"<table><caption>\1</caption>", body()))


# --- no table at all -----------------------------------------------------------------------------------------


def _lines(table: list[list[str]], line: str, cell: str, between: str = "") -> str:
    return "".join(line.format(between.join(cell.format(text) for text in row)) for row in table)


@damage
def html_value_a_line() -> str:
    return each_table(lambda table: _lines(table, "{}", "<p>{}</p>"))


@damage
def html_value_a_line_by_breaks() -> str:
    return each_table(lambda table: "<p>" + _lines(table, "{}", "{}<br>") + "</p>")


@damage
def html_div_rows() -> str:
    return each_table(lambda table: _lines(table, '<div class="row">{}</div>', "<div>{}</div>"))


@damage
def html_span_rows() -> str:
    return each_table(lambda table: _lines(table, "<div>{}</div>", "<span>{}</span>", " "))


@damage
def html_list_rows() -> str:
    return each_table(lambda table: _lines(table, "<ul>{}</ul>", "<li>{}</li>"))


@damage
def html_definition_rows() -> str:
    return each_table(
        lambda table: (
            "<dl>"
            + "".join(f"<dt>{row[0]}</dt>" + "".join(f"<dd>{text}</dd>" for text in row[1:]) for row in table)
            + "</dl>"
        )
    )


@damage
def html_css_table() -> str:
    """Divs that a style makes a table: every cell in its place, but no spans."""
    return each_table(
        lambda table: (
            '<div style="display:table">'
            + _lines(table, '<div style="display: table-row">{}</div>', '<div style="display:table-cell">{}</div>')
            + "</div>"
        )
    )


@damage
def html_preformatted_tabs() -> str:
    return each_table(lambda table: "<pre>\n" + _lines(table, "{}\n", "{}", "\t") + "</pre>")


@damage
def html_preformatted_pipes() -> str:
    return each_table(lambda table: "<pre>\n" + _lines(table, "| {} |\n", "{}", " | ") + "</pre>")


@damage
def html_preformatted_blanks() -> str:
    return each_table(lambda table: "<pre>\n" + _lines(table, "{}\n", "{:<8}", "  ") + "</pre>")


@damage
def html_preformatted_box() -> str:
    return each_table(
        lambda table: (
            "<pre>\n┌────┬────┐\n" + _lines(table, "│{}│\n├────┼────┤\n", "{:　^8}", "│") + "└────┴────┘\n</pre>"
        )
    )


@damage
def html_whole_page_preformatted() -> str:
    """A text file in a page: everything in one <pre>."""
    return f"<html><body><pre>{html.escape(_text(chr(9)))}</pre></body></html>"


def _text(mark: str, before: str = "", behind: str = "") -> str:
    text = f"{TITLE}\n\n"
    for part in re.findall(r"<p>.*?</p>|<table>.*?</table>", body()):
        if part.startswith("<p>"):
            text += re.sub("<[^>]*>", "", part) + "\n"
        else:
            text += "\n" + "".join(before + mark.join(row) + behind + "\n" for row in rows(part)) + "\n"
    return text


@damage
def txt_pipes() -> str:
    return _text(" | ", "| ", " |")


@damage
def txt_markdown() -> str:
    return _text(" | ", "| ", " |").replace("| 信息内容 | ", "|---|---|---|---|\n| 信息内容 | ", 1)


@damage
def txt_tabs() -> str:
    return _text("\t")


@damage
def txt_blanks() -> str:
    return _text("    ")


@damage
def txt_commas() -> str:
    return _text(",")


@damage
def txt_value_a_line() -> str:
    return _text("\n")


@damage
def html_four_as_one_row() -> str:
    """Table four without its heads: fifteen numbers in a row."""
    return whole(four="<table><tr>" + "".join(f"<td>{number}</td>" for number in rows(FOUR)[-1]) + "</tr></table>")


@damage
def html_four_as_three_tables() -> str:
    """Table four as three tables, one under the other, each with its own head."""
    names, numbers = rows(FOUR)[1][:5], rows(FOUR)[-1]
    blocks = ("行政复议", "行政诉讼（未经复议直接起诉）", "行政诉讼（复议后起诉）")
    return whole(
        four="".join(
            f'<table><tr><td colspan="5">{block}</td></tr><tr>'
            + "".join(f"<td>{name}</td>" for name in names)
            + "</tr><tr>"
            + "".join(f"<td>{number}</td>" for number in numbers[5 * position : 5 * position + 5])
            + "</tr></table>"
            for position, block in enumerate(blocks)
        )
    )


@damage
def html_four_as_lines() -> str:
    """Table four as sentences, a block a line."""
    names, numbers = rows(FOUR)[1][:5], rows(FOUR)[-1]
    blocks = ("行政复议", "未经复议直接起诉", "复议后起诉")
    return whole(
        four="".join(
            f"<p>{block}："
            + "，".join(
                f"{name}{number}件" for name, number in zip(names, numbers[5 * at : 5 * at + 5], strict=True)
            )
            + "。</p>"
            for at, block in enumerate(blocks)
        )
    )


# --- sections ------------------------------------------------------------------------------------------------


@damage
def html_restarted_numbering() -> str:
    inner = "<p>一、主动公开情况</p><p>公开信息12条。</p><p>二、依申请公开情况</p><p>收到申请3件。</p>"
    again = "<p>一、存在问题</p><p>公开不够及时。</p><p>二、改进措施</p><p>加强培训。</p>"
    return (
        whole()
        .replace("<p>二、主动公开政府信息情况</p>", inner + "<p>二、主动公开政府信息情况</p>")
        .replace("<p>存在公开不够", again + "<p>存在公开不够")
    )


LEAD_IN = (
    "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、政府信息公开行政复议、行政诉讼情况、"
    "存在的主要问题及改进情况、其他需要报告的事项六部分组成。"
)
HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)


@damage
def html_lead_in_sentence() -> str:
    return whole(above=f"<p>{LEAD_IN}</p>")


@damage
def html_table_of_contents() -> str:
    return whole(above="<p>目录</p>" + "".join(f"<p>{heading}</p>" for heading in HEADINGS))


@damage
def html_table_of_contents_with_pages() -> str:
    lines = "".join(f"<p>{heading}……{page_number}</p>" for page_number, heading in enumerate(HEADINGS, 1))
    return whole(above=f"<p>目　录</p>{lines}")


@damage
def html_table_of_contents_by_links() -> str:
    lines = "".join(f'<li><a href="#s{number}">{heading}</a></li>' for number, heading in enumerate(HEADINGS))
    return whole(above=f"<ul>{lines}</ul>")


@damage
def html_table_of_contents_behind() -> str:
    """The six titles once more at the foot, as a menu that is no link."""
    return whole().replace(
        '<div class="foot">', "<div>" + "".join(f"<p>{h}</p>" for h in HEADINGS) + "</div><div>"
    )


@damage
def html_headings_missing() -> str:
    shown = whole()
    for heading in HEADINGS:
        shown = shown.replace(f"<p>{heading}</p>", "")
    return shown


@damage
def html_some_headings_missing() -> str:
    return whole().replace(f"<p>{HEADINGS[1]}</p>", "").replace(f"<p>{HEADINGS[3]}</p>", "")


@damage
def html_headings_without_numbers() -> str:
    shown = whole()
    for heading in HEADINGS:
        shown = shown.replace(f"<p>{heading}</p>", f"<p>{heading[2:]}</p>")
    return shown


@damage
def html_headings_in_lists() -> str:
    """The numbers come from the list, so they are not in the text."""
    shown = whole()
    for number, heading in enumerate(HEADINGS, 1):
        shown = shown.replace(f"<p>{heading}</p>", f'<ol type="1" start="{number}"><li>{heading[2:]}</li></ol>')
    return shown


@damage
def html_headings_run_in() -> str:
    """Each heading goes on as prose or stands in one paragraph with it."""
    return (
        whole()
        .replace("<p>一、总体情况</p><p>", "<p>一、总体情况。")
        .replace("<p>五、存在的主要问题及改进情况</p><p>", "<p><b>五、存在的主要问题及改进情况</b>")
        .replace("<p>六、其他需要报告的事项</p><p>", "<p>六、其他需要报告的事项：")
    )


@damage
def html_headings_in_pieces() -> str:
    """Headings over several runs, with blanks, and over two lines."""
    return (
        whole()
        .replace("<p>一、总体情况</p>", "<p><b>一</b>、<span>总 体</span>　情况&nbsp;</p>")
        .replace("<p>三、收到和处理政府信息公开申请情况</p>", "<p>三、收到和处理政府信息<br>公开申请情况</p>")
        .replace(
            "<p>四、政府信息公开行政复议、行政诉讼情况</p>", "<p>四、政府信息公开行政复议、</p><p>行政诉讼情况</p>"
        )
    )


@damage
def html_sections_in_attachment() -> str:
    """The tables stand in an attachment: absent here, not blank."""
    link = '<p>详见附件：<a href="fj.docx">2023年统计表.docx</a></p>'
    return whole(link, "<p>见附件</p>", "<p>（见附件）</p>")


# --- the page around -----------------------------------------------------------------------------------------


@damage
def html_page_with_other_tables() -> str:
    login = "<table><tr><td>用户名<td><input><tr><td>密码<td><input type=password></table>"
    days = "".join(f"<td>{day}</td>" for day in range(1, 8))
    calendar = f"<table><tr>{''.join(f'<th>{day}</th>' for day in '日一二三四五六')}</tr><tr>{days}</tr></table>"
    menu = "<table><tr><td>总计</td><td>其他</td><td><a href=x>政策</a></td><td>主动公开</td></tr></table>"
    metadata = (
        "<table><tr><td>索引号</td><td>003512/2024-00012</td><td>发布日期</td><td>2024-01-20</td></tr>"
        "<tr><td>发布机构</td><td>清溪镇人民政府</td><td>成文日期</td><td>2024-01-18</td></tr></table>"
    )
    links = "<table><tr><td><a href=a>上一篇：2022年年报</a></td><td><a href=b>下一篇</a></td></tr></table>"
    foot = "<table><tr><td>访问量</td><td>123456</td></tr><tr><td>总计</td><td>9</td></tr></table>"
    return (
        whole(above=metadata)
        .replace("<body>", f"<body>{login}{calendar}{menu}")
        .replace('<div class="foot">', f"{links}{calendar}<div class='foot'>{foot}")
    )


@damage
def html_frameset() -> str:
    frames = '<frameset cols="20%,*"><frame src=a.html><frame src=b.html></frameset>'
    return f"<html><head><title>{TITLE}</title></head>{frames}</html>"


@damage
def html_iframe_only() -> str:
    return page(TITLE, '<iframe src="/pdfjs/web/viewer.html?file=/fj/nb.pdf" width=100%></iframe>')


@damage
def html_report_in_xmp() -> str:
    """Old browsers show what stands in <xmp> as it is written, marks and all."""
    return page(TITLE, f"<xmp>{body()}</xmp>")


@damage
def html_report_in_textarea() -> str:
    return page(TITLE, f"<textarea>{html.escape(body())}</textarea>")


@damage
def html_report_in_hidden_field() -> str:
    return page(TITLE, f'<input type="hidden" name="content" value="{html.escape(body())}">')


@damage
def html_report_in_script() -> str:
    return page(TITLE, f"<script>var content = {body()!r}; document.write(content);</script>")


@damage
def html_report_in_noscript_and_template() -> str:
    return whole().replace(
        '<div class="content">', f'<noscript>{OLD}</noscript><template>{OLD}</template><div class="content">'
    )


@damage
def html_copy_in_textarea() -> str:
    """Beside the report stands another state of it in an editor's field."""
    return whole().replace('<div class="content">', f'<textarea>{OLD}</textarea><div class="content">')


@damage
def html_word_conditional_comments() -> str:
    return whole().replace(
        '<div class="content">',
        f'<div class="content"><!--[if gte mso 9]>{OLD}<![endif]--><!--[if !vml]--><!--[endif]-->',
    )


# --- encodings -----------------------------------------------------------------------------------------------


@damage
def html_gbk_declared_utf8() -> bytes:
    return whole(charset="utf-8").encode("gb18030")


@damage
def html_utf8_declared_gbk() -> bytes:
    return whole(charset="gbk").encode()


@damage
def html_body_gbk_in_utf8_frame() -> bytes:
    before, mark, rest = whole().partition('<div class="content">')
    text, foot, behind = rest.partition('<div class="foot">')
    return (before + mark).encode() + text.encode("gb18030") + (foot + behind).encode()


@damage
def html_body_utf8_in_gbk_frame() -> bytes:
    before, mark, rest = whole(charset="gbk").partition('<div class="content">')
    text, foot, behind = rest.partition('<div class="foot">')
    return (before + mark).encode("gb18030") + text.encode() + (foot + behind).encode("gb18030")


@damage
def html_half_gbk_half_utf8() -> bytes:
    text = whole()
    middle = text.index("三、收到")
    return text[:middle].encode("gb18030") + text[middle:].encode()


@damage
def html_utf16_with_mark() -> bytes:
    return whole(charset="utf-16").encode("utf-16")


@damage
def html_utf16_without_mark() -> bytes:
    return whole(charset="utf-16").encode("utf-16-le")


@damage
def html_utf16_big_end_without_mark() -> bytes:
    return whole(charset="utf-16").encode("utf-16-be")


@damage
def txt_utf16_without_mark() -> bytes:
    return _text("\t").encode("utf-16-le")


@damage
def txt_gbk() -> bytes:
    return _text("\t").encode("gbk")


@damage
def html_stray_bytes() -> bytes:
    """A broken byte in the prose, in a label and in a number."""
    data = whole().encode()
    return (
        data.replace("推进公开".encode(), "推进".encode() + b"\xe5\x85" + "开".encode(), 1)
        .replace("（一）予以公开".encode(), "（一）予以".encode() + b"\xff" + "公开".encode(), 1)
        .replace(
            f"<td>{VALUES['section_three.granted.total']}".encode(),
            b"<td>\xff" + VALUES["section_three.granted.total"].encode(),
            1,
        )
    )


@damage
def html_zero_bytes() -> bytes:
    """Zero bytes inside numbers: a browser leaves them out."""
    return each_number(lambda number: f"{number[:2]}\0{number[2:]}").encode()


@damage
def html_big5_declared() -> bytes:
    return whole(charset="big5").encode("gb18030")


@damage
def html_utf7_marks() -> bytes:
    return b"\xef\xbb\xbf" + whole(charset="gb2312").encode()


# --- containers of HTML --------------------------------------------------------------------------------------


def _mhtml(content: bytes, transfer: str, charset: str) -> bytes:
    written = quopri.encodestring(content) if transfer == "quoted-printable" else base64.encodebytes(content)
    return (
        (
            "MIME-Version: 1.0\r\n"
            'Content-Type: multipart/related; type="text/html";\r\n boundary="----=_Next"\r\n\r\n'
            "本文档为单个文件网页。\r\n\r\n------=_Next\r\nContent-Location: file:///C:/nb.htm\r\n"
            f'Content-Transfer-Encoding: {transfer}\r\nContent-Type: text/html; charset="{charset}"\r\n\r\n'
        ).encode()
        + written
        + (
            b"\r\n------=_Next\r\nContent-Location: file:///C:/nb.files/image001.png\r\n"
            b"Content-Transfer-Encoding: base64\r\nContent-Type: image/png\r\n\r\niVBORw0KGgo=\r\n"
            b"------=_Next--\r\n"
        )
    )


@damage
def mht_quoted_printable() -> bytes:
    return _mhtml(whole(charset="gb2312").encode("gb18030"), "quoted-printable", "gb2312")


@damage
def doc_mhtml_base64() -> bytes:
    """Word's 单个文件网页 saved under the name of a Word file."""
    return _mhtml(whole().encode(), "base64", "utf-8")


@damage
def mht_without_page() -> bytes:
    return (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: image/png\r\n\r\nabc\r\n--x--\r\n"
    )


@damage
def doc_html_named_word() -> bytes:
    """HTML under the name of a Word file, with Word's own marks."""
    return (
        whole(meta='<meta name=ProgId content="Word.Document">')
        .replace("<html>", '<html xmlns:o="urn:schemas-microsoft-com:office:office">')
        .encode()
    )


@damage
def doc_word_2003_xml() -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body>'
        f"<w:p><w:r><w:t>{TITLE}</w:t></w:r></w:p></w:body></w:wordDocument>"
    )


@damage
def doc_word_2007_flat_xml() -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
        '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"></pkg:package>'
    )


@damage
def xls_spreadsheet_2003_xml() -> str:
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
    )


def main() -> None:
    """Write every document."""
    for name, make in _MAKERS.items():
        made = make()
        (FOLDER / name).write_bytes(made.encode() if isinstance(made, str) else made)


if __name__ == "__main__":
    main()
