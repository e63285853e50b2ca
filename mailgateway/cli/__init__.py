"""Commands, a file a group; what is slow to import is imported inside the commands."""
