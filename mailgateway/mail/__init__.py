"""Between bytes and values: reading mails that came in and writing mails that go out; no database, no network."""
