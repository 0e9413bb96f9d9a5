"""Through every page in each role and both languages; every route against outsiders."""

from collections.abc import Iterator

import pytest
from starlette.routing import Route

from monitor.accounts.roles import Role
from monitor.api.application import PARTS, make_api
from tests.browser import chromium
from tests.monitor.web import looking
from tests.monitor.web.dashboard import Visitor, visitor
from tests.monitor.web.looking import LOOKS, Seen
from tests.monitor.web.walking import (
    FILES,
    MORE,
    REFUSED,
    Site,
    read_routes,
    right_of,
    routes_with_parts,
    walked,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with walked(tmp_path_factory.mktemp("walk")) as one:
        yield one


@pytest.fixture(scope="module")
def outsider(site: Site) -> Visitor:
    """An administrator of another county."""
    return visitor(site.address, "outsider")


def expected(route: Route, role: Role) -> int:
    """What a route answers somebody of a role who may see everything."""
    right = right_of(route)
    if route.path in REFUSED:
        return REFUSED[route.path]
    return 200 if right is None or role.may(right) else 403


@pytest.mark.browser
def test_every_page_is_well_for_everybody(site: Site) -> None:
    """Status by role; nothing grave for axe, no word on the console, no other host, no Chinese left in English."""
    wrong: dict[str, list[str]] = {}
    walks = [(role, one) for role in reversed(Role) for one in LOOKS]
    with chromium() as browser:
        seen: Seen = set()
        for role, one in walks:
            pages = [route for route in read_routes() if route.path not in FILES]
            paths = {site.example(route): expected(route, role) for route in pages}
            if role is Role.ADMINISTRATOR:
                paths |= dict.fromkeys(MORE, 200)
            for path, found in looking.walk(browser, site.address, role.value, paths, one, seen):
                wrong.setdefault(f"{path} as {role} in {one.locale}", []).extend(found)
    assert {where: found for where, found in wrong.items() if found} == {}


def test_every_file_is_for_everybody(site: Site) -> None:
    reader = visitor(site.address, Role.VIEWER.value)
    files = [route for route in read_routes() if route.path in FILES]
    assert {site.example(route): reader.get(site.example(route)).status_code for route in files} == {
        site.example(route): expected(route, Role.VIEWER) for route in files
    }


def test_every_route_with_a_part_is_not_found_by_an_outsider(site: Site, outsider: Visitor) -> None:
    """An administrator of another county: whatever an address names, it is not there, to read or to change."""
    asked = routes_with_parts()
    assert len(asked) >= 25
    for route in asked:
        path = site.example(route)
        read = "GET" in (route.methods or ())
        answer = outsider.get(path) if read else outsider.post(path, note="x", step="noted")
        assert answer.status_code == 404, path
        assert "没有找到" in answer.text, path


def test_every_part_of_the_api_is_not_found_by_an_outsider(site: Site, outsider: Visitor) -> None:
    routes = [route for part in PARTS for route in part.routes if isinstance(route, Route)]
    assert {route.path for route in routes} == set(make_api(site.record).openapi()["paths"])
    insider = visitor(site.address, Role.VIEWER.value)
    asked = 0
    for route in routes:
        if "{" in route.path:
            number = site.things["alert" if route.path.startswith("/alerts") else "report"]
            code = site.things["county" if route.path.startswith("/counties") else "organ"]
            path = "/api/v1" + route.path.replace("{number}", str(number)).replace("{code}", code)
            assert insider.get(path).status_code == 200, path
            assert outsider.get(path).status_code == 404, path
            asked += 1
    assert asked >= 6
