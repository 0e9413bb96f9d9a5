"""The pages of administrators: who may do what, for whom, and what the log keeps of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from starlette.routing import Route

from monitor.access.administration import audit_log, due_dates, jobs, rules, tokens, users
from monitor.access.base import NotAllowed, NotFound
from monitor.accounts import managing
from monitor.accounts.managing import Manager
from monitor.accounts.roles import Right, Role
from monitor.accounts.scope import Scope, common_place
from monitor.accounts.tokens import digest
from monitor.accounts.users import AuditEntry
from monitor.decisions.switches import Setting
from monitor.jobs.kinds import Kind, Task
from monitor.refusals import NotPossible
from monitor.store import accounts, decisions
from monitor.store import jobs as jobs_store
from monitor.store.database import Database
from monitor.web.administration import ROUTES
from tests.databases import opened_in
from tests.monitor.web.dashboard import PASSWORD, Visitor, access_of, password_hash
from tests.monitor.web.portal_office import HERE, HOSTILE, NOW, THERE, Office, office_in

SCOPES = ((), ("41",), (HERE,), ("4105", "44"), (HERE, THERE), (THERE,), ("410527",))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Office]:
    with office_in(tmp_path_factory.mktemp("administration")) as one:
        yield one


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    database = opened_in(tmp_path)
    yield database
    database.close()


def user_id(office: Office, name: str) -> int:
    """The id of a user."""
    with office.database.reading() as session:
        found = accounts.user_named(session, name)
    assert found
    return found[0].id


def test_only_administrators_find_the_way_in(office: Office) -> None:
    paths = [route.path for route in ROUTES if "GET" in (route.methods or ()) and "{" not in route.path]
    for name in ("viewer", "officer"):
        one = office.visit(name)
        assert "/administration" not in one.get("/account").text
        assert [one.get(path).status_code for path in paths] == [403] * len(paths)
        assert [
            one.post(route.path.replace("{id:int}", "1")).status_code
            for route in ROUTES
            if "POST" in (route.methods or ())
        ] == [403] * sum("POST" in (route.methods or ()) for route in ROUTES)
    administrator = office.visit("administrator")
    assert [administrator.get(path).status_code for path in paths] == [200] * len(paths)


def test_every_page_of_administration_asks_for_the_right(office: Office) -> None:
    for route in ROUTES:
        assert isinstance(route, Route)
        assert getattr(route.endpoint, "right", None) is Right.ADMINISTER, route.path


def test_a_user_is_added_changed_and_closed(office: Office) -> None:
    administrator = office.visit("administrator")
    fields = {
        "name": "新来的",
        "role": "officer",
        "places": f"{HERE}，4401",
        "password": PASSWORD,
        "again": PASSWORD,
    }
    added = administrator.post("/administration/users", page="/administration/users", **fields)
    assert added.status_code == 303, added.text
    path = added.headers["location"].partition("?")[0]
    shown = administrator.get(added.headers["location"]).text
    assert "已新增" in shown
    assert "滑县（410526）" in shown
    assert "广州市（4401）" in shown
    assert office_login(office, "新来的") == 303
    again = administrator.post("/administration/users", page="/administration/users", **fields)
    assert again.status_code == 400
    assert "已有人用" in again.text
    new = "另一个密码 2027 好"
    assert administrator.post(f"{path}/password", page=path, password=new, again=new).status_code == 303
    assert office_login(office, "新来的") == 401
    assert office_login(office, "新来的", new) == 303
    assert administrator.post(f"{path}/change", page=path, role="viewer", everything="1").status_code == 303
    assert administrator.post(f"{path}/close", page=path).status_code == 303
    assert office_login(office, "新来的", new) == 401
    log = administrator.get("/administration/audit?who=administrator").text
    for what in ("新增用户", "重设密码", "修改用户", "停用用户"):
        assert what in log
    assert new not in log


def office_login(office: Office, name: str, password: str = PASSWORD) -> int:
    """What logging in gives."""
    return Visitor(office.address).log_in(name, password).status_code


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"places": ""}, "请写明能看到的地区"),
        ({"everything": "1"}, "只能选一种"),
        ({"places": "41052"}, "不是六位的县区代码"),
        ({"name": "a b"}, "用户名“a b”不行"),
        ({"name": HOSTILE}, "不行"),
        ({"again": "x"}, "两次输入的密码不一样"),
        ({"password": "short", "again": "short"}, "至少要 12 个字符"),
        ({"role": "emperor"}, "请选一种身份"),
    ],
)
def test_a_wrong_form_says_why_and_changes_nothing(office: Office, fields: dict[str, str], said: str) -> None:
    usual = {"name": "nobody", "role": "viewer", "places": HERE, "password": PASSWORD, "again": PASSWORD}
    page = "/administration/users"
    answer = office.visit("administrator").post(page, page=page, **{**usual, **fields})
    assert answer.status_code == 400
    assert said in answer.text
    assert HOSTILE not in answer.text
    with office.database.reading() as session:
        assert accounts.user_named(session, "nobody") is None


def test_the_last_who_administers_everything_stays(office: Office) -> None:
    one, path = office.visit("administrator"), f"/administration/users/{user_id(office, 'administrator')}"
    for action, fields in (("close", {}), ("change", {"role": "officer", "everything": "1"})):
        answer = one.post(f"{path}/{action}", page=path, **fields)
        assert answer.status_code == 400
        assert "最后一个能管理全部地区的管理员" in answer.text
    reduced = one.post(f"{path}/change", page=path, role="administrator", places="41")
    assert reduced.status_code == 400
    assert one.get("/administration/users").status_code == 200


@pytest.mark.both_databases
def test_who_is_not_the_last_may_go(record: Database) -> None:
    by = Manager("nianbao", Scope(), NOW)
    with record.begin() as session:
        first = managing.add_user(session, by, "first", Role.ADMINISTRATOR, Scope(), password_hash())
        second = managing.add_user(session, by, "second", Role.ADMINISTRATOR, Scope(), password_hash())
        managing.close_user(session, by, first)
        with pytest.raises(NotPossible):
            managing.close_user(session, by, second)
        managing.set_password(session, by, first, password_hash())
        managing.close_user(session, by, second)


@pytest.mark.parametrize("mine", SCOPES, ids=str)
def test_nobody_manages_more_than_their_own_counties(office: Office, mine: tuple[str, ...]) -> None:
    """Every pair of scopes: what is not contained is neither seen nor changed, nor given away."""
    by = access_of(office.record, *mine)
    everything = access_of(office.record)
    for number, theirs in enumerate(SCOPES):
        inside = Scope.of(mine).contains(Scope.of(theirs))
        name = f"u{'-'.join(mine)}.{number}"
        with office.database.begin() as session:
            user = accounts.add_user(session, name, Role.VIEWER, Scope.of(theirs), password_hash(), NOW)
        token, _ = tokens.add(everything, name, " ".join(theirs), "5", everything=not theirs)
        assert (name in {line.user.name for line in users.users(by)}) == inside
        assert (token.id in {line.token.id for line in tokens.tokens(by)}) == inside
        told = {(one.what, one.subject) for one in audit_log.audit_page(by).entries}
        assert ("token.added", name) not in told or Scope.of(mine).touches(common_place(Scope.of(theirs)) or "")
        if not inside:
            for forbidden in (
                partial(users.user, by, user.id),
                partial(users.close, by, user.id),
                partial(users.change, by, user.id, "viewer", " ".join(mine), everything=not mine),
                partial(users.set_password, by, user.id, PASSWORD, PASSWORD),
                partial(tokens.withdraw, by, token.id),
            ):
                with pytest.raises(NotFound):
                    forbidden()
            with pytest.raises(NotPossible):
                tokens.add(by, "x", " ".join(theirs), "5", everything=not theirs)
            with pytest.raises(NotPossible):
                users.add(by, f"{name}.x", "viewer", " ".join(theirs), PASSWORD, PASSWORD, everything=not theirs)
        with office.database.reading() as session:
            kept = accounts.user_with(session, user.id)
            assert kept is not None
            assert (kept.closed_at, kept.scope) == (None, Scope.of(theirs))
        users.close(everything, user.id)


def test_every_page_with_a_number_hides_what_is_outside(office: Office) -> None:
    other = office.visit("there")
    elsewhere = {name: user_id(office, name) for name in ("here", "clerk-here", "henan", "administrator")}
    token, _ = tokens.add(access_of(office.record), "not-for-them", HERE, "5", everything=False)
    numbers = {"users": list(elsewhere.values()), "tokens": [token.id]}
    asked = 0
    for route in ROUTES:
        if "{id:int}" not in route.path:
            continue
        for number in numbers[route.path.split("/")[2]]:
            path = route.path.replace("{id:int}", str(number))
            answer = other.get(path) if "GET" in (route.methods or ()) else other.post(path)
            assert answer.status_code == 404, path
            asked += 1
    assert asked >= 17
    listed = other.get("/administration/users").text
    assert "clerk-there" in listed
    for name in elsewhere:
        assert f">{name}<" not in listed
    assert "not-for-them" not in other.get("/administration/tokens").text


def test_who_reads_may_not_administer_by_function_either(office: Office) -> None:
    for role in (Role.VIEWER, Role.OFFICER):
        access = access_of(office.record, role=role)
        for forbidden in (
            partial(users.users, access),
            partial(tokens.tokens, access),
            partial(audit_log.audit_page, access),
            partial(tokens.add, access, "x", "", "5", everything=True),
        ):
            with pytest.raises(NotAllowed):
                forbidden()


def test_a_token_is_shown_once_and_withdrawn(office: Office) -> None:
    here = office.visit("here")
    page = "/administration/tokens"
    answer = here.post(page, page=page, name="县里的 <b>系统</b>", places=HERE, days="30")
    assert answer.status_code == 200
    found = re.search(r"nianbao_[\w-]{43}", answer.text)
    assert found
    assert "<b>" not in answer.text
    assert found[0] not in here.get(page).text
    with office.database.reading() as session:
        token = accounts.token_of(session, digest(found[0]), NOW)
        assert token is not None
        assert token.scope == Scope.of([HERE])
        assert token.expires_at == NOW + timedelta(days=30)
        assert accounts.token_of(session, digest(found[0]), NOW + timedelta(days=31)) is None
    log = here.get("/administration/audit").text
    assert "新增令牌" in log
    assert found[0] not in log
    assert here.post(f"{page}/{token.id}/withdraw", page=page).status_code == 303
    with office.database.reading() as session:
        assert accounts.token_of(session, digest(found[0]), NOW) is None
    for fields in (
        {"days": "0"},
        {"days": "367"},
        {"days": "x"},
        {"name": " "},
        {"places": "4105"},
        {"places": ""},
    ):
        given = {"name": "n", "places": HERE, "days": "5", **fields}
        assert here.post(page, page=page, **given).status_code == 400, fields
    assert here.post(page, page=page, name="n", places="", days="5", everything="1").status_code == 400


def test_the_log_is_read_page_by_page_and_by_who(office: Office) -> None:
    with office.database.begin() as session:
        for number in range(audit_log.ON_A_PAGE + 5):
            accounts.add_audit(session, AuditEntry(NOW, "somebody", "user.changed", f"s{number}", None, {}))
    access = access_of(office.record)
    first = audit_log.audit_page(access, who="somebody")
    assert [one.subject for one in first.entries][:2] == ["s104", "s103"]
    assert first.before is not None
    second = audit_log.audit_page(access, who="somebody", before=first.before)
    assert [one.subject for one in second.entries] == ["s4", "s3", "s2", "s1", "s0"]
    assert second.before is None
    assert not audit_log.audit_page(access_of(office.record, HERE), who="somebody").entries


@pytest.mark.parametrize("mine", SCOPES, ids=str)
def test_nobody_adjusts_rules_outside_of_their_counties(office: Office, mine: tuple[str, ...]) -> None:
    """Every pair: what does not touch the own counties is not seen, what is not contained is not changed."""
    by, everything = access_of(office.record, *mine), access_of(office.record)
    known = {HERE, THERE}
    for place in ("", "41", "4105", HERE, "44", THERE):
        rules.adjust(everything, "N-01", place, "off", "核实过")
        theirs = Scope.of([place]) if place else Scope()
        seen = {line.switch.place: line.mine for line in rules.rules(by).switches}
        touched = not mine or any(code.startswith(place) and Scope.of(mine).covers(code) for code in known)
        assert place in seen or not touched
        if place in seen:
            assert Scope.of(mine).touches(place)
            assert seen[place] == Scope.of(mine).contains(theirs)
        if not Scope.of(mine).contains(theirs):
            for setting in ("off", "on", "notice"):
                with pytest.raises(NotPossible):
                    rules.adjust(by, "N-01", place, setting, "x")
            with pytest.raises(NotPossible):
                rules.take_back(by, "N-01", place, "x")
        with office.database.reading() as session:
            (kept,) = [one for one in decisions.switches(session) if (one.rule, one.place) == ("N-01", place)]
        assert (kept.setting, kept.by) == (Setting.OFF, "tester")
        rules.take_back(everything, "N-01", place, "好了")
        assert place not in {line.switch.place for line in rules.rules(by).switches}
    past = {line.switch.place for line in rules.rules(by).past}
    assert past == {place for place in past if Scope.of(mine).touches(place)}


def test_a_rule_is_switched_off_and_back_on_the_page(office: Office) -> None:
    here, page = office.visit("here"), "/administration/rules"
    fields = {"rule": "N-01", "place": HERE, "setting": "off", "reason": f"县里核实 {HOSTILE}"}
    assert here.post(f"{page}/set", page=page, **fields).status_code == 303
    shown = here.get(page).text
    assert "停用" in shown
    assert HOSTILE not in shown
    with office.database.reading() as session:
        assert decisions.decisions(session).switches.is_off("N-01", HERE)
        assert not decisions.decisions(session).switches.is_off("N-01", THERE)
    for wrong, said in (
        ({"place": THERE}, "只能调整您的地区以内的"),
        ({"place": ""}, "只能调整您的地区以内的"),
        ({"place": "x"}, "请写县区代码"),
        ({"rule": "N-99"}, "没有规则 N-99"),
        ({"rule": "L-06"}, "不能停用"),
        ({"setting": "x"}, "请选要怎样调整"),
        ({"reason": ""}, "请写明理由"),
    ):
        answer = here.post(f"{page}/set", page=page, **{**fields, **wrong})
        assert answer.status_code == 400, wrong
        assert said in answer.text
    assert here.post(f"{page}/reset", page=page, rule="N-01", place=HERE, reason="好了").status_code == 303
    again = here.post(f"{page}/reset", page=page, rule="N-01", place=HERE, reason="好了")
    assert "没有对规则 N-01 单独调整" in again.text
    log = here.get("/administration/audit").text
    assert "调整规则" in log
    assert "撤销规则调整" in log


def test_channels_are_shown_without_secrets_and_tested(office: Office) -> None:
    administrator, page = office.visit("administrator"), "/administration/channels"
    shown = administrator.get(page).text
    for told in ("office", "office@example.org", "desk", "每周汇总", "08:30", "未公布"):
        assert told in shown, told
    for secret in ("whsec", "127.0.0.1:9", "topsecret"):
        assert secret not in shown, secret
    refused = administrator.post(f"{page}/test", page=page, name="desk")
    assert refused.status_code == 400
    assert "没有收下测试消息" in refused.text
    assert administrator.post(f"{page}/test", page=page, name="nothing").status_code == 404
    here = office.visit("here")
    assert ">desk<" not in here.get(page).text
    assert "county-mail" in here.get(page).text
    assert here.post(f"{page}/test", page=page, name="desk").status_code == 404
    log = administrator.get("/administration/audit?who=administrator").text
    assert "发测试消息" in log


def test_due_dates_are_shown_with_what_would_move(office: Office) -> None:
    administrator = office.visit("administrator")
    shown = administrator.get("/administration/due").text
    assert "石狮市要求" in shown
    assert "随软件附带" in shown
    here = office.visit("here")
    assert "石狮市要求" not in here.get("/administration/due").text, "a rule for another place"
    assert here.get(f"/administration/due?county={THERE}").status_code == 404
    assert here.get(f"/administration/due?county={HERE}").status_code == 200
    found = due_dates.due_dates(access_of(office.record, HERE), HERE)
    assert {line.whose for line in found.holding} == {"乡镇"}
    assert [(one.organ, one.year, one.before.isoformat()) for one in found.moved] == [
        ("焦虎镇", 2025, "2026-01-15")
    ]


def test_jobs_are_those_of_the_own_portals(office: Office) -> None:
    tasks = [Task(Kind.CRAWL, "good"), Task(Kind.CRAWL, "elsewhere"), Task(Kind.INGEST)]
    with office.database.begin() as session:
        jobs_store.put(session, tasks, NOW)
    everything = jobs.jobs(access_of(office.record))
    assert {one.job.task for one in everything.lines} == set(tasks)
    assert {one.job.task.subject for one in jobs.jobs(access_of(office.record, HERE)).lines} == {"good"}
    assert not jobs.jobs(access_of(office.record), "failed").lines
    page = office.visit("there").get("/administration/jobs").text
    assert "荔湾区人民政府" in page
    assert "滑县人民政府" not in page
