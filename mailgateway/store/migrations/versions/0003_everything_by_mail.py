"""Questions, delegations, milestones; what a page key is about; mails that wait for a digest.

Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("seats") as seats:
        seats.add_column(sa.Column("delegate_id", ID, nullable=True))
        seats.add_column(sa.Column("delegate_until", MOMENT, nullable=True))
        seats.create_foreign_key(op.f("fk_seats_delegate_id_people"), "people", ["delegate_id"], ["id"])
    with op.batch_alter_table("keys") as keys:
        keys.add_column(sa.Column("about", sa.Text(), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "delegations",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("delegate_id", ID, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_delegations_person_id_people")),
        sa.ForeignKeyConstraint(["delegate_id"], ["people.id"], name=op.f("fk_delegations_delegate_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_person_id"), "delegations", ["person_id"])
    op.create_table(
        "questions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("ticket", ID, nullable=False),
        sa.Column("round_id", ID, nullable=True),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_questions_person_id_people")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_questions_ticket_tickets")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_questions_round_id_rounds")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_questions_key_id_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index(op.f("ix_questions_ticket"), "questions", ["ticket"])
    op.create_table(
        "milestones",
        sa.Column("ticket", ID, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.number"], name=op.f("fk_milestones_ticket_tickets")),
        sa.PrimaryKeyConstraint("ticket", "name", name=op.f("pk_milestones")),
    )


def downgrade() -> None:
    """Back."""
    for table in ("milestones", "questions", "delegations"):
        op.drop_table(table)
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("digest")
    with op.batch_alter_table("keys") as keys:
        keys.drop_column("about")
    with op.batch_alter_table("seats") as seats:
        seats.drop_column("delegate_until")
        seats.drop_column("delegate_id")
