"""Which texts are told to be the same, which are not, and that a daily pass finds what a full one finds."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from monitor.rules.base import OrganFacts, OrganKind
from monitor.rules.masking import sentence_key
from monitor.similarity.comparing import Batch, Comparison, CountyView, Organs, compare, twins_of
from monitor.similarity.pairs import Author, may_be_compared
from monitor.store import comparisons, versions
from tests.monitor.similarity.making import Record, town
from tests.monitor.similarity.prose import narrative, renumbered, sentence

pytestmark = pytest.mark.both_databases


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Two counties of eight towns, each with a report of its own."""
    made = Record(tmp_path)
    chance = random.Random(1)
    for county in (1, 2):
        for number in range(8):
            made.put(town(county, number), narrative(chance))
    return made


def test_reports_of_their_own_are_alike_to_none(record: Record) -> None:
    record.compare()
    assert record.pairs() == set()


@pytest.mark.parametrize(("county", "year"), [(1, 2023), (2, 2023), (1, 2022), (2, 2022)])
def test_a_copy_is_found_within_and_across_counties_and_years(record: Record, county: int, year: int) -> None:
    text = narrative(random.Random(9), "梅坪镇")
    first = record.put(town(1, 0), text)
    copy = renumbered(text, random.Random(2)).replace("梅坪镇", "竹坪镇").replace("我镇", "本镇")
    second = record.put(town(county, 3), copy, year)
    record.compare()
    assert record.pairs() == {(first, second)}


def test_an_organ_that_says_the_same_every_year_is_another_matter(record: Record) -> None:
    text = narrative(random.Random(9))
    record.put(town(1, 0), text)
    record.put(town(1, 0), text, 2022)
    record.compare()
    assert record.pairs() == set()


def test_what_most_organs_of_the_county_say_is_nobodys_copy(tmp_path: Path) -> None:
    record = Record(tmp_path, counties=1)
    chance = random.Random(3)
    template = narrative(chance, sentences=24)
    for number in range(8):
        record.put(town(1, number), template + "\n" + narrative(chance, sentences=4))
    record.compare()
    assert record.pairs() == set()
    with record.database.reading() as session:
        row = comparisons.templates_of_county(session, "990401")[2023]
    assert row.texts == 8
    assert len(row.sentences) >= 4 * 20


def test_a_short_text_of_ones_own_is_not_compared(record: Record) -> None:
    words = "".join(sentence(random.Random(9)) for _ in range(3))
    assert len(words) < 150
    for number in (0, 1):
        record.put(town(1, number), words)
    record.compare()
    assert record.pairs() == set()


def test_what_law_and_custom_put_into_every_report_does_not_count(record: Record) -> None:
    stock = (
        "根据《中华人民共和国政府信息公开条例》要求，特编制梅坪镇2023年政府信息公开工作年度报告。"
        "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况等六个部分组成。"
        "本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。"
        "如对本报告有疑问，请与本镇党政综合办公室联系，地址为梅坪镇中心街，邮编000000。"
        "2023年，我镇未收到政府信息公开申请，未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。"
        "2023年，我镇没有收取信息处理费。2023年没有制发规章和行政规范性文件。"
    )
    assert len(stock) > 200
    for number in (0, 1):
        record.put(town(1, number), stock)
    record.compare()
    assert record.pairs() == set()


def test_one_document_under_two_organs_is_no_copy(record: Record) -> None:
    text = narrative(random.Random(9))
    for number in (0, 3):
        record.put(town(1, number), text, printed="梅坪镇人民政府")
    record.compare()
    assert record.pairs() == set()


def test_one_body_registered_under_two_codes_copies_nobody() -> None:
    first = OrganFacts("990401103", "竹坪镇", OrganKind.TOWNSHIP, "990401", "第1县")
    again = replace(first, code="11990401MB0000001X", name="竹坪镇人民政府")
    assert not may_be_compared(Author(first, 2023), Author(again, 2023))
    assert may_be_compared(Author(first, 2023), Author(replace(again, county_code="990402"), 2023))


def test_a_text_that_shares_much_and_not_nearly_all_is_no_copy(record: Record) -> None:
    chance = random.Random(9)
    shared = narrative(chance, sentences=24)
    for number in (0, 1):
        record.put(town(1, number), shared + "\n" + narrative(chance, sentences=8))
    record.compare()
    assert record.pairs() == set()


def test_a_copy_edited_all_over_is_found(record: Record) -> None:
    chance = random.Random(9)
    text = narrative(chance, sentences=40)
    edited = list(text)
    for place in chance.sample(range(len(edited)), len(edited) // 50):
        edited[place] = "改"
    record.put(town(1, 0), text)
    record.put(town(2, 0), "".join(edited))
    record.compare()
    assert len(record.pairs()) == 1


def test_who_published_first_is_told_by_dates_that_are_trusted(record: Record) -> None:
    text = narrative(random.Random(9))
    first = record.put(town(1, 0), text, published=date(2024, 1, 9))
    second = record.put(town(2, 0), text, published=date(2024, 1, 22))
    undated = record.put(town(2, 1), text)
    record.compare()
    with record.database.reading() as session:
        rows = comparisons.texts(session, [first, second, undated])
        twins = twins_of(session, Organs(session), rows)
    assert {twin.organ.code: twin.earlier for twin in twins[first]} == {town(2, 0): False, town(2, 1): None}
    assert {twin.organ.code: twin.earlier for twin in twins[second]} == {town(1, 0): True, town(2, 1): None}
    assert all(twin.templates_known for twin in twins[first])


def test_in_a_county_of_few_texts_templates_are_not_known(tmp_path: Path) -> None:
    record = Record(tmp_path, counties=1, towns=12)
    text = narrative(random.Random(9))
    for number in (0, 1):
        record.put(town(1, number), text)
    record.compare()
    with record.database.reading() as session:
        rows = comparisons.texts_of_county(session, "990401")
        twins = twins_of(session, Organs(session), rows)
        view = CountyView("990401", rows, comparisons.templates_of_county(session, "990401"), Organs(session))
    assert [twin.templates_known for found in twins.values() for twin in found] == [False, False]
    assert view.shared(2023) is None


def test_nothing_new_changes_nothing(record: Record) -> None:
    record.put(town(1, 0), "\n".join(narrative(random.Random(9)) for _ in range(2)))
    record.compare()
    kept = record.kept()
    again = record.compare()
    assert again.made == 0
    assert again.pairs == 0
    assert not again.elsewhere
    assert record.kept() == kept


def test_only_what_is_new_is_made(record: Record) -> None:
    record.compare()
    record.put(town(1, 3), narrative(random.Random(77)))
    assert record.compare("990401").made == 1


def grounds(record: Record, *version_ids: int) -> list[str]:
    """What the judgement of versions rests on."""
    with record.database.reading() as session:
        found = comparisons.grounds(session, version_ids)
    return [found[version_id] for version_id in version_ids]


def test_a_copy_elsewhere_changes_what_the_first_rests_on_and_nothing_else(record: Record) -> None:
    text = narrative(random.Random(9))
    first, bystander = record.put(town(1, 0), text), record.current[town(1, 1), 2023]
    record.compare()
    before = grounds(record, first, bystander)
    record.put(town(2, 4), text)
    assert record.compare("990402").elsewhere == {"990401"}
    after = grounds(record, first, bystander)
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True]
    record.put(town(2, 4), narrative(random.Random(10)))
    assert record.compare("990402").elsewhere == {"990401"}
    assert grounds(record, first, bystander) == before
    assert record.pairs() == set()


def test_counties_are_told_of_whoever_is_in_their_group(tmp_path: Path) -> None:
    """A is like B and B like C, but A not like C: when C goes, the office of A is told of others too."""
    record = Record(tmp_path, counties=3)
    chance = random.Random(5)
    sentences = [sentence(chance) for _ in range(32)]
    for county in (1, 2, 3):
        record.put(town(county, 0), "".join(sentences[county - 1 : county + 29]))
    record.compare()
    assert len(record.pairs()) == 2
    record.put(town(3, 0), narrative(chance))
    assert record.compare("990403").elsewhere == {"990401", "990402"}


def test_a_comparison_that_is_broken_off_goes_on(record: Record) -> None:
    text = narrative(random.Random(9))
    pair = (record.put(town(1, 0), text), record.put(town(2, 0), text))
    broken = Comparison()
    with record.database.begin() as session:
        broken.bring_up(session, record.of_counties("990401", "990402"))
    assert record.pairs() == set()
    assert record.compare().made == 0
    assert record.pairs() == {pair}


def test_an_organ_that_another_county_takes_over_takes_its_text_along(record: Record) -> None:
    version_id = record.put(town(2, 0), narrative(random.Random(9)))
    record.compare()
    record.hand_over(town(2, 0), "990401")
    ours, theirs = record.of_counties("990401").current["990401"], record.of_counties("990402").current["990402"]
    moved = [one for one in theirs if one.version_id == version_id]
    both = {"990401": [*ours, *moved], "990402": [one for one in theirs if one not in moved]}
    compare(record.database, [Batch(both)])
    with record.database.reading() as session:
        assert version_id in comparisons.texts_of_county(session, "990401")
        assert version_id not in comparisons.texts_of_county(session, "990402")


def test_when_only_a_date_changes_the_others_are_told(record: Record) -> None:
    text = narrative(random.Random(9))
    first = record.put(town(1, 0), text, published=date(2024, 1, 9))
    record.put(town(2, 0), text, published=date(2024, 1, 22))
    record.compare()
    with record.database.begin() as session:
        session.connection().exec_driver_sql(
            f"UPDATE report_version SET published_on = '2024-01-30' WHERE id = {first}"
        )
    assert record.compare("990401").elsewhere == {"990402"}


def test_a_version_read_anew_is_compared_anew(record: Record) -> None:
    record.compare()
    version_id = record.current[town(1, 0), 2023]
    with record.database.begin() as session:
        versions.forget_comparisons(session, [version_id])
    assert record.compare().made == 1


@pytest.mark.parametrize("seed", range(6))
def test_a_daily_pass_finds_what_a_full_one_finds(tmp_path: Path, seed: int) -> None:
    """Reports come, change and go, some copied, some of a template; county by county and all at once."""
    record = Record(tmp_path, counties=3, towns=10)
    chance = random.Random(seed)
    template = [narrative(chance, sentences=8) for _ in range(4)]
    texts = [narrative(chance) for _ in range(3)]
    for _ in range(8):
        for _ in range(chance.randint(1, 12)):
            code, year = town(chance.randint(1, 3), chance.randint(0, 9)), chance.choice((2022, 2023))
            if (code, year) in record.current and chance.random() < 0.2:
                record.take(code, year)
                continue
            own = chance.choice(texts) if chance.random() < 0.4 else narrative(chance)
            common = "\n".join(template[: chance.randint(0, 4)])
            record.put(code, f"{common}\n{renumbered(own, chance)}\n{sentence(chance)}", year)
        record.compare(*chance.sample([f"9904{county:02}" for county in (1, 2, 3)], 3))
    daily = record.kept()
    record.anew()
    full = record.kept()
    assert daily["pairs"] == full["pairs"]
    assert daily == full


def test_keys_of_sentences_are_numbers_of_32_bits() -> None:
    assert 0 <= sentence_key("0年，某公开0条。") < 2**32
