"""Which portals take turns."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.jobs.hosts import lock_keys, turns
from tests.monitor.jobs.situations import portal


def test_portals_that_share_a_host_take_turns_and_others_do_not() -> None:
    found = turns([portal("a", "x.example"), portal("b", "y.example"), portal("c", "x.example", "z.example")])
    assert found["a"] == found["c"] != found["b"]


def test_who_shares_a_host_with_one_that_shares_another_waits_too() -> None:
    found = turns([portal("a", "x.example"), portal("b", "y.example"), portal("c", "y.example", "x.example")])
    assert len(set(found.values())) == 1


def test_ports_of_one_name_are_hosts_of_their_own_unless_somebody_has_the_whole_name() -> None:
    ports = [portal("a", "x.example:8001"), portal("b", "x.example:8002")]
    apart = turns(ports)
    assert apart["a"] != apart["b"]
    together = turns([*ports, portal("c", "x.example")])
    assert len(set(together.values())) == 1


def test_what_is_held_for_a_visit() -> None:
    assert lock_keys(["x.example:8001", "y.example"]) == {
        "x.example": False,
        "x.example:8001": True,
        "y.example": True,
    }
    assert lock_keys(["x.example", "x.example:8001"]) == {"x.example": True, "x.example:8001": True}


HOSTS = st.sets(st.sampled_from(["x.cn", "y.cn", "z.cn", "x.cn:81", "x.cn:82", "y.cn:81"]), min_size=1, max_size=3)


@given(st.lists(HOSTS, min_size=1, max_size=6))
def test_whoever_would_hold_the_same_takes_the_same_turn_in_whatever_order(chosen: list[set[str]]) -> None:
    portals = [portal(f"p{number}", *sorted(hosts)) for number, hosts in enumerate(chosen)]
    found = turns(portals)
    assert found == turns(reversed(portals))
    for one in portals:
        for other in portals:
            mine, theirs = lock_keys(one.hosts), lock_keys(other.hosts)
            if any(mine[key] or theirs[key] for key in mine.keys() & theirs.keys()):
                assert found[one.id] == found[other.id]
