"""`nianbao captures`: what was fetched comes out again as it was, alone or as a WARC file for an obligation."""

import hashlib
import io
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from tests.monitor.cli.command import Said, nianbao
from tests.monitor.record.making import OTHER_TOWN, TOWN, Shown, World, at, page, shown

LIST_BEFORE, LIST_AFTER = "<ul><li>石桥乡</li></ul>".encode(), "<ul><li>云溪镇</li><li>石桥乡</li></ul>".encode()
TOWN_PAGE = page(TOWN, 2023, date(2024, 1, 25))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A record of five passes: the town's report comes with the fourth."""
    world = World(tmp_path_factory.mktemp("captures"))
    other = shown(OTHER_TOWN, 2023, date(2024, 1, 10))
    town = Shown(
        "/nb/1.html", TOWN_PAGE, "云溪镇2023年政府信息公开工作年度报告", attachments={"/nb/1.doc": b"file"}
    )
    for day in (1, 5, 9):
        world.crawl(at(2, day), other, lists={"nb": LIST_BEFORE})
    for day in (12, 20):
        world.crawl(at(2, day), other, town, lists={"nb": LIST_AFTER})
    world.ingest()
    world.configure(at(2, 21))
    return world


def told(world: World, *arguments: str | Path) -> Said:
    """A command over the record."""
    return nianbao("captures", *arguments, "--config", world.folder / "nianbao.toml")


def test_an_obligation_as_a_warc_file_that_the_usual_tool_accepts(world: World, tmp_path: Path) -> None:
    file = tmp_path / "out.warc.gz"
    said = told(world, "export", "--organ", TOWN.code, "--year", "2023", "--output", file)
    assert (said.status, said.out) == (0, "")
    assert str(file) in said.err
    with redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as end:
        warcio(["check", str(file)])
    assert not end.value.code
    with file.open("rb") as stream:
        found = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(stream)
            if record.rec_type in ("response", "revisit")
        ]
    bodies = {(address.rpartition("/")[2] or "list", body) for kind, address, body in found if kind == "response"}
    assert bodies == {("list", LIST_BEFORE), ("list", LIST_AFTER), ("1.html", TOWN_PAGE), ("1.doc", b"file")}
    # The proof of absence, the first with it, and the last; what nothing rests on stays out unless asked for.
    lists = [kind for kind, address, _ in found if address.endswith("/nb/")]
    assert lists == ["response", "revisit", "revisit", "response", "revisit"]


@pytest.mark.parametrize("verb", ["list", "export"])
def test_a_year_before_the_regulation_is_one_clear_line(verb: str, world: World) -> None:
    said = told(world, verb, "--organ", TOWN.code, "--year", "1999")
    assert said.status == 2
    assert "没有 1999 年度的报告" in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_lists_that_nothing_rests_on_come_only_when_asked_for(world: World) -> None:
    some = told(world, "list", "--organ", OTHER_TOWN.code, "--year", "2023", "--format", "json").json
    everything = told(
        world, "list", "--organ", OTHER_TOWN.code, "--year", "2023", "--all-lists", "--format", "json"
    ).json
    counted = [sum(one["role"] == "list" for one in found) for found in (some, everything)]
    assert counted[1] == 5
    assert 0 < counted[0] < 5


def test_a_missing_report_is_proven_by_its_lists(tmp_path: Path) -> None:
    world = World(tmp_path)
    for day in (1, 2):
        world.crawl(at(2, day), lists={"nb": LIST_BEFORE})
    world.ingest()
    world.configure(at(2, 5))
    found = told(world, "list", "--organ", TOWN.code, "--year", "2023", "--format", "json").json
    assert [(one["role"], one["fetched_at"][:10]) for one in found] == [
        ("list", "2024-02-02"),
        ("list", "2024-02-01"),
    ]
    assert told(world, "export", "--organ", TOWN.code, "--year", "2023", "--output", tmp_path / "x.gz").status == 0


def test_a_capture_is_taken_out_as_it_was(world: World, tmp_path: Path) -> None:
    digest = hashlib.sha256(TOWN_PAGE).hexdigest()
    (one, *_) = told(world, "list", "--address", "http://www.example.org/nb/1.html", "--format", "json").json
    for name in (str(one["id"]), digest, digest[:12].upper()):
        file = tmp_path / "page.html"
        said = told(world, "show", name, "--output", file)
        assert said.status == 0, said.err
        assert file.read_bytes() == TOWN_PAGE
        assert digest in said.out
        file.unlink()
    shown_as = told(world, "show", str(one["id"]), "--format", "json").json
    assert (shown_as["method"], shown_as["sha256"]) == ("GET", digest)


def test_a_capture_overwrites_no_file(world: World, tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    file.write_text("mine", encoding="utf-8")
    said = told(world, "show", hashlib.sha256(TOWN_PAGE).hexdigest(), "--output", file)
    assert (said.status, said.out, file.read_text(encoding="utf-8")) == (2, "", "mine")
    assert said.err.count("\n") == 1
    assert "mine.html" in said.err


def test_for_people_it_is_a_table(world: World) -> None:
    said = told(world, "list", "--portal", "dongling", "--most", "3")
    assert said.status == 0
    assert said.out.count("http://") == 3


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (("export", "--organ", "123", "--year", "2023"), 2, "名录"),
        (("export", "--organ", TOWN.code), 2, "--year"),
        (("list", "--organ", TOWN.code), 2, "--year"),
        (("show", "999999"), 2, "999999"),
        (("show", "nonsense"), 2, "nonsense"),
        (("show", "0000000000"), 2, "0000000000"),
    ],
)
def test_what_is_wrong_is_one_line(world: World, arguments: tuple[str, ...], status: int, word: str) -> None:
    said = told(world, *arguments)
    assert said.status == status
    assert word in said.problem


def test_an_obligation_of_which_nothing_was_captured_leaves_no_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.configure(at(2, 5))
    said = told(world, "export", "--organ", TOWN.code, "--year", "2023", "--output", tmp_path / "x.warc.gz")
    assert said.status == 1
    assert "nianbao run" in said.problem
    assert not (tmp_path / "x.warc.gz").exists()


def test_an_export_from_a_damaged_archive_leaves_no_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.crawl(at(1, 20), shown(TOWN, 2023, data=TOWN_PAGE), lists={"nb": LIST_AFTER})
    world.ingest()
    world.configure(at(2, 5))
    digest = hashlib.sha256(TOWN_PAGE).hexdigest()
    (world.archive.root / "blobs" / digest[:2] / f"{digest}.zst").write_bytes(b"rubbish")
    said = told(world, "export", "--organ", TOWN.code, "--year", "2023", "--output", tmp_path / "x.warc.gz")
    assert said.status == 1
    assert not list(tmp_path.glob("*.gz*"))
