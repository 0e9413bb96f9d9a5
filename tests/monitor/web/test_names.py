"""The queue of names on its page: who sees it, what an answer does, and what the log keeps."""

from collections.abc import Iterator

import pytest

from monitor.accounts.roles import Role
from monitor.registry.doubtful import doubtful_names
from monitor.settings import Settings
from monitor.store import names
from tests.monitor.record.making import TOWN, World, at, organ, shown
from tests.monitor.web.dashboard import Visitor, add_user, dashboard, record_of, visitor

NOW = at(2, 6)
SIGNED = organ("990301101", "云溪新镇", "云溪新镇<b>人民政府</b>")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("names"))
    world.crawl(at(1, 20), shown(SIGNED, 2023, at(1, 20).date()))
    world.ingest()
    yield world
    world.database.close()


@pytest.fixture(scope="module")
def people(world: World) -> Iterator[dict[str, Visitor]]:
    """Logged in: officers of the county and of another one, a viewer, an administrator."""
    for name, role, places in (
        ("here", Role.OFFICER, ("990301",)),
        ("there", Role.OFFICER, ("990302",)),
        ("viewer", Role.VIEWER, ()),
        ("administrator", Role.ADMINISTRATOR, ()),
    ):
        add_user(world.database, name, role, *places, at=NOW)
    world.configure(NOW)
    record = record_of(world.database, lambda: NOW, world.folder / "portals", Settings())
    with dashboard(record) as address:
        yield {name: visitor(address, name) for name in ("here", "there", "viewer", "administrator")}


def test_an_officer_answers_for_the_own_county_alone(world: World, people: dict[str, Visitor]) -> None:
    (one,) = doubtful_names(world.database, [world.portal])
    path = f"/names/{one.reference}"
    shown_here = people["here"].get("/names").text
    assert "云溪新镇" in shown_here
    assert TOWN.code in shown_here
    assert "<b>" not in shown_here
    assert "云溪" not in people["there"].get("/names").text
    assert people["viewer"].get("/names").status_code == 403
    fields = {"organ": TOWN.code, "note": "电话核实"}
    for action in ("accept", "reject", "forget"):
        assert people["there"].post(f"{path}/{action}", **fields).status_code == 404, action
        assert people["viewer"].post(f"{path}/{action}", **fields).status_code == 403, action
    assert people["here"].post("/names/00000000/accept", **fields).status_code == 404
    silent = people["here"].post(f"{path}/accept", organ=TOWN.code, note=" ")
    assert silent.status_code == 400
    assert "请写明理由" in silent.text
    wrong = people["here"].post(f"{path}/accept", organ="990301999", note="x")
    assert wrong.status_code == 400
    assert "没有代码为 990301999 的单位" in wrong.text
    with world.database.reading() as session:
        assert not names.answers(session)
    assert people["here"].post(f"{path}/accept", **fields).status_code == 303
    assert not doubtful_names(world.database, [world.portal])
    with world.database.reading() as session:
        (kept,) = names.answers(session)
    assert (kept.organ_code, kept.accepted, kept.by, kept.note) == (TOWN.code, True, "here", "电话核实")
    assert "云溪" not in people["there"].get("/names").text
    assert people["there"].post(f"{path}/forget", note="x").status_code == 404
    assert people["here"].post(f"{path}/forget", note="弄错了").status_code == 303
    assert people["here"].post(f"{path}/reject", organ=TOWN.code, note="不是").status_code == 303
    log = people["administrator"].get("/administration/audit?who=here").text
    for what in ("认定署名", "否定署名", "收回对署名的答复", "电话核实"):
        assert what in log
