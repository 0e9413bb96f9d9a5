"""A season of 60 days over 300 organs with the faults of the sandbox: is anybody accused falsely, or not at all?

    python -m tests.benchmarks.season [--days 60] [--portals 10] [--organs 30] [--show]

Every day the main job runs once, as the schedule would, over all portals; a webhook on loopback takes what
is told. Counted are alerts on an organ that its plot does not bear out (false ones), alerts that had to come and
did not (missed ones), and how often each matter was told. Portals and plots: tests/benchmarks/season_portals.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from crawler.captures import Archive
from crawler.clock import SHANGHAI, Clock
from crawler.records import Outcome
from crawler.sandbox.loopback import LoopbackServer, Page
from crawler.sandbox.sandbox import organs_as_csv
from monitor.alerts.listing import list_alerts
from monitor.assess import AssessResult
from monitor.ingest import IngestResult
from monitor.pipeline import PortalRun, Work, main_job
from monitor.registry.organs import import_organs
from monitor.settings import Settings
from monitor.store.database import open_database
from tests.benchmarks.season_portals import YEAR, PlannedReport, SeasonPortals

FIRST_DAY = date(2024, 1, 8)
SECRET = "whsec_c2Vhc29uLXNlYXNvbi1zZWFzb24="
ACCUSING = (
    "missing",
    "late",
    "inconsistent",
    "wrong_form",
    "removed",
    "backdated",
    "changed",
    "misplaced",
    "similar",
)


@dataclass
class Hook:
    """A webhook receiver: every call once, by its id."""

    id: str = "hook"
    calls: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    repeats: int = 0

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """Nothing to see."""
        return Page(lambda: b"", status=404)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """Takes a call."""
        self.repeats += headers["webhook-id"] in self.calls
        self.calls[headers["webhook-id"]] = json.loads(body)
        return Page(lambda: b"", status=204)


@dataclass(frozen=True)
class Wrong:
    """Something the season should not have brought: on which day, of which organ, with its plot."""

    day: date
    what: str
    kind: str
    organ: str
    plot: str
    detail: str = ""


@dataclass
class Verdict:
    """What became of the season."""

    days: int
    organs: int
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    alerts: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    told_twice: list[str] = field(default_factory=list)
    true_of: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, kind: str) -> int:
        """How many wrong things of a sort there are."""
        return sum((one.what, one.kind) == (what, kind) for one in self.wrong)


class _Silent:
    """Nobody is told how the job goes on."""

    def crawling(self, portals: object) -> Any:
        return nullcontext(lambda *given, **more: None)

    def working(self, stage: str) -> Any:
        return nullcontext(lambda *given: None)

    def crawled(self, runs: Sequence[PortalRun]) -> None:
        pass

    def damaged(self, problems: Sequence[str]) -> None:
        pass

    def ingested(self, result: IngestResult) -> None:
        pass

    def assessed(self, result: AssessResult) -> None:
        pass

    def notified(self, result: object) -> None:
        pass


def play(folder: Path, days: int, portals: int, organs: int, *, first_day: date = FIRST_DAY) -> Verdict:
    """Plays a season in an empty folder and gives its verdict."""
    hook = Hook()
    start = monotonic()
    with SeasonPortals(portals, organs) as season, _receiving(hook) as address:
        settings = _settings(folder, address)
        database = open_database("sqlite:///nianbao.sqlite", folder)
        database.migrate()
        register = folder / "organs.csv"
        register.write_text(organs_as_csv([one.organ for one in season.reports.values()]), encoding="utf-8")
        import_organs(database, register)
        definitions = tuple(portal.definition() for portal in season.portals)
        verdict = Verdict(days, len(season.reports))
        archive = Archive(folder / "captures")
        for day in range(days):
            today = first_day + timedelta(days=day)
            season.begin(day, today)
            verdict.faults += sum(portal.fault is not None for portal in season.portals)
            now = datetime(today.year, today.month, today.day, 7, tzinfo=SHANGHAI)
            work = Work(settings, database, archive, definitions, Clock.showing(now))
            result = main_job(work, _Silent())
            verdict.outcomes.update(_word(run) for run in result.runs)
            _look(verdict, season, today, list_alerts(database))
        alerts = list_alerts(database)
        _missed(verdict, season, today, alerts)
        _messages(verdict, hook, alerts)
    verdict.seconds = monotonic() - start
    return verdict


def _word(run: PortalRun) -> str:
    if run.finished is None:
        return "left out"
    assert isinstance(run.finished.outcome, Outcome)
    return run.finished.outcome.value


def _settings(folder: Path, hook: str) -> Settings:
    channel = {
        "name": "desk",
        "kind": "webhook",
        "audience": "oversight",
        "address": hook,
        "secret": SECRET,
        "allow_private_addresses": True,
    }
    given = {
        "crawl": {
            "request_interval": 0,
            "allow_private_addresses": True,
            "request_seconds": 3,
            "run_seconds": 40,
            "largest_document": 4 * 1024**2,
        },
        "watch": {"years": [YEAR - 1, YEAR]},
        "notify": {"channels": [channel]},
    }
    return Settings.model_validate(given).model_copy(update={"folder": folder})


@contextmanager
def _receiving(hook: Hook) -> Iterator[str]:
    with LoopbackServer(lambda: datetime.now(SHANGHAI)) as server:
        yield f"http://127.0.0.1:{server.serve(hook)}/hook"


def _look(verdict: Verdict, season: SeasonPortals, today: date, alerts: Sequence[Mapping[str, Any]]) -> None:
    """Every alert that stands on a day must be borne out by the plot of its organ, on that day."""
    known = {(one.what, one.kind, one.organ) for one in verdict.wrong}
    for alert in alerts:
        report = season.reports.get(alert["organ_code"] or "")
        if report is None or alert["kind"] not in ACCUSING or alert["state"] == "resolved":
            continue
        true = [told for told in report.true_alerts if told.kind == alert["kind"] and told.since <= today]
        if (alert["report_year"] == YEAR and true) or ("false", alert["kind"], report.organ.code) in known:
            continue
        verdict.wrong.append(
            Wrong(
                today,
                "false",
                alert["kind"],
                report.organ.code,
                report.plot,
                f"{_fault_near(season, report, today)} {alert['rule']} {alert['summary']}",
            )
        )


def _fault_near(season: SeasonPortals, report: PlannedReport, today: date) -> str:
    """What befell this report last."""
    key = f"{report.organ.code}/"
    portal = next(one for one in season.portals if report in one.reports)
    hits = [f"{day:%m-%d} {portal.shown[day]}" for day, hit in portal.hits.items() if hit.startswith(key)]
    return f"[{'; '.join(hits[-2:])}]"


def _missed(verdict: Verdict, season: SeasonPortals, today: date, alerts: Sequence[Mapping[str, Any]]) -> None:
    """What had to be told by the end and never was; with two days' grace for days on which the portal was ill."""
    told = {(alert["organ_code"], alert["kind"]) for alert in alerts if alert["report_year"] == YEAR}
    for code, report in season.reports.items():
        for true in report.true_alerts:
            if true.kind in report.must_be_told and true.since <= today - timedelta(days=7):
                verdict.true_of[true.kind] += 1
                if (code, true.kind) not in told:
                    verdict.wrong.append(Wrong(today, "missed", true.kind, code, report.plot))


def _messages(verdict: Verdict, hook: Hook, alerts: Sequence[Mapping[str, Any]]) -> None:
    """How often each matter was told: at its opening, at its end, and when it came back."""
    told: dict[int, Counter[str]] = defaultdict(Counter)
    for call in hook.calls.values():
        told[call["data"]["id"]][call["type"]] += 1
        verdict.messages[call["type"]] += 1
    for alert in alerts:
        if alert["audience"] != "oversight":
            continue
        verdict.alerts[alert["kind"]] += 1
        counted = told[alert["id"]]
        resolved = counted["alert.reopened"] + (alert["state"] == "resolved")
        if counted["alert.opened"] != 1 or counted["alert.resolved"] != resolved:
            verdict.told_twice.append(f"#{alert['id']} {alert['state']} {dict(counted)} {alert['summary']}")
    verdict.messages["the same call again"] = hook.repeats


def main() -> int:
    """Play and print; 1 where anything was told that is not true, or not told that is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--portals", type=int, default=10)
    parser.add_argument("--organs", type=int, default=30, help="organs of one portal")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nianbao-season-") as name:
        verdict = play(Path(name), options.days, options.portals, options.organs)
    kinds = sorted({one.kind for one in verdict.wrong} | set(verdict.true_of))
    print(
        json.dumps(
            {
                "days": verdict.days,
                "organs": verdict.organs,
                "seconds": round(verdict.seconds),
                "faults shown": verdict.faults,
                "outcomes": verdict.outcomes,
                "alerts": verdict.alerts,
                "false": {kind: verdict.count("false", kind) for kind in kinds},
                "missed": {kind: f"{verdict.count('missed', kind)} of {verdict.true_of[kind]}" for kind in kinds},
                "messages": verdict.messages,
                "not told once": len(verdict.told_twice),
            },
            ensure_ascii=False,
            indent=1,
        )
    )
    for one in verdict.wrong:
        print(one.day, one.what, one.kind, one.organ, one.plot, one.detail, file=sys.stderr)
    for line in verdict.told_twice:
        print("told", line, file=sys.stderr)
    return 1 if verdict.wrong or verdict.told_twice else 0


if __name__ == "__main__":
    sys.exit(main())
