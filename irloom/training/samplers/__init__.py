"""Samplers: what a step of training looks at."""
