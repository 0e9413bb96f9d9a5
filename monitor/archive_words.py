"""What the archive of captures cannot do, in Chinese: crawler.captures tells it in English, in one line."""

from __future__ import annotations

import re

_CHINESE = {
    r"(.*): cannot be written \((.*)\): check space and permissions": r"写不了 \1（\2）；请检查磁盘空间和权限",
    r"(.*): cannot be read \((.*)\): check the file and its permissions": r"读不了 \1（\2）；请检查文件和权限",
    r"(.*): cannot be read \((.*)\): restore it from a backup": (
        r"读不出 \1（\2）；请检查权限，文件已损坏的请从备份恢复"
    ),
    r"(.*): is not the document that was stored: restore it from a backup": (
        r"\1 的内容与存入时不符；请从备份恢复"
    ),
    r"(.*): is not in the archive: crawl again with --full to fetch it anew": (
        r"归档中没有 \1；请从备份恢复，或用 nianbao crawl --full 重新取"
    ),
    r"(.*) line (\d+): is damaged: restore the log from a backup": r"\1 第 \2 行已损坏；请从备份恢复这份采集记录",
    r"the log of (.*) cannot be written \((.*)\): check the space": r"写不了 \1 的采集记录（\2）；请检查磁盘空间",
    r"(.*): the disk reports an error on writing: check it before going on": (
        r"写入 \1 时磁盘报错；请先检查磁盘再继续"
    ),
    r"(.*): is being crawled by another process: wait until that crawl has ended": (
        r"门户 \1 正由另一个进程抓取；请等它结束"
    ),
}


def archive_in_words(line: str, language: str = "zh") -> str:
    """A line of ArchiveError for people; as it is in English, and where nobody foresaw it."""
    if language != "en":
        for pattern, chinese in _CHINESE.items():
            found = re.fullmatch(pattern, line, re.DOTALL)
            if found:
                return found.expand(chinese)
    return line
