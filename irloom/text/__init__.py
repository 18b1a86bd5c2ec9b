"""Text to terms: analyzers, their stop words and stemmers, and chunking. Nothing is compiled or loaded before the first text."""
