"""What runs ask people, and the links by which these answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; nothing that is there is touched."""
    op.create_table(
        "question",
        sa.Column("id", sa.Text(), nullable=False, comment="The visit of the node that asked it"),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("run", sa.String(length=100), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON: what the page says"),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column(
            "answered", sa.BigInteger(), nullable=True, comment="When it was decided; NULL while it is not"
        ),
        sa.Column("answer", sa.Text(), nullable=True, comment="The value of the choice"),
        sa.Column("words", sa.Text(), nullable=True, comment="Words to go with it"),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True, comment="The program, as it calls itself"),
        sa.Column(
            "closed", sa.BigInteger(), nullable=True, comment="When its time was up without a decision"
        ),
        sa.Column(
            "heard",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether the run knows",
        ),
        sa.PrimaryKeyConstraint("id", name="question_pk"),
        comment="What runs ask people, and what was decided",
    )
    op.create_index("question_due", "question", ["due"], unique=False)
    op.create_index("question_run", "question", ["run"], unique=False)
    op.create_index(
        "question_unheard",
        "question",
        ["id"],
        unique=False,
        sqlite_where=sa.text("answered IS NOT NULL AND NOT heard"),
        postgresql_where=sa.text("answered IS NOT NULL AND NOT heard"),
    )
    op.create_table(
        "answer_link",
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the token, in hexadecimal",
        ),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False, comment="The address that it was sent to"),
        sa.PrimaryKeyConstraint("digest", name="answer_link_pk"),
        comment="Links by which people answer",
    )
    op.create_index("answer_link_question", "answer_link", ["question"], unique=False)
