"""The part after the @: host names, international names, address literals.

Whatever comes in, what comes out is ASCII: lower-case labels, international ones as A-labels (IDNA 2008,
RFC 5891), or an address literal in brackets (RFC 5321 §4.1.3). Nothing is folded into a different name: only
case and Unicode's canonical form (NFC) are normalised, so full-width letters are refused and never become
an everyday domain.
"""

from __future__ import annotations

import re
import unicodedata

from eilbote.errors import AddressError

# RFC 1123 labels, and the underscore that private networks use.
_HOST_NAME = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_MAX_OCTETS = 253  # RFC 1035 §2.3.4, written as text
_LABEL_OCTETS = 63


def domain_to_ascii(domain: str) -> str:
    """Give the domain as it travels.

    Args:
        domain: A host name of one or more labels, or an address literal such as ``[192.0.2.1]`` or
            ``[IPv6:2001:db8::1]``.

    Raises:
        AddressError: It is neither, with the position in ``domain``.
    """
    if domain[:1] == "[":
        return _literal(domain)
    if domain.isascii():
        return _host_name(domain.lower(), domain)
    return _host_name(".".join(_labels(domain)), domain)


def _host_name(name: str, given: str) -> str:
    if len(name) > _MAX_OCTETS:
        raise AddressError("the domain is longer than 253 octets", position=0, remedy="Use a shorter domain")
    if _HOST_NAME.fullmatch(name) is None:
        raise _refused(given)
    if name.rpartition(".")[2].isdigit():
        raise AddressError(
            f"{given!r} is not a domain: a top-level name is never a number",
            position=0,
            remedy="Write an address literal in brackets, for instance user@[192.0.2.1]",
        )
    return name


def _refused(given: str) -> AddressError:
    """Say what is wrong with a domain, and where."""
    start = 0
    for label in given.split("."):
        fault = None
        if not label:
            fault = "it has an empty label"
        elif len(label) > _LABEL_OCTETS:
            fault = "one of its labels is longer than 63 octets"
        elif label[0] == "-" or label[-1] == "-":
            fault = "a label begins or ends with a hyphen"
        elif strange := re.search(r"[^A-Za-z0-9_-]", label):
            start += strange.start()
            fault = f"{strange.group()!r} cannot be part of it"
        if fault:
            return AddressError(
                f"{given[:80]!r} is not a domain",
                position=start,
                cause=fault,
                remedy="Correct the part after the @",
            )
        start += len(label) + 1
    return AddressError(f"{given[:80]!r} is not a domain", position=0)


def _labels(domain: str) -> list[str]:
    """Turn every label into ASCII, one by one, so that a fault has a position."""
    import idna

    labels: list[str] = []
    start = 0
    if len(domain) > _MAX_OCTETS:
        raise AddressError("the domain is longer than 253 octets", position=0, remedy="Use a shorter domain")
    for label in domain.split("."):
        if label.isascii():
            labels.append(label.lower())
        else:
            try:
                labels.append(idna.alabel(unicodedata.normalize("NFC", label.lower())).decode("ascii"))
            except (idna.IDNAError, UnicodeError) as exc:
                raise AddressError(
                    f"{domain[:80]!r} is not an international domain",
                    position=start,
                    cause=str(exc),
                    remedy="Write the domain in its usual letters, or as it is registered (xn--...)",
                ) from exc
        start += len(label) + 1
    return labels


def _literal(domain: str) -> str:
    from ipaddress import IPv4Address, IPv6Address

    inner = domain[1:-1] if domain[-1] == "]" else ""
    try:
        if inner[:5].lower() == "ipv6:":
            address = IPv6Address(inner[5:])
            if address.scope_id is None:
                return f"[IPv6:{address.compressed}]"
        elif inner.isascii():
            return f"[{IPv4Address(inner)}]"
    except ValueError:
        pass
    raise AddressError(
        f"{domain[:80]!r} is not an address literal",
        position=0,
        remedy="Write [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 section 4.1.3)",
    )
