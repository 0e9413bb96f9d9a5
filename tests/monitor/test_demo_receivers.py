"""The demo's mail server, webhook receiver and viewer, asked over real connections."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import smtplib
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path

import pytest

from monitor.demo.receivers import MailReceiver, signature_is_right
from monitor.demo.viewer import Exhibit, Viewer

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes of key").decode()


def _signed(body: bytes, identity: str = "msg_1", moment: str = "1706918400") -> dict[str, str]:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identity}.{moment}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": identity, "webhook-timestamp": moment, "webhook-signature": signature}


def _ask(
    viewer: Viewer, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str, str]:
    connection = HTTPConnection(viewer.address.removeprefix("http://").rstrip("/"), timeout=10)
    connection.request(method, path, body=body or None, headers=headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, answer.headers.get("Content-Security-Policy", "")


def test_mail_is_kept_and_shown() -> None:
    """A mail with Chinese subject and both parts arrives, and its HTML stands in a frame that runs nothing."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "nianbao@example.org",
        "office@example.org",
        "澄溪县：新增 3 项",
    )
    message.set_content("正文")
    message.add_alternative("<p>正文</p><script>bad()</script>", subtype="html")
    with MailReceiver() as receiver, Viewer(receiver.mails, SECRET) as viewer:
        receiver.stage = "期限之前"
        with smtplib.SMTP("127.0.0.1", receiver.port, timeout=10) as client:
            client.send_message(message)
        (mail,) = receiver.mails
        assert (mail.subject, mail.stage, mail.recipients) == (
            "澄溪县：新增 3 项",
            "期限之前",
            ("office@example.org",),
        )
        assert mail.part("plain").strip() == "正文"

        status, index, _ = _ask(viewer, "GET", "/")
        assert status == 200
        assert "澄溪县：新增 3 项" in index
        frame = re.search(r'sandbox="([^"]*)"', _ask(viewer, "GET", "/mail/1")[1])
        assert frame
        assert "allow-scripts" not in frame[1]
        assert "allow-same-origin" not in frame[1]
        status, html, policy = _ask(viewer, "GET", "/mail-html/1")
        assert (status, "<script>" in html) == (200, True)
        assert "default-src 'none'" in policy
        assert _ask(viewer, "GET", "/mail/2")[0] == 404


def test_webhook_is_kept_with_the_judgement_of_its_signature() -> None:
    """A right signature is told from a wrong one, and what is no JSON object is refused."""
    body = json.dumps({"type": "alert.opened", "data": {"summary": "石磴乡逾期"}}).encode()
    with Viewer([], SECRET) as viewer:
        assert _ask(viewer, "POST", "/webhook", body, _signed(body))[0] == 204
        assert _ask(viewer, "POST", "/webhook", body, _signed(body + b" "))[0] == 204
        assert _ask(viewer, "POST", "/webhook", b"[1]", _signed(b"[1]"))[0] == 400
        assert _ask(viewer, "POST", "/webhook", b"no json")[0] == 400
        assert _ask(viewer, "POST", "/other", body)[0] == 404
        assert [(call.id, call.verified) for call in viewer.webhooks] == [("msg_1", True), ("msg_1", False)]
        index = _ask(viewer, "GET", "/")[1]
        assert "验证通过" in index
        assert "不符" in index
        assert "石磴乡逾期" in _ask(viewer, "GET", "/webhook/1")[1]


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_signature_needs_every_header(missing: str) -> None:
    """Without one of the three headers a call is not verified."""
    headers = {name: value for name, value in _signed(b"{}").items() if name != missing}
    assert signature_is_right(SECRET, _signed(b"{}"), b"{}")
    assert not signature_is_right(SECRET, headers, b"{}")


def test_exhibits_can_be_looked_at(tmp_path: Path) -> None:
    """A completeness page of the demo is linked and shown."""
    file = tmp_path / "completeness.html"
    file.write_text("<h1>完整性</h1>", encoding="utf-8")
    with Viewer([], SECRET) as viewer:
        viewer.exhibits.append(Exhibit("2 月 3 日", file))
        assert "/exhibit/1" in _ask(viewer, "GET", "/")[1]
        assert "完整性" in _ask(viewer, "GET", "/exhibit/1")[1]
