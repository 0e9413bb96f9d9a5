"""Chat services: what is said, that a refusal is no success, that no key is told, and that the gate holds."""

import importlib.util
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.clock import Clock
from monitor.alerts.channels import NotDelivered, chat
from monitor.alerts.channels.chat_process import refusal
from monitor.alerts.chat_text import MOST_BYTES, chat_text
from monitor.alerts.conditions import Condition
from monitor.alerts.digest import Links, notice
from monitor.alerts.engine import reconcile
from monitor.alerts.notices import send_test
from monitor.alerts.sender import notify
from monitor.settings import ChannelSettings, NotifySettings, Settings
from tests.clocks import SetClock
from tests.monitor.alerts.chat_services import Services, chat_services
from tests.monitor.alerts.receivers import webhook_endpoint
from tests.monitor.alerts.support import MORNING, TrialDatabase, condition

pytest.importorskip("apprise", reason="the extra notify is not installed")

KEY = "6cfdb2e1aaaabbbbccccddddeeeeffff0123456789abcdef0123456789abcdef"
WECOM = f"wecombot://{KEY}"
ADDRESSES = {
    "qyapi.weixin.qq.com": WECOM,
    "oapi.dingtalk.com": f"dingtalk://{KEY}",
    "open.feishu.cn": f"feishu://{KEY}",
    "hooks.slack.com": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
}
TAKEN = {
    "qyapi.weixin.qq.com": '{"errcode":0,"errmsg":"ok"}',
    "oapi.dingtalk.com": '{"errcode":0,"errmsg":"ok"}',
    "open.feishu.cn": '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}',
    "hooks.slack.com": "ok",
}


class Still(SetClock):
    """A clock that stands."""

    moment = MORNING


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with chat_services(tmp_path) as running:
        running.answers = {host: (200, body) for host, body in TAKEN.items()}
        monkeypatch.setenv("HTTPS_PROXY", running.proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.authority))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield running


def chat_channel(**known: Any) -> ChannelSettings:
    fields = {"name": "群", "kind": "chat", "address": WECOM, "allow_private_addresses": True}
    return ChannelSettings.model_validate(fields | known)


def payload_of(database: TrialDatabase, channel: ChannelSettings, *found: Condition) -> dict[str, Any]:
    with database.begin() as session:
        reconcile(session, found, MORNING, channels=[channel])
    (delivery,) = database.deliveries()
    return delivery.payload


@pytest.mark.parametrize("host", list(ADDRESSES))
def test_every_service_gets_title_and_text(services: Services, host: str) -> None:
    chat.post(ADDRESSES[host], "滑县：1 个单位未公布", "1. 【错误】焦虎镇\nhttp://x.example/", allow_private=True)
    ((asked, path, body),) = services.posts
    assert asked == host
    assert KEY in path or "TIiajkdnlazkcOXrIdevi7FQ" in path
    said = json.dumps(body, ensure_ascii=False)
    assert "滑县：1 个单位未公布" in said
    assert "【错误】焦虎镇" in said


@pytest.mark.parametrize(
    ("host", "answer", "said"),
    [
        ("qyapi.weixin.qq.com", (200, '{"errcode":93000,"errmsg":"invalid webhook url"}'), "代码 93000"),
        ("oapi.dingtalk.com", (200, '{"errcode":310000,"errmsg":"keywords not in content"}'), "代码 310000"),
        ("open.feishu.cn", (200, '{"code":19024,"msg":"Key Words Not Found"}'), "代码 19024"),
        ("open.feishu.cn", (200, "<html>welcome</html>"), "代码 -1"),
        ("qyapi.weixin.qq.com", (502, ""), "答复 502"),
        ("hooks.slack.com", (403, "invalid_token"), "答复 403"),
    ],
)
def test_a_refusal_is_no_success_whatever_the_status(
    services: Services, host: str, answer: tuple[int, str], said: str
) -> None:
    services.answers[host] = answer
    with pytest.raises(NotDelivered, match=said) as failure:
        chat.post(ADDRESSES[host], "标题", "文字", allow_private=True)
    assert KEY not in str(failure.value)
    assert "invalid webhook url" not in str(failure.value), "what a service answers may hold the key"


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b'{"errcode":0}', None),
        (b'{"errcode":45009}', 45009),
        (b'{"errcode":"0"}', -1),
        (b'{"ok":true}', -1),
        (b"[]", -1),
        (b"", -1),
        (b"\xff", -1),
    ],
)
def test_what_counts_as_a_refusal(body: bytes, number: int | None) -> None:
    assert refusal(body, ("errcode",)) == number


def test_delivery_keeps_a_refused_message_and_tries_it_again(
    services: Services, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    database = TrialDatabase(tmp_path)
    configured = Settings(notify=NotifySettings(channels=[chat_channel()]))
    with database.begin() as session:
        reconcile(session, [condition(1), condition(2)], MORNING, channels=configured.notify.channels)
    services.answers["qyapi.weixin.qq.com"] = (200, '{"errcode":45009,"errmsg":"api freq out of limit"}')
    Still.moment = MORNING
    (problem,) = notify(database, configured, Still()).problems
    assert "渠道 群：聊天服务拒绝了这条消息（代码 45009）" in problem
    services.answers["qyapi.weixin.qq.com"] = (200, TAKEN["qyapi.weixin.qq.com"])
    Still.moment = MORNING + timedelta(minutes=2)
    assert notify(database, configured, Still()).sent == 1
    first, second = (body["text"]["content"] for _, _, body in services.posts)
    assert first == second, "the same text with the same mark"
    assert "第 1 项" in first
    assert KEY not in problem + "".join(capfd.readouterr()) + str(
        [each.last_error for each in database.deliveries()]
    )


def test_a_service_that_does_not_answer_is_left(services: Services) -> None:
    services.silent = True
    with pytest.raises(NotDelivered, match="没有答复"):
        chat.post(WECOM, "标题", "文字", allow_private=True, seconds=2.5)


def test_nothing_private_is_reached_unless_it_is_allowed() -> None:
    with webhook_endpoint() as endpoint:
        address = endpoint.address.replace("http://", "json://")
        with pytest.raises(NotDelivered, match="内网或本机"):
            chat.post(address, "标题", "文字", allow_private=False)
        named = address.replace("127.0.0.1", "localhost")
        with pytest.raises(NotDelivered, match="内网或本机"):
            chat.post(named, "标题", "文字", allow_private=False)
        assert endpoint.posts == []
        chat.post(address, "标题", "文字", allow_private=True)
        assert json.loads(endpoint.posts[0][1])["title"] == "标题"


def test_a_proxy_of_the_own_network_is_not_used_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert not {"HTTPS_PROXY", "https_proxy"} & chat._environment(allow_private=False).keys()
    assert chat._environment(allow_private=True)["https_proxy"] == "http://127.0.0.1:1"


@pytest.mark.parametrize("address", ["", "bogus://x", "http://", "json://", "钉钉"])
def test_a_wrong_address_is_named_and_not_shown(address: str) -> None:
    with pytest.raises(NotDelivered, match="无法识别"):
        chat.post(address, "标题", "文字", allow_private=True)


def test_without_the_extra_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(chat, "find_spec", lambda name: None if name == "apprise" else find(name))
    with pytest.raises(NotDelivered, match=r"扩展 notify；请运行 script/setup --notify"):
        chat.post(WECOM, "标题", "文字", allow_private=False)


def test_the_address_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(f"{WECOM}\n", encoding="utf-8")
    settings = Settings().model_copy(update={"folder": tmp_path})
    assert chat.address_of(chat_channel(address="", address_file="chat.txt"), settings) == WECOM
    with pytest.raises(NotDelivered, match=r"读不了聊天渠道的地址文件 nowhere.txt"):
        chat.address_of(chat_channel(address_file="nowhere.txt"), settings)
    with pytest.raises(NotDelivered, match="没有设置 address"):
        chat.address_of(chat_channel(address=""), settings)


def test_the_text_says_what_where_and_how_many_more(tmp_path: Path) -> None:
    found = [
        condition(
            number, "error" if number == 12 else "warning", evidence={"address": f"http://x.example/{number}"}
        )
        for number in range(1, 13)
    ]
    payload = payload_of(TrialDatabase(tmp_path), chat_channel(), *found)
    title, text = chat_text(payload, chat_channel(), "msg_0123456789abcdef")
    assert title == "东岭县：共 12 项"
    lines = text.splitlines()
    assert "【错误】第 12 项" in text, "errors are among the ten that are shown"
    assert "http://x.example/12" in lines
    assert "另有 2 项。" in lines
    assert lines[-1] == "（年报监测，消息 01234567）"


def test_the_text_is_cut_to_what_every_service_takes(tmp_path: Path) -> None:
    found = [
        condition(number, template="{words}", values={"words": "很长的说明" * 60 + str(number)})
        for number in range(10)
    ]
    payload = payload_of(TrialDatabase(tmp_path), chat_channel(), *found)
    title, text = chat_text(
        payload, chat_channel(), "msg_1", Links(lambda ids: f"https://nianbao.example/{ids}", str)
    )
    assert len(f"{title}\r\n{text}".encode()) <= MOST_BYTES
    shown = sum("【警告】" in line for line in text.splitlines())
    assert 0 < shown < 10
    assert f"另有 {10 - shown} 项。" in text
    assert f"https://nianbao.example/{list(range(1, shown + 1))}" in text


def test_text_of_a_portal_calls_nobody_and_adds_no_line(tmp_path: Path) -> None:
    words = 'x<!channel> <at user_id="all">all</at>\r\n2. 【错误】别的县\u2028伪造'
    payload = payload_of(
        TrialDatabase(tmp_path), chat_channel(), condition(1, template="{w}", values={"w": words})
    )
    title, text = chat_text(payload, chat_channel(), "msg_1")
    assert "<" not in title + text
    assert sum(line.startswith("2. ") for line in text.splitlines()) == 0


def test_a_notice_of_ours_and_english(tmp_path: Path) -> None:
    title, text = chat_text(notice("试发", ["第一行", "第二行"], MORNING), chat_channel(), "msg_12345678")
    assert (title, text.splitlines()) == ("试发", ["第一行", "第二行", "（年报监测，消息 12345678）"])
    long = notice("试发", ["行" * 100] * 50, MORNING)
    assert len("".join(chat_text(long, chat_channel(), "msg_1")).encode()) <= MOST_BYTES
    payload = payload_of(TrialDatabase(tmp_path), chat_channel(language="en"), condition(1))
    english = chat_text(payload, chat_channel(language="en"), "msg_1")[1]
    assert "Beijing time" in english
    assert "warning" in english


@pytest.mark.parametrize("host", list(ADDRESSES))
def test_a_test_message_is_marked_and_a_refusal_is_told_without_the_key(services: Services, host: str) -> None:
    channel = chat_channel(address=ADDRESSES[host])
    send_test(Settings(), Clock(), channel)
    ((_, _, body),) = services.posts
    said = json.dumps(body, ensure_ascii=False)
    assert "【测试】" in said
    assert "不涉及任何单位" in said
    services.answers[host] = (500, "oh")
    with pytest.raises(NotDelivered) as refused:
        send_test(Settings(), Clock(), channel)
    assert KEY not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_thousands_of_alerts_are_counted_at_once(tmp_path: Path) -> None:
    channel = ChannelSettings(name="group", kind="chat", most_items=5000)
    payload = payload_of(TrialDatabase(tmp_path), channel, *(condition(number) for number in range(1, 61)))
    many = {**payload, "items": payload["items"] * 50}
    asked: list[int] = []

    def link(alert_ids: Sequence[int]) -> str:
        asked.append(len(alert_ids))
        return "https://nianbao.example/answer/x"

    _, text = chat_text(many, channel, "msg_1", Links(link, str))
    listed = text.count("】")
    assert f"另有 {3000 - listed} 项。" in text
    assert len(asked) < 200
