"""Trial passes of portals and discoveries from an address, asked for and shown within a reader's counties."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from crawler.addresses import normalise
from crawler.gate import Refused, check_address
from crawler.portals.definition import PortalError
from monitor.access.base import Access, NotFound, Record, audit
from monitor.access.portals import portal_named
from monitor.accounts.roles import Right
from monitor.language import N_, translate
from monitor.refusals import NotPossible
from monitor.store import register
from monitor.store import trials as store
from monitor.store.tables import TrialRow
from monitor.trials import DIED, TrialKind, in_words

MOST_AT_ONCE = 3
"""So many trials go on at once: each visits a site, and takes the memory of a crawl."""
GIVEN_UP_AFTER = timedelta(hours=2)
"""What has not come to its end after so long was broken off with the server."""

_NOT_HERE = N_("这里不能试抓：请运行 nianbao serve，或在命令行用 nianbao portals check、add")
_TOO_MANY = N_("已有 {number} 个试抓在进行，请等它们结束再试")
_NO_COUNTY = N_("请写六位的县区代码，须在您的地区以内")
_UNKNOWN_COUNTY = N_("名录和门户定义中没有县区 {code}；请先登记，或核对代码")
_REFUSED = N_("不能访问 {address}：不是公开的网页地址，或端口属于别的服务")
_WRONG_ID = N_("{id} 不能作编号；只用小写字母、数字、- 和 _")
_TAKEN = N_("编号 {id} 已有门户定义，没有改动；请另取一个")
_NO_DEFINITION = N_("没有可以写出的定义")
_NOT_WRITTEN = N_("没有写出：{problem}")


@dataclass(frozen=True, slots=True)
class TrialPage:
    """One trial; ``lines`` in the reader's language, ``over`` once nothing more will come."""

    id: int
    kind: TrialKind
    subject: str
    county_code: str
    portal_id: str | None
    asked_by: str
    asked_at: datetime
    over: bool
    works: bool | None
    lines: tuple[str, ...]
    definition: str | None
    written_at: datetime | None


def begin_check(access: Access, portal_id: str) -> int:
    """Has a portal's definition tried; gives the id of the trial. Raises NotAllowed, NotFound, NotPossible."""
    access.require(Right.ADMINISTER)
    portal = portal_named(access, portal_id)
    return _begin(access, TrialKind.CHECK, portal.id, portal.county_code, None, "portal.trial")


def begin_discovery(access: Access, address: str, county: str, portal_id: str) -> int:
    """Has a site looked at; gives the id of the trial. Raises NotAllowed, NotPossible."""
    access.require(Right.ADMINISTER)
    county, wished = county.strip(), portal_id.strip()
    if not re.fullmatch(r"[0-9]{6}", county) or not access.scope.covers(county):
        raise NotPossible(_NO_COUNTY)
    known = {portal.county_code for portal in access.record.portals()}
    with access.reading() as session:
        if county not in known and not register.names_of_counties(session, [county]):
            raise NotPossible(_UNKNOWN_COUNTY, code=county)
    entrance = _entrance(access, address)
    if wished:
        _must_be_free(access, wished)
    return _begin(access, TrialKind.DISCOVERY, entrance, county, wished or None, "portal.discovery")


def trial_page(access: Access, trial_id: int) -> TrialPage:
    """One trial. Raises NotAllowed, NotFound."""
    access.require(Right.ADMINISTER)
    with access.reading() as session:
        row = store.trial(session, trial_id)
        if row is None or not access.scope.covers(row.county_code):
            raise NotFound(trial_id)
        return _page(access, row)


def latest(access: Access, kind: TrialKind, subject: str | None = None) -> list[TrialPage]:
    """The latest trials of the reader's counties. Raises NotAllowed."""
    access.require(Right.ADMINISTER)
    with access.reading() as session:
        return [_page(access, row) for row in store.latest(session, access.scope, kind.value, subject=subject)]


def write(access: Access, trial_id: int) -> str:
    """Writes the definition that a discovery proposes; gives its id. Raises NotAllowed, NotFound, NotPossible."""
    shown = trial_page(access, trial_id)
    if shown.definition is None or shown.portal_id is None or shown.written_at is not None:
        raise NotPossible(_NO_DEFINITION)
    from monitor.discovering import write_definition  # not at the top: it loads the reader of pages

    _must_be_free(access, shown.portal_id)
    file = _folder(access.record) / f"{shown.portal_id}.yaml"
    with access.changing(Right.ADMINISTER) as session:
        store.written(session, trial_id, access.now)
        audit(session, access, "portal.added", shown.portal_id, shown.county_code, address=shown.subject)
        try:
            write_definition(file, shown.definition)
        except FileExistsError:
            raise NotPossible(_TAKEN, id=shown.portal_id) from None
        except PortalError as problem:
            raise NotPossible(_NOT_WRITTEN, problem=" ".join(str(problem).split())[:200]) from None
        except OSError as problem:
            raise NotPossible(_NOT_WRITTEN, problem=problem.strerror or type(problem).__name__) from None
    access.record.portals.look_again()
    return shown.portal_id


def _begin(access: Access, kind: TrialKind, subject: str, county: str, portal_id: str | None, word: str) -> int:
    run = access.record.run
    if run is None:
        raise NotPossible(_NOT_HERE)
    with access.changing(Right.ADMINISTER) as session:
        if store.going_on(session, access.now - GIVEN_UP_AFTER) >= MOST_AT_ONCE:
            raise NotPossible(_TOO_MANY, number=MOST_AT_ONCE)
        trial_id = store.add(session, kind.value, subject, county, portal_id, access.who, access.now)
        audit(session, access, word, subject, county, trial=trial_id)
    threading.Thread(
        target=_have_done, args=(access.record, trial_id), name=f"nianbao trial {trial_id}", daemon=True
    ).start()
    return trial_id


def _have_done(record: Record, trial_id: int) -> None:
    """Waits for the process that does it; where that said nothing, says that it did not come to its end."""
    assert record.run is not None
    try:
        record.run("portals", "trial", str(trial_id), quiet=True)
    finally:
        with record.database.begin() as session:
            lines = in_words(lambda say: [say(DIED)])
            store.finish(session, trial_id, record.now(), works=False, lines=lines)


def _entrance(access: Access, address: str) -> str:
    text = address.strip()
    entrance = normalise(text)
    if entrance is None or not text.lower().startswith(("http://", "https://")):
        from monitor.discovery_words import ENTRANCE

        raise NotPossible(ENTRANCE["no_address"], url=text[:200])
    try:
        # By the name alone: a port of another service that somebody typed is not registered by typing it.
        name = urlsplit(entrance).hostname or ""
        check_address(entrance, (name,), access.settings.crawl.allow_private_addresses)
    except (Refused, ValueError):
        raise NotPossible(_REFUSED, address=entrance[:200]) from None
    return entrance


def _must_be_free(access: Access, portal_id: str) -> None:
    from monitor.discovering import IDENTIFIER

    if not IDENTIFIER.fullmatch(portal_id):
        raise NotPossible(_WRONG_ID, id=portal_id[:64])
    folder = _folder(access.record)
    taken = {portal.id for portal in access.record.portals()} | {path.stem for path in folder.glob("*.y*ml")}
    if portal_id in taken:
        raise NotPossible(_TAKEN, id=portal_id)


def _folder(record: Record) -> Path:
    return record.settings.path(record.settings.crawl.portals)


def _page(access: Access, row: TrialRow) -> TrialPage:
    broken_off = row.finished_at is None and access.now - row.asked_at > GIVEN_UP_AFTER
    lines = [translate(DIED, access.language)] if broken_off else row.lines.get(access.language, [])
    return TrialPage(
        id=row.id,
        kind=TrialKind(row.kind),
        subject=row.subject,
        county_code=row.county_code,
        portal_id=row.portal_id,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        over=row.finished_at is not None or broken_off,
        works=row.works,
        lines=tuple(lines),
        definition=row.definition,
        written_at=row.written_at,
    )
