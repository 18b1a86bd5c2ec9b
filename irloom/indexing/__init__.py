"""The collection on disk, its writer, and one index type a file."""
