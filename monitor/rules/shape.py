"""Checks of presence and shape (domain.md 4.6): sections and tables (S), labels and layout (L), form (V).

S-12 (look-alike pages) is the parser's: such a page is no report. S-13 (last year's problems followed up) is off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache, partial

from monitor.language import N_
from monitor.rules.base import Fail, Finding, NotAssessable, Pass, Result, Rule, Severity, Subject
from monitor.rules.cells import (
    COLUMNS,
    FORMS_WITH_TABLES,
    NO_SUCH_FORM,
    OTHER_IN_THREE_ROWS,
    READING_IN_DOUBT,
    SECTION_NAMES,
    doubt_about,
    has_table,
    is_present,
    key,
    quoted,
    weigh,
)
from monitor.rules.organs import is_government
from monitor.rules.tables import FORM_YEARS, absent_rows_of_three
from monitor.rules.texts import (
    NO_TEXT,
    NOT_THIS_FORM,
    body,
    excerpt,
    is_modern_report,
    opening,
    section_text,
)
from parsers.forms import form_for_year, load_form
from parsers.labels import plain
from parsers.schema import DocumentKind, Lint, Report

FEE_YEARS = range(2021, 2100)

_TITLES = {
    1: "一、总体情况",
    2: "二、主动公开政府信息情况",
    3: "三、收到和处理政府信息公开申请情况",
    4: "四、政府信息公开行政复议、行政诉讼情况",
    5: "五、存在的主要问题及改进情况",
    6: "六、其他需要报告的事项",
}
# Enough of a heading to know it by in the middle of a line, where a table without rules ran into it.
_STEMS = {
    1: "一、总体情况",
    2: "二、主动公开政府信息情况",
    3: "三、收到和处理政府信息公开申请",
    4: "四、政府信息公开行政复议",
    5: "五、存在的主要问题",
    6: "六、其他需要报告",
}
RAN_INTO_TEXT = NotAssessable(N_("章节的标题与前面的文字连在一起，无法划分章节"))
_NUMERALS = {1: "一", 2: "二", 3: "三", 4: "四", 5: "五", 6: "六"}
_TABLES = {2: "表二", 3: "表三", 4: "表四"}


# --- sections ----------------------------------------------------------------------------------------------


def six_sections(subject: Subject) -> Result:
    """S-01: none of the six sections is absent. A section whose table was read is not absent."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    present = [number for number, section in report.sections.items() if section.present]
    if len(present) < 2:
        return NotAssessable(N_("几乎没有读到章节标题，正文可能在附件或图片中"))
    absent = [
        number
        for number in _TITLES
        if number not in present and not (number in _TABLES and has_table(report, number))
    ]
    if not absent:
        return Pass()
    absent = [number for number in absent if not _ran_into_text(report, number)]
    if not absent:
        return RAN_INTO_TEXT
    return Fail(
        tuple(
            Finding(
                "S-01",
                Severity.ERROR,
                N_("缺少第{number}部分“{title}”（标题和表格均未见）")
                if number in _TABLES
                else N_("缺少第{number}部分“{title}”"),
                {"number": _NUMERALS[number], "title": _TITLES[number], "section": number},
                sections=(number,),
            )
            for number in absent
        )
    )


def _ran_into_text(report: Report, number: int) -> bool:
    """Whether the heading of a section is printed in the text of another one: there, but not where we cut."""
    return any(
        _STEMS[number] in plain(section.text)
        for other, section in report.sections.items()
        if other != number and section.present
    )


def sections_in_order(subject: Subject) -> Result:
    """S-02: the sections that are there stand in the order of the form."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    present = {number: section for number, section in report.sections.items() if section.present}
    if len(present) < 2:
        return NotAssessable(N_("章节太少，无法判断次序"))
    places = {number: section.at.line for number, section in present.items() if section.at and section.at.line}
    order = sorted(present, key=lambda number: places[number]) if len(places) == len(present) else list(present)
    if order == sorted(order):
        return Pass()
    return Fail(
        (
            Finding(
                "S-02",
                Severity.NOTICE,
                N_("六个部分的次序与格式不符：{order}"),
                {"order": "、".join(_NUMERALS[number] for number in order)},
                sections=tuple(order),
            ),
        )
    )


def tables_whole(subject: Subject) -> Result:
    """S-03: the three tables are there with all rows and columns. One finding per table.

    A table whose section is absent belongs to S-01. One that is a picture belongs to S-10, and so do all three
    where none was read.
    """
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    read = [section for section in _TABLES if has_table(report, section)]
    if not read:
        return NotAssessable(N_("三张表都没有读到，可能是图片或附件"))
    findings: list[Finding] = []
    for section in _TABLES:
        if section not in read:
            if _is_headed(report, section) and section not in _pictured(report):
                findings.append(_table_absent(section))
        elif section == 3:
            findings.extend(_gaps_of_three(report))
        else:
            findings.extend(_gaps(report, section))
    return Fail(tuple(findings)) if findings else Pass()


def _is_headed(report: Report, section: int) -> bool:
    return section in report.sections and report.sections[section].present


def _pictured(report: Report) -> set[int]:
    """The sections whose only content is a picture where the table should be."""
    texts = [lint.text for lint in report.lints if lint.code == "picture-for-table"]
    return {section for section in _TABLES if any(f"第{_NUMERALS[section]}部分" in text for text in texts)}


def _table_absent(section: int) -> Finding:
    return Finding(
        "S-03",
        Severity.ERROR,
        N_("第{number}部分有标题，但没有{table}"),
        {"number": _NUMERALS[section], "table": _TABLES[section], "section": section},
        sections=(section,),
    )


def _gaps_of_three(report: Report) -> list[Finding]:
    """The absent rows and columns of section three in one finding; the total row and column weigh more."""
    form = load_form(report.form or "")
    rows = absent_rows_of_three(report)
    left = [row for row in form.section_three if row not in rows]
    columns = tuple(
        column
        for column in COLUMNS
        if not any(is_present(report.cells, key(row, column)) for row in (*left, "other", *OTHER_IN_THREE_ROWS))
    )
    if not rows and not columns:
        return []
    severity = Severity.ERROR if "total_results" in rows or "total" in columns else Severity.WARNING
    names = [form.section_three_rows[row].text for row in rows]
    heads = [form.section_three_columns[column].text for column in columns]
    absent = tuple(key(row, column) for row in rows for column in COLUMNS)
    absent += tuple(key(row, column) for column in columns for row in left)
    return [
        _gap(
            report,
            3,
            severity,
            rows,
            columns,
            names,
            heads,
            len(form.section_three),
            absent,
        )
    ]


def _gaps(report: Report, section: int) -> list[Finding]:
    """The absent rows of section two, or columns of section four, in one finding."""
    form = load_form(report.form or "")
    groups = _keys_by_row(form.key, section)
    rows = tuple(row for row, names in groups.items() if not any(is_present(report.cells, name) for name in names))
    columns = (
        tuple(
            name
            for row, names in groups.items()
            if row not in rows
            for name in names
            if not is_present(report.cells, name)
        )
        if section == 4
        else ()
    )
    if not rows and not columns:
        return []
    total = section == 4 and (bool(rows) or any(name.endswith(".total") for name in columns))
    labels = form.section_two_rows if section == 2 else form.section_four_blocks
    return [
        _gap(
            report,
            section,
            Severity.ERROR if total else Severity.WARNING,
            rows,
            tuple(name.split(".", 1)[1] for name in columns),
            [labels[row].name or labels[row].text for row in rows],
            [form.describe(name).split(" ", 1)[1] for name in columns],
            len(groups),
            tuple(name for row in rows for name in groups[row]) + columns,
        )
    ]


@cache
def _keys_by_row(form: str, section: int) -> dict[str, tuple[str, ...]]:
    """The cell keys of one section's table by row or block."""
    groups: dict[str, tuple[str, ...]] = {}
    for name in load_form(form).cells:
        if name.startswith(SECTION_NAMES[section] + "."):
            row = name.split(".")[1]
            groups[row] = (*groups.get(row, ()), name)
    return groups


def _gap(
    report: Report,
    section: int,
    severity: Severity,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    row_names: list[str],
    column_names: list[str],
    of: int,
    cells: tuple[str, ...],
) -> Finding:
    # Only a label we did not know can hide a row; a shifted label was read all the same.
    doubt = doubt_about(report, section, shifted=False)
    if rows and columns:
        template = N_("{table}缺{count}行（格式共{of}行）：{rows}；缺{columns_count}列：{columns}{notes}")
    elif rows:
        template = N_("{table}缺{count}行（格式共{of}行）：{rows}{notes}")
    else:
        template = N_("{table}缺{columns_count}列：{columns}{notes}")
    return Finding(
        "S-03",
        weigh(severity, False, doubt),
        template,
        {
            "table": _TABLES[section],
            "section": section,
            "count": len(rows),
            "of": of,
            "rows": "；".join(row_names),
            "columns_count": len(columns),
            "columns": "；".join(column_names),
            "absent_rows": list(rows),
            "absent_columns": list(columns),
            "notes": [READING_IN_DOUBT] if doubt else [],
            **({"doubt": doubt.text} if doubt else {}),
        },
        cells,
        (section,),
    )


def tables_are_text(subject: Subject) -> Result:
    """S-10: the tables are given as text, not only as picture or attachment."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    headed = [section for section in _TABLES if _is_headed(report, section)]
    if not headed:
        return NotAssessable(N_("没有读到表格所在的章节"))
    if any(has_table(report, section) for section in _TABLES):
        pictures = sorted(_pictured(report))
        if not pictures:
            return Pass()
        template, values = (
            N_("{tables}是图片，没有文字，数据无法核对"),
            {"tables": "、".join(_TABLES[n] for n in pictures)},
        )
        return Fail((Finding("S-10", Severity.NOTICE, template, values, sections=tuple(pictures)),))
    template = N_("有表格所在章节的标题，但三张表都没有以文字给出（可能是图片或附件），数据无法核对")
    return Fail((Finding("S-10", Severity.NOTICE, template, sections=tuple(headed)),))


def numbering_does_not_restart(subject: Subject) -> Result:
    """S-04: inner headings do not use 一、二、三、, which number the six sections."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    if not body(report).strip():
        return NO_TEXT
    return _told(report, "restarted-numbering", "S-04", N_("小标题又从“一、”编号，与六个部分的编号混淆：{text}"))


_NOTHING = re.compile(r"^[（(]?[一二三四五六\d]*[）)、.]?\s*(?:无|没有|暂无)[。.]?$")
# What only tells of a shortcoming though its word is one of betterment: 有待提高, 不够完善.
_STILL_WANTING = re.compile(r"(?:有待|尚待|亟待|不够|不太|未能|没有|不能|难以|尚未)[^，,。；;：:\n]{0,14}")
_PROBLEM = re.compile(
    r"问题|不足|困难|差距|有待|亟待|薄弱|欠缺|缺乏|缺少|不够|不到位|不及时|不全|不强|不高|不深|短板|滞后|单一|偏少|偏低|需要|还需|仍需|需进一步|难点|不完善|不熟|不多|不平衡"
)
_IMPROVEMENT = re.compile(
    r"改进|整改|措施|下一步|下步|下阶段|今后|接下来|明年|来年|新的一年|针对|将|继续|努力|着力|加大|加强|强化|完善|提升|提高|推进|优化|规范|健全|深化|拓宽|拓展|创新|充实|增强|落实"
)


def problems_and_improvement(subject: Subject) -> Result:
    """S-05: section five names problems and improvement, in 20 characters at least (art. 50 (四))."""
    report = subject.report
    section = report.sections.get(5)
    if not is_modern_report(report):
        return NOT_THIS_FORM
    if section is None or not section.present:
        return NotAssessable(N_("没有第五部分"))
    if _ran_into_text(report, 5):
        return RAN_INTO_TEXT
    text = re.sub(r"\s+", "", section.text)
    if not text and not re.sub(r"\s+", "", section_text(report, 1)):
        return NO_TEXT
    if len(text) < 20 or _NOTHING.match(text):
        template, quote = N_("第五部分只有{length}个字，没有写明存在的主要问题及改进情况"), text or None
    elif not _IMPROVEMENT.search(_STILL_WANTING.sub("", text)):
        template, quote = N_("第五部分只写了存在的问题，没有写改进情况"), opening(text, 60)
    elif not _PROBLEM.search(text):
        template, quote = N_("第五部分只写了改进情况，没有写存在的主要问题"), opening(text, 60)
    else:
        return Pass()
    return Fail((Finding("S-05", Severity.WARNING, template, {"length": len(text)}, sections=(5,), quote=quote),))


_LAST_YEARS_PROBLEMS = (
    r"(?:上一?年度?|去年|往年|前一年|{before}年)[^。；\n]{{0,40}}(?:问题|不足|短板|薄弱)"
    r"|(?:针对|对照|对)[^。；\n]{{0,20}}(?:上一?年度?|去年|{before}年)"
)


def last_years_problems_are_followed_up(subject: Subject) -> Result:
    """S-13: section five comes back to the problems of the year before. Asked by some offices; off by default."""
    report = subject.report
    if not is_modern_report(report) or report.report_year is None:
        return NOT_THIS_FORM
    text = re.sub(r"\s+", "", section_text(report, 5))
    if not text:
        return NotAssessable(N_("没有第五部分"))
    if re.search(_LAST_YEARS_PROBLEMS.format(before=report.report_year - 1), text):
        return Pass()
    template = N_("第五部分没有交代上年度所列问题的改进情况")
    return Fail((Finding("S-13", Severity.NOTICE, template, sections=(5,), quote=opening(text, 60)),))


_FEE = re.compile(r"信息处理费|处理费|收费|收取.{0,12}费|费用")


def fee_is_reported(subject: Subject) -> Result:
    """S-06: from 2021 on section six says whether an information-processing fee was collected."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    section = report.sections.get(6)
    if section is None or not section.present:
        return NotAssessable(N_("没有第六部分"))
    if _FEE.search(re.sub(r"\s+", "", section.text)):
        return Pass()
    return Fail(
        (
            Finding(
                "S-06",
                Severity.NOTICE,
                N_("第六部分没有报告收取信息处理费的情况"),
                sections=(6,),
                quote=opening(section.text, 60),
            ),
        )
    )


def headings_have_content(subject: Subject) -> Result:
    """S-07: no numbered heading without content under it."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    if not body(report).strip():
        return NO_TEXT
    return _told(report, "empty-heading", "S-07", N_("有标题而没有内容：{text}"))


def _told(report: Report, code: str, rule: str, template: str) -> Result:
    """A notice that hands on what the strict reader met under a code: its words, no quote of the report."""
    found = [lint.text for lint in report.lints if lint.code == code]
    if not found:
        return Pass()
    return Fail((Finding(rule, Severity.NOTICE, template, {"text": "；".join(found)}),))


# A result, not a plan: 考核结果为优秀, 考核得分, 未发生责任追究. 列入考核, 加强考核 are plans.
_ASSESSMENT_RESULT = re.compile(
    r"(?:考核|考评|评估|测评|评议|评价)[^。；\n]{0,16}?(?:优秀|良好|合格|优良|满意|达标|得分|排名|名列|位列|位居|第[一二三四五六七八九十\d]+(?:名|位)|\d+(?:\.\d+)?分|等次)"
    r"|(?:考核|考评|评议)(?:的)?结果(?:为|是|：|:|均|良|优|合)"
    r"|(?:没有|未|无|不存在|零|0)[^。；，,\n]{0,16}(?:责任追究|追责|问责)"
    r"|(?:责任追究|追责|问责)(?:的)?(?:结果|情况)?(?:为|：|:|是)?(?:\d+|无|零|没有|未)"
    r"|(?:未|没有)(?:开展|组织|进行)?[^。；，,\n]{0,8}(?:社会评议|工作考核)"
    r"|(?:社会评议|工作考核)(?:结果|情况)?(?:为|：|:)?(?:无|良好|优秀|合格|满意|未|没有)"
    r"|(?:对|被)[^。；，,\n]{0,16}(?:追究(?:了)?责任|予以问责|进行(?:了)?问责)"
)


def assessment_is_reported(subject: Subject) -> Result:
    """S-08: a government reports results of 工作考核, 社会评议 and 责任追究 (art. 50 (四))."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    if not is_government(subject):
        return NotAssessable(N_("不是一级政府，或者不知道是不是"))
    if not body(report).strip():
        return NO_TEXT
    if _reports_assessment(body(report)):
        return Pass()
    return Fail(
        (
            Finding(
                "S-08",
                Severity.NOTICE,
                N_("没有报告工作考核、社会评议或责任追究的结果"),
                sections=(1,),
            ),
        )
    )


_ASSESSMENT_WORDS = re.compile(r"考核|考评|评估|测评|评议|评价|追责|问责|追究")


def _reports_assessment(text: str) -> bool:
    """Whether a sentence of the text tells a result; only those with one of the words are looked at closely."""
    sentences = re.split(r"[。；\n]", text)
    return any(
        _ASSESSMENT_WORDS.search(sentence) and _ASSESSMENT_RESULT.search(re.sub(r"\s+", "", sentence))
        for sentence in sentences
    )


_ASPECTS = {
    "主动公开": re.compile(r"主动公开|主动发布"),
    "依申请公开": re.compile(r"依申请|申请"),
    "政府信息管理": re.compile(r"信息管理|信息资源|规范化|标准化|动态调整|管理"),
    "政府信息公开平台建设": re.compile(r"平台|网站|公众号|新媒体"),
    "监督保障": re.compile(r"监督|保障|考核|培训|检查"),
}


def five_aspects(subject: Subject) -> Result:
    """S-09: from 2021 on section one speaks of all five aspects of the form."""
    report = subject.report
    if not is_modern_report(report):
        return NOT_THIS_FORM
    text = section_text(report, 1)
    if not text.strip():
        return NO_TEXT
    absent = [name for name, pattern in _ASPECTS.items() if not pattern.search(text)]
    if not absent:
        return Pass()
    return Fail(
        (
            Finding(
                "S-09",
                Severity.NOTICE,
                N_("第一部分没有写到：{aspects}"),
                {"aspects": "、".join(absent)},
                sections=(1,),
            ),
        )
    )


_TEMPLATE_WORDS = re.compile(
    r"该部分以表格形式报告|[（(]文字描述|[（(]此处(?:填写|插入|填报)"
    r"|(?<![A-Za-z0-9ＸXx×])[XＸ×]{2,}(?=年|月|镇|乡|县|区|市|局|办|条|件|次|街道|人民政府|单位)"
    r"|(?<![\w*])\*{2,}\s?(?=年|条|件|次|个|万元|人民政府|镇|乡|县)"
)


_TEMPLATE_HINTS = ("该部分以表格", "文字描述", "此处", "XX", "ＸＸ", "××", "**")


def no_template_words(subject: Subject) -> Result:
    """S-11: no words of the blank form are left in the text."""
    report = subject.report
    if report.kind is not DocumentKind.REPORT:
        return NOT_THIS_FORM
    text = body(report)
    if not text.strip():
        return NO_TEXT
    match = _TEMPLATE_WORDS.search(text) if any(hint in text for hint in _TEMPLATE_HINTS) else None
    if match is None:
        return Pass()
    quote = excerpt(text, match.start(), match.end())
    return Fail(
        (
            Finding(
                "S-11",
                Severity.WARNING,
                N_("正文留有格式模板的文字“{words}”：{quote}"),
                {"words": match[0], "quote": quote},
                sections=tuple(n for n, section in report.sections.items() if match[0] in section.text),
                quote=quote,
            ),
        )
    )


# --- labels and layout -------------------------------------------------------------------------------------

_LINTS = {
    "L-01": (N_("表头各栏齐全"), N_("表头缺栏（识读时发现）：{text}")),
    "L-02": (N_("行、列名称与格式一致"), N_("名称与格式用语不同：{text}")),
    "L-03": (N_("各行各列在应在的位置"), N_("有{count}处行、列错位（识读时发现）：{text}")),
    "L-04": (N_("小标题独立成行"), N_("小标题混入段落：{text}")),
    "L-05": (N_("没有转换残留"), N_("有转换残留：{text}")),
    "L-06": (N_("不相符的各格两次识读一致"), N_("{text}（识读上的问题，不是发布单位的差错）")),
}
# L-06 is ours, not of domain.md: what the second reading before an arithmetic error met.
_LINT_CODES = {"L-06": ("second-reading-differs", "second-reading-impossible", "font-differs")}


def _lint(code: str, subject: Subject) -> Result:
    """L-01 … L-06: what a strict reader met in the layout. Ours to say, never the organ's fault by itself."""
    report = subject.report
    if report.kind is not DocumentKind.REPORT:
        return NOT_THIS_FORM
    found: list[Lint] = [lint for lint in report.lints if lint.code in _LINT_CODES.get(code, (code,))]
    if not found:
        return Pass()
    texts = list(Counter(lint.text for lint in found))
    shown = "；".join(texts[:6]) + ("……" if len(texts) > 6 else "")
    return Fail((Finding(code, Severity.NOTICE, _LINTS[code][1], {"count": len(found), "text": shown}),))


# --- form --------------------------------------------------------------------------------------------------


def form_of_the_year(subject: Subject) -> Result:
    """V-01: the report uses the form in force for its year."""
    report = subject.report
    if report.kind is not DocumentKind.REPORT or report.form is None or report.report_year is None:
        return NotAssessable(N_("格式或年度不明"))
    expected = form_for_year(report.report_year)
    if report.form == expected:
        return Pass()
    # A year taken from somewhere in the text may itself be the mistake.
    severity = Severity.WARNING if report.report_year_from == "text" else Severity.ERROR
    names = {"legacy": "2018年以前的旧格式", "2019": "2019年试行格式", "2021": "2021年格式"}
    proof = _cells_of_one_form(report, expected)
    values = {
        "year": report.report_year,
        "expected": names[expected],
        "used": names[report.form],
        "form": report.form,
        "form_of_the_year": expected,
    }
    template = N_("{year}年度报告应使用{expected}，实际使用的是{used}")
    if proof:
        labels = load_form(report.form).section_two_columns
        values["heads"] = quoted(dict.fromkeys(labels[name.rpartition(".")[2]].text for name in proof))
        template = N_("{year}年度报告应使用{expected}，实际使用的是{used}（表二有该格式才有的{heads}栏）")
    return Fail((Finding("V-01", severity, template, values, proof, (2, 3)),))


def _cells_of_one_form(report: Report, other: str) -> tuple[str, ...]:
    """The first cell of each column of section two that the report's form has and another form has not."""
    if report.form not in FORMS_WITH_TABLES:
        return ()
    form = load_form(report.form)
    own = form.marks - load_form(other).marks
    found: dict[str, str] = {}
    for name in form.section_two_cells:
        column = name.rpartition(".")[2]
        if column in own and is_present(report.cells, name):
            found.setdefault(column, name)
    return tuple(found.values())


def forms_not_mixed(subject: Subject) -> Result:
    """V-02: section two and section three follow the same form."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if not has_table(report, 3):
        return NotAssessable(N_("没有读到表三"))
    foreign = {"2021": ("other",), "2019": OTHER_IN_THREE_ROWS}[report.form]
    cells = tuple(
        name for row in foreign for column in COLUMNS if is_present(report.cells, name := key(row, column))
    )
    if not cells:
        return Pass()
    template = (
        N_("表二为2021年格式，表三“（六）其他处理”却按2019年格式只列一行")
        if report.form == "2021"
        else N_("表二为2019年格式，表三“（六）其他处理”却按2021年格式列为三行")
    )
    return Fail((Finding("V-02", Severity.WARNING, template, {"form": report.form}, cells, (2, 3)),))


_OLD_WORDING = re.compile(r"(?<!行政)规范性文件")


def labels_of_the_form(subject: Subject) -> Result:
    """V-03: the labels are those of the form in use, not the wording of the form before."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if report.form == "2019":
        return Pass()
    found = [lint.text for lint in report.lints if lint.code == "L-02" and _OLD_WORDING.search(lint.text)]
    if not found:
        return Pass()
    return Fail(
        (
            Finding(
                "V-03",
                Severity.NOTICE,
                N_("表中沿用了旧格式的名称：{text}"),
                {"text": "；".join(found)},
                sections=(2,),
            ),
        )
    )


def _lint_rule(code: str) -> Rule:
    evaluate: Callable[[Subject], Result] = partial(_lint, code)
    return Rule(code, _LINTS[code][0], "格式", Severity.NOTICE, evaluate)


SHAPE_RULES = (
    Rule("S-01", N_("六个部分齐全"), "《条例》第五十条；格式", Severity.ERROR, six_sections, FORM_YEARS),
    Rule("S-02", N_("六个部分次序正确"), "格式", Severity.NOTICE, sections_in_order, FORM_YEARS),
    Rule(
        "S-03",
        N_("三张表及其各行各列齐全"),
        "格式",
        Severity.ERROR,
        tables_whole,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "S-04", N_("小标题编号不与六个部分混淆"), "格式", Severity.NOTICE, numbering_does_not_restart, FORM_YEARS
    ),
    Rule(
        "S-05",
        N_("写明存在的主要问题及改进情况"),
        "《条例》第五十条第一款第（四）项",
        Severity.WARNING,
        problems_and_improvement,
        FORM_YEARS,
    ),
    Rule(
        "S-06",
        N_("报告收取信息处理费的情况"),
        "国办公开办函〔2021〕30号格式第六部分",
        Severity.NOTICE,
        fee_is_reported,
        FEE_YEARS,
    ),
    Rule("S-07", N_("各标题下都有内容"), "格式", Severity.NOTICE, headings_have_content, FORM_YEARS),
    Rule(
        "S-08",
        N_("报告工作考核、社会评议和责任追究结果"),
        "《条例》第五十条第一款第（四）项",
        Severity.NOTICE,
        assessment_is_reported,
        FORM_YEARS,
    ),
    Rule(
        "S-09",
        N_("第一部分写全五个方面"),
        "国办公开办函〔2021〕30号格式第一部分",
        Severity.NOTICE,
        five_aspects,
        FEE_YEARS,
    ),
    Rule("S-10", N_("三张表以文字给出"), "格式", Severity.NOTICE, tables_are_text, FORM_YEARS),
    Rule("S-11", N_("没有遗留模板文字"), "格式", Severity.WARNING, no_template_words),
    Rule(
        "S-13",
        N_("交代上年度所列问题的改进情况"),
        "部分地方主管部门的要求；国家层面没有明文",
        Severity.NOTICE,
        last_years_problems_are_followed_up,
        FORM_YEARS,
    ),
    *(_lint_rule(code) for code in _LINTS),
    Rule(
        "V-01",
        N_("使用报告年度对应的格式"),
        "国办公开办函〔2019〕60号、〔2021〕30号",
        Severity.ERROR,
        form_of_the_year,
        FORM_YEARS,
    ),
    Rule(
        "V-02",
        N_("两版格式没有混用"),
        "国办公开办函〔2021〕30号",
        Severity.WARNING,
        forms_not_mixed,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "V-03",
        N_("没有沿用旧格式的名称"),
        "国办公开办函〔2021〕30号",
        Severity.NOTICE,
        labels_of_the_form,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
)
