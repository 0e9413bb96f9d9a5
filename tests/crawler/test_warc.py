"""Captures as WARC: the records are there, honest, and the usual tools check, index and replay them."""

import gzip
import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from crawler.captures import Archive
from crawler.clock import SHANGHAI
from crawler.records import Capture, CaptureRole
from crawler.sandbox.families.portals import family_site, served
from crawler.warc import LoggedCapture, Written, write_warc
from tests.crawler.crawling import crawled

AT = datetime(2024, 1, 20, 9, tzinfo=SHANGHAI)
PAGE, LIST = "http://www.example.org/nb/1.html?a=1", "http://www.example.org/api/list"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "captures")


def capture(archive: Archive, number: int, body: bytes | None, address: str = PAGE, **more: Any) -> Capture:
    fields: dict[str, Any] = {
        "sequence": number,
        "role": CaptureRole.DOCUMENT,
        "address": address,
        "final_address": address,
        "fetched_at": AT + timedelta(days=number),
        "status": 200,
        "sha256": archive.put(body) if body is not None else None,
        "size": len(body or b""),
        "media_type": "text/html",
        "headers": {"content-type": "text/html; charset=utf-8"},
    }
    return Capture(**(fields | more))


def exported(archive: Archive, captures: Sequence[Capture]) -> tuple[Path, Written]:
    file = archive.root / "out.warc.gz"
    with file.open("wb") as out:
        logged = [LoggedCapture(f"run-{one.sequence}", one) for one in captures]
        written = write_warc(out, archive, logged, filename=file.name, made_at=AT, about={"isPartOf": "测试"})
    return file, written


def records(file: Path) -> list[tuple[str, dict[str, str], dict[str, str], bytes]]:
    """Kind, WARC headers, HTTP headers (with the line first) and body of every record."""
    found = []
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            http = record.http_headers
            head = {"": f"{http.protocol} {http.statusline}"} | dict(http.headers) if http else {}
            found.append((record.rec_type, dict(record.rec_headers.headers), head, record.content_stream().read()))
    return found


def tool(*arguments: str) -> tuple[int, str]:
    """The warcio command as people run it."""
    said = io.StringIO()
    with redirect_stdout(said):
        try:
            status = warcio([*arguments])
        except SystemExit as end:
            status = end.code
    return int(status or 0), said.getvalue()


def test_the_usual_tool_finds_every_digest_right_and_indexes_the_file(archive: Archive) -> None:
    unchanged = capture(archive, 2, b"<p>1</p>", status=304, size=0)
    file, _ = exported(archive, [capture(archive, 1, b"<p>1</p>"), unchanged, capture(archive, 3, b"<p>2</p>")])
    assert tool("check", str(file)) == (0, "")
    status, index = tool("index", "-f", "warc-type,warc-target-uri", str(file))
    assert status == 0
    kinds = [line.split('"')[3] for line in index.splitlines()]
    assert kinds == ["warcinfo", *("response", "request", "metadata"), *("revisit", "request", "metadata"),
                     *("response", "request", "metadata")]  # fmt: skip
    assert index.count(PAGE) == 9


def test_a_damaged_file_is_found_out(archive: Archive) -> None:
    file, _ = exported(archive, [capture(archive, 1, b"<p>1</p>")])
    plain = gzip.decompress(file.read_bytes()).replace(b"<p>1</p>", b"<p>9</p>")
    damaged = file.with_name("damaged.warc")
    damaged.write_bytes(plain)
    assert tool("check", str(damaged))[0] == 1


def test_what_is_replayed_is_what_was_captured(archive: Archive) -> None:
    body = "<html><p>云溪镇</p></html>".encode("gb18030")
    headers = {
        "content-type": "text/html; charset=gbk",
        "content-encoding": "gzip",
        "content-length": "17",
        "transfer-encoding": "chunked",
        "etag": '"a"',
        "server": "x\r\nSet-Cookie: y",
    }
    file, written = exported(archive, [capture(archive, 1, body, headers=headers)])
    assert (written.captures, written.responses, written.revisits, written.failures) == (1, 1, 0, 0)
    info, response, request, metadata = records(file)
    kind, warc, http, replayed = response
    assert (kind, replayed) == ("response", body)
    assert warc["WARC-Target-URI"] == PAGE
    assert warc["WARC-Date"] == "2024-01-21T01:00:00.000000Z"
    # The body is held decoded: nothing may say that it is not.
    assert http[""] == "HTTP/1.1 200 OK"
    assert http["Content-Length"] == str(len(body))
    assert not {"Content-Encoding", "Transfer-Encoding", "Set-Cookie"} & set(http)
    assert http["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert b"content encoding were undone" in info[3]
    assert request[2][""] == "GET /nb/1.html?a=1 HTTP/1.1"
    assert request[1]["WARC-Concurrent-To"] == warc["WARC-Record-ID"]
    assert f"sha256: {archive.put(body)}".encode() in metadata[3]
    with gzip.open(file) as stream:
        assert stream.readline() == b"WARC/1.1\r\n"


def test_not_modified_and_the_same_again_refer_to_the_record_that_holds_the_body(archive: Archive) -> None:
    body = b"<p>1</p>"
    file, written = exported(
        archive,
        [
            capture(archive, 1, body),
            capture(archive, 2, body, status=304, size=0, request_headers={"If-None-Match": '"a"'}),
            capture(archive, 3, body),
            capture(archive, 4, body, "http://www.example.org/other.html"),
        ],
    )
    assert (written.responses, written.revisits) == (2, 2)
    found = [one for one in records(file) if one[0] in ("response", "revisit")]
    first, unchanged, same, elsewhere = found
    for revisit, profile in ((unchanged, "server-not-modified"), (same, "identical-payload-digest")):
        assert revisit[1]["WARC-Profile"] == f"http://netpreserve.org/warc/1.1/revisit/{profile}"
        assert revisit[1]["WARC-Refers-To"] == first[1]["WARC-Record-ID"]
        assert revisit[1]["WARC-Refers-To-Target-URI"] == PAGE
        assert revisit[1]["WARC-Refers-To-Date"] == first[1]["WARC-Date"]
        assert revisit[1]["WARC-Payload-Digest"] == first[1]["WARC-Payload-Digest"]
        assert revisit[3] == b""
    assert unchanged[2][""] == "HTTP/1.1 304 Not Modified"
    assert elsewhere[0] == "response"
    (asked,) = [one for one in records(file) if one[0] == "request" and "If-None-Match" in one[2]]
    assert asked[2]["If-None-Match"] == '"a"'


def test_a_list_asked_by_form_keeps_the_form(archive: Archive) -> None:
    form = capture(
        archive, 1, b'{"rows":[]}', LIST, role=CaptureRole.LIST, method="POST", request_body="page=2&名=年报",
        request_headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    file, _ = exported(archive, [form])
    (request,) = [one for one in records(file) if one[0] == "request"]
    assert "POST" in request[2][""]
    assert request[2]["Content-Type"] == "application/x-www-form-urlencoded"
    assert request[3].decode() == "page=2&名=年报"


def test_what_did_not_come_is_told_and_not_invented(archive: Archive) -> None:
    lost = capture(archive, 2, None, sha256="0" * 64)
    nothing = capture(archive, 1, None, status=None, problem="unreachable", headers={})
    redirected = capture(archive, 3, b"<p>3</p>", final_address="http://www.example.org/new.html")
    file, written = exported(archive, [nothing, lost, redirected])
    assert (written.failures, written.lost) == (1, ("0" * 64,))
    kinds = [one[0] for one in records(file)]
    assert kinds == ["warcinfo", "request", "metadata", "request", "metadata", "response", "request", "metadata"]
    told = [one[3].decode() for one in records(file) if one[0] == "metadata"]
    assert "problem: unreachable" in told[0]
    response = next(one for one in records(file) if one[0] == "response")
    assert response[1]["WARC-Target-URI"] == "http://www.example.org/new.html"
    assert f"requestedAddress: {PAGE}" in told[2]


def test_nothing_that_was_captured_begins_a_header_of_its_own(archive: Archive) -> None:
    evil = "http://www.example.org/a\r\nWARC-Evil: 1\r\n\r\nx"
    headers = {"server": "a\r\nX-Evil: 1", "etag": "b\n\nX-Evil: 1"}
    one = capture(
        archive, 1, b"x", evil, headers=headers, request_headers={"referer": "x\r\nX-Evil: 1"},
        column_id="c\r\nX-Evil: 1", parent_address=evil,
    )  # fmt: skip
    file, _ = exported(archive, [one])
    found = records(file)
    assert [kind for kind, _, _, _ in found] == ["warcinfo", "response", "request", "metadata"]
    assert not [name for _, warc, http, _ in found for name in (*warc, *http) if "evil" in name.lower()]
    assert b"\r\nX-Evil" not in found[3][3]


def test_the_same_captures_give_the_same_bytes(archive: Archive) -> None:
    captures = [capture(archive, 1, b"1"), capture(archive, 2, b"2", LIST)]
    before = exported(archive, captures)[0].read_bytes()
    assert exported(archive, captures[::-1])[0].read_bytes() == before


def test_a_page_that_a_browser_built_is_no_servers_answer(archive: Archive) -> None:
    body = "<html>名单</html>".encode()
    built = {"rendered": True, "refused_hosts": ("ads.example.com",), "role": CaptureRole.LIST}
    failed = capture(archive, 3, None, LIST, problem="unrendered", **built)
    file, written = exported(
        archive, [capture(archive, 1, body, LIST, **built), capture(archive, 2, body, LIST, **built), failed]
    )
    assert tool("check", str(file)) == (0, "")
    found = records(file)
    assert [one[0] for one in found] == ["warcinfo", "resource", "metadata", "metadata", "metadata"]
    _, warc, http, kept = found[1]
    assert (kept, http, warc["Content-Type"]) == (body, {}, "text/html; charset=utf-8")
    assert found[2][1]["WARC-Concurrent-To"] == found[3][1]["WARC-Concurrent-To"] == warc["WARC-Record-ID"]
    assert b"refusedHosts: ads.example.com" in found[2][3]
    assert (written.responses, written.revisits, written.failures) == (1, 1, 1)


@pytest.mark.parametrize("name", ["trs_fujian", "epoint", "old_gbk"])
def test_whole_runs_at_real_portals_come_out_whole(tmp_path: Path, name: str) -> None:
    with served(family_site(name)) as portal:
        first = crawled(portal.definition, tmp_path)
        again = crawled(portal.definition, tmp_path, known=first.known())
    file = tmp_path / "run.warc.gz"
    logged = [LoggedCapture(log.finished.run_id, one) for log in (first, again) for one in log.captures]
    with file.open("wb") as out:
        written = write_warc(out, first.archive, logged, filename="run.warc.gz", made_at=AT, about={})
    assert tool("check", str(file)) == (0, "")
    assert (written.captures, written.failures, written.lost) == (len(logged), 0, ())
    assert written.responses + written.revisits == len(logged)
    found = records(file)
    bodies = {body for kind, _, _, body in found if kind == "response"}
    assert bodies == {first.archive.get(one.capture.sha256) for one in logged if one.capture.sha256}
    # Lists that are asked for by a form are kept with the form, page by page.
    posted = [one.capture for one in logged if one.capture.method == "POST"]
    assert bool(posted) == (name != "old_gbk")
    forms = {body.decode() for kind, _, head, body in found if kind == "request" and head[""].startswith("POST ")}
    assert forms == {one.request_body for one in posted}
    assert all(one.role is CaptureRole.LIST and one.sha256 for one in posted)
