"""What the person and the staff see of a deletion that is asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.rules.erasure import Duty, Fate, Ruling
from storage.erasure_states import ErasureState
from storage.states import EnrolmentState


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One enrolment of a person, and what would become of it."""

    enrolment_id: UUID
    number: int
    organisation_id: UUID
    scheme: str
    state: EnrolmentState
    ruling: Ruling
    #: For how long its scheme keeps it, and where that is written; empty where it is the organiser's own rule.
    years: int
    basis: str
    #: Pictures in the store, and those among them that were replaced before anybody looked.
    pictures: int
    replaced: int
    #: Papers in force.
    papers: int
    #: It was asked for already: number and state of that request.
    request_number: int | None
    request_state: ErasureState | None
    #: The time it was to be kept for is over: the next report names it, and two people delete.
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What came of asking; `holdings` are what it was about."""

    holdings: tuple[Holding, ...]
    #: Numbers of the requests that staff have now, one for each organisation; none where only drafts were deleted.
    numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ErasureLine:
    """One request."""

    id: UUID
    number: int
    asked_at: datetime
    state: ErasureState
    enrolments: int
    proposed_by: str | None
    proposed_at: datetime | None
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ErasurePage:
    """Some of the requests."""

    items: tuple[ErasureLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class ErasurePart:
    """One enrolment in a request, looked at again today."""

    enrolment_id: UUID
    number: int
    #: Masked; empty once it is erased.
    name: str
    scheme: str
    fate: Fate
    duties: tuple[Duty, ...]
    kept_until: date | None
    years: int
    basis: str
    #: Pictures that would be deleted now, or were.
    files: int
    erased_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ErasureDetail:
    """One request with everything in it."""

    line: ErasureLine
    parts: tuple[ErasurePart, ...]
    #: How many enrolments would be erased now, and how many pictures with them: what the second look is compared with.
    to_erase: int
    files: int
