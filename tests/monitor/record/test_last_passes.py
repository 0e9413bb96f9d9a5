"""The last pass over each column, found without reading all passes."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.records import ColumnPass, Outcome, RunFinished, RunStarted
from monitor.store import crawls
from tests.monitor.record.making import COUNTY, World, at, column

pytestmark = pytest.mark.both_databases("core")


def run(world: World, moment: datetime, columns: dict[str, Outcome], *, finished: bool = True) -> None:
    """A run over some columns of the portal."""
    id = f"{moment:%Y%m%dT%H%M%S}-dongling-000001"
    passes = [
        ColumnPass(number, name, outcome, outcome.whole, 1, 1)
        for number, (name, outcome) in enumerate(columns.items(), 1)
    ]
    with world.database.begin() as session:
        begun = crawls.add_run(session, RunStarted(id, world.portal.id, COUNTY, moment, False))
        end = [RunFinished(id, moment + timedelta(minutes=5), Outcome.CRASHED)] if finished else []
        crawls.add_records(session, begun, [*passes, *end], 1 + len(passes) + len(end))


@pytest.mark.parametrize("few", [0, 100])
def test_the_last_finished_pass_counts_also_where_later_runs_broke_off(
    tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawls, "_FEW", few)
    world = World(tmp_path, column("a"), column("b"), column("never"))
    run(world, at(1, 10), {"a": Outcome.COLLECTED, "b": Outcome.COLLECTED})
    run(world, at(1, 11), {"a": Outcome.COLLECTED, "b": Outcome.BLOCKED, "gone": Outcome.COLLECTED})
    assert read(world) == {"a": True, "b": False}
    run(world, at(1, 12), {"a": Outcome.PARTIAL})
    assert read(world) == {"a": False, "b": False}
    # A run that broke off before its first column says nothing, and neither does one that has not ended.
    run(world, at(1, 13), {})
    assert read(world) == {"a": False, "b": False}
    run(world, at(1, 14), {"a": Outcome.COLLECTED, "b": Outcome.COLLECTED}, finished=False)
    assert read(world) == {"a": False, "b": False}
    run(world, at(1, 15), {"b": Outcome.UNCHANGED})
    assert read(world) == {"a": False, "b": True}
    with world.database.reading() as session:
        assert crawls.last_read_whole(session, []) == {}


def read(world: World) -> dict[str, bool]:
    """Whether the columns were last read whole, which must be what all passes say."""
    with world.database.reading() as session:
        every = {(one.portal_id, one.column_id): one.whole for one in crawls.column_passes(session, at(2, 1))}
        found = crawls.last_read_whole(session, [world.portal])
    assert found == {key: whole for key, whole in every.items() if key[1] != "gone"}
    return {column_id: whole for (_, column_id), whole in found.items()}
