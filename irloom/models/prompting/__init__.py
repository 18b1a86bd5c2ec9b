"""Language models asked with whole prompts, of whatever kind they are: one kind a file. `contract` says what all can do."""
