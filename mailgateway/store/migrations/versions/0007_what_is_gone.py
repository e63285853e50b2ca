"""When bytes went by retention or erasure; the log of who read, exported or removed what, which only grows.

Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQLITE = tuple(
    f"CREATE TRIGGER accesses_no_{what.lower()} BEFORE {what} ON accesses"
    " BEGIN SELECT RAISE(ABORT, 'accesses only grow'); END"
    for what in ("UPDATE", "DELETE")
)
POSTGRESQL = (
    "CREATE FUNCTION accesses_only_grow() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'accesses only grow'; END $$",
    "CREATE TRIGGER accesses_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON accesses"
    " FOR EACH STATEMENT EXECUTE FUNCTION accesses_only_grow()",
)


def upgrade() -> None:
    """Forward."""
    kept = sa.text("gone_at IS NULL")
    for table, column in (("inbox", "received_at"), ("outbox", "created_at")):
        op.add_column(table, sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
        op.create_index(f"ix_{table}_kept", table, [column], sqlite_where=kept, postgresql_where=kept)
    in_sqlite, in_postgresql = sa.text("blob = 1"), sa.text("blob")
    op.create_index("ix_inbox_blob", "inbox", ["sha256"], sqlite_where=in_sqlite, postgresql_where=in_postgresql)
    op.create_table(
        "accesses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accesses")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_accesses_action_at", "accesses", ["action", "at"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Back."""
    op.drop_table("accesses")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION accesses_only_grow()")
    op.drop_index("ix_inbox_blob", "inbox")
    for table in ("inbox", "outbox"):
        op.drop_index(f"ix_{table}_kept", table)
        with op.batch_alter_table(table) as altered:
            altered.drop_column("gone_at")
