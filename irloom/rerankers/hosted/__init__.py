"""Rerankers behind HTTP: one wire format a file."""
