"""Use cases, one a file, each with its own transactions."""
