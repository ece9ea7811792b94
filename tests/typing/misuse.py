"""What type checkers must refuse: each line that ends with ``# refused`` is a mistake, and no other is."""

from eilbote import Attachment, Connection, Draft, Mailbox, Mailer, Password, Priority, Security

Draft("anna@example.org", subject="x")  # refused
Draft(to=7)  # refused
Draft(to="anna@example.org", sujet="x")  # refused
Draft(to="anna@example.org", subject=None)  # refused
Draft(to="anna@example.org").subject = "y"  # refused
Draft(to="anna@example.org", attachments=["invoice.pdf"])  # refused
Draft(to="anna@example.org", priority=Priority.URGENT)  # refused
Attachment.from_bytes("text", filename="a.txt")  # refused
Connection(host="smtp.example.org", port=587.0, security=Security.STARTTLS)  # refused
Password(user="orders", password="correct horse")  # refused
Mailer(587)  # refused


def read(draft: Draft) -> Mailbox:
    return draft.from_  # refused


async def forget_to_wait(mailer: Mailer, draft: Draft) -> bool:
    return mailer.send(draft).ok  # refused
