"""Errors of portal definitions in Chinese: crawler.portals.definition tells them in English, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from crawler.portals.definition import BrokenDefinition

# What is told, and the same in Chinese; a test has every error of the definitions go through here.
_CHINESE = {
    r"cannot be read \((.*)\): check the file and its permissions": r"读不了（\1）；请检查文件和权限",
    r"is not UTF-8: save the file as UTF-8": "不是 UTF-8 编码；请另存为 UTF-8",
    r"not valid YAML \((.*)\): see (\S+) for the format": r"不是合法的 YAML（\1）；格式见 \2",
    r"holds no portal definition: see (\S+) for the format": r"里面没有门户定义；格式见 \1",
    r"no such field: correct its spelling or take it out": "没有这个字段；请改正拼写或删去",
    r"is missing: add it": "缺少这一项；请补上",
    r"has the wrong form \((.*)\): see (\S+)": r"写法不对（\1）；见 \2",
    r"must be one of (.*) or the code of an organ, not (.*)": r"不能是 \2；可以是 \1，或机构代码",
    r"must be one of (.*), not (.*)": r"不能是 \2；可以是 \1",
    r"must be text: put it in quotes": "应为文字；请加上引号",
    r"must be a list": "应为列表；每项一行，以“- ”开头，或写在 [ ] 中",
    r"must not be empty: add at least one": "不能为空；请至少写一项",
    r"say in a few words why a browser is needed, instead of (.*)": r"请用几个字写明为什么需要浏览器，不能写 \1",
    r"not a day: write it as (\S+)": r"不是日期；请写成 \1 这样的形式",
    r"not a web address: write it in full, beginning with (\S+) or (\S+)": r"不是网址；请写完整，以 \1 或 \2 开头",
    r"an address with (\S+) needs first_year: the oldest report year to ask for": (
        r"网址中有 \1，就还要写 first_year，即最早的报告年度"
    ),
    r"organ and covers exclude each other: keep the one that is true of the column": (
        "organ 和 covers 只能写一个；请留下符合这个栏目的"
    ),
    r"covers: none stands alone: take it out, or the others": (
        "covers 中的 none 只能单独写；请删去它，或删去其余各项"
    ),
    r"(.*) is not a host: write the name alone, or name:port": r"\1 不是主机；请只写主机名，或写 主机名:端口",
    r"two columns have the id (.*): give each its own": r"有两个栏目的 id 都是 \1；请各用各的",
    r"column (.*) lies on a host not listed in hosts: add it there, if it is right": (
        r"栏目 \1 的网址所在的主机不在 hosts 中；网址没有写错的，请把主机补到 hosts 中"
    ),
    r"valid_to is before valid_from: exchange or correct the two days": "valid_to 早于 valid_from；请对调或改正",
    r"successor names the portal itself: name the portal that took its place": (
        "successor 写的是这个门户自己；请写接替它的门户"
    ),
    r"a portal with a successor needs valid_to: the last day on which it was in use": (
        "写了 successor，就还要写 valid_to，即启用的最后一天"
    ),
    r"(.*) is the id of (.*) too: give each portal its own": r"\1 也是 \2 的 id；请各用各的，两个都没有使用",
    r"input should be greater than or equal to (\S+): correct it \((.*)\)": r"不应小于 \1；请改正（\2）",
    r"input should be less than or equal to (\S+): correct it \((.*)\)": r"不应大于 \1；请改正（\2）",
    r"input should be a valid (?:integer|number).*: correct it \((.*)\)": r"应为数字；请改正（\1）",
    r"(.*): correct it \((.*)\)": r"值不对（\1）；请改正（\2）",
}
_PLACE = re.compile(r"(?: line (\d+))?: (?:([a-z_]+(?:\.\w+)*): (?!none stands alone))?")


def errors_in_words(broken: BrokenDefinition, language: str = "zh") -> Iterator[str]:
    """The errors of a definition that cannot be used, one line each, with file, field and remedy."""
    for error in broken.errors:
        yield error if language == "en" else _in_chinese(str(broken.path), error)


def _in_chinese(path: str, error: str) -> str:
    """The line in Chinese; as it is where nobody foresaw it."""
    place = _PLACE.match(error, len(path)) if error.startswith(path) else None
    if place is None:
        return error
    line, field = place.groups()
    words = error[place.end() :]
    for pattern, chinese in _CHINESE.items():
        found = re.fullmatch(pattern, words, re.DOTALL)
        if found:
            where = (f" 第 {line} 行" if line else "") + (f" {field}" if field else "")
            return f"{path}{where}：{found.expand(chinese)}"
    return error


def files_in_words(broken: BrokenDefinition, language: str = "zh") -> tuple[str, ...]:
    """As :func:`errors_in_words`, without the folder, which is the same for all."""
    folder = f"{broken.path.parent}{Path('/')}"
    return tuple(error.replace(folder, "") for error in errors_in_words(broken, language))
