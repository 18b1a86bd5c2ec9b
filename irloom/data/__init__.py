"""Readers and writers, and datasets by name or path."""
