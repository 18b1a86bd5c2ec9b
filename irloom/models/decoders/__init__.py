"""Causal decoders: one engine for every Hugging Face architecture whose attention can be read."""
