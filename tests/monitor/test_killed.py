"""kill -9 at random moments of a pass: the next pass comes to what an undisturbed one comes to."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from monitor.store.engines import POSTGRESQL, SQLITE
from tests.benchmarks.killed import differences, killed_at, stand

pytestmark = pytest.mark.both_databases

MOMENTS = {SQLITE: 3, POSTGRESQL: 2}


def test_after_a_kill_the_next_pass_comes_to_the_same(tmp_path: Path, engine: str) -> None:
    moments = MOMENTS[engine]
    random = Random(4)
    with stand(tmp_path) as made:
        assert sum(made.expected["versions"].values()) == 40
        assert made.expected["alerts"]
        # One moment in each part of the pass, so that every stage is cut.
        parts = [(part + random.random()) / moments for part in range(moments)]
        killed = 0
        for number, share in enumerate(parts):
            going_on, found = killed_at(made, tmp_path / f"killed-{number}", share * made.seconds)
            killed += going_on
            assert differences(made.expected, found) == []
        assert killed >= moments // 2
