"""Records, runs, stages, contracts, configuration, registry, files and errors: what every layer may import."""
