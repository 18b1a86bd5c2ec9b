"""Training: losses, samplers and recipes. Beside `models/` the only home of torch."""
