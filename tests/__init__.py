"""Needed, or tests/services would shadow services."""
