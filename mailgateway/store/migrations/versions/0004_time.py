"""The seat of a substitute; what the sweep looks for: finished tickets, mails that wait for a digest.

Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("seats") as seats:
        seats.add_column(sa.Column("stands_in", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_tickets_finished_at"), "tickets", ["finished_at"])
    where = sa.text("digest")
    op.create_index("ix_outbox_digest", "outbox", ["created_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_outbox_digest", "outbox")
    op.drop_index(op.f("ix_tickets_finished_at"), "tickets")
    with op.batch_alter_table("seats") as seats:
        seats.drop_column("stands_in")
