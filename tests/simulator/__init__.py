"""The simulator against a small account of its own; nothing of the program under test."""
