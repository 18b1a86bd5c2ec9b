"""Generators: prompts to texts, by a server."""
