"""The endpoints as connections: empty at first, made of all levels, the same object until something changes."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

import pytest

from eilbote import ConnectionNotFoundError, SettingsError
from eilbote.model.moment import Moment, moment_of
from eilbote.model.secret import Secret
from eilbote.settings.change import Change
from eilbote.settings.endpoint_book import EndpointBook, read_endpoint
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.inheritance import Layer, Level
from eilbote.settings.scope import HOST, ScopeSettings
from eilbote.testing.manual_clock import ManualClock

_T = TypeVar("_T")
OFFICE = ScopeSettings(
    plain={"host": "relay.example.org", "security": "tls", "user": "u"}, secrets={"password": Secret("p")}
)


class Kept:
    """Settings in a dict, which counts how often it is asked."""

    def __init__(self, *scopes: ScopeSettings) -> None:
        self.scopes = {scope.organization: scope for scope in scopes}
        self.reads = 0
        self.revisions = 0
        self.number = 1

    async def read(self, organization: str = HOST) -> ScopeSettings:
        self.reads += 1
        return self.scopes.get(organization, ScopeSettings(organization=organization))

    async def write(self, settings: ScopeSettings, *, now: Moment) -> ScopeSettings:
        self.scopes[settings.organization] = settings
        self.number += 1
        return settings

    async def organizations(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.scopes) - {HOST}))

    async def revision(self) -> int:
        self.revisions += 1
        return self.number


class Environment:
    def __init__(self, **layers: Layer) -> None:
        self.layers = layers
        self.fault: SettingsError | None = None

    def layer(self, endpoint: Endpoint) -> Layer:
        if self.fault is not None:
            raise self.fault
        return self.layers.get(endpoint.value, Layer(level=Level.ENVIRONMENT, place="environment"))


class Scene:
    def __init__(self, *scopes: ScopeSettings, **layers: Layer) -> None:
        self.kept = Kept(*scopes)
        self.clock = ManualClock()
        self.environment = Environment(**layers)
        self.book = EndpointBook(
            settings=self.kept, environment=self.environment, revision=self.kept.revision, clock=self.clock
        )

    def keep(self, scope: ScopeSettings) -> None:
        do(self.kept.write(scope, now=Moment(0)))


def do(work: Awaitable[_T]) -> _T:
    async def run() -> _T:
        return await work

    return asyncio.run(run())


def said(**plain: str) -> Layer:
    return Layer(level=Level.ENVIRONMENT, plain=plain, places={name: f"THE_{name.upper()}" for name in plain})


def test_there_is_one_endpoint_from_the_start_and_it_says_how_it_is_configured() -> None:
    book = Scene().book

    assert do(book.names()) == ("notification",)
    with pytest.raises(ConnectionNotFoundError) as told:
        do(book.get("notification"))
    assert told.value.what == "the endpoint 'notification' is not configured yet"
    assert "eilbote settings set uri=" in (told.value.remedy or "")
    assert "EMAIL_NOTIFICATION_SMTP_HOST" in (told.value.remedy or "")


def test_an_organization_is_told_its_own_command() -> None:
    with pytest.raises(ConnectionNotFoundError, match="'acme/notification'") as told:
        do(Scene().book.get("acme/notification"))
    assert "settings set --org acme" in (told.value.remedy or "")


def test_it_is_made_of_what_holds_and_is_called_as_it_was_asked_for() -> None:
    scene = Scene(OFFICE, ScopeSettings(organization="acme", plain={"timeout": 7.0}))

    assert do(scene.book.names()) == ("acme/notification", "notification")
    assert do(scene.book.get("notification")).name == "notification"
    theirs = do(scene.book.get("acme/notification"))
    assert (theirs.name, theirs.host, theirs.timeouts.connect) == (
        "acme/notification",
        "relay.example.org",
        7.0,
    )


def test_an_organization_that_has_said_nothing_adopts_what_the_host_says() -> None:
    assert do(Scene(OFFICE).book.get("other/notification")).host == "relay.example.org"


def test_only_where_an_organization_leads_itself_the_addresses_are_public_ones() -> None:
    own = ScopeSettings(organization="own", plain={"host": "mail.own.example"})
    port = ScopeSettings(organization="port", plain={"port": 2526})
    book = Scene(OFFICE, own, port).book

    assert not do(book.get("notification")).public_only
    assert not do(book.get("acme/notification")).public_only
    assert do(book.get("own/notification")).public_only
    assert do(book.get("port/notification")).public_only


def test_system_is_the_same_unless_something_is_said_for_it() -> None:
    assert do(Scene(OFFICE).book.get("system")).host == "relay.example.org"

    scene = Scene(OFFICE, system=said(host="system.example.org"))
    found = do(scene.book.get("system"))
    assert (found.host, type(found.credentials).__name__) == ("system.example.org", "Anonymous")
    assert do(scene.book.names()) == ("notification", "system")


def test_the_same_object_until_something_changes_and_the_store_is_left_alone() -> None:
    scene = Scene(OFFICE)
    first = do(scene.book.get("notification"))
    for _ in range(50):
        assert do(scene.book.get("notification")) is first
    assert (scene.kept.reads, scene.kept.revisions) == (1, 1)

    scene.clock.advance(0.2)
    assert do(scene.book.get("notification")) is first
    assert (scene.kept.reads, scene.kept.revisions) == (1, 2)

    scene.keep(replace(OFFICE, plain={**OFFICE.plain, "host": "relay2.example.org"}))
    scene.clock.advance(0.2)
    assert do(scene.book.get("notification")).host == "relay2.example.org"


def test_a_change_of_something_else_makes_no_other_connection() -> None:
    scene = Scene(OFFICE)
    first = do(scene.book.get("notification"))
    scene.keep(ScopeSettings(organization="acme", plain={"timeout": 7.0}))
    scene.clock.advance(0.2)

    assert do(scene.book.get("notification")) is first
    assert do(scene.book.names()) == ("acme/notification", "notification")


def test_a_change_through_the_book_holds_at_once() -> None:
    scene = Scene(OFFICE)
    assert do(scene.book.get("notification")).host == "relay.example.org"

    changed = do(scene.book.change({"smtpHost": "relay2.example.org", "password": "p"}))
    assert changed.is_new
    assert do(scene.book.get("notification")).host == "relay2.example.org"
    assert not do(scene.book.change({"host": "relay2.example.org"})).is_new
    assert scene.kept.number == 2


def test_what_farther_levels_have_locked_is_refused_through_the_book() -> None:
    scene = Scene(replace(OFFICE, locked=frozenset({"host"})))

    with pytest.raises(SettingsError, match="locked by the host"):
        do(scene.book.change(Change(set={"host": "own.example"}), "Acme"))
    assert do(scene.book.change({"timeout": 4}, "Acme")).settings.organization == "acme"


def test_a_token_that_lasts_for_a_time_ends_at_a_moment() -> None:
    scene = Scene()
    do(scene.book.change({"host": "mail.example.org", "user": "u", "accessToken": "t", "expiryDate": "3600"}))

    assert scene.kept.scopes[HOST].plain["expiry_date"] == moment_of(scene.clock.now()) + 3_600_000


def test_a_secret_that_is_read_anew_makes_another_connection() -> None:
    scene = Scene(OFFICE)
    first = do(scene.book.get("notification"))
    scene.environment.layers["notification"] = said(from_name="X", default_from="a@example.org")

    assert do(scene.book.get("notification")) is not first


def test_a_fault_names_where_it_is_said() -> None:
    with pytest.raises(SettingsError) as told:
        do(Scene(notification=said(host="a.example", security="tls", ehlo_name="-")).book.get("notification"))
    assert told.value.field == "THE_EHLO_NAME"

    scope = ScopeSettings(organization="acme", plain={"ehlo_name": "-"})
    with pytest.raises(SettingsError) as told:
        do(Scene(OFFICE, scope).book.get("acme/notification"))
    assert told.value.field == "ehlo_name of acme"


def test_names_are_told_although_the_environment_is_broken() -> None:
    scene = Scene()
    scene.environment.fault = SettingsError("broken")

    assert do(scene.book.names()) == ("notification", "system")


@pytest.mark.parametrize(
    "name", ["office", "acme/system", "acme/office", "x/y/notification", "!/notification"]
)
def test_what_is_no_endpoint_is_not_found(name: str) -> None:
    with pytest.raises(ConnectionNotFoundError):
        read_endpoint(name)


def test_an_endpoint_is_changed_by_its_settings_only() -> None:
    book = Scene().book

    for work in (book.put("notification", "smtp://x.example"), book.remove("acme/notification")):
        with pytest.raises(SettingsError, match="always there") as told:
            do(work)
        assert "eilbote settings set" in (told.value.remedy or "")
