"""From texts to alerts: one matter for each group and county; findings that change with other organs' reports."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.clock import SHANGHAI
from monitor.alerts.listing import list_alerts, show_alert
from monitor.assess import assess
from monitor.judging import judgements
from monitor.settings import Settings
from monitor.similarity.comparing import Compared, compare
from monitor.similarity.groups import groups
from monitor.store import assessments, kept_standings
from tests.monitor.similarity.making import Record, town
from tests.monitor.similarity.prose import narrative, renumbered

pytestmark = pytest.mark.both_databases
MORNING = datetime(2024, 2, 20, 9, tzinfo=SHANGHAI)
SETTINGS = Settings.model_validate({"watch": {"years": [2022, 2023]}})
SUMS = {"section_three.new_received.total": 3, "section_three.total_results.total": 3}


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Two counties of eight towns, each with a report of its own."""
    made = Record(tmp_path)
    chance = random.Random(1)
    for county in (1, 2):
        for number in range(8):
            made.put(town(county, number), narrative(chance), published=date(2024, 1, 15))
    return made


def similar(record: Record, days: int = 0, **more: Any) -> list[dict[str, Any]]:
    """The alerts on similar texts after an assessment so many days later."""
    at = MORNING + timedelta(days=days)
    assert not assess(record.database, record.portals, SETTINGS, at, workers=1, **more).problems
    return list_alerts(record.database, kind="similar")


def told(record: Record, rule: str, version_id: int) -> str | None:
    """What a rule says of a version."""
    with record.database.reading() as session:
        found = assessments.told_by(session, rule, [version_id])
    return found[version_id].severity.value if version_id in found else None


def test_a_text_in_twelve_reports_is_one_matter_for_each_county(record: Record) -> None:
    text = narrative(random.Random(9))
    chance = random.Random(2)
    for number in range(3):
        record.put(town(1, number), renumbered(text, chance), published=date(2024, 1, 20))
    for number in range(3):
        record.put(town(2, number), renumbered(text, chance), published=date(2024, 1, 20))
    alerts = similar(record)
    assert sorted(alert["county_code"] for alert in alerts) == ["990401", "990402"]
    assert {alert["severity"] for alert in alerts} == {"warning"}
    assert "梅坪镇" in alerts[0]["summary"]
    assert "相同或基本相同" in alerts[0]["summary"]
    assert "最早" not in alerts[0]["summary"]
    shown = show_alert(record.database, alerts[0]["id"])
    assert sum(line.endswith(".html") for line in shown["details"]) >= 6
    assert any(line.startswith("“") for line in shown["details"])


def test_who_published_first_is_named_and_not_accused(record: Record) -> None:
    text = narrative(random.Random(9))
    first = record.put(town(1, 0), text, published=date(2024, 1, 9))
    copy = record.put(town(2, 5), text, published=date(2024, 1, 22))
    (alert,) = similar(record)
    assert alert["county_code"] == "990402"
    assert alert["organ_code"] == town(2, 5)
    assert "第1县梅坪镇2023年度报告（2024年1月9日）" in alert["summary"]
    assert told(record, "P-06", first) == "notice"
    assert told(record, "P-06", copy) == "warning"


def test_the_matter_is_over_when_the_text_is_rewritten_and_comes_back_with_it(record: Record) -> None:
    text = narrative(random.Random(9))
    first = record.put(town(1, 0), text, published=date(2024, 1, 9))
    record.put(town(2, 5), text, published=date(2024, 1, 22))
    similar(record)
    record.put(town(2, 5), narrative(random.Random(4)), published=date(2024, 1, 22))
    (alert,) = similar(record, 1)
    assert alert["state"] == "resolved"
    assert told(record, "P-06", first) is None
    record.put(town(2, 5), text, published=date(2024, 1, 22))
    (alert,) = similar(record, 2)
    assert alert["state"] == "open"


def test_who_joins_a_group_later_changes_the_matter_and_opens_none(record: Record) -> None:
    text = narrative(random.Random(9))
    for number in (0, 1):
        record.put(town(1, number), text)
    (before,) = similar(record)
    record.put(town(1, 4), text)
    (after,) = similar(record, 1)
    assert (before["id"], before["state"]) == (after["id"], after["state"])
    assert "兰坪镇" in after["summary"]


def test_the_same_record_twice_changes_nothing_and_full_comes_to_the_same(record: Record) -> None:
    text = narrative(random.Random(9))
    for county in (1, 2):
        record.put(town(county, 1), text)
    before = similar(record)
    similar(record)  # what passes over the portals may change is part of the grounds from now on
    again = assess(record.database, record.portals, SETTINGS, MORNING, workers=1)
    assert (again.judged, again.counties) == (0, 0)
    assert similar(record, full=True) == before


def test_a_year_that_is_not_watched_makes_no_matter(record: Record) -> None:
    text = narrative(random.Random(9))
    record.put(town(1, 0), text, 2021)
    record.put(town(2, 0), text, 2021)
    assert similar(record) == []
    with record.database.reading() as session:
        assert len(groups(session)) == 1


def test_too_few_texts_of_a_county_accuse_nobody(tmp_path: Path) -> None:
    record = Record(tmp_path)
    text = narrative(random.Random(9))
    for number in (0, 1):
        record.put(town(1, number), text)
    assert similar(record) == []
    assert told(record, "P-06", record.current[town(1, 0), 2023]) == "notice"


def test_the_county_is_held_against_its_towns_and_judged_anew_when_one_of_them_changes(record: Record) -> None:
    chance = random.Random(6)
    government = record.put("990401000", narrative(chance), changes={"section_three.new_received.total": 2})
    bystander = record.current[town(1, 3), 2023]
    assert similar(record) == []
    assert told(record, "H-01", government) is None
    record.put(town(1, 1), narrative(chance), changes=SUMS)
    result = assess(record.database, record.portals, SETTINGS, MORNING + timedelta(days=1), workers=1)
    assert told(record, "H-01", government) == "error"
    assert result.judged == 2  # the town and its county, and no bystander
    assert told(record, "H-01", bystander) is None


def test_last_years_text_is_compared_without_the_countys_template(tmp_path: Path) -> None:
    record = Record(tmp_path, counties=1)
    chance = random.Random(7)
    template = narrative(chance, sentences=24)
    for number in range(8):
        for year in (2022, 2023):
            record.put(town(1, number), f"{template}\n{narrative(chance, sentences=12)}", year)
    kept = narrative(chance, sentences=12)
    for year in (2022, 2023):
        record.put(town(1, 0), f"{template}\n{kept}", year)
    similar(record)
    assert told(record, "Y-06", record.current[town(1, 0), 2023]) == "warning"
    assert told(record, "Y-06", record.current[town(1, 1), 2023]) is None


def test_what_comes_while_texts_are_compared_is_told_by_the_next_assessment(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    similar(record)
    text = narrative(random.Random(9))
    record.put(town(1, 0), text, published=date(2024, 1, 22))
    record.put(town(2, 5), text, published=date(2024, 1, 9))
    similar(record, 1)
    record.put(town(1, 3), text, published=date(2024, 1, 23))  # this concerns the other county too

    def and_one_is_rewritten(*given: Any) -> Compared:
        compared = compare(*given)
        assert compared.elsewhere == {"990402"}
        record.put(town(1, 3), narrative(random.Random(5)), published=date(2024, 1, 23))
        record.put(town(1, 0), narrative(random.Random(4)), published=date(2024, 1, 22))
        return compared

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("monitor.counties.AT_ONCE", 1)
        meanwhile.setattr("monitor.assess.compare", and_one_is_rewritten)
        similar(record, 2)
    (alert,) = similar(record, 3)
    assert alert["state"] == "resolved"


def test_an_assessment_that_another_one_overtook_goes_by_the_record_as_it_is(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_alerts(days: int) -> set[int]:
        similar(record, days)
        alerts = list_alerts(record.database, kind="inconsistent", state="open")
        return {alert["id"] for alert in alerts if alert["organ_code"] == town(1, 0)}

    text = narrative(random.Random(4))
    record.put(town(1, 0), text, changes={"section_three.total_results.total": 3})
    wrong = open_alerts(0)
    record.put(town(1, 7), narrative(random.Random(5)))
    corrected: list[set[int]] = []

    def and_another_one_is_done(*given: Any) -> Any:
        with monkeypatch.context() as again:
            again.setattr("monitor.assess.judgements", judgements)
            record.put(town(1, 0), text)
            corrected.append(open_alerts(2))
        return judgements(*given)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("monitor.assess.judgements", and_another_one_is_done)
        after = open_alerts(1)
    assert after == corrected[0] < wrong


def test_what_comes_while_it_is_judged_is_how_the_report_stands(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected: list[int] = []

    def and_it_is_corrected(*given: Any) -> Any:
        corrected.append(record.put(town(1, 0), narrative(random.Random(4))))
        return judgements(*given)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("monitor.assess.judgements", and_it_is_corrected)
        similar(record)
    with record.database.reading() as session:
        standings = kept_standings.of_county(session, "990401", [2023])
    assert [one.version_id for one in standings if one.organ_code == town(1, 0)] == corrected
