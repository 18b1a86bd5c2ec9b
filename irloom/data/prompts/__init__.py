"""Prompts that are data: one a file, as they were published, with their source. `{query}` and `{passage}` are the places to fill."""
