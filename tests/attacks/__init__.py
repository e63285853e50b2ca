"""What forgers and strangers try, as one table: `python -m tests.attacks` prints it, tests/steps runs it."""
