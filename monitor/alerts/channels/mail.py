"""Mail: one digest, as HTML and text with its 问题清单, over SMTP."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Any

from monitor.alerts.channels import NotDelivered
from monitor.alerts.digest import Links, render
from monitor.alerts.problem_list import TITLE, workbook_of
from monitor.alerts.wording import say
from monitor.language import N_, spoken_language, translate
from monitor.settings import ChannelSettings, MailSettings

SENDER_NAME = "年报监测 Nianbao"
MOST_REFERENCES = 30
"""So many earlier mails are referred to: a header must not grow without end."""
_XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Identities(BaseHeader):
    """A header of Message-IDs and the like, one a line: they must never be encoded, however long they are.

    The standard library breaks what is longer than a line into encoded words, which nobody understands there.
    """

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Called by BaseHeader: keeps the value as it is."""
        kwds["decoded"] = value
        kwds["parse_tree"] = None

    def fold(self, *, policy: Policy[Any]) -> str:
        """The header as it is sent."""
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split()) + policy.linesep


_HEADERS = HeaderRegistry()
for _name in ("references", "in-reply-to", "list-id"):
    _HEADERS.map_to_type(_name, _Identities)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def compose(
    channel: ChannelSettings,
    sender: str,
    recipients: Sequence[str],
    delivery_id: str,
    payload: Mapping[str, Any],
    created_at: datetime,
    *,
    links: Links | None = None,
    references: Sequence[str] = (),
) -> EmailMessage:
    """The mail of one delivery: the same identity and date at every attempt.

    ``references`` are the Message-IDs of earlier mails about the same matters. The problems that hold are
    attached as a workbook. Text from portals reaches the subject at most as plain words: line ends and other
    control characters are gone. Raises ValueError where the sender or a recipient is no mail address.
    """
    subject, html, text = render(payload, channel, links)
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(display_name=one_line(name) or SENDER_NAME, addr_spec=address)
    mail["To"] = [Address(addr_spec=recipient) for recipient in recipients]
    mail["Subject"] = one_line(subject)
    mail["Date"] = format_datetime(created_at)
    mail["Message-ID"] = message_id(delivery_id, sender)
    if references:
        mail["References"] = " ".join(references[-MOST_REFERENCES:])
    if len(references) == 1:
        mail["In-Reply-To"] = references[0]
    mail["List-Id"] = f"<{_list_of(channel.name)}.nianbao.{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    workbook = workbook_of(payload.get("items", ()), channel.language)
    if workbook:
        mail.add_attachment(
            workbook, maintype="application", subtype=_XLSX, filename=_file_name(payload, channel.language)
        )
    return mail


def message_id(delivery_id: str, sender: str) -> str:
    """The Message-ID of a delivery."""
    return f"<{delivery_id}@{_domain(sender)}>"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _list_of(channel: str) -> str:
    """A channel's name where a List-Id can hold it, else something that stands for it (RFC 2919)."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", channel):
        return channel
    return "channel-" + hashlib.sha256(channel.encode()).hexdigest()[:12]


def _file_name(payload: Mapping[str, Any], language: str) -> str:
    """``问题清单-滑县-2024-02-05.xlsx``: nothing in it that a file's name must not hold."""
    counties = [name for name in payload["counties"] if name]
    parts = [translate(TITLE, language), *(counties if len(counties) == 1 else ()), payload["as_of"][:10]]
    name = re.sub(r"[^\w.-]+", "_", one_line("-".join(parts)))
    return f"{name[:80]}.xlsx"


def one_line(text: str) -> str:
    """Text that may stand in a header: printable characters and single blanks only."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def send(
    channel: ChannelSettings,
    settings: MailSettings,
    password: str,
    delivery_id: str,
    payload: Mapping[str, Any],
    created_at: datetime,
    *,
    links: Links | None = None,
    references: Sequence[str] = (),
) -> None:
    """Sends the mail to those recipients of the channel that did not accept it before.

    Raises NotDelivered with the reason where the server cannot be reached or refuses, also a single recipient.
    """
    accepted = tuple(payload.get("accepted", ()))
    recipients = [address for address in channel.to if address not in accepted]
    if not recipients:
        if accepted:
            return
        raise _failed(N_("渠道没有收件人；请在配置中给它设置 to"))
    # One address that is written wrong must not keep the mail from the others.
    wrong = [address for address in recipients if not _is_address(address)]
    recipients = [address for address in recipients if address not in wrong]
    if wrong and not recipients:
        raise NotDelivered(_written_wrong(wrong), accepted=accepted)
    if not settings.host or not settings.sender:
        raise _failed(N_("没有配置邮件服务器；请在 [mail] 中设置 host 和 sender"))
    try:
        mail = compose(
            channel,
            settings.sender,
            recipients,
            delivery_id,
            payload,
            created_at,
            links=links,
            references=references,
        )
    except (ValueError, IndexError, HeaderParseError) as error:
        raise _failed(N_("发件人或收件人的写法不对：{reason}；请改正配置"), reason=one_line(str(error))) from error
    try:
        with _connected(settings) as server:
            if settings.user:
                server.login(settings.user, password)
            refused = server.send_message(mail, to_addrs=recipients)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(error.recipients, accepted) from error
    except smtplib.SMTPResponseException as error:
        raise _failed(
            N_("邮件服务器 {host} 拒绝：{code} {reason}"),
            host=settings.host,
            code=error.smtp_code,
            reason=_answer(error.smtp_error),
        ) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: what SMTP cannot encode
        raise _failed(
            N_("连不上邮件服务器 {host}:{port}：{reason}；请检查 [mail] 设置和网络"),
            host=settings.host,
            port=settings.port,
            reason=one_line(str(error)) or type(error).__name__,
        ) from error
    if refused:
        taken = tuple(address for address in recipients if address not in refused)
        raise _refused(refused, accepted + taken)
    if wrong:
        raise NotDelivered(_written_wrong(wrong), accepted=accepted + tuple(recipients))


def _is_address(text: str) -> bool:
    try:
        return bool(Address(addr_spec=text).domain)
    except (ValueError, IndexError, HeaderParseError):  # whichever the library raises
        return False


def _written_wrong(addresses: Sequence[str]) -> str:
    named = "、".join(one_line(address) or "“”" for address in addresses)
    return say(N_("收件人的写法不对：{addresses}；请改正该渠道的 to"), {"addresses": named}, spoken_language())


@contextmanager
def _connected(settings: MailSettings) -> Iterator[smtplib.SMTP]:
    """A connection that is ended politely. What the server says to that does not undo that it took the mail."""
    server = _connection(settings)
    try:
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _connection(settings: MailSettings) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=settings.seconds, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)
    if settings.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _refused(recipients: Mapping[str, tuple[int, bytes]], accepted: tuple[str, ...]) -> NotDelivered:
    reasons = "; ".join(f"{address}: {code} {_answer(said)}" for address, (code, said) in recipients.items())
    reason = say(N_("邮件服务器不接受收件人：{reasons}"), {"reasons": reasons}, spoken_language())
    return NotDelivered(reason, accepted=accepted)


def _answer(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return one_line(text)[:200]


def _failed(template: str, **values: Any) -> NotDelivered:
    return NotDelivered(say(template, values, spoken_language()))
