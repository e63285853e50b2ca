"""A help desk that lives in e-mail: sources receive, the core decides, the outbox delivers."""
