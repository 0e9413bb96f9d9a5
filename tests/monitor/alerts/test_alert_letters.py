"""What a mail brings along: a subject that says it all, the 问题清单, a thread, links, a robot's manners."""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from openpyxl import load_workbook

from monitor.alerts.channels.mail import compose, message_id
from monitor.alerts.conditions import AlertKind, Condition
from monitor.alerts.digest import Links, notice, render
from monitor.alerts.engine import reconcile
from monitor.alerts.sender import notify
from monitor.alerts.subjects import subject
from monitor.rules.base import Severity
from monitor.settings import ChannelSettings, MailSettings, NotifySettings, Settings, WebSettings
from tests.clocks import SetClock
from tests.monitor.alerts.receivers import Mailbox, mail_server
from tests.monitor.alerts.support import (
    LATE,
    MORNING,
    OTHER_TOWN,
    TOWN,
    TrialDatabase,
    condition,
    conditions,
    finding,
    mail_channel,
    matter,
    missing,
    portal,
    version,
)

WRONG = version(matter(finding(), cause="“（七）总计”漏填；填 1 后两处都对得上。"))
ANSWERED = finding("N-02", Severity.WARNING, quote="均已答复", cells=())
DOUBTFUL = version(matter(ANSWERED))
OTHER_WRONG = version(matter(finding()), organ=OTHER_TOWN, address="http://portal.example/nb/8.html")
TWICE_WRONG = version(matter(finding()), matter(ANSWERED, key="answered"))


def payload_of(tmp_path: Path, found: list[Condition], channel: ChannelSettings | None = None) -> dict[str, Any]:
    """The digest of a pass that found exactly these conditions."""
    database = TrialDatabase(tmp_path)
    chosen = channel or mail_channel()
    with database.begin() as session:
        reconcile(session, found, MORNING + timedelta(days=2), channels=[chosen])
    (delivery,) = database.deliveries()
    return dict(delivery.payload)


def resolved(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The same matters, over."""
    return {**payload, "items": [{**item, "step": "resolved"} for item in payload["items"]]}


@pytest.mark.parametrize(
    ("standings", "versions", "said"),
    [
        ([missing(TOWN)], [], "东岭县 云溪镇：2023年度报告逾期5天未公布"),
        ([LATE], [], "东岭县民政局：2023年度报告逾期3天公布"),
        ([], [WRONG], "东岭县 云溪镇：2023年度报告有 1 处错误"),
        ([], [TWICE_WRONG], "东岭县 云溪镇：2023年度报告有 1 处错误、1 处需要核对"),
        ([missing(TOWN), missing(OTHER_TOWN), LATE], [], "东岭县：2 个单位未公布、1 个单位逾期公布"),
        ([missing(OTHER_TOWN)], [WRONG], "东岭县：1 个单位未公布、1 份报告有误"),
        ([], [DOUBTFUL], "东岭县 云溪镇：2023年度报告有 1 处需要核对"),
        ([], [DOUBTFUL, OTHER_WRONG], "东岭县：1 份报告有误、1 份报告需要核对"),
    ],
)
def test_the_subject_says_county_organ_matter_and_days(
    tmp_path: Path, standings: list[Any], versions: list[Any], said: str
) -> None:
    payload = payload_of(tmp_path, list(conditions(standings, versions, [], MORNING)))
    assert subject(payload, "oversight") == said


def test_the_subject_of_what_is_over_and_of_what_lasts(tmp_path: Path) -> None:
    payload = payload_of(tmp_path, list(conditions([missing(TOWN)], [], [], MORNING)))
    assert subject(resolved(payload), "oversight") == "已解决：东岭县 云溪镇2023年度报告（未公布）"
    lasting = {**payload, "items": [{**item, "step": "escalated"} for item in payload["items"]]}
    assert subject(lasting, "oversight") == "东岭县 云溪镇：2023年度报告逾期5天仍未公布"
    assert subject({**payload, "left_out": 41}, "oversight") == "东岭县：共 42 项"
    assert subject(payload, "oversight", "en") == "东岭县 云溪镇: report for 2023: not published, 5 days overdue"


def test_all_that_is_wrong_with_one_report_stands_in_one_card(tmp_path: Path) -> None:
    channel = mail_channel()
    found = list(conditions([missing(OTHER_TOWN)], [TWICE_WRONG], [], MORNING))
    _, html, text = render(payload_of(tmp_path, found), channel)
    assert html.count('class="card') == 2
    assert html.count("<h3") == 2
    assert text.count("\n云溪镇 · 2023 年度 · 2 项\n") == 1
    assert text.count("http://portal.example/nb/7.html") == 1, "one report, one link"


def sheet_of(mail: Any) -> tuple[str, list[list[Any]]]:
    (attached,) = list(mail.iter_attachments())
    sheet = load_workbook(io.BytesIO(attached.get_content())).active
    assert sheet is not None
    return attached.get_filename(), [[cell.value for cell in row] for row in sheet.iter_rows()]


def mail_of(payload: Mapping[str, Any], channel: ChannelSettings, **known: Any) -> Any:
    return compose(channel, "年报 <n@office.example>", channel.to, "msg_1", payload, MORNING, **known)


def test_the_list_of_problems_is_attached_with_printed_and_expected_numbers(tmp_path: Path) -> None:
    channel = mail_channel()
    found = list(conditions([missing(OTHER_TOWN), LATE], [WRONG], [], MORNING))
    payload = payload_of(tmp_path, found)
    name, (heads, *rows) = sheet_of(mail_of(payload, channel))
    assert name == "问题清单-东岭县-2024-02-05.xlsx"
    assert heads[1:9] == ["单位", "年度", "问题", "表格位置", "报告数", "应为/对照数", "依据", "链接"]
    lines = {row[1]: [f"{cell:%F}" if isinstance(cell, datetime) else cell for cell in row] for row in rows}
    assert lines["云溪镇"][4:7] == ["表三 （七）总计 · 自然人", "0", "1"]
    assert lines["云溪镇"][7]
    assert lines["云溪镇"][8] == "http://portal.example/nb/7.html"
    assert lines["东岭县民政局"][5:7] == ["2024-02-03", "2024-01-31"]
    assert lines["东岭县民政局"][7] == "条例第四十九条第一款（政府信息公开条例（国务院令第711号））"
    assert lines["石桥乡"][5:7] == [None, "2024-01-31"]
    assert list(mail_of(resolved(payload), channel).iter_attachments()) == [], "nothing is left to be listed"


def test_a_report_published_before_its_year_was_over_stands_against_the_year_s_last_day(tmp_path: Path) -> None:
    early = condition(rule="D-04", kind=AlertKind.INCONSISTENT, evidence={"published_on": "2001-12-27"})
    _, (_, row) = sheet_of(mail_of(payload_of(tmp_path, [early]), mail_channel()))
    assert [f"{cell:%F}" for cell in row[5:7]] == ["2001-12-27", "2001-12-31"]


def test_no_text_of_a_portal_becomes_a_formula(tmp_path: Path) -> None:
    database = TrialDatabase(tmp_path)
    channel = mail_channel()
    evil = '=HYPERLINK("http://evil.example","x")'
    with database.begin() as session:
        found = condition(template="{what}", values={"what": evil}, evidence={"address": evil})
        reconcile(session, [found], MORNING, channels=[channel])
    payload = dict(database.deliveries()[0].payload)
    payload["counties"] = ["../..\\=cmd|'\r\nBcc: x"]
    mail = mail_of(payload, channel)
    (attached,) = list(mail.iter_attachments())
    sheet = load_workbook(io.BytesIO(attached.get_content())).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.value == evil} == {"s"}
    assert any(cell.value == evil for cell in sheet[2])
    assert not set("/\\\r\n|'=") & set(attached.get_filename())


def test_a_robot_says_that_it_is_one(tmp_path: Path) -> None:
    payload = payload_of(tmp_path, [condition()])
    mail = mail_of(payload, mail_channel(name="staff"))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<staff.nianbao.office.example>"
    assert mail["X-Auto-Response-Suppress"] == "All"
    other = str(mail_of(payload, mail_channel(name="办公室\r\nBcc: x@y.example"))["List-Id"])
    assert other.startswith("<channel-")
    assert other.isascii()


def test_identities_are_never_encoded_however_long(tmp_path: Path) -> None:
    sender = f"n@{'gongkai-bangongshi.' * 5}gov.example"
    earlier = [message_id(f"msg_{number:032x}", sender) for number in range(3)]
    channel = mail_channel()
    payload = payload_of(tmp_path, [condition()])
    for references in (earlier, earlier[:1]):
        mail = compose(channel, sender, channel.to, "msg_1", payload, MORNING, references=references)
        head = mail.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
        unfolded = head.replace("\r\n ", " ")
        assert f"\r\nReferences: {' '.join(references)}\r\n" in unfolded
        assert re.search(r"\r\nList-Id: <staff\.nianbao\.[a-z.-]+>\r\n", unfolded)
        assert (f"\r\nIn-Reply-To: {earlier[0]}\r\n" in unfolded) is (len(references) == 1)
        assert max(map(len, head.split("\r\n"))) <= 998


class StillClock(SetClock):
    """A clock that stands until it is moved."""

    moment = MORNING


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


def settings(mailbox: Mailbox, *channels: ChannelSettings, **web: Any) -> Settings:
    return Settings(
        notify=NotifySettings(channels=list(channels)),
        mail=MailSettings(sender="nianbao@office.example", host="127.0.0.1", port=mailbox.port, seconds=5),
        web=WebSettings.model_validate(web),
    )


@pytest.mark.both_databases
def test_later_mails_on_a_matter_refer_to_the_first(tmp_path: Path, mailbox: Mailbox) -> None:
    database = TrialDatabase(tmp_path)
    configured = settings(mailbox, mail_channel())
    clock = StillClock()
    StillClock.moment = MORNING
    passes = [
        [condition(1), condition(2)],  # the first mail opens two matters
        [condition(1), condition(2), condition(3)],  # the second one more
        [condition(3)],  # the third is about the two of the first
        [],  # the fourth about that of the second
    ]
    for found in passes:
        with database.begin() as session:
            reconcile(session, found, StillClock.moment, channels=configured.notify.channels)
        assert notify(database, configured, clock).sent == 1
        StillClock.moment += timedelta(days=1)
    with database.begin() as session:
        reconcile(session, [condition(1), condition(3)], StillClock.moment, channels=configured.notify.channels)
    assert notify(database, configured, clock).sent == 1
    first, second, third, fourth, fifth = mailbox.mails
    assert (first["References"], first["In-Reply-To"]) == (None, None)
    assert second["References"] is None, "another matter is another thread"
    assert third["References"] == third["In-Reply-To"] == first["Message-ID"]
    assert fourth["References"] == fourth["In-Reply-To"] == second["Message-ID"]
    assert fifth["References"].split() == [first["Message-ID"], second["Message-ID"]]
    assert fifth["In-Reply-To"] is None
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 5


def test_a_mail_tried_again_does_not_refer_to_itself(tmp_path: Path, mailbox: Mailbox) -> None:
    database = TrialDatabase(tmp_path)
    configured = settings(mailbox, mail_channel())
    StillClock.moment = MORNING
    with database.begin() as session:
        reconcile(session, [condition()], MORNING, channels=configured.notify.channels)
    mailbox.refuse["*"] = "451 later"
    assert notify(database, configured, StillClock()).retried_later == 1
    mailbox.refuse.clear()
    StillClock.moment += timedelta(hours=1)
    assert notify(database, configured, StillClock()).sent == 1
    (mail,) = mailbox.mails
    assert mail["References"] is None


def test_links_stand_in_the_mail_only_where_people_can_open_them(tmp_path: Path, mailbox: Mailbox) -> None:
    database = TrialDatabase(tmp_path)
    secret = "s" * 40
    for number, web in enumerate(({}, {"address": "https://nianbao.example.org/", "secret": secret})):
        configured = settings(mailbox, mail_channel(), **web)
        with database.begin() as session:
            found = [condition(year) for year in (10 * number + 1, 10 * number + 2)]
            reconcile(session, found, MORNING, channels=configured.notify.channels)
        StillClock.moment = MORNING
        assert notify(database, configured, StillClock()).sent == 1
    without, with_links = (str(mail.get_body(("html",)).get_content()) for mail in mailbox.mails)  # type: ignore[union-attr]
    assert "/answer/" not in without
    assert with_links.count('href="https://nianbao.example.org/answer/') == 3, "two reports, and both at once"
    assert secret not in with_links


def test_a_notice_is_marked_and_escaped() -> None:
    subject_line, html, text = render(notice("试发\r\nBcc: x", ["<b>一</b>", "二"], MORNING), mail_channel())
    assert subject_line == "试发 Bcc: x"
    assert "&lt;b&gt;一&lt;/b&gt;" in html
    assert "\n<b>一</b>\n二\n" in text


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_in_light_and_dark(tmp_path: Path, scheme: Literal["light", "dark"]) -> None:
    from tests.monitor.alerts.browser import page_of

    channel = mail_channel()
    blocked = portal()
    found = list(conditions([missing(OTHER_TOWN), LATE], [TWICE_WRONG], [blocked], MORNING))
    site = "https://nianbao.example.org"
    links = Links(lambda ids: f"{site}/answer/x", lambda number: f"{site}/alerts/{number}")
    _, html, _ = render(payload_of(tmp_path, found), channel, links)
    with page_of(html, 390, scheme) as page:
        assert page.evaluate(CONTRASTS) == []


CONTRASTS = """
() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(element.textContent.trim().slice(0, 40));
  }
  return faint;
}
"""
