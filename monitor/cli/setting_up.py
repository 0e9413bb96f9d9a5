"""Setting up: `nianbao init`, `nianbao organs`, `nianbao portals`."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.clock import SHANGHAI
from monitor.cli import lineage
from monitor.cli.frame import FAILED, WRONG_USAGE, CommandError, Situation, command, echo, group_of, help_text
from monitor.language import N_

if TYPE_CHECKING:
    from crawler.portals.definition import PortalDefinition

PANEL = N_("准备")
_NO_PORTALS = N_(
    "{folder} 中没有门户定义；请先运行 nianbao portals add 网址 --county 县区代码，由网址生成一个"
    "（也可以自己写 YAML 文件，格式见 docs/portals.md）"
)
_NAMED = 5
"""So many names of places are told, the others counted."""


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    command(app, "init", N_("写出带说明的 nianbao.toml，建立或升级数据库"), panel=PANEL)(init)
    organs = group_of(N_("单位名录"))
    command(organs, "import", N_("从 CSV 登记单位"))(import_organs)
    lineage.register(organs)
    app.add_typer(organs, name="organs", rich_help_panel=help_text(PANEL))
    divisions = group_of(N_("行政区划"))
    command(divisions, "import", N_("从公开的区划代码表登记县区，另可登记乡镇街道"))(import_divisions)
    app.add_typer(divisions, name="divisions", rich_help_panel=help_text(PANEL))
    portals = group_of(N_("门户定义"))
    command(portals, "add", N_("由一个网址找出年报栏目，写出门户定义"))(add_portal)
    command(portals, "list", N_("列出门户定义"))(list_portals)
    command(portals, "check", N_("试抓一遍，看门户定义是否仍然有效"))(check_portals)
    command(portals, "trial", N_("做一次网页上要求的试抓或探查"), hidden=True)(perform_trial)
    app.add_typer(portals, name="portals", rich_help_panel=help_text(PANEL))


def init(situation: Situation) -> None:
    """Writes what is missing; what exists stays as it is."""
    from monitor.alerts.links import make_secret
    from monitor.settings import CONFIGURATION_NAME, CONFIGURATION_VARIABLE
    from monitor.settings_template import TEMPLATE

    path = situation.config or Path(os.environ.get(CONFIGURATION_VARIABLE) or CONFIGURATION_NAME)
    try:
        with path.open("x", encoding="utf-8") as target:
            target.write(TEMPLATE)
        written = True
    except FileExistsError:
        written = False
    situation.config = path
    secret = situation.settings.path(situation.settings.web.secret_file)
    if not situation.settings.web.secret and make_secret(secret):
        situation.tell(N_("已生成签名密钥 {file}（只有本帐户可读）"), file=secret)
    if written:
        situation.tell(N_("已写出配置文件 {file}；请按说明修改"), file=path)
    else:
        situation.tell(N_("配置文件 {file} 已在，未改动"), file=path)
    if _migrate(situation):
        situation.tell(N_("数据库已建立或升级：{database}"), database=_without_password(situation))
    else:
        situation.tell(N_("数据库已是当前版本，未改动：{database}"), database=_without_password(situation))


def import_organs(
    situation: Situation,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help=help_text(N_("单位名录，UTF-8 的 CSV")))],
) -> None:
    """Registers the organs of a CSV file; lines that cannot be used are named and the others still count."""
    from monitor.registry import organs

    situation.check_csv_file(file)
    result = organs.import_organs(situation.database, file)
    for line, reason in result.rejected:
        situation.complain(N_("{file} 第 {line} 行未登记：{reason}"), file=file, line=line, reason=reason)
    situation.tell(
        N_("新增 {added}，变更 {changed}，未变 {unchanged}，未登记 {rejected}"),
        added=result.added,
        changed=result.changed,
        unchanged=result.unchanged,
        rejected=len(result.rejected),
    )
    if result.rejected:
        raise typer.Exit(FAILED)


def import_divisions(
    situation: Situation,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE.csv…", help=help_text(N_("区划代码表；各级分为几个文件的一起给出"))),
    ],
    organs: Annotated[
        bool, typer.Option("--organs", help=help_text(N_("同时把乡镇、街道、园区登记为单位")))
    ] = False,
    place: Annotated[
        list[str] | None,
        typer.Option("--place", metavar="CODE", help=help_text(N_("只登记代码以此开头的地方；可以重复"))),
    ] = None,
) -> None:
    """Registers the counties of a list of divisions, with ``--organs`` its towns too."""
    from monitor.registry import divisions

    for file in files:
        situation.check_csv_file(file)
    for code in place or ():
        if not (code.isascii() and code.isdigit()):
            raise CommandError(
                situation.say(N_("--place “{code}”不是区划代码的开头；例如 41、4105、410526"), code=code),
                WRONG_USAGE,
            )
    result = divisions.import_divisions(situation.database, files, organs=organs, places=place or ())
    for file, line, reason in result.rejected:
        situation.complain(N_("{file} 第 {line} 行未登记：{reason}"), file=file, line=line, reason=reason)
    for what, counts in ((N_("县区"), result.counties), (N_("单位"), result.organs)):
        if counts is not None:
            situation.tell(
                N_("{what}：新增 {added}，变更 {changed}，未变 {unchanged}"),
                what=situation.say(what),
                added=counts.added,
                changed=counts.changed,
                unchanged=counts.unchanged,
            )
    if result.villages:
        situation.tell(N_("村级 {number} 行不登记"), number=result.villages)
    if result.others:
        situation.tell(
            N_("{number} 个地方从名称看不是乡镇、街道或园区，没有登记为单位：{names}"),
            number=len(result.others),
            names=situation.say(N_("、")).join(result.others[:_NAMED])
            + (" …" if len(result.others) > _NAMED else ""),
        )
    if result.rejected:
        situation.tell(N_("未登记 {rejected} 行"), rejected=len(result.rejected))
        raise typer.Exit(FAILED)


def add_portal(
    situation: Situation,
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help=help_text(N_("首页、公开专栏、年报栏目或某份年报的网址"))),
    ],
    county: Annotated[str, typer.Option("--county", metavar="CODE", help=help_text(N_("县区代码，六位数字")))],
    id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help=help_text(N_("门户编号；默认取自主机名")))
    ] = None,
) -> None:
    """Looks at the site and writes a definition; see monitor.cli.adding."""
    from monitor.cli.adding import add

    add(situation, url, county, id)


def list_portals(
    situation: Situation,
    shipped: Annotated[
        bool, typer.Option("--shipped", help=help_text(N_("列出随软件附带、尚未与网站核对的定义")))
    ] = False,
) -> None:
    """The portal definitions, or those that come with the software."""
    if shipped:
        _list_shipped(situation)
        return
    from rich.text import Text

    from monitor.tables import WholeTable

    folder = situation.settings.path(situation.settings.crawl.portals)
    if not situation.portals and not situation.broken_portals:
        situation.tell(_NO_PORTALS, folder=folder)
    if not situation.portals:
        return
    table = WholeTable()
    heads = (N_("编号"), N_("名称"), N_("县区"), N_("类型"), N_("栏目"), N_("主机"), N_("效力"), N_("核对"))
    for head in heads:
        table.add_column(situation.say(head), no_wrap=head in heads[::2][:2])
    today = situation.clock.now().astimezone(SHANGHAI).date()
    for portal in situation.portals:
        table.add_row(
            Text(portal.id),
            Text(portal.name),
            portal.county_code,
            portal.family,
            Text("\n".join(column.name for column in portal.columns)),
            Text("\n".join(portal.hosts)),
            Text(validity_of(situation, portal, today)),
            str(portal.verified) if portal.verified else situation.say(N_("未与网站核对")),
        )
    situation.show(table)


def _list_shipped(situation: Situation) -> None:
    """One line for each definition that comes along, and how to use one."""
    from crawler.portals.definition import load_portals
    from crawler.portals.shipped import FOLDER

    for portal in load_portals(FOLDER):
        echo(f"{portal.county_code}  {portal.id}  {portal.name}  {'、'.join(portal.hosts)}")
    situation.tell(
        N_(
            "这些定义都没有与网站核对过；要用哪一个，就把它从 {shipped} 复制到 {folder}，"
            "再运行 nianbao portals check"
        ),
        shipped=FOLDER,
        folder=situation.settings.path(situation.settings.crawl.portals),
    )


def check_portals(
    situation: Situation,
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help=help_text(N_("只查这一个门户")))] = None,
    write: Annotated[
        bool, typer.Option("--write", help=help_text(N_("把建议的新定义写在旧文件旁边（不覆盖、不启用）")))
    ] = False,
) -> None:
    """Visits the columns once without keeping anything: whether each was read, and what the site has changed."""
    from monitor.checking import changes_of
    from monitor.cli.checks import propose_new, tell_changes
    from monitor.cli.progress import CommandReporter
    from monitor.store import register
    from monitor.store.database import StoreError
    from monitor.visits import dry_pass

    portals = chosen_portals(situation, portal_id=id)
    if id is None:
        portals = portals_in_use(situation, portals)
    reporter = CommandReporter(situation)
    with reporter.crawling(portals) as on_progress:
        checks = dry_pass(situation.settings, situation.clock, portals, on_progress)
    try:
        with situation.database.reading() as session:
            organs = register.all_organs(session)
    except StoreError as problem:
        organs = []
        situation.complain(N_("没有名录，不知道各栏目被视为哪些单位的年报栏目：{problem}"), problem=problem)
    today = situation.clock.now().astimezone(SHANGHAI).date()
    changed = False
    for check in checks:
        echo("\n".join(reporter.checked(check, organs)))
        if changes := changes_of(check, today):
            changed = True
            tell_changes(situation, check, changes)
            propose_new(situation, check.portal, changes, organs, write=write)
    if changed or not all(check.works for check in checks):
        raise typer.Exit(FAILED)


def perform_trial(
    situation: Situation,
    number: Annotated[int, typer.Argument(metavar="ID", help=help_text(N_("试抓的编号")))],
) -> None:
    """Does a trial that was asked for on a page and keeps what it found. For the pages, not for people."""
    from monitor.jobs.children import end_with_parent
    from monitor.store import register, trials
    from monitor.trials import Trial, TrialKind, perform

    end_with_parent()
    with situation.database.reading() as session:
        row = trials.trial(session, number)
        organs = register.all_organs(session)
    if row is None or row.finished_at is not None:
        raise CommandError(situation.say(N_("没有编号为 {id} 的试抓在等候"), id=number), WRONG_USAGE)
    trial = Trial(TrialKind(row.kind), row.subject, row.county_code, row.portal_id)
    found = perform(trial, situation.settings, situation.clock, situation.portals, organs)
    with situation.database.begin() as session:
        trials.finish(
            session,
            number,
            situation.clock.now(),
            works=found.works,
            lines=found.lines,
            portal_id=found.portal_id,
            definition=found.definition,
        )


def chosen_portals(
    situation: Situation, *, portal_id: str | None = None, county: str | None = None
) -> tuple[PortalDefinition, ...]:
    """The portals that were asked for, at least one. Raises CommandError where there is none."""
    folder = situation.settings.path(situation.settings.crawl.portals)
    if not situation.portals and situation.broken_portals:
        raise typer.Exit(WRONG_USAGE)
    if not situation.portals:
        raise CommandError(
            situation.say(_NO_PORTALS, folder=folder),
            WRONG_USAGE,
        )
    if portal_id is not None and portal_id not in {portal.id for portal in situation.portals}:
        raise CommandError(
            situation.say(
                N_("没有编号为 {id} 的门户；已有的是 {known}"),
                id=portal_id,
                known=situation.say(N_("、")).join(portal.id for portal in situation.portals),
            ),
            WRONG_USAGE,
        )
    situation.check_county(county)
    chosen = tuple(
        portal
        for portal in situation.portals
        if portal_id in (None, portal.id) and county in (None, portal.county_code)
    )
    if not chosen:
        raise CommandError(
            situation.say(
                N_("县区 {county} 没有这样的门户定义；请在 {folder} 中写一个"), county=county, folder=folder
            ),
            WRONG_USAGE,
        )
    return chosen


def portals_in_use(situation: Situation, portals: tuple[PortalDefinition, ...]) -> tuple[PortalDefinition, ...]:
    """Those of ``portals`` that are valid today; of each other one a line says why it is left alone."""
    today = situation.clock.now().astimezone(SHANGHAI).date()
    for portal in portals:
        if not portal.valid_on(today):
            situation.tell(
                N_("{portal}：不采集，{validity}"),
                portal=f"{portal.name}（{portal.id}）",
                validity=validity_of(situation, portal, today),
            )
    return tuple(portal for portal in portals if portal.valid_on(today))


def validity_of(situation: Situation, portal: PortalDefinition, today: date) -> str:
    """How a definition stands on a day, in words: in use, not yet, or over and what took its place."""
    say = situation.say
    if portal.begins_after(today):
        return say(N_("{day} 起启用"), day=portal.valid_from)
    if not portal.ended_before(today):
        return say(N_("有效")) if portal.valid_to is None else say(N_("有效，用到 {day}"), day=portal.valid_to)
    if portal.successor is None:
        return say(N_("已于 {day} 停用"), day=portal.valid_to)
    if portal.successor not in {other.id for other in situation.portals}:
        return say(
            N_("已于 {day} 停用，后继门户 {successor} 没有定义；请为它写一个，或更正 successor"),
            day=portal.valid_to,
            successor=portal.successor,
        )
    return say(N_("已于 {day} 停用，由 {successor} 接替"), day=portal.valid_to, successor=portal.successor)


def _migrate(situation: Situation) -> bool:
    """Creates or migrates the database; whether anything was to be done."""
    return situation.database.migrate()


def _without_password(situation: Situation) -> str:
    from sqlalchemy.engine import make_url

    from monitor.store.engines import SQLITE, shown

    address = make_url(situation.settings.store.database)
    return str(address) if address.get_backend_name() == SQLITE else shown(address)
