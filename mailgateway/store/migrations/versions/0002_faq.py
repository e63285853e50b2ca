"""The FAQ and its index: full text of SQLite, or a tsvector of PostgreSQL.

Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# `ascii` parts words at our blanks and nowhere else; the texts are in normal form before they get here.
SQLITE = (
    "CREATE VIRTUAL TABLE faq_search USING fts5(title, keywords, body, tokenize='ascii')",
    "CREATE VIRTUAL TABLE faq_terms USING fts5vocab(faq_search, row)",
)
# Imports are rare and searches many: no list of pending words that each search would read.
POSTGRESQL = (
    "CREATE TABLE faq_search (number bigint PRIMARY KEY REFERENCES faq, title text NOT NULL, keywords text NOT NULL,"
    " body text NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX ix_faq_search_words ON faq_search USING gin (words) WITH (fastupdate = off)",
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "faq",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("queue", sa.String(length=32), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deflections", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_faq")),
        sa.UniqueConstraint("id", "language", name=op.f("uq_faq_id_language")),
        sqlite_autoincrement=True,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE faq_terms")
    op.execute("DROP TABLE faq_search")
    op.drop_table("faq")
