"""Which documents are compared together, and when: one schedule a file. `contract` says what one is, `drive` runs many at once."""
