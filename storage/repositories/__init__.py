"""Queries, one class a noun: `get` raises, `find` may give None, `list_…`, `add`. They never commit."""
