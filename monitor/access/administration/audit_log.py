"""The log of every change, as far as it concerns an administrator's counties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.accounts.users import AuditEntry
from monitor.language import N_
from monitor.store import accounts

ON_A_PAGE = 100
WORDS: Mapping[str, str] = {
    "log_in": N_("登录"),
    "log_in.failed": N_("登录失败"),
    "user.added": N_("新增用户"),
    "user.changed": N_("修改用户"),
    "user.password": N_("重设密码"),
    "user.mail": N_("登记邮箱"),
    "user.closed": N_("停用用户"),
    "token.added": N_("新增令牌"),
    "token.withdrawn": N_("收回令牌"),
    "rule.set": N_("调整规则"),
    "rule.reset": N_("撤销规则调整"),
    "channel.tested": N_("发测试消息"),
    "name.accepted": N_("认定署名"),
    "name.rejected": N_("否定署名"),
    "name.forgotten": N_("收回对署名的答复"),
    "portal.trial": N_("试抓门户"),
    "portal.discovery": N_("探查网站"),
    "portal.added": N_("添加门户"),
    "record.pruned": N_("清除到期内容"),
}
"""What is told of a change; a word that is not here is shown as it is."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first; ``before`` is the id before which older ones lie, None where there are none."""

    entries: tuple[AuditEntry, ...]
    before: int | None


def audit_page(access: Access, *, who: str = "", before: int | None = None) -> AuditPage:
    """A page of the log, of one user where ``who`` names one. Raises NotAllowed."""
    access.require(Right.ADMINISTER)
    with access.reading() as session:
        found = accounts.audit_entries(
            session, access.scope, before_id=before, who=who.strip() or None, limit=ON_A_PAGE + 1
        )
    more = len(found) > ON_A_PAGE
    return AuditPage(tuple(found[:ON_A_PAGE]), found[ON_A_PAGE - 1].id if more else None)
