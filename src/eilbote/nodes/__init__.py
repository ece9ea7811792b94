"""A door: the two mail nodes of flows, one at a time, for programs and engines that run their own processes.

::

    node = EmailNotification(to="{{ input.email }}", subject="Order {{ input.number }} is ready")
    done = await node.run({"email": "anna@example.org", "number": 4711})
    done.result["status"], done.error

Nothing is done in another way here than in a flow: a node is run as a flow of one node, by the same interpreter, the same worker
and the same outbox.
"""

from __future__ import annotations

from eilbote.nodes.email_notification import EmailNotification
from eilbote.nodes.node_result import NodeResult
from eilbote.nodes.send_smtp_email import SendSmtpEmail

__all__ = ["EmailNotification", "NodeResult", "SendSmtpEmail"]
