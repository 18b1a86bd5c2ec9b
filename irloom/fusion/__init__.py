"""Several runs to one: by rank, or by normalised score."""
