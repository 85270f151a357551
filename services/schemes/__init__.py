"""Certification schemes as data: the model of a scheme file, its loader, and the files themselves (`data/`)."""
