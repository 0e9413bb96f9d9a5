"""Who may see and do what: scopes, roles, passwords, and how often somebody may try."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.clock import SHANGHAI
from monitor.accounts import limits, passwords, tokens
from monitor.accounts.roles import Right, Role
from monitor.accounts.scope import Scope, WrongPlace
from monitor.accounts.users import WrongName, checked_name

NOW = datetime(2026, 1, 31, 17, 50, tzinfo=SHANGHAI)
places = st.lists(st.from_regex(r"[0-9]{2}([0-9]{2}([0-9]{2})?)?", fullmatch=True), max_size=6)
counties = st.from_regex(r"[0-9]{6}", fullmatch=True)


@given(places, counties)
def test_a_scope_covers_what_one_of_its_places_begins(asked: list[str], county: str) -> None:
    scope = Scope.of(asked)
    assert scope.covers(county) == (not asked or any(county.startswith(place) for place in asked))
    assert Scope.of(scope.places) == scope


@given(places, places, counties)
def test_two_scopes_together_cover_what_both_cover(first: list[str], second: list[str], county: str) -> None:
    both = Scope.of(first).narrowed(Scope.of(second))
    covered = both is not None and both.covers(county)
    assert covered == (Scope.of(first).covers(county) and Scope.of(second).covers(county))


@pytest.mark.parametrize("place", ["4", "441", "4401a5", "44010500", "四四", "44%"])
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(WrongPlace):
        Scope.of([place])


def test_what_belongs_to_no_county_is_for_who_sees_everything() -> None:
    assert Scope().covers(None)
    assert not Scope.of(["44"]).covers(None)


def test_each_role_may_what_the_one_below_may() -> None:
    rights = [{right for right in Right if role.may(right)} for role in Role]
    assert rights[0] < rights[1] < rights[2] == set(Right)


@pytest.mark.parametrize("name", ["a", "王 小明", "x" * 65, "<script>", "a\nb", "Nianbao"])
def test_names_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(WrongName):
        checked_name(name)
    assert checked_name(" 王小明 ") == "王小明"


@pytest.mark.parametrize("password", ["short", "a" * 40, "x" * 300, "my-name-is-clerk1"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.check(password, "clerk1")


def test_a_password_matches_its_own_hash_alone() -> None:
    kept = passwords.hashed("县政务公开办 2026")
    assert passwords.matches("县政务公开办 2026", kept)
    assert not passwords.matches("县政务公开办 2027", kept)
    assert not passwords.matches("县政务公开办 2026", None)
    assert not passwords.matches("县政务公开办 2026", "not a hash")


def test_after_five_failures_a_name_waits_until_the_oldest_is_old() -> None:
    failures = [NOW - timedelta(minutes=minutes) for minutes in (1, 2, 3, 14, 20)]
    assert limits.locked_until(failures, 5, NOW) is None, "one of them is older than the span"
    failures[-1] = NOW - timedelta(minutes=10)
    assert limits.locked_until(failures, 5, NOW) == NOW + timedelta(minutes=1)
    assert limits.locked_until(failures, 5, NOW + timedelta(minutes=1)) is None


def test_a_form_token_is_of_one_visitor() -> None:
    token = tokens.form_token("secret", "visitor")
    assert tokens.is_form_token("secret", "visitor", token)
    assert not tokens.is_form_token("secret", "other", token)
    assert not tokens.is_form_token("secret", "visitor", "错")
