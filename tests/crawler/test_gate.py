"""The one gate for addresses: what may be asked for, what may be connected to, and that nothing goes past it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.gate import Gate, OffSite, PrivateAddress, check_address, is_public, literal_number, resolve
from crawler.records import Outcome
from tests.crawler.crawling import crawled, options, portal
from tests.crawler.website import Reply, Website, trs_site

ROOT = Path(__file__).parents[2]
HOSTS = ("www.example.gov.cn", "data.example.gov.cn:8443")


@pytest.mark.parametrize(
    "address",
    [
        "http://www.example.gov.cn/",
        "https://WWW.example.gov.cn/a?b=http://evil.example/",
        "http://www.example.gov.cn:8082/x",
        "https://data.example.gov.cn:8443/x",
    ],
)
def test_addresses_on_registered_hosts_pass(address: str) -> None:
    check_address(address, HOSTS)


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/",
        "http://www.example.gov.cn.evil.example/",
        "http://example.gov.cn/",
        "http://data.example.gov.cn/",
        "https://data.example.gov.cn:8444/",
        "ftp://www.example.gov.cn/",
        "file:///etc/passwd",
        "gopher://www.example.gov.cn:70/",
        "data:text/html,x",
        "//www.example.gov.cn/",
        "http:///x",
        "http://www.example.gov.cn./",
        "http://user@www.example.gov.cn/",
        "http://www.example.gov.cn:80@evil.example/",
        "http://evil.example@www.example.gov.cn/",
        "http://www.example.gov.cn\\@evil.example/",
        "http://evil.example\\.www.example.gov.cn/",
        "http://evil.example#@www.example.gov.cn/",
        "http://www.example.gov.cn:port/",
        "http://www.example.gov.cn:99999/",
        "http://www.example.gov.cn:/",
        "http://www.example.gov.cn:22/",
        "http://www.example.gov.cn:6379/",
        "http://www.exa\tmple.gov.cn/",
        "http://www.example.gov.cn/a\r\nHost: evil.example",
        "http://www.example。gov.cn/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
    ],
)
def test_everything_else_is_off_site(address: str) -> None:
    with pytest.raises(OffSite):
        check_address(address, HOSTS, allow_private=True)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
     "169.254.169.254", "100.64.0.1", "10.0.0.8", "0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
     "[64:ff9b::a9fe:a9fe]"],
)  # fmt: skip
def test_a_definition_that_names_a_private_address_opens_it_only_where_the_operator_allowed_it(host: str) -> None:
    named = (host.strip("[]"),)
    with pytest.raises(PrivateAddress):
        check_address(f"http://{host}/", named)
    check_address(f"http://{host}/", named, allow_private=True)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "198.18.0.1", "192.0.2.1", "240.0.0.1", "255.255.255.255", "224.0.0.1", "::", "::1",
     "fe80::1%eth0", "fec0::1", "fd00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:100.64.0.1",
     "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "::ffff:0:127.0.0.1",
     "2001:0:4136:e378:8000:63bf:807f:fffe"],
)  # fmt: skip
def test_private_addresses_are_known(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["114.114.114.114", "2400:3200::1", "::ffff:114.114.114.114", "64:ff9b::7272:7272"])
def test_public_addresses_are_known(ip: str) -> None:
    assert is_public(ip)


def test_names_are_no_numbers() -> None:
    assert literal_number("www.example.gov.cn") is None
    assert str(literal_number("127.1")) == "127.0.0.1"


def test_a_name_is_resolved_and_judged_in_one() -> None:
    assert "127.0.0.1" in resolve("localhost", 80, allow_private=True)
    with pytest.raises(PrivateAddress):
        resolve("localhost", 80)
    with pytest.raises(PrivateAddress):
        Gate(("localhost",)).resolve("http://localhost:8080/")
    assert Gate(("localhost",), allow_private=True).resolve("http://localhost:8080/")


@pytest.mark.parametrize("where", ["off site", "169.254.169.254", "100.64.0.1", "by a second hop"])
def test_robots_txt_is_fetched_through_the_gate_too(tmp_path: Path, where: str) -> None:
    with Website({"/robots.txt": Reply(b"User-agent: *\nDisallow: /\n")}) as other:
        targets = {"off site": other.address, "by a second hop": "/hop"}
        target = targets.get(where, f"http://{where}") + ("" if where == "by a second hop" else "/robots.txt")
        pages = trs_site([1]) | {"/robots.txt": Reply(status=301, headers={"Location": target})}
        pages["/hop"] = Reply(status=302, headers={"Location": other.address + "/robots.txt"})
        with Website(pages) as site:
            log = crawled(portal(site), tmp_path)
        assert other.seen == []
    # What robots.txt says is not known, and what is not known forbids (RFC 9309, 2.3.1.4).
    assert (log.finished.outcome, log.finished.problem) == (Outcome.UNREACHABLE, "robots_unavailable")
    assert "/nb/" not in site.paths()


def test_of_an_endless_robots_txt_the_beginning_is_obeyed(tmp_path: Path) -> None:
    """The whole of it takes longer to understand than a process may give no sign of life."""
    rules = b"User-agent: *\nDisallow: /nb/202401/\n" + b"Disallow: /a*b\n" * 2_500_000
    with Website(trs_site([1]) | {"/robots.txt": Reply(rules)}) as site:
        log = crawled(portal(site), tmp_path, options(grace_seconds=4.0))
    assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "documents_failed:robots=1")
    # Where a process hangs another goes on with the run, and asks anew.
    assert [seen.path for seen in site.seen] == ["/robots.txt", "/nb/"]


def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to(tmp_path: Path) -> None:
    """DNS rebinding: the name server says a public address first and this machine afterwards."""
    script = tmp_path / "rebinding.py"
    script.write_text(
        "import itertools, socket, sys\n"
        "first = ['203.0.113.9'] if sys.argv[3] == 'judged' else []\n"
        "answers = itertools.chain(first, itertools.repeat('127.0.0.1'))\n"
        "asked = []\n"
        "def by_name(name):\n"
        "    asked.append(name)\n"
        "    return next(answers)\n"
        "real = socket.getaddrinfo\n"
        "def info(host, *rest, **named):\n"
        "    return real(by_name(host) if isinstance(host, str) and 'rebind' in host else host, *rest, **named)\n"
        "socket.gethostbyname = by_name\n"
        "socket.getaddrinfo = info\n"
        "import crawler.gate\n"
        "if sys.argv[3] == 'judged':\n"
        "    judge = crawler.gate.is_public\n"
        "    crawler.gate.is_public = lambda ip: ip == '203.0.113.9' or judge(ip)\n"
        "import os, threading\n"
        "from multiprocessing import Pipe\n"
        "from pathlib import Path\n"
        "from crawler.process import serve\n"
        "from tests.crawler.crawling import job, options\n"
        "from crawler.portals.definition import ColumnDefinition, PortalDefinition\n"
        "column = ColumnDefinition(id='c1', name='年报', address=f'http://rebind.example:{sys.argv[2]}/nb/')\n"
        "portal = PortalDefinition(id='test', name='测试', county_code='990101', family='trs',\n"
        "                          hosts=('rebind.example',), request_interval=0, columns=(column,))\n"
        "ours, theirs = Pipe()\n"
        "chosen = options(allow_private_addresses=False, retries=0, request_seconds=2)\n"
        "def parent():\n"
        "    ours.send((job(portal, Path(sys.argv[1]), chosen), False))\n"
        "    while ours.recv()[0] != 'released':\n"
        "        pass\n"
        "    print(len(asked), flush=True)\n"
        "    os._exit(0)\n"
        "threading.Thread(target=parent).start()\n"
        "serve(theirs, False)\n"
    )
    outcomes = {}
    with Website(trs_site([1])) as site:
        for how in ("judged", "private"):
            done = subprocess.run(
                [sys.executable, str(script), str(tmp_path / how), str(site.port), how],
                capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, timeout=60, check=True,
            )  # fmt: skip
            log = next((tmp_path / how / "runs").glob("*.jsonl")).read_text(encoding="utf-8")
            outcomes[how] = ("private_address" in log, int(done.stdout))
        assert site.seen == []
    assert outcomes["private"][0]
    assert outcomes["judged"] == (False, 1)


FETCHING = {
    *("scrapy", "scrapy_playwright", "playwright", "httpx", "httpx2", "requests", "aiohttp", "urllib3"),
    *("fsspec", "s3fs", "aiobotocore", "botocore", "boto3"),
    *("urllib.request", "http.client", "socket"),
}
"""Modules by which a program could fetch something."""
MAY_FETCH = {
    "crawler/gate.py": "resolves names, nothing else",
    "crawler/failures.py": "names Scrapy's errors",
    "crawler/guard.py": "how Scrapy asks the gate",
    "crawler/process.py": "starts Scrapy with the gate in it",
    "crawler/rendering/browser.py": "the browser has no network; what it asks for is fetched by the crawl",
    "crawler/rendering/course.py": "hands the browser's requests to Scrapy, so to the gate",
    "crawler/retry.py": "part of Scrapy's way, after the gate",
    "crawler/sandbox/hostile.py": "a server: fetches nothing",
    "crawler/spiders/portal.py": "carries tasks to Scrapy",
    "crawler/stores.py": "the store of the bodies: its address is the administrator's, no page has a say in it",
    "monitor/accounts/provider.py": "the provider of single sign-on: asks the gate for each address it names",
    "monitor/alerts/channels/chat_process.py": "chat services: connects to public addresses only",
    "monitor/alerts/channels/gate.py": "webhooks: addresses of the configuration, a gate of their own",
    "monitor/alerts/channels/webhook.py": "the same",
    "monitor/evidence/screenshot.py": "a browser without network and scripts draws what was captured",
    "monitor/jobs/worker.py": "asks for the name of its own machine, fetches nothing",
    "monitor/web/server.py": "a server: opens the port it listens on, fetches nothing",
}


def test_nothing_fetches_past_the_gate() -> None:
    found = set()
    for room in ("crawler", "monitor", "parsers"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                if any(name in FETCHING or name.split(".")[0] in FETCHING for name in names):
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == set(MAY_FETCH), "a new way to fetch: let it ask crawler.gate at every hop, then name it here"
