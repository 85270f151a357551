"""What is wrong with a value that somebody typed: a code and facts, no sentence."""

from types import MappingProxyType


class InvalidValueError(Exception):
    """A value that a rule refuses; the edges translate `code` and `facts` into a sentence.

    `code` is `<subject>.<what>` (`identity.checksum`), stable, listed in the docstring of the function that raises it.
    `facts` holds what the sentence needs (a limit, a position, a count) and never the refused value itself,
    so that an error may be logged.
    """

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = MappingProxyType(facts)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({details})" if details else self.code
