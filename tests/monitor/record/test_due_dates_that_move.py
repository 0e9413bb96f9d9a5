"""A changed rule or register recomputes open matters and says so, and what was said before can be said again."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from monitor.assess import AssessResult, assess
from monitor.registry.succession_file import import_successions
from monitor.settings import Settings
from monitor.store.alerts import history
from monitor.store.register import obligations
from monitor.store.tables import Alert, Obligation, PastObligation
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import OTHER_TOWN, TOWN, World, at, shown

pytestmark = pytest.mark.both_databases

RULE = """
rules:
  - id: own
    places: ["990301"]
    kinds: [township]
    due: {due}
    severity: warning
    name: 本县通知
    source: 本县政府办通知
"""


class Season(World):
    """A record whose due-date rules are in a file that may be edited."""

    def rules(self, due: str) -> None:
        """Edit the file."""
        (self.folder / "due.yaml").write_text(RULE.format(due=due), encoding="utf-8")
        file = str(self.folder / "due.yaml")
        self.settings = Settings.model_validate({"watch": {"years": [2023], "due_rules": file}})

    def assess(self, moment: datetime) -> AssessResult:
        """Ingest and assess at a moment."""
        self.ingest()
        return assess(self.database, [self.portal], self.settings, moment)

    def alert(self, code: str, kind: str) -> tuple[str, str]:
        """The state of an alert and the words of its last step."""
        with self.database.reading() as session:
            found = session.scalars(select(Alert).where(Alert.organ_code == code, Alert.kind == kind)).one()
            return found.state, history(session, found.id)[-1]["note"] or ""

    def past(self) -> int:
        """How many past obligations are kept."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(PastObligation)) or 0


@pytest.fixture
def season(tmp_path: Path) -> Season:
    world = Season(tmp_path)
    for day in (1, 2):
        world.crawl(at(2, day))
    return world


def test_a_later_date_takes_an_accusation_back_and_says_why_once(season: Season) -> None:
    assert season.assess(at(2, 2, 12)).moved == ()
    assert season.alert(TOWN.code, "missing")[0] == "open"
    season.rules("[2, 20]")
    result = season.assess(at(2, 3, 12))
    assert {(one.organ_code, one.before, one.after) for one in result.moved} == {
        (code, date(2024, 1, 31), date(2024, 2, 20)) for code in (TOWN.code, OTHER_TOWN.code)
    }
    state, note = season.alert(TOWN.code, "missing")
    assert state == "resolved"
    assert note == "期限由2024-01-31改为2024-02-20（规则：本县通知）"
    assert season.alert("119903010000000001", "missing")[0] == "open", "a department's date is the statute's"
    again = season.assess(at(2, 4, 12))
    assert (again.moved, again.alerts.resolved) == ((), ())


def test_what_was_said_at_any_moment_can_be_said_again(season: Season) -> None:
    season.assess(at(2, 2, 12))
    season.rules("[2, 20]")
    season.assess(at(2, 3, 12))
    season.crawl(at(2, 21))
    season.crawl(at(2, 22))
    season.rules("[2, 10]")
    season.assess(at(2, 22, 12))
    told = {
        moment: (season.standing(moment).state.value, season.standing(moment).due.on)
        for moment in (at(1, 20), at(2, 2, 13), at(2, 3, 11), at(2, 3, 12), at(2, 21, 12), at(2, 22, 12))
    }
    assert told == {
        at(1, 20): ("not_due", date(2024, 2, 10)),  # nothing was said yet: told by the rules of today
        at(2, 2, 13): ("missing", date(2024, 1, 31)),
        at(2, 3, 11): ("missing", date(2024, 1, 31)),
        at(2, 3, 12): ("not_due", date(2024, 2, 20)),
        at(2, 21, 12): ("unverified", date(2024, 2, 20)),
        at(2, 22, 12): ("missing", date(2024, 2, 10)),
    }
    assert season.standing(at(2, 3, 11)).due.rule.startswith("惯例")
    assert season.past() == 4


def test_a_late_report_whose_date_moved_is_updated_with_a_note(season: Season) -> None:
    season.crawl(at(2, 10), shown(TOWN, 2023, date(2024, 2, 8)))
    season.assess(at(2, 10, 12))
    assert season.alert(TOWN.code, "late") == ("open", "")
    season.rules("[2, 1]")
    season.assess(at(2, 11, 12))
    assert season.alert(TOWN.code, "late") == ("open", "期限由2024-01-31改为2024-02-01（规则：本县通知）")
    season.rules("[2, 8]")
    season.assess(at(2, 12, 12))
    assert season.alert(TOWN.code, "late")[0] == "resolved"


def test_a_date_by_which_nothing_is_proven_yet_ends_the_old_accusation(season: Season) -> None:
    season.assess(at(2, 2, 12))
    season.rules("[2, 1]")
    season.assess(at(2, 3, 12))
    assert season.standing(at(2, 3, 12)).state.value == "unverified"
    state, note = season.alert(TOWN.code, "missing")
    assert state == "resolved", "it said that the report was due by 31 January"
    assert "2024-02-01" in note
    season.crawl(at(2, 4))
    season.assess(at(2, 4, 12))
    assert season.alert(TOWN.code, "missing")[0] == "open"


def test_assessing_the_past_again_changes_no_record_of_it(season: Season) -> None:
    season.assess(at(2, 2, 12))
    season.rules("[2, 20]")
    season.assess(at(2, 10, 12))
    kept = season.past()
    season.assess(at(2, 5, 12))
    assert season.past() == kept
    assert season.standing(at(2, 5, 12)).due.on == date(2024, 1, 31)
    with season.database.reading() as session:
        assert {row.due_on for row in obligations(session) if row.organ_code == TOWN.code} == {date(2024, 2, 20)}


def test_an_obligation_that_fell_away_is_still_told_of_the_time_before(season: Season) -> None:
    season.assess(at(2, 2, 12))
    (season.folder / "lineage.csv").write_text(
        "predecessor,successor,day,how,source\n990301101,,2023-01-01,abolished,县政府通知\n", encoding="utf-8"
    )
    assert not import_successions(season.database, season.folder / "lineage.csv").rejected
    season.assess(at(2, 3, 12))
    assert season.alert(TOWN.code, "missing")[0] == "resolved"
    assert season.standing(at(2, 2, 13)).state.value == "missing"
    with pytest.raises(StopIteration):
        season.standing(at(2, 3, 13))


def test_rows_of_before_such_things_were_kept_are_no_other_obligations(season: Season) -> None:
    season.assess(at(2, 2, 12))
    with season.database.begin() as session:
        session.execute(update(Obligation).values(basis=None, expected=None, held_from=None))
    season.rules("[1, 31]")
    assert season.assess(at(2, 3, 12)).moved == ()
    assert season.past() == 2, "the towns have another rule now; the department's row is only filled in"


def test_the_command_says_once_that_dates_changed(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    season.assess(at(2, 2, 12))
    season.rules("[2, 20]")
    file = season.configure(at(2, 3, 12))
    settings = file.read_text(encoding="utf-8")
    file.write_text(settings.replace("[watch]", '[watch]\ndue_rules = "due.yaml"'), encoding="utf-8")
    monkeypatch.setenv("NIANBAO_CONFIG", str(file))
    said = nianbao("assess")
    (line,) = (each for each in said.out.splitlines() if "期限有变化" in each)
    assert line.startswith("2 项义务的期限有变化：惯例：1月31日前")
    assert line.endswith("→ 本县通知")
    assert "期限有变化" not in nianbao("assess").out
