"""So much at a time, so many who wait, and for everybody else an answer at once."""

import time
from collections.abc import Callable
from threading import Event, Thread

import pytest

from monitor.access.places import Busy, Places


def hold(places: Places, until: Event) -> tuple[Thread, Event]:
    """Somebody who has a place until an event."""
    there = Event()

    def have() -> None:
        with places.taken():
            there.set()
            until.wait(10)

    one = Thread(target=have)
    one.start()
    return one, there


def took(act: Callable[[], object]) -> float:
    """How long it took to be told that there is no place."""
    begun = time.monotonic()
    with pytest.raises(Busy) as busy:
        act()
    assert busy.value.seconds > 0
    return time.monotonic() - begun


def test_who_finds_no_place_waits_and_who_finds_no_place_to_wait_does_not() -> None:
    places, over = Places(1, waiting=1, seconds=2.0), Event()
    first, there = hold(places, over)
    assert there.wait(5)
    waited: list[float] = []
    second = Thread(target=lambda: waited.append(took(places.taken().__enter__)))
    second.start()
    time.sleep(0.1)
    assert took(places.taken().__enter__) < 1.0, "there is one already who waits"
    second.join()
    assert 1.9 < waited[0] < 20
    third, got = hold(places, over)
    assert not got.wait(0.1)
    over.set()
    assert got.wait(5), "a place that becomes free is taken by who waits"
    first.join()
    third.join()


def test_a_place_is_free_again_however_its_block_ends() -> None:
    places = Places(1, waiting=1, seconds=0.1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), places.taken():
            raise ValueError("broken")
    with places.taken():
        assert took(places.taken().__enter__) < 5
