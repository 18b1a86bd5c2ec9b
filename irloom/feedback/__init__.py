"""Pseudo-relevance feedback: what a ranking says about the query that is asked next."""
