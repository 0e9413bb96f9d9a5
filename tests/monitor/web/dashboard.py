"""A dashboard served on loopback for tests, and readers who are logged in to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx2

from monitor.access.base import Access, KnownPortals, Record
from monitor.accounts import passwords
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.settings import Settings
from monitor.store import accounts
from monitor.store.database import Database
from monitor.web.application import make_application
from monitor.web.server import serving

SECRET = "0123456789abcdef0123456789abcdef"
PASSWORD = "正确的密码 twelve"
_HASHED: list[str] = []


def password_hash() -> str:
    """The hash of :data:`PASSWORD`, made once: it is slow by design."""
    if not _HASHED:
        _HASHED.append(passwords.hashed(PASSWORD))
    return _HASHED[0]


def add_user(database: Database, name: str, role: Role, *places: str, at: datetime) -> None:
    """A user whose password is :data:`PASSWORD`."""
    with database.begin() as session:
        accounts.add_user(session, name, role, Scope.of(places), password_hash(), at)


def record_of(database: Database, now: Callable[[], datetime], portals: Path, settings: Settings) -> Record:
    """What the dashboard works with."""
    return Record(database, settings, now, SECRET, KnownPortals(portals))


def access_of(record: Record, *places: str, role: Role = Role.ADMINISTRATOR, language: str = "zh") -> Access:
    """The record as somebody may see it."""
    return Access(record, "tester", role, Scope.of(places), language)


@contextmanager
def dashboard(record: Record, proxies: Sequence[str] = ()) -> Iterator[str]:
    """The dashboard over a record; gives its address without the last slash."""
    with serving(make_application(record), "127.0.0.1", 0, proxies) as address:
        yield address.rstrip("/")


def token_in(text: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', text)
    assert found, "the page has no form"
    return found[1]


class Visitor:
    """A browser without script: keeps cookies, fills forms."""

    def __init__(self, address: str, language: str = "zh-CN") -> None:
        self.address = address
        self.client = httpx2.Client(
            base_url=address, headers={"Accept-Language": language}, follow_redirects=False, timeout=30
        )

    def get(self, path: str) -> httpx2.Response:
        """One page."""
        return self.client.get(path)

    def post(self, path: str, *, page: str = "/account", **fields: str) -> httpx2.Response:
        """A form sent from ``page``, whose token it brings back."""
        token = token_in(self.client.get(page).text)
        return self.client.post(path, data={"form_token": token, **fields})

    def log_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        """Logs in by the form."""
        return self.post("/log-in", page="/log-in", name=name, password=password)


def visitor(address: str, name: str, language: str = "zh-CN") -> Visitor:
    """Somebody who is logged in."""
    one = Visitor(address, language)
    answer = one.log_in(name)
    assert answer.status_code == 303, answer.text
    return one
