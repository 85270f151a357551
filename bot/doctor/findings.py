"""What the doctor says of one step."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  #: it works, and somebody should look at it
    FAULT = "fault"  #: something does not work
    SKIPPED = "skipped"  #: could not be looked at, because an earlier step failed


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the report, in Chinese; no secret is in it."""

    #: `settings`, `keys`, `database`, … ; the same from version to version, for programs.
    step: str
    verdict: Verdict
    said: str
    #: What to do; empty when there is nothing to do.
    advice: str = ""
    #: The official account that it is about.
    account: str | None = None


def ok(step: str, said: str, *, account: str | None = None) -> Finding:
    """All is well."""
    return Finding(step=step, verdict=Verdict.OK, said=said, account=account)


def warning(step: str, said: str, advice: str, *, account: str | None = None) -> Finding:
    """It works, but."""
    return Finding(step=step, verdict=Verdict.WARNING, said=said, advice=advice, account=account)


def fault(step: str, said: str, advice: str, *, account: str | None = None) -> Finding:
    """It does not work."""
    return Finding(step=step, verdict=Verdict.FAULT, said=said, advice=advice, account=account)


def skipped(step: str, said: str, *, account: str | None = None) -> Finding:
    """Not looked at."""
    return Finding(step=step, verdict=Verdict.SKIPPED, said=said, account=account)
