"""Single sentences as reports write them, and the traps among them; the wording is our own."""

import time

import pytest

from parsers.narrative import CLOSED, OPEN, SCATTERED, Topic, read_narrative, subsections
from parsers.schema import Fact, Section

YEAR = 2023
APPLICATIONS = "（二）依申请公开情况。"


def read(text: str, section: int = 1, year: int | None = YEAR) -> tuple[Fact, ...]:
    return read_narrative({section: Section(section, True, "一、总体情况", text)}, year)


def told(text: str, key: str, section: int = 1) -> list[float]:
    """The exact numbers under a key."""
    return [
        float(fact.value)
        for fact in read(text, section)
        if fact.key == key and not (fact.cumulative or fact.approximate or fact.bound)
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2023年，我局共收到政府信息公开申请12件。", 12),
        ("全年新收政府信息公开申请 7 件。", 7),
        ("2023年度接收政府信息公开申请共计3宗。", 3),
        ("本年度受理依申请公开4件。", 4),
        ("共接到5件政府信息公开申请。", 5),
        ("今年收到群众提交的依申请公开事项１１件。", 11),
        ("年内收到信息公开申请二十一件。", 21),
        ("全县收到各类政府信息公开申请1,204件。", 1204),
        ("政府信息公开申请数量为9件。", 9),
        ("收到和处理政府信息公开申请共6件。", 6),
        ("受理政府信息公开申请0件。", 0),
        ("收到通过信函、网络提交的政府信息公开申请15件。", 15),
        ("上年结转政府信息公开申请2件，本年新收政府信息公开申请10件。", 10),
        ("较2022年而言申请有所减少，2023年收到政府信息公开申请8件。", 8),
        ("1-12月收到政府信息公开申请9件。", 9),
        ("2023年1月1日至12月31日收到政府信息公开申请9件。", 9),
        ("截至2023年12月底收到政府信息公开申请9件。", 9),
        ("去年收到政府信息公开申请9件，今年收到政府信息公开申请4件。", 4),
        (APPLICATIONS + "全年共收到5件，办结4件，结转下年度继续办理1件。", 5),
        ("依申请公开方面，全年共收到6件，全部办结。", 6),
        ("收到政府信息公开申请13件，涉及申请事项41个。", 13),
        ("收到政府信息公开申请2件、行政复议1件。", 2),
    ],
)
def test_applications_received(text: str, number: int) -> None:
    assert told(text, "applications_received") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "本年度没有收到政府信息公开申请。",
        "2023年未收到公民、法人和其他组织提出的政府信息公开申请。",
        "未收到通过信函、网络等方式提出的政府信息公开申请。",
        "我镇2023年尚未收到过依申请公开事项。",
        "全年无依申请公开事项。",
        "今年无公民提出政府信息公开申请。",
        "2023年依申请公开零报告。",
        "本年未发生依申请公开情况。",
        APPLICATIONS + "本年度未收到。",
        APPLICATIONS + "我镇没有收到群众申请。",
        APPLICATIONS + "无。",
        "（二）依申请公开情况\n零报告",
        "（二）依申请公开\n本年度无申请。",
        "截至2023年12月31日，未收到政府信息公开申请。",
    ],
)
def test_no_applications_told_in_words(text: str) -> None:
    (fact,) = [fact for fact in read(text) if fact.key == "applications_received"]
    assert (fact.value, fact.unit, fact.negated) == (0, "件", True)


@pytest.mark.parametrize(
    "text",
    [
        # documents handed out are no applications
        "依申请公开信息数3条。",
        "主动公开信息300条，依申请公开信息2条。",
        # answers without 收到
        "回应依申请公开2条。",
        "答复依申请公开2条。",
        # calls beside the figures on applications
        "受理12345热线3519件，办结3500件。",
        APPLICATIONS + "受理12345热线转办3519件。",
        APPLICATIONS + "办理人大建议3件，收到网民留言15条。",
        # other years, changes, plans
        "2022年收到政府信息公开申请5件。",
        "上一年度收到政府信息公开申请5件。",
        "政府信息公开申请较去年增加3件。",
        "收到政府信息公开申请与上年相比增加3件。",
        "2024年计划收到政府信息公开申请5件。",
        "对去年收到的5件政府信息公开申请进行回访。",
        # parts of the year
        "上半年收到政府信息公开申请5件。",
        "1-6月收到政府信息公开申请5件。",
        "第三季度收到政府信息公开申请5件。",
        "截至2023年11月底收到政府信息公开申请5件。",
        "12月收到政府信息公开申请5件。",
        # what others received, or one kind, or one way
        "协助县政府办收到政府信息公开申请5件。",
        "收到上级转办的政府信息公开申请5件。",
        "收到征地类政府信息公开申请5件。",
        "收到企业政府信息公开申请5件。",
        "收到网络政府信息公开申请5件。",
        # acts are not applications, matters are not applications
        "涉及政府信息公开申请事项83项。",
        # one way of many, one organ of many
        "未收到网络申请。",
        "除网上申请外，未收到其他政府信息公开申请。",
        "有3个部门未收到政府信息公开申请。",
        # other kinds of applications
        "未收到行政复议申请。",
        "撤回政府信息公开申请1件。",
        "收到行政许可申请20件。",
        # conditions and form words
        "如未收到政府信息公开申请，应当实行零报告。",
        "无正当理由大量反复申请",
        "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
        "健全政府信息公开申请接收、登记、办理、审核、答复、归档等环节的制度规范。",
        "每收到1件政府信息公开申请都登记在册。",
        # numbers that may be two, ranges, damaged numbers
        "收到政府信息公开申请二三十件。",
        "收到政府信息公开申请3-5件。",
        "收到政府信息公开申请3、5件。",
        "收到政府信息公开申请1 113件。",
        "收到政府信息公开申请1，113件。",
        "收到政府信息公开申请3.5件。",
        "收到政府信息公开申请数十件。",
        "《条例》第27条规定收到政府信息公开申请的，应当登记。",
        "收到政府信息公开申请件。",
    ],
)
def test_what_is_no_number_of_applications(text: str) -> None:
    assert told(text, "applications_received") == []


@pytest.mark.parametrize(
    ("text", "qualities"),
    [
        ("收到政府信息公开申请120余件。", {"approximate": True}),
        ("收到政府信息公开申请约120件。", {"approximate": True}),
        ("收到政府信息公开申请近120件。", {"approximate": True}),
        ("收到政府信息公开申请120多件。", {"approximate": True}),
        ("收到政府信息公开申请120件左右。", {"approximate": True}),
        ("收到政府信息公开申请120+件。", {"approximate": True}),
        ("收到政府信息公开申请120件以上。", {"bound": "at_least"}),
        ("收到政府信息公开申请超过120件。", {"bound": "at_least"}),
        ("收到政府信息公开申请不足120件。", {"bound": "at_most"}),
        ("收到政府信息公开申请不到120件。", {"bound": "at_most"}),
        ("近三年共收到政府信息公开申请120件。", {"cumulative": True}),
        ("近年来，我镇收到政府信息公开申请120件。", {"cumulative": True}),
        ("2021年至2023年收到政府信息公开申请120件。", {"cumulative": True}),
        ("自条例施行以来，共收到政府信息公开申请120件。", {"cumulative": True}),
        ("历年累计收到政府信息公开申请120件。", {"cumulative": True}),
        ("自2008年以来，共收到政府信息公开申请120件。", {"cumulative": True}),
        ("截至2023年底，累计收到政府信息公开申请120件。", {"cumulative": True}),
    ],
)
def test_qualities_of_a_number(text: str, qualities: dict[str, object]) -> None:
    (fact,) = read(text)
    names = ("approximate", "bound", "cumulative")
    assert fact.value == 120
    assert {name: getattr(fact, name) for name in names if getattr(fact, name)} == qualities


def test_a_number_in_tens_of_thousands_is_rounded() -> None:
    (fact,) = read("主动公开政府信息4.14万条。")
    assert (fact.value, fact.approximate) == (41400, True)


def test_acts_keep_their_unit() -> None:
    (fact,) = read("收到政府信息公开申请20件次。")
    assert (fact.value, fact.unit) == (20, "件次")


@pytest.mark.parametrize(
    ("text", "number", "derived"),
    [
        ("收到政府信息公开申请3件，均已按期答复。", 3, True),
        ("收到政府信息公开申请3件。全部按时办结。", 3, True),
        ("收到3件政府信息公开申请，办结3件。", 3, False),
        ("办结依申请公开81件。", 81, False),
        ("受理并办结政府信息公开申请6件。", 6, False),
        (APPLICATIONS + "共收到5件，其中已答复4件，结转下年1件。", 4, False),
    ],
)
def test_applications_answered(text: str, number: int, derived: bool) -> None:
    (fact,) = [fact for fact in read(text) if fact.key == "applications_answered"]
    assert (fact.value, fact.derived) == (number, derived)


@pytest.mark.parametrize(
    "text",
    [
        "收到政府信息公开申请3件，均已登记。",
        "收到政府信息公开申请3件，未能全部答复。",
        "收到政府信息公开申请3件，其中当面答复2件。",
        "收到政府信息公开申请30余件，均已答复。",
        "没有收到政府信息公开申请，网民留言均已答复。",
        "收到咨询3件，均已答复。",
    ],
)
def test_what_is_no_number_of_answers(text: str) -> None:
    assert told(text, "applications_answered") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2023年，我镇主动公开政府信息106条。", 106),
        ("全年共主动公开各类信息1,113条。", 1113),
        ("主动公开信息三百二十篇。", 320),
        ("通过县政府网站主动公开信息58则。", 58),
        ("全年共发布各类政府信息249条。", 249),
        ("本年度共生成65条政府信息。", 65),
        ("政府信息主动公开88件。", 88),
        ("主动公开 77 条。", 77),
        ("截至2023年底，历年累计主动公开政府信息191条，其中本年度主动公开141条。", 141),
    ],
)
def test_proactive_total(text: str, number: int) -> None:
    assert told(text, "proactive_items_total") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "微信公众号发布信息315条。",
        "镇公示栏公开政务信息158条。",
        "政务新媒体发布信息2300条。",
        "主动公开政府信息20余万条。",
        "主动公开政府信息4.14万条。",
        "主动公开信息500+条。",
        "2022年主动公开政府信息106条。",
        "主动公开政府信息比上年增加20条。",
        "明年力争主动公开政府信息200条。",
        "要求各单位每月主动公开信息5条。",
        "依申请公开政府信息5条。",
        "主动公开规范性文件5件。",
        "、主动公开、",
        "3403,",
        "主动公开预决算信息6条。",
        "全年累计公开公文类政府信息66条，发布动态信息2901条。",
    ],
)
def test_what_is_no_proactive_total(text: str) -> None:
    assert told(text, "proactive_items_total") == []


@pytest.mark.parametrize(
    ("text", "key", "number"),
    [
        ("制发规范性文件5件。", "normative_documents_issued_total", 5),
        ("本年度制定行政规范性文件3份。", "normative_documents_issued_total", 3),
        ("出台2件规范性文件。", "normative_documents_issued_total", 2),
        ("主动公开规范性文件数32条。", "normative_documents_published", 32),
        ("本年度未制发行政规范性文件。", "normative_documents_issued_total", 0),
        ("废止规范性文件4件。", "normative_documents_repealed", 4),
        ("集中公开现行有效行政规范性文件93件。", "normative_documents_in_force", 93),
        ("因政府信息公开被申请行政复议2件、行政诉讼1件。", "reviews", 2),
        ("因政府信息公开被申请行政复议2件、行政诉讼1件。", "lawsuits", 1),
        ("因政府信息公开发生3起行政诉讼。", "lawsuits", 3),
        ("行政复议、行政诉讼案件共0件。", "reviews", 0),
        ("未发生因政府信息公开引起的行政复议、行政诉讼。", "lawsuits", 0),
        ("无行政复议案件。", "reviews", 0),
        ("上年结转政府信息公开申请2件。", "carried_over", 2),
        ("2022年结转申请2件，已办结。", "carried_over", 2),
        ("结转2024年继续办理1件。", "carried_forward", 1),
        ("顺延至下一年度办理3件。", "carried_forward", 3),
        ("镇公告栏张贴公示信息21期。", "public_notice_board_items", 21),
        ("建立的微信公众号，截至目前已推送200期。", "wechat_issues", 200),
        ("全镇30个行政村设立公开栏。", "administrative_villages", 30),
        ("办理网民留言咨询6件。", "netizen_suggestions", 6),
        ("承办人大代表建议和政协提案8件。", "proposals_received", 8),
        ("申请答复率100%。", "applications_answered_rate", 100),
        ("群众满意率为98.5％。", "rate", 98.5),
    ],
)
def test_other_numbers(text: str, key: str, number: float) -> None:
    assert [fact.value for fact in read(text) if fact.key == key] == [number]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("发布政策文件30件。", "normative_documents_published"),
        ("公开规范性文件等各类信息120条。", "normative_documents_published"),
        ("备案审查规范性文件30件。", "normative_documents_issued_total"),
        ("现行有效的规范性文件。", "normative_documents_in_force"),
        ("行政复议纠错0件。", "reviews"),
        ("未经复议直接起诉", "lawsuits"),
        # of all kinds, not of disclosure
        ("全年发生3起行政诉讼。", "lawsuits"),
        ("办理行政复议案件15件，其中涉及政府信息公开1件。", "reviews"),
        ("发生行政复议、行政诉讼共3件。", "reviews"),
        ("发生行政复议、行政诉讼共3件。", "lawsuits"),
        ("发文量同比增长120%。", "rate"),
        ("一件事一次办", "listed_whole"),
    ],
)
def test_what_is_not_read_as_something_else(text: str, key: str) -> None:
    assert not any(fact.key == key for fact in read(text))


@pytest.mark.parametrize(
    ("text", "amount", "negated"),
    [
        ("本年度收取信息处理费380元。", 380, False),
        ("收取信息处理费0.04万元。", 400, False),
        ("本年度未收取信息处理费。", 0, True),
        ("2023年，无收取信息处理费情况。", 0, True),
        ("信息处理费收取情况：无", 0, True),
        ("依据《政府信息公开信息处理费管理办法》收取信息处理费情况：无。", 0, True),
        ("本局政府信息公开未发生收费情况。", 0, True),
        ("2023年没有收取任何费用。", 0, True),
    ],
)
def test_information_processing_fee(text: str, amount: float, negated: bool) -> None:
    (fact,) = read(text, section=6)
    assert (fact.key, fact.value, fact.unit, fact.negated) == ("info_processing_fee", amount, "元", negated)


@pytest.mark.parametrize(
    "text",
    ["未及时学习《政府信息公开信息处理费管理办法》。", "信息处理费每件30元。", "信息处理费收取标准为每页10元。"],
)
def test_what_is_no_fee(text: str) -> None:
    assert told(text, "info_processing_fee", section=6) == []


def test_quotes_are_the_printed_words() -> None:
    (fact,) = read("2023 年度，我镇共 收到 政府信息 公开申请 3 件（均为网上提交），情况良好。")
    assert fact.quote == "我镇共 收到 政府信息 公开申请 3 件"


def test_a_denial_quotes_its_own_clause() -> None:
    facts = read("未收到政府信息公开申请，未发生因政府信息公开引起的行政复议、行政诉讼。")
    assert [fact.quote for fact in facts if fact.key == "lawsuits"] == [
        "未发生因政府信息公开引起的行政复议、行政诉讼"
    ]


def test_facts_come_in_the_order_of_the_text() -> None:
    text = "主动公开政府信息50条。收到政府信息公开申请2件，均已办结。未发生行政复议、行政诉讼。"
    keys = [fact.key for fact in read(text)]
    assert keys == [
        "proactive_items_total",
        "applications_received",
        "applications_answered",
        "reviews",
        "lawsuits",
    ]


def test_without_report_year_only_words_tell_another_year() -> None:
    assert [f.value for f in read("2022年收到政府信息公开申请5件。", year=None)] == [5]
    assert read("去年收到政府信息公开申请5件。", year=None) == ()


def test_absent_sections_say_nothing() -> None:
    assert read_narrative({1: Section(1, False), 5: Section(5, True, "五、", "")}, YEAR) == ()


def test_a_number_told_twice_is_one_fact() -> None:
    assert told("主动公开政府信息50条。共主动公开政府信息50条。", "proactive_items_total") == [50]


def groups(text: str) -> dict[str, list[float]]:
    """The groups by name: the whole first, then its parts, shares left out."""
    found: dict[str, list[float]] = {}
    for fact in read(text):
        if fact.group and fact.unit != "%":
            found.setdefault(fact.group.split(":")[0], []).append(float(fact.value))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("主动公开信息100条，其中：财政20条，民政50条，农业40条。", {CLOSED: [100, 20, 50, 40]}),
        ("收到政府信息公开申请12件，其中网络申请7件、信函申请5件。", {CLOSED: [12, 7, 5]}),
        ("主动公开信息100条，其中工作动态60条、通知公告20条等。", {OPEN: [100, 60, 20]}),
        ("主动公开信息100条，其中政策文件60条，会议10次。", {OPEN: [100, 60]}),
        ("公开政务信息158条，其中公开规范性文件32条，制发规范性文件总数455条。", {OPEN: [158, 32]}),
        # channels repeat the same items, estimates and totals of all years add up to nothing
        ("主动公开信息100条，其中网站100条，微信公众号80条。", {}),
        ("主动公开信息100余条，其中财政80条，民政50条。", {}),
        ("历年累计公开信息100条，其中财政80条，民政50条。", {}),
        ("主动公开信息100条，其中财政80余条，民政50条。", {}),
        # parts of a part stay out
        ("收到申请10件，其中自然人8件（其中网上5件）、法人2件。", {OPEN: [10, 8]}),
        # states of the same applications overlap
        ("收到政府信息公开申请10件，其中答复9件，予以公开8件。", {}),
        # kinds told elsewhere, on the organ's own pages
        ("共生成65条政府信息。公开了2条会议公开和3条决策公开。工作动态共63条信息。", {SCATTERED: [65, 2, 3, 63]}),
        ("历年累计生成65条政府信息。公开了2条会议公开和3条决策公开。工作动态63条。", {}),
        ("共生成60余条政府信息。公开了2条会议公开和3条决策公开。工作动态63条。", {}),
        ("共生成65条政府信息。公开了2条会议公开。微信公众号发布工作动态63条。", {}),
        ("共生成65条政府信息。公开了2条会议公开，工作动态630条。", {}),
        ("共生成65条政府信息。公开了2条会议公开，工作动态63篇。", {}),
    ],
)
def test_wholes_and_their_parts(text: str, expected: dict[str, list[float]]) -> None:
    assert groups(text) == expected


def test_the_whole_of_a_group_is_marked() -> None:
    facts = read("主动公开信息70条，其中财政20条，民政50条。")
    assert [fact.whole for fact in facts] == [True, False, False]


def test_subsections_take_outer_headings_and_keep_inner_ones_as_text() -> None:
    text = "领起的话。\n（一）主动公开\n1、数量。公开50条。\n（二）依申请公开\n1、办理。\n规范办理。"
    first, second = subsections(text)
    assert (first.heading, first.topic, first.body) == ("主动公开", Topic.PROACTIVE, "数量\n公开50条。")
    assert (second.heading, second.topic, second.body) == ("依申请公开", Topic.APPLICATIONS, "办理\n规范办理。")


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        (
            "1.主动公开。好。\n2.依申请公开。好。\n3.平台建设。好。",
            [Topic.PROACTIVE, Topic.APPLICATIONS, Topic.OTHER],
        ),
        ("一、依申请公开办理情况\n好。\n二、平台建设\n好。", [Topic.APPLICATIONS, Topic.OTHER]),
        ("**（二）依申请公开。**好。", [Topic.APPLICATIONS]),
        ("（一）主动公开和依申请公开情况\n好。", [Topic.OTHER]),
        ("依申请公开方面。好。", [Topic.APPLICATIONS]),
        ("今年以来，依申请公开工作平稳。", []),
    ],
)
def test_topics_of_subsections(text: str, topics: list[Topic]) -> None:
    assert [each.topic for each in subsections(text)] == topics


def test_the_topic_ends_with_its_subsection() -> None:
    text = "1.依申请公开。收到2件。\n2.平台建设。平台收到9件。"
    assert told(text, "applications_received") == [2]


@pytest.mark.parametrize(
    "piece",
    [
        "（二）依申请公开。" + "办结5件，" * 30,
        "收到申请它5件，办结5件。",
        "因信息公开发生行政复议2件，",
        "主动公开信息" + "共计" * 9 + "它5件，",
        "主动公开" + "政府信息" * 5 + "它5件，",
        "收到" * 9 + "政府信息公开申请" * 2 + "它5件，",
        "未" + "发生" * 30,
        "无没有未" * 20,
        "其中（" * 20 + "5件",
        "2022年以来截至" * 10,
        "一" * 80 + "件",
        "1,234,567" * 10 + "件",
    ],
)
def test_hostile_prose_takes_no_more_than_its_length_deserves(piece: str) -> None:
    length = 60_000
    start = time.process_time()
    read((piece * (length // len(piece) + 1))[:length])
    assert time.process_time() - start < 5
