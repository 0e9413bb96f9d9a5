"""Every fault of the catalogue, shown by a portal on this machine: the run ends with the outcome it must have."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.outcomes import PROBLEM_WORDS, in_words
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Capture, CaptureRole, EntryKind, Outcome, RunStarted
from crawler.runner import CrawlOptions, crawl
from crawler.sandbox.faults import FAULTS, Fault, Place
from crawler.sandbox.hostile import HostileServer, Scene
from tests.crawler.crawling import Log, crawled, job, options
from tests.crawler.plain_site import COLUMN, PlainSite
from tests.crawler.website import Website

PATIENCE, SHORT_PATIENCE = 60.0, 2.5
"""Seconds for a request: a short time where the fault is that it never ends, a long one for a busy machine."""
SLOW = ("slow_drip", "slow_head")
LARGEST = 8 * 1024**2

# Each failure that the issue and portals.md part 10 name, and the fault that shows it.
WANTED = {
    "missing year": "missing_year",
    "report only as .doc": "only_doc",
    "report as PDF in a viewer iframe": "pdf_in_viewer",
    "empty body": "empty_body",
    "letter title": "letter_title",
    "duplicate address": "duplicate_address",
    "back-dated report": "back_dated",
    "date conflict": "date_conflict",
    "other organ's report in the column": "other_organ",
    "predecessor organ": "predecessor_organ",
    "look-alike titles": "look_alikes",
    "wrong-year body": "wrong_year_body",
    "broken tables": "broken_tables",
    "412 page": "challenge_412",
    "521 page": "challenge_521",
    "403 page": "refused_403",
    "script challenge with 200": "challenge_script",
    "soft 404": "soft_404",
    "deep page stub": "deep_page_stub",
    "column moved, 301": "column_moved",
    "column moved to another host, 301": "column_moved_off",
    "column moved to the front page, 301": "column_moved_up",
    "column moved, 404": "column_gone",
    "encoding switch": "encoding_switch",
    "deleted report": "deleted_by_refresh",
    "changed report": "changed_report",
    "mirror host link": "mirror_link",
    "IPv6-rewritten links": "ipv6_rewritten",
    "refused connections": "refused_connection",
    "resets mid-body": "reset_mid_body",
    "resets before an answer": "reset_at_once",
    "slow drip": "slow_drip",
    "slow drip of headers": "slow_head",
    "5xx bursts": "errors_in_bursts",
    "5xx for good": "errors",
    "429 with Retry-After": "rate_limit_passing",
    "429 with a long Retry-After": "rate_limit_long",
    "429 with Retry-After as a date": "rate_limit_until",
    "expired TLS certificate": "expired_certificate",
    "http-only": "http_only",
    "redirect loops": "redirect_loop",
    "redirects to other hosts": "redirect_elsewhere",
    "redirects to 127.0.0.1": "redirect_to_127.0.0.1",
    "redirects to 169.254.169.254": "redirect_to_169.254.169.254",
    "redirects to 100.64.0.1": "redirect_to_100.64.0.1",
    "gzip bombs": "gzip_bomb",
    "2 GB bodies": "huge_body",
    "2 GB bodies of unknown length": "huge_body_untold",
    "endless paging": "endless_paging",
    "calendars": "calendar",
    "session ids in addresses": "session_ids",
    "wrong Content-Length, too long": "length_too_long",
    "wrong Content-Length, too short": "length_too_short",
    "no Content-Length and cut": "cut_without_length",
    "wrong charset": "wrong_charset",
    "empty columns": "empty_column",
    "emptied columns": "column_emptied",
    "captcha pages": "captcha",
    "challenge HTML under a .pdf address": "challenge_as_pdf",
}
CASES = [(fault, place) for fault in FAULTS.values() for place in fault.expected]


def scene_of(elsewhere: str) -> Scene:
    """The portal, with its newest report as the one a fault befalls."""
    site = PlainSite()
    report, document = next(iter(site.documents.items()))
    return Scene(site, COLUMN, COLUMN + "index_1.html", report, document.title, elsewhere)


def definition_of(host: str, scheme: str = "http", name: str = "test") -> PortalDefinition:
    """The right definition of the portal at this host."""
    column = ColumnDefinition(id="xz", name="年报", address=f"{scheme}://{host}{COLUMN}", covers=("township",))
    return PortalDefinition(
        id=f"f{name}",
        name="测试",
        county_code="990101",
        family="trs",
        hosts=(host,),
        request_interval=0,
        columns=(column,),
    )


@dataclass
class Showing:
    """A fault at a place of a portal of its own: what the crawls of it left."""

    fault: Fault
    place: Place
    root: Path
    scene: Scene
    definition: PortalDefinition
    elsewhere: Website
    before: Log | None = None
    log: Log | None = None

    @property
    def after(self) -> Log:
        """The run to which the fault showed."""
        assert self.log is not None
        return self.log

    @property
    def asked(self) -> list[str]:
        """What that run asked for, robots.txt left out."""
        return [path for path in self.scene.asked if path != "/robots.txt"]

    @property
    def seconds(self) -> float:
        """How long it took."""
        started = next(iter(self.after.of(RunStarted))).started_at
        return (self.after.finished.finished_at - started).total_seconds()

    def path_of(self, address: str) -> str:
        """The path of an address on the portal."""
        return "/" + address.partition("//")[2].partition("/")[2]

    def captures(self, role: CaptureRole = CaptureRole.DOCUMENT) -> dict[str, Capture]:
        """What came of the documents, by path."""
        return {self.path_of(one.address): one for one in self.after.captures if one.role is role}


def shown(cases: Sequence[tuple[Fault, Place]], root: Path) -> dict[str, Showing]:
    """Serve a portal for each case, and crawl them all beside each other."""
    showings: dict[str, Showing] = {}
    with ExitStack() as stack:
        other = stack.enter_context(Website())
        for number, (fault, place) in enumerate(cases):
            folder = root / f"{number}"
            folder.mkdir()
            tls = certificate(folder) if fault.certificate else None
            scene = scene_of(other.address)
            # Session ids are there from the first pass on; the other faults break a portal that was well.
            scene.shows = not fault.afterwards or fault.id == "session_ids"
            server = HostileServer(scene, fault.show(place), tls=tls, refuses=fault.refuses)
            stack.enter_context(server)
            definition = definition_of(server.host, fault.scheme, f"{number}")
            showings[f"{fault.id}-{place}"] = Showing(fault, place, folder, scene, definition, other)
        later = [one for one in showings.values() if one.fault.afterwards]
        for one, log in zip(later, _crawl(later), strict=True):
            one.before = log
            one.scene.shows = True
            one.scene.asked.clear()
        for one, log in zip(showings.values(), _crawl(list(showings.values())), strict=True):
            one.log = log
    return showings


def _crawl(showings: Sequence[Showing]) -> list[Log]:
    jobs = [
        job(one.definition, one.root, _chosen(one.fault), known=one.before.known() if one.before else {})
        for one in showings
    ]
    ended = crawl(jobs, at_once=8)
    return [Log(one.root, made.run_id, run) for one, made, run in zip(showings, jobs, ended, strict=True)]


def _chosen(fault: Fault) -> CrawlOptions:
    return options(
        request_seconds=SHORT_PATIENCE if fault.id in SLOW else PATIENCE,
        retries=2,
        most_pages=12,
        largest_document=LARGEST,
        retry_pause=0.02,
        grace_seconds=60.0,
    )


@pytest.fixture(scope="module")
def showings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Showing]:
    """Every fault that a test of this session asks for, each crawled once."""
    wanted = {
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and "showings" in item.fixturenames and hasattr(item, "callspec")
    }
    cases = [(fault, place) for fault, place in CASES if f"{fault.id}-{place}" in wanted]
    return shown(cases, tmp_path_factory.mktemp("faults"))


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for this machine whose time is over."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    end = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=90))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_every_failure_that_is_known_has_its_fault_and_every_fault_its_test() -> None:
    assert sorted(WANTED.values()) == sorted(FAULTS)
    assert all(fault.expected for fault in FAULTS.values())
    assert {fault.id for fault, _ in CASES} == set(FAULTS)


def test_the_table_of_faults_in_the_documentation_is_that_of_the_catalogue() -> None:
    text = (Path(__file__).parents[2] / "docs" / "outcomes.md").read_text(encoding="utf-8")
    rows = [line for line in text.partition("## Faults that are tried")[2].splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(FAULTS)
    for row, fault in zip(rows, FAULTS.values(), strict=True):
        for place, expected in fault.expected.items():
            problem = f" `{expected.problem}`" if expected.problem else ""
            assert f"{place}: `{expected.outcome}`{problem}" in row


def test_every_problem_word_is_told_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "outcomes.md").read_text(encoding="utf-8")
    assert not [word for word in PROBLEM_WORDS if f"`{word}`" not in text]


@pytest.mark.parametrize("case", [f"{fault.id}-{place}" for fault, place in CASES])
def test_a_fault_gives_its_outcome(case: str, showings: dict[str, Showing]) -> None:
    one = showings[case]
    if one.before is not None:
        assert one.before.finished.outcome is Outcome.COLLECTED
    finished, expected = one.after.finished, one.fault.expected[one.place]
    problem = (finished.problem or "").partition(":")[0] if one.fault.id == "column_emptied" else finished.problem
    assert (finished.outcome, problem) == (expected.outcome, expected.problem)
    assert one.after.columns["xz"].whole == expected.outcome.whole
    # Whatever happens, nothing is fetched from where nothing may be fetched, and what drips ends all the same.
    assert one.elsewhere.seen == []
    if one.fault.id in SLOW:
        assert 3 * SHORT_PATIENCE < one.seconds < PATIENCE
    if finished.problem:
        assert "采集程序出错" not in in_words(finished.problem)
        assert not re.search(
            r"[a-z]{4}", in_words(finished.problem).replace("robots.txt", "").replace("Retry-After", "")
        )


@pytest.mark.parametrize("name", ["gzip_bomb", "huge_body", "huge_body_untold"])
@pytest.mark.parametrize("place", [Place.COLUMN, Place.REPORT])
def test_what_is_too_large_is_not_read_into_memory(name: str, place: Place, tmp_path: Path) -> None:
    fault = FAULTS[name]
    (one,) = shown([(fault, place)], tmp_path).values()
    assert one.after.finished.problem == fault.expected[place].problem
    # The process alone takes about 100 MB; a body may be there packed, unpacked and in pieces.
    assert one.after.finished.counts["peak_kilobytes"] * 1024 < 120 * 1024**2 + 3 * LARGEST


REPORTS = 20


@pytest.mark.parametrize(
    ("case", "documents"),
    [
        ("missing_year-report", REPORTS - 1),
        ("duplicate_address-report", REPORTS),
        ("look_alikes-report", REPORTS),
        ("mirror_link-report", REPORTS - 1),
        ("session_ids-column", REPORTS),
        ("calendar-column", REPORTS),
        ("column_moved-column", REPORTS),
        ("encoding_switch-portal", REPORTS),
    ],
)
def test_each_report_is_fetched_once_and_nothing_else(
    case: str, documents: int, showings: dict[str, Showing]
) -> None:
    one = showings[case]
    fetched = [capture for capture in one.captures().values() if capture.problem is None]
    assert len(fetched) == documents
    of_reports = [path for path in one.asked if "/t20" in path]
    assert len({path.partition(";")[0] for path in of_reports}) == len(of_reports) == documents


@pytest.mark.parametrize(
    ("case", "title"),
    [
        ("letter_title-report", "关于报送《{}》的函"),
        ("other_organ-report", "示例市红岭区交通运输局"),
        ("predecessor_organ-report", "青禾县工商行政管理局"),
    ],
)
def test_a_report_under_another_title_is_a_report(case: str, title: str, showings: dict[str, Showing]) -> None:
    one = showings[case]
    (entry,) = [entry for entry in one.after.entries if entry.address.endswith(one.scene.report)]
    assert entry.kind is EntryKind.REPORT
    assert entry.title.startswith(title.format(one.scene.title))
    assert one.captures()[one.scene.report].problem is None


@pytest.mark.parametrize(("case", "name"), [("only_doc-report", "nb.doc"), ("pdf_in_viewer-report", "nb.pdf")])
def test_a_report_in_a_file_is_fetched_with_its_page(case: str, name: str, showings: dict[str, Showing]) -> None:
    one = showings[case]
    attached = one.captures(CaptureRole.ATTACHMENT)
    assert attached["/files/" + name].problem is None
    assert one.path_of(attached["/files/" + name].parent_address or "") == one.scene.report


@pytest.mark.parametrize("case", ["back_dated-report"])
def test_a_back_dated_report_keeps_all_its_dates(case: str, showings: dict[str, Showing]) -> None:
    one = showings[case]
    (entry,) = [entry for entry in one.after.entries if entry.address.endswith(one.scene.report)]
    assert entry.shown_on == date(2018, 1, 2)
    assert "/202401/t202401" in entry.address
    assert one.captures()[one.scene.report].fetched_at.year > 2018


@pytest.mark.parametrize("case", ["changed_report-report"])
def test_a_changed_report_is_kept_beside_the_old_one(case: str, showings: dict[str, Showing]) -> None:
    one = showings[case]
    assert one.before is not None
    old = one.before.capture(one.scene.report).sha256
    new = one.captures()[one.scene.report].sha256
    assert old
    assert new
    assert old != new
    assert "更正后重新公布" in one.after.archive.get(new).decode()
    assert "更正后重新公布" not in one.after.archive.get(old).decode()
    assert one.after.finished.counts["changed"] == 1


@pytest.mark.parametrize("case", ["rate_limit_long-column", "rate_limit_until-column"])
def test_a_host_that_asks_to_be_left_alone_is_left_alone(case: str, showings: dict[str, Showing]) -> None:
    one = showings[case]
    assert one.asked == [one.scene.column]
    assert in_words(one.after.finished.problem or "") == "网站要求暂缓访问（429，Retry-After）"


@pytest.mark.parametrize("case", ["challenge_412-column", "captcha-column", "challenge_521-column"])
def test_a_challenge_is_never_answered(case: str, showings: dict[str, Showing]) -> None:
    one = showings[case]
    assert one.asked == [one.scene.column]


def test_a_portal_that_falls_silent_is_not_waited_for_page_by_page(tmp_path: Path) -> None:
    drip = FAULTS["slow_drip"].show(Place.PORTAL)
    with Website() as other:
        scene = scene_of(other.address)
        reports = re.compile(r"/t20\d+_\d+\.html$")
        with HostileServer(
            scene, lambda scene, asked: drip(scene, asked) if reports.search(asked.path) else None
        ) as server:
            chosen = options(request_seconds=0.3, retries=0, concurrency=1)
            log = crawled(definition_of(server.host), tmp_path, chosen)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "documents_failed:unreachable=20")
    assert 5 <= len([path for path in scene.asked if reports.search(path)]) < 10
