"""Prose as real reports write it beside tables that fit it: no rule on the prose may accuse the organ."""

from typing import Any

import pytest

from monitor.rules.base import Fail, Finding, Severity
from monitor.rules.narrative import NARRATIVE_RULES
from tests.monitor.rules.building import COUNTY, DEPARTMENT, TOWN, Changes
from tests.monitor.rules.narrative_examples import row, says

HEAD = "（二）依申请公开。"
REVIEW: Changes = {"section_four.review.total": 1, "section_four.review.upheld": 1}


def table(received: int, carried_over: int = 0, carried_forward: int = 0) -> Changes:
    """The totals of section three: received and carried over come to results and carried forward."""
    return {
        **row("new_received", received),
        **row("carried_over", carried_over),
        **row("total_results", received + carried_over - carried_forward),
        **row("carried_forward", carried_forward),
    }


def accusations(words: str, cells: Changes, **context: Any) -> list[tuple[str, str]]:
    given = says(words, cells, **context)
    found: list[Finding] = []
    for rule in (rule for rule in NARRATIVE_RULES if rule.id != "N-04"):
        result = rule.evaluate(given)
        if isinstance(result, Fail):
            found.extend(result.findings)
    return [(each.rule, each.message()) for each in found if each.severity is not Severity.NOTICE]


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        # documents and answers are no applications
        ("（二）依申请公开情况。公开依申请公开事项3件。", table(0)),
        (HEAD + "全年提供依申请公开信息事项3件。", table(0)),
        ("2023年答复依申请公开2条。", table(0)),
        ("回应依申请公开2条。", table(0)),
        # some applicants, some applications
        ("未收到法人或其他组织的政府信息公开申请，收到自然人申请3件。", table(3)),
        ("没有收到企业提出的政府信息公开申请。", table(3)),
        ("未收到自然人提出的政府信息公开申请。", table(3)),
        ("未收到涉及商业秘密的政府信息公开申请。", table(3)),
        ("未收到要求公开征地批文的政府信息公开申请。", table(3)),
        ("未收到有关拆迁的政府信息公开申请。", table(3)),
        ("未收到书面的政府信息公开申请。", table(3)),
        ("无依申请公开不予公开的情况。", table(3)),
        ("全年无政府信息公开申请超期未办的情况。", table(3)),
        ("没有收到政府信息公开申请方面的投诉。", table(3)),
        ("无政府信息公开申请被纠错情形。", table(3)),
        (HEAD + "不予受理1件，依法受理2件，共收到3件。", table(3)),
        # other organs
        ("全县各单位收到政府信息公开申请112件，我镇收到3件。", table(3)),
        ("2023年，全县共收到政府信息公开申请112件，其中我镇3件。", table(3)),
        ("全市收到政府信息公开申请112件、我局3件。", table(3)),
        # several numbers of which one is the whole
        (HEAD + "县政府办转来申请2件，自行收到1件，共3件。", table(3)),
        (HEAD + "全年线上受理申请2件，另有现场提交1件。", table(3)),
        (HEAD + "通过县政府网站收到申请2件，信函1件。", table(3)),
        ("收到网上提交的政府信息公开申请2件，当面提交的1件。", table(3)),
        ("上半年收到政府信息公开申请1件，下半年2件。", table(3)),
        ("1-6月收到政府信息公开申请1件，7-12月2件。", table(3)),
        ("第一季度收到政府信息公开申请1件，其他季度共2件。", table(3)),
        ("收到政府信息公开申请3件，其中2件为自然人，1件为企业；予以公开2件，信息不存在1件。", table(3)),
        ("共收到依申请公开3件（其中网上2件，现场1件），按时办结率100%。", table(3)),
        ("政府信息公开申请2件涉及征地，1件涉及规划。", table(3)),
        ("其中，政府信息公开申请2件为征地类，1件为规划类，共收到3件。", table(3)),
        ("收到征地类政府信息公开申请2件，规划类1件。", table(3)),
        ("收到网络政府信息公开申请2件。另收到当面申请1件。", table(3)),
        (HEAD + "收到县政府办转办申请2件、镇政府直接受理1件，均已答复。", table(3)),
        ("会同司法局研判政府信息公开申请1件。", table(3)),
        ("收到上级转办政府信息公开申请1件。", table(3)),
        ("协助县政府办答复政府信息公开申请5件。", table(3)),
        ("抽查政府信息公开申请答复5件。", table(3)),
        ("指导下属单位答复政府信息公开申请5件。", table(3)),
        # other times
        ("自条例施行以来，我镇共收到政府信息公开申请30件，今年2件。", table(2)),
        ("近三年共收到政府信息公开申请30件。", table(2)),
        ("近年来，我镇收到政府信息公开申请30件，均已答复。", table(2)),
        ("2021年至2023年共收到政府信息公开申请30件。", table(2)),
        ("截至2023年11月底收到政府信息公开申请2件。", table(3)),
        ("12月收到政府信息公开申请1件。", table(3)),
        # whole reports' worth of sentences that agree
        (HEAD + "受理依申请公开12件（上年结转2件，本年新收10件），办结11件，结转下年1件。", table(10, 2, 1)),
        (HEAD + "全年收到申请10件，已办结9件（其中3件延期答复），1件正在办理。", table(10, 0, 1)),
        (HEAD + "通过电话咨询等方式解答120人次，收到申请3件，已全部办结。", table(3)),
        ("收到政府信息公开申请3件，信箱收到网民留言40条，答复40条。", table(3)),
        # another matter goes on to the next clause
        (HEAD + "全年受理群众来电3519件，办结3519件。", table(0)),
        (HEAD + "我局受理行政许可申请56件，办结56件。", table(0)),
        (HEAD + "办理人大建议5件，答复5件。", table(0)),
        (HEAD + "承办12345工单100件，均按时办理，已办结100件。", table(0)),
        (HEAD + "全年受理矛盾纠纷56件，办结56件。", table(0)),
        (HEAD + "政务服务中心受理5000件，办结5000件。", table(0)),
        (HEAD + "办理各类行政审批事项1200件，办结1200件。", table(0)),
        (HEAD + "受理群众来电20件。办结20件。", table(0)),
        (HEAD + "收到来件30件，答复30件。", table(0)),
        (HEAD + "便民服务大厅共受理业务870件，按时办结870件。", table(0)),
        (HEAD + "县长信箱收到信件30封，答复30件。", table(0)),
        (HEAD + "收到申请3件，结转1件。受理来电20件，全部办结。", table(3, 0, 1)),
        (HEAD + "上年结转行政处罚案件3件。", table(0)),
        (HEAD + "查处违法案件8件，其中3件结转下年度办理。", table(0)),
        # answers told in parts
        ("收到申请3件，按期答复2件，延期答复1件。", table(3)),
        (HEAD + "收到申请3件，按期答复2件，延期答复1件。", table(3)),
        (HEAD + "收到申请3件，按时办结2件，1件延期办结。", table(3)),
        (HEAD + "收到申请3件，已答复2件，另1件经补正后答复。", table(3)),
        (HEAD + "收到申请3件，除1件结转外，其余均已答复。", table(3, 0, 1)),
        (HEAD + "收到申请3件，2件均已答复，1件正在办理。", table(3, 0, 1)),
        (HEAD + "收到申请3件，1件正在办理，其他全部答复。", table(3, 0, 1)),
        (HEAD + "收到申请3件，对符合条件的均予以答复。", table(3, 0, 1)),
        (HEAD + "收到申请3件，均已答复或正在办理。", table(3, 0, 1)),
        (HEAD + "收到申请3件，当年答复3件；另答复上年结转1件。", table(3, 1)),
        # reviews and lawsuits of all kinds
        ("全年办理各类行政复议案件15件，其中涉及政府信息公开1件。", REVIEW),
        ("办理行政诉讼案件23件，未发生因政府信息公开引起的行政诉讼。", {}),
        ("代理县政府行政诉讼23件。", {}),
        ("全年发生行政复议15件、行政诉讼8件。", {}),
        ("加强政府信息公开，全年应对行政诉讼8件。", {}),
        ("办理政府信息公开行政复议案件6件。", {}),
        ("审理政府信息公开行政复议案件6件。", {}),
        ("全年未发生行政复议被纠错、行政诉讼败诉情况。", REVIEW),
        ("未发生因政府信息公开行政复议被撤销的情况。", REVIEW),
        ("没有因不依法履行公开义务引发的行政复议。", REVIEW),
        ("行政处罚零差错，未发生行政复议。", REVIEW),
        ("上年结转政府信息公开行政复议2件，新发生1件。", REVIEW),
        (HEAD + "收到申请3件，涉及行政复议1件。", table(3)),
        ("2022年因政府信息公开引发行政复议3件，2023年1件。", REVIEW),
        # documents
        (
            "微信公众号发布规范性文件1件。",
            {"section_two.normative_documents.issued": 3, "section_two.normative_documents.in_force": 8},
        ),
        ("印发党内规范性文件5件。", {}),
        ("县政府印发规范性文件12件，我局起草2件。", {}),
        ("代拟并印发规范性文件2件。", {}),
        ("拟废止规范性文件3件。", {}),
        ("以县政府名义制发规范性文件12件。", {}),
        ("参与制定规范性文件6件。", {}),
        ("制定规范性文件3件（含党委文件1件）。", {}),
        # divisions that overlap
        ("主动公开信息100条，其中文字80条，图片40条，视频10条。", {}),
        ("主动公开信息100条，其中县政府网90条，专栏40条。", {}),
        ("发布信息100条，其中被市级采用60条，省级采用50条。", {}),
        ("主动公开信息100条，其中重点领域信息80条，财政信息40条。", {}),
        ("收到政府信息公开申请10件，其中涉及征地7件，涉及财政3件，涉及规划2件。", table(10)),
        (
            "现行有效规范性文件8件，其中本年制发3件，主动公开8件。",
            {"section_two.normative_documents.issued": 3, "section_two.normative_documents.in_force": 8},
        ),
    ],
)
@pytest.mark.parametrize("organ", [None, TOWN, DEPARTMENT])
def test_prose_that_fits_its_tables_is_not_accused(words: str, cells: Changes, organ: Any) -> None:
    assert accusations(words, cells, organ=organ) == []


def test_a_county_is_held_to_what_it_says_of_the_whole_county() -> None:
    words = "全市收到政府信息公开申请500件，我县收到政府信息公开申请112件。"
    assert accusations(words, table(112), organ=COUNTY) == []
    assert "112件" in accusations(words, table(113), organ=COUNTY)[0][1]
    words = "全县各单位收到政府信息公开申请112件。"
    assert accusations(words, table(112), organ=COUNTY) == []
    assert accusations(words, table(3), organ=COUNTY)


@pytest.mark.parametrize(
    ("words", "cells", "rule"),
    [
        ("2023年全年群众通过政府信息公开网提交的依申请公开事项1件，全部已及时回复。", table(0), "N-01"),
        ("未收到公民、法人和其他组织提出的政府信息公开申请。", table(3), "N-01"),
        ("未收到单位和个人的政府信息公开申请。", table(3), "N-01"),
        ("本年度无依申请公开情况。", table(3), "N-01"),
        ("本年度没有收到政府信息公开申请，也没有发生行政复议。", table(3), "N-01"),
        (HEAD + "共收到5件，办结5件。", table(3), "N-01"),
        (HEAD + "做好申请的登记、办理，全年收到5件。", table(3), "N-01"),
        (HEAD + "受理12345热线转来的政府信息公开申请5件，办结5件。", table(3), "N-02"),
        (HEAD + "收到申请3件，办结5件。", table(3), "N-02"),
        (HEAD + "收到申请3件，均已答复。", table(3, 0, 1), "N-02"),
        ("办结依申请公开5件。", table(3), "N-02"),
        ("因政府信息公开引起的行政复议2件，行政诉讼0件。", REVIEW, "N-03"),
        ("收到政府信息公开申请3件，引发行政复议2件。", {**table(3), **REVIEW}, "N-03"),
        ("未发生因政府信息公开引起的行政复议。", REVIEW, "N-03"),
        ("全年无行政复议、行政诉讼案件。", REVIEW, "N-03"),
        ("上年结转政府信息公开申请2件。", table(3), "N-03"),
        ("主动公开信息100条，其中财政80条，民政40条。", {}, "N-06"),
    ],
)
def test_what_does_not_fit_is_still_told(words: str, cells: Changes, rule: str) -> None:
    assert rule in [each for each, _ in accusations(words, cells, organ=TOWN)]
