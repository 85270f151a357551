"""What is wrong with a measurement."""


class BenchError(Exception):
    """What was measured is not what was meant: no figure comes of it."""
