"""Pure functions: what is decided. No database, no clock, no network."""
