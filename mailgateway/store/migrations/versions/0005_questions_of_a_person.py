"""The questions of one person, wherever his code comes from.

Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_index(op.f("ix_questions_person_id"), "questions", ["person_id"])


def downgrade() -> None:
    """Back."""
    op.drop_index(op.f("ix_questions_person_id"), "questions")
