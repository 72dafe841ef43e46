"""Scopes, roles, and that nobody grants what they lack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.actor import Actor
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http.scopes import (
    ALL_SCOPES,
    OPERATOR_SCOPES,
    OWNER,
    ROLES,
    SCOPES,
    TENANT_SCOPES,
    TEST_SCOPES,
    Principal,
    check_gives_role,
    check_grants,
    check_scope,
)

some_scopes = st.sets(st.sampled_from(ALL_SCOPES))


def caller(scopes: set[str] | frozenset[str], *, test: bool = False, role: str | None = None) -> Principal:
    actor = Actor("key", "key_1") if role is None else Actor("user", "usr_1")
    return Principal(Tenant("acc_1", test), actor, frozenset(scopes), 1, role=role)


def test_every_scope_has_its_audience_and_sentence() -> None:
    assert set(TENANT_SCOPES) | set(OPERATOR_SCOPES) == set(ALL_SCOPES)
    assert not set(TENANT_SCOPES) & set(OPERATOR_SCOPES)
    assert all(scope.about.endswith(".") for scope in SCOPES.values())
    assert all(role.about.endswith(".") for role in ROLES.values())


@pytest.mark.parametrize("scope", ALL_SCOPES)
def test_a_test_key_never_has_a_scope_that_needs_a_live_key(scope: str) -> None:
    principal = caller(set(ALL_SCOPES), test=True)
    if scope in TEST_SCOPES:
        check_scope(principal, scope)
    else:
        with pytest.raises(Problem, match="wrong_mode"):
            check_scope(principal, scope)
    assert not set(TEST_SCOPES) & set(OPERATOR_SCOPES)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_operators_scopes_outside_the_operators_account(role: str) -> None:
    outside = ROLES[role].scopes_in(operator=False)
    assert not outside & set(OPERATOR_SCOPES)
    assert outside <= ROLES[role].scopes_in(operator=True) <= set(ALL_SCOPES)


def test_the_roles_are_those_of_the_documentation() -> None:
    assert list(ROLES) == [
        *("owner", "admin", "developer", "network", "marketer", "finance", "support", "viewer")
    ]
    assert ROLES["owner"].scopes == ROLES["admin"].scopes == set(ALL_SCOPES)
    changing = set(ALL_SCOPES) - {"account:read", "messages:read", "reports:read", "verify:read"}
    assert not ROLES["viewer"].scopes & changing


@given(has=some_scopes, wanted=some_scopes, test=st.booleans())
def test_a_key_never_gets_a_scope_that_its_giver_lacks(has: set[str], wanted: set[str], test: bool) -> None:
    giver = caller(has)
    if wanted <= has and not (test and any(SCOPES[name].live_only for name in wanted)):
        check_grants(giver, sorted(wanted), test=test)
    else:
        with pytest.raises(Problem, match=r"forbidden|invalid_field"):
            check_grants(giver, sorted(wanted), test=test)


@given(
    giver_role=st.sampled_from([None, *ROLES]),
    has=some_scopes,
    wanted=st.sampled_from(list(ROLES)),
    operator=st.booleans(),
)
def test_a_user_never_gets_a_role_with_scopes_that_its_giver_lacks(
    giver_role: str | None, has: set[str], wanted: str, operator: bool
) -> None:
    scopes = has if giver_role is None else ROLES[giver_role].scopes_in(operator=operator)
    giver = caller(scopes, role=giver_role)
    lacks = ROLES[wanted].scopes_in(operator=operator) - giver.scopes
    if lacks or (wanted == OWNER and giver_role != OWNER):
        with pytest.raises(Problem, match="forbidden"):
            check_gives_role(giver, wanted, operator=operator)
    else:
        assert check_gives_role(giver, wanted, operator=operator).name == wanted


def test_unknown_scopes_and_roles_are_refused_by_name() -> None:
    giver = caller(set(ALL_SCOPES))
    with pytest.raises(Problem, match="Unknown scope `dance`") as refused:
        check_grants(giver, ["keys", "dance"], test=False)
    assert refused.value.param == "scopes[1]"
    with pytest.raises(Problem, match="Unknown role `king`"):
        check_gives_role(giver, "king", operator=True)


def test_a_key_and_a_user_have_a_bucket_each_and_only_a_key_is_a_key() -> None:
    key, user = caller(set()), caller(set(), role="viewer")
    assert (key.key_id, key.bucket, key.actor.text) == ("key_1", "key_1", "key:key_1")
    assert (user.key_id, user.bucket, user.actor.text) == (None, "usr_1", "user:usr_1")
    assert (Actor("cli").text, Actor("cli").who, Actor("user", "usr_1").who) == ("cli", "cli", "usr_1")
