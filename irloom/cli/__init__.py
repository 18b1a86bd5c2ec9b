"""The command line: parse, call, print; no logic. One command a file."""
