"""The sandbox's server: validators, the challenge, the log, the volume portal, and a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from http.client import HTTPConnection, HTTPResponse

from crawler.sandbox import Sandbox
from crawler.sandbox.loopback import LoopbackServer
from crawler.sandbox.season import organ_named
from crawler.sandbox.volume import VolumeSite


def _get(host: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(host, timeout=10)
    connection.request("GET", path, headers=dict(headers or {}))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def _split(address: str | None) -> tuple[str, str]:
    assert address is not None
    host, _, path = address.removeprefix("http://").partition("/")
    return host, "/" + path


def test_unchanged_page_costs_no_download() -> None:
    """304 by entity tag on TRS, by date on the generic family; both end when the page changes."""
    with Sandbox() as sandbox:
        sandbox.today = date(2024, 2, 3)
        trs = _split(sandbox.report_address(organ_named("澄溪县财政局").code, 2023))
        generic = _split(sandbox.report_address(organ_named("茶亭镇").code, 2023))
        first, body = _get(*trs)
        assert first.status == 200
        assert body
        tag = {"If-None-Match": str(first.headers["ETag"])}
        again, nothing = _get(*trs, tag)
        assert (again.status, nothing) == (304, b"")

        plain, _ = _get(*generic)
        assert plain.headers["ETag"] is None
        since = {"If-Modified-Since": str(plain.headers["Last-Modified"])}
        assert _get(*generic, since)[0].status == 304

        sandbox.today = date(2024, 3, 5)
        assert _get(*trs, tag)[0].status == 200
        assert _get(*generic, since)[0].status == 200
        assert sandbox.server.counts("chengxi") == {200: 2, 304: 1}
        assert [seen.conditional for seen in sandbox.server.requests if seen.site == "dipu"] == [False, True, True]


def test_keeps_a_connection_for_many_requests() -> None:
    """Requests one after another on one connection each get their answer, HEAD without a body."""
    with Sandbox() as sandbox:
        connection = HTTPConnection(sandbox.portals[0].host, timeout=10)
        for method, path, status in (
            ("GET", "/robots.txt", 200),
            ("HEAD", "/", 200),
            ("POST", "/", 405),
            ("GET", "/nowhere.html", 404),
        ):
            connection.request(method, path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
        connection.close()


def test_challenge_answers_everything_alike() -> None:
    """The third county's portal answers 412 and a script, whatever is asked."""
    with Sandbox() as sandbox:
        portal = next(portal for portal in sandbox.portals if portal.id == "lanqiao")
        for path in ("/", "/robots.txt", "/zwgk/zfxxgknb/xz/"):
            answer, body = _get(portal.host, path)
            assert answer.status == 412
            assert b"<script" in body


def test_volume_portal_lists_and_serves_all() -> None:
    """Every report of the volume portal is listed once, has its truth's title, and answers 304 where unchanged."""
    site = VolumeSite(50)
    with LoopbackServer() as server:
        host = f"127.0.0.1:{server.serve(site)}"
        listed = []
        for page in ("index.html", "index_1.html", "index_2.html"):
            answer, body = _get(host, f"/zwgk/nb/{page}")
            assert answer.status == 200
            listed += [part.split('"')[0] for part in body.decode().split('href="./')[1:]]
        assert len(listed) == len(set(listed)) == 50
        assert _get(host, "/zwgk/nb/index_3.html")[0].status == 404
        for number in (0, 49):
            answer, body = _get(host, f"/zwgk/nb/{listed[number]}")
            assert site.truth(number).title in body.decode()
            tag = {"If-None-Match": str(answer.headers["ETag"])}
            assert _get(host, f"/zwgk/nb/{listed[number]}", tag)[0].status == 304
        site.changed.add(0)
        answer, _ = _get(host, f"/zwgk/nb/{listed[0]}", {"If-None-Match": '"0-7"'})
        assert answer.status == 200


def test_serves_from_a_process_of_its_own() -> None:
    """``python -m crawler.sandbox --reports N`` says where it serves, and ends when its input ends."""
    command = [sys.executable, "-m", "crawler.sandbox", "--reports", "8"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = json.loads(process.stdout.readline())
        portal = said["portals"][0]
        assert _get(portal["hosts"][0], "/zwgk/nb/")[0].status == 200
        assert len(said["organs"].splitlines()) == 3
        process.communicate(timeout=20)
    assert process.returncode == 0
