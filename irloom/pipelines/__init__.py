"""What the command line does, as functions: building, searching, reranking, evaluating, experiments."""
