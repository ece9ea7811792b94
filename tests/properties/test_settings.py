"""What holds for every settings on every level, whatever they say."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from eilbote.errors import ConfigurationError
from eilbote.model.secret import Secret
from eilbote.settings.change import Change, apply_change
from eilbote.settings.fields import CREDENTIALS, DESTINATION, FIELDS
from eilbote.settings.inheritance import EffectiveSettings, Layer, Level, effective, layer_of
from eilbote.settings.scope import ScopeSettings

LEVELS = list(Level)
_INSIDE = [name for name in FIELDS if name != "uri"]


@st.composite
def layers(draw: st.DrawFn) -> list[Layer]:
    """Give up to four levels, from far to near; each value tells who said it."""
    made = []
    for level in draw(
        st.lists(st.sampled_from(LEVELS), unique=True).map(lambda some: sorted(some, key=LEVELS.index))
    ):
        said = draw(st.sets(st.sampled_from(_INSIDE), max_size=6))
        made.append(
            Layer(
                level=level,
                place=f"at {level}",
                plain={name: f"{name} of {level}" for name in said if not FIELDS[name].is_secret},
                secrets={name: Secret(f"{name} of {level}") for name in said if FIELDS[name].is_secret},
                locked=draw(st.frozensets(st.sampled_from(_INSIDE), max_size=2)),
            )
        )
    return made


def text_of(found: EffectiveSettings, name: str) -> str:
    each = found.values[name]
    return found.secrets[name].reveal() if each.has_secret else str(each.value)


def distance(level: Level) -> int:
    return LEVELS.index(level)


@given(layers())
def test_no_credential_ever_reaches_a_destination_that_a_nearer_level_has_chosen(made: list[Layer]) -> None:
    found = effective(made).values
    farthest = min(
        (distance(each.level) for name, each in found.items() if name in CREDENTIALS), default=None
    )
    nearest = max((distance(each.level) for name, each in found.items() if name in DESTINATION), default=None)

    assert farthest is None or nearest is None or nearest <= farthest


@given(layers())
def test_the_origin_of_everything_is_right(made: list[Layer]) -> None:
    found = effective(made)
    for name, each in found.values.items():
        assert text_of(found, name) == f"{name} of {each.level}"
        assert each.place == f"at {each.level}"
        assert each.inherited is (each.level is not made[-1].level)


@given(layers())
def test_what_holds_was_said_by_the_nearest_who_may(made: list[Layer]) -> None:
    """Field by field: what is neither credential nor protection nor locked is always the nearest's."""
    alone = {"timeout", "ehlo_name", "default_from", "from_name", "max_sessions"}
    found = effective([replace(layer, locked=frozenset()) for layer in made]).values
    for name in alone:
        said_by = [layer.level for layer in made if name in layer.said()]
        assert (found[name].level if name in found else None) == (said_by[-1] if said_by else None)


@given(layers())
def test_what_is_locked_is_never_changed_by_nearer_levels(made: list[Layer]) -> None:
    for count in range(1, len(made) + 1):
        before, after = effective(made[:count]), effective(made)
        for name in {name for layer in made[:count] for name in layer.locked} & before.values.keys():
            assert text_of(after, name) == text_of(before, name)
            assert after.values[name].locked


@given(layers())
def test_everything_that_is_said_holds_or_is_replaced_withheld_or_overruled(made: list[Layer]) -> None:
    found = effective(made)
    overruled = {(each.level, each.field) for each in found.overruled}
    for layer in made:
        for name in layer.said() & CREDENTIALS:
            holds = name in found.values
            withheld = any(each.field == name for each in found.withheld)
            assert holds or withheld or (layer.level, name) in overruled


@given(layers(), st.data())
def test_default_and_custom_again_loses_nothing(made: list[Layer], data: st.DataObject) -> None:
    plain: Mapping[str, str] = {"host": "x.example", "user": "u"}
    scope = ScopeSettings(organization="acme", plain=plain, secrets={"password": Secret("p")})
    before = effective([*made, layer_of(scope)])
    for custom in data.draw(st.lists(st.booleans())):
        scope = replace(scope, custom=custom)
    off = effective([*made, layer_of(replace(scope, custom=False))])

    assert effective([*made, layer_of(replace(scope, custom=True))]) == before
    assert {name: text_of(off, name) for name in off.values} == {
        name: text_of(effective(made), name) for name in effective(made).values
    }


@given(layers())
def test_no_secret_is_ever_shown(made: list[Layer]) -> None:
    found = effective(made)
    told = repr(made) + repr(found)

    assert not any(secret.reveal() in told for layer in made for secret in layer.secrets.values())


_CHANGES = st.dictionaries(
    st.sampled_from(
        ["host", "port", "security", "user", "verify", "timeout", "password", "default_from", "uri"]
    ),
    st.integers(0, 2),
    max_size=3,
)
_VALUES: dict[str, list[object]] = {
    "host": ["a.example.org", "b.example.org", ""],
    "port": [465, 587, ""],
    "security": ["tls", "starttls", ""],
    "user": ["anna", "bob", ""],
    "verify": [True, False, ""],
    "timeout": [5, 6, ""],
    "password": ["first", "second", ""],
    "default_from": ["a@example.org", "B <b@example.org>", ""],
    "uri": ["smtp://anna@a.example.org", "smtps://bob@b.example.org:2465", "smtp://c.example.org"],
}


@given(st.lists(st.tuples(_CHANGES, st.sampled_from([None, True, False])), max_size=8))
def test_whatever_is_changed_a_password_stays_with_the_server_it_was_entered_for(
    changes: list[tuple[dict[str, int], bool | None]],
) -> None:
    scope = ScopeSettings()
    entered_for: object = None
    for picks, custom in changes:
        wanted = {name: _VALUES[name][pick] for name, pick in picks.items()}
        try:
            scope = apply_change(Change(set=wanted, custom=custom), scope, ()).settings
        except ConfigurationError:
            continue
        if "password" not in scope.secrets:
            continue
        try:
            found = effective([layer_of(replace(scope, custom=True))]).connection("x")
        except ConfigurationError:
            continue
        goes_to = (found.host, found.port, found.security, found.tls, scope.plain.get("user"))
        if wanted.get("password"):
            entered_for = goes_to
        assert goes_to == entered_for


_ODD = st.one_of(
    st.text(max_size=40),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.binary(max_size=8),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    st.sampled_from(
        ["smtps://u:p@h.example", "1681382246000", "a@b.example", "\x00", "\ud800", "[::1]", "1e999"]
    ),
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "name", "no such field", ""]), _ODD, max_size=4))
def test_whatever_is_set_is_understood_or_refused_in_our_words(wanted: dict[str, object]) -> None:
    refused: ConfigurationError | None = None
    try:
        changed = apply_change(Change(set=wanted), ScopeSettings(organization="acme"), ())
    except ConfigurationError as fault:
        refused = fault
    if refused is not None:
        assert refused.field
        return
    assert changed.settings.plain.keys() <= FIELDS.keys()
    assert all(FIELDS[name].is_secret for name in changed.settings.secrets)
    assert not any(FIELDS[name].is_secret for name in changed.settings.plain)


@given(
    st.sampled_from([name for name in FIELDS if FIELDS[name].is_secret]), st.text("abcé/+=%@: ", min_size=4)
)
def test_no_refusal_shows_a_secret(name: str, text: str) -> None:
    secret = f"smtps://u:planted-{text}@h.example" if name == "uri" else f"planted-{text}"
    try:
        changed = apply_change(
            Change(set={name: secret, "host": "x.example", "user": "u"}), ScopeSettings(), ()
        )
        told = repr(changed) + " ".join(changed.warnings)
    except ConfigurationError as fault:
        told = f"{fault} {fault!r} {fault.cause} {fault.remedy}"
    assert "planted" not in told
