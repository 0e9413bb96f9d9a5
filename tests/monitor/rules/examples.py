"""For every rule outside the narrative family: a passing, a failing and a not-assessable example."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from monitor.rules.base import EarlierYear, OtherReport, Subject
from parsers.schema import DocumentKind, Fact, Lint, Place, Report, Section
from tests.monitor.rules.building import (
    ABSENT,
    BLANK,
    COUNTY_ORGANS,
    DEPARTMENT,
    OTHER_TOWN,
    TOWN,
    UNREADABLE,
    Changes,
    Examples,
    Value,
    build_report,
    one_application,
    printed_cell,
    prose,
    subject,
)

NO_REPORT = Report(kind=DocumentKind.OTHER, media_type="text/html", title="柳溪镇2023年年报图解", report_year=2023)
NO_REPORT_2019 = Report(
    kind=DocumentKind.OTHER, media_type="text/html", title="柳溪镇2019年年报图解", report_year=2019
)

NO_PROSE = dict.fromkeys(prose(2023), "")
NO_TABLES: Changes = {"section_two.*": ABSENT, "section_three.*": ABSENT, "section_four.*": ABSENT}


def cells(form: str = "2021", **changes: Value) -> Subject:
    """A subject with cells of section two changed: ``row__column=value``."""
    return subject(build_report(form, changes={_key(name): value for name, value in changes.items()}))


def _key(name: str) -> str:
    return "section_two." + name.replace("__", ".")


def three(**changes: Value) -> Subject:
    """One application, granted, with cells of section three changed."""
    return subject(build_report(changes=one_application(**changes)))


def text(number: int, words: str, form: str = "2021") -> Subject:
    """A subject with the prose of one section replaced."""
    return subject(build_report(form, text={number: words}))


def lint(code: str, words: str) -> Subject:
    """A subject whose reading met something."""
    return subject(build_report(lints=(Lint(code, words, Place(table=2)),)))


def following(form: str, before: Changes, now: Changes, years: tuple[int, int]) -> Subject:
    """A subject with the report of the year before."""
    return subject(
        build_report(form, years[1], now),
        previous=build_report(form, years[0], before),
    )


PLAIN_WORDS = (
    "2022年，柳溪镇党政办公室每月收集各村要公开的事项，由分管负责人逐条审阅，再由专人发布到县政府网站的本镇专栏，"
    "全年共发布86条，其中会议12条、工程招标9条、救助名单31条；每个村口都立了公开栏，每季度更换一次内容，"
    "并请村民代表到场核对，提出的17条意见都已改正。"
)


def last_years_text(then: str, now: str) -> Subject:
    """A subject whose section one is compared with last year's, the sentences of the county being known."""
    return subject(
        build_report(text={1: now, 5: ""}),
        previous=build_report(year=2022, text={1: then, 5: ""}),
        county_sentences=frozenset(),
    )


NEW_RECEIVED = "section_three.new_received.total"


def earlier(two_years_ago: int, last_year: int, now: int) -> Subject:
    """A subject that received so many applications in three years."""
    return subject(
        build_report(changes={NEW_RECEIVED: now}),
        previous=build_report(year=2022, changes={NEW_RECEIVED: last_year}),
        earlier=(EarlierYear(2021, "2021", {NEW_RECEIVED: two_years_ago}),),
    )


def last_years_number(then: int, now: int, *, told: int) -> Subject:
    """A subject that received ``now`` applications, ``then`` the year before, and tells of ``told``."""

    def received(year: int, number: int, words: int) -> Report:
        quote = f"{year}年收到政府信息公开申请{words}件"
        return build_report(
            "2021",
            year,
            {f"section_three.{row}.total": number for row in ("new_received", "granted", "total_results")},
            text={1: f"{quote}。"},
            narrative=(Fact("applications_received", words, "件", 1, quote),),
        )

    return subject(received(2023, now, told), previous=received(2022, then, then))


def of_department(judged: Subject) -> Subject:
    """The same subject as a department's."""
    return replace(judged, organ=DEPARTMENT)


FEES = "section_two.admin_fees.amount_wan"
REVIEWED: Changes = {"section_four.review.upheld": 1, "section_four.review.total": 1}
PENDING: Changes = {"section_four.review.pending": 2, "section_four.review.total": 2}
DECIDED: Changes = {"section_two.licensing.decisions": 40, "section_two.penalty.decisions": 12}
SUED: Changes = {"section_four.litigation_direct.upheld": 9, "section_four.litigation_direct.total": 9}
UNPAID: Changes = {"section_three.other_fee_unpaid.total": 1}


def answered(total: int, **rows: int) -> Changes:
    """The totals of answers of some kinds."""
    return {"section_three.total_results.total": total} | {
        f"section_three.{row}.total": number for row, number in rows.items()
    }


def fee(words: str, printed: Value, told: int) -> Subject:
    """A subject whose section six tells a fee beside the one of section two."""
    fact = Fact("info_processing_fee", told, "元", 6, words)
    return subject(build_report(changes={FEES: printed}, text={6: words}, narrative=(fact,)))


FORWARD: Changes = {
    f"section_three.{row}.{column}": 1
    for row in ("new_received", "carried_forward")
    for column in ("natural_person", "total")
}
OVER: Changes = {
    f"section_three.{row}.{column}": 1
    for row in ("carried_over", "granted", "total_results")
    for column in ("natural_person", "total")
}
BUSY: Changes = {
    **one_application(new_received__natural_person=2, new_received__total=2),
    "section_three.denied_third_party.natural_person": 1,
    "section_three.denied_third_party.total": 1,
    "section_three.total_results.natural_person": 2,
    "section_three.total_results.total": 2,
}

RULE_EXAMPLES: dict[str, Examples] = {
    "T2-00": Examples(
        subject(), cells(licensing__decisions=BLANK), subject(build_report(changes={"section_two.*": ABSENT}))
    ),
    "T2-01": Examples(
        subject(organ=TOWN),
        cells(regulations__issued=2, regulations__in_force=2),
        subject(build_report(organ="东湖新区管委会")),
    ),
    "T2-02": Examples(
        cells(normative_documents__issued=5, normative_documents__repealed=1, normative_documents__in_force=4),
        cells(normative_documents__issued=5, normative_documents__repealed=1, normative_documents__in_force=3),
        cells("2019"),
    ),
    "T2-03": Examples(
        cells(normative_documents__issued=5, normative_documents__in_force=9),
        cells(normative_documents__issued=5, normative_documents__in_force=5),
        cells("2019"),
    ),
    "T2-04": Examples(
        cells("2019", normative_documents__newly_published=2, normative_documents__total_public=2),
        cells("2019", normative_documents__newly_published=2, normative_documents__total_public=1),
        cells(),
    ),
    "T2-05": Examples(
        cells("2019", normative_documents__newly_made=2, normative_documents__newly_published=2),
        cells("2019", normative_documents__newly_made=2, normative_documents__newly_published=1),
        cells(),
    ),
    "T2-06": Examples(
        cells("2019", central_procurement__project_count=1, central_procurement__amount_wan=Decimal("3.5")),
        cells("2019", central_procurement__project_count=BLANK, central_procurement__amount_wan=Decimal("3.5")),
        cells(
            "2019", central_procurement__project_count=UNREADABLE, central_procurement__amount_wan=Decimal("3.5")
        ),
    ),
    "T2-07": Examples(
        cells("2019", licensing__prior_year_items=3, licensing__change=-3),
        cells("2019", licensing__prior_year_items=2, licensing__change=-3),
        cells(),
    ),
    "T2-08": Examples(
        cells("2019", penalty__prior_year_items=3, penalty__decisions=7),
        cells("2019", penalty__decisions=7),
        cells(),
    ),
    "T3-00": Examples(
        three(),
        subject(build_report(changes={"section_three.total_results.*": ABSENT})),
        subject(build_report(changes={"section_three.*": ABSENT})),
    ),
    "T3-01": Examples(
        three(),
        three(total_results__natural_person=0, total_results__total=0),
        subject(build_report(changes={"section_three.total_results.*": ABSENT})),
    ),
    "T3-02": Examples(
        three(),
        three(new_received__natural_person=2, new_received__total=2),
        subject(build_report(changes={"section_three.carried_forward.*": UNREADABLE})),
    ),
    "T3-03": Examples(
        three(),
        three(new_received__total=2),
        subject(build_report(changes={"section_three.*": BLANK})),
    ),
    "T3-04": Examples(
        three(),
        three(granted__business=BLANK),
        subject(build_report(changes={"section_three.*": ABSENT})),
    ),
    "T3-05": Examples(
        subject(),
        lint("number-in-group-head", "“法人或其他组织”下印有 3"),
        subject(build_report(changes={"section_three.*": ABSENT})),
    ),
    "T4-01": Examples(
        subject(build_report(changes={"section_four.review.upheld": 1, "section_four.review.total": 1})),
        subject(build_report(changes={"section_four.review.upheld": 1, "section_four.review.total": 2})),
        subject(build_report(changes={"section_four.*": ABSENT})),
    ),
    "T4-02": Examples(
        subject(),
        subject(build_report(changes={"section_four.review.upheld": UNREADABLE})),
        subject(build_report(changes={"section_four.*": ABSENT})),
    ),
    "Y-01": Examples(
        following("2021", FORWARD, OVER, (2022, 2023)),
        following("2021", FORWARD, {}, (2022, 2023)),
        following("2021", FORWARD, {}, (2021, 2023)),
    ),
    "Y-02": Examples(
        following(
            "2021",
            {"section_two.normative_documents.in_force": 4},
            {"section_two.normative_documents.issued": 1, "section_two.normative_documents.in_force": 5},
            (2022, 2023),
        ),
        following(
            "2021",
            {"section_two.normative_documents.in_force": 4},
            {"section_two.normative_documents.issued": 1, "section_two.normative_documents.in_force": 9},
            (2022, 2023),
        ),
        subject(build_report("2021", 2021), previous=build_report("2019", 2020)),
    ),
    "Y-03": Examples(
        following(
            "2019",
            {"section_two.licensing.prior_year_items": 4, "section_two.licensing.change": -1},
            {"section_two.licensing.prior_year_items": 3},
            (2019, 2020),
        ),
        following(
            "2019",
            {"section_two.licensing.prior_year_items": 4, "section_two.licensing.change": -1},
            {"section_two.licensing.prior_year_items": 4},
            (2019, 2020),
        ),
        subject(build_report("2021", 2021), previous=build_report("2019", 2020)),
    ),
    "Y-04": Examples(
        following("2021", PENDING, {**PENDING, **REVIEWED}, (2022, 2023)),
        following("2021", PENDING, {}, (2022, 2023)),
        following("2021", PENDING, {"section_four.*": ABSENT}, (2022, 2023)),
    ),
    "Y-05": Examples(
        following("2021", BUSY, {**BUSY, "section_two.licensing.decisions": 8}, (2022, 2023)),
        following("2021", BUSY, BUSY, (2022, 2023)),
        following("2021", one_application(), one_application(), (2022, 2023)),
    ),
    "Y-06": Examples(
        last_years_text(PLAIN_WORDS, prose(2023)[1]),
        last_years_text(PLAIN_WORDS, PLAIN_WORDS),
        last_years_text("2022年主动公开20条。", "2022年主动公开20条。"),
    ),
    "Y-07": Examples(earlier(12, 15, 60), earlier(12, 15, 700), replace(earlier(12, 15, 700), earlier=())),
    "Y-09": Examples(
        last_years_number(7, 9, told=9),
        last_years_number(7, 9, told=7),
        replace(last_years_number(7, 9, told=7), previous=None),
    ),
    "S-01": Examples(
        subject(),
        subject(build_report(absent_sections=(6,))),
        subject(build_report(absent_sections=(1, 2, 3, 4, 5))),
    ),
    "S-02": Examples(
        subject(),
        subject(
            build_report(
                sections={
                    **build_report().sections,
                    2: Section(2, True, "二、主动公开政府信息情况", "", Place(line=350)),
                }
            )
        ),
        subject(NO_REPORT),
    ),
    "S-03": Examples(
        subject(),
        subject(build_report(changes={"section_three.total_results.*": ABSENT})),
        subject(build_report(changes=NO_TABLES)),
    ),
    "S-04": Examples(
        subject(),
        lint("restarted-numbering", "第一部分内又从头编号：一、依申请公开；二、平台"),
        subject(build_report(text=NO_PROSE)),
    ),
    "S-05": Examples(
        subject(),
        text(
            5, "工作中还面临一些困难：一是人员都是兼职，力量不足；二是公开的深度不能满足群众要求，更新不够及时。"
        ),
        subject(build_report(absent_sections=(5,))),
    ),
    "S-06": Examples(subject(), text(6, "无"), subject(build_report(absent_sections=(6,)))),
    "S-07": Examples(
        subject(), lint("empty-heading", "“（二）其他事项”下没有内容"), subject(build_report(text=NO_PROSE))
    ),
    "S-08": Examples(
        subject(),
        text(1, "2023年柳溪镇把政务公开列入年度考核内容，加强责任追究。主动公开20条。"),
        subject(build_report(organ="云岭县林业局")),
    ),
    "S-09": Examples(subject(), text(1, "2023年柳溪镇主动公开政府信息20条。"), text(1, "")),
    "S-10": Examples(
        subject(),
        subject(build_report(changes=NO_TABLES)),
        subject(build_report(changes=NO_TABLES, absent_sections=(2, 3, 4))),
    ),
    "S-11": Examples(
        subject(),
        text(1, "XX年，柳溪镇主动公开政府信息20条。"),
        subject(build_report(text=NO_PROSE)),
    ),
    "L-01": Examples(subject(), lint("L-01", "表三表头没有“其他”"), subject(NO_REPORT)),
    "L-02": Examples(subject(), lint("L-02", "事业企业，格式用语为商业企业"), subject(NO_REPORT)),
    "L-03": Examples(subject(), lint("L-03", "“3.其他”印在第一列"), subject(NO_REPORT)),
    "L-04": Examples(subject(), lint("L-04", "政府信息管理情况"), subject(NO_REPORT)),
    "L-06": Examples(subject(), lint("second-reading-differs", "一读为“19”，二读为“14”"), subject(NO_REPORT)),
    "L-05": Examples(subject(), lint("L-05", "[bookmark: _GoBack]"), subject(NO_REPORT)),
    "V-01": Examples(
        subject(), subject(build_report("2019", 2022)), subject(build_report(form="2021", report_year=None))
    ),
    "V-02": Examples(
        subject(),
        subject(
            build_report(
                changes={
                    "section_three.other.*": 0,
                    "section_three.other_not_corrected.*": ABSENT,
                    "section_three.other_fee_unpaid.*": ABSENT,
                    "section_three.other_other.*": ABSENT,
                }
            )
        ),
        subject(build_report(changes={"section_three.*": ABSENT})),
    ),
    "V-03": Examples(subject(), lint("L-02", "规范性文件（格式：行政规范性文件）"), subject(NO_REPORT)),
    "I-01": Examples(
        subject(organ=TOWN),
        subject(build_report(organ="柳奚镇"), organ=TOWN, county_organs=COUNTY_ORGANS),
        subject(),
    ),
    "I-02": Examples(
        subject(),
        subject(build_report(title="柳溪镇政府信息公开工作年度报告", report_year_from="text")),
        subject(build_report(title=None)),
    ),
    "I-03": Examples(
        subject(build_report(organ="太平镇"), organ=OTHER_TOWN),
        subject(build_report(organ="太平镇人民政府")),
        subject(build_report(organ="柳溪镇")),
    ),
    "I-04": Examples(
        subject(organ=TOWN, county_organs=COUNTY_ORGANS),
        subject(organ=OTHER_TOWN, county_organs=COUNTY_ORGANS),
        subject(),
    ),
    "I-05": Examples(
        subject(), lint("stray-title-line", "标题之后多出一行“告”"), subject(build_report(title=None))
    ),
    "I-06": Examples(
        subject(build_report(preface="本报告数据统计期限为2023年1月1日至2023年12月31日。")),
        subject(build_report(preface="本报告数据统计期限为2022年1月1日至2022年12月31日。")),
        subject(build_report(title="柳溪镇政府信息公开工作年度报告", report_year_from="text")),
    ),
    "I-07": Examples(
        subject(organ=TOWN),
        text(1, "2023年柳溪镇按照县政府要求，派人参加区级培训。"),
        subject(build_report(text=NO_PROSE)),
    ),
    "I-08": Examples(
        subject(build_report(preface="本报告数据统计期限为2023年1月1日至12月31日。")),
        subject(build_report(preface="本报告数据统计期限为2022年12月1日至2023年11月30日。")),
        subject(),
    ),
    "I-09": Examples(
        subject(build_report(preface="根据国务院令第711号和国办公开办函〔2021〕30号编制。")),
        subject(build_report(preface="根据国务院令第492号编制。")),
        subject(build_report(text=NO_PROSE)),
    ),
    "I-10": Examples(
        subject(others=()),
        subject(others=(OtherReport("http://x/2", build_report(changes={NEW_RECEIVED: 3})),)),
        subject(),
    ),
    "I-11": Examples(
        subject(build_report(metadata={"ColumnName": "2024年"})),
        subject(build_report(metadata={"ColumnName": "2021年度政府信息公开年报"})),
        subject(build_report(metadata={"ColumnName": "政府信息公开年报"})),
    ),
    "P-01": Examples(
        subject(build_report(changes={"section_two.normative_documents.issued": 80}), organ=DEPARTMENT),
        subject(build_report(changes={"section_two.normative_documents.issued": 80}), organ=TOWN),
        subject(build_report(organ="柳溪联合体")),
    ),
    "P-09": Examples(
        subject(build_report(changes=answered(60, granted=40, denied_third_party=20))),
        subject(build_report(changes=answered(60, granted=60))),
        subject(build_report(changes={**answered(60, granted=60), "section_three.denied_third_party.*": ABSENT})),
    ),
    "X-01": Examples(
        three(),
        subject(build_report(changes=REVIEWED)),
        subject(build_report(changes={**REVIEWED, "section_three.new_received.*": UNREADABLE})),
    ),
    "X-02": Examples(
        subject(build_report(changes={**one_application(), **REVIEWED})),
        subject(build_report(changes={"section_four.review.upheld": 4, "section_four.review.total": 4})),
        subject(build_report(changes={"section_four.*": ABSENT})),
    ),
    "X-03": Examples(
        fee("2023年收取信息处理费380元。", printed_cell(FEES, "0.00", 0, "万元"), 30),
        fee("2023年收取信息处理费380元。", printed_cell(FEES, "0.00", 0, "万元"), 380),
        subject(build_report(text={6: "2023年没有收取信息处理费。"})),
    ),
    "X-04": Examples(
        subject(build_report(changes=UNPAID, text={6: "发出收费通知1份，没有收取信息处理费。"})),
        subject(build_report(changes=UNPAID, text={6: "2023年没有发出过收费通知，没有收取信息处理费。"})),
        subject(build_report(changes=UNPAID, absent_sections=(6,))),
    ),
    "X-05": Examples(
        following("2021", SUED, SUED, (2023, 2024)),
        following("2021", {}, SUED, (2023, 2024)),
        subject(build_report("2021", 2024, SUED)),
    ),
    "P-08": Examples(
        of_department(following("2021", DECIDED, {"section_two.penalty.decisions": 3}, (2022, 2023))),
        of_department(following("2021", DECIDED, {}, (2022, 2023))),
        of_department(following("2021", DECIDED, {}, (2021, 2023))),
    ),
    "S-13": Examples(
        text(5, "针对上年度公开不及时的问题，增加了人手。目前公开的内容还不够具体，将继续改进。"),
        text(5, "公开的内容还不够具体，人手不足。下一年将增加人手，按月检查。"),
        subject(build_report(absent_sections=(5,))),
    ),
    "P-05": Examples(three(), subject(), subject(build_report(changes={"section_four.*": ABSENT}))),
    "P-07": Examples(
        cells(licensing__decisions=158, penalty__decisions=158),
        cells(licensing__decisions=158, penalty__decisions=158, coercion__decisions=158),
        subject(build_report(changes=NO_TABLES)),
    ),
    "U-01": Examples(
        subject(),
        cells(licensing__decisions=printed_cell("section_two.licensing.decisions", "3件", 3)),
        subject(build_report(changes=NO_TABLES)),
    ),
    "U-02": Examples(
        cells(admin_fees__amount_wan=Decimal("12.5")),
        cells(admin_fees__amount_wan=125000),
        cells(
            "2019",
            central_procurement__amount_wan=printed_cell(
                "section_two.central_procurement.amount_wan", "8040", 8040
            ),
        ),
    ),
    "U-03": Examples(
        cells(admin_fees__amount_wan=Decimal("12.5")),
        cells(admin_fees__amount_wan=Decimal("12.512345")),
        cells(admin_fees__amount_wan=BLANK),
    ),
    "U-04": Examples(
        text(1, "2023年公开动态36条、公告15条、其他1条，办理建议3件。"),
        text(1, "2023年公开动态36件、公告15条、其他1条。"),
        subject(build_report(text=NO_PROSE)),
    ),
    "U-05": Examples(
        cells("2019", licensing__prior_year_items=3, licensing__change=-3),
        cells(penalty__decisions=-3),
        subject(build_report(changes=NO_TABLES)),
    ),
    "U-06": Examples(
        cells(admin_fees__amount_wan=Decimal("12.5")),
        cells(penalty__decisions=Decimal("1.234")),
        subject(build_report(changes=NO_TABLES)),
    ),
    "U-07": Examples(
        cells(penalty__decisions=BLANK),
        cells(penalty__decisions=printed_cell("section_two.penalty.decisions", "/", None)),
        subject(build_report(changes=NO_TABLES)),
    ),
}
