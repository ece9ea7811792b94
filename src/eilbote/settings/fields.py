"""The fields of e-mail settings: what each means, in the words of the products that have them, and what it belongs to.

They are the fields of a connection, by the same names (:data:`eilbote.connections.field_names.NAMES`), so that what all levels
say together becomes a connection. Groups decide about inheritance: where mail goes and who signs in there belong together.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from eilbote.connections.field_names import NAMES, SECRET_NAMES, plain_form
from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind, shown


class FieldGroup(StrEnum):
    """What a field belongs to."""

    DESTINATION = "destination"
    """Where mail goes, how that is protected, and how the server proves who it is."""
    CREDENTIAL = "credential"
    """Who signs in there, and with what."""
    SENDER = "sender"
    """Who a message comes from that names nobody."""
    OTHER = "other"
    """How patiently and how hard."""
    BRAND = "brand"
    """How notifications look; no part of a connection."""


class FieldKind(StrEnum):
    """What a field holds; a form shows a control of that kind."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - the word for a kind
    URI = "uri"
    URL = "url"
    HOST = "host"
    PORT = "port"
    SERVICE = "service"
    SECURITY = "security"
    ADDRESS = "address"
    FILE = "file"
    SWITCH = "switch"
    SECONDS = "seconds"
    NUMBER = "number"
    COUNT = "count"
    SHARE = "share"
    EXPIRY = "expiry"
    SENDERS = "senders"
    COLOUR = "colour"
    PICTURE = "picture"
    LINK = "link"
    FONTS = "fonts"
    PIXELS = "pixels"
    LINES = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One field.

    Attributes:
        name: Our name of it.
        label: What forms call it.
        group: What it belongs to.
        kind: What it holds.
        help: What it means, one or two sentences.
        is_secret: Nobody sees what it holds, once it is set.
    """

    name: str
    label: str
    group: FieldGroup
    kind: FieldKind
    help: str
    is_secret: bool = False


_LONGEST_SHOWN = 60
_D, _C, _S, _O = FieldGroup.DESTINATION, FieldGroup.CREDENTIAL, FieldGroup.SENDER, FieldGroup.OTHER
_B = FieldGroup.BRAND
_K = FieldKind
_SECRETS = SECRET_NAMES | {"uri"}
_ROWS: tuple[tuple[str, str, FieldGroup, FieldKind, str], ...] = (
    # -- where mail goes
    ("uri", "URI", _D, _K.URI, "Server, user and protection in one: smtps://user@mail.example.com."),
    (
        "service",
        "Email service",
        _D,
        _K.SERVICE,
        "A service of the catalogue; it fixes host, port and protection.",
    ),
    ("host", "SMTP host", _D, _K.HOST, "The server's IP address or name."),
    ("port", "SMTP port", _D, _K.PORT, "465 for tls, 587 for starttls, 25 for none; not 443."),
    (
        "security",
        "TLS option",
        _D,
        _K.SECURITY,
        "tls (from the start), starttls (upgraded, required) or none.",
    ),
    (
        "secure_connection",
        "Enable secure connection",
        _D,
        _K.SWITCH,
        "On: encrypted, by STARTTLS on port 587 and from the start on 465. Off: not encrypted.",
    ),
    (
        "secure",
        "Secure",
        _D,
        _K.SWITCH,
        "On: encrypted. Off: not from the first octet; STARTTLS is required.",
    ),
    ("require_tls", "Require TLS", _D, _K.SWITCH, "On: encrypted, one way or the other."),
    ("ignore_tls", "Ignore TLS", _D, _K.SWITCH, "On: not encrypted."),
    (
        "verify",
        "Verify certificate",
        _D,
        _K.SWITCH,
        "Off lets anybody in between read and change mail; for tests.",
    ),
    ("ignore_tls_errors", "Ignore TLS errors", _D, _K.SWITCH, "On means the same as verify off; for tests."),
    ("ca_file", "CA file", _D, _K.FILE, "A PEM file of certificates trusted instead of the system's."),
    (
        "server_name",
        "Server name",
        _D,
        _K.HOST,
        "The name expected in the certificate, when it is not the host.",
    ),
    ("minimum_version", "Oldest TLS version", _D, _K.TEXT, "1.2 or 1.3."),
    (
        "allow_clear_authentication",
        "Allow authentication in clear",
        _D,
        _K.SWITCH,
        "On lets a password travel unencrypted to another machine.",
    ),
    ("protocol", "Protocol", _D, _K.TEXT, "smtp, or graph for Microsoft Graph."),
    # -- who signs in
    (
        "auth_type",
        "Authentication type",
        _C,
        _K.TEXT,
        "basic, oauth2 or anonymous; by the other fields if blank.",
    ),
    ("user", "SMTP user name", _C, _K.TEXT, "With Gmail the whole address; blank for anonymous."),
    (
        "password",
        "SMTP password",
        _C,
        _K.SECRET,
        "Of that account, or its app password; blank for anonymous.",
    ),
    ("domain", "SMTP domain", _C, _K.TEXT, "The Windows domain of the user name, if the server wants one."),
    ("mechanism", "Mechanism", _C, _K.TEXT, "The only SASL mechanism to use."),
    ("client_id", "Client ID", _C, _K.TEXT, "Of the application registered with the provider (OAuth2)."),
    ("client_secret", "Client secret", _C, _K.SECRET, "Of that application."),
    ("refresh_token", "Refresh token", _C, _K.SECRET, "What new access tokens are asked for with."),
    ("access_token", "Access token", _C, _K.SECRET, "Needed only when there is nothing to get one with."),
    (
        "expiry_date",
        "Expiry date",
        _C,
        _K.EXPIRY,
        "Until when the access token is valid, milliseconds since 1970.",
    ),
    (
        "access_url",
        "Access URL",
        _C,
        _K.URL,
        "The provider's token endpoint; known for Google and Microsoft.",
    ),
    ("scope", "Scope", _C, _K.TEXT, "What the token is to allow; known for Google and Microsoft."),
    (
        "grant",
        "Grant",
        _C,
        _K.TEXT,
        "refresh_token, client_credentials or service_account; guessed if blank.",
    ),
    ("tenant", "Tenant", _C, _K.TEXT, "The Microsoft directory, by id or domain."),
    (
        "service_account",
        "Service account",
        _C,
        _K.SECRET,
        "Google's JSON key: its text, or a file that holds it.",
    ),
    ("issuer", "Issuer", _C, _K.TEXT, "The service account's address."),
    ("private_key", "Private key", _C, _K.SECRET, "The service account's RSA key, PEM."),
    ("key_id", "Key ID", _C, _K.TEXT, "The id of that key."),
    ("client_certificate", "Client certificate", _C, _K.FILE, "A PEM file shown to the server."),
    ("client_key", "Client key", _C, _K.FILE, "The PEM file of its key."),
    ("client_key_password", "Client key password", _C, _K.SECRET, "The key's passphrase."),
    # -- who mail comes from
    (
        "default_from",
        "Default from address",
        _S,
        _K.ADDRESS,
        "For messages that name no author; one the server allows.",
    ),
    ("from_name", "Default from display name", _S, _K.TEXT, "Shown before that address."),
    (
        "allowed_senders",
        "Allowed senders",
        _S,
        _K.SENDERS,
        "From addresses that messages may have, and domains as @example.org; any if blank.",
    ),
    # -- how patiently and how hard
    ("timeout", "Timeout", _O, _K.SECONDS, "Seconds to wait for a connection and for each reply."),
    ("ehlo_name", "EHLO name", _O, _K.TEXT, "What this machine calls itself."),
    (
        "verify_recipients",
        "Verify addresses",
        _O,
        _K.SWITCH,
        "Asks the server about recipients first (VRFY).",
    ),
    ("max_sessions", "Sessions", _O, _K.COUNT, "How many at the same time."),
    ("messages_per_second", "Messages a second", _O, _K.NUMBER, "At most."),
    ("messages_per_minute", "Messages a minute", _O, _K.COUNT, "At most."),
    ("messages_per_day", "Messages a day", _O, _K.COUNT, "At most."),
    ("retry_first_seconds", "First retry", _O, _K.SECONDS, "Seconds until the second try."),
    ("retry_factor", "Retry factor", _O, _K.NUMBER, "By how much each wait is longer than the one before."),
    ("retry_cap_seconds", "Longest wait", _O, _K.SECONDS, "Seconds between tries at most."),
    (
        "retry_lifetime_seconds",
        "Give up after",
        _O,
        _K.SECONDS,
        "Seconds after which nothing is tried any more.",
    ),
    ("retry_jitter", "Retry jitter", _O, _K.SHARE, "How much chance there is in a wait, 0 to 1."),
    (
        "chunking_window",
        "Chunking window",
        _O,
        _K.COUNT,
        "0 never uses BDAT, 1 waits for each chunk's reply.",
    ),
    ("pipelining", "Pipelining", _O, _K.SWITCH, "Whether PIPELINING is used where the server has it."),
    # -- how notifications look
    ("brand_product", "Product", _B, _K.TEXT, "Who speaks in notifications, above and below."),
    (
        "brand_logo",
        "Logo",
        _B,
        _K.PICTURE,
        "The https address of a picture, shown on top; readers' programs fetch it.",
    ),
    ("brand_logo_width", "Logo width", _B, _K.PIXELS, "In pixels, 640 at most."),
    ("brand_website", "Website", _B, _K.LINK, "Where the link below the content leads."),
    ("brand_website_label", "Website label", _B, _K.TEXT, "What that link says; the address if blank."),
    ("brand_contact", "Contact", _B, _K.TEXT, "Whom to tell about a mail that came by mistake."),
    (
        "brand_footer",
        "Footer",
        _B,
        _K.LINES,
        "In place of the usual one; may say {{ product }}, {{ contact }}, {{ report_id }}.",
    ),
    ("brand_font", "Fonts", _B, _K.FONTS, "In the order in which readers' programs try them."),
    ("brand_accent_colour", "Accent colour", _B, _K.COLOUR, "Of links; such as #1f5fd0."),
    ("brand_page_colour", "Page colour", _B, _K.COLOUR, "Behind everything."),
    ("brand_card_colour", "Card colour", _B, _K.COLOUR, "Behind the content."),
    ("brand_text_colour", "Text colour", _B, _K.COLOUR, "Of the text."),
    ("brand_faint_colour", "Faint colour", _B, _K.COLOUR, "Of the footer."),
    ("brand_rule_colour", "Rule colour", _B, _K.COLOUR, "Of the line above the link."),
)

FIELDS: Mapping[str, SettingField] = MappingProxyType(
    {
        name: SettingField(
            name=name, label=label, group=group, kind=kind, help=text, is_secret=name in _SECRETS
        )
        for name, label, group, kind, text in _ROWS
    }
)
"""Every field by its name, in the order a form shows them."""

DESTINATION = frozenset(name for name, each in FIELDS.items() if each.group is FieldGroup.DESTINATION)
"""Where mail goes."""
CREDENTIALS = frozenset(name for name, each in FIELDS.items() if each.group is FieldGroup.CREDENTIAL)
"""Who signs in there."""
BRAND = frozenset(name for name, each in FIELDS.items() if each.group is FieldGroup.BRAND)
"""How notifications look."""
OF_THIS_MACHINE = frozenset(name for name, each in FIELDS.items() if each.kind is FieldKind.FILE)
"""Fields that name files of this machine, which are not an organization's to name."""


def field_named(written: str) -> SettingField:
    """Give the field that somebody wrote under any name in use for it.

    Raises:
        SettingsError: There is none; the remedy names the nearest.
    """
    check_kind(written, (str,), field="field", fault=SettingsError)
    known = {
        plain_form(name): ours for ours in FIELDS for name in (ours, *NAMES.get(ours, ()), FIELDS[ours].label)
    }
    if (ours := known.get(plain_form(written))) is not None:
        return FIELDS[ours]
    if "://" in written:  # it may hold a password, and is not shown
        raise SettingsError(
            "a URI stands where the name of a setting is wanted",
            field="uri",
            remedy="Write uri= before it",
        )
    text = written[:_LONGEST_SHOWN]
    alike = difflib.get_close_matches(plain_form(text), known, n=1, cutoff=0.6)
    raise SettingsError(
        f"there is no setting {shown(text)}",
        field="field",
        remedy=f"The nearest is '{known[alike[0]]}'"
        if alike
        else "See docs/reference/configuration.md for their names",
    )
