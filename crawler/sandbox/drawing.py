"""The tables of the two official forms as they are drawn: rows of cells with their spans.

Drawn from the forms themselves (国办公开办函〔2019〕60号 and 〔2021〕30号), apart from the parsers' form data,
so that a generated report tests the reader and not a copy of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

APPLICANTS = ("natural_person", "business", "research", "ngo", "legal_service", "other_org")
DISPUTE_BLOCKS = ("review", "litigation_direct", "litigation_after_review")
DISPUTE_COLUMNS = ("upheld", "corrected", "other", "pending", "total")


@dataclass(frozen=True, slots=True)
class Slot:
    """One drawn cell: a printed label, or the place of the value of ``key``."""

    label: str = ""
    key: str | None = None
    rows: int = 1
    columns: int = 1


Row = tuple[Slot, ...]
Table = tuple[Row, ...]

_CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
_DENIED = (
    ("denied_state_secret", "1.属于国家秘密"),
    ("denied_law_prohibits", "2.其他法律行政法规禁止公开"),
    ("denied_safety_stability", "3.危及“三安全一稳定”"),
    ("denied_third_party", "4.保护第三方合法权益"),
    ("denied_internal_affairs", "5.属于三类内部事务信息"),
    ("denied_process_info", "6.属于四类过程性信息"),
    ("denied_enforcement_file", "7.属于行政执法案卷"),
    ("denied_admin_query", "8.属于行政查询事项"),
)
_UNABLE = (
    ("unable_no_info", "1.本机关不掌握相关政府信息"),
    ("unable_needs_creation", "2.没有现成信息需要另行制作"),
    ("unable_unclear", "3.补正后申请内容仍不明确"),
)
_REJECTED = (
    ("rejected_petition", "1.信访举报投诉类申请"),
    ("rejected_repeat", "2.重复申请"),
    ("rejected_publication", "3.要求提供公开出版物"),
    ("rejected_excessive", "4.无正当理由大量反复申请"),
    ("rejected_reconfirm", "5.要求行政机关确认或重新出具已获取信息"),
)
_OTHER = (
    ("other_not_corrected", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
    ("other_fee_unpaid", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"),
    ("other_other", "3.其他"),
)


def result_rows(form: str) -> tuple[str, ...]:
    """The rows of 三、本年度办理结果 that add up to the total, in order; ``form`` is ``2019`` or ``2021``."""
    groups = (*_DENIED, *_UNABLE, *_REJECTED)
    other = tuple(key for key, _ in _OTHER) if form == "2021" else ("other",)
    return ("granted", "partially_granted", *(key for key, _ in groups), *other)


def _block(title: str, columns: tuple[tuple[str, str], ...], rows: tuple[tuple[str, str], ...]) -> list[Row]:
    """One block of section two, four columns wide: the last printed column takes what is left."""
    last = 4 - len(columns)
    spans = [1] * (len(columns) - 1) + [last]
    drawn: list[Row] = [(Slot(title, columns=4),)]
    drawn.append(
        (Slot("信息内容"), *(Slot(label, columns=span) for (_, label), span in zip(columns, spans, strict=True)))
    )
    for row, label in rows:
        values = (
            Slot(key=f"section_two.{row}.{column}", columns=span)
            for (column, _), span in zip(columns, spans, strict=True)
        )
        drawn.append((Slot(label), *values))
    return drawn


def _section_two_2021() -> Table:
    documents = (("issued", "本年制发件数"), ("repealed", "本年废止件数"), ("in_force", "现行有效件数"))
    decisions = (("decisions", "本年处理决定数量"),)
    fee = (("amount_wan", "本年收费金额（单位：万元）"),)
    return (
        *_block(
            "第二十条第（一）项",
            documents,
            (("regulations", "规章"), ("normative_documents", "行政规范性文件")),
        ),
        *_block("第二十条第（五）项", decisions, (("licensing", "行政许可"),)),
        *_block("第二十条第（六）项", decisions, (("penalty", "行政处罚"), ("coercion", "行政强制"))),
        *_block("第二十条第（八）项", fee, (("admin_fees", "行政事业性收费"),)),
    )


def _section_two_2019() -> Table:
    documents = (
        ("newly_made", "本年新制作数量"),
        ("newly_published", "本年新公开数量"),
        ("total_public", "对外公开总数量"),
    )
    items = (("prior_year_items", "上一年项目数量"), ("change", "本年增/减"))
    decisions = (*items, ("decisions", "处理决定数量"))
    procurement = (("project_count", "采购项目数量"), ("amount_wan", "采购总金额（单位：万元）"))
    return (
        *_block("第二十条第（一）项", documents, (("regulations", "规章"), ("normative_documents", "规范性文件"))),
        *_block(
            "第二十条第（五）项",
            decisions,
            (("licensing", "行政许可"), ("other_services", "其他对外管理服务事项")),
        ),
        *_block("第二十条第（六）项", decisions, (("penalty", "行政处罚"), ("coercion", "行政强制"))),
        *_block("第二十条第（八）项", items, (("admin_fees", "行政事业性收费"),)),
        *_block("第二十条第（九）项", procurement, (("central_procurement", "政府集中采购"),)),
    )


def _values(row: str) -> Row:
    return tuple(Slot(key=f"section_three.{row}.{column}") for column in (*APPLICANTS, "total"))


def _group(label: str, rows: tuple[tuple[str, str], ...]) -> list[Row]:
    return [
        (*((Slot(label, rows=len(rows)),) if index == 0 else ()), Slot(text), *_values(key))
        for index, (key, text) in enumerate(rows)
    ]


def _section_three(form: str) -> Table:
    organisations = ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
    results: list[Row] = [
        (Slot("（一）予以公开", columns=2), *_values("granted")),
        (
            Slot("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", columns=2),
            *_values("partially_granted"),
        ),
        *_group("（三）不予公开", _DENIED),
        *_group("（四）无法提供", _UNABLE),
        *_group("（五）不予处理", _REJECTED),
    ]
    if form == "2021":
        results += _group("（六）其他处理", _OTHER)
    else:
        results.append((Slot("（六）其他处理", columns=2), *_values("other")))
    results.append((Slot("（七）总计", columns=2), *_values("total_results")))
    results[0] = (Slot("三、本年度办理结果", rows=len(results)), *results[0])
    return (
        (Slot(_CORNER, rows=3, columns=3), Slot("申请人情况", columns=7)),
        (Slot("自然人", rows=2), Slot("法人或其他组织", columns=5), Slot("总计", rows=2)),
        tuple(Slot(label) for label in organisations),
        (Slot("一、本年新收政府信息公开申请数量", columns=3), *_values("new_received")),
        (Slot("二、上年结转政府信息公开申请数量", columns=3), *_values("carried_over")),
        *results,
        (Slot("四、结转下年度继续办理", columns=3), *_values("carried_forward")),
    )


def _section_four() -> Table:
    outcomes = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    return (
        (Slot("行政复议", columns=5), Slot("行政诉讼", columns=10)),
        (
            *(Slot(label, rows=2) for label in outcomes),
            Slot("未经复议直接起诉", columns=5),
            Slot("复议后起诉", columns=5),
        ),
        tuple(Slot(label) for label in outcomes * 2),
        tuple(
            Slot(key=f"section_four.{block}.{column}") for block in DISPUTE_BLOCKS for column in DISPUTE_COLUMNS
        ),
    )


@cache
def drawing(form: str) -> tuple[Table, Table, Table]:
    """The tables of sections two, three and four; ``form`` is ``2019`` or ``2021``, else KeyError."""
    section_two = {"2019": _section_two_2019, "2021": _section_two_2021}[form]
    return section_two(), _section_three(form), _section_four()


def cell_keys(form: str) -> tuple[str, ...]:
    """The keys of all cells of a form in drawn order: 198 in ``2019``, 200 in ``2021``."""
    return tuple(slot.key for table in drawing(form) for row in table for slot in row if slot.key is not None)
