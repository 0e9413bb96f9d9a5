"""What the API answers, to whom, and how: pages of lists, marks of content, CSV, refusals."""

import base64
import csv
import io
import json
import re
from datetime import timedelta

import httpx2
import pytest
from jsonschema_rs import validator_for
from lxml import etree
from starlette.routing import Route

from monitor.accounts import managing
from monitor.alerts.listing import list_alerts
from monitor.api.application import PARTS, make_api
from monitor.api.limits import Limiter
from monitor.api.schema import report_schema
from monitor.completeness.record import from_record
from tests.monitor.api.office import NOW, OTHER_COUNTY, OTHER_ORGAN, Office
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN
from tests.monitor.web.dashboard import visitor

OPEN = {"/openapi.json", "/schemas/report.json"}
"""What is told to everybody: how the API is to be used, and nothing of the record."""
NEEDED = {"/completeness": "?year=2023"}


def paths(office: Office) -> list[str]:
    """The paths of all operations, filled with things of the county."""
    alert = office.json("/alerts", office.here)["items"][0]["id"]
    report = office.json("/reports", office.here)["items"][0]["id"]
    found = []
    api = make_api(office.record)
    own = [route.path for route in api.routes if isinstance(route, Route)]
    parts = [route.path for part in PARTS for route in part.routes if isinstance(route, Route)]
    assert len(parts) == sum(len(part.routes) for part in PARTS)
    assert set(parts) == set(api.openapi()["paths"])
    for path in (*own, *parts):
        number = alert if path.startswith("/alerts") else report
        code = COUNTY if path.startswith("/counties") else TOWN.code
        filled = path.replace("{number}", str(number)).replace("{code}", code)
        assert "{" not in filled, path
        found.append(filled + NEEDED.get(path, ""))
    return found


def test_every_address_asks_for_a_token_and_its_scope(office: Office) -> None:
    gone, over = office.token("withdrawn"), office.token("expired", days=1)
    with office.record.database.begin() as session:
        withdrawn = managing.tokens_of(session, office.manager)[1]
        assert withdrawn.name == "withdrawn"
        managing.withdraw_token(session, office.manager, withdrawn.id)
    mine = ("东岭", TOWN.name, OTHER_TOWN.name, "dongling", "云溪")
    asked = [path for path in paths(office) if path not in OPEN]
    assert len(asked) >= 15
    for path in asked:
        assert office.get(path, office.here).status_code == 200, path
        for refused in (None, gone, "nianbao_made-up"):
            answer = office.get(path, refused)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"].startswith("Bearer"), path
        outside = office.get(path, office.elsewhere)
        assert outside.status_code in (200, 404), path
        assert not [word for word in mine if word in outside.text], path
    office.now[0] = NOW + timedelta(days=1)
    try:
        assert {office.get(path, over).status_code for path in asked} == {401}
    finally:
        office.now[0] = NOW
    assert {office.get(path, None).status_code for path in OPEN} == {200}


def test_who_is_outside_sees_an_empty_list_or_nothing(office: Office) -> None:
    for path in ("/obligations", "/reports", "/findings", "/alerts", "/runs", "/portals", "/organs"):
        assert office.json(f"{path}?county={COUNTY}", office.elsewhere)["items"] == [], path
        assert office.json(f"{path}?county={COUNTY}", office.here)["items"], path
    assert [one["code"] for one in office.json("/counties", office.elsewhere)["items"]] == [OTHER_COUNTY]
    assert {one["county_code"] for one in office.json("/obligations", office.elsewhere)["items"]} == {OTHER_COUNTY}
    assert office.json(f"/completeness?year=2023&county={COUNTY}", office.elsewhere)["counties"] == []


def test_who_is_logged_in_to_the_pages_may_read(office: Office) -> None:
    someone = visitor(office.address, "viewer")
    answer = someone.get("/api/v1/counties")
    assert [one["code"] for one in answer.json()["items"]] == [COUNTY]
    # A token that does not count is not made up for by a session.
    wrong = someone.client.get("/api/v1/counties", headers={"Authorization": "Bearer nianbao_x"})
    assert wrong.status_code == 401


def test_a_reader_of_feeds_may_give_the_token_as_a_password(office: Office) -> None:
    given = base64.b64encode(f"feed:{office.here}".encode()).decode()
    answer = office.client.get(
        f"{office.address}/api/v1/counties/{COUNTY}/alerts.atom", headers={"Authorization": f"Basic {given}"}
    )
    assert answer.status_code == 200
    for wrong in ("Basic x", "Basic " + base64.b64encode(b"\xff").decode(), "Digest x"):
        headers = {"Authorization": wrong}
        assert office.client.get(f"{office.address}/api/v1/counties", headers=headers).status_code == 401


LISTS = ("/counties", "/organs", "/obligations", "/reports", "/findings", "/alerts", "/runs", "/portals")


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_whole_page_by_page(office: Office, path: str) -> None:
    whole = office.json(f"{path}?limit=500")
    assert whole["next"] is None
    found, address = [], f"{path}?limit=1"
    for _ in range(len(whole["items"])):
        answer = office.get(address)
        page = answer.json()
        found += page["items"]
        if page["next"] is None:
            assert "link" not in answer.headers
            break
        link = re.fullmatch(r'</api/v1(/[^>]+)>; rel="next"', answer.headers["link"])
        assert link
        assert page["next"] in link[1]
        address = link[1]
    assert found == whole["items"]
    assert len(found) >= 1


@pytest.mark.parametrize("path", LISTS)
def test_lists_as_csv_say_the_same(office: Office, path: str) -> None:
    items = office.json(path)["items"]
    answer = office.get(f"{path}?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert office.get(path, Accept="text/csv").content == answer.content
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [list(row) for row in rows] == [list(item) for item in items]
    for row, item in zip(rows, items, strict=True):
        for name, value in item.items():
            if isinstance(value, bool):
                assert row[name] == str(value).lower()
            elif isinstance(value, list | dict):
                assert json.loads(row[name]) == value
            elif isinstance(value, str) and not name.endswith("_at"):
                assert row[name].removeprefix("'") == value
            elif value is None or isinstance(value, int):
                assert row[name] == ("" if value is None else str(value))


def test_what_did_not_change_is_not_sent_again(office: Office) -> None:
    answer = office.get("/organs")
    mark = answer.headers["etag"]
    assert answer.headers["cache-control"] == "private, no-cache"
    for known in (mark, f"W/{mark}", f'"other", {mark}', "*"):
        again = office.get("/organs", **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", mark)
    assert office.get("/organs", **{"If-None-Match": '"other"'}).status_code == 200
    assert office.get("/organs", office.here).headers["etag"] != mark


def test_filters_narrow_lists(office: Office) -> None:
    missing = office.json("/obligations?state=missing&year=2023")["items"]
    assert {one["organ_code"] for one in missing} == {OTHER_TOWN.code, "119903010000000001"}
    assert office.json(f"/organs/{TOWN.code}")["name"] == TOWN.name
    assert [one["code"] for one in office.json(f"/organs?county={OTHER_COUNTY}")["items"]] == [OTHER_ORGAN]
    standing = office.json("/reports?stands=true")["items"]
    others = office.json("/reports?stands=false")["items"]
    assert len(standing) == len(others) == 1
    assert standing[0] == office.json(f"/reports/{standing[0]['id']}")
    assert {one["kind"] for one in office.json("/alerts?kind=missing")["items"]} == {"missing"}
    assert office.json("/alerts?updated_since=2024-02-05T11:00:00%2B08:00")["items"]
    assert office.json("/alerts?updated_since=2024-02-05T13:00:00%2B08:00")["items"] == []
    assert office.json("/runs?outcome=crashed")["items"] == []
    assert {one["rule"] for one in office.json("/findings?rule=T3-02")["items"]} <= {"T3-02"}


def test_alerts_have_the_shape_of_the_contract(office: Office) -> None:
    told = sorted(list_alerts(office.record.database), key=lambda one: -one["id"])
    answered = office.json("/alerts?limit=500")["items"]
    assert [sorted(one) for one in answered] == [sorted(one) for one in told]
    assert answered == told
    assert office.json(f"/alerts/{told[0]['id']}") == told[0]
    spoken = office.get("/alerts?language=en").json()["items"]
    assert [one["id"] for one in spoken] == [one["id"] for one in told]
    assert spoken[0]["summary"] != told[0]["summary"]


def test_completeness_says_what_the_command_says(office: Office) -> None:
    report = from_record(
        office.record.database, office.record.portals(), office.record.settings, NOW, year=2023
    ).to_json()
    answered = office.json("/completeness?year=2023")
    assert [one["code"] for one in answered["counties"]] == [one["code"] for one in report["counties"]]
    for mine, theirs in zip(answered["counties"], report["counties"], strict=True):
        for name in set(mine) - {"organs", "as_of"}:
            assert mine[name] == theirs[name], name
        for organ, other in zip(mine["organs"], theirs["organs"], strict=True):
            for name in set(organ) - {"first_seen_at"}:
                assert organ[name] == other[name], name
    first = office.json("/completeness?year=2023&limit=1")
    rest = office.json(f"/completeness?year=2023&limit=1&cursor={first['next']}")
    assert first["counties"] + rest["counties"] == answered["counties"]
    assert rest["next"] is None


def test_a_report_has_its_cells_findings_and_content(office: Office) -> None:
    (standing,) = office.json("/reports?stands=true")["items"]
    number = standing["id"]
    document = office.json(f"/reports/{number}/document")
    assert list(validator_for(report_schema()).iter_errors(document)) == []
    cells = office.json(f"/reports/{number}/cells")["items"]
    assert {one["key"]: one["value"] for one in cells} == {
        key: cell["value"] for key, cell in document["cells"].items()
    }
    total = next(one for one in cells if one["key"] == "section_three.total_results.total")
    assert (total["raw"], total["state"]) == (str(total["value"]), "reported")
    findings = office.json(f"/reports/{number}/findings")["items"]
    assert findings == office.json("/findings?limit=500")["items"]
    assert {one["rule"] for one in findings if one["counts"]} == {one["rule"] for one in document["findings"]}
    assert any("section_three.total_results.total" in one["cells"] for one in findings)
    lines = list(csv.reader(io.StringIO(office.get(f"/reports/{number}/cells?format=csv").text, newline="")))
    assert len(lines) == len(cells) + 1


@pytest.mark.parametrize(
    "path",
    [
        "/organs?yaer=2023",
        "/organs?limit=0",
        "/organs?limit=501",
        "/organs?limit=x",
        "/organs?cursor=!",
        "/organs?cursor=WzFd",
        "/organs?cursor=WyJhXHUwMDAwIl0",
        "/obligations?year=1",
        "/obligations?state=lost",
        "/reports?county=99%00",
        "/reports/0",
        "/reports/99999999999999999999",
        "/reports/x",
        "/completeness",
        "/alerts?updated_since=yesterday",
        "/alerts?updated_since=0001-01-01T00:00:00%2B23:59",
        "/alerts?updated_since=9999-12-31T23:59:59-23:59",
        "/organs?format=xml",
    ],
)
def test_wrong_parameters_are_named(office: Office, path: str) -> None:
    answer = office.get(path)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == 422
    assert told["detail"].startswith("参数不对：")
    assert "Traceback" not in answer.text


def test_other_methods_and_addresses_are_refused(office: Office) -> None:
    address = f"{office.address}/api/v1/organs"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = office.client.request(method, address, headers={"Authorization": f"Bearer {office.everything}"})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert office.get("/nothing").status_code == 404
    assert office.get("/organs/").status_code == 404


def test_the_feed_of_a_county_is_atom(office: Office) -> None:
    answer = office.get(f"/counties/{COUNTY}/alerts.atom", office.here)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.content)
    name = {"a": "http://www.w3.org/2005/Atom"}
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for path in ("a:id", "a:title", "a:updated", "a:author/a:name", "a:link[@rel='self']"):
        assert len(root.findall(path, name)) == 1, path
    entries = root.findall("a:entry", name)
    assert len(entries) == len(office.json("/alerts?limit=500", office.here)["items"])
    identities = set()
    for entry in entries:
        for path in ("a:id", "a:title", "a:updated", "a:published", "a:summary", "a:link[@rel='alternate']"):
            (found,) = entry.findall(path, name)
            assert found.get("href") or found.text
        identities.add(entry.findtext("a:id", namespaces=name))
    assert len(identities) == len(entries)
    assert all(one and one.startswith("urn:uuid:") for one in identities)
    updated = [entry.findtext("a:updated", namespaces=name) for entry in entries]
    assert updated == sorted(updated, reverse=True, key=str)
    assert root.findtext("a:updated", namespaces=name) == updated[0]
    assert office.get("/counties/990303/alerts.atom").status_code == 404
    assert office.get(f"/counties/{COUNTY}/alerts.atom", office.elsewhere).status_code == 404


def test_who_asks_too_often_waits() -> None:
    moment = [120.0]
    limiter = Limiter(2, now=lambda: moment[0])
    assert [limiter.seconds_to_wait("a") for _ in range(3)] == [0, 0, 60]
    assert limiter.seconds_to_wait("b") == 0
    moment[0] += 59.5
    assert limiter.seconds_to_wait("a") == 1
    moment[0] += 0.5
    assert limiter.seconds_to_wait("a") == 0
    assert not any(Limiter(0).seconds_to_wait("a") for _ in range(1000))


def test_too_many_requests_are_told_when_to_come_again(office: Office) -> None:
    api = make_api(office.record)
    api.state.limiter = Limiter(1)
    transport = httpx2.ASGITransport(app=api)

    async def ask() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
            headers = {"Authorization": f"Bearer {office.here}"}
            await client.get("/counties", headers=headers)
            return await client.get("/counties", headers=headers)

    import anyio

    answer = anyio.run(ask)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "每分钟最多 1 次" in answer.json()["detail"]
