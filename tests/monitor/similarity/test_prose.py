"""Reading and signing texts: the same in this process and in others, and headings that a guard must not miss."""

import random

from hypothesis import given
from hypothesis import strategies as st

from monitor.similarity.prose import WORTH_PROCESSES, Prose, Readers, Signed
from monitor.similarity.texts import _HEADING, _LONGEST_HEADING
from monitor.store import versions
from tests.monitor.rules.building import build_report
from tests.monitor.similarity.prose import narrative

NAMES = ("梅坪镇", "梅坪")


def _read_and_signed(readers: Readers, reports: int) -> tuple[list[list[Prose]], list[Signed]]:
    chance = random.Random(3)
    documents = [
        versions.pack(build_report(year=2023, text={1: narrative(chance), 5: f"梅坪镇{narrative(chance)}"}))
        for _ in range(reports)
    ]
    asked = [readers.read([(document, NAMES)]) for document in documents]
    read = [answer() for answer in asked]
    return read, readers.sign([prose.own for each in read for prose in each], frozenset())()


def test_processes_read_and_sign_as_this_one_does() -> None:
    with Readers(2) as few, Readers(2) as many:
        few.expect(WORTH_PROCESSES - 1)
        many.expect(WORTH_PROCESSES)
        assert (few._pool is None, many._pool is None) == (True, False)
        here, there = _read_and_signed(few, 6), _read_and_signed(many, 6)
    assert here == there
    read, signed = here
    assert all(len(prose.sentences) > 100 and prose.form == "2021" for each in read for prose in each)
    assert all(text.characters > 200 and text.signature for text in signed)
    assert many._pool is None, "the processes are there still"


def test_one_process_reads_everything_itself() -> None:
    with Readers(1) as readers:
        readers.expect(100 * WORTH_PROCESSES)
        assert readers._pool is None


@given(st.from_regex(_HEADING, fullmatch=True))
def test_no_heading_is_longer_than_the_guard(heading: str) -> None:
    assert len(heading) <= _LONGEST_HEADING
