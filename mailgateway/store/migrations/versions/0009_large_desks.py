"""What lists are read by: indexes in the order of their pages, and the ticket that waits for a seat's vote.

Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

INDEXES = (
    ("ix_tickets_queue_status_number", "tickets", ["queue", "status", "number"]),
    ("ix_tickets_requester_id_status_number", "tickets", ["requester_id", "status", "number"]),
    ("ix_ticket_queues_queue_ticket", "ticket_queues", ["queue", "ticket"]),
    ("ix_followers_person_id_ticket", "followers", ["person_id", "ticket"]),
)
OF_SEATS = (
    ("ix_seats_open", ["person_id", "open_on"]),
    ("ix_seats_open_to_delegate", ["delegate_id", "open_on"]),
)
OPEN = """
UPDATE seats SET open_on =
    (SELECT ticket FROM rounds WHERE rounds.id = seats.round_id AND rounds.result IS NULL AND NOT rounds.void)
WHERE seats.vote IS NULL
"""


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("seats") as seats:
        seats.add_column(sa.Column("open_on", ID, nullable=True))
        seats.create_foreign_key(op.f("fk_seats_open_on_tickets"), "tickets", ["open_on"], ["number"])
    op.execute(OPEN)
    where = sa.text("open_on IS NOT NULL")
    for name, columns in OF_SEATS:
        op.create_index(name, "seats", columns, sqlite_where=where, postgresql_where=where)
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.drop_index(op.f("ix_followers_person_id"), "followers")


def downgrade() -> None:
    """Back."""
    op.create_index(op.f("ix_followers_person_id"), "followers", ["person_id"])
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
    for name, _ in OF_SEATS:
        op.drop_index(name, "seats")
    with op.batch_alter_table("seats") as seats:
        seats.drop_column("open_on")
