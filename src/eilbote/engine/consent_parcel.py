"""What a waiting consent is made of, as a text to be encrypted: what was said of the connection, and what the provider is asked with.

It says as well whose it is and for which connection. That stands in columns beside it for those who look for it, and nobody makes it another
one's by changing them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, assert_never, cast

from eilbote.model.secret import Secret
from eilbote.oauth2.consent import CodeRequest

if TYPE_CHECKING:
    from collections.abc import Mapping


class Said(TypedDict):
    """What was said about a connection for which somebody consents."""

    fields: Mapping[str, object]
    """Fields beside what is kept; plain data, as JSON has it."""
    authorize_url: str
    """The page on which people consent; empty when it is known."""
    device_url: str
    """Where device codes are; empty when it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserParcel:
    """Of a consent in a browser.

    Attributes:
        said: What was said about the connection.
        request: What the browser was sent away with.
    """

    said: Said
    request: CodeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceParcel:
    """Of a consent on another machine.

    Attributes:
        said: What was said about the connection.
        device_code: Shown to the token endpoint.
    """

    said: Said
    device_code: Secret


def packed(parcel: BrowserParcel | DeviceParcel, *, whose: str) -> Secret:
    """Write a parcel as a text.

    Args:
        parcel: The parcel.
        whose: Who has begun it, for which connection, and until when.
    """
    match parcel:
        case BrowserParcel(request=request):
            how: dict[str, object] = {
                "url": request.url,
                "redirect_uri": request.redirect_uri,
                "state": request.state,
                "verifier": request.verifier.reveal(),
            }
        case DeviceParcel(device_code=device_code):
            how = {"device_code": device_code.reveal()}
        case _:
            assert_never(parcel)
    return Secret(json.dumps({"said": parcel.said, "how": how, "whose": whose}))


def unpacked(text: Secret, *, whose: str) -> BrowserParcel | DeviceParcel | None:
    """Read what :func:`packed` gave; nobody else can have written it, for it was encrypted. ``None`` when it was another one's."""
    read = cast("dict[str, object]", json.loads(text.reveal()))
    if read.get("whose") != whose:
        return None
    said, how = cast("Said", read["said"]), cast("dict[str, str]", read["how"])
    if "device_code" in how:
        return DeviceParcel(said=said, device_code=Secret(how["device_code"]))
    request = CodeRequest(
        url=how["url"],
        redirect_uri=how["redirect_uri"],
        state=how["state"],
        verifier=Secret(how["verifier"]),
    )
    return BrowserParcel(said=said, request=request)
