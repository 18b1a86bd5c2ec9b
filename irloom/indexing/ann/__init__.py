"""Approximate search by FAISS over the vectors of a dense part; the vectors stay the truth, FAISS's files are derived from them."""

from irloom.indexing.ann.index import AnnIndex, open_index
from irloom.indexing.ann.segment import outgrown, write_segment
from irloom.indexing.ann.wish import AnnWish

__all__ = ["AnnIndex", "AnnWish", "open_index", "outgrown", "write_segment"]
