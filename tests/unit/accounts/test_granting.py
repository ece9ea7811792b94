"""Nobody gives what they do not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.accounts.granting import check_over, check_permissions, check_role
from eilbote.accounts.organization import HOST
from eilbote.accounts.principal import Principal, PrincipalKind
from eilbote.accounts.role import GRANTS, HOST_ONLY, Permission, Role
from eilbote.accounts.user import User
from eilbote.errors import ForbiddenError, SettingsError
from eilbote.model.moment import Moment

ORGANIZATIONS = st.sampled_from([HOST, "acme", "globex"])
PERMISSIONS = st.frozensets(st.sampled_from(list(Permission)))


def somebody(organization: str, permissions: frozenset[Permission]) -> Principal:
    return Principal(
        kind=PrincipalKind.API_KEY,
        id="k",
        name="key",
        organization=organization,
        permissions=permissions,
    )


def person(role: Role, organization: str) -> User:
    return User(
        id="u",
        organization=organization,
        address="anna@acme.example",
        role=role,
        created=Moment(0),
        changed=Moment(0),
    )


@given(by=ORGANIZATIONS, has=PERMISSIONS, gives=PERMISSIONS, to=ORGANIZATIONS)
def test_nobody_gives_more_than_they_have(
    by: str, has: frozenset[Permission], gives: frozenset[Permission], to: str
) -> None:
    may = gives <= has and by in {HOST, to} and (to == HOST or not gives & HOST_ONLY)
    try:
        check_permissions(gives, by=somebody(by, has), organization=to)
        given_ = True
    except (ForbiddenError, SettingsError):
        given_ = False
    assert given_ is may


@given(role=st.sampled_from(list(Role)), of=st.sampled_from(list(Role)), by=ORGANIZATIONS, to=ORGANIZATIONS)
def test_a_role_is_given_only_by_who_may_do_all_of_it(role: Role, of: Role, by: str, to: str) -> None:
    has = GRANTS[of] if by == HOST else GRANTS[of] - HOST_ONLY
    try:
        check_role(role, by=somebody(by, has), organization=to)
    except (ForbiddenError, SettingsError):
        return
    assert by in {HOST, to}
    assert to == HOST or role is not Role.SYSTEM_ADMINISTRATOR
    assert (GRANTS[role] if to == HOST else GRANTS[role] - HOST_ONLY) <= has


def test_an_organization_administrator_makes_no_system_administrator() -> None:
    by = somebody("acme", GRANTS[Role.ORGANIZATION_ADMINISTRATOR])
    with pytest.raises(SettingsError):
        check_role(Role.SYSTEM_ADMINISTRATOR, by=by, organization="acme")
    with pytest.raises(ForbiddenError):
        check_role(Role.VIEWER, by=by, organization=HOST)


def test_a_key_that_may_only_write_users_changes_nobody() -> None:
    by = somebody("acme", frozenset({Permission.USERS_WRITE}))
    with pytest.raises(ForbiddenError):
        check_over(person(Role.VIEWER, "acme"), by=by)


def test_the_host_s_people_are_changed_by_the_host_alone() -> None:
    by = somebody("acme", GRANTS[Role.ORGANIZATION_ADMINISTRATOR])
    with pytest.raises(ForbiddenError):
        check_over(person(Role.VIEWER, HOST), by=by)
    check_over(person(Role.ORGANIZATION_ADMINISTRATOR, "acme"), by=by)


def test_a_system_administrator_is_changed_by_system_administrators_alone() -> None:
    with pytest.raises(ForbiddenError):
        check_over(
            person(Role.SYSTEM_ADMINISTRATOR, HOST),
            by=somebody(HOST, GRANTS[Role.ORGANIZATION_ADMINISTRATOR]),
        )
