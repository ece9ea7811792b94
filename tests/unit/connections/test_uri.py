"""SMTP URIs mean one thing, or are refused without showing any part of a password."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eilbote.connections.connection import Connection
from eilbote.errors import ConfigurationError, SettingsError, UriError
from eilbote.model.credentials import Anonymous, Password
from eilbote.model.secret import Secret
from eilbote.model.tls import Security, TlsPolicy, TlsVersion

TLS, STARTTLS, NONE = Security.TLS, Security.STARTTLS, Security.NONE


@pytest.mark.parametrize(
    "uri,host,port,security",
    [
        # STARTTLS is what smtp:// means, and implicit TLS what smtps:// means
        ("smtp://mail.example.com", "mail.example.com", 587, STARTTLS),
        ("smtps://mail.example.com", "mail.example.com", 465, TLS),
        ("SmtPS://Mail.Example.com", "mail.example.com", 465, TLS),
        ("smtp://mail.example.com:25", "mail.example.com", 25, STARTTLS),
        ("smtp://mail.example.com:465", "mail.example.com", 465, STARTTLS),
        ("smtps://mail.example.com:2465/", "mail.example.com", 2465, TLS),
        ("smtp://mail.example.com:", "mail.example.com", 587, STARTTLS),
        (" smtp://mail.example.com/\n", "mail.example.com", 587, STARTTLS),
        # ?starttls
        ("smtp://mail.example.com?starttls=always", "mail.example.com", 587, STARTTLS),
        ("smtp://mail.example.com/?STARTTLS=True", "mail.example.com", 587, STARTTLS),
        ("smtp://mail.example.com/?starttls=yes", "mail.example.com", 587, STARTTLS),
        ("smtp://mail.example.com:2525/?starttls=required", "mail.example.com", 2525, STARTTLS),
        ("smtp://mail.example.com/?starttls=never", "mail.example.com", 25, NONE),
        ("smtp://mail.example.com/?starttls=FALSE", "mail.example.com", 25, NONE),
        ("smtp://mail.example.com:587/?starttls=no", "mail.example.com", 587, NONE),
        ("smtp://mail.example.com/?starttls=none", "mail.example.com", 25, NONE),
        ("smtps://mail.example.com/?starttls=never", "mail.example.com", 465, TLS),
        # this machine
        ("smtp://localhost", "localhost", 25, NONE),
        ("smtp://localhost:1025", "localhost", 1025, NONE),
        ("smtp://127.0.0.1:465", "127.0.0.1", 465, NONE),
        ("smtp://[::1]:1025", "::1", 1025, NONE),
        ("smtp://localhost/?starttls=required", "localhost", 587, STARTTLS),
        ("smtps://localhost", "localhost", 465, TLS),
        # addresses and international names
        ("smtp://192.0.2.25", "192.0.2.25", 587, STARTTLS),
        ("smtps://[2001:db8::25]:4650", "2001:db8::25", 4650, TLS),
        ("smtp://straße.example", "xn--strae-oqa.example", 587, STARTTLS),
    ],
)
def test_server_and_mode(uri: str, host: str, port: int, security: Security) -> None:
    connection = Connection.from_uri(uri)

    assert (connection.host, connection.port, connection.security) == (host, port, security)
    assert connection.credentials == Anonymous()


@pytest.mark.parametrize(
    "uri,what",
    [
        ("", "the URI is empty"),
        ("http://mail.example.com", "Unknown URI scheme 'http': use smtp:// or smtps://"),
        ("x" * 90 + "://h", f"Unknown URI scheme '{'x' * 20}...'"),
        ("mail.example.com", "The URI must be absolute: smtp://mail.example.com"),
        ("mail.example.com:587", "The URI must be absolute: smtp://mail.example.com:587"),
        ("localhost:25", "The URI must be absolute: smtp://localhost:25"),
        ("//mail.example.com", "The URI must be absolute: smtp://mail.example.com"),
        ("anna:secret@relay.example", "The URI must be absolute: smtp://mail.example.com"),
        ("smtp:mail.example.com", "'//' is missing behind smtp:"),
        ("smtp:/mail.example.com", "'//' is missing behind smtp:"),
        ("smtp://", "the host is missing"),
        ("smtp://:587", "the host is missing"),
        ("smtp:///?pool=2", "the host is missing"),
        ("smtp://anna:secret@", "the host is missing"),
        ("smtp://mail.example.com/inbox", "an SMTP URI has no path"),
        ("smtp://mail.example.com#top", "an SMTP URI has no fragment"),
        ("smtp://mail.example.com/#", "an SMTP URI has no fragment"),
        ("smtp://mail.example.com:0", "is not a port"),
        ("smtp://mail.example.com:65536", "is not a port"),
        ("smtp://mail.example.com:smtp", "is not a port"),
        ("smtp://mail.example.com:-1", "is not a port"),
        ("smtp://mail.example.com:٢٥", "is not a port"),
        ("smtp://2001:db8::1", "more than one ':' follows the host"),
        ("smtp://[2001:db8::1", "the brackets of an IPv6 address hold it alone"),
        ("smtp://[2001:db8::1]x", "the brackets of an IPv6 address hold it alone"),
        ("smtp://[::1%25eth0]", "no percent-escapes"),
        ("smtp://mail example.com", "at character 12: a URI has no blank"),
        ("smtp://mail.example.com\r\n.evil", "at character 24: a URI has no control character"),
        ("smtp://mail\x00", "a URI has no control character"),
        ("smtp://mail\ud800", "a URI has no control character"),
        ("smtp://mail_.example..com", "is not a host name"),
        ("smtp://%6dail.example.com", "no percent-escapes"),
        # user names and passwords
        ("smtp://anna@example.com:secret@mail.example.com", "more than one '@' before the host"),
        ("smtp://anna:se/cret@mail.example.com", "an '@' follows the end of the host"),
        ("smtp://anna:se?cret@mail.example.com", "an '@' follows the end of the host"),
        ("smtp://anna:se#cret@mail.example.com", "an '@' follows the end of the host"),
        ("smtp://anna:secret%@mail.example.com", "the password has a '%' without two hexadecimal digits"),
        ("smtp://an%zna:secret@mail.example.com", "the user name has a '%' without two"),
        ("smtp://anna:secret%ff@mail.example.com", "the escapes in the password are not UTF-8"),
        ("smtp://anna:secret%0d%0a@mail.example.com", "the password has an encoded control character"),
        ("smtp://anna%00:secret@mail.example.com", "the user name has an encoded control character"),
        ("smtp://anna:secret", "is not a port"),
        ("smtp://anna:p@se!cret", "what follows the '@' is not a host"),
        # options
        ("smtp://mail.example.com?starttls=when-available", "starttls=when-available is not offered"),
        ("smtp://mail.example.com?starttls=auto", "starttls=auto is not offered"),
        ("smtp://mail.example.com?starttls=perhaps", "the option 'starttls' has an unknown value"),
        ("smtps://mail.example.com?starttls=required", "encrypted from the first octet"),
        ("smtp://mail.example.com?startls=no", "there is no option 'startls'. Did you mean 'starttls'?"),
        ("smtp://mail.example.com?<script>=1", "an option is not known"),
        ("smtp://anna:x@mail.example.com?secret=1", "an option is not known"),
        ("smtp://mail.example.com?pool", "the option 'pool' has no value"),
        ("smtp://mail.example.com?pool=", "the option 'pool' has no value"),
        ("smtp://mail.example.com?pool=1&pool=1", "the option 'pool' stands twice"),
        ("smtp://mail.example.com?pool=1&", "an option is not known"),
        ("smtp://mail.example.com?pool=many", "in the option 'pool', 'many' is not a whole number"),
        ("smtp://mail.example.com?rate=-1", "in the option 'rate', '-1' is not a number above 0"),
        ("smtp://mail.example.com?rate=nan", "in the option 'rate', 'nan' is not a number above 0"),
        ("smtp://mail.example.com?timeout=1_0", "in the option 'timeout', '1_0' is not a number above 0"),
        ("smtp://mail.example.com?verify=perhaps", "in the option 'verify', 'perhaps' is neither yes nor no"),
        ("smtp://mail.example.com?min-tls=1.0", "in the option 'min-tls', '1.0' is not a TLS version"),
    ],
)
def test_what_is_refused_and_why(uri: str, what: str) -> None:
    with pytest.raises(UriError) as caught:
        Connection.from_uri(uri)

    assert caught.value.field == "uri"
    assert what in str(caught.value)
    assert caught.value.remedy or caught.value.cause
    assert "secret" not in str(caught.value)
    assert "cret" not in str(caught.value)


def test_a_user_without_a_password_and_the_reverse() -> None:
    with pytest.raises(SettingsError, match="password is missing") as caught:
        Connection.from_uri("smtp://anna@mail.example.com")
    assert caught.value.field == "password"

    with pytest.raises(SettingsError, match="user is missing") as caught:
        Connection.from_uri("smtp://:secret@mail.example.com")
    assert caught.value.field == "user"
    assert "secret" not in str(caught.value)


def test_options_fill_the_settings() -> None:
    connection = Connection.from_uri(
        "smtp://EXAMPLE;anna:secret@mail.example.com:2525/?name=client.example.com&domain=OFFICE&auth=cram-md5"
        "&timeout=12.5&pool=2&rate=0.5&window=0&pipelining=no&clear-auth=yes&verify=yes&ca=%2Fetc%2Fca.pem"
        "&cert=client.pem&key=client.key&servername=other.example.com&min-tls=1.3"
    )

    assert connection.credentials == Password(user="EXAMPLE;anna", password=Secret("secret"), domain="OFFICE")
    assert connection.ehlo_name == "client.example.com"
    assert connection.mechanism == "CRAM-MD5"
    assert (connection.timeouts.connect, connection.timeouts.greeting, connection.timeouts.command) == (
        12.5,
        12.5,
        12.5,
    )
    assert connection.timeouts.final_dot == 600
    assert connection.limits.max_sessions == 2
    assert connection.limits.messages_per_second == 0.5
    assert connection.chunking_window == 0
    assert not connection.pipelining
    assert connection.allow_clear_authentication
    assert connection.tls == TlsPolicy(
        ca_file="/etc/ca.pem",
        client_certificate="client.pem",
        client_key="client.key",
        server_name="other.example.com",
        minimum_version=TlsVersion.TLS_1_3,
    )


def test_the_default_from_may_hold_an_at_sign_and_a_plus() -> None:
    connection = Connection.from_uri(
        "smtp://mail.example.com/?from=Night%20Reports%20<reports+night@example.com>"
    )

    assert str(connection.default_from) == "Night Reports <reports+night@example.com>"


def test_what_stands_beside_a_uri_goes_before_it() -> None:
    connection = Connection.from_uri(
        "smtp://anna:old@mail.example.com/?pool=2", user="max", password="new", default_from="a@example.com"
    )

    assert connection.credentials == Password(user="max", password=Secret("new"))
    assert connection.limits.max_sessions == 2
    assert str(connection.default_from) == "a@example.com"


def test_a_password_in_a_uri_is_not_lent_to_another_user() -> None:
    with pytest.raises(SettingsError, match="password is missing"):
        Connection.from_uri("smtp://anna:secret@mail.example.com", user="max")


def test_the_user_may_stand_in_the_uri_and_the_password_beside_it() -> None:
    connection = Connection.from_uri("smtp://anna@mail.example.com", password="secret")

    assert connection.credentials == Password(user="anna", password=Secret("secret"))


PRINTABLE = st.text(
    st.characters(exclude_categories=("Cc", "Cs")),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip())


@given(user=PRINTABLE, password=PRINTABLE)
@example(user="anna@example.com", password="/?#@:% +&=[]")
@example(user="%40", password="%25%00")
@example(user="日本", password="пароль\u2028")
def test_any_user_name_and_password_survive_percent_encoding(user: str, password: str) -> None:
    uri = f"smtps://{quote(user, safe='')}:{quote(password, safe='')}@mail.example.com"

    assert Connection.from_uri(uri).credentials == Password(user=user, password=Secret(password))


@given(text=st.text(max_size=80) | st.text("smtp:/@?#&=[]%.1a", max_size=40).map("smtp://".__add__))
def test_any_text_is_a_connection_or_an_error_of_configuration(text: str) -> None:
    try:
        Connection.from_uri(text)
    except ConfigurationError as fault:
        assert fault.field  # noqa: PT017 - both ends are right; only an error without a field is not


@given(
    before=st.text("abc:@/?#%&=[] \n", max_size=6),
    after=st.text("abc:@/?#%&=[] \n", max_size=6),
    end=st.sampled_from(["@mail.example.com", "@mail.example.com?pool=x", "", "/", "@mail.example.com:x"]),
)
def test_no_spoilt_password_is_shown(before: str, after: str, end: str) -> None:
    """Whatever reserved characters stand bare in a password, no error shows the rest of it."""
    try:
        connection = Connection.from_uri(f"smtp://anna:{before}Tr0ub4dor{after}{end}")
    except ConfigurationError as fault:
        assert "tr0ub4dor" not in str(fault).lower()  # noqa: PT017 - a URI that can be read is right as well
    else:
        assert "tr0ub4dor" not in repr(connection).lower() or "tr0ub4dor" in connection.host
