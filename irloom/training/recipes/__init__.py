"""Recipes: what is trained on what, as YAML says it."""
