"""Who may log in to the dashboard of the demo: one user of each role, with passwords made for this one demo."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from crawler.sandbox.season import ORGANS
from monitor.accounts import passwords
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.language import N_
from monitor.store import accounts
from monitor.store.database import Database

FIRST_COUNTY = ORGANS[0].county_code
"""The one county that the viewer sees."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the demo; ``sees`` says in words (Chinese) what."""

    name: str
    role: Role
    places: tuple[str, ...]
    sees: str
    password: str = field(repr=False)


def add_people(database: Database, at: datetime) -> tuple[Person, ...]:
    """Adds the users and gives them with their passwords, which are kept nowhere else."""
    people = (
        Person("viewer", Role.VIEWER, (FIRST_COUNTY,), N_("只看一个县"), secrets.token_urlsafe(12)),
        Person("officer", Role.OFFICER, (), N_("经办，看全部地区"), secrets.token_urlsafe(12)),
        Person("administrator", Role.ADMINISTRATOR, (), N_("管理，看全部地区"), secrets.token_urlsafe(12)),
    )
    hashes = [passwords.hashed(person.password) for person in people]
    with database.begin() as session:
        for person, kept in zip(people, hashes, strict=True):
            accounts.add_user(session, person.name, person.role, Scope.of(person.places), kept, at)
    return people
