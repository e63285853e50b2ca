"""The command line, a file a group of commands. Nothing heavy is imported before a command runs."""
