"""Mail in, faults of every kind, mail out; afterwards every mail is counted. `python -m tests.soak` runs it."""
