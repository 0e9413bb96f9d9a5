"""The gate: no webhook reaches into the machine's own network unless the channel says so."""

import ipaddress
from typing import Any

import pytest

from monitor.alerts.channels import NotDelivered
from monitor.alerts.channels.gate import check, is_public

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost:8080/x",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://10.0.0.8/hook",
    ],
)
def test_private_targets_are_refused_however_they_are_written(address: str) -> None:
    with pytest.raises(NotDelivered, match=r"内网或本机|写法不对|找不到"):
        check(address, allow_private=False)


def test_private_targets_are_allowed_where_the_channel_says_so() -> None:
    assert check("http://127.0.0.1:8080/x", allow_private=True).addresses == ("127.0.0.1",)


@pytest.mark.parametrize(
    "address", ["", "ftp://hooks.example/", "file:///etc/passwd", "//hooks.example", "http://", "javascript:1"]
)
def test_only_http_and_https(address: str) -> None:
    with pytest.raises(NotDelivered, match="http"):
        check(address, allow_private=True)


def test_a_user_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(NotDelivered, match="用户名") as refused:
        check("https://name:word@hooks.example/", allow_private=True)
    assert "word" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "hooks.example/key",
        "ftp://hooks.example/key",
        "https://[::1/key",
        "https://hooks.example:70000/key",
        "key\n",
    ],
)
def test_an_address_that_is_written_wrong_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(NotDelivered, match=r"地址(写法不对|必须)") as refused:
        check(address, allow_private=True)
    assert "key" not in str(refused.value)


def test_one_private_answer_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolver(*given: Any, **named: Any) -> list[Any]:
        return [(2, 1, 6, "", (answer, 443)) for answer in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr("monitor.alerts.channels.gate.socket.getaddrinfo", resolver)
    with pytest.raises(NotDelivered, match="内网"):
        check("https://hooks.example/", allow_private=False)


def test_a_name_that_does_not_resolve_is_named() -> None:
    with pytest.raises(NotDelivered, match=r"nowhere\.invalid"):
        check("https://nowhere.invalid/", allow_private=False)
