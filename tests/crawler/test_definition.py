"""Portal definitions: what is accepted, and one readable line for each error."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from crawler.families import NAMES
from crawler.portals.definition import ColumnDefinition, PortalError, load_portals, read_portals

GOOD = """\
id: example
name: 示例县人民政府
county_code: 410526
family: trs
hosts: [www.example.gov.cn, "zwgk.example.gov.cn:8082"]
request_interval: 2
columns:
  - id: towns
    name: 乡镇年报
    address: HTTP://WWW.example.gov.cn:80/zwgk/nb
    covers: [township, subdistrict]
    years: [2022, 2023]
  - id: finance
    name: 财政局年报
    address: http://zwgk.example.gov.cn:8082/czj/
    organ: 11410526005678
"""


def errors_of(folder: Path, text: str, name: str = "example.yaml") -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(PortalError) as caught:
        load_portals(folder)
    assert str(caught.value).splitlines() == list(caught.value.errors)
    return [line.removeprefix(f"{folder}/") for line in caught.value.errors]


def test_a_definition_is_read(tmp_path: Path) -> None:
    (tmp_path / "example.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a definition", encoding="utf-8")
    (portal,) = load_portals(tmp_path)
    assert (portal.id, portal.county_code, portal.family, portal.request_interval) == (
        "example",
        "410526",
        "trs",
        2.0,
    )
    assert portal.columns[0].address == "http://www.example.gov.cn/zwgk/nb"
    assert portal.columns[0].covers == ("township", "subdistrict")
    assert portal.columns[1].organ == "11410526005678"
    assert portal.allows("https://www.example.gov.cn/x")
    assert portal.allows("http://zwgk.example.gov.cn:8082/x")
    assert not portal.allows("http://zwgk.example.gov.cn/x")
    assert not portal.allows("http://www.example.gov.cn.evil.example/x")
    assert not portal.allows("http://www.example.gov.cn@evil.example/x")
    assert not portal.allows("ftp://www.example.gov.cn/x")


def test_a_definition_holds_from_its_first_day_to_its_last(tmp_path: Path) -> None:
    dated = GOOD.replace("family", "valid_from: 2023-05-01\nvalid_to: '2024-01-31'\nsuccessor: new-one\nfamily", 1)
    (tmp_path / "example.yaml").write_text(dated, encoding="utf-8")
    (portal,) = load_portals(tmp_path)
    held = [
        portal.valid_on(day) for day in (date(2023, 4, 30), date(2023, 5, 1), date(2024, 1, 31), date(2024, 2, 1))
    ]
    assert held == [False, True, True, False]
    assert (portal.successor, portal.verified) == ("new-one", None)


def test_no_folder_is_no_portal(tmp_path: Path) -> None:
    assert load_portals(tmp_path / "missing") == ()


FULL = "not a web address: write it in full, beginning with http:// or https://"
MANUAL = "see docs/portals.md"


ERRORS = [
    ("family: trs", "family: trs\ncolour: red", "colour: no such field: correct its spelling or take it out"),
    ("name: 示例县人民政府\n", "", "name: is missing: add it"),
    (
        "family: trs",
        "family: wordpress",
        "family: must be one of " + ", ".join(NAMES) + ", not 'wordpress'",
    ),
    ("id: example", "id: ../etc", f"id: has the wrong form ('../etc'): {MANUAL}"),
    ("410526", "4105", f"county_code: has the wrong form ('4105'): {MANUAL}"),
    ("HTTP://WWW.example.gov.cn:80/", "/", f"columns.1.address: {FULL}"),
    ("HTTP://WWW", "ftp://www", f"columns.1.address: {FULL}"),
    ("WWW", "o", "column 'towns' lies on a host not listed in hosts: add it there, if it is right"),
    ("id: finance", "id: towns", "two columns have the id 'towns': give each its own"),
    (
        "[2022,",
        "[1922,",
        "columns.1.years.1: input should be greater than or equal to 2008: correct it (1922)",
    ),
    (": 2\n", ": -1\n", "request_interval: input should be greater than or equal to 0: correct it (-1)"),
    ("[www", "[//www", "hosts: '//www.example.gov.cn' is not a host: write the name alone, or name:port"),
    (
        "organ: 11410526005678",
        "organ: 11410526005678\n    covers: [township]",
        "columns.2: organ and covers exclude each other: keep the one that is true of the column",
    ),
    (
        "family: trs",
        "family: trs\nvalid_from: 2024-02-01\nvalid_to: 2024-01-01",
        "valid_to is before valid_from: exchange or correct the two days",
    ),
    (
        "family: trs",
        "family: trs\nsuccessor: other",
        "a portal with a successor needs valid_to: the last day on which it was in use",
    ),
    (
        "family: trs",
        "family: trs\nvalid_to: 2024-01-01\nsuccessor: example",
        "successor names the portal itself: name the portal that took its place",
    ),
    ("family: trs", "family: trs\nverified: 2024", "verified: not a day: write it as 2026-01-31"),
    ("columns:", "columns: []\nx:", "columns: must not be empty: add at least one"),
]
"""What is replaced in a good definition, by what, and what is told then."""


@pytest.mark.parametrize(("old", "new", "line"), ERRORS)
def test_an_error_is_one_line_with_file_field_and_remedy(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert old in GOOD
    assert errors_of(tmp_path, GOOD.replace(old, new, 1))[0] == f"example.yaml: {line}"


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("family: trs\nfamily: generic", "the key 'family' stands twice"),
        ("family: [trs", "expected ',' or ']', but got ':'"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path, new: str, reason: str) -> None:
    (line,) = errors_of(tmp_path, GOOD.replace("family: trs", new))
    assert line == f"example.yaml line 5: not valid YAML ({reason}): {MANUAL} for the format"


def test_all_errors_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("- a list", encoding="utf-8")
    (tmp_path / "d.yaml").write_bytes(GOOD.encode("gbk"))
    lines = errors_of(tmp_path, "!!python/object/apply:os.system ['true']", "e.yaml")
    assert lines == [
        f"a.yaml: id: 'example' is the id of {tmp_path}/b.yml too: give each portal its own",
        f"b.yml: id: 'example' is the id of {tmp_path}/a.yaml too: give each portal its own",
        "c.yaml: holds no portal definition: see docs/portals.md for the format",
        "d.yaml: is not UTF-8: save the file as UTF-8",
        "e.yaml line 1: not valid YAML (could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object/apply:os.system'): see docs/portals.md for the format",
    ]


@pytest.mark.parametrize(
    ("text", "county"),
    [
        (GOOD.replace("family: trs", "family: [trs"), "410526"),
        (GOOD.replace("410526\nfamily", "'410526'  # 滑县\nfamily").replace("hosts", "host"), "410526"),
        (GOOD.replace("county_code: 410526", "county_code: 41052"), None),
        ("- a list", None),
    ],
)
def test_one_that_is_broken_does_not_take_the_others_along(tmp_path: Path, text: str, county: str | None) -> None:
    (tmp_path / "a.yaml").write_text(text.replace("id: example", "id: other", 1), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(GOOD, encoding="utf-8")
    portals, (broken,) = read_portals(tmp_path)
    assert [portal.id for portal in portals] == ["example"]
    assert (broken.path, broken.county_code) == (tmp_path / "a.yaml", county)
    assert broken.errors


def test_a_folder_that_cannot_be_read_is_not_one_without_definitions(tmp_path: Path) -> None:
    assert read_portals(tmp_path / "missing") == ((), ())
    folder = tmp_path / "portals"
    folder.write_text("", encoding="utf-8")
    portals, (broken,) = read_portals(folder)
    assert (portals, broken.path, broken.county_code) == ((), folder, None)
    assert broken.errors == (f"{folder}: cannot be read (Not a directory): check the file and its permissions",)


def test_of_two_with_one_id_neither_is_used(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    portals, broken = read_portals(tmp_path)
    assert portals == ()
    assert [(one.path.name, one.county_code) for one in broken] == [("a.yaml", "410526"), ("b.yaml", "410526")]


def test_the_example_of_the_manual_is_a_definition(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "portals.md").read_text(encoding="utf-8")
    (tmp_path / "example.yaml").write_text(manual.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    (portal,) = load_portals(tmp_path)
    assert len(portal.columns) > 1


@pytest.mark.parametrize("field", ["render", "render_reports"])
@pytest.mark.parametrize("value", [True, "", "js"])
def test_a_browser_wants_a_reason(field: str, value: object) -> None:
    given = {"id": "c", "name": "年报", "address": "http://a.example/nb/", field: value}
    with pytest.raises(ValidationError, match="why a browser is needed"):
        ColumnDefinition.model_validate(given)
    assert ColumnDefinition.model_validate({**given, field: "列表由脚本生成"})
