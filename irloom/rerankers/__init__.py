"""One reranker a file, under its published name."""
