"""What a mailer is made of, refused at the door when it is something else.

The ports (clock, ids, signer, way out, store) may be anybody's: what is asked of them is what will be called.
"""

from __future__ import annotations

from types import NoneType

from eilbote.connections.connection import Connection
from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind

_PORTS = {
    "clock": (("now", "monotonic"), "Give a Clock, or None for the time of this machine"),
    "ids": (("token",), "Give an IdSource, or None for random ids"),
    "dkim": (("sign",), "Give a DkimSigner, or None to leave messages unsigned"),
    "transport": (
        ("ready", "deliver", "deliver_all", "close", "abort"),
        "Give a Transport such as FileTransport('outgoing'), or None for SMTP to the connection's server",
    ),
    "store": (
        ("open", "close", "accept", "claim", "settle"),
        "Give an OutboxStore such as MemoryOutbox(), or None for the database of the settings",
    ),
    "records": (
        ("open", "close"),
        "Give Records such as MemoryRecords(), or None for those in the outbox's database",
    ),
    "flows": (
        ("begin", "claim", "keep", "wake"),
        "Give a FlowStore such as MemoryFlows(), or None for the one in the outbox's database",
    ),
    "processes": (
        ("begin", "claim", "keep", "post", "wake"),
        "Give a ProcessStore such as MemoryProcesses(), or None for the one in the outbox's database",
    ),
    "blobs": (("put", "get", "sweep"), "Give a BlobStore, or None for the one beside the outbox"),
}


def check_parts(*, connection: object, **ports: object) -> None:
    """Refuse parts that no mailer can be made of.

    Raises:
        SettingsError: One is of the wrong kind; ``field`` names the argument.
    """
    check_kind(
        connection,
        (Connection,),
        field="connection",
        fault=SettingsError,
        remedy="Give a URI such as 'smtps://user:password@mail.example.com', or a Connection",
    )
    check_ports(**ports)


def check_ports(**ports: object) -> None:
    """Refuse ports that lack what they will be asked for; ``None`` stands for the usual one.

    Raises:
        SettingsError: One is of the wrong kind; ``field`` names the argument.
    """
    for name, port in ports.items():
        methods, remedy = _PORTS[name]
        if port is not None and (
            isinstance(port, type) or not all(callable(getattr(port, method, None)) for method in methods)
        ):
            check_kind(port, (NoneType,), field=name, fault=SettingsError, remedy=remedy)
