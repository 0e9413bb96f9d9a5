"""Trial passes and the discovery of portals from the pages: in a process of their own, nothing written unasked."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.portals.definition import read_portal
from crawler.sandbox.families.portals import ServedPortal, family_site, served
from monitor.access import trials
from monitor.access.base import Access, NotAllowed, NotFound, Record
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.jobs.children import Children
from monitor.refusals import NotPossible
from monitor.registry.organs import import_organs
from monitor.settings import load_settings
from monitor.store import trials as store
from monitor.store.database import Database, open_database
from monitor.trials import TrialKind
from tests.monitor.web.dashboard import SECRET, Visitor, add_user, dashboard, record_of, visitor

COUNTY, OTHER = "990101", "990102"
HEADER = "code,name,kind,county_code,county,prefecture,province\n"


@dataclass
class Wizard:
    """A dashboard that may start processes, and an administrator of one county who is logged in."""

    folder: Path
    record: Record
    database: Database
    one: Visitor
    portal: ServedPortal

    def access(self, *places: str, role: Role = Role.ADMINISTRATOR) -> Access:
        """The record as somebody sees it."""
        return Access(self.record, "tester", role, Scope.of(places))


@pytest.fixture(scope="module")
def wizard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wizard]:
    folder = tmp_path_factory.mktemp("trials")
    config = folder / "nianbao.toml"
    config.write_text(
        "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n"
        '[clock]\nnow = "2024-03-01T09:00:00+08:00"\n',
        encoding="utf-8",
    )
    settings = load_settings(config)
    database = open_database(settings.store.database, settings.folder)
    children = Children(config)
    with served(family_site("trs")) as portal:
        content = portal.site.content
        lines = [
            f"{organ.code},{organ.name},{organ.kind},{COUNTY},{organ.county},云山市,示例省\n"
            for organ in content.organs
        ]
        (folder / "organs.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
        database.migrate()
        import_organs(database, folder / "organs.csv")
        portals = settings.path(settings.crawl.portals)
        now = settings.make_clock().now
        plain = record_of(database, now, portals, settings)
        record = Record(plain.database, plain.settings, plain.now, SECRET, plain.portals, children.run)
        add_user(database, "here", Role.ADMINISTRATOR, COUNTY, at=now())
        with dashboard(record) as address:
            yield Wizard(folder, record, database, visitor(address, "here"), portal)
    children.end()
    database.close()


def outcome(wizard: Wizard, address: str) -> trials.TrialPage:
    """What a trial found, once it is over."""
    number = int(address.rpartition("/")[2])
    for _ in range(600):
        shown = trials.trial_page(wizard.access(), number)
        if shown.over:
            return shown
        assert "正在进行" in wizard.one.get(address).text or trials.trial_page(wizard.access(), number).over
        time.sleep(0.2)
    raise AssertionError("the trial did not end")


def test_a_site_is_looked_at_shown_and_written_only_when_confirmed(wizard: Wizard) -> None:
    entrance = wizard.portal.address(wizard.portal.site.entrances()["home"])
    page = "/discoveries"
    begun = wizard.one.post(page, page=page, address=entrance, county=COUNTY, id="qh")
    assert begun.status_code == 303, begun.text
    path = begun.headers["location"]
    shown = outcome(wizard, path)
    assert shown.works
    file = wizard.folder / "portals" / "qh.yaml"
    assert not file.exists(), "nothing is written before somebody confirms it"
    told = wizard.one.get(path).text
    assert "把握" in told
    assert "id: qh" in told
    for number in (shown.id, shown.id + 1):
        with pytest.raises(NotFound):
            trials.write(wizard.access(OTHER), number)
    assert wizard.one.post(f"{path}/write", page=path).headers["location"] == "/portals/qh"
    assert read_portal(file).county_code == COUNTY
    assert "还没有抓过" in wizard.one.get("/portals/qh").text
    assert wizard.one.post(f"{path}/write", page=path).status_code == 400, "it is written once"
    checked = wizard.one.post("/portals/qh/trial", page="/portals/qh")
    assert checked.status_code == 303
    found = outcome(wizard, checked.headers["location"])
    assert found.works
    assert "定义有效" in "\n".join(found.lines)
    assert "/trials/" in wizard.one.get("/portals/qh").text
    log = wizard.one.get("/administration/audit").text
    for what in ("探查网站", "添加门户", "试抓门户"):
        assert what in log


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": "www.example.org"}, "不是网址"),
        ({"address": "javascript:alert(1)"}, "不是网址"),
        ({"address": "http://127.0.0.1:6379/"}, "不能访问"),
        ({"address": "http://example.org:25/"}, "不能访问"),
        ({"county": OTHER}, "在您的地区以内"),
        ({"county": "9901"}, "六位的县区代码"),
        ({"id": "../etc"}, "不能作编号"),
    ],
)
def test_what_may_not_be_looked_at_is_refused(wizard: Wizard, fields: dict[str, str], said: str) -> None:
    page = "/discoveries"
    usual = {"address": "http://www.example.org/", "county": COUNTY, "id": ""}
    refused = wizard.one.post(page, page=page, **{**usual, **fields})
    assert refused.status_code == 400
    assert said in refused.text


def test_addresses_of_the_house_pass_the_gate_only_where_they_are_allowed(wizard: Wizard) -> None:
    settings = wizard.record.settings
    crawl = settings.crawl.model_copy(update={"allow_private_addresses": False})
    closed = Record(
        wizard.database,
        settings.model_copy(update={"crawl": crawl}),
        wizard.record.now,
        SECRET,
        wizard.record.portals,
        lambda *command, quiet: 0,
    )
    access = Access(closed, "tester", Role.ADMINISTRATOR, Scope())
    for address in ("http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/"):
        with pytest.raises(NotPossible, match="不能访问"):
            trials.begin_discovery(access, address, COUNTY, "")


def test_trials_of_other_counties_are_not_there(wizard: Wizard) -> None:
    with wizard.database.begin() as session:
        number = store.add(
            session, TrialKind.CHECK.value, "x", OTHER, None, "somebody", wizard.record.now() - timedelta(hours=3)
        )
    assert wizard.one.get(f"/trials/{number}").status_code == 404
    assert wizard.one.post(f"/trials/{number}/write").status_code == 404
    assert wizard.one.post("/portals/nothing/trial").status_code == 404
    shown = trials.trial_page(wizard.access(), number)
    assert shown.over, "what is as old as that was broken off"
    assert "没有做完" in shown.lines[0]
    for role in (Role.VIEWER, Role.OFFICER):
        with pytest.raises(NotAllowed):
            trials.trial_page(wizard.access(role=role), number)
        with pytest.raises(NotAllowed):
            trials.begin_discovery(wizard.access(role=role), "http://www.example.org/", COUNTY, "")


def test_no_more_than_a_few_go_on_at_once(wizard: Wizard) -> None:
    with wizard.database.begin() as session:
        for number in range(trials.MOST_AT_ONCE):
            store.add(session, TrialKind.CHECK.value, f"n{number}", OTHER, None, "x", wizard.record.now())
    with pytest.raises(NotPossible, match="试抓在进行"):
        trials.begin_discovery(wizard.access(), "http://www.example.org/", COUNTY, "")
