"""Encoders and scorers: the only home of torch besides training."""
