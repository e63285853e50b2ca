"""What the sweep looks for: mails in quarantine.

Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    where = sa.text("outcome = 'quarantined'")
    op.create_index("ix_inbox_quarantined", "inbox", ["done_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_inbox_quarantined", "inbox")
