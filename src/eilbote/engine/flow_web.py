"""The web requests of flows: sent once for each visit of a node, or it is said that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.flow_effects import Done, with_node
from eilbote.engine.web_request import Visit, asked

if TYPE_CHECKING:
    from eilbote.author.flow.effect import HttpRequest
    from eilbote.engine.flow_effects import Asked, Performed
    from eilbote.engine.web_request import Secrets
    from eilbote.net.http import HttpDoor


class FlowWeb:
    """Asks web servers for flows.

    Args:
        door: The way to the network, see :func:`~eilbote.engine.web_request.request_door`.
        secrets: Where the secrets are that requests name.
    """

    def __init__(self, *, door: HttpDoor, secrets: Secrets) -> None:
        self._door = door
        self._secrets = secrets

    async def perform(self, visit: Asked, effect: HttpRequest, /) -> Performed:
        """Send the request, unless it may have been sent before and must not be sent twice."""
        of = Visit(key=visit.run.key, organization=visit.kept.organization, again=visit.again)
        outcome = await asked(effect, of, door=self._door, secrets=self._secrets)
        return Done(outcome=with_node(outcome, visit.run.at or ""))
