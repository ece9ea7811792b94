"""The outer form of a snapshot: a ZIP archive (PKWARE APPNOTE 6.3) of one shape only, so that nothing can hide in it.

Any program that knows ZIP reads one. Here only such archives are read as are written here: members lie one behind the other,
uncompressed, in the order of their names, and whatever an archive could hold besides (a comment, extra fields, something before,
between or behind the members, a directory that tells another story) is a reason to refuse it. So there are no bombs, since
nothing is unpacked; no paths that lead elsewhere, since no name is ever used as a file's; and one content has one form.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING, Final

from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST: Final = 64 * 1024 * 1024
"""Octets a snapshot has at most."""
MOST_MEMBERS: Final = 50_000
_NAME: Final = re.compile(r"[a-z0-9]+(?:\.json|/[0-9a-f]{64})")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION: Final = 20
_UNIX: Final = 3 << 8
_STORED: Final = 0
_MIDNIGHT, _NEW_YEAR_1980 = 0, 0x21
"""No member has a time of its own: the same content is the same archive."""
_MODE: Final = 0o100600 << 16


def pack(members: Mapping[str, bytes]) -> bytes:
    """Write an archive.

    Raises:
        SettingsError: It would be too large.
    """
    body, directory = bytearray(), bytearray()
    for name in sorted(members):
        octets, encoded = members[name], name.encode("ascii")
        told = (
            _STORED,
            _MIDNIGHT,
            _NEW_YEAR_1980,
            zlib.crc32(octets),
            len(octets),
            len(octets),
            len(encoded),
            0,
        )
        directory += _CENTRAL.pack(
            _CENTRAL_MARK, _UNIX | _VERSION, _VERSION, 0, *told, 0, 0, 0, _MODE, len(body)
        )
        directory += encoded
        body += _LOCAL.pack(_LOCAL_MARK, _VERSION, 0, *told) + encoded + octets
        if len(body) + len(directory) > LARGEST:
            break
    if len(members) > MOST_MEMBERS or len(body) + len(directory) + _END.size > LARGEST:
        raise SettingsError(
            "the snapshot would be too large",
            field="file",
            cause=f"It may have {LARGEST:,} octets and {MOST_MEMBERS:,} texts of flows",
            remedy="Make one for each organization, or of some flows only",
        )
    end = _END.pack(_END_MARK, 0, 0, len(members), len(members), len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(octets: bytes) -> dict[str, bytes]:
    """Give the members of an archive that :func:`pack` wrote.

    Raises:
        SettingsError: It is none, or anything about it is otherwise; the cause names the member.
    """
    if len(octets) > LARGEST:
        raise refused(
            "the file is too large for a snapshot",
            f"It has {len(octets):,} octets, and a snapshot has at most {LARGEST:,}",
        )
    if not octets.startswith(_LOCAL_MARK):
        raise refused("the file is no snapshot", "It does not begin as one")
    members: dict[str, bytes] = {}
    at = 0
    while octets.startswith(_LOCAL_MARK, at):
        if len(members) >= MOST_MEMBERS:
            raise refused("the file is no snapshot of eilbote", f"It has more than {MOST_MEMBERS:,} members")
        name, content, at = _member(octets, at)
        if name in members:
            raise refused("the snapshot cannot be trusted", f"The member {name} is in it twice")
        members[name] = content
    if pack(members) != octets:
        raise refused(
            "the snapshot cannot be trusted",
            "Something stands before, between or behind its members, or its directory says something else; it was changed, cut off, or "
            "packed by another program",
        )
    return members


def _member(octets: bytes, at: int) -> tuple[str, bytes, int]:
    """Give name and content of the member that begins at a place, and where it ends."""
    try:
        _, _, flags, method, _, _, _, packed, size, name_size, extra = _LOCAL.unpack_from(octets, at)
    except struct.error:
        raise _cut_off() from None
    begin = at + _LOCAL.size
    written = octets[begin : begin + name_size]
    name = written.decode("ascii", "backslashreplace")
    if not _NAME.fullmatch(name):
        raise refused(
            "the file is no snapshot of eilbote", f"It has a member {name[:60]!r}, which no snapshot has"
        )
    if method != _STORED or flags or packed != size:
        raise refused(
            "the file is no snapshot of eilbote",
            f"The member {name} is compressed or encrypted, and eilbote packs nothing so",
        )
    begin += name_size + extra
    end = begin + size
    if end > len(octets):
        raise _cut_off()
    return name, octets[begin:end], end


def _cut_off() -> SettingsError:
    return refused("the snapshot is not whole", "The file ends in the middle of a member")


def refused(what: str, cause: str, *, field: str = "file", remedy: str | None = None) -> SettingsError:
    """Say why a file is not taken as a snapshot."""
    return SettingsError(
        what,
        field=field,
        cause=cause,
        remedy=remedy or "Take the file as `eilbote snapshot create` wrote it, from where it was made",
    )
