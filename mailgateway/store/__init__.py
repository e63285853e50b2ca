"""What is kept, by SQLAlchemy Core: functions take a connection and never commit; only `db.write()` does."""
