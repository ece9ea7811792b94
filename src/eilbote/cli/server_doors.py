"""Where ``eilbote serve`` listens, and what its doors other than HTTP are told; all sockets are had before anything begins."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.net.listening import listen, listening_port

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from eilbote.config.config import Config
    from eilbote.config.sections import BounceSettings, MailboxSettings, RelaySettings
    from eilbote.config.setting_bounds import ListenAddress
    from eilbote.engine.mailbox_poll import MailboxOptions
    from eilbote.net.listening import Listening
    from eilbote.relay.relay_options import RelayOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Sockets that listen.

    Attributes:
        pages: For HTTP.
        relay: For SMTP that begins in clear.
        relay_tls: For SMTP with TLS from the first octet.
        hosts: The addresses of the first ones.
    """

    pages: Sequence[Listening]
    relay: Sequence[Listening]
    relay_tls: Sequence[Listening]
    hosts: Sequence[str]

    @property
    def addresses(self) -> list[str]:
        """Under which addresses the pages are reached on this machine."""
        return [
            f"http://{f'[{host}]' if ':' in host else host}:{listening_port(each)}"
            for host, each in zip(self.hosts, self.pages, strict=True)
        ]

    @property
    def relay_ports(self) -> list[int]:
        """The ports of SMTP that begins in clear."""
        return [listening_port(each) for each in self.relay]


@contextmanager
def open_doors(config: Config) -> Generator[Doors]:
    """Listen everywhere, and leave no socket open behind the block.

    Raises:
        SettingsError: Nothing can listen at one of the places.
    """
    with ExitStack() as stack:

        def opened(addresses: Sequence[ListenAddress], field: str) -> list[Listening]:
            made: list[Listening] = []
            for each in addresses:
                made.append(listen(each.host, each.port, field=field))
                stack.callback(made[-1].close)
            return made

        server, relay = config.server, config.relay
        yield Doors(
            pages=opened(server.addresses, "server.listen"),
            relay=opened(relay.addresses, "relay.listen"),
            relay_tls=opened(relay.tls_addresses, "relay.listen_tls"),
            hosts=[each.host for each in server.addresses],
        )


def relay_options(relay: RelaySettings, bounces: BounceSettings, *, implicit_tls: bool) -> RelayOptions:
    """Give what the relay offers and allows."""
    from eilbote.relay.relay_options import RelayOptions

    return RelayOptions(
        host_name=relay.host_name,
        certificate=Path(relay.tls_certificate) if relay.tls_certificate else None,
        key=Path(relay.tls_key) if relay.tls_key else None,
        implicit_tls=implicit_tls,
        connection=relay.connection,
        max_size=relay.largest_message,
        max_recipients=relay.most_recipients,
        max_sessions=relay.most_sessions,
        idle_seconds=relay.idle_seconds,
        bounces=bounces.address,
    )


def mailbox_options(mailbox: MailboxSettings) -> MailboxOptions:
    """Give which mailbox is looked at, and how."""
    from eilbote.engine.mailbox_poll import MailboxOptions

    return MailboxOptions(
        host=mailbox.host,
        port=mailbox.port,
        security=mailbox.security,
        user=mailbox.user,
        password=mailbox.password,
        folder=mailbox.folder,
        finished_folder=mailbox.finished_folder,
        poll_seconds=mailbox.poll_seconds,
    )
