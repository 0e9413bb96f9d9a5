"""`nianbao divisions import`: public lists of divisions as they come, and what they do to the register."""

import os
from pathlib import Path

import pytest

from monitor.registry.divisions import Counts, import_divisions, kind_of, read_code
from monitor.rules.base import OrganKind
from monitor.store import register
from monitor.store.database import Database, open_database
from monitor.store.register import RegisteredOrgan
from tests.benchmarks.divisions import national_list
from tests.monitor.cli.command import Said, nianbao

ONE_FILE = """code,name,level,pcode
410000000000,河南省,1,0
410500000000,安阳市,2,410000000000
410526000000,滑县,3,410500000000
410526001000,道口镇街道办事处,4,410526000000
410526111000,焦虎镇,4,410526000000
410526203000,八里营乡,4,410526000000
410526400000,滑县新区,4,410526000000
410526500000,国营农场,4,410526000000
410526111201,焦虎村委会,5,410526111000
"""
CUT_SHORT = """id,pid,deep,name,pinyin_prefix,pinyin,ext_id,ext_name
41,0,0,"河南","hen","he nan","410000000000","河南省"
4105,41,1,"安阳","any","an yang","410500000000","安阳市"
410526,4105,2,"滑","hua","hua","410526000000","滑县"
410526111,410526,3,"焦虎","jih","jiao hu","410526111000","焦虎镇"
"""
SEVERAL = {
    "provinces.csv": 'code,name\n11,"北京市"\n44,"广东省"\n',
    "cities.csv": 'code,name,provinceCode\n1101,"市辖区",11\n4419,"东莞市",44\n',
    "areas.csv": 'code,name,cityCode,provinceCode\n110101,"东城区",1101,11\n110199,"市辖区",1101,11\n',
    "streets.csv": "code,name,areaCode,provinceCode,cityCode\n"
    '110101001,"东华门街道",110101,11,1101\n110101021,"南磨房地区",110101,11,1101\n441900101,"石碣镇",441900,44,4419\n',
}


@pytest.fixture(autouse=True)
def record(folder: Path) -> None:
    """A fresh record in the working folder."""
    assert nianbao("init").status == 0


def imported(folder: Path, content: str, *options: str) -> Said:
    """The command over a list with this content."""
    (folder / "list.csv").write_text(content, encoding="utf-8")
    return nianbao("divisions", "import", folder / "list.csv", *options)


def the_record(folder: Path) -> Database:
    """The record that the commands work on."""
    return open_database(os.environ.get("NIANBAO_STORE__DATABASE", "sqlite:///var/nianbao.sqlite"), folder)


def organs_of(folder: Path) -> dict[str, RegisteredOrgan]:
    """The registered organs by code."""
    with the_record(folder).reading() as session:
        return {organ.code: organ for organ in register.all_organs(session)}


def counties_of(folder: Path) -> dict[str, tuple[str, str | None, str | None]]:
    """The registered counties by code."""
    with the_record(folder).reading() as session:
        return register.counties(session)


def test_counties_alone_unless_organs_are_asked_for(folder: Path) -> None:
    said = imported(folder, ONE_FILE)
    assert (said.status, said.err) == (0, "")
    assert said.out == "县区：新增 1，变更 0，未变 0\n村级 1 行不登记\n"
    assert counties_of(folder) == {"410526": ("滑县", "安阳市", "河南省")}
    assert organs_of(folder) == {}


def test_towns_become_organs_of_the_kind_their_names_tell_and_twice_changes_nothing(folder: Path) -> None:
    said = imported(folder, ONE_FILE, "--organs")
    assert (said.status, said.err) == (0, "")
    assert "单位：新增 4，变更 0，未变 0\n" in said.out
    assert "1 个地方从名称看不是乡镇、街道或园区，没有登记为单位：国营农场" in said.out
    found = organs_of(folder)
    assert {code: (organ.kind.value, organ.listed_by_county) for code, organ in found.items()} == {
        "410526001": ("subdistrict", True),
        "410526111": ("township", True),
        "410526203": ("township", True),
        "410526400": ("zone", False),
    }
    said = imported(folder, ONE_FILE, "--organs")
    assert said.out.startswith("县区：新增 0，变更 0，未变 1\n单位：新增 0，变更 0，未变 4\n")
    assert organs_of(folder) == found


def test_a_list_with_names_cut_short_is_read_by_its_full_names(folder: Path) -> None:
    assert imported(folder, CUT_SHORT, "--organs").status == 0
    assert counties_of(folder)["410526"] == ("滑县", "安阳市", "河南省")
    assert organs_of(folder)["410526111"].name == "焦虎镇"


def test_a_list_without_a_header_is_read_by_its_first_two_columns(folder: Path) -> None:
    said = imported(folder, ONE_FILE.partition("\n")[2], "--organs")
    assert (said.status, len(organs_of(folder))) == (0, 4)


def test_a_list_in_several_files_municipalities_and_towns_without_a_county(folder: Path) -> None:
    for name, content in SEVERAL.items():
        (folder / name).write_text(content, encoding="utf-8")
    said = nianbao("divisions", "import", *(folder / name for name in reversed(SEVERAL)), "--organs")
    assert (said.status, said.err) == (0, "")
    assert counties_of(folder) == {
        "110101": ("东城区", "北京市", "北京市"),
        "441900": ("东莞市", "东莞市", "广东省"),
    }
    assert organs_of(folder)["441900101"].county_code == "441900"
    assert organs_of(folder)["110101021"].kind is OrganKind.SUBDISTRICT


def test_lines_that_cannot_be_used_are_named_and_the_others_count(folder: Path) -> None:
    bad = "4.10526E+11,某镇,4,\n410526113000,,4,410526000000\n410527114000,他县镇,4,410526000000\n"
    bad += "410526111000,焦虎乡,4,410526000000\n410928100000,无县镇,4,410928000000\n"
    said = imported(folder, ONE_FILE + bad, "--organs")
    lines = said.err.splitlines()
    assert (said.status, len(lines), len(organs_of(folder))) == (1, 5, 4)
    assert [f"第 {number} 行" in line for number, line in zip(range(11, 16), lines, strict=True)] == [True] * 5
    assert "未登记 5 行" in said.out


def test_a_registered_organ_keeps_its_code_aliases_and_a_name_that_means_the_same(folder: Path) -> None:
    header = "code,name,kind,county_code,county,prefecture,valid_to,aliases\n"
    own = "410526111000,焦虎镇人民政府,township,410526,滑县,安阳市,,\n"
    own += "410526203,八里营镇,township,410526,滑县,安阳市,,旧名乡\n"
    own += "11410526005678901X,道口镇街道,subdistrict,410526,滑县,安阳市,,\n"
    (folder / "organs.csv").write_text(header + own, encoding="utf-8")
    assert nianbao("organs", "import", folder / "organs.csv").status == 0
    said = imported(folder, ONE_FILE, "--organs")
    assert said.status == 1
    assert "道口镇街道办事处已以代码 11410526005678901X 登记" in said.problem
    assert "单位：新增 1，变更 1，未变 1\n" in said.out
    found = organs_of(folder)
    assert found["410526111000"].name == "焦虎镇人民政府"
    assert (found["410526203"].name, found["410526203"].aliases) == ("八里营乡", ("旧名乡", "八里营镇"))
    assert found["410526203"].province == "河南省"
    again = nianbao("organs", "import", folder / "organs.csv")
    assert again.out == "新增 0，变更 1，未变 2，未登记 0\n", "an empty province takes nothing away"
    assert counties_of(folder)["410526"] == ("滑县", "安阳市", "河南省")


def test_a_register_of_organs_is_no_list_of_divisions(folder: Path) -> None:
    text = (
        "code,name,kind,county_code,county,prefecture,province\n"
        "410526,滑县人民政府,county,410526,滑县,安阳市,河南省\n"
    )
    (folder / "organs.csv").write_text(text, encoding="utf-8")
    assert nianbao("organs", "import", "organs.csv").status == 0
    said = nianbao("divisions", "import", "organs.csv")
    assert said.status == 1
    assert said.problem == "organs.csv 是单位名录，不是区划；请用 nianbao organs import 登记，区划没有改动"


def test_only_the_places_that_are_asked_for(folder: Path) -> None:
    other = ONE_FILE + "410527000000,内黄县,3,410500000000\n410527100000,城关镇,4,410527000000\n"
    assert imported(folder, other, "--organs", "--place", "410527").status == 0
    assert (list(counties_of(folder)), list(organs_of(folder))) == (["410527"], ["410527100"])


@pytest.mark.parametrize(
    "content", ["名字,别的\n甲,乙\n", "", "code\n41\n"], ids=["no columns", "empty", "no name"]
)
def test_a_file_that_is_no_list_is_one_line_and_registers_nothing(folder: Path, content: str) -> None:
    said = imported(folder, content)
    assert (said.status, said.out) == (1, "")
    assert "list.csv" in said.problem
    assert counties_of(folder) == {}


def test_a_file_that_is_not_there_and_a_place_that_is_no_code_are_wrong_usage(folder: Path) -> None:
    assert nianbao("divisions", "import", folder / "none.csv").status == 2
    said = imported(folder, ONE_FILE, "--place", "滑县")
    assert said.status == 2
    assert "滑县" in said.problem


def test_a_list_of_the_whole_country_is_imported_whole_and_again_without_change(folder: Path) -> None:
    (folder / "list.csv").write_text(national_list(), encoding="utf-8")
    database = the_record(folder)
    first = import_divisions(database, [folder / "list.csv"], organs=True)
    assert (first.rejected, first.others) == ((), ())
    assert (first.counties, first.organs) == (Counts(2850), Counts(37_740))
    second = import_divisions(database, [folder / "list.csv"], organs=True)
    assert (second.counties, second.organs) == (Counts(0, 0, 2850), Counts(0, 0, 37_740))
    said = nianbao("completeness", "--county", "999999")
    assert (said.status, len(said.problem) < 400) == (2, True)


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("41", ("41", 0)),
        ("410000", ("41", 0)),
        ("410500000000", ("4105", 1)),
        ("410526", ("410526", 2)),
        ("411000", ("4110", 1)),
        ("410526100000", ("410526100", 3)),
        ("441900003", ("441900003", 3)),
        ("410526111201", ("410526111201", 4)),
        ("4105261", None),
        ("000000", None),
        ("４１", None),
    ],
)
def test_levels_of_codes(printed: str, read: tuple[str, int] | None) -> None:
    assert read_code(printed) == read


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("东华门街道", "subdistrict"),
        ("新镇街道办事处", "subdistrict"),
        ("南磨房地区", "subdistrict"),
        ("张镇", "township"),
        ("于家务回族乡", "township"),
        ("巴彦宝力格苏木", "township"),
        ("滑县产业集聚区", "zone"),
        ("天津空港经济区", "zone"),
        ("红旗农场", None),
        ("大兴国际机场", None),
    ],
)
def test_kinds_by_name(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind
