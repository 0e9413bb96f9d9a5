"""Why the system refuses a file or an address, in the reader's language."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from monitor.language import N_, spoken_language, translate

_REASONS: Mapping[int, str] = {
    errno.ENOENT: N_("没有这个文件或文件夹"),
    errno.EACCES: N_("没有权限"),
    errno.EPERM: N_("没有权限"),
    errno.EISDIR: N_("这是文件夹，不是文件"),
    errno.ENOTDIR: N_("路径中有一段不是文件夹"),
    errno.EROFS: N_("磁盘是只读的"),
    errno.ENOSPC: N_("磁盘已满"),
    errno.EADDRINUSE: N_("端口已被别的程序占用"),
    errno.EADDRNOTAVAIL: N_("本机没有这个地址"),
    errno.ECONNREFUSED: N_("对方拒绝连接"),
}
"""As far as the system's own words are common; others stay as the system says them."""


def reason_of(problem: Exception, language: str | None = None) -> str:
    """Why a system call failed, in a few words; in the spoken language where no other is given."""
    language = language or spoken_language()
    number = problem.errno or 0 if isinstance(problem, OSError) else 0
    # Looking up names counts below zero.
    words = N_("找不到这个主机名") if number < 0 else _REASONS.get(number)
    if words is not None:
        return translate(words, language)
    return getattr(problem, "strerror", None) or type(problem).__name__
