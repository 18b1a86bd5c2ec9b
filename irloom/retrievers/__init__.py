"""One retriever a file, under its published name."""
