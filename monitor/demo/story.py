"""Runs the demo: the season of one report year, pass by pass, through the real main job."""

from __future__ import annotations

import base64
import json
import secrets
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from crawler.clock import Clock
from crawler.sandbox.sandbox import Sandbox
from crawler.sandbox.season import ORGANS, SEASON
from crawler.sandbox.seeds import SEEDS, SeedReport
from monitor.access.base import KnownPortals, Record
from monitor.alerts.listing import list_alerts
from monitor.cli.frame import CommandError, Situation
from monitor.cli.main_job import work_of
from monitor.cli.progress import CommandReporter
from monitor.completeness.figures import Completeness
from monitor.completeness.page import to_page
from monitor.completeness.record import from_record
from monitor.completeness.table import figures_table, organs_table
from monitor.demo.people import Person, add_people
from monitor.demo.receivers import MailReceiver
from monitor.demo.stage import (
    MOMENTS,
    REGISTER_NAME,
    Moment,
    configure,
    demo_configuration,
    set_up,
    settings_of,
)
from monitor.demo.viewer import Exhibit, Viewer
from monitor.language import N_
from monitor.pipeline import MainJobResult, main_job
from monitor.registry.organs import import_organs
from monitor.settings import CONFIGURATION_NAME
from monitor.severities import SEVERITY_NAMES
from monitor.store import register
from monitor.store.database import open_database
from monitor.web.application import make_application
from monitor.web.server import serving

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.pipeline import PortalRun

SEEDS_FOLDER = Path(__file__).parents[2].parent / "shared" / "seeds"
"""The seed reports, where they lie beside a checkout."""

_LINK_DAYS = 90
"""So long links are good: those of the first mail still are when the demo has come to its end."""
_STEPS = (
    ("opened", N_("新增"), "bold red"),
    ("reopened", N_("重新打开"), "bold red"),
    ("updated", N_("更新"), "yellow"),
    ("resolved", N_("已解决"), "green"),
)


@dataclass(frozen=True, slots=True)
class PassTold:
    """What one pass of the demo did, for whoever wants to check the story.

    ``alerts`` are all alerts after it in the contract's shape, ``completeness`` the report of the season's year.
    ``mails`` and ``webhooks`` are how many came in during the pass.
    """

    moment: Moment
    result: MainJobResult
    alerts: tuple[dict[str, Any], ...]
    completeness: dict[str, Any]
    mails: int
    webhooks: int


class _DemoReporter(CommandReporter):
    """Tells the console of the demo."""

    def crawled(self, runs: Sequence[PortalRun]) -> None:
        for run in runs:
            self.situation.out.print(Text(self.run_line(run)))


class Demo:
    """The demo on its stage. ``folder`` holds configuration, database, captures and reports."""

    def __init__(self, folder: Path, console: Console, port: int = 0, seeds: Path | None = None) -> None:
        self.folder = folder
        self.console = console
        self.passes: list[PassTold] = []
        self._port = port
        self._seeds = seeds if seeds and seeds.is_dir() else None
        self._secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        self._first = Situation()
        self.say = self._first.say
        self.mail = MailReceiver()
        self._clock = Clock()
        self._web: dict[str, Any] = {}
        self.people: tuple[Person, ...] = ()
        self.viewer: Viewer
        self.sandbox: Sandbox

    def play(self, stay: bool) -> int:
        """Plays the whole season; gives 0 where every pass did what it should, else 1."""
        with ExitStack() as stack:
            stack.enter_context(self.mail)
            self.viewer = stack.enter_context(self._viewer())
            self.sandbox = stack.enter_context(Sandbox(seeds=self._seeds))
            self._web = stack.enter_context(self._pages())
            set_up(self.folder, self.sandbox)
            self.viewer.portals = [(portal.site.name, portal.address) for portal in self.sandbox.portals]
            self._open()
            for moment in MOMENTS:
                self._pass(moment)
            self._close()
            self._introduce(stay)
            if stay:
                self._stay()
        return 0 if all(self._as_it_should(told) for told in self.passes) else 1

    # --- the parts of the play --------------------------------------------------------------------------------

    def _viewer(self) -> Viewer:
        try:
            return Viewer(self.mail.mails, self._secret, self._port)
        except OSError as error:
            raise CommandError(
                self.say(
                    N_("端口 {port} 用不了（{reason}）；请用 --port 换一个，或用 0 取任意空闲端口"),
                    port=self._port,
                    reason=error.strerror or str(error),
                )
            ) from None

    @contextmanager
    def _pages(self) -> Iterator[dict[str, Any]]:
        """The dashboard and the pages behind the links in the mails; gives the section of the configuration
        that makes them."""
        secret = secrets.token_urlsafe(32)
        web = {"secret": secret, "link_days": _LINK_DAYS}
        settings = settings_of(self.folder, self._configuration(MOMENTS[-1], web))
        database = open_database(settings.store.database, self.folder)
        portals = KnownPortals(self.folder / "portals")
        pages = Record(database, settings, lambda: self._clock.now(), secret, portals)
        try:
            with serving(make_application(pages), "127.0.0.1", 0) as address:
                yield {"address": address.rstrip("/"), **web}
        finally:
            database.close()

    def _open(self) -> None:
        organs = self.sandbox.organs
        invented = len(ORGANS)
        lines = [
            self.say(
                N_("在本机模拟 {portals} 个门户、{organs} 个单位，把“今天”移过 {year} 年度报告的公布季。"),
                portals=len(self.sandbox.portals),
                organs=len(organs),
                year=SEASON,
            ),
            self.say(N_("代码以 99 开头的 {count} 个单位和它们的报告都是虚构的。"), count=invented),
        ]
        if self._seeds:
            lines.append(
                self.say(
                    N_("另外 {count} 个单位的报告文本是真实的，页面上的公布日期是演示用的。"), count=len(SEEDS)
                )
            )
        lines.append(self.say(N_("送达的邮件和 Webhook 随时可看：{address}"), address=self.viewer.address))
        self.console.print(Panel(Text("\n".join(lines)), title=self.say(N_("Nianbao 演示"))))

    def _configuration(self, moment: Moment, web: dict[str, Any]) -> dict[str, Any]:
        return demo_configuration(self.mail.port, self.viewer.webhook_address, self._secret, web, moment.at)

    def _situation(self, moment: Moment) -> Situation:
        configuration = self._configuration(moment, self._web)
        situation = Situation(self.folder / CONFIGURATION_NAME)
        situation.settings = configure(self.folder, configuration)
        situation.out = self.console
        self._clock = situation.clock
        return situation

    def _pass(self, moment: Moment) -> None:
        number = len(self.passes) + 1
        name = self.say(moment.name)
        title = f"{number}. {moment.at:%Y-%m-%d %H:%M}　{name}"
        self.console.print()
        self.console.rule(Text(title), align="left")
        self.console.print(Text(self.say(moment.shows), style="italic"))
        self.sandbox.today = moment.at
        self.mail.stage = self.viewer.stage = name
        mails, webhooks = len(self.mail.mails), len(self.viewer.webhooks)
        situation = self._situation(moment)
        try:
            if not self.passes:
                situation.database.migrate()
                import_organs(situation.database, self.folder / REGISTER_NAME)
                self.people = add_people(situation.database, moment.at)
            result = main_job(work_of(situation), _DemoReporter(situation))
            told = self._tell(situation, moment, result, mails, webhooks)
        finally:
            situation.close()
        self.passes.append(told)

    def _tell(
        self, situation: Situation, moment: Moment, result: MainJobResult, mails: int, webhooks: int
    ) -> PassTold:
        now = situation.clock.now()
        report = self._completeness(situation, now, SEASON)
        self.console.print()
        self.console.print(figures_table(report, situation.language))
        if moment is MOMENTS[-1]:
            for year in sorted({SEASON, *(seed.report_year for seed in self._served_seeds())}):
                for county in self._completeness(situation, now, year).counties:
                    self.console.print()
                    self.console.print(Text(self.say(N_("{year}年度"), year=year), style="bold"))
                    self.console.print(organs_table(county, situation.language))
        file = self.folder / f"completeness-{len(self.passes) + 1}.html"
        file.write_text(to_page(report, situation.language), encoding="utf-8")
        self.viewer.exhibits.append(Exhibit(f"{moment.at:%Y-%m-%d %H:%M} {self.say(moment.name)}", file))
        alerts = list_alerts(situation.database, language=situation.language)
        self._tell_alerts(result, alerts)
        told = PassTold(
            moment=moment,
            result=result,
            alerts=tuple(alerts),
            completeness=report.to_json(),
            mails=len(self.mail.mails) - mails,
            webhooks=len(self.viewer.webhooks) - webhooks,
        )
        self.console.print(
            self.say(
                N_("这一遍送达：邮件 {mails} 封，Webhook {webhooks} 次"), mails=told.mails, webhooks=told.webhooks
            )
        )
        return told

    def _served_seeds(self) -> Sequence[SeedReport]:
        return SEEDS if self._seeds else ()

    def _completeness(self, situation: Situation, now: datetime, year: int) -> Completeness:
        """The completeness report of a year over the counties that are watched for that year."""
        watch = situation.settings.watch
        shown = [
            code
            for code in register.county_codes(situation.database, with_organs=True)
            if year in watch.counties.get(code, watch.years) and (year == SEASON or code in watch.counties)
        ]
        return from_record(
            situation.database, situation.portals, situation.settings, now, year=year, counties=shown, full=True
        )

    def _tell_alerts(self, result: MainJobResult, alerts: Sequence[dict[str, Any]]) -> None:
        """The alerts of a pass in words, one line each."""
        by_id = {alert["id"]: alert for alert in alerts}
        table = Table.grid(padding=(0, 1))
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for step, name, style in _STEPS:
            for alert_id in getattr(result.assessed.alerts, step):
                alert = by_id[alert_id]
                severity = self.say(SEVERITY_NAMES.get(alert["severity"], alert["severity"]))
                table.add_row(
                    Text(f"  {self.say(name)}", style=style), f"#{alert_id}", severity, Text(alert["summary"])
                )
        self.console.print()
        if not table.row_count:
            self.console.print(self.say(N_("提醒：没有变化")))
            return
        self.console.print(self.say(N_("提醒：")))
        self.console.print(table)

    def _close(self) -> None:
        mails, webhooks = len(self.mail.mails), self.viewer.webhooks
        verified = sum(1 for call in webhooks if call.verified)
        self._keep()
        lines = [
            self.say(
                N_("共送达邮件 {mails} 封，Webhook {webhooks} 次（签名验证通过 {verified} 次）。"),
                mails=mails,
                webhooks=len(webhooks),
                verified=verified,
            ),
            self.say(N_("邮件、Webhook 和完整性报告的原样：{folder}"), folder=self.folder),
            self.say(N_("接着看：nianbao alerts list --config {file}"), file=self.folder / CONFIGURATION_NAME),
        ]
        self.console.print()
        self.console.print(Panel(Text("\n".join(lines)), title=self.say(N_("演示结束"))))

    def _keep(self) -> None:
        """Writes what was delivered into the folder, so that it can be looked at when the demo is over."""
        folder = self.folder / "delivered"
        folder.mkdir(exist_ok=True)
        for mail in self.mail.mails:
            (folder / f"mail-{mail.number}.eml").write_bytes(mail.message.as_bytes())
        for call in self.viewer.webhooks:
            text = json.dumps(call.body, ensure_ascii=False, indent=2)
            (folder / f"webhook-{call.number}.json").write_text(text + "\n", encoding="utf-8")

    def _introduce(self, stay: bool) -> None:
        """Where the dashboard is and who may log in: the passwords are printed this once."""
        configuration = self.folder / CONFIGURATION_NAME
        if stay:
            self.console.print(self.say(N_("网页：{address}"), address=self._web["address"]))
        else:
            self.console.print(self.say(N_("网页：nianbao serve --config {file}"), file=configuration))
        self.console.print(self.say(N_("登录用的用户名和密码（只在这里显示一次）：")))
        for person in self.people:
            line = f"  {person.name:<15}{person.password:<18}{self.say(person.sees)}"
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _stay(self) -> None:
        with suppress(KeyboardInterrupt):
            self.console.print(self.say(N_("邮件、Webhook 和完整性报告：{address}"), address=self.viewer.address))
            self.console.print(self.say(N_("模拟门户：{address}"), address=self.sandbox.address))
            self.console.print(self.say(N_("按 Ctrl-C 结束。")))
            threading.Event().wait()

    def _as_it_should(self, told: PassTold) -> bool:
        """Whether every run but that of the portal that only challenges ended well, and all was delivered."""
        blocked = [run for run in told.result.runs if run.portal.county_code == "990103"]
        others = [run for run in told.result.runs if run not in blocked]
        return all(run.whole for run in others) and not told.result.notified.problems


def play(
    port: int | None,
    stay: bool,
    console: Console,
    *,
    folder: Path | None = None,
    seeds: Path | None = SEEDS_FOLDER,
) -> int:
    """Plays the demo and gives the exit status: 0 where every pass went as it should.

    ``port`` is that of the page on which mails and webhooks can be seen (None or 0: any free one). ``stay`` keeps
    that page and the portals up until Ctrl-C. ``folder`` is where everything is kept (None: a new temporary one).
    CommandError where the port is taken.
    """
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="nianbao-demo-"))
    return Demo(folder, console, port or 0, seeds).play(stay)
