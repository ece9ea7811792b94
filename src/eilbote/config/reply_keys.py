"""Which keys links and references for replies are signed with: made from those of stored secrets, or random where everything is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.engine.process.reply_keys import DerivedKeys, KeysOfThisProgram
from eilbote.store.key_ring import ring_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eilbote.engine.process.reply_keys import ReplyKeys

_LEAVING: Final = b"eilbote unsubscribing 1"
_RETURNING: Final = b"eilbote returned mail 1"


def reply_keys(environment: Mapping[str, str], data_dir: Path, *, in_memory: bool) -> ReplyKeys:
    """Give them.

    Args:
        environment: Where the keys of secrets may be.
        data_dir: Where they are otherwise.
        in_memory: Whether the outbox ends with this program.
    """
    return KeysOfThisProgram() if in_memory else DerivedKeys(lambda: ring_of(environment, data_dir))


def leaving_keys(environment: Mapping[str, str], data_dir: Path, *, in_memory: bool) -> ReplyKeys:
    """Give those for links by which somebody unsubscribes; see :func:`reply_keys`."""
    if in_memory:
        return KeysOfThisProgram()
    return DerivedKeys(lambda: ring_of(environment, data_dir), purpose=_LEAVING)


def return_keys(environment: Mapping[str, str], data_dir: Path, *, in_memory: bool) -> ReplyKeys:
    """Give those for addresses to which mail returns; see :func:`reply_keys`."""
    if in_memory:
        return KeysOfThisProgram()
    return DerivedKeys(lambda: ring_of(environment, data_dir), purpose=_RETURNING)
