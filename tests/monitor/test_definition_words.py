"""What is wrong with a definition is told in Chinese, to whoever wrote it by hand."""

import re
from pathlib import Path

import pytest

from crawler.portals.definition import BrokenDefinition, read_portals
from monitor.definition_words import errors_in_words, files_in_words
from tests.crawler.test_definition import ERRORS, GOOD

WRONG = [
    *((old, new) for old, new, _ in ERRORS),
    ("family: trs", "family: [trs"),
    ("family: trs", "family: trs\nfamily: trs"),
    ("covers: [", "covers: [none, "),
    ("covers: [township", "covers: [townships"),
    ("czj/", "czj/{year}/"),
    ("hosts: [", "hosts: x\nx: ["),
    ("name: 示例县人民政府", "name: [示例县]"),
    ("family: trs", "family: trs\nrender: x"),
    ("[2022,", "[x,"),
    ("[2022,", "[2222,"),
    (GOOD, "- a list"),
]
OTHER_THAN_FIELDS = re.compile(r"\b(?:is|must|to|be|not|it|with|cannot|should|see)\b")


def broken(folder: Path, text: str | bytes, name: str = "example.yaml") -> BrokenDefinition:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    _, (found,) = read_portals(folder)
    return found


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_every_error_is_one_chinese_line(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    found = broken(tmp_path, GOOD.replace(old, new, 1))
    lines = list(errors_in_words(found))
    assert len(lines) == len(found.errors)
    for line in lines:
        assert line.startswith(str(tmp_path / "example.yaml"))
        told = re.sub(r"（.*）|“.*”", "", line.removeprefix(str(tmp_path)))
        assert re.search("[；，]", told), line
        assert not OTHER_THAN_FIELDS.search(told), line
    assert list(errors_in_words(found, "en")) == list(found.errors)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("family: trs", "family: trs\ncolour: red", " colour：没有这个字段；请改正拼写或删去"),
        ("HTTP://WWW", "ftp://www", " columns.1.address：不是网址；请写完整，以 http:// 或 https:// 开头"),
        ("id: finance", "id: towns", "：有两个栏目的 id 都是 'towns'；请各用各的"),
        ("[2022,", "[1922,", " columns.1.years.1：不应小于 2008；请改正（1922）"),
        (
            "family: trs",
            "family: [trs",
            " 第 5 行：不是合法的 YAML（expected ',' or ']', but got ':'）；格式见 docs/portals.md",
        ),
        (
            "covers: [township",
            "covers: [townships",
            " columns.1.covers.1：不能是 'townships'；可以是 township, subdistrict, department, county, zone, "
            "prefecture, province, none，或机构代码",
        ),
        ("covers: [", "covers: [none, ", "：covers 中的 none 只能单独写；请删去它，或删去其余各项"),
    ],
)
def test_file_field_and_remedy_are_named(tmp_path: Path, old: str, new: str, line: str) -> None:
    (first, *_) = files_in_words(broken(tmp_path, GOOD.replace(old, new, 1)))
    assert first.replace(" columns.1：covers", "：covers") == f"example.yaml{line}"


def test_two_files_with_one_id_name_each_other(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    _, (one, _) = read_portals(tmp_path)
    assert files_in_words(one) == ("a.yaml id：'example' 也是 b.yaml 的 id；请各用各的，两个都没有使用",)


def test_what_nobody_foresaw_is_told_as_it_is() -> None:
    one = BrokenDefinition(Path("/p/a.yaml"), ("/p/a.yaml: something new", "else"), None)
    assert list(errors_in_words(one)) == ["/p/a.yaml: something new", "else"]
