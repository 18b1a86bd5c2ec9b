"""Ranking losses, one list at a time: a vector of scores and what its order ought to be."""
