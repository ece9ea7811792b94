"""Who is meant by roles and accounts, in whose language, and what an organization and a person may switch off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.accounts.role import Role
from eilbote.author.notification.catalogue import known_events
from eilbote.author.notification.decision import Earlier, Situation, decide
from eilbote.author.notification.defaults import DEFAULTS, MANDATORY, default_subscription, with_defaults
from eilbote.author.notification.event import SystemEvent, new_event
from eilbote.author.notification.people import NOBODY, People, Person, people_of
from eilbote.author.notification.subscription import Cadence, Subscription, read_subscription
from eilbote.errors import EilboteError, SettingsError
from eilbote.model.moment import later, moment_of

NOW = moment_of(datetime(2026, 11, 22, 14, 23, 45, tzinfo=UTC))


def person(id_: str, organization: str, role: Role, **more: str) -> Person:
    return Person(
        id=id_,
        address=f"{id_}@{organization or 'host'}.example",
        organization=organization,
        role=role,
        **more,
    )


ALL = people_of(
    [
        person("root", "", Role.SYSTEM_ADMINISTRATOR),
        person("ann", "acme", Role.ORGANIZATION_ADMINISTRATOR, language="de", time_zone="Europe/Berlin"),
        person("olga", "acme", Role.OPERATOR, language="ru"),
        person("oli", "acme", Role.OPERATOR),
        person("gus", "globex", Role.OPERATOR),
        person("bo", "", Role.OPERATOR),
    ]
)


def event(kind: str = "invoice.overdue", **fields: object) -> SystemEvent:
    said = {"id": "e1", "at": NOW, "severity": "error", "organization": "acme"} | fields
    return new_event(kind, **said)  # type: ignore[arg-type]


def wish(*to: str, **fields: object) -> Subscription:
    return Subscription(id=str(fields.pop("id_", "s1")), recipients=to, **fields)  # type: ignore[arg-type]


def told(*subscriptions: Subscription, of: SystemEvent | None = None, people: People = ALL) -> dict[str, str]:
    """Tell who is told by which subscription; the defaults are asked beside, as always."""
    decision = decide(of or event(), Situation(subscriptions=subscriptions), people)
    return {one.recipient: one.subscription for one in decision.tellings}


QUIET = [replace(one, cadence=Cadence.NEVER) for one in DEFAULTS]
"""A host that has silenced every default."""


def test_a_role_means_the_people_of_the_events_organization() -> None:
    everywhere = wish("role:operator", everywhere=True)

    assert set(told(*QUIET, everywhere)) == {"olga@acme.example", "oli@acme.example"}
    assert set(told(*QUIET, everywhere, of=event(organization="globex"))) == {"gus@globex.example"}
    assert set(told(*QUIET, everywhere, of=event(organization=""))) == {"bo@host.example"}
    assert set(told(*QUIET, wish("role:operator", organization="acme"))) == {
        "olga@acme.example",
        "oli@acme.example",
    }


def test_system_administrators_are_the_hosts_whoever_it_is_about() -> None:
    assert set(told(*QUIET, wish("role:system_administrator", everywhere=True))) == {"root@host.example"}


def test_one_person_is_meant_by_their_account_as_long_as_it_concerns_them() -> None:
    assert set(told(*QUIET, wish("user:ann", everywhere=True))) == {"ann@acme.example"}
    assert told(*QUIET, wish("user:ann", everywhere=True), of=event(organization="globex")) == {}
    assert told(*QUIET, wish("user:nobody", everywhere=True)) == {}


def test_people_are_told_in_their_language_and_others_in_that_of_the_subscription() -> None:
    mine = wish(
        "role:operator",
        "role:organization_administrator",
        everywhere=True,
        language="en",
        time_zone="Asia/Tokyo",
    )
    tellings = decide(event(), Situation(subscriptions=[*QUIET, mine]), ALL).tellings

    assert {one.recipient: (one.language, one.time_zone) for one in tellings} == {
        "ann@acme.example": ("de", "Europe/Berlin"),
        "olga@acme.example": ("ru", "Asia/Tokyo"),
        "oli@acme.example": ("en", "Asia/Tokyo"),
    }


def test_who_has_unsubscribed_is_not_told_whatever_letters_they_write() -> None:
    mine = wish(
        "role:operator", "eva@example.org", everywhere=True, left=("OLGA@acme.example", "eva@example.org")
    )

    assert set(told(*QUIET, mine)) == {"oli@acme.example"}


# -- defaults and overrides ---------------------------------------------------------------------------------------


def test_administrators_authors_and_operators_hear_what_is_theirs_by_default() -> None:
    assert told() == {"ann@acme.example": "default-organization"}
    assert told(of=event("connection.paused")) == {
        "ann@acme.example": "default-organization",
        "olga@acme.example": "default-connections",
        "oli@acme.example": "default-connections",
    }
    assert told(of=event(organization="", severity="warning")) == {"root@host.example": "default-host"}
    assert told(of=event(severity="warning")) == {}


def test_without_accounts_the_defaults_tell_nobody() -> None:
    for known in known_events():
        assert told(of=event(known.kind), people=NOBODY) == {}


def test_an_organization_replaces_a_default_for_its_own_people_alone() -> None:
    own = wish("boss@acme.example", organization="acme", replaces="default-organization")

    assert told(own) == {"boss@acme.example": "s1"}
    gus = people_of([*ALL.by_id.values(), person("gil", "globex", Role.ORGANIZATION_ADMINISTRATOR)])
    assert told(own, of=event(organization="globex"), people=gus) == {
        "gil@globex.example": "default-organization"
    }


def test_an_organization_silences_a_default_but_nothing_mandatory() -> None:
    silent = wish(organization="acme", replaces="default-organization", cadence=Cadence.NEVER)

    assert told(silent) == {}
    assert told(silent, of=event("licence.expired")) == {"ann@acme.example": MANDATORY}


def test_what_is_mandatory_heeds_no_muting_and_no_leaving() -> None:
    mine = wish("eva@example.org", organization="acme", muted_until=later(NOW, 60), left=("eva@example.org",))

    assert "eva@example.org" not in told(mine)
    assert told(mine, of=event("licence.expired"))["eva@example.org"] == "s1"
    assert MANDATORY in told(mine, of=event("licence.expired")).values()


def test_a_host_changes_a_default_by_keeping_one_of_its_id() -> None:
    host = default_subscription("default-organization")
    assert host is not None
    assert told(replace(host, recipients=("eva@example.org",))) == {"eva@example.org": "default-organization"}
    assert [one.id for one in with_defaults([host])].count("default-organization") == 1


# -- conditions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition,is_told",
    [
        ("data.total > 1000", True),
        ("data.total > 2000", False),
        ('data.customer == "Acme" and event.severity == "error"', True),
        ("data.missing", False),
        ('data.tags contains "vip"', True),
        ("data.customer > 3", True),  # cannot be worked out: rather too loud than not heard
    ],
)
def test_a_condition_looks_at_the_values(condition: str, is_told: bool) -> None:
    mine = read_subscription(
        {"to": "eva@example.org", "organization": "acme", "when": condition}, Subscription(id="s1")
    )
    of = event(data={"total": 1500, "customer": "Acme", "tags": ["vip"]})

    assert ("eva@example.org" in told(*QUIET, mine, of=of)) is is_told


@pytest.mark.parametrize(
    "condition", ["data.total >", "x %}{% raw", "{{ data }}", "a" * 501, "1 | nothing", "\n"]
)
def test_what_is_no_condition_is_refused_when_it_is_said(condition: str) -> None:
    if not condition.strip():
        return
    with pytest.raises(SettingsError) as caught:
        read_subscription({"to": "eva@example.org", "when": condition}, Subscription(id="s1"))
    assert caught.value.field == "when"


def test_half_a_condition_is_told_what_a_whole_one_looks_like() -> None:
    with pytest.raises(SettingsError) as caught:
        read_subscription({"to": "eva@example.org", "when": "data.total >"}, Subscription(id="s1"))
    assert caught.value.what == "this cannot be a condition"
    assert "found end of expression" in (caught.value.cause or "")
    assert "data.total > 1000" in (caught.value.remedy or "")


# -- reading ------------------------------------------------------------------------------------------------------


def test_recipients_are_addresses_roles_and_accounts_in_any_form() -> None:
    for to in (
        'role:operator, "Doe, Eva" <eva@example.org>, user:ab12',
        ["role:operator", '"Doe, Eva" <eva@example.org>', "user:ab12"],
    ):
        made = read_subscription({"to": to}, Subscription(id="s1"))
        assert made.recipients == ("role:operator", "user:ab12", "eva@example.org")


@pytest.mark.parametrize(
    "said,field",
    [
        ({"to": "role:emperor"}, "to"),
        ({"to": "user:a b"}, "to"),
        ({"to": "role:system_administrator", "organization": "acme"}, "to"),
        ({"to": "a@example.org", "replaces": "default-host"}, "replaces"),
        ({"to": "a@example.org", "organization": "acme", "replaces": "a b"}, "replaces"),
        ({"to": "a@example.org", "left": "nobody"}, "left"),
        ({"to": [1]}, "to"),
        ({"to": None}, "to"),
        ({}, "to"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(said: dict[str, object], field: str) -> None:
    with pytest.raises(EilboteError) as caught:
        read_subscription(said, Subscription(id="s1"))
    assert (caught.value.field or "").startswith(field)


def test_silence_needs_nobody_to_be_told() -> None:
    made = read_subscription(
        {"organization": "acme", "replaces": "default-flows", "cadence": "never"}, Subscription(id="s1")
    )
    assert (made.cadence, made.recipients) == (Cadence.NEVER, ())


# -- how often ----------------------------------------------------------------------------------------------------


@given(st.integers(0, 30))
def test_some_kinds_are_told_ten_times_an_hour_about_the_same_and_counted_then(alike: int) -> None:
    earlier = Earlier(id="e0", at=later(NOW, -60), count=1) if alike else None
    of = event("robot.disconnected", key="r1")
    decision = decide(of, Situation(earlier=earlier, alike=alike), ALL)

    assert bool(decision.repeats) is (alike >= 10)


# -- always -------------------------------------------------------------------------------------------------------

wishes = st.builds(
    Subscription,
    id=st.sampled_from(["s1", "s2", "default-host", "default-organization"]),
    organization=st.sampled_from(["", "acme", "globex"]),
    everywhere=st.booleans(),
    recipients=st.lists(
        st.sampled_from(["role:operator", "role:organization_administrator", "user:ann", "eva@example.org"]),
        max_size=3,
    ).map(tuple),
    left=st.lists(st.sampled_from(["eva@example.org", "ann@acme.example"]), max_size=2).map(tuple),
    cadence=st.sampled_from(list(Cadence)),
    replaces=st.sampled_from(["", "default-organization", "s1"]),
    muted_until=st.sampled_from([None, later(NOW, 60)]),
)


@given(st.lists(wishes, max_size=5, unique_by=lambda one: one.id), st.sampled_from(["", "acme", "globex"]))
def test_nobody_of_another_organization_is_ever_told_and_nobody_twice(
    subscriptions: list[Subscription], organization: str
) -> None:
    for kind in ("invoice.overdue", "licence.expired"):
        tellings = decide(
            event(kind, organization=organization), Situation(subscriptions=subscriptions), ALL
        ).tellings
        addresses = [one.recipient for one in tellings]
        assert len(addresses) == len(set(addresses))
        for address in addresses:
            known = next((one for one in ALL.by_id.values() if one.address == address), None)
            assert known is None or known.organization in {"", organization}


@given(st.lists(wishes, max_size=5, unique_by=lambda one: one.id))
def test_administrators_hear_what_is_mandatory_whatever_is_subscribed(
    subscriptions: list[Subscription],
) -> None:
    assert "ann@acme.example" in told(*subscriptions, of=event("licence.expired"))
    assert "root@host.example" in told(*subscriptions, of=event("outbox.stalled", organization=""))
