"""Questions to the name servers for what the system's resolver does not tell: TXT records.

Every question has a deadline, and every way in which it can go without an answer is a value and no exception, because
nobody asks here for anything that mail depends on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.model.text_records import Silence, TextRecords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dns.asyncresolver import Resolver

_SECONDS: Final = 4.0
_MOST_RECORDS: Final = 50
_LONGEST_TEXT: Final = 4096


class NameServers:
    """The name servers of this machine, or others.

    Args:
        addresses: IP addresses to ask; those the system is set up with when there are none.
        port: Where they listen.
        seconds: How long a question may take, with all its repetitions.
    """

    def __init__(self, addresses: tuple[str, ...] = (), *, port: int = 53, seconds: float = _SECONDS) -> None:
        self._addresses = addresses
        self._port = port
        self._seconds = seconds
        self._resolver: Resolver | None = None

    async def text_records(self, name: str) -> TextRecords:
        """Give the TXT records of a name, written in ASCII; never raises for what is or is not in the DNS."""
        from dns.exception import DNSException, Timeout
        from dns.rdtypes.txtbase import TXTBase
        from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers, NoResolverConfiguration

        try:
            answer = await self._asked().resolve(
                name, "TXT", lifetime=self._seconds, search=False, raise_on_no_answer=False
            )
        except NXDOMAIN:
            return TextRecords(exists=False)
        except NoAnswer:
            return TextRecords()
        except Timeout:
            return TextRecords(silence=Silence.TIMEOUT)
        except (NoNameservers, NoResolverConfiguration, OSError):
            return TextRecords(silence=Silence.FAILURE)
        except DNSException:
            return TextRecords(silence=Silence.UNUSABLE)
        records = cast("Iterable[object]", answer.rrset or ())
        found = [b"".join(record.strings) for record in records if isinstance(record, TXTBase)]
        texts = sorted(text.decode("utf-8", "replace")[:_LONGEST_TEXT] for text in found[:_MOST_RECORDS])
        return TextRecords(texts=tuple(texts))

    def _asked(self) -> Resolver:
        if self._resolver is None:
            from dns.asyncresolver import Resolver

            resolver = Resolver(configure=not self._addresses)
            if self._addresses:
                resolver.nameservers = list(self._addresses)
                resolver.port = self._port
            self._resolver = resolver
        return self._resolver
