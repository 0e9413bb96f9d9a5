"""Bodies in an S3-compatible store: the promises of the archive hold there, and silence says nothing of a body."""

from __future__ import annotations

import pickle
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from crawler import stores
from crawler.captures import Archive, DamagedCapture, MissingCapture, Place, StoreAddress, StoreSilent
from crawler.records import Outcome
from tests.crawler.crawling import crawled, job, portal
from tests.crawler.website import Reply, Seen, Website, trs_site
from tests.object_store import SECRET, ObjectServer

_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    """The store."""
    made = ObjectServer(tmp_path_factory.mktemp("store"))
    yield made
    made.stop()


@pytest.fixture
def bucket() -> str:
    """The name of a new bucket."""
    return f"bucket-{next(_numbers)}"


@pytest.fixture
def place(server: ObjectServer, bucket: str, tmp_path: Path) -> Place:
    """A place with its bodies in that bucket."""
    return server.place(tmp_path / "captures", bucket)


@pytest.fixture(autouse=True)
def nobody_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that one test stopped is asked again at once by the next."""
    monkeypatch.setattr(stores, "SILENT_SECONDS", 0.0)


def test_a_body_is_kept_once_and_comes_back_as_it_was(server: ObjectServer, bucket: str, place: Place) -> None:
    archive = Archive(place)
    bodies = [b"report", b"x" * 300_000, b""]
    digests = [archive.put(body) for body in bodies]
    assert [archive.put(body) for body in bodies] == digests
    assert [Archive(place).get(digest) for digest in digests] == bodies
    assert list(archive.digests()) == sorted(digests)
    assert server.names(bucket) == sorted(f"captures/blobs/{one[:2]}/{one}.zst" for one in digests)
    assert not (place.root / "blobs").exists()
    archive.sync()
    size = archive.drop(digests[0], really=False)
    assert size is not None
    assert 0 < size < 100
    assert archive.has(digests[0])
    assert archive.drop(digests[0]) == size
    assert archive.drop(digests[0]) is None
    assert not archive.has(digests[0])
    with pytest.raises(MissingCapture, match=f"s3://{bucket}/captures/blobs/"):
        archive.get(digests[0])


def test_two_who_keep_the_same_at_once_keep_it_once(server: ObjectServer, bucket: str, place: Place) -> None:
    bodies = [bytes([number]) * 50_000 for number in range(8)]
    with ThreadPoolExecutor(4) as threads:
        done = [list(each) for each in threads.map(lambda _: map(Archive(place).put, bodies), range(4))]
    assert all(each == done[0] for each in done)
    assert len(server.names(bucket)) == len(bodies)
    assert [Archive(place).get(digest) for digest in done[0]] == bodies


@pytest.mark.parametrize("now", [b"something else", b"", "another", "cut"])
def test_a_damaged_body_is_told_and_never_handed_out(
    server: ObjectServer, bucket: str, place: Place, now: bytes | str
) -> None:
    archive = Archive(place)
    digest, other = archive.put(b"report" * 1000), archive.put(b"other!" * 1000)
    name = f"captures/blobs/{digest[:2]}/{digest}.zst"
    if now == "another":
        now = server.client.get_object(Bucket=bucket, Key=f"captures/blobs/{other[:2]}/{other}.zst")["Body"].read()
    elif now == "cut":
        now = server.client.get_object(Bucket=bucket, Key=name)["Body"].read()[:-4]
    server.client.put_object(Bucket=bucket, Key=name, Body=now)
    assert archive.has(digest)
    with pytest.raises(DamagedCapture, match="restore it from a backup"):
        archive.get(digest)


def test_who_does_not_answer_says_nothing_of_a_body(server: ObjectServer, place: Place) -> None:
    archive = Archive(place)
    digest = archive.put(b"report")
    server.stop()
    try:
        for ask in (
            lambda: archive.get(digest),
            lambda: archive.has(digest),
            lambda: archive.has("0" * 64),
            lambda: archive.put(b"another"),
            lambda: archive.drop(digest),
            lambda: list(archive.digests()),
        ):
            with pytest.raises(StoreSilent) as said:
                ask()
            assert "\n" not in str(said.value)
            assert "does not answer as it should" in str(said.value)
    finally:
        server.start()
    assert archive.get(digest) == b"report"
    assert not archive.has("0" * 64)


def calls_to(mute: socket.socket) -> int:
    """How many have called since."""
    with suppress(BlockingIOError):
        mute.accept()[0].close()
        return 1 + calls_to(mute)
    return 0


def test_no_more_is_asked_of_a_silent_store_for_a_while(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a while to see that nobody answers, and one process may have many runs in it."""
    monkeypatch.setattr(stores, "SILENT_SECONDS", 60.0)
    monkeypatch.setattr(stores, "READ_SECONDS", 0.2)
    monkeypatch.setattr(stores, "_silent", {})
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(16)
        assert place.store is not None
        here = replace(place.store, endpoint=f"http://127.0.0.1:{mute.getsockname()[1]}")
        archive = Archive(replace(place, store=here))
        with pytest.raises(StoreSilent):
            archive.has("0" * 64)
        mute.settimeout(0.0)
        assert calls_to(mute) >= 1
        for _ in range(50):
            with pytest.raises(StoreSilent):
                archive.has("0" * 64)
        assert calls_to(mute) == 0


def test_a_bucket_that_is_not_there_is_no_missing_body(server: ObjectServer, tmp_path: Path) -> None:
    archive = Archive(Place(tmp_path, server.address("no-such-bucket")))
    for ask in (lambda: archive.get("0" * 64), lambda: archive.has("0" * 64), lambda: archive.put(b"x")):
        with pytest.raises(StoreSilent, match="bucket does not exist"):
            ask()
    with pytest.raises(StoreSilent):
        list(archive.digests())


@pytest.mark.parametrize("text", [None, "", "[default]\n", f"[default]\naws_secret_access_key = {SECRET}\nx"])
def test_a_key_that_cannot_be_read_is_told_without_showing_it(
    server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "key"
    if text is not None:
        file.write_text(text)
    address = StoreAddress("s3://bucket", server.endpoint, file if text is not None else None)
    with pytest.raises(StoreSilent, match="key") as said:
        Archive(Place(tmp_path, address)).has("0" * 64)
    assert SECRET not in str(said.value)


def test_without_the_extra_one_line_names_it(
    server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(StoreSilent, match=r"nianbao\[s3\]"):
        Archive(Place(tmp_path, server.address("never-asked"))).has("0" * 64)


def test_a_crawl_keeps_its_bodies_in_the_store_and_hands_no_secret_on(
    server: ObjectServer, bucket: str, place: Place
) -> None:
    with Website(trs_site([1, 2])) as site:
        assert SECRET.encode() not in pickle.dumps(job(portal(site), place))
        log = crawled(portal(site), place)
        assert log.finished.outcome is Outcome.COLLECTED
        again = crawled(portal(site), place, known=log.known())
        assert again.finished.outcome in (Outcome.COLLECTED, Outcome.UNCHANGED)
    kept = {capture.sha256 for capture in log.captures if capture.sha256}
    assert sorted(kept) == list(log.archive.digests())
    assert any("第1份" in log.archive.get(digest).decode() for digest in kept)
    assert not (place.root / "blobs").exists()


def test_a_pass_that_loses_the_store_is_our_failure_and_not_the_portals(
    server: ObjectServer, bucket: str, place: Place
) -> None:
    pages = trs_site([1, 2, 3])
    second = pages["/nb/202401/t20240115_2.html"]
    assert isinstance(second, str)

    def gone_meanwhile(seen: Seen) -> Reply:
        server.stop()
        return Reply(second.encode())

    with Website(pages | {"/nb/202401/t20240115_2.html": gone_meanwhile}) as site:
        try:
            log = crawled(portal(site), place)
        finally:
            server.start()
        assert log.finished.outcome is Outcome.CRASHED
        assert "store of the bodies" in (log.finished.problem or "")
        assert [column.whole for column in log.columns.values()] == [False]
        # What was captured before is whole, and nothing was noted of which the body is not kept.
        assert log.captures
        assert all(log.archive.get(one.sha256) for one in log.captures if one.sha256)
        site.pages["/nb/202401/t20240115_2.html"] = second
        again = crawled(portal(site), place)
    assert again.finished.outcome is Outcome.COLLECTED
    assert len({one.address for one in again.captures}) == 4
