"""Who is heard when several levels say something, told by example; the rules in general are among the properties."""

from eilbote.model.secret import Secret
from eilbote.settings.inheritance import Effective, Layer, Level, Overruled, Withheld, effective, layer_of
from eilbote.settings.scope import ScopeSettings

ENVIRONMENT = Layer(
    level=Level.ENVIRONMENT,
    plain={"host": "mail.example.org", "user": "env", "timeout": 20.0},
    secrets={"password": Secret("of the environment")},
    places={
        "host": "EMAIL_NOTIFICATION_SMTP_HOST",
        "user": "smtp-email-basic-username",
        "timeout": "EILBOTE_NOTIFICATION__TIMEOUT",
        "password": "smtp-email-basic-password",
    },
)


def host(**plain: str | float | bool) -> Layer:
    return layer_of(ScopeSettings(plain=plain))


def organization(*, locked: frozenset[str] = frozenset(), **plain: str | float | bool) -> Layer:
    return layer_of(ScopeSettings(organization="acme", plain=plain, locked=locked))


def test_each_field_comes_from_the_nearest_level_that_says_it_and_knows_from_where() -> None:
    found = effective([ENVIRONMENT, host(timeout=30.0), organization(default_from="a@acme.example")])

    assert found.values["host"] == Effective(
        field="host",
        value="mail.example.org",
        level=Level.ENVIRONMENT,
        place="EMAIL_NOTIFICATION_SMTP_HOST",
        inherited=True,
    )
    assert (found.values["timeout"].value, found.values["timeout"].place) == (30.0, "host")
    assert (found.values["default_from"].level, found.values["default_from"].place) == (
        Level.ORGANIZATION,
        "acme",
    )
    assert not found.values["default_from"].inherited


def test_the_port_is_inherited_with_the_host() -> None:
    found = effective([host(host="mail.example.org", port=2525), organization(timeout=9.0)])

    assert found.values["port"].value == 2525


def test_a_secret_is_known_to_be_there_and_not_shown() -> None:
    found = effective([ENVIRONMENT])

    assert (found.values["password"].has_secret, found.values["password"].value) == (True, None)
    assert "of the environment" not in repr(found)
    assert found.connection("notification").host == "mail.example.org"


def test_an_organization_with_a_server_of_its_own_gets_nobody_elses_password() -> None:
    found = effective([ENVIRONMENT, host(), organization(host="collect.example.net")])

    assert "password" not in found.values
    assert found.secrets == {}
    assert found.withheld == (
        Withheld(
            field="password",
            level=Level.ENVIRONMENT,
            place="smtp-email-basic-password",
            because="host",
            by=Level.ORGANIZATION,
        ),
        Withheld(
            field="user",
            level=Level.ENVIRONMENT,
            place="smtp-email-basic-username",
            because="host",
            by=Level.ORGANIZATION,
        ),
    )


def test_saying_the_same_server_again_takes_the_password_off_as_well() -> None:
    assert effective([ENVIRONMENT, organization(host="mail.example.org")]).secrets == {}


def test_another_user_needs_another_password() -> None:
    assert effective([ENVIRONMENT, organization(user="other")]).secrets == {}


def test_a_password_that_was_changed_nearer_goes_with_the_user_of_farther_away() -> None:
    nearer = Layer(level=Level.HOST, place="host", secrets={"password": Secret("new")})
    found = effective([ENVIRONMENT, nearer])

    assert found.values["user"].value == "env"
    assert found.secrets["password"] == Secret("new")


def test_a_token_takes_the_place_of_a_password() -> None:
    nearer = Layer(level=Level.HOST, place="host", secrets={"access_token": Secret("t")})

    assert set(effective([ENVIRONMENT, nearer]).secrets) == {"access_token"}


def test_what_proves_one_server_says_nothing_about_another() -> None:
    found = effective([host(host="a.example", verify=False), organization(host="b.example")])

    assert "verify" not in found.values


def test_a_service_takes_the_place_of_a_host() -> None:
    found = effective([host(host="a.example", port=2525), organization(service="Gmail")])

    assert set(found.values) == {"service"}


def test_what_is_locked_stays() -> None:
    locked = layer_of(
        ScopeSettings(plain={"default_from": "a@host.example"}, locked=frozenset({"default_from"}))
    )
    found = effective([locked, organization(default_from="b@acme.example", timeout=5.0)])

    assert found.values["default_from"].value == "a@host.example"
    assert found.values["default_from"].locked
    assert found.values["timeout"].value == 5.0
    assert found.overruled == (
        Overruled(
            field="default_from", level=Level.ORGANIZATION, place="acme", locked="default_from", by="host"
        ),
    )


def test_a_locked_password_locks_where_it_goes() -> None:
    locked = layer_of(
        ScopeSettings(
            plain={"host": "a.example", "user": "u"},
            secrets={"password": Secret("p")},
            locked=frozenset({"password"}),
        )
    )
    found = effective([locked, organization(host="b.example")])

    assert found.values["host"].value == "a.example"
    assert set(found.secrets) == {"password"}


def test_a_password_for_a_server_that_is_not_heard_goes_nowhere_else() -> None:
    """An organization has a server of its own; then the host locks its own server."""
    locked = layer_of(ScopeSettings(plain={"host": "a.example"}, locked=frozenset({"host"})))
    own = layer_of(
        ScopeSettings(
            organization="acme",
            plain={"host": "b.example", "user": "u", "from_name": "Acme"},
            secrets={"password": Secret("for b")},
        )
    )
    found = effective([locked, own])

    assert found.secrets == {}
    assert found.values["host"].value == "a.example"
    assert found.values["from_name"].value == "Acme"


def test_proof_can_be_demanded_of_every_server() -> None:
    locked = layer_of(ScopeSettings(plain={"verify": True}, locked=frozenset({"verify"})))
    found = effective([locked, organization(host="b.example", ignore_tls_errors=True)])

    assert found.values["host"].value == "b.example"
    assert found.values["verify"].value is True
    assert "ignore_tls_errors" not in found.values


def test_a_scope_that_is_switched_off_says_nothing_and_locks_nothing() -> None:
    scope = ScopeSettings(custom=False, plain={"host": "x.example"}, locked=frozenset({"host"}))

    assert effective([layer_of(scope), organization(host="b.example")]).values["host"].value == "b.example"


def test_nothing_is_empty() -> None:
    assert effective([]).is_empty
    assert effective([host(user="u", timeout=3.0)]).is_empty
    assert not effective([host(service="Gmail")]).is_empty


def test_who_decides_about_where_octets_go() -> None:
    assert effective([ENVIRONMENT, organization(timeout=3.0)]).destination_level is Level.ENVIRONMENT
    assert effective([ENVIRONMENT, organization(port=25)]).destination_level is Level.ORGANIZATION
    assert effective([ENVIRONMENT, organization(tenant="x")]).destination_level is Level.ORGANIZATION
    assert effective([]).destination_level is Level.DEFAULT
