"""Pairs of query and document to scores: one scorer a file."""
