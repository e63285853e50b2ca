"""The seats in which one person decides for somebody else.

Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_index(op.f("ix_seats_delegate_id"), "seats", ["delegate_id"])


def downgrade() -> None:
    """Back."""
    op.drop_index(op.f("ix_seats_delegate_id"), "seats")
