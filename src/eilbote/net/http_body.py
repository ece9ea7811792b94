"""Take the coding off an answer's body (RFC 9110 §8.4), never making more octets of it than were allowed.

We ask for none (``Accept-Encoding: identity``), and some servers compress all the same.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.net.http_faults import Circumstances

_GZIP: Final = 16 + zlib.MAX_WBITS
_WINDOWS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


class Decoder:
    """Decodes one body.

    Args:
        coding: What the Content-Encoding field says.
        faults: What is allowed, and how to say that it was exceeded.

    Raises:
        DeliveryError: The coding is none we know.
    """

    def __init__(self, coding: str, faults: Circumstances) -> None:
        name = coding.strip().lower()
        self._faults = faults
        self._room = faults.octets
        self._inflater = None
        if name not in {"", "identity"}:
            if name not in _WINDOWS:
                raise faults.undecodable("it is compressed in a way nobody asked for")
            self._inflater = zlib.decompressobj(_WINDOWS[name])

    def feed(self, chunk: bytes) -> bytes:
        """Give the next octets of the body.

        Raises:
            DeliveryError: There are too many, or they are damaged.
        """
        if self._inflater is not None:
            try:
                chunk = self._inflater.decompress(chunk, self._room + 1)
            except zlib.error as error:
                raise self._faults.undecodable("its compression is damaged") from error
        self._room -= len(chunk)
        if self._room < 0:
            raise self._faults.too_large()
        return chunk

    def finish(self) -> bytes:
        """Give what was held back; nothing follows.

        Raises:
            DeliveryError: The compressed octets broke off.
        """
        if self._inflater is not None and not self._inflater.eof:
            raise self._faults.undecodable("its compression breaks off")
        return b""
