"""`nianbao tokens`: a token is told once, listed without its secret, withdrawn at once."""

from datetime import datetime
from pathlib import Path

import pytest

from monitor.accounts.tokens import digest
from monitor.store import accounts
from monitor.store.database import Database, open_database
from tests.databases import address_in
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import at

pytestmark = pytest.mark.both_databases


def test_a_token_is_given_out_listed_and_withdrawn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_STORE__DATABASE", address_in(folder, empty=True))
    monkeypatch.setenv("NIANBAO_CLOCK__NOW", "2024-02-05T09:00:00")
    assert nianbao("init").status == 0
    assert "nianbao tokens add" in nianbao("tokens", "list").out
    made = nianbao("tokens", "add", "市平台", "--county", "9903", "--days", "30")
    assert made.status == 0, made.err
    secret = made.out.strip()
    assert secret.startswith("nianbao_")
    assert "2024-03-06" in made.problem
    (listed,) = nianbao("tokens", "list", "--format", "json").json
    assert (listed["name"], listed["places"], listed["last_used_at"]) == ("市平台", ["9903"], None)
    assert secret not in nianbao("tokens", "list").out
    assert "9903" in nianbao("tokens", "list").out
    database = open_database(address_in(folder), folder)
    assert counts(database, secret, at(2, 6))
    assert not counts(database, secret, at(3, 7))
    assert nianbao("tokens", "withdraw", str(listed["id"])).status == 0
    assert not counts(database, secret, at(2, 6))
    database.close()
    assert nianbao("tokens", "list", "--format", "json").json == []
    (listed,) = nianbao("tokens", "list", "--all", "--format", "json").json
    assert listed["withdrawn_at"] is not None
    assert "已停用" in nianbao("tokens", "list", "--all").out


def counts(database: Database, secret: str, moment: datetime) -> bool:
    """Whether a token counts at a moment."""
    with database.reading() as session:
        return accounts.token_of(session, digest(secret), moment) is not None


def test_what_cannot_be_is_said_in_one_line(folder: Path) -> None:
    assert nianbao("init").status == 0
    for arguments in (["add", " "], ["add", "x" * 65], ["add", "平台", "--county", "abc"]):
        said = nianbao("tokens", *arguments)
        assert (said.status, said.out) == (2, "")
        assert said.problem
    said = nianbao("tokens", "withdraw", "7")
    assert said.status == 2
    assert "7" in said.problem
    assert nianbao("tokens", "add", "平台", "--days", "0").status == 2
