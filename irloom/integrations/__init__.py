"""Runs and judgments in the forms of other libraries, one library a file."""
