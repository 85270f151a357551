"""What the certificate service returns, and how long a certificate is in force."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from storage.states import CertificateState


@dataclass(frozen=True, kw_only=True)
class CertificateView:
    """A certificate as its holder and the staff see it; neither token nor link is in it."""

    id: UUID
    number: str
    title: str
    kind_key: str
    enrolment_id: UUID
    organisation_id: UUID
    scheme_id: str
    #: Short title of the scheme: 质量安全员.
    specialty: str
    name: str
    identity_masked: str
    state: CertificateState
    state_reason: str
    issued_on: date
    #: Last day in force; None: without end.
    expires_on: date | None
    #: Past that day; never stored as a state.
    expired: bool
    #: Of a 人员能力验证证书; else empty.
    grade: str
    #: Of a 学时证明, as plain decimal text; else empty.
    hours: str
    #: Of a 证卡: the occupations that it is for; else empty.
    occupations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CertificatePage:
    """One page of certificates; pages count from 1."""

    items: tuple[CertificateView, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class Unissued:
    """One who passed and has no certificate; `problem` is an error code, empty when it only waits to be issued."""

    enrolment_id: UUID
    enrolment_number: int
    name: str
    problem: str
    #: The characters that cannot be printed, when that is the problem.
    characters: str


class PaperState(StrEnum):
    """How a paper stands that is not made yet."""

    WAITING = "waiting"  #: a job will make it, or try again
    FAILED = "failed"  #: every try failed, and none will follow by itself


@dataclass(frozen=True, kw_only=True)
class UnmadePaper:
    """A valid certificate without its PDF and picture; its holder has not been told of it."""

    certificate: CertificateView
    state: PaperState
    #: Aware UTC.
    issued_at: datetime


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose paper it is, as on the day of issue (E8)."""

    name: str
    identity_number: str
    #: File key of the portrait; None when the scheme asks for none.
    portrait: str | None


def last_valid_day(issued_on: date, months: int | None) -> date | None:
    """The last day in force: the day before the anniversary, or the month's end when it lacks that day.

    >>> last_valid_day(date(2026, 12, 28), 36)
    datetime.date(2029, 12, 27)
    """
    if months is None:
        return None
    year, month = divmod(issued_on.year * 12 + issued_on.month - 1 + months, 12)
    length = monthrange(year, month + 1)[1]
    if issued_on.day > length:
        return date(year, month + 1, length)
    return date(year, month + 1, issued_on.day) - timedelta(days=1)
