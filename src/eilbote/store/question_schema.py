"""The tables of what runs ask people; the rules of :mod:`eilbote.store.schema` hold here too."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text, text

from eilbote.store.schema_metadata import metadata

_UNHEARD = text("answered IS NOT NULL AND NOT heard")

question = Table(
    "question",
    metadata,
    Column("id", Text, primary_key=True, comment="The visit of the node that asked it"),
    Column("organization", Text, nullable=False),
    Column("run", String(100), nullable=False),
    Column("content", Text, nullable=False, comment="JSON: what the page says"),
    Column("asked", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("answered", BigInteger, comment="When it was decided; NULL while it is not"),
    Column("answer", Text, comment="The value of the choice"),
    Column("words", Text, comment="Words to go with it"),
    Column("answered_by", Text),
    Column("agent", Text, comment="The program, as it calls itself"),
    Column("closed", BigInteger, comment="When its time was up without a decision"),
    Column("heard", Boolean, nullable=False, server_default=text("false"), comment="Whether the run knows"),
    comment="What runs ask people, and what was decided",
)
Index("question_run", question.c.run)
"""What has this run asked?"""
Index("question_due", question.c.due)
"""What can be forgotten?"""
Index("question_unheard", question.c.id, sqlite_where=_UNHEARD, postgresql_where=_UNHEARD)
"""Which runs may not know yet what was decided?"""

answer_link = Table(
    "answer_link",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the token, in hexadecimal"),
    Column("question", Text, nullable=False),
    Column("recipient", Text, nullable=False, comment="The address that it was sent to"),
    comment="Links by which people answer",
)
Index("answer_link_question", answer_link.c.question)
"""Which links go with this question?"""
