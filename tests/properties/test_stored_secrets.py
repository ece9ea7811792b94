"""No sequence of changes ever sends a stored secret where it was not entered for."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from eilbote.connections.change import replaced, secret_destination, with_fields
from eilbote.connections.stored import StoredConnection
from eilbote.errors import ConfigurationError
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret

NOW = Moment(1_700_000_000_000)
HOSTS = ["mail.example.org", "evil.example.org", "127.0.0.1", "smtp.gmail.com", "smtp.office365.com"]
URLS = ["https://id.example.org/token", "https://evil.example.org/token", "http://127.0.0.1:9/token"]
PLAIN: dict[str, st.SearchStrategy[object]] = {
    "host": st.sampled_from(HOSTS),
    "service": st.sampled_from(["", "Gmail", "Outlook365", "SendGrid", "other"]),
    "port": st.sampled_from(["", 25, 465, 587, 2525]),
    "security": st.sampled_from(["", "tls", "starttls", "none"]),
    "secure": st.booleans(),
    "require_tls": st.booleans(),
    "verify": st.booleans(),
    "ca_file": st.sampled_from(["", "/a.pem", "/b.pem"]),
    "server_name": st.sampled_from(["", "evil.example.org"]),
    "allow_clear_authentication": st.booleans(),
    "user": st.sampled_from(["", "anna@example.org", "max@example.org"]),
    "domain": st.sampled_from(["", "OFFICE"]),
    "client_id": st.sampled_from(["", "one", "two"]),
    "access_url": st.sampled_from(["", *URLS]),
    "grant": st.sampled_from(["", "refresh_token", "client_credentials", "service_account"]),
    "tenant": st.sampled_from(["", "contoso.com", "evil.example.org"]),
    "issuer": st.sampled_from(["", "robot@example.org", "evil@example.org"]),
    "protocol": st.sampled_from(["smtp", "graph"]),
    "auth_type": st.sampled_from(["", "basic", "oauth2", "anonymous"]),
    "uri": st.sampled_from(
        [
            f"{scheme}://{who}{host}"
            for scheme in ("smtp", "smtps")
            for who in ("", "a@")
            for host in HOSTS[:3]
        ]
    ),
}
SECRETS = ("password", "access_token", "refresh_token", "client_secret", "private_key")
KEY = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----"


@st.composite
def changes(draw: st.DrawFn) -> list[dict[str, object]]:
    """Give changes, one after another; each secret in them is another one."""
    made: list[dict[str, object]] = []
    for number in range(draw(st.integers(2, 6))):
        names = draw(st.sets(st.sampled_from(sorted(PLAIN)), max_size=5))
        fields = {name: draw(PLAIN[name]) for name in sorted(names)}
        for name in sorted(draw(st.sets(st.sampled_from(SECRETS), max_size=2))):
            text = f"{name}-{number}"
            fields[name] = draw(st.sampled_from(["", KEY.format(text) if name == "private_key" else text]))
        made.append(fields)
    return made


@given(
    st.sampled_from(
        [
            {"uri": "smtps://anna:password-0@mail.example.org"},
            {"host": "mail.example.org", "user": "anna@example.org", "password": "password-0"},
            {
                "service": "Gmail",
                "user": "anna@example.org",
                "client_id": "one",
                "client_secret": "client-0",
                "refresh_token": "refresh-0",
                "access_token": "access-0",
            },
            {
                "service": "Outlook365",
                "user": "anna@example.org",
                "client_id": "one",
                "client_secret": "client-0",
                "tenant": "contoso.com",
            },
            {
                "host": "mail.example.org",
                "user": "anna@example.org",
                "access_token": "access-0",
                "client_id": "one",
                "client_secret": "c",
            },
        ]
    ),
    changes(),
)
def test_a_secret_goes_only_where_it_was_entered_for(
    first: dict[str, object], then: list[dict[str, object]]
) -> None:
    stored = replaced(StoredConnection(name="office"), first, now=NOW).stored
    entered_for = dict.fromkeys(stored.secrets.items(), secret_destination(stored.connection()))
    for number, fields in enumerate(then, start=1):
        try:
            changed = with_fields(replace(stored, version=number), fields, now=NOW)
        except ConfigurationError:
            continue
        stored = changed.stored
        destination = secret_destination(changed.connection)
        for name, secret in stored.secrets.items():
            if fields.get(name):
                entered_for[name, Secret(secret)] = destination
            assert entered_for[name, secret] == destination
