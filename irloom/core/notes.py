"""The names of what a reranker notes of each query in `Run.notes`."""

from typing import Final

NOTES: Final = ("calls", "prompt_tokens", "new_tokens", "seconds", "windows", "cut_documents", "malformed", "fallback", "spent_usd")
"""Calls of the model; tokens it read and wrote; seconds; windows where more than one was needed; documents that were cut to fit;
answers that could not be read as they should; why the order given was kept or another way taken, "" where neither; money."""
