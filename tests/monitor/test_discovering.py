"""Whose column it is, and the definition as a file: nobody is named who was not seen there lately."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.discovery.proposing import Proposal, ProposedColumn
from crawler.discovery.survey import Survey
from crawler.portals.definition import ColumnDefinition, PortalError
from crawler.records import ColumnPass, Entry, EntryKind, Outcome
from monitor.discovering import as_yaml, id_from_host, match_organs, plain, write_definition
from monitor.language import translate
from monitor.rules.base import OrganKind
from monitor.store.register import RegisteredOrgan

FINANCE = RegisteredOrgan("119901010000000001", "东岭县财政局", OrganKind.DEPARTMENT, "990101", "东岭县")
TOWNS = [
    RegisteredOrgan(f"99010110{number}", name, OrganKind.TOWNSHIP, "990101", "东岭县")
    for number, name in enumerate(("云溪镇", "石桥乡", "白泉镇"), start=1)
]
ORGANS = [*TOWNS, FINANCE]


def entry(column: str, organ: str | None, year: int, code: str | None = None) -> Entry:
    """A report as a list shows it."""
    return Entry(
        sequence=1,
        column_id=column,
        address=f"http://h.example/{column}/{organ}{year}.html",
        title=f"{organ or ''}{year}年政府信息公开工作年度报告",
        kind=EntryKind.REPORT,
        shown_on=date(year + 1, 1, 15),
        list_address="http://h.example/",
        organ_code=code,
    )


def column(
    id: str, *entries: Entry, hint: str | None = None, group: str = "g", **fields: object
) -> ProposedColumn:
    """A column that the trial pass read whole."""
    definition = ColumnDefinition.model_validate(
        {"id": id, "name": "年报", "address": f"http://h.example/{id}/", **fields}
    )
    passed = ColumnPass(1, id, Outcome.COLLECTED, True, 1, len(entries))
    return ProposedColumn(definition, hint, passed, entries, group)


def proposal(*columns: ProposedColumn, site: str | None = "东岭县人民政府") -> Proposal:
    """A proposal of these columns."""
    return Proposal(Survey("http://h.example/", site_name=site), "trs", ("mark",), ("h.example",), list(columns))


def names(*columns: ProposedColumn) -> dict[str, tuple[str | None, list[str]]]:
    """Whose column each is, and whom it covers."""
    matched = match_organs(proposal(*columns), ORGANS)
    return {
        id: (one.organ.name if one.organ else None, [organ.name for organ in one.covers])
        for id, one in matched.columns.items()
    }


def test_names_without_the_county_prove_nobody() -> None:
    """Many counties have a town of this name: a column of another county on the same host must accuse nobody."""
    short = column("xz", entry("xz", "云溪镇", 2023), entry("xz", "财政局", 2023))
    for site in (None, "云山市人民政府"):
        (found,) = match_organs(proposal(short, site=site), ORGANS).columns.values()
        assert (found.organ, found.covers, found.placeless) == (None, (), True)
        text = as_yaml(match_organs(proposal(short, site=site), ORGANS), "a", "a", "990101", _say, "2026-01-15")
        assert "covers: [none]" in text
    (named,) = match_organs(
        proposal(column("xz", entry("xz", "东岭县云溪镇", 2023)), site=None), ORGANS
    ).columns.values()
    assert [organ.name for organ in named.proven] == ["云溪镇"]
    coded = column("xz", entry("xz", "云溪镇", 2023, code="990101101"))
    (by_code,) = match_organs(proposal(coded, site=None), ORGANS).columns.values()
    assert [organ.name for organ in by_code.proven] == ["云溪镇"]


def test_a_column_covers_whose_recent_reports_stand_there_and_nobody_else() -> None:
    flat = column("xz", entry("xz", "云溪镇", 2023), entry("xz", "石桥乡", 2022), entry("xz", "白泉镇", 2019))
    assert names(flat) == {"xz": (None, ["云溪镇", "石桥乡"])}
    matched = match_organs(proposal(flat), ORGANS)
    assert [organ.name for organ in matched.columns["xz"].older] == ["白泉镇"]
    assert [organ.name for organ in matched.unseen] == ["东岭县财政局"]


def test_a_column_is_an_organs_own_where_its_place_and_its_reports_say_so() -> None:
    own = column("czj", entry("czj", None, 2023), entry("czj", None, 2022), hint="县财政局")
    assert names(own) == {"czj": ("东岭县财政局", [])}
    # By its reports alone it may be a column of many in which only one has published yet.
    assert names(column("xz", entry("xz", "云溪镇", 2023))) == {"xz": (None, ["云溪镇"])}
    by_code = column("d1", entry("d1", None, 2023, FINANCE.code))
    assert names(by_code) == {"d1": ("东岭县财政局", [])}


def test_a_name_that_is_nobodys_makes_a_column_nobodys_own() -> None:
    mixed = column("czj", entry("czj", None, 2023), entry("czj", "东岭县国资局", 2023), hint="县财政局")
    assert names(mixed) == {"czj": (None, ["东岭县财政局"])}
    assert match_organs(proposal(mixed), ORGANS).unmatched == ("东岭县国资局",)


def test_reports_without_a_name_are_nobodys_where_another_organ_publishes() -> None:
    """The bureau's page links the column of all: what stands there without a name is not the bureau's."""
    shared = column("nb", entry("nb", None, 2023), entry("nb", "石桥乡", 2023), hint="县财政局")
    assert names(shared) == {"nb": (None, ["石桥乡"])}


def test_folders_of_years_stand_for_one_column() -> None:
    """Who published in one of the two newest belongs to all: else a report missing in one was never missed."""
    newest = column("n2023", entry("n2023", "云溪镇", 2023), years=[2023])
    before = column("n2022", entry("n2022", "云溪镇", 2022), entry("n2022", "石桥乡", 2022), years=[2022])
    assert names(newest, before) == {
        "n2023": (None, ["云溪镇", "石桥乡"]),
        "n2022": (None, ["云溪镇", "石桥乡"]),
    }


def test_hostile_words_of_a_page_stay_words(tmp_path: Path) -> None:
    evil = column("xz", entry("xz", "云溪镇", 2023), hint=None)
    evil = ProposedColumn(
        evil.definition.model_copy(update={"name": 'a: [b]\n  - id: "x" # y\x1b[2J'}), None, evil.passed,
        (*evil.reports, entry("xz", "恶意\ncovers: [township]\n#镇", 2023)), "g",
    )  # fmt: skip
    matched = match_organs(proposal(evil), ORGANS)
    text = as_yaml(matched, "x", "n: 'm'\nhosts: [evil.example]", "990101", _say, "2024-03-01")
    portal = write_definition(tmp_path / "x.yaml", text)
    assert portal.hosts == ("h.example",)
    assert portal.columns[0].covers == (TOWNS[0].code,)
    assert "\x1b" not in text
    assert yaml.safe_load(text)["name"] == "n: 'm' hosts: [evil.example]"


def _say(text: str, /, **values: object) -> str:
    return translate(text, "zh", values)


def test_a_file_is_never_overwritten_and_a_broken_one_never_left(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_definition(file, "id: x")
    assert file.read_text(encoding="utf-8") == "mine"
    with pytest.raises(PortalError):
        write_definition(tmp_path / "b.yaml", "id: x")
    assert not (tmp_path / "b.yaml").exists()


@pytest.mark.parametrize(
    ("host", "id"),
    [
        ("www.qinghe.gov.cn", "qinghe"),
        ("czj.qinghe.gov.cn", "czj-qinghe"),
        ("127.0.0.1:8080", "127-0-0-1-8080"),
        ("www.taken.gov.cn", "taken-2"),
    ],
)
def test_an_id_from_a_host(host: str, id: str) -> None:
    assert id_from_host(host, ["taken"]) == id


# Whatever a page or a register may hold: line ends of every kind, marks of YAML, halves of characters.
_ANY = st.text(
    st.one_of(
        st.sampled_from(list("年报\n\t #:'\"&*!|>{}[],-?%@`\\\x85\u2028\ufeff\xa0\u3000\x00\x1b\ud8001")),
        st.characters(),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(words=_ANY, site=_ANY)
@example(words="a\nid: evil", site="x:\xa0")
@example(words="年\x85报", site="'\"#")
def test_whatever_a_page_says_the_definition_reads_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, words: str, site: str
) -> None:
    name = plain(words) or "年报"
    found = [entry("c1", words, 2023), entry("c1", "云溪镇", 2023)]
    organs = [*ORGANS, RegisteredOrgan("990101109", words, OrganKind.TOWNSHIP, "990101", "东岭县")]
    matched = match_organs(proposal(column("c1", *found, hint=words, name=name)), organs)
    path = tmp_path_factory.mktemp("any") / "x.yaml"
    written = write_definition(path, as_yaml(matched, "x", site, "990101", _say, "2024-03-01"))
    assert written.id == "x"
    assert written.name == (plain(site, 200) or "x")
    assert written.hosts == ("h.example",)
    assert [one.name for one in written.columns] == [name]


def test_an_id_from_a_host_is_one() -> None:
    host = "a" * 59 + "-b." + "c" * 20 + ".gov.cn"
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?", id_from_host(host, ()))
