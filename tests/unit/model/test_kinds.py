"""What is shown of a value that somebody gave for the wrong thing: no password and no token among it."""

import pytest

from eilbote.connections.connection import Connection
from eilbote.errors import ConfigurationError
from eilbote.model.kinds import looks_secret, shown


@pytest.mark.parametrize(
    "text",
    [
        "s3cret/+Word",
        "Tr0ub4dor&3",
        "hunter2!X",
        "abcd efgh ijkl mnop",
        "ya29.a0AfB_byCexampleexample",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3Mi",
        "GOCSPX-abcdefghijklmnop",
        "SG.abcdefghijklmnopqrstuv",
        "xK9pQ2mN7vB4",
        "smtp://anna:word@mail.example.org",
        "-----BEGIN PRIVATE KEY-----\nMIIE",
    ],
)
def test_what_looks_like_a_secret_is_not_shown(text: str) -> None:
    assert looks_secret(text)
    assert text not in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "smtp", "587", "mail.example.org", "MAIL-01.Example.ORG", "2001:db8::25", "[192.0.2.1]"),
        *(
            "anna@example.org",
            "Anna <anna@example.org>",
            "Outlook365",
            "STARTTLS",
            "starttls!",
            "10.2.0.0/16",
        ),
        *("SCRAM-SHA-256-PLUS", "https://login.example.com/token", "two words", "Über uns", "0.5 s", "1,000"),
    ],
)
def test_what_people_mistype_is_shown(text: str) -> None:
    assert not looks_secret(text)
    assert shown(text) == repr(text)


@pytest.mark.parametrize(
    "field",
    ["host", "port", "tlsOption", "service", "authType", "authMethod", "timeout", "minVersion", "from"],
)
def test_a_password_in_the_wrong_field_of_a_form_is_not_repeated(field: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        Connection.from_fields({"host": "mail.example.org", field: "s3cret/+Word"})

    error = told.value
    assert "s3cret" not in f"{error} {error.field} {error.cause} {error.remedy}"
