"""`nianbao users add --without-password`: who comes by single sign-on alone."""

from pathlib import Path

import pytest

from monitor.store import accounts
from monitor.store.database import open_database
from tests.databases import address_in
from tests.monitor.cli.command import nianbao


def test_a_user_may_have_no_password(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_STORE__DATABASE", address_in(folder, empty=True))
    assert nianbao("init").status == 0
    made = nianbao("users", "add", "陈东", "--role", "viewer", "--county", "990301", "--without-password")
    assert made.status == 0, made.err
    assert nianbao("users", "change", "陈东", "--mail", "no address").status == 1
    assert nianbao("users", "change", "陈东", "--mail", "chen@office.example").status == 0
    database = open_database(address_in(folder), folder)
    with database.reading() as session:
        found = accounts.user_named(session, "陈东")
    database.close()
    assert found is not None
    assert found[0].mail == "chen@office.example"
    assert (found[0].scope.places, found[1]) == (("990301",), None)
