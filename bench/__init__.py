"""What is measured: run by command, never part of the tests' verdict."""
