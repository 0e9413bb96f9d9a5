"""The whole way with captures in an S3-compatible store: crawl, parse, page, evidence, backup, restore, prune."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from crawler import stores
from crawler.captures import Archive, Place, StoreSilent
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.sandbox.generator import report_title
from monitor.accounts.roles import Role
from monitor.archives import archive_of
from monitor.assess import assess
from monitor.settings import load_settings
from monitor.store import versions
from tests.crawler.website import Reply, Website, trs_list
from tests.monitor.cli.command import Said, nianbao, working_in
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN, World, at, page
from tests.monitor.web.dashboard import add_user, dashboard, record_of, visitor
from tests.object_store import SECRET, ObjectServer

NOW = at(2, 21)


class Office:
    """A record whose captures lie in a store, the web site that it crawls, and its commands."""

    def __init__(self, folder: Path, site: Website, server: ObjectServer, bucket: str) -> None:
        self.folder, self.site, self.server, self.bucket = folder, site, server, bucket
        self.world = World(folder)
        self.world.portal = PortalDefinition(
            id="dongling",
            name="东岭县人民政府",
            county_code=COUNTY,
            family="trs",
            hosts=(site.host,),
            request_interval=0,
            columns=(ColumnDefinition(id="nb", name="年报", address=f"{site.address}/nb/"),),
        )
        self.world.archive = Archive(server.place(folder / "captures", bucket))
        self.config = self.world.configure(NOW)
        store = server.address(bucket)
        text = self.config.read_text(encoding="utf-8").replace(
            "[crawl]\n",
            f'bodies = "{store.address}"\nbodies_endpoint = "{store.endpoint}"\n'
            f'bodies_key_file = "{store.key_file}"\n[crawl]\nallow_private_addresses = true\n',
        )
        self.config.write_text(text, encoding="utf-8")

    def run(self, *words: str | Path) -> Said:
        """One command."""
        return nianbao(*words, "--config", self.config)

    @property
    def place(self) -> Place:
        """Where the captures lie."""
        return archive_of(load_settings(self.config)).place


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    """The store."""
    made = ObjectServer(tmp_path_factory.mktemp("store"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, server: ObjectServer) -> Iterator[Office]:
    """Two townships that published; their reports are crawled, parsed and judged."""
    towns = {f"202402/t2024021{number}_{number}.html": one for number, one in enumerate((TOWN, OTHER_TOWN))}
    rows = [(f"./{path}", report_title(one, 2023), "2024-02-10") for path, one in towns.items()]
    pages = {f"/nb/{path}": Reply(page(one, 2023, date(2024, 2, 10))) for path, one in towns.items()}
    folder = tmp_path_factory.mktemp("office")
    with Website({"/nb/": trs_list(rows), **pages}) as site, working_in(folder):
        made = Office(folder, site, server, "captures-of-the-office")
        said = made.run("run")
        assert said.status == 0, said.out + said.err
        yield made


@pytest.fixture(autouse=True)
def nobody_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that one test stopped is asked again at once by the next."""
    monkeypatch.setattr(stores, "SILENT_SECONDS", 0.0)


def test_from_the_crawl_to_the_page_and_the_evidence(office: Office) -> None:
    archive = Archive(office.place)
    digests = list(archive.digests())
    assert len(digests) == 3
    assert not (office.folder / "captures" / "blobs").exists()
    database = office.world.database
    settings = load_settings(office.config)
    assert SECRET in settings.secrets
    add_user(database, "chen", Role.ADMINISTRATOR, at=NOW)
    (alert, *_) = office.run("alerts", "list", "--kind", "late", "--format", "json").json
    record = record_of(database, lambda: NOW, office.folder / "portals", settings)
    with dashboard(record) as address:
        chen = visitor(address, "chen")
        for number in (1, 2, 3):
            answer = chen.get(f"/captures/{number}/original")
            assert answer.status_code == 200
            assert answer.content in [archive.get(digest) for digest in digests]
        answer = chen.get(f"/evidence/{alert['id']}?pictures=no")
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
            assert bundle.testzip() is None
            kept = [bundle.read(name) for name in bundle.namelist() if name.startswith("captures/")]
        assert archive.get(digests[0]) in kept or archive.get(digests[1]) in kept
        office.server.stop()
        try:
            down = chen.get("/captures/2")
            assert down.status_code == 200
            assert "does not answer" in down.text
            assert SECRET not in down.text
            assert chen.get(f"/evidence/{alert['id']}?pictures=no").status_code == 500
        finally:
            office.server.start()


def test_while_the_store_is_silent_nothing_is_unread_or_missing(office: Office) -> None:
    """What could not be read waits, and the same documents are parsed when the store is back."""
    database = office.world.database
    before = assess(database, [office.world.portal], load_settings(office.config), NOW)
    office.server.stop()
    try:
        said = office.run("ingest", "--reparse")
        assert said.status == 1
        assert "s3://captures-of-the-office/" in said.problem
        crawled = office.run("crawl", "--full")
        assert crawled.status == 1
    finally:
        office.server.start()
    with database.reading() as session:
        assert not versions.unread_documents(session, NOW, {})
    assess(database, [office.world.portal], load_settings(office.config), NOW)
    kinds = {one["kind"] for one in office.run("alerts", "list", "--format", "json").json}
    assert "missing" not in kinds
    assert "parse_failed" not in kinds
    assert before
    assert office.run("ingest", "--reparse").status == 0


def test_a_backup_holds_the_bodies_and_comes_back_into_another_bucket(office: Office, tmp_path: Path) -> None:
    said = office.run("backup", tmp_path / "backup")
    assert (said.status, said.err) == (0, "")
    assert office.run("backup", tmp_path / "backup", "--check").status == 0
    office.server.client.create_bucket(Bucket="another")
    place = tmp_path / "place"
    place.mkdir()
    text = office.config.read_text(encoding="utf-8").replace("captures-of-the-office", "another")
    text = text.replace(str(office.folder), str(place))
    config = place / "nianbao.toml"
    config.write_text(
        "\n".join(
            f'database = "sqlite:///{place}/restored.sqlite"' if line.startswith("database") else line
            for line in text.splitlines()
        ),
        encoding="utf-8",
    )
    done = nianbao("restore", tmp_path / "backup", "--config", config)
    assert (done.status, done.err) == (0, "")
    restored = archive_of(load_settings(config))
    mine = Archive(office.place)
    assert list(restored.digests()) == list(mine.digests())
    assert [restored.get(digest) for digest in mine.digests()] == [mine.get(digest) for digest in mine.digests()]
    assert nianbao("restore", tmp_path / "backup", "--config", config).status == 2
    office.server.stop()
    try:
        assert office.run("backup", tmp_path / "another").status == 1
        assert nianbao("backup", tmp_path / "another", "--check").status == 1
    finally:
        office.server.start()


def test_the_archive_is_opened_where_the_settings_say(office: Office) -> None:
    written = yaml.safe_load((office.folder / "portals" / "dongling.yaml").read_text(encoding="utf-8"))
    assert written["id"] == "dongling"
    with pytest.raises(StoreSilent):
        Archive(Place(office.folder, office.server.address("elsewhere"))).has("0" * 64)


def test_the_identity_stands_beside_the_bodies_and_another_bucket_is_refused(office: Office) -> None:
    assert "captures/archive-id" in office.server.names(office.bucket)
    assert not (office.folder / "captures" / "archive-id").exists()
    office.server.client.create_bucket(Bucket="of-nobody")
    other = office.folder / "other.toml"
    text = office.config.read_text(encoding="utf-8")
    other.write_text(text.replace(office.bucket, "of-nobody"), encoding="utf-8")
    said = nianbao("crawl", "--config", other)
    assert said.status == 1
    assert "s3://of-nobody/captures/archive-id" in said.problem
    assert office.server.names("of-nobody") == []
