"""What a language model is asked about some documents: one way of asking a file. `contract` says what schedules may build on."""
